// What is known of a list of messages: some of its rows, in order, newest first.
//
// A mailbox has a known length and is read piece by piece wherever the reader looks; the
// result of a search, or a list of conversations, has an unknown one and grows at its end.
import { webmail, type Change, type Cursor, type Page, type Summary } from "../api";
import type { Order, Threading } from "./display";

const PIECE = 100;
/** Conversations of one piece that are opened by themselves because something in them is unread. */
const OPENED = 20;

export type Source = { mailbox: number } | { query: string; mailbox: number | null };

/** How a mailbox is listed; a search is always newest first, each message by itself. */
export interface Manner {
  order: Order;
  threads: Threading;
}

/** A conversation of the list: how many messages it has here, and how many of them are unread. */
export interface Head {
  total: number;
  unread: number;
}

export class Rows {
  /** Known rows by place; holes are not read yet. */
  rows: (Summary | undefined)[] = [];
  private pending = new Map<number, Promise<void>>();
  private cursor: Cursor | null = null;
  private ended = false;
  private generation = 0;

  /** Conversations by thread, where the list is one of those; and those whose messages are shown. */
  readonly heads = new Map<number, Head>();
  readonly opened = new Set<number>();
  /** Messages below the newest of their conversation. */
  readonly inner = new Set<number>();

  constructor(readonly source: Source, readonly manner: Manner = { order: "newest", threads: "off" }) {}

  /** Whether each row is a conversation. */
  get threaded(): boolean {
    return this.isMailbox && this.manner.threads !== "off" && this.manner.order === "newest";
  }

  /** Whether the list has a known length. */
  private get counted(): boolean {
    return this.isMailbox && !this.threaded;
  }

  /** Whether these are the messages of one mailbox. */
  get isMailbox(): boolean {
    return !("query" in this.source);
  }

  get length(): number {
    return this.rows.length;
  }

  /** Read the first piece. */
  async open(): Promise<Page> {
    const generation = this.generation += 1;
    this.pending.clear();
    const page = await this.fetch(0, null);
    if (generation !== this.generation) return page;
    this.rows = [...page.messages];
    this.inner.clear();
    this.cursor = page.next;
    this.ended = page.next === null;
    if (this.threaded) await this.openAgain(page.messages);
    if (this.counted) this.rows.length = Math.max(page.total, page.messages.length);
    return page;
  }

  /** Read what is missing between two places; true if something new is there. */
  async need(from: number, to: number): Promise<boolean> {
    if (!this.counted) return this.grow(to);
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

  /** Show the messages of a conversation, or its newest only. */
  async toggle(thread: number): Promise<void> {
    if (this.opened.delete(thread)) {
      this.rows = this.rows.filter((row) => !row || row.thread_id !== thread || !this.inner.delete(row.id));
      return;
    }
    this.opened.add(thread);
    await this.unfold(thread);
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
      if (change.message.mailbox_id !== here) return true;
      if (this.isMailbox && this.manner.order !== "newest") return false;
      if (this.threaded) this.join(change.message);
      else this.insert(change.message);
    } else if (change.type === "message_removed") {
      if (this.threaded && change.mailbox_id === here) return this.part(change.message_id);
      return (change.mailbox_id !== here && here !== null) || this.remove(change.message_id);
    } else if (change.type === "message_flags" || change.type === "message_thread") {
      const row = this.rows[this.find(change.message_id)];
      if (this.threaded && change.type === "message_thread") return false;
      if (this.threaded && change.type === "message_flags" && change.mailbox_id === here) {
        if (!row) return false;
        const head = this.heads.get(row.thread_id);
        if (head) head.unread += Number(row.flags.includes("\\Seen")) - Number(change.flags.includes("\\Seen"));
      }
      if (row && change.type === "message_flags") Object.assign(row, { flags: change.flags, keywords: change.keywords });
      else if (row && change.type === "message_thread") row.thread_id = change.thread_id;
    }
    return true;
  }

