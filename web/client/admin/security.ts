// The administrator's password, and every browser that is signed in.
import { admin } from "../api";
import { attempt, field, fill, h, notice } from "../dom";
import { browser, minute } from "../format";
import { table } from "../table";

export async function security(main: HTMLElement): Promise<void> {
  const old = h("input", { type: "password", autocomplete: "current-password", required: true });
  const fresh = h("input", { type: "password", autocomplete: "new-password", minLength: 8, required: true });
  const sessions = h("div", null);
  const draw = async (): Promise<void> => {
    const known = await admin.sessions();
    fill(sessions, table(["Who", "Browser", "From", "Since", "Last used", ""], known.map((one) => [
      one.account || h("strong", null, "administrator"), h("span", { title: one.agent }, browser(one.agent)), one.ip, minute(one.created), minute(one.used),
      one.this ? "this one" : h("button", { type: "button", class: "link", onclick: () => void attempt(async () => { await admin.session_end({ id: one.id }); await draw(); }) }, "Sign out")]), "Nobody."));
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
    h("h2", null, "Signed in"), sessions);
  await draw();
}
