// What waits for other servers, and what can be done about it.
import { admin, type QueueLine } from "../api";
import { attempt, dialog, field, fill, h, lookAgain, notice, sure, type Child } from "../dom";
import { duration, exactDate, minute, size } from "../format";
import { form } from "../secondfactor";
import { table } from "../table";
import { meaning } from "./destinations";
import { holds } from "./holds";
import { steps } from "./trace";
import { queue as t } from "../words/admin/queue";
import { p } from "../words/pages";
import { s } from "../words/shared";

type Protection = QueueLine["tls"];
type Bulk = Parameters<typeof admin.queue_all>[0];
type QueueAction = Bulk["action"];
type QueueState = NonNullable<Bulk["state"]>;

const EVERY = 10_000;
const SHOWN = 200;
const STATES: readonly QueueState[] = ["", "due", "waiting", "held", "active"];
/** Does the deed with the value that was typed; a question that stays until it is taken calls it by itself, and gives null. */
type Work = (value: string) => Promise<void>;

/** Something to do to what waits: the question that comes before it gives its value, null if nothing is left to be done. */
interface Deed {
  label: string;
  action: QueueAction;
  said: (count: number) => string;
  ask?: (count: number, work: Work) => Promise<{ action?: QueueAction; value: string } | null>;
  kind?: string;
}

const DEEDS: Deed[] = [
  { label: t.retry, action: "retry", said: t.retried },
  { label: t.hold, action: "hold", said: t.holding },
  { label: t.release, action: "release", said: t.released },
  { label: t.schedule, action: "schedule", said: t.scheduled, ask: (_, work) => later(work) },
  { label: t.reroute, action: "transport", said: t.rerouted, ask: async () => wrapped(await way()) },
  { label: t.require, action: "tls", said: t.required, ask: async () => wrapped(await protection()) },
  { label: t.drop, action: "drop", said: t.dropped, kind: "danger", ask: drop },
];

function wrapped(value: string | null): { value: string } | null {
  return value === null ? null : { value };
}

export async function queue(main: HTMLElement): Promise<() => void> {
  const chosen = new Set<number>();
  const search = h("input", { type: "search", placeholder: t.searchExample });
  const accounts = await admin.accounts();
  const account = h("select", null, h("option", { value: "" }, t.all), ...accounts.map((one) => h("option", { value: one.name }, one.name)));
  const state = h("select", null, ...STATES.map((value) => h("option", { value }, t.states[value])));
  const hop = h("input", { placeholder: p.examples.domain, autocapitalize: "off", spellcheck: false });
  const whole = h("input", { type: "checkbox", id: "whole-queue" });
  const found = h("div", null);
  const count = h("span", { class: "quiet", role: "status" });
  const known = new Map<number, QueueLine>();
  const filter = (): { search: string; account: string; state: QueueState; next_hop: string } => (
    { search: search.value.trim(), account: account.value, state: state.value as QueueState, next_hop: hop.value.trim() });
  const counted = (): void => fill(count, chosen.size > 0 && t.chosen(chosen.size));
  const look = async (before: number | null): Promise<() => void> => {
    const lines = await admin.queue({ ...filter(), before, limit: SHOWN });
    return () => show(lines, before);
  };
  const draw = async (before: number | null = null): Promise<void> => (await look(before))();
  const show = (lines: QueueLine[], before: number | null): void => {
    if (before === null) known.clear();
    for (const line of lines) known.set(line.id, line);
    for (const id of chosen) if (!known.has(id)) chosen.delete(id);
    counted();
    const focused = found.contains(document.activeElement) ? named(document.activeElement!) : null;
    fill(found, rows([...known.values()], chosen, counted), lines.length === SHOWN && h("button", { type: "button", class: "button", onclick: () => void attempt(() => draw(Math.min(...known.keys()))) }, p.further));
    if (focused !== null) [...found.querySelectorAll<HTMLElement>("input, a")].find((one) => named(one) === focused)?.focus({ preventScroll: true });
  };
  const act = async (deed: Deed): Promise<void> => {
    if (!whole.checked && !chosen.size) {
      notice(t.chooseFirst);
      return;
    }
    const work = async (action: QueueAction, value: string): Promise<void> => {
      notice(deed.said(whole.checked ? await all(action, value) : await some([...chosen], action, value)));
      chosen.clear();
      whole.checked = false;
      await draw();
    };
    if (deed.ask) {
      const answer = await deed.ask(whole.checked ? 0 : chosen.size, (value) => work(deed.action, value));
      if (answer !== null) await attempt(() => work(answer.action ?? deed.action, answer.value));
    } else if (!whole.checked || await sure(t.doneToAll(deed.label), deed.label)) await attempt(() => work(deed.action, ""));
  };
  const all = async (action: QueueAction, value: string): Promise<number> => {
    const meant = filter();
    let count = 0;
    let before: number | null = null;
    do {
      const step = await admin.queue_all({ action, value, ...meant, before });
      count += step.changed;
      before = step.before;
      if (before !== null) notice(t.soFar(count));
    } while (before !== null);
    return count;
  };
  fill(main, h("h1", null, t.title),
    h("form", { class: "filters", onsubmit: (event: Event) => { event.preventDefault(); void attempt(() => draw()); } },
      field(p.search, search), field(p.account, account), field(p.show, state), field(t.hop, hop), h("button", { class: "button" }, p.search)),
    h("div", { class: "actions" }, h("button", { type: "button", class: "link", onclick: () => { for (const id of known.keys()) chosen.add(id); void attempt(() => draw()); } }, t.chooseAll),
      h("span", { class: "check" }, whole, h("label", { for: "whole-queue" }, t.whole)), count),
    h("div", { class: "actions" }, ...DEEDS.map((deed) => h("button", { type: "button", class: `button ${deed.kind ?? ""}`, onclick: () => void act(deed) }, deed.label))),
    found, h("h2", null, t.holds), await holds(accounts.map((one) => one.name), draw));
  await draw();
  return lookAgain(main, EVERY, async () => (known.size <= SHOWN ? look(null) : () => undefined));
}

