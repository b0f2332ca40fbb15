// What a check of a domain's DNS found: on request, and what was found each night.
import { admin, type DnsCheck, type DnsSection } from "../api";
import { attempt, fill, h } from "../dom";
import { minute } from "../format";
import { copyable, table } from "../table";

export function dnsCheck(name: string, known: DnsCheck): HTMLElement {
  const shown = h("div", { class: "dns-check", "aria-live": "polite" });
  const button = h("button", { type: "button", class: "button primary", onclick: () => void look() }, "Check now");
  const look = async (): Promise<void> => {
    button.disabled = true;
    fill(shown, h("p", { class: "quiet" }, "Name servers, mail hosts and web servers are asked; that takes half a minute at most."));
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
    fill(shown, h("p", { class: "quiet" }, "Nobody has looked yet; it is done each night, too."));
    return;
  }
  const wrong = found.sections.filter((one) => one.verdict !== "good");
  const good = found.sections.filter((one) => one.verdict === "good");
  fill(shown,
    h("p", { class: "quiet" }, "Looked at ", minute(found.at), ".", wrong.length === 0 ? " All is as it should be." : ""),
    ...wrong.map(section),
    good.length > 0 && h("p", { class: "good" }, `Good: ${good.map((one) => one.name).join(", ")}.`),
    found.score !== null && h("details", null, h("summary", null, `internet.nl would give about ${found.score} %`),
      table(["Part", "What is tested", ""], found.tests.map((one) => [one.part, one.about, one.passed === null ? h("span", { class: "quiet" }, "not known") : h("span", { class: one.passed ? "good" : "bad" }, one.passed ? "passes" : "fails")]), "")),
    found.history.length > 1 && h("details", null, h("summary", null, "How it was before"),
      table(["From", "Until", "Wrong", "Could be better"], found.history.map((one) => [minute(one.first), minute(one.last), one.errors, one.warnings]), "")));
}

const CLASSES: Record<DnsSection["verdict"], string> = { good: "good", wrong: "bad", "could be better": "fair", "not known": "quiet" };

function section(one: DnsSection): HTMLElement {
  const items = (texts: string[], kind: string): HTMLElement[] => texts.map((text) => h("li", { class: kind }, text));
  return h("section", { class: "finding" },
    h("h3", null, one.name, " ", h("span", { class: CLASSES[one.verdict] }, one.verdict)),
    h("ul", null, ...items(one.errors, "error"), ...items(one.warnings, "warn"), ...items(one.unknown, "unknown")),
    ...one.instructions.map((text) => h("p", { class: "quiet" }, text)),
    one.records.length > 0 && h("p", null, one.records.length === 1 ? "This record should be there:" : "These records should be there:"),
    ...one.records.map((line) => h("div", { class: "line" }, copyable(line))));
}
