// The log of sign-ins, as tables of accounts and of the administrator show it.
import { type SignIn } from "./api";
import { h, type Child } from "./dom";
import { browser, minute, number } from "./format";
import { table } from "./table";

const SERVICES: Record<string, string> = { web: "these pages", smtp: "sending (SMTP)", imap: "reading (IMAP)" };

/** The entries, the newest first; `named` shows whose they are. */
export function signInTable(rows: SignIn[], named: boolean): HTMLElement {
  return table(["When", ...(named ? ["Who"] : []), "What came of it", "For", "From", "Program"], rows.map((one) => [
    h("span", { title: one.times > 1 ? `first ${minute(one.first)}` : "" }, minute(one.latest), one.times > 1 && ` (${number(one.times)} times)`),
    ...(named ? [one.account || h("span", { class: "quiet" }, `nobody here: ${one.name.slice(0, 60)}`)] as Child[] : []),
    outcome(one), SERVICES[one.service] ?? one.service,
    h("span", null, one.ip, one.new_place && h("span", { class: "tag" }, "new place")),
    h("span", { title: one.agent }, one.app_password ? `app password “${one.app_password}”` : one.service === "web" ? browser(one.agent) : one.agent.slice(0, 60))]), "Nobody yet.");
}

function outcome(one: SignIn): Child {
  return one.outcome === "ok" ? "signed in" : h("span", { class: "warn" }, one.outcome);
}
