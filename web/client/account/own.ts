// The account itself: its addresses, and the browsers that are signed in.
import { account } from "../api";
import { attempt, fill, h } from "../dom";
import { browser, exactDate, minute } from "../format";
import { table } from "../table";

export async function own(main: HTMLElement): Promise<void> {
  const state = await account.state();
  const sessions = h("div", null);
  const frozen = await account.frozen();
  fill(main,
    frozen && h("div", { class: "warning", role: "alert" }, h("p", null, h("strong", null, "You cannot send at the moment"), ` (since ${exactDate(frozen.since).slice(0, 16)}): ${frozen.reason}.`),
      h("p", null, "If that was not you: change your password and revoke your app passwords (", h("a", { href: "#passwords" }, "Passwords"), "), and look who signed in (", h("a", { href: "#signins" }, "Sign-ins"), "). The administrator lets you send again; until then what you sent waits.")),
    h("section", null, h("h1", null, "Your account"), h("h2", null, "Addresses"), h("ul", null, ...state.identities.map((one) => h("li", null, one.name ? `${one.name} <${one.address}>` : one.address)))),
    h("section", null, h("h2", null, "Signed in"), sessions));
  await draw(sessions);
}

async function draw(sessions: HTMLElement): Promise<void> {
  const known = await account.sessions();
  const end = (what: () => Promise<void>): void => void attempt(async () => { await what(); await draw(sessions); });
  fill(sessions, table(["Browser", "From", "Since", "Last used", ""], known.map((one) => [
    h("span", { title: one.agent }, browser(one.agent)), one.ip, minute(one.created), minute(one.used),
    one.this ? "this one" : h("button", { type: "button", class: "link nowrap", onclick: () => end(() => account.session_end({ id: one.id })) }, "Sign out")]), "Nobody."),
  known.length > 1 && h("p", { class: "actions" }, h("button", { type: "button", class: "button", onclick: () => end(() => account.sessions_end_others()) }, "Sign out all others")));
}
