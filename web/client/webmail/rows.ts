// What is known of a list of messages: some of its rows, in order, newest first.
//
// A mailbox has a known length and is read piece by piece wherever the reader looks; what is far
// from there is forgotten again.  The result of a search, or a list of conversations, has an
// unknown length and grows at its end.
//
// Rows stand at a modification sequence.  Changes up to it are in them already and are passed over;
// a piece that shows another state than theirs is asked for again, so that places always fit together.
import { webmail, type Change, type Cursor, type Page, type Summary } from "../api";
import type { Order, Threading } from "./display";

const PIECE = 100;
/** As many rows as one answer has. */
const MOST = 200;
/** Rows of a mailbox that are kept, and those around the reader that stay when there are more. */
const KEPT = 2_000;
const AROUND = 500;
/** Milliseconds that a piece waits for the changes that it shows already. */
const BEHIND = 500;
/** How often a piece is asked for that changes overtake. */
const TRIES = 4;
/** Conversations of one piece that are opened by themselves because something in them is unread. */
const OPENED = 20;
/** Conversations that stay open when the list is read again. */
const OPENED_AGAIN = 100;

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
  /** Rows by place; those that are undefined are not read yet, or forgotten. */
  rows: (Summary | undefined)[] = [];
  private known = new Map<number, Summary>();
  private pending = new Map<number, Promise<void>>();
  private cursor: Cursor | null = null;
  private ended = false;
  private generation = 0;
  /** The state that the rows show, how far changes have been told, and the last one that was about the rows. */
  private modseq = 0;
  private told = 0;
  private touched = 0;
  private waiting: (() => void)[] = [];
  /** Something changed that can only be seen by reading the rows again. */
  stale = false;
  /** Of each time that the rows are being read: what changed since they were asked for. */
  private readonly missed = new Set<Change[]>();

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

  /** How many rows are read. */
  get count(): number {
    return this.known.size;
  }

  /** The rows that are read, in order. */
  get read(): Summary[] {
    return this.rows.filter((row): row is Summary => !!row);
  }

  /** Read what is between two places, again if it was read; of a list that grows all that was known.  False as apply(). */
  async open(from = 0, to = 0): Promise<boolean> {
    const generation = this.generation += 1;
    this.pending.clear();
    const missed: Change[] = [];
    this.missed.add(missed);
    let show: () => boolean;
    try {
      show = this.counted ? await this.askPiece(from, to) : await this.askWhole();
    } finally {
      this.missed.delete(missed);
    }
    if (generation !== this.generation) return !this.stale;
    // Nothing may come between these: what is told next is about rows that have had all before it.
    const steady = show();
    this.stale = missed.map((change) => this.take(change)).includes(false) || !steady;
    this.reached(this.told);
    if (this.threaded) await this.openAgain(this.read);
    return !this.stale;
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
    if (this.count > KEPT) this.forget(from, to);
    return waits.length > 0;
  }

  find(id: number): number {
    const row = this.known.get(id);
    return row ? this.rows.indexOf(row) : -1;
  }

  /** A message that is in the list and read. */
  get(id: number): Summary | undefined {
    return this.known.get(id);
  }

  /** The account's changes up to here have been told. */
  reached(modseq: number): void {
    this.told = Math.max(this.told, modseq);
    this.modseq = Math.max(this.modseq, this.told);
    for (const go of this.waiting.splice(0)) go();
  }

  /** Show the messages of a conversation, or its newest only. */
  async toggle(thread: number): Promise<void> {
    if (this.opened.delete(thread)) this.fold(thread);
    else {
      this.opened.add(thread);
      await this.unfold(thread);
    }
  }

  /** What changed in the account, as far as it is about these; false if they have to be read again. */
  apply(change: Change): boolean {
    for (const missed of this.missed) missed.push(change);
    if (this.take(change)) return true;
    this.stale = true;
    return false;
  }

  private take(change: Change): boolean {
    const here = "query" in this.source ? null : this.source.mailbox;
    if (change.modseq <= this.modseq) return true;
    // The messages of a mailbox that is removed go without a word.
    if (change.type === "mailbox_removed" && here === null) this.fill(this.rows.filter((row) => row?.mailbox_id !== change.mailbox_id));
    if (!change.type.startsWith("message_")) return true;
    this.modseq = change.modseq;
    const place = change.type === "message_added" ? change.message.mailbox_id : "mailbox_id" in change ? change.mailbox_id : null;
    if (here !== null && place !== here) return true;
    this.touched = change.modseq;
    switch (change.type) {
      case "message_added":
        if (here === null) return true;
        if (this.manner.order !== "newest") return false;
        return this.threaded ? this.join(change.message) : this.insert(change.message);
      case "message_removed":
        return this.threaded ? this.part(change.message_id) : this.remove(change.message_id);
      case "message_flags": {
        const row = this.known.get(change.message_id);
        if (this.threaded && !row) return false;
        if (!row) return true;
        const head = this.heads.get(row.thread_id);
        if (head) head.unread += Number(row.flags.includes("\\Seen")) - Number(change.flags.includes("\\Seen"));
        Object.assign(row, { flags: change.flags, keywords: change.keywords });
        return true;
      }
      case "message_thread": {
        const row = this.known.get(change.message_id);
        if (row) row.thread_id = change.thread_id;
        return !this.threaded;
      }
      default:
        return true;
    }
  }

  /** A message that came: it takes its place by time, which may be among what is not read. */
  private insert(message: Summary): boolean {
    if (this.known.has(message.id)) {
      this.rows[this.find(message.id)] = message;
      this.known.set(message.id, message);
      return true;
    }
    const older = this.rows.findIndex((row) => row && !this.inner.has(row.id) && !after(row, message));
    const at = older < 0 ? this.length : older;
    // Where the list grows, what belongs below its end comes when that is read.
    if (at === this.length && !this.counted && !this.ended) return true;
    if (at > 0 && !this.rows[at - 1]) this.rows.splice(at, 0, undefined);
    else this.splice(at, 0, message);
    return true;
  }

  /** A message went; false if nobody knows from which of the parts that are not read. */
  private remove(id: number): boolean {
    const at = this.find(id);
    if (at >= 0) {
      this.splice(at, 1);
      return true;
    }
    const holes = this.length - this.count;
    if (!this.counted || !holes) return true;
    const first = this.rows.indexOf(undefined);
    if (this.rows.lastIndexOf(undefined) - first + 1 > holes) return false;
    this.rows.splice(first, 1);
    return true;
  }

  /** A message came into a list of conversations: its own goes to its place.  False if that is not known. */
  private join(message: Summary): boolean {
    const thread = message.thread_id;
    const head = this.heads.get(thread);
    const at = this.rows.findIndex((row) => row?.thread_id === thread);
    const unread = Number(!message.flags.includes("\\Seen"));
    if (!head || at < 0) {
      // It may be the first of its conversation, or one more of one that is further below.
      if (!this.ended) return false;
      this.heads.set(thread, { total: 1, unread });
      return this.insert(message);
    }
    if (this.known.has(message.id)) return false;
    head.total += 1;
    head.unread += unread;
    const newest = this.rows[at]!;
    if (!after(message, newest)) {
      if (this.opened.has(thread)) this.tuck(at, [message, ...this.fold(thread)]);
      return true;
    }
    const others = [newest, ...this.fold(thread)];
    this.insert(message);
    this.splice(this.find(newest.id), 1);
    if (this.opened.has(thread)) this.tuck(this.find(message.id), others);
    return true;
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
      if (head.total <= 0) this.heads.delete(row.thread_id);
    }
    this.splice(at, 1);
    return inner || !head || head.total <= 0;
  }

  /** Put messages of a conversation below its newest, which is at a place. */
  private tuck(at: number, messages: Summary[]): void {
    const sorted = [...messages].sort((one, other) => (after(one, other) ? -1 : 1));
    for (const one of sorted) this.inner.add(one.id);
    this.splice(at + 1, 0, ...sorted);
  }

  /** Show no more of a conversation than its newest; what was shown. */
  private fold(thread: number): Summary[] {
    const gone = this.read.filter((row) => row.thread_id === thread && this.inner.delete(row.id));
    if (gone.length) this.fill(this.rows.filter((row) => !row || !gone.includes(row)));
    return gone;
  }

  private async unfold(thread: number): Promise<void> {
    const generation = this.generation;
    const here = "query" in this.source ? null : this.source.mailbox;
    for (let tries = 0; tries < TRIES; tries += 1) {
      const { touched } = this;
      const messages = (await webmail.thread({ thread_id: thread })).filter((one) => one.mailbox_id === here);
      if (touched !== this.touched) continue;    // what was told meanwhile may be newer than the answer
      const at = this.rows.findIndex((row) => row?.thread_id === thread && !this.inner.has(row.id));
      if (generation !== this.generation || at < 0 || !this.opened.has(thread)) return;
      this.fold(thread);
      this.tuck(at, messages.filter((one) => one.id !== this.rows[at]!.id));
      return;
    }
    this.opened.delete(thread);
  }

  /** Open the conversations that were, and, if the reader wants that, those with something unread. */
  private async openAgain(messages: Summary[]): Promise<void> {
    const wanted: number[] = [];
    let left = OPENED;
    for (const { thread_id: thread } of messages) {
      const head = this.heads.get(thread);
      const open = this.opened.delete(thread);
      if (!head || head.total < 2 || wanted.length >= OPENED_AGAIN) continue;
      if (open || (this.manner.threads === "unread" && head.unread > 0 && left-- > 0)) wanted.push(thread);
    }
    for (const thread of wanted) this.opened.add(thread);
    await Promise.all(wanted.map((thread) => this.unfold(thread)));
  }

  private async askPiece(from: number, to: number): Promise<() => boolean> {
    const start = Math.floor(from / PIECE) * PIECE;
    const limit = Math.min(MOST, Math.max(PIECE, (Math.floor(to / PIECE) + 1) * PIECE - start));
    const page = await this.fetch(start, null, limit);
    // What was looked at may be no more.
    return start && !page.messages.length ? this.askPiece(0, 0) : () => { this.begin(page, start); return true; };
  }

  /** A list that grows: at least as much as is known of it, all of one state (the function says if it is). */
  private async askWhole(): Promise<() => boolean> {
    const wanted = this.rows.filter((row) => row && !this.inner.has(row.id)).length;
    for (let tries = 1; ; tries += 1) {
      const heads = new Map<number, Head>();
      let page = await this.fetch(0, null, PIECE, heads);
      const { modseq } = page;
      const found = [...page.messages];
      while (page.next && found.length < wanted && page.modseq === modseq) {
        page = await this.fetch(0, page.next, MOST, heads);
        if (page.modseq === modseq || tries >= TRIES) found.push(...page.messages);
      }
      if (page.modseq === modseq || tries >= TRIES) return () => {
        this.inner.clear();
        this.heads.clear();
        for (const [thread, head] of heads) this.heads.set(thread, head);
        this.fill([...new Map(found.map((one) => [one.id, one])).values()]);
        [this.cursor, this.ended] = [page.next, page.next === null];
        this.modseq = this.touched = modseq;
        return page.modseq === modseq;
      };
    }
  }

  /** Nothing is known but a piece, which begins at a place. */
  private begin(page: Page, start: number): void {
    const rows = new Array<Summary | undefined>(Math.max(page.total, start + page.messages.length)).fill(undefined);
    page.messages.forEach((message, offset) => { rows[start + offset] = message; });
    this.fill(rows);
    this.modseq = this.touched = page.modseq;
  }

  private async load(start: number): Promise<void> {
    const generation = this.generation;
    const page = await this.steady(() => this.fetch(start, null));
    if (!page || generation !== this.generation) return;
    // What is told to us has stopped, or we have lost count; what the server says now is what counts.
    if (page.modseq > this.modseq || page.total !== this.length) return this.begin(page, start);
    page.messages.forEach((message, offset) => { this.rows[start + offset] = message; });
    this.fill(this.rows);
  }

  private async grow(to: number): Promise<boolean> {
    if (this.ended || to < this.length - 20) return false;
    const known = this.pending.get(0);
    if (known) {
      await known;
      return false;
    }
    const generation = this.generation;
    const heads = new Map<number, Head>();
    const more = this.steady(() => this.fetch(0, this.cursor, PIECE, heads)).then(async (page) => {
      if (!page || generation !== this.generation) return;
      for (const [thread, head] of heads) this.heads.set(thread, head);
      this.splice(this.length, 0, ...page.messages.filter((one) => !this.known.has(one.id)));
      this.cursor = page.next;
      this.ended = page.next === null;
      if (this.threaded) await this.openAgain(page.messages);
    }).finally(() => this.pending.delete(0));
    this.pending.set(0, more);
    await more;
    return true;
  }

  /** A piece that shows the same state as the rows, or one that the rows do not get to; null if it was always overtaken. */
  private async steady(ask: () => Promise<Page>): Promise<Page | null> {
    const generation = this.generation;
    for (let tries = 0; tries < TRIES; tries += 1) {
      const page = await ask();
      const end = Date.now() + BEHIND;
      while (page.modseq > this.modseq && Date.now() < end) await new Promise<void>((go) => { this.waiting.push(go); setTimeout(go, BEHIND); });
      if (this.touched <= page.modseq || generation !== this.generation) return page;
    }
    return null;
  }

  /** Of what is far from these places nothing is kept. */
  private forget(from: number, to: number): void {
    this.fill(this.rows.map((row, at) => (at < from - AROUND || at > to + AROUND ? undefined : row)));
  }

  private fill(rows: (Summary | undefined)[]): void {
    this.rows = rows;
    this.known = new Map(this.read.map((row) => [row.id, row]));
  }

  private splice(at: number, gone: number, ...come: Summary[]): void {
    for (const row of this.rows.splice(at, gone, ...come)) if (row) this.known.delete(row.id);
    for (const row of come) this.known.set(row.id, row);
  }

  private hasHole(start: number): boolean {
    for (let at = start; at < Math.min(start + PIECE, this.length); at += 1) if (!this.rows[at]) return true;
    return false;
  }

  private fetch(skip: number, before: Cursor | null, limit = PIECE, heads = this.heads): Promise<Page> {
    if ("query" in this.source) return this.search(this.source.query, this.source.mailbox, before, limit);
    const { mailbox } = this.source;
    if (this.threaded) return this.conversations(mailbox, before, limit, heads);
    const { order } = this.manner;
    return order === "newest" ? webmail.page({ mailbox_id: mailbox, skip, limit }) : webmail.sorted_page({ mailbox_id: mailbox, order, skip, limit });
  }

  private async conversations(mailbox: number, before: Cursor | null, limit: number, heads: Map<number, Head>): Promise<Page> {
    for (;;) {
      const { conversations, next, modseq } = await webmail.conversations({ mailbox_id: mailbox, before, limit });
      for (const one of conversations) heads.set(one.latest.thread_id, { total: one.total, unread: one.unread });
      if (conversations.length || next === null) return { messages: conversations.map((one) => one.latest), total: -1, next, modseq };
      before = next;
    }
  }

  /** One search looks at so many messages and no more: what it found may be nothing, and yet not be the end. */
  private async search(query: string, mailbox_id: number | null, before: Cursor | null, limit: number): Promise<Page> {
    const generation = this.generation;
    for (;;) {
      const page = await webmail.search({ query, mailbox_id, before, limit });
      if (page.messages.length || page.next === null || generation !== this.generation) return page;
      before = page.next;
    }
  }
}

function after(one: Summary, other: Summary): boolean {
  return one.received > other.received || (one.received === other.received && one.id > other.id);
}
