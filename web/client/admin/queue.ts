// What waits for other servers, and what can be done about it.
import { admin, type QueueLine } from "../api";
import { attempt, dialog, field, fill, h, notice } from "../dom";
import { duration, exactDate, size } from "../format";
import { table } from "../table";
import { meaning } from "./destinations";
import { steps } from "./trace";

type Protection = QueueLine["tls"];

const EVERY = 10_000;
const PROTECTION: Record<Protection, string> = { default: "TLS as usual", required: "TLS required", "not-required": "TLS not required" };
const MEANING: Record<Protection, string> = {
  default: "as the recipient's domain asks, else encrypted if that can be had",
  required: "over verified TLS only, to a server that promises the same (REQUIRETLS)",
  "not-required": "by all means, unprotected if need be (TLS-Required: No)",
};

export async function queue(main: HTMLElement): Promise<() => void> {
  const chosen = new Set<number>();
  const search = h("input", { type: "search", placeholder: "sender or recipient" });
  const held = h("select", null, ...[["", "all"], ["0", "waiting"], ["1", "held"]].map(([value, name]) => h("option", { value }, name)));
  const found = h("div", null);
  const known = new Map<number, QueueLine>();
  const draw = async (before: number | null = null): Promise<void> => {
    const lines = await admin.queue({ search: search.value.trim(), held: held.value === "" ? null : held.value === "1", before, limit: 200 });
    if (before === null) known.clear();
    for (const line of lines) known.set(line.id, line);
    for (const id of chosen) if (!known.has(id)) chosen.delete(id);
    fill(found, rows([...known.values()], chosen), lines.length === 200 && h("button", { type: "button", class: "button", onclick: () => void attempt(() => draw(Math.min(...known.keys()))) }, "More"));
  };
  const some = (): boolean => {
    if (!chosen.size) notice("Choose something first.");
    return chosen.size > 0;
  };
  const act = (what: (ids: number[]) => Promise<number>, said: string): void => {
    if (!some()) return;
    void attempt(async () => {
      const count = await what([...chosen]);
      notice(`${count} ${said}`);
      chosen.clear();
      await draw();
    });
  };
  const does = (label: string, what: (ids: number[]) => Promise<number>, said: string): HTMLElement =>
    h("button", { type: "button", class: "button", onclick: () => act(what, said) }, label);
  fill(main, h("h1", null, "Queue"),
    h("form", { class: "filters", onsubmit: (event: Event) => { event.preventDefault(); void attempt(() => draw()); } },
      field("Search", search), field("Show", held), h("button", { class: "button" }, "Search")),
    h("div", { class: "actions" }, h("button", { type: "button", class: "link", onclick: () => { for (const id of known.keys()) chosen.add(id); void attempt(() => draw()); } }, "Choose all"),
      does("Try now", (ids) => admin.queue_retry({ ids }), "will be tried now."), does("Hold", (ids) => admin.queue_hold({ ids }), "held."),
      does("Release", (ids) => admin.queue_release({ ids }), "released."),
      h("button", { type: "button", class: "button", onclick: () => some() && void way().then((transport) => { if (transport !== null) act((ids) => admin.queue_transport({ ids, transport }), "rerouted."); }) }, "Other way…"),
      h("button", { type: "button", class: "button", onclick: () => some() && void protection().then((tls) => { if (tls !== null) act((ids) => admin.queue_tls({ ids, tls }), "messages changed."); }) }, "Require TLS…"),
      h("button", { type: "button", class: "button danger", onclick: () => some() && void drop(chosen.size).then((tell) => { if (tell !== null) act((ids) => admin.queue_drop({ ids, tell }), "dropped."); }) }, "Drop…")),
    found);
  await draw();
  const timer = setInterval(() => { if (!document.hidden && known.size <= 200 && getSelection()?.isCollapsed !== false) void attempt(() => draw()); }, EVERY);
  return () => clearInterval(timer);
}