/** Do it to these. */
async function some(ids: number[], action: QueueAction, value: string): Promise<number> {
  switch (action) {
    case "retry": return admin.queue_retry({ ids });
    case "hold": return admin.queue_hold({ ids });
    case "release": return admin.queue_release({ ids });
    case "schedule": return admin.queue_schedule({ ids, at: Number(value) });
    case "transport": return admin.queue_transport({ ids, transport: value });
    case "tls": return admin.queue_tls({ ids, tls: value as Protection });
    default: return admin.queue_drop({ ids, tell: action === "fail" });
  }
}

/** What tells a box or a link of the list from the others, before it is drawn anew and after. */
function named(one: Element): string | null {
  return one.getAttribute("href") ?? one.getAttribute("aria-label");
}

function rows(lines: QueueLine[], chosen: Set<number>, counted: () => void): HTMLElement {
  const now = Date.now() / 1000;
  return table(["", t.message, t.to, t.waits, p.nextTry, p.lastAnswer, p.trace], lines.map((line) => [
    h("input", { type: "checkbox", checked: chosen.has(line.id), "aria-label": t.choose(line.recipient), onchange: () => { if (!chosen.delete(line.id)) chosen.add(line.id); counted(); } }),
    h("div", null, h("a", { href: `#queued/${line.id}`, dir: "auto" }, line.subject || s.noSubject), h("small", null, `${line.sender || t.nullSender}, ${size(line.size)}${line.kind === "mail" ? "" : `, ${line.kind}`}${line.tls === "default" ? "" : `, ${t.protection[line.tls]}`}`)),
    h("div", null, h("div", null, line.recipient), h("small", null, line.transport ? t.by(line.transport) : line.next_hop)),
    h("span", { class: "nowrap", title: exactDate(line.created) }, duration(now - line.created)),
    line.held ? h("strong", null, t.isHeld) : h("span", { class: "nowrap", title: exactDate(line.due) }, line.due <= now ? t.now : t.within(duration(line.due - now)), h("small", null, t.attemptsMade(line.attempts))),
    h("div", { class: "answer" }, line.cause && h("strong", null, line.cause, ": "), line.last || "-", line.last_host && h("small", null, ` ${line.last_host}`)),
    h("a", { href: `#steps/${encodeURIComponent(line.trace)}` }, line.trace)]), t.nothing);
}