  /** A message came into a list of conversations: its own goes to its place. */
  private join(message: Summary): void {
    const head = this.heads.get(message.thread_id);
    const at = this.rows.findIndex((row) => row?.thread_id === message.thread_id);
    const unread = Number(!message.flags.includes("\\Seen"));
    if (!head || at < 0) {
      this.heads.set(message.thread_id, { total: 1, unread });
      this.insert(message);
      return;
    }
    if (this.find(message.id) >= 0) return;
    head.total += 1;
    head.unread += unread;
    const newest = this.rows[at]!;
    if (!after(message, newest)) {
      if (this.opened.has(message.thread_id)) this.tuck(at, [message]);
      return;
    }
    const others = this.rows.filter((row) => row?.thread_id === message.thread_id) as Summary[];
    this.rows = this.rows.filter((row) => row?.thread_id !== message.thread_id);
    for (const other of others) this.inner.delete(other.id);
    this.insert(message);
    if (this.opened.has(message.thread_id)) this.tuck(this.find(message.id), others);
  }

  /** A message left a list of conversations; false if what is the newest of its own now is not known. */
  private part(id: number): boolean {
    const at = this.find(id);
    if (at < 0) return false;
    const row = this.rows[at]!;
    const head = this.heads.get(row.thread_id);
    const inner = this.inner.delete(id);
    if (head) {
      head.total -= 1;
      head.unread -= Number(!row.flags.includes("\\Seen"));
    }
    this.rows.splice(at, 1);
    if (inner || !head || head.total <= 0) return true;
    return false;
  }

  private tuck(at: number, messages: Summary[]): void {
    const newest = [...messages].sort((one, other) => (after(one, other) ? -1 : 1));
    for (const one of newest) this.inner.add(one.id);
    this.rows.splice(at + 1, 0, ...newest);
  }

  private async unfold(thread: number): Promise<void> {
    const generation = this.generation;
    const here = "query" in this.source ? null : this.source.mailbox;
    const messages = await webmail.thread({ thread_id: thread });
    const at = this.rows.findIndex((row) => row?.thread_id === thread && !this.inner.has(row.id));
    if (generation !== this.generation || at < 0 || !this.opened.has(thread)) return;
    this.rows = this.rows.filter((row) => !row || row.thread_id !== thread || !this.inner.delete(row.id));
    const place = this.rows.findIndex((row) => row?.thread_id === thread);
    this.tuck(place, messages.filter((one) => one.mailbox_id === here && one.id !== this.rows[place]!.id));
  }

  /** Open the conversations that were, and, if the reader wants that, those with something unread. */
  private async openAgain(messages: Summary[]): Promise<void> {
    let left = OPENED;
    const wanted = messages.filter((one) => {
      const head = this.heads.get(one.thread_id);
      return head && head.total > 1 && (this.opened.has(one.thread_id) || (this.manner.threads === "unread" && head.unread > 0)) && left-- > 0;
    });
    for (const one of wanted) this.opened.add(one.thread_id);
    await Promise.all(wanted.map((one) => this.unfold(one.thread_id)));
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
    const more = this.fetch(0, this.cursor).then(async (page) => {
      if (generation !== this.generation) return;
      this.rows.push(...page.messages);
      this.cursor = page.next;
      this.ended = page.next === null;
      if (this.threaded) await this.openAgain(page.messages);
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
    const { mailbox } = this.source;
    if (this.threaded) return this.conversations(mailbox, before);
    const { order } = this.manner;
    return order === "newest" ? webmail.page({ mailbox_id: mailbox, skip, limit: PIECE }) : webmail.sorted_page({ mailbox_id: mailbox, order, skip, limit: PIECE });
  }

  private async conversations(mailbox: number, before: Cursor | null): Promise<Page> {
    if (before === null) this.heads.clear();
    for (;;) {
      const { conversations, next, modseq } = await webmail.conversations({ mailbox_id: mailbox, before, limit: PIECE });
      for (const one of conversations) this.heads.set(one.latest.thread_id, { total: one.total, unread: one.unread });
      if (conversations.length || next === null) return { messages: conversations.map((one) => one.latest), total: -1, next, modseq };
      before = next;
    }
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
