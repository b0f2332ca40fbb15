// The administrator's password and second factor, every browser that is signed in, and the log of sign-ins.
import { admin, type SignIn } from "../api";
import { attempt, field, fill, h, notice } from "../dom";
import { browser, minute } from "../format";
import { secondFactor } from "../secondfactor";
import { signInTable } from "../signinlog";
import { table } from "../table";
import { security as t } from "../words/admin/people";
import { p } from "../words/pages";
import { s } from "../words/shared";

export async function security(main: HTMLElement): Promise<void> {
  const old = h("input", { type: "password", autocomplete: "current-password", required: true });
  const fresh = h("input", { type: "password", autocomplete: "new-password", minLength: 8, required: true });
  const sessions = h("div", null), factor = h("div", null), log = h("div", null);
  const draw = async (): Promise<void> => {
    const known = await admin.sessions();
    fill(sessions, table([p.who, t.browser, t.from, p.since, p.lastUsed, ""], known.map((one) => [
      one.account || h("strong", null, t.administrator), h("span", { title: one.agent }, browser(one.agent)), one.ip, minute(one.created), minute(one.used),
      one.this ? t.this : h("button", { type: "button", class: "link", "aria-label": t.signOutThis(one.account || t.administrator, one.ip, browser(one.agent)), onclick: () => void attempt(async () => { await admin.session_end({ id: one.id }); await draw(); }) }, s.signOut)]), t.nobody));
  };
  fill(main, h("h1", null, t.title), h("h2", null, t.password),
    h("form", {
      onsubmit: (event: Event) => {
        event.preventDefault();
        void attempt(async () => {
          await admin.password({ old: old.value, new: fresh.value });
          old.value = fresh.value = "";
          notice(p.passwordChanged);
          await draw();
        });
      },
    }, field(p.passwordNow, old), field(p.newPassword, fresh, p.passwordLength), h("button", { class: "button primary" }, p.change)),
    h("h2", null, t.factor), factor,
    h("h2", null, t.signedIn), sessions,
    h("h2", null, t.signIns), log);
  await secondFactor(factor, admin, draw);
  await draw();
  await signIns(log);
}

/** Who signed in and who tried to, with a search. */
async function signIns(place: HTMLElement): Promise<void> {
  const text = h("input", { type: "search", placeholder: t.searchExample });
  const failed = h("select", null, h("option", { value: "" }, t.all), h("option", { value: "yes" }, t.onlyFailed), h("option", { value: "no" }, t.onlyGood));
  const shown = h("div", null);
  const asked = (): { text: string; failed: boolean | null } => ({ text: text.value, failed: failed.value === "" ? null : failed.value === "yes" });
  const draw = (rows: SignIn[]): void => {
    const last = rows.at(-1);
    fill(shown, signInTable(rows, true), rows.length > 0 && rows.length % 100 === 0 && last !== undefined && h("p", { class: "actions" },
      h("button", { type: "button", class: "button", onclick: () => void attempt(async () => draw([...rows, ...await admin.sign_ins({ ...asked(), before: last.id })])) }, p.older)));
  };
  const search = (): void => void attempt(async () => draw(await admin.sign_ins(asked())));
  fill(place, h("form", { class: "filters", onsubmit: (event: Event) => { event.preventDefault(); search(); } },
    field(p.search, text), field(p.show, failed), h("button", { class: "button" }, p.show)), shown);
  draw(await admin.sign_ins());
}