/** One recipient: what its last failure means, what one can do, and what happened so far. */
export async function oneQueued(main: HTMLElement, id: string): Promise<void> {
  const story = await admin.queue_show({ id: Number(id) });
  const { line } = story;
  const fact = (name: string, value: Child): HTMLElement[] => (value === "" ? [] : [h("dt", null, name), h("dd", null, value)]);
  const act = async (deed: Deed): Promise<void> => {
    const work = async (action: QueueAction, value: string): Promise<void> => {
      await some([line.id], action, value);
      if (action === "drop" || action === "fail") location.hash = "#queue";
      else await oneQueued(main, id);
    };
    const answer = deed.ask ? await deed.ask(1, (value) => work(deed.action, value)) : { value: "" };
    if (answer !== null) await attempt(() => work(answer.action ?? deed.action, answer.value));
  };
  fill(main, h("p", null, h("a", { href: "#queue" }, t.title)), h("h1", { dir: "auto" }, line.subject || s.noSubject),
    story.meaning && meaning(story.meaning),
    h("div", { class: "actions" }, ...DEEDS.filter((deed) => deed.action !== (line.held ? "hold" : "release")).map((deed) =>
      h("button", { type: "button", class: `button ${deed.kind ?? ""}`, onclick: () => void act(deed) }, deed.label))),
    h("dl", null, ...fact(t.from, line.sender || t.nullSender), ...fact(t.to, line.recipient), ...fact(t.byWay, line.transport || line.next_hop),
      ...fact(t.protectionTitle, t.protection[line.tls]), ...fact(p.size, size(line.size)), ...fact(p.since, minute(line.created)), ...fact(t.attempts, line.attempts),
      ...fact(p.nextTry, line.held ? t.isHeld : minute(line.due)), ...fact(p.lastAnswer, line.last && line.last_host ? `${line.last} (${line.last_host})` : line.last || line.last_host),
      ...fact(t.id, line.message_id)),
    steps(story.steps), source(line.id));
}

/** The message itself, once somebody wants to see it. */
function source(id: number): HTMLElement {
  const text = h("pre", { tabIndex: 0, role: "region", "aria-label": t.source });
  const box = h("details", null, h("summary", null, t.showSource), text);
  box.addEventListener("toggle", () => void (box.open && attempt(async () => {
    const found = await admin.queue_source({ id });
    text.textContent = found.text + (found.cut ? `\n${t.longer}` : "");
  })));
  return box;
}

/** Whether to tell the senders of what is dropped; null if it is not to be dropped after all. */
function drop(count: number): Promise<{ action: QueueAction; value: string } | null> {
  const ask = count === 0 ? t.dropAll : t.dropSome(count);
  return dialog(s.sure, (close) => [
    h("p", null, ask),
    h("footer", null, h("button", { type: "button", class: "button", onclick: () => close(null) }, s.cancel),
      h("button", { type: "button", class: "button danger", onclick: () => close({ action: "drop", value: "" }) }, t.dropTellNobody),
      h("button", { type: "button", class: "button danger", onclick: () => close({ action: "fail", value: "" }) }, t.dropTellSender))]);
}

async function later(work: Work): Promise<null> {
  const when = h("input", { type: "datetime-local", required: true });
  await form(t.later, t.putOff, () => [field(t.notBefore, when, t.notBeforeHint)], () => work(String(new Date(when.value).getTime() / 1000)));
  return null;
}

function protection(): Promise<Protection | null> {
  return dialog<Protection>(t.requireTitle, (close) => [
    h("p", null, t.requireHint),
    h("div", { class: "choices apart" }, ...(Object.keys(t.protection) as Protection[]).map((name) =>
      h("button", { type: "button", onclick: () => close(name) }, h("span", null, h("strong", null, t.protection[name]), `: ${t.protectionMeaning[name]}`))))]);
}

async function way(): Promise<string | null> {
  const names = await admin.transports();
  return dialog<string>(t.otherWay, (close) => [h("div", { class: "choices apart" },
    ...["", "direct", ...names].map((name) => h("button", { type: "button", onclick: () => close(name) }, t.ways[name] ?? name)))]);
}
