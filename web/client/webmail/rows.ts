// What is known of a list of messages: some of its rows, in order, newest first.
//
// A mailbox has a known length and is read piece by piece wherever the reader looks; the
// result of a search has an unknown one and grows at its end.
import { webmail, type Change, type Cursor, type Page, type Summary } from "../api";

const PIECE = 100;

export type Source = { mailbox: number } | { query: string; mailbox: number | null };

export class Rows {
  /** Known rows by place; holes are not read yet. */
  rows: (Summary | undefined)[] = [];
  private pending = new Map<number, Promise<void>>();
  private cursor: Cursor | null = null;
  private ended = false;
  private generation = 0;

  constructor(readonly source: Source) {}

  /** Whether these are the messages of one mailbox. */
  get isMailbox(): boolean {
    return !("query" in this.source);
  }

  get length(): number {
    return this.rows.length;
  }

  /** Read the first piece. */
  async open(): Promise<Page> {
    this.generation += 1;
    this.pending.clear();
    const page = await this.fetch(0, null);
    this.rows = [...page.messages];
    this.cursor = page.next;
    this.ended = page.next === null;
    if (this.isMailbox) this.rows.length = Math.max(page.total, page.messages.length);
    return page;
  }

  /** Read what is missing between two places; true if something new is there. */
  async need(from: number, to: number): Promise<boolean> {
    if (!this.isMailbox) return this.grow(to);
    const first = Math.floor(Math.max(0, from) / PIECE);
    const last = Math.floor(Math.max(0, Math.min(to, this.length - 1)) / PIECE);
    const waits: Promise<void>[] = [];
    for (let piece = first; piece <= last; piece += 1) {
      const start = piece * PIECE;
      if (!this.hasHole(start)) continue;
      let wait = this.pending.get(start);
      if (!wait) {
        wait = this.load(start).finally(() => this.pending.delete(start));
        this.pending.set(start, wait);
      }
      waits.push(wait);
    }
    await Promise.all(waits);
    return waits.length > 0;
  }

  find(id: number): number {
    return this.rows.findIndex((row) => row?.id === id);
  }

  /** A message that came: it takes its place by time. */
  insert(message: Summary): void {
    const known = this.find(message.id);
    if (known >= 0) {
      this.rows[known] = message;
      return;
    }
    let at = 0;
    while (at < this.rows.length && this.rows[at] && after(this.rows[at]!, message)) at += 1;
    this.rows.splice(at, 0, message);
  }

  /** A message that went.  False if it was in a part that is not read: then the list has to be read again. */
  remove(id: number): boolean {
    const at = this.find(id);
    if (at >= 0) this.rows.splice(at, 1);
    return at >= 0 || !this.rows.includes(undefined);
  }

  /** What changed in the account, as far as it is about these; false if they have to be read again. */
  apply(change: Change): boolean {
    const here = "query" in this.source ? null : this.source.mailbox;
    if (change.type === "message_added") {
      if (change.message.mailbox_id === here) this.insert(change.message);
    } else if (change.type === "message_removed") {
      return (change.mailbox_id !== here && here !== null) || this.remove(change.message_id);
    } else if (change.type === "message_flags" || change.type === "message_thread") {
      const row = this.rows[this.find(change.message_id)];
      if (row && change.type === "message_flags") Object.assign(row, { flags: change.flags, keywords: change.keywords });
      else if (row && change.type === "message_thread") row.thread_id = change.thread_id;
    }
    return true;
  }

  private async load(start: number): Promise<void> {
    const generation = this.generation;
    const page = await this.fetch(start, null);
    if (generation !== this.generation) return;
    page.messages.forEach((message, offset) => { this.rows[start + offset] = message; });
    if (start + page.messages.length > this.rows.length) this.rows.length = start + page.messages.length;
  }

  private async grow(to: number): Promise<boolean> {
    if (this.ended || to < this.length - 20) return false;
    const known = this.pending.get(0);
    if (known) {
      await known;
      return false;
    }
    const generation = this.generation;
    const more = this.fetch(0, this.cursor).then((page) => {
      if (generation !== this.generation) return;
      this.rows.push(...page.messages);
      this.cursor = page.next;
      this.ended = page.next === null;
    }).finally(() => this.pending.delete(0));
    this.pending.set(0, more);
    await more;
    return true;
  }

  private hasHole(start: number): boolean {
    for (let at = start; at < Math.min(start + PIECE, this.length); at += 1) if (!this.rows[at]) return true;
    return false;
  }

  private fetch(skip: number, before: Cursor | null): Promise<Page> {
    if ("query" in this.source) return this.search(this.source.query, this.source.mailbox, before);
    return webmail.page({ mailbox_id: this.source.mailbox, skip, limit: PIECE });
  }

  /** One search looks at so many messages and no more: what it found may be nothing, and yet not be the end. */
  private async search(query: string, mailbox_id: number | null, before: Cursor | null): Promise<Page> {
    const generation = this.generation;
    for (;;) {
      const page = await webmail.search({ query, mailbox_id, before, limit: PIECE });
      if (page.messages.length || page.next === null || generation !== this.generation) return page;
      before = page.next;
    }
  }
}

function after(one: Summary, other: Summary): boolean {
  return one.received > other.received || (one.received === other.received && one.id > other.id);
}
