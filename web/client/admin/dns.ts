// What a check of a domain's DNS found: on request, and what was found each night.
import { admin, type DnsCheck, type DnsSection } from "../api";
import { attempt, fill, h } from "../dom";
import { minute } from "../format";
import { copyable, table } from "../table";
import { dns as t } from "../words/admin/domains";
import { p } from "../words/pages";

export function dnsCheck(name: string, known: DnsCheck): HTMLElement {
  const shown = h("div", { class: "dns-check", "aria-live": "polite" });
  const button = h("button", { type: "button", class: "button primary", onclick: () => void look() }, t.check);
  const look = async (): Promise<void> => {
    button.disabled = true;
    fill(shown, h("p", { class: "quiet" }, t.checking));
    // What was known comes back if the check could not be made.
    if (!await attempt(async () => draw(shown, await admin.domain_check({ name })))) draw(shown, known);
    button.disabled = false;
  };
  draw(shown, known);
  return h("div", null, button, shown);
}

/** What a check found, into an element. */
export function draw(shown: HTMLElement, found: DnsCheck): void {
  if (found.at === null) {
    fill(shown, h("p", { class: "quiet" }, t.unexamined));
    return;
  }
  const wrong = found.sections.filter((one) => one.verdict !== "good");
  const good = found.sections.filter((one) => one.verdict === "good");
  fill(shown,
    h("p", { class: "quiet" }, ...t.looked(minute(found.at)), wrong.length === 0 ? ` ${t.allGood}` : ""),
    ...wrong.map(section),
    good.length > 0 && h("p", { class: "good" }, t.good(good.map((one) => one.name).join(", "))),
    found.score !== null && h("details", null, h("summary", null, t.score(found.score)),
      table([t.part, t.tested, ""], found.tests.map((one) => [one.part, one.about, one.passed === null ? h("span", { class: "quiet" }, t.unknown) : h("span", { class: one.passed ? "good" : "bad" }, one.passed ? t.passes : t.fails)]), "")),
    found.history.length > 1 && h("details", null, h("summary", null, t.history),
      table([t.from, p.until, t.wrong, t.better], found.history.map((one) => [minute(one.first), minute(one.last), one.errors, one.warnings]), "")));
}

const CLASSES: Record<DnsSection["verdict"], string> = { good: "good", wrong: "bad", "could be better": "fair", "not known": "quiet" };

function section(one: DnsSection): HTMLElement {
  const items = (texts: string[], kind: string): HTMLElement[] => texts.map((text) => h("li", { class: kind }, text));
  return h("section", { class: "finding" },
    h("h3", null, one.name, " ", h("span", { class: CLASSES[one.verdict] }, one.verdict)),
    h("ul", null, ...items(one.errors, "error"), ...items(one.warnings, "warn"), ...items(one.unknown, "unknown")),
    ...one.instructions.map((text) => h("p", { class: "quiet" }, text)),
    one.records.length > 0 && h("p", null, one.records.length === 1 ? t.oneRecord : t.records),
    ...one.records.map((line) => h("div", { class: "line" }, copyable(line))));
}
