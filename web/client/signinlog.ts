// The log of sign-ins, as tables of accounts and of the administrator show it.
import { type SignIn } from "./api";
import { h, type Child } from "./dom";
import { browser, minute, moment } from "./format";
import { table } from "./table";
import { signInLog as t } from "./words/pages";
import { p } from "./words/pages";

/** The entries, the newest first; `named` shows whose they are. */
export function signInTable(rows: SignIn[], named: boolean): HTMLElement {
  return table([p.when, ...(named ? [t.who] : []), t.outcome, t.for, t.from, t.program], rows.map((one) => [
    h("span", { title: one.times > 1 ? t.first(moment(one.first)) : "" }, minute(one.latest), one.times > 1 && ` ${t.times(one.times)}`),
    ...(named ? [one.account || h("span", { class: "quiet" }, t.nobodyHere(one.name.slice(0, 60)))] as Child[] : []),
    outcome(one), t.services[one.service] ?? one.service,
    h("span", null, one.ip, one.new_place && h("span", { class: "tag" }, t.newPlace)),
    h("span", { title: one.agent }, one.app_password ? t.appPassword(one.app_password) : one.service === "web" ? browser(one.agent) : one.agent.slice(0, 60))]), t.nobody);
}

function outcome(one: SignIn): Child {
  return one.outcome === "ok" ? t.signedIn : h("span", { class: "warn" }, one.outcome);
}
