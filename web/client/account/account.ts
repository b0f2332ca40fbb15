// One's own account: the password, and the browsers that are signed in.
import { account, type State } from "../api";
import { attempt, button, complain, field, fill, h, notice } from "../dom";
import { exactDate } from "../format";
import { signIn } from "../signin";

const place = document.getElementById("app")!;

async function begin(): Promise<void> {
  const state = await account.state();
  if (state.signed_in) return show(state);
  signIn(place, "Account", state.hostname, true, async (name, password) => {
    await account.login({ name, password });
    await begin();
  });
}

async function show(state: State): Promise<void> {
  place.classList.remove("loading");
  place.removeAttribute("aria-busy");
  const sessions = h("div", null);
  fill(place, h("div", { class: "pages" },
    h("header", { class: "masthead" }, h("img", { src: "/static/icon.svg", alt: "", width: 26, height: 26 }), h("strong", null, state.account),
      h("nav", null, h("a", { href: "/webmail/" }, "Webmail")), h("span", { class: "gap" }),
      button("out", "Sign out", () => void attempt(async () => { await account.logout(); await begin(); }), true)),
    h("main", null,
      h("section", null, h("h1", null, "Addresses"), h("ul", null, ...state.identities.map((one) => h("li", null, one.name ? `${one.name} <${one.address}>` : one.address)))),
      h("section", null, h("h1", null, "Password"), password()),
      h("section", null, h("h1", null, "Signed in"), sessions))));
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
  fill(sessions, h("table", null, h("thead", null, h("tr", null, ...["Browser", "From", "Since", "Last used", ""].map((name) => h("th", null, name)))),
    h("tbody", null, ...known.map((one) => h("tr", null, h("td", null, one.agent), h("td", null, one.ip), h("td", null, exactDate(one.created).slice(0, 16)),
      h("td", null, exactDate(one.used).slice(0, 16)),
      h("td", null, one.this ? "this one" : h("button", { type: "button", class: "link", onclick: () => void attempt(async () => {
        await account.session_end({ id: one.id });
        await draw(sessions);
      }) }, "Sign out")))))),
    known.length > 1 && h("button", { type: "button", class: "button", onclick: () => void attempt(async () => {
      await account.sessions_end_others();
      await draw(sessions);
    }) }, "Sign out all others"));
}

begin().catch(complain);
