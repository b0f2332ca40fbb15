// The account itself: its addresses, the password, and the browsers that are signed in.
import { account } from "../api";
import { attempt, field, fill, h, notice } from "../dom";
import { browser, minute } from "../format";
import { table } from "../table";

export async function own(main: HTMLElement): Promise<void> {
  const state = await account.state();
  const sessions = h("div", null);
  fill(main,
    h("section", null, h("h1", null, "Your account"), h("h2", null, "Addresses"), h("ul", null, ...state.identities.map((one) => h("li", null, one.name ? `${one.name} <${one.address}>` : one.address)))),
    h("section", null, h("h2", null, "Password"), password()),
    h("section", null, h("h2", null, "Signed in"), sessions));
  await draw(sessions);
}

function password(): HTMLElement {
  const old = h("input", { type: "password", autocomplete: "current-password", required: true });
  const fresh = h("input", { type: "password", autocomplete: "new-password", minLength: 8, required: true });
  return h("form", {
    onsubmit: async (event: Event) => {
      event.preventDefault();
      if (await attempt(() => account.password({ old: old.value, new: fresh.value }))) {
        notice("The password was changed; all other browsers are signed out.");
        old.value = fresh.value = "";
      }
    },
  }, field("Password now", old), field("New password", fresh, "8 characters at least; a few words in a row are good."),
    h("button", { class: "button primary" }, "Change"));
}

async function draw(sessions: HTMLElement): Promise<void> {
  const known = await account.sessions();
  const end = (what: () => Promise<void>): void => void attempt(async () => { await what(); await draw(sessions); });
  fill(sessions, table(["Browser", "From", "Since", "Last used", ""], known.map((one) => [
    h("span", { title: one.agent }, browser(one.agent)), one.ip, minute(one.created), minute(one.used),
    one.this ? "this one" : h("button", { type: "button", class: "link nowrap", onclick: () => end(() => account.session_end({ id: one.id })) }, "Sign out")]), "Nobody."),
  known.length > 1 && h("p", { class: "actions" }, h("button", { type: "button", class: "button", onclick: () => end(() => account.sessions_end_others()) }, "Sign out all others")));
}
