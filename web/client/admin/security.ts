// The administrator's password and second factor, every browser that is signed in, and the log of sign-ins.
import { admin, type SignIn } from "../api";
import { attempt, field, fill, h, notice } from "../dom";
import { browser, minute } from "../format";
import { secondFactor } from "../secondfactor";
import { signInTable } from "../signinlog";
import { table } from "../table";

export async function security(main: HTMLElement): Promise<void> {
  const old = h("input", { type: "password", autocomplete: "current-password", required: true });
  const fresh = h("input", { type: "password", autocomplete: "new-password", minLength: 8, required: true });
  const sessions = h("div", null), factor = h("div", null), log = h("div", null);
  const draw = async (): Promise<void> => {
    const known = await admin.sessions();
    fill(sessions, table(["Who", "Browser", "From", "Since", "Last used", ""], known.map((one) => [
      one.account || h("strong", null, "administrator"), h("span", { title: one.agent }, browser(one.agent)), one.ip, minute(one.created), minute(one.used),
      one.this ? "this one" : h("button", { type: "button", class: "link", "aria-label": `Sign out ${one.account || "administrator"} at ${one.ip}, ${browser(one.agent)}`, onclick: () => void attempt(async () => { await admin.session_end({ id: one.id }); await draw(); }) }, "Sign out")]), "Nobody."));
  };
  fill(main, h("h1", null, "Security"), h("h2", null, "Administrator's password"),
    h("form", {
      onsubmit: (event: Event) => {
        event.preventDefault();
        void attempt(async () => {
          await admin.password({ old: old.value, new: fresh.value });
          old.value = fresh.value = "";
          notice("The password was changed.");
          await draw();
        });
      },
    }, field("Password now", old), field("New password", fresh, "8 characters at least."), h("button", { class: "button primary" }, "Change")),
    h("h2", null, "Two-factor sign-in"), factor,
    h("h2", null, "Signed in"), sessions,
    h("h2", null, "Sign-ins"), log);
  await secondFactor(factor, admin, draw);
  await draw();
  await signIns(log);
}

/** Who signed in and who tried to, with a search. */
async function signIns(place: HTMLElement): Promise<void> {
  const text = h("input", { type: "search", placeholder: "account, IP address or program" });
  const failed = h("select", null, h("option", { value: "" }, "all"), h("option", { value: "yes" }, "only failed ones"), h("option", { value: "no" }, "only successful ones"));
  const shown = h("div", null);
  const asked = (): { text: string; failed: boolean | null } => ({ text: text.value, failed: failed.value === "" ? null : failed.value === "yes" });
  const draw = (rows: SignIn[]): void => {
    const last = rows.at(-1);
    fill(shown, signInTable(rows, true), rows.length > 0 && rows.length % 100 === 0 && last !== undefined && h("p", { class: "actions" },
      h("button", { type: "button", class: "button", onclick: () => void attempt(async () => draw([...rows, ...await admin.sign_ins({ ...asked(), before: last.id })])) }, "Older ones")));
  };
  const search = (): void => void attempt(async () => draw(await admin.sign_ins(asked())));
  fill(place, h("form", { class: "filters", onsubmit: (event: Event) => { event.preventDefault(); search(); } },
    field("Search", text), field("Show", failed), h("button", { class: "button" }, "Show")), shown);
  draw(await admin.sign_ins());
}
