// What waits for other servers, and what can be done about it.
import { admin, type QueueLine } from "../api";
import { attempt, dialog, field, fill, h, notice, sure, type Child } from "../dom";
import { duration, exactDate, minute, number, size } from "../format";
import { form } from "../secondfactor";
import { table } from "../table";
import { meaning } from "./destinations";
import { holds } from "./holds";
import { steps } from "./trace";

type Protection = QueueLine["tls"];
type Bulk = Parameters<typeof admin.queue_all>[0];
type QueueAction = Bulk["action"];
type QueueState = NonNullable<Bulk["state"]>;

const EVERY = 10_000;
const SHOWN = 200;
const PROTECTION: Record<Protection, string> = { default: "TLS as usual", required: "TLS required", "not-required": "TLS not required" };
const MEANING: Record<Protection, string> = {
  default: "as the recipient's domain asks, else encrypted if that can be had",
  required: "over verified TLS only, to a server that promises the same (REQUIRETLS)",
  "not-required": "by all means, unprotected if need be (TLS-Required: No)",
};
const STATES: [QueueState, string][] = [["", "all"], ["due", "due now"], ["waiting", "waiting"], ["held", "held"], ["active", "being tried"]];
/** Does the deed with the value that was typed; a question that stays until it is taken calls it by itself, and gives null. */
type Work = (value: string) => Promise<void>;

/** Something to do to what waits: the question that comes before it gives its value, null if nothing is left to be done. */
interface Deed {
  label: string;
  action: QueueAction;
  said: string;
  ask?: (count: number, work: Work) => Promise<{ action?: QueueAction; value: string } | null>;
  kind?: string;
}

const DEEDS: Deed[] = [
  { label: "Try now", action: "retry", said: "will be tried now." },
  { label: "Hold", action: "hold", said: "held." },
  { label: "Release", action: "release", said: "released." },
  { label: "Try later…", action: "schedule", said: "put off.", ask: (_, work) => later(work) },
  { label: "Other way…", action: "transport", said: "rerouted.", ask: async () => wrapped(await way()) },
  { label: "Require TLS…", action: "tls", said: "changed.", ask: async () => wrapped(await protection()) },
  { label: "Drop…", action: "drop", said: "dropped.", kind: "danger", ask: drop },
];

function wrapped(value: string | null): { value: string } | null {
  return value === null ? null : { value };
}

