// What waits for other servers, and what can be done about it.
import { admin, type QueueLine } from "../api";
import { attempt, dialog, field, fill, h, notice, sure } from "../dom";
import { duration, exactDate, size } from "../format";
import { table } from "./table";

const EVERY = 10_000;

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
  const act = (what: (ids: number[]) => Promise<number>, said: string): void => {
    if (!chosen.size) return notice("Choose something first.");
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
      h("button", { type: "button", class: "button", onclick: () => void way().then((transport) => { if (transport !== null) act((ids) => admin.queue_transport({ ids, transport }), "rerouted."); }) }, "Other way…"),
      h("button", { type: "button", class: "button danger", onclick: () => void sure(`${chosen.size} recipients will never get the message, and nobody is told.`, "Drop").then((yes) => { if (yes) act((ids) => admin.queue_drop({ ids }), "dropped."); }) }, "Drop…")),
    found);
  await draw();
  const timer = setInterval(() => { if (!document.hidden && known.size <= 200) void attempt(() => draw()); }, EVERY);
  return () => clearInterval(timer);
}

function rows(lines: QueueLine[], chosen: Set<number>): HTMLElement {
  const now = Date.now() / 1000;
  return table(["", "Message", "To", "Waits", "Next try", "Last answer", "Trace"], lines.map((line) => [
    h("input", { type: "checkbox", checked: chosen.has(line.id), "aria-label": `Choose ${line.recipient}`, onchange: () => { if (!chosen.delete(line.id)) chosen.add(line.id); } }),
    h("div", null, h("div", null, line.subject || "(no subject)"), h("small", null, `${line.sender || "(null sender)"}, ${size(line.size)}${line.kind === "mail" ? "" : `, ${line.kind}`}`)),
    h("div", null, h("div", null, line.recipient), h("small", null, line.transport ? `by ${line.transport}` : line.next_hop)),
    h("span", { title: exactDate(line.created) }, duration(now - line.created)),
    line.held ? h("strong", null, "held") : h("span", { title: exactDate(line.due) }, line.due <= now ? "now" : `in ${duration(line.due - now)}`, h("small", null, ` after ${line.attempts}`)),
    h("div", { class: "answer" }, line.last || "-", line.last_host && h("small", null, ` ${line.last_host}`)),
    h("a", { href: `#steps/${encodeURIComponent(line.trace)}` }, line.trace)]), "Nothing waits.");
}

async function way(): Promise<string | null> {
  const names = await admin.transports();
  return dialog<string>("Other way", (close) => [h("div", { class: "choices" },
    ...["", ...names].map((name) => h("button", { type: "button", onclick: () => close(name) }, name || "the usual way")))]);
}
