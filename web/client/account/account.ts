// One's own account: the password, and the browsers that are signed in.
import { account, type State } from "../api";
import { attempt, button, field, fill, h, notice } from "../dom";
import { browser, minute } from "../format";
import { settled, signIn, starting } from "../signin";
import { table } from "../table";

async function begin(): Promise<void> {
  const state = await account.state();
  if (state.signed_in) return show(state);
  signIn(place, "Account", state.hostname, true, async (name, password) => {
    await account.login({ name, password });
    await begin();
  });
}

async function show(state: State): Promise<void> {
  settled(place);
  const sessions = h("div", null);
  fill(place, h("div", { class: "pages" },
    h("header", { class: "masthead" }, h("img", { src: "/static/icon.svg", alt: "", width: 26, height: 26 }), h("strong", null, state.account),
      h("nav", null, h("a", { href: "/webmail/" }, "Webmail")), h("span", { class: "gap" }),
      button("out", "Sign out", () => void attempt(async () => { await account.logout(); await again(); }), true)),
    h("main", null,
      h("section", null, h("h1", null, "Your account"), h("h2", null, "Addresses"), h("ul", null, ...state.identities.map((one) => h("li", null, one.name ? `${one.name} <${one.address}>` : one.address)))),
      h("section", null, h("h2", null, "Password"), password()),
      h("section", null, h("h2", null, "Signed in"), sessions))));
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

const place = document.getElementById("app")!;
const again = starting(place, begin);