export async function queue(main: HTMLElement): Promise<() => void> {
  const chosen = new Set<number>();
  const search = h("input", { type: "search", placeholder: "sender or recipient" });
  const accounts = await admin.accounts();
  const account = h("select", null, h("option", { value: "" }, "all"), ...accounts.map((one) => h("option", { value: one.name }, one.name)));
  const state = h("select", null, ...STATES.map(([value, name]) => h("option", { value }, name)));
  const hop = h("input", { placeholder: "example.org", autocapitalize: "off", spellcheck: false });
  const whole = h("input", { type: "checkbox", id: "whole-queue" });
  const found = h("div", null);
  const count = h("span", { class: "quiet", role: "status" });
  const known = new Map<number, QueueLine>();
  const filter = (): { search: string; account: string; state: QueueState; next_hop: string } => (
    { search: search.value.trim(), account: account.value, state: state.value as QueueState, next_hop: hop.value.trim() });
  const counted = (): void => fill(count, chosen.size > 0 && `${number(chosen.size)} chosen`);
  const draw = async (before: number | null = null): Promise<void> => {
    const lines = await admin.queue({ ...filter(), before, limit: SHOWN });
    if (before === null) known.clear();
    for (const line of lines) known.set(line.id, line);
    for (const id of chosen) if (!known.has(id)) chosen.delete(id);
    counted();
    const focused = found.contains(document.activeElement) ? named(document.activeElement!) : null;
    fill(found, rows([...known.values()], chosen, counted), lines.length === SHOWN && h("button", { type: "button", class: "button", onclick: () => void attempt(() => draw(Math.min(...known.keys()))) }, "More"));
    if (focused !== null) [...found.querySelectorAll<HTMLElement>("input, a")].find((one) => named(one) === focused)?.focus({ preventScroll: true });
  };
  const act = async (deed: Deed): Promise<void> => {
    if (!whole.checked && !chosen.size) {
      notice("Choose something first, or tick the box for all that the filter shows.");
      return;
    }
    const work = async (action: QueueAction, value: string): Promise<void> => {
      const count = whole.checked ? await all(action, value) : await some([...chosen], action, value);
      notice(`${deed.action === "tls" ? messages(count) : number(count)} ${deed.said}`);
      chosen.clear();
      whole.checked = false;
      await draw();
    };
    if (deed.ask) {
      const answer = await deed.ask(whole.checked ? 0 : chosen.size, (value) => work(deed.action, value));
      if (answer !== null) await attempt(() => work(answer.action ?? deed.action, answer.value));
    } else if (!whole.checked || await sure(`${deed.label}: this is done to all that the filter shows, on further pages too.`, deed.label)) await attempt(() => work(deed.action, ""));
  };
  const all = async (action: QueueAction, value: string): Promise<number> => {
    const meant = filter();
    let count = 0;
    let before: number | null = null;
    do {
      const step = await admin.queue_all({ action, value, ...meant, before });
      count += step.changed;
      before = step.before;
      if (before !== null) notice(`${number(count)} done so far…`);
    } while (before !== null);
    return count;
  };
  fill(main, h("h1", null, "Queue"),
    h("form", { class: "filters", onsubmit: (event: Event) => { event.preventDefault(); void attempt(() => draw()); } },
      field("Search", search), field("Account", account), field("Show", state), field("Goes to", hop), h("button", { class: "button" }, "Search")),
    h("div", { class: "actions" }, h("button", { type: "button", class: "link", onclick: () => { for (const id of known.keys()) chosen.add(id); void attempt(() => draw()); } }, "Choose all shown"),
      h("span", { class: "check" }, whole, h("label", { for: "whole-queue" }, "All that the filter finds")), count),
    h("div", { class: "actions" }, ...DEEDS.map((deed) => h("button", { type: "button", class: `button ${deed.kind ?? ""}`, onclick: () => void act(deed) }, deed.label))),
    found, h("h2", null, "Hold rules"), await holds(accounts.map((one) => one.name), draw));
  await draw();
  const timer = setInterval(() => { if (!document.hidden && known.size <= SHOWN && getSelection()?.isCollapsed !== false) void attempt(() => draw()); }, EVERY);
  return () => clearInterval(timer);
}