function rows(lines: QueueLine[], chosen: Set<number>): HTMLElement {
  const now = Date.now() / 1000;
  return table(["", "Message", "To", "Waits", "Next try", "Last answer", "Trace"], lines.map((line) => [
    h("input", { type: "checkbox", checked: chosen.has(line.id), "aria-label": `Choose ${line.recipient}`, onchange: () => { if (!chosen.delete(line.id)) chosen.add(line.id); } }),
    h("div", null, h("a", { href: `#queued/${line.id}`, dir: "auto" }, line.subject || "(no subject)"), h("small", null, `${line.sender || "(null sender)"}, ${size(line.size)}${line.kind === "mail" ? "" : `, ${line.kind}`}${line.tls === "default" ? "" : `, ${PROTECTION[line.tls]}`}`)),
    h("div", null, h("div", null, line.recipient), h("small", null, line.transport ? `by ${line.transport}` : line.next_hop)),
    h("span", { title: exactDate(line.created) }, duration(now - line.created)),
    line.held ? h("strong", null, "held") : h("span", { title: exactDate(line.due) }, line.due <= now ? "now" : `in ${duration(line.due - now)}`, h("small", null, ` after ${line.attempts}`)),
    h("div", { class: "answer" }, line.cause && h("strong", null, line.cause, ": "), line.last || "-", line.last_host && h("small", null, ` ${line.last_host}`)),
    h("a", { href: `#steps/${encodeURIComponent(line.trace)}` }, line.trace)]), "Nothing waits.");
}

/** One recipient: what its last failure means, what one can do, and what happened so far. */
export async function oneQueued(main: HTMLElement, id: string): Promise<void> {
  const story = await admin.queue_show({ id: Number(id) });
  const { line } = story;
  const fact = (name: string, value: string | number): HTMLElement[] => (value === "" ? [] : [h("dt", null, name), h("dd", null, value)]);
  const does = (label: string, what: (ids: number[]) => Promise<number>, kind = ""): HTMLElement => h("button", {
    type: "button", class: `button ${kind}`, onclick: () => void attempt(async () => { await what([line.id]); await oneQueued(main, id); }),
  }, label);
  fill(main, h("p", null, h("a", { href: "#queue" }, "Queue")), h("h1", { dir: "auto" }, line.subject || "(no subject)"),
    story.meaning && meaning(story.meaning),
    h("div", { class: "actions" }, does("Try now", (ids) => admin.queue_retry({ ids })),
      line.held ? does("Release", (ids) => admin.queue_release({ ids })) : does("Hold", (ids) => admin.queue_hold({ ids })),
      h("button", { type: "button", class: "button", onclick: () => void protection().then((tls) => tls === null || attempt(async () => {
        await admin.queue_tls({ ids: [line.id], tls });
        await oneQueued(main, id);
      })) }, "Require TLS…"),
      h("button", { type: "button", class: "button danger", onclick: () => void drop(1).then((tell) => tell === null || attempt(async () => {
        await admin.queue_drop({ ids: [line.id], tell });
        location.hash = "#queue";
      })) }, "Drop…")),
    h("dl", null, ...fact("From", line.sender || "(null sender)"), ...fact("To", line.recipient), ...fact("By", line.transport || line.next_hop),
      ...fact("Protection", PROTECTION[line.tls]), ...fact("Size", size(line.size)), ...fact("Since", exactDate(line.created)), ...fact("Attempts", line.attempts),
      ...fact("Next try", line.held ? "held" : exactDate(line.due)), ...fact("Last answer", `${line.last} ${line.last_host}`.trim()),
      ...fact("Message-ID", line.message_id)),
    steps(story.steps));
}

/** Whether to tell the senders of what is dropped; null if it is not to be dropped after all. */
function drop(count: number): Promise<boolean | null> {
  return dialog<boolean>("Are you sure?", (close) => [
    h("p", null, `${count === 1 ? "One recipient" : `${count} recipients`} will never get the message.`),
    h("footer", null, h("button", { type: "button", class: "button", onclick: () => close(null) }, "Cancel"),
      h("button", { type: "button", class: "button danger", onclick: () => close(false) }, "Drop, tell nobody"),
      h("button", { type: "button", class: "button danger", onclick: () => close(true) }, "Drop and tell the sender"))]);
}

function protection(): Promise<Protection | null> {
  return dialog<Protection>("Require TLS", (close) => [
    h("p", null, "For all recipients of the message, from the next attempt on. What is being sent at this moment stays as it is."),
    h("div", { class: "choices" }, ...(Object.keys(PROTECTION) as Protection[]).map((name) =>
      h("button", { type: "button", onclick: () => close(name) }, `${PROTECTION[name]}: ${MEANING[name]}`)))]);
}

async function way(): Promise<string | null> {
  const names = await admin.transports();
  return dialog<string>("Other way", (close) => [h("div", { class: "choices" },
    ...["", "direct", ...names].map((name) => h("button", { type: "button", onclick: () => close(name) }, { "": "by the routes, as usual", direct: "direct, without a transport" }[name] ?? name)))]);
}
