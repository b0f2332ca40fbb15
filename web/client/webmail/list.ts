// The list of messages: only the rows in sight are in the page, however long the list is.
import type { Summary } from "../api";
import { complain, fill, h, icon, type Child } from "../dom";
import { fullDate, longDate, shortDate, size } from "../format";
import { people as named, shown } from "../shown";
import { t } from "../words/reading";
import { s } from "../words/shared";
import type { Display } from "./display";
import { Finger } from "./finger";
import { tags } from "./labels";
import { Rows } from "./rows";

/** What is carried when messages are dragged to a mailbox: their ids as JSON. */
export const DRAGGED = "application/x-pillarbox-messages";

/** Pixels of a row: with several lines, or one where there is room for columns. */
const ROW_LINES = 68;
const LINE = 36;
/** Pixels of a list from which on its rows have one line. */
const WIDE = 720;
const MARGIN = 8;
/** Milliseconds without moving on after which rows far away are asked for. */
const SETTLED = 90;

interface Drawn {
  line: HTMLElement;
  says: string;
}

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
  private readonly empty = h("div", { class: "empty", role: "group", "aria-label": t.messages, tabIndex: -1 });
  private drawing = 0;
  private height = ROW_LINES;
  private readonly finger = new Finger();
  private lines = new Map<number, Drawn>();
  private seen = 0;
  /** Whether only the rows in sight were drawn. */
  private partly = false;
  private asking = 0;

  constructor(private readonly handlers: ListHandlers, private readonly display: Display) {
    this.element = h("div", { class: "list", tabIndex: 0, role: "grid", "aria-label": t.messages, "aria-multiselectable": "true" }, this.space);
    this.element.addEventListener("scroll", () => this.draw());
    new ResizeObserver(() => this.draw()).observe(this.element);
  }

  /** Have the keyboard; an empty list leaves it to what says so. */
  take(): void {
    this.paint();
    this.focus();
  }

  private focus(): void {
    (this.rows && !this.rows.length ? this.empty : this.element).focus({ preventScroll: true });
  }

  /** The row of the open message. */
  get open(): Summary | undefined {
    return this.current === null ? undefined : this.rows?.get(this.current);
  }

  /** The places of the rows in sight, and of some before and after them. */
  get range(): [number, number] {
    return this.sight(MARGIN);
  }

  private sight(margin: number): [number, number] {
    const { scrollTop, clientHeight } = this.element;
    return [Math.max(0, Math.floor(scrollTop / this.height) - margin), Math.min(this.rows?.length ?? 0, Math.ceil((scrollTop + clientHeight) / this.height) + margin)];
  }

  /** Rows that fit the list. */
  get fitting(): number {
    return Math.max(1, Math.floor(this.element.clientHeight / this.height) - 1);
  }

  /** Show other rows, from the top. */
  show(rows: Rows, empty: Child[]): void {
    this.rows = rows;
    this.selection.clear();
    this.anchor = -1;
    this.partly = false;    // what was asked for then was of other rows
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
    for (const row of this.rows?.read ?? []) this.selection.add(row.id);
    this.handlers.selected(this.selection.size);
    this.draw();
  }

  /** Select from where selecting began to a message, which becomes the open one. */
  extend(message: Summary): void {
    const at = this.rows?.find(message.id) ?? -1;
    const open = this.current === null ? -1 : this.rows?.find(this.current) ?? -1;
    if (this.anchor < 0 || !this.selection.size) this.anchor = open;
    if (at < 0) return;
    this.selection.clear();
    this.toggle(at, message.id, true, false);
  }

  /** Select the conversation of the open message, as far as it is in the list. */
  selectThread(): void {
    const { open } = this;
    for (const row of this.rows?.read ?? []) if (open && row.thread_id === open.thread_id) this.selection.add(row.id);
    this.handlers.selected(this.selection.size);
    this.draw();
  }

  /** Show the messages of a conversation, or its newest only. */
  twist(thread: number): void {
    this.rows?.toggle(thread).then(() => this.draw(), complain);
  }

  /** The next message (or the one before) that nobody has read. */
  unread(step: number): Summary | null {
    const rows = this.rows?.rows ?? [];
    for (let at = (this.current === null ? -1 : this.rows!.find(this.current)) + step; at >= 0 && at < rows.length; at += step) {
      if (rows[at] && !rows[at]!.flags.includes("\\Seen")) return rows[at]!;
    }
    return null;
  }

  /** The message that follows (or comes before) the open one. */
  neighbour(step: number): Summary | null {
    const rows = this.rows?.rows ?? [];
    const at = this.current === null ? -1 : this.rows!.find(this.current);
    const next = at < 0 ? (step > 0 ? 0 : -1) : at + step;
    return rows[next] ?? null;
  }

  /** The message so many rows further on, or the first or last one; read, if it is not known yet. */
  async far(step: number): Promise<Summary | null> {
    const { rows } = this;
    if (!rows?.length) return null;
    const at = this.current === null ? 0 : Math.max(0, rows.find(this.current));
    const wanted = Math.max(0, Math.min(rows.length - 1, at + step));
    this.element.scrollTop = wanted * this.height;
    if (!rows.rows[wanted]) await rows.need(wanted, wanted);
    return rows.rows[wanted] ?? null;
  }

  /** Scroll so that the open message is in sight. */
  reveal(): void {
    const at = this.current === null ? -1 : this.rows?.find(this.current) ?? -1;
    if (at < 0) return;
    const top = at * this.height;
    const ROW = this.height;
    if (top < this.element.scrollTop) this.element.scrollTop = top;
    else if (top + ROW > this.element.scrollTop + this.element.clientHeight) this.element.scrollTop = top + ROW - this.element.clientHeight;
  }

  private paint(): void {
    const rows = this.rows;
    if (!rows) return;
    const wide = this.element.clientWidth >= WIDE;
    const columns = this.display.choices.columns;
    const ROW = this.height = wide ? LINE : columns.includes("preview") ? ROW_LINES : ROW_LINES - 18;
    this.element.classList.toggle("wide", wide);
    this.space.style.height = `${rows.length * ROW}px`;
    const had = [this.element, this.empty].some((one) => one.contains(document.activeElement));
    this.element.hidden = rows.length === 0;
    if (rows.length) this.empty.remove();
    else if (!this.empty.isConnected) this.element.after(this.empty);
    if (had) this.focus();
    const [from, to] = this.range;
    const far = Math.abs(from - this.seen) > to - from, rest = this.partly && from === this.seen;
    this.seen = from;
    this.partly = far;
    // So many new rows take a slow machine longer than a frame has: those out of sight come with the next one.
    const [first, last] = far ? this.sight(0) : [from, to];
    if (far) this.draw();
    this.element.setAttribute("aria-rowcount", String(rows.isMailbox ? rows.length : -1));
    const lines: HTMLElement[] = [];
    const kept = new Map<number, Drawn>();
    for (let at = first; at < last; at += 1) lines.push(this.drawn(at, rows.rows[at], kept));
    this.lines = kept;
    put(this.space, lines);
    const open = this.current === null ? null : this.space.querySelector(".open");
    if (open) this.element.setAttribute("aria-activedescendant", open.id);
    else this.element.removeAttribute("aria-activedescendant");
    // Who drags the bar over a hundred thousand rows wants to see those where it stops.
    if (rest) return;
    clearTimeout(this.asking);
    const ask = (): void => void rows.need(from, to).then((more) => more && this.draw(), complain);
    if (far) this.asking = window.setTimeout(ask, SETTLED);
    else ask();
  }

  /** The element of a row: what was drawn before, if it still says what is so. */
  private drawn(at: number, message: Summary | undefined, kept: Map<number, Drawn>): HTMLElement {
    const known = message && this.lines.get(message.id);
    const says = message ? this.says(message) : "";
    const line = known?.says === says ? known.line : this.row(message);
    if (message) kept.set(message.id, { line, says });
    line.setAttribute("aria-rowindex", String(at + 1));
    line.style.top = `${at * this.height}px`;
    line.style.height = `${this.height}px`;
    return line;
  }

  /** Everything that a row depends on and that may change. */
  private says(message: Summary): string {
    const { rows, display: { choices } } = this;
    const head = rows?.heads.get(message.thread_id);
    return [this.height, choices.columns, message.flags, message.keywords, message.id === this.current, this.selection.has(message.id), rows?.inner.has(message.id),
      head?.total, head?.unread, rows?.opened.has(message.thread_id), message.thread_id, this.showRecipients].join("|");
  }

  private row(message: Summary | undefined): HTMLElement {
    const line = h("div", { class: "row", role: "row" });
    if (!message) {
      line.classList.add("unknown");
      return line;
    }
    const place = (): number => this.rows?.find(message.id) ?? -1;
    const has = (flag: string): boolean => message.flags.includes(flag);
    line.classList.toggle("unread", !has("\\Seen"));
    line.classList.toggle("open", message.id === this.current);
    line.classList.toggle("selected", this.selection.has(message.id));
    line.setAttribute("aria-selected", String(this.selection.has(message.id)));
    line.id = `row${message.id}`;
    // Not among the stops of Tab: that would be fifty of them; x and s do the same.
    const check = h("input", { type: "checkbox", tabIndex: -1, checked: this.selection.has(message.id), "aria-label": t.select });
    check.addEventListener("click", (event) => {
      event.stopPropagation();
      this.toggle(place(), message.id, event.shiftKey);
    });
    const flag = h("button", {
      type: "button", tabIndex: -1, class: has("\\Flagged") ? "star on" : "star", "aria-label": has("\\Flagged") ? t.removeFlag : t.setFlag,
      onclick: (event: Event) => { event.stopPropagation(); this.handlers.flag(message); },
    }, icon("flag"));
    const cell = (...content: Child[]): HTMLElement => h("div", { role: "gridcell" }, ...content);
    const { columns } = this.display.choices;
    const wide = this.element.classList.contains("wide");
    const head = this.rows?.inner.has(message.id) ? undefined : this.rows?.heads.get(message.thread_id);
    const opened = this.rows?.opened.has(message.thread_id) ?? false;
    line.classList.toggle("inner", this.rows?.inner.has(message.id) ?? false);
    line.classList.toggle("unread", !has("\\Seen") || (!!head && !opened && head.unread > 0));
    const twist = head && head.total > 1 && h("button", {
      type: "button", tabIndex: -1, class: opened ? "twist on" : "twist", "aria-expanded": String(opened), title: t.withKey(t.conversation(head.total), "C"), "aria-label": opened ? t.collapse(head.total) : t.expand(head.total),
      onclick: (event: Event) => { event.stopPropagation(); this.twist(message.thread_id); },
    }, icon("twist"), head.total);
    const marks = [has("\\Answered") && icon("reply"), has("$Forwarded") && icon("forward"), message.attachments > 0 && icon("clip")];
    const labels = columns.includes("labels") ? tags(message.keywords, 3) : [];
    const time = h("time", { title: longDate(message.received) }, columns.includes("exact") ? fullDate(message.received) : shortDate(message.received));
    const octets = columns.includes("size") && h("span", { class: "size" }, size(message.size));
    const others = this.showRecipients ? message.to : message.from;
    const people = h("span", { class: "people", dir: "auto" }, ...(others.length ? named(others) : [t.nobody]));
    const subject = h("span", { class: "subject", dir: "auto" }, ...shown(message.subject || s.noSubject));
    const preview = columns.includes("preview") && h("span", { class: "third", dir: "auto" }, ...shown(message.preview));
    const unread = !has("\\Seen") && h("span", { class: "spoken" }, t.unread, " ");
    line.append(cell(check), wide
      ? h("div", { class: "words", role: "gridcell" }, h("div", { class: "first" }, unread, people, twist, subject, ...labels, preview, ...marks, octets, time))
      : h("div", { class: "words", role: "gridcell" },
        h("div", { class: "first" }, unread, people, ...marks, octets, time),
        h("div", { class: "second" }, twist, subject, ...labels), preview), cell(flag));
    line.draggable = true;
    line.addEventListener("dragstart", (event) => {
      const ids = this.selection.has(message.id) ? [...this.selection] : [message.id];
      event.dataTransfer?.setData(DRAGGED, JSON.stringify(ids));
    });
    line.addEventListener("pointerdown", (event) => this.finger.down(event, () => this.toggle(place(), message.id, false)));
    line.addEventListener("pointermove", (event) => this.finger.move(event));
    line.addEventListener("pointercancel", () => this.finger.lift());
    line.addEventListener("click", (event) => {
      if (this.finger.clicked()) return;
      // A finger that has begun to select goes on with it.
      if (this.selection.size && (event as PointerEvent).pointerType === "touch") this.toggle(place(), message.id, false);
      else if (event.ctrlKey || event.metaKey || event.shiftKey) this.toggle(place(), message.id, event.shiftKey);
      else this.handlers.open(message);
    });
    return line;
  }

  private toggle(at: number, id: number, range: boolean, anchor = true): void {
    if (range && this.anchor >= 0) {
      const [from, to] = [Math.min(this.anchor, at), Math.max(this.anchor, at)];
      for (const row of this.rows?.rows.slice(from, to + 1) ?? []) if (row) this.selection.add(row.id);
    } else if (!this.selection.delete(id)) {
      this.selection.add(id);
    }
    if (anchor) this.anchor = at;
    this.handlers.selected(this.selection.size);
    this.draw();
  }
}

/** Let a place hold these elements in their order, moving none that is there already. */
function put(place: HTMLElement, lines: HTMLElement[]): void {
  const wanted = new Set<Node>(lines);
  for (const old of [...place.childNodes]) if (!wanted.has(old)) old.remove();
  let next = place.firstChild;
  for (const line of lines) {
    if (line === next) next = next.nextSibling;
    else place.insertBefore(line, next);
  }
}
