// The list of messages: only the rows in sight are in the page, however long the list is.
import type { Summary } from "../api";
import { complain, fill, h, icon, type Child } from "../dom";
import { everyone, shortDate } from "../format";
import { Rows } from "./rows";

/** What is carried when messages are dragged to a mailbox: their ids as JSON. */
export const DRAGGED = "application/x-pillarbox-messages";

const ROW = 68;
const MARGIN = 8;

export interface ListHandlers {
  open(message: Summary): void;
  selected(count: number): void;
  flag(message: Summary): void;
}

export class List {
  readonly element: HTMLElement;
  rows: Rows | null = null;
  readonly selection = new Set<number>();
  /** People of the other side: in Sent and Drafts those that were written to. */
  showRecipients = false;
  current: number | null = null;
  private anchor = -1;
  private readonly space = h("div", { class: "space", role: "rowgroup" });
  private readonly empty = h("div", { class: "empty" });
  private drawing = 0;

  constructor(private readonly handlers: ListHandlers) {
    this.element = h("div", { class: "list", tabIndex: 0, role: "grid", "aria-label": "Messages", "aria-multiselectable": "true" }, this.space);
    this.element.addEventListener("scroll", () => this.draw());
    new ResizeObserver(() => this.draw()).observe(this.element);
  }

  /** Show other rows, from the top. */
  show(rows: Rows, empty: Child[]): void {
    this.rows = rows;
    this.selection.clear();
    this.anchor = -1;
    this.element.scrollTop = 0;
    fill(this.empty, ...empty);
    this.draw();
    this.handlers.selected(0);
  }

  /** Draw what is in sight, now or with the next frame. */
  draw(): void {
    if (this.drawing) return;
    this.drawing = requestAnimationFrame(() => {
      this.drawing = 0;
      this.paint();
    });
  }

  /** The messages an action is about: those selected, else the one that is open. */
  chosen(): number[] {
    if (this.selection.size) return [...this.selection];
    return this.current === null ? [] : [this.current];
  }

  /** Select the open message, or do not. */
  toggleCurrent(): void {
    const at = this.current === null ? -1 : this.rows?.find(this.current) ?? -1;
    if (at >= 0) this.toggle(at, this.current!, false);
  }

  /** Forget a selection. */
  clear(): void {
    this.selection.clear();
    this.handlers.selected(0);
    this.draw();
  }

  /** Select all rows that are known. */
  selectAll(): void {
    for (const row of this.rows?.rows ?? []) if (row) this.selection.add(row.id);
    this.handlers.selected(this.selection.size);
    this.draw();
  }

  /** The message that follows (or comes before) the open one. */
  neighbour(step: number): Summary | null {
    const rows = this.rows?.rows ?? [];
    const at = this.current === null ? -1 : rows.findIndex((row) => row?.id === this.current);
    const next = at < 0 ? (step > 0 ? 0 : -1) : at + step;
    return rows[next] ?? null;
  }

  /** Scroll so that the open message is in sight. */
  reveal(): void {
    const at = this.current === null ? -1 : this.rows?.find(this.current) ?? -1;
    if (at < 0) return;
    const top = at * ROW;
    if (top < this.element.scrollTop) this.element.scrollTop = top;
    else if (top + ROW > this.element.scrollTop + this.element.clientHeight) this.element.scrollTop = top + ROW - this.element.clientHeight;
  }

  private paint(): void {
    const rows = this.rows;
    if (!rows) return;
    this.space.style.height = `${rows.length * ROW}px`;
    this.element.hidden = rows.length === 0;
    if (rows.length) this.empty.remove();
    else this.element.after(this.empty);
    const from = Math.max(0, Math.floor(this.element.scrollTop / ROW) - MARGIN);
    const to = Math.min(rows.length, Math.ceil((this.element.scrollTop + this.element.clientHeight) / ROW) + MARGIN);
    this.element.setAttribute("aria-rowcount", String(rows.isMailbox ? rows.length : -1));
    const focused = this.space.contains(document.activeElement);
    const drawn: Node[] = [];
    for (let at = from; at < to; at += 1) drawn.push(this.row(at, rows.rows[at]));
    fill(this.space, ...drawn);
    const open = this.current === null ? null : this.space.querySelector(".open");
    if (open) this.element.setAttribute("aria-activedescendant", open.id);
    else this.element.removeAttribute("aria-activedescendant");
    // What was clicked was in a row that is drawn anew: keys go on from the list.
    if (focused) this.element.focus({ preventScroll: true });
    rows.need(from, to).then((more) => more && this.draw(), complain);
  }

  private row(at: number, message: Summary | undefined): HTMLElement {
    const line = h("div", { class: "row", role: "row", "aria-rowindex": at + 1 });
    line.style.top = `${at * ROW}px`;
    if (!message) {
      line.classList.add("unknown");
      return line;
    }
    const has = (flag: string): boolean => message.flags.includes(flag);
    line.classList.toggle("unread", !has("\\Seen"));
    line.classList.toggle("open", message.id === this.current);
    line.classList.toggle("selected", this.selection.has(message.id));
    line.setAttribute("aria-selected", String(this.selection.has(message.id)));
    line.id = `row${message.id}`;
    // Not among the stops of Tab: that would be fifty of them; x and s do the same.
    const check = h("input", { type: "checkbox", tabIndex: -1, checked: this.selection.has(message.id), "aria-label": "Select" });
    check.addEventListener("click", (event) => {
      event.stopPropagation();
      this.toggle(at, message.id, event.shiftKey);
    });
    const flag = h("button", {
      type: "button", tabIndex: -1, class: has("\\Flagged") ? "star on" : "star", "aria-label": has("\\Flagged") ? "Remove flag" : "Flag",
      onclick: (event: Event) => { event.stopPropagation(); this.handlers.flag(message); },
    }, icon("flag"));
    const cell = (...content: Child[]): HTMLElement => h("div", { role: "gridcell" }, ...content);
    line.append(cell(check), h("div", { class: "words", role: "gridcell" },
      h("div", { class: "first" },
        !has("\\Seen") && h("span", { class: "spoken" }, "Unread, "),
        h("span", { class: "people", dir: "auto" }, (this.showRecipients ? everyone(message.to) : everyone(message.from)) || "(nobody)"),
        has("\\Answered") && icon("reply"), has("$Forwarded") && icon("forward"), message.attachments > 0 && icon("clip"),
        h("time", { title: new Date(message.received * 1000).toLocaleString() }, shortDate(message.received))),
      h("div", { class: "second" }, h("span", { class: "subject", dir: "auto" }, message.subject || "(no subject)"),
        ...message.keywords.map((keyword) => h("span", { class: "tag" }, keyword))),
      h("div", { class: "third", dir: "auto" }, message.preview)), cell(flag));
    line.draggable = true;
    line.addEventListener("dragstart", (event) => {
      const ids = this.selection.has(message.id) ? [...this.selection] : [message.id];
      event.dataTransfer?.setData(DRAGGED, JSON.stringify(ids));
    });
    line.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) this.toggle(at, message.id, event.shiftKey);
      else this.handlers.open(message);
    });
    return line;
  }

  private toggle(at: number, id: number, range: boolean): void {
    if (range && this.anchor >= 0) {
      const [from, to] = [Math.min(this.anchor, at), Math.max(this.anchor, at)];
      for (const row of this.rows?.rows.slice(from, to + 1) ?? []) if (row) this.selection.add(row.id);
    } else if (!this.selection.delete(id)) {
      this.selection.add(id);
    }
    this.anchor = at;
    this.handlers.selected(this.selection.size);
    this.draw();
  }
}
