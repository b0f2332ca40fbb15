// The account itself: its addresses, and the browsers that are signed in.
import { account } from "../api";
import { attempt, fill, h } from "../dom";
import { browser, minute, moment } from "../format";
import { table } from "../table";
import { own as t, pages } from "../words/account/access";
import { p } from "../words/pages";
import { s } from "../words/shared";

export async function own(main: HTMLElement): Promise<void> {
  const state = await account.state();
  const sessions = h("div", null);
  const frozen = await account.frozen();
  fill(main,
    frozen && h("div", { class: "warning", role: "alert" }, h("p", null, ...t.frozen(h("strong", null, t.cannotSend), moment(frozen.since), frozen.reason)),
      h("p", null, ...t.notYou(h("a", { href: "#passwords" }, pages.passwords), h("a", { href: "#signins" }, pages.signIns)))),
    h("section", null, h("h1", null, t.title), h("h2", null, t.addresses), h("ul", null, ...state.identities.map((one) => h("li", null, one.name ? `${one.name} <${one.address}>` : one.address)))),
    h("section", null, h("h2", null, t.signedIn), sessions));
  await draw(sessions);
}

async function draw(sessions: HTMLElement): Promise<void> {
  const known = await account.sessions();
  const end = (what: () => Promise<void>): void => void attempt(async () => { await what(); await draw(sessions); });
  fill(sessions, table([t.browser, t.from, t.since, p.lastUsed, ""], known.map((one) => [
    h("span", { title: one.agent }, browser(one.agent)), one.ip, minute(one.created), minute(one.used),
    one.this ? t.this : h("button", { type: "button", class: "link nowrap", onclick: () => end(() => account.session_end({ id: one.id })) }, s.signOut)]), t.nobody),
  known.length > 1 && h("p", { class: "actions" }, h("button", { type: "button", class: "button", onclick: () => end(() => account.sessions_end_others()) }, t.others)));
}
