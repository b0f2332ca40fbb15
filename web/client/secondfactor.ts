// Two-factor sign-in, the same for an account and the administrator: a picture, a code, recovery codes, and off again.
import { type Enrolment, type TwoFactor } from "./api";
import { attempt, dialog, field, fill, h, notice } from "./dom";
import { utcDay } from "./format";
import { copier, copyable } from "./table";

/** The calls of who it is for. */
export interface Calls {
  two_factor: () => Promise<TwoFactor>;
  two_factor_begin: (args: { password: string }) => Promise<Enrolment>;
  two_factor_confirm: (args: { code: string }) => Promise<string[]>;
  two_factor_codes: (args: { password: string; code: string }) => Promise<string[]>;
  two_factor_off: (args: { password: string; code: string }) => Promise<TwoFactor>;
}

/** Draw how it stands into `place`; `changed` is called when other things on the page may look different. */
export async function secondFactor(place: HTMLElement, calls: Calls, changed: () => Promise<void> = async () => undefined): Promise<void> {
  const now = await calls.two_factor();
  const again = async (): Promise<void> => { await secondFactor(place, calls, changed); await changed(); };
  if (!now.on) {
    fill(place, h("p", null, "Off: the password alone signs in."),
      h("p", { class: "actions" }, h("button", { type: "button", class: "button", onclick: () => void begin(calls, again) }, "Set up two-factor sign-in")));
    return;
  }
  fill(place, h("p", null, `On since ${utcDay(now.since ?? 0)}. `, now.codes ? `${now.codes} recovery codes are left.` : h("strong", { class: "warn" }, "No recovery code is left.")),
    h("p", { class: "actions" },
      h("button", { type: "button", class: "button", onclick: () => void proven("New recovery codes", "Make new codes", "The codes that you have open nothing afterwards.", calls.two_factor_codes, async (codes) => { await shown(codes); await again(); }) }, "New recovery codes"), " ",
      h("button", { type: "button", class: "button danger", onclick: () => void proven("Switch two-factor sign-in off", "Switch off", "The password alone will sign in.", calls.two_factor_off, async () => { notice("Two-factor sign-in is off."); await again(); }) }, "Switch off")));
}

async function begin(calls: Calls, again: () => Promise<void>): Promise<void> {
  const password = h("input", { type: "password", autocomplete: "current-password", required: true });
  const made = await form<Enrolment>("Two-factor sign-in", "Go on", () => [
    h("p", null, "You need a telephone with an authenticator, a program that shows a new code every half minute. Signing in then takes your password and such a code."),
    field("Your password", password)], () => calls.two_factor_begin({ password: password.value }));
  if (!made) return;
  const code = h("input", { inputMode: "numeric", autocomplete: "one-time-code", required: true });
  const picture = h("img", { class: "qr", alt: "QR code for the authenticator; the same is written below it", src: `data:image/svg+xml,${encodeURIComponent(made.picture)}` });
  const codes = await form<string[]>("Two-factor sign-in", "Switch on", () => [
    h("p", null, "Let the authenticator see this picture, or type the key into it:"), picture, h("p", null, copyable(made.secret)),
    field("The code that it shows", code, "Six digits.")], () => calls.two_factor_confirm({ code: code.value }));
  if (!codes) return;
  await shown(codes);
  await again();
}

/** Recovery codes, once. */
async function shown(codes: string[]): Promise<void> {
  await dialog<boolean>("Recovery codes", (close) => [
    h("p", null, "Each of these signs you in once, if the telephone is lost or broken. Print them or write them down, and keep them where the telephone is not: they are shown now and never again."),
    h("ul", { class: "codes" }, ...codes.map((one) => h("li", null, h("code", null, one)))), h("p", null, copier(codes.join("\n"), "Copy all")),
    h("footer", null, h("button", { type: "button", class: "button primary", onclick: () => close(true) }, "I have them"))]);
}

/** Ask for password and code, do `work` with them, and go on with what it gave. */
async function proven<T>(title: string, deed: string, what: string, work: (proof: { password: string; code: string }) => Promise<T>, then: (made: T) => Promise<void>): Promise<void> {
  const password = h("input", { type: "password", autocomplete: "current-password", required: true });
  const code = h("input", { autocomplete: "one-time-code", autocapitalize: "off", spellcheck: false, required: true });
  const made = await form<T>(title, deed, () => [h("p", null, what), field("Your password", password), field("Code", code, "Of the authenticator, or a recovery code.")],
    () => work({ password: password.value, code: code.value }));
  if (made !== null) await attempt(() => then(made));
}

/** A dialog with a form that stays, with what it complains of, until `work` succeeds; null if it was closed. */
export function form<T>(title: string, deed: string, content: () => (Node | string)[], work: () => Promise<T>): Promise<T | null> {
  return dialog<T>(title, (close) => {
    const problem = h("p", { class: "problem", role: "alert" });
    const submit = h("button", { class: "button primary" }, deed);
    return [h("form", {
      onsubmit: async (event: Event) => {
        event.preventDefault();
        submit.disabled = true;
        problem.textContent = "";
        try {
          close(await work());
        } catch (reason) {
          if ((reason as { code?: string }).code === "user:signedOut") { close(null); await attempt(() => Promise.reject(reason)); return; }
          problem.textContent = reason instanceof Error ? reason.message : String(reason);
        } finally {
          submit.disabled = false;
        }
      },
    }, ...content(), problem, h("footer", null, h("button", { type: "button", class: "button", onclick: () => close(null) }, "Cancel"), submit))];
  });
}