/** What a message asks for, it asks for all its recipients. */
function messages(count: number): string {
  return count === 1 ? "1 message" : `${number(count)} messages`;
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
  return table(["", "Message", "To", "Waits", "Next try", "Last answer", "Trace"], lines.map((line) => [
    h("input", { type: "checkbox", checked: chosen.has(line.id), "aria-label": `Choose ${line.recipient}`, onchange: () => { if (!chosen.delete(line.id)) chosen.add(line.id); counted(); } }),
    h("div", null, h("a", { href: `#queued/${line.id}`, dir: "auto" }, line.subject || "(no subject)"), h("small", null, `${line.sender || "(null sender)"}, ${size(line.size)}${line.kind === "mail" ? "" : `, ${line.kind}`}${line.tls === "default" ? "" : `, ${PROTECTION[line.tls]}`}`)),
    h("div", null, h("div", null, line.recipient), h("small", null, line.transport ? `by ${line.transport}` : line.next_hop)),
    h("span", { class: "nowrap", title: exactDate(line.created) }, duration(now - line.created)),
    line.held ? h("strong", null, "held") : h("span", { class: "nowrap", title: exactDate(line.due) }, line.due <= now ? "now" : `in ${duration(line.due - now)}`, h("small", null, line.attempts === 1 ? "1 attempt" : `${line.attempts} attempts`)),
    h("div", { class: "answer" }, line.cause && h("strong", null, line.cause, ": "), line.last || "-", line.last_host && h("small", null, ` ${line.last_host}`)),
    h("a", { href: `#steps/${encodeURIComponent(line.trace)}` }, line.trace)]), "Nothing waits: all mail has left, or there was none.");
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
  fill(main, h("p", null, h("a", { href: "#queue" }, "Queue")), h("h1", { dir: "auto" }, line.subject || "(no subject)"),
    story.meaning && meaning(story.meaning),
    h("div", { class: "actions" }, ...DEEDS.filter((deed) => deed.action !== (line.held ? "hold" : "release")).map((deed) =>
      h("button", { type: "button", class: `button ${deed.kind ?? ""}`, onclick: () => void act(deed) }, deed.label))),
    h("dl", null, ...fact("From", line.sender || "(null sender)"), ...fact("To", line.recipient), ...fact("By", line.transport || line.next_hop),
      ...fact("Protection", PROTECTION[line.tls]), ...fact("Size", size(line.size)), ...fact("Since", minute(line.created)), ...fact("Attempts", line.attempts),
      ...fact("Next try", line.held ? "held" : minute(line.due)), ...fact("Last answer", line.last && line.last_host ? `${line.last} (${line.last_host})` : line.last || line.last_host),
      ...fact("Message-ID", line.message_id)),
    steps(story.steps), source(line.id));
}

/** The message itself, once somebody wants to see it. */
function source(id: number): HTMLElement {
  const text = h("pre", { tabIndex: 0, role: "region", "aria-label": "Source" });
  const box = h("details", null, h("summary", null, "Show the message as it will be sent"), text);
  box.addEventListener("toggle", () => void (box.open && attempt(async () => {
    const found = await admin.queue_source({ id });
    text.textContent = found.text + (found.cut ? "\n(It is longer.)" : "");
  })));
  return box;
}

/** Whether to tell the senders of what is dropped; null if it is not to be dropped after all. */
function drop(count: number): Promise<{ action: QueueAction; value: string } | null> {
  const whom = count === 0 ? "All recipients that the filter shows, on further pages too," : count === 1 ? "One recipient" : `${number(count)} recipients`;
  return dialog("Are you sure?", (close) => [
    h("p", null, `${whom} will never get the message.`),
    h("footer", null, h("button", { type: "button", class: "button", onclick: () => close(null) }, "Cancel"),
      h("button", { type: "button", class: "button danger", onclick: () => close({ action: "drop", value: "" }) }, "Drop, tell nobody"),
      h("button", { type: "button", class: "button danger", onclick: () => close({ action: "fail", value: "" }) }, "Drop and tell the sender"))]);
}

async function later(work: Work): Promise<null> {
  const when = h("input", { type: "datetime-local", required: true });
  await form("Try later", "Put off", () => [field("Not before", when, "At most 30 days from now. When the time of the message is up it is given up as usual.")],
    () => work(String(new Date(when.value).getTime() / 1000)));
  return null;
}

function protection(): Promise<Protection | null> {
  return dialog<Protection>("Require TLS", (close) => [
    h("p", null, "For all recipients of the message, from the next attempt on. What is being sent at this moment stays as it is."),
    h("div", { class: "choices apart" }, ...(Object.keys(PROTECTION) as Protection[]).map((name) =>
      h("button", { type: "button", onclick: () => close(name) }, h("span", null, h("strong", null, PROTECTION[name]), `: ${MEANING[name]}`))))]);
}

async function way(): Promise<string | null> {
  const names = await admin.transports();
  return dialog<string>("Other way", (close) => [h("div", { class: "choices apart" },
    ...["", "direct", ...names].map((name) => h("button", { type: "button", onclick: () => close(name) }, { "": "by the routes, as usual", direct: "direct, without a transport" }[name] ?? name)))]);
}
