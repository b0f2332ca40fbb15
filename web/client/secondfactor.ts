// Two-factor sign-in, the same for an account and the administrator: a picture, a code, recovery codes, and off again.
import { type Enrolment, type TwoFactor } from "./api";
import { attempt, dialog, field, fill, h, notice } from "./dom";
import { utcDay } from "./format";
import { copier, copyable } from "./table";
import { secondFactor as t } from "./words/pages";
import { p } from "./words/pages";
import { s } from "./words/shared";

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
    fill(place, h("p", null, t.off),
      h("p", { class: "actions" }, h("button", { type: "button", class: "button", onclick: () => void begin(calls, again) }, t.setUp)));
    return;
  }
  fill(place, h("p", null, t.on(utcDay(now.since ?? 0)), " ", now.codes ? t.left(now.codes) : h("strong", { class: "warn" }, t.noneLeft)),
    h("p", { class: "actions" },
      h("button", { type: "button", class: "button", onclick: () => void proven(t.newCodes, t.makeCodes, t.makingCodes, calls.two_factor_codes, async (codes) => { await shown(codes); await again(); }) }, t.newCodes), " ",
      h("button", { type: "button", class: "button danger", onclick: () => void proven(t.switchingOff, t.switchOff, t.passwordAlone, calls.two_factor_off, async () => { notice(t.nowOff); await again(); }) }, t.switchOff)));
}

async function begin(calls: Calls, again: () => Promise<void>): Promise<void> {
  const password = h("input", { type: "password", autocomplete: "current-password", required: true });
  const made = await form<Enrolment>(t.title, t.goOn, () => [
    h("p", null, t.needed),
    field(p.yourPassword, password)], () => calls.two_factor_begin({ password: password.value }));
  if (!made) return;
  const code = h("input", { inputMode: "numeric", autocomplete: "one-time-code", required: true });
  const picture = h("img", { class: "qr", alt: t.picture, src: `data:image/svg+xml,${encodeURIComponent(made.picture)}` });
  const codes = await form<string[]>(t.title, t.switchOn, () => [
    h("p", null, t.scan), picture, h("p", null, copyable(made.secret)),
    field(t.shown, code, t.digits)], () => calls.two_factor_confirm({ code: code.value }));
  if (!codes) return;
  await shown(codes);
  await again();
}

/** Recovery codes, once. */
async function shown(codes: string[]): Promise<void> {
  await dialog<boolean>(t.codes, (close) => [
    h("p", null, t.codesMeaning),
    h("ul", { class: "codes" }, ...codes.map((one) => h("li", null, h("code", null, one)))), h("p", null, copier(codes.join("\n"), t.copyAll)),
    h("footer", null, h("button", { type: "button", class: "button primary", onclick: () => close(true) }, t.haveThem))]);
}

/** Ask for password and code, do `work` with them, and go on with what it gave. */
async function proven<T>(title: string, deed: string, what: string, work: (proof: { password: string; code: string }) => Promise<T>, then: (made: T) => Promise<void>): Promise<void> {
  const password = h("input", { type: "password", autocomplete: "current-password", required: true });
  const code = h("input", { autocomplete: "one-time-code", autocapitalize: "off", spellcheck: false, required: true });
  const made = await form<T>(title, deed, () => [h("p", null, what), field(p.yourPassword, password), field(s.signIn.code, code, t.proof)],
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
    }, ...content(), problem, h("footer", null, h("button", { type: "button", class: "button", onclick: () => close(null) }, s.cancel), submit))];
  });
}
