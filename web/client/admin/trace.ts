// Message trace: what happened to a message, refusals before its content included.
import { admin, type QueueLine, type TraceLine, type TraceSummary } from "../api";
import { attempt, field, fill, h } from "../dom";
import { decimal, exactDate, minute, second, size } from "../format";
import { meaning } from "./destinations";
import { facts } from "./overview";
import { table } from "../table";
import { trace as t } from "../words/admin/queue";
import { p } from "../words/pages";

export async function trace(main: HTMLElement, argument: string): Promise<void> {
  const text = h("input", { type: "search", value: argument, placeholder: t.searchExample });
  const since = h("input", { type: "datetime-local" });
  const until = h("input", { type: "datetime-local" });
  const level = h("select", null, ...[["debug", t.levels.debug], ["notice", t.levels.notice], ["error", t.levels.error]].map(([value, name]) => h("option", { value }, name)));
  const found = h("div", null);
  const time = (input: HTMLInputElement): number | null => (input.value ? new Date(input.value).getTime() / 1000 : null);
  const search = (before: number | null, known: TraceSummary[]): Promise<boolean> => attempt(async () => {
    const page = await admin.trace_search({ text: text.value.trim(), since: time(since), until: time(until), level: level.value, before, limit: 50 });
    const all = [...known, ...page.results];
    fill(found, summaries(all), page.before !== null && h("button", { type: "button", class: "button", onclick: () => void search(page.before, all) }, t.older));
  });
  fill(main, h("h1", null, t.title),
    h("form", { class: "filters", onsubmit: (event: Event) => { event.preventDefault(); void search(null, []); } },
      field(p.search, text), field(t.from, since), field(p.until, until), field(p.show, level), h("button", { class: "button primary" }, p.search)),
    found);
  await search(null, []);
}

function summaries(found: TraceSummary[]): HTMLElement {
  return table([t.time, t.from, t.to, p.outcome, p.size, "IP", p.trace], found.map((one) => [
    h("time", { class: "nowrap", title: exactDate(one.first) }, second(one.first)), one.sender, one.recipients.join(", "), one.outcome,
    one.octets ? size(one.octets) : "", one.ip, h("a", { href: `#steps/${encodeURIComponent(one.trace)}` }, one.trace)]), t.nothing);
}

/** What happened, one step after the other. */
export function steps(happened: TraceLine[]): HTMLElement {
  const start = happened[0]?.at ?? 0;
  return h("ol", { class: "steps" }, ...happened.map((step) => h("li", { class: step.level },
    h("div", null, h("strong", null, step.sentence), " ", h("code", null, step.event)),
    h("div", { class: "quiet" }, t.step(exactDate(step.at), decimal(step.at - start, 3), step.role)),
    h("div", null, ...facts(step)), step.meaning && meaning(step.meaning))));
}

function waiting(lines: QueueLine[]): HTMLElement {
  return table([t.waitsFor, p.nextTry, p.lastAnswer], lines.map((line) => [
    h("a", { href: `#queued/${line.id}` }, line.recipient), line.held ? t.held : minute(line.due), h("span", null, line.cause && h("strong", null, line.cause, ": "), `${line.last} ${line.last_host}`)]), "");
}

export async function oneTrace(main: HTMLElement, id: string): Promise<void> {
  const story = await admin.trace({ id });
  // The same message may have come, or gone on, in other sessions: tried again, forwarded, through a list.
  const named = [...new Set(story.steps.map((step) => step.facts["message_id"] ?? "").filter(Boolean))];
  fill(main, h("p", null, h("a", { href: "#trace" }, t.title)), h("h1", null, t.of(id)),
    ...named.map((one) => h("p", { class: "quiet" }, ...t.everything(h("a", { href: `#trace/${encodeURIComponent(one)}` }, one)))),
    story.steps.length === 0 && h("p", { class: "quiet" }, t.unknown),
    steps(story.steps),
    story.waiting.length > 0 && waiting(story.waiting),
    story.finished.length > 0 && table([t.to, p.outcome, t.answer, p.when], story.finished.map((one) => [
      one.recipient, one.outcome, h("div", null, `${one.reply} ${one.host}`, one.meaning && meaning(one.meaning)), minute(one.finished)]), ""));
}
