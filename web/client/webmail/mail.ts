// The webmail as a whole: mailboxes at the left, their messages, the one that is read.
import { events, webmail, type Change, type Mailbox, type State, type Summary } from "../api";
import { attempt, button, fill, h, lastDeed, notice } from "../dom";
import { ruleFrom } from "../rule";
import { shown } from "../shown";
import { settled } from "../signin";
import { t } from "../words/reading";
import { s } from "../words/shared";
import { addMailbox, empty, mailboxMenu, putBelow, type BoxHandlers } from "./boxes";
import { chooseView } from "./choosing";
import { contacts } from "./contacts";
import { Display } from "./display";
import { Drawer } from "./drawer";
import { Filing } from "./filing";
import { help, teachKeys } from "./help";
import { keys } from "./keys";
import { waiting } from "./later";
import { List } from "./list";
import { placeOf } from "./news";
import { notices } from "./notices";
import { Panes } from "./panes";
import { keepUp, leave } from "./pushing";
import { Rows, type Source } from "./rows";
import { SearchBar } from "./searchbar";
import { Sidebar } from "./sidebar";
import { View } from "./view";
import { Writing } from "./writing";

export class Mail {
  mailboxes: Mailbox[] = [];
  private at: Mailbox | null = null;
  private readonly sidebar: Sidebar;
  private readonly drawer: Drawer;
  private readonly list: List;
  private readonly view: View;
  private readonly frame: HTMLElement;
  private readonly search: SearchBar;
  private readonly display = new Display();
  private readonly panes: Panes;
  private readonly filing: Filing;
  private readonly heading = h("h1", { dir: "auto" });
  private readonly total = h("span", { class: "total" });
  private readonly emptying = h("button", { type: "button", class: "link", hidden: true, onclick: () => void attempt(async () => { if (this.at) await empty(this.at); }) }, t.mailbox.emptyNow);
  private readonly offline = h("p", { class: "offline", role: "status", hidden: true }, t.offline);
  private readonly writing: Writing;
  private stream: { close(): void } | null = null;
  private connected = true;
  private again = 0;
  /** How often something was chosen to be shown; an answer that comes after a later choice is not drawn. */
  private turn = 0;
  /** The change that was told last. */
  private told = 0;
  /** Lists that are being read and not shown yet. */
  private readonly reading = new Set<Rows>();
  private readonly elsewhere = new BroadcastChannel("pillarbox");

  constructor(private readonly place: HTMLElement, private state: State, private readonly left: () => void) {
    this.writing = new Writing(state, () => this.drawer.shut());
    this.sidebar = new Sidebar(state, {
      choose: (mailbox) => this.go({ mailbox: mailbox.id }),
      write: () => this.writing.begin(),
      contacts: () => void contacts(this.writing),
      waiting: () => void waiting((make) => this.writing.write(make)),
      notices: () => void notices(this.account),
      out: () => void this.out(),
      add: () => void addMailbox(this.boxes()),
      menu: (mailbox) => void mailboxMenu(mailbox, this.boxes()),
      drop: (ids, mailbox) => void this.filing.moveTo(ids, mailbox),
      below: (id, above) => { const carried = this.mailboxes.find((one) => one.id === id); if (carried) void putBelow(carried, above); },
    });
    this.list = new List({
      open: (message) => this.open(message),
      selected: (count) => this.filing.selected(count),
      flag: (message) => void this.filing.flag([message.id], "\\Flagged", !message.flags.includes("\\Flagged")),
    }, this.display);
    const mail = this;
    this.filing = new Filing(this.list, {
      get mailboxes() { return mail.mailboxes; },
      here: () => (this.list.rows?.isMailbox === false ? null : this.at),
      shown: () => this.view.shown,
      open: (message) => this.open(message),
      roomy: () => !matchMedia("(max-width: 60rem)").matches,
    });
    this.view = new View({
      reply: (id, all) => this.writing.reply(id, all ? "everybody" : "author"),
      forward: (id) => this.writing.forward(id),
      answers: (id) => void this.writing.otherwise(id),
      archive: (ids) => void this.filing.archive(ids),
      remove: (ids) => void this.filing.remove(ids),
      junk: (ids) => void this.filing.junk(ids),
      move: (ids) => void this.filing.move(ids),
      unread: (id) => void this.unread(id),
      label: (messages) => void this.filing.label(messages),
      write: (mailto) => this.writing.follow(mailto),
      edit: (id) => this.writing.takeUp(id),
      open: (message) => this.open(message),
      close: () => this.close(),
      mailbox: (id) => this.mailboxes.find((one) => one.id === id),
      rule: state.pages.includes("account") ? (id) => void ruleFrom(id, this.mailboxes).then((made) => made && notice(t.ruleMade)) : null,
    }, this.display);
    this.search = new SearchBar(this.display, {
      search: (query) => this.go(query ? { query, mailbox: null } : { mailbox: this.at?.id ?? this.inbox.id }),
      left: () => this.list.take(),
      mailboxes: () => this.mailboxes,
      people: () => [...new Set((this.list.rows?.read ?? []).flatMap((row) => row.from).map((one) => one.address))].filter(Boolean).slice(0, 200),
    });
    this.drawer = new Drawer(this.sidebar.element);
    const middle = h("main", { class: "middle" },
      h("div", { class: "top" }, this.drawer.opener, this.search.element),
      h("div", { class: "heading" }, this.heading, this.total, h("span", { class: "gap" }), this.emptying, this.offline,
        button("columns", t.view, () => void chooseView(this.display, (anew) => { this.panes.draw(); if (anew) void this.routed(); else this.list.draw(); }))),
      this.filing.tools, this.list.element);
    this.frame = h("div", { class: "mail" }, this.sidebar.element, middle, this.view.element);
    this.drawer.over(this.frame, middle, this.view.element);
    this.panes = new Panes(this.frame, this.display, () => this.list.draw());
    this.sidebar.element.after(this.panes.edges[0]);
    this.view.element.before(this.panes.edges[1]);
    teachKeys(this.frame);
  }

  /** Whose mail this is. */
  get account(): number {
    return this.state.account_id;
  }

  /** Read what is there, show it, and follow what happens. */
  async start(): Promise<void> {
    await this.display.load();
    this.panes.draw();
    this.elsewhere.onmessage = () => this.left();
    navigator.serviceWorker?.addEventListener("message", this.clicked);
    await this.resume(this.state);
    this.writing.arrived();
  }

  /** Show everything (again), as it is now. */
  async resume(state: State): Promise<void> {
    this.pause();
    this.state = state;
    this.mailboxes = await webmail.mailboxes();
    settled(this.place);
    const within = this.place.contains(document.activeElement);
    fill(this.place, this.frame);
    const before = document.activeElement;
    this.writing.show(state);
    addEventListener("hashchange", this.routed);
    for (const name of ["online", "offline"]) addEventListener(name, this.drawOffline);
    document.addEventListener("keydown", this.pressed);
    const shown = this.routed();
    // What a browser cannot do now it may the next time; nobody waits for it.
    keepUp(this.account, shown);
    await shown;
    // Who has gone elsewhere while the list was on its way stays there.
    if (within && [before, document.body].includes(document.activeElement as HTMLElement)) this.list.take();
    this.follow(state.modseq);
  }

  /** The session has ended: nothing is to be seen, nothing that was written is lost. */
  pause(): void {
    this.stream?.close();
    removeEventListener("hashchange", this.routed);
    for (const name of ["online", "offline"]) removeEventListener(name, this.drawOffline);
    document.removeEventListener("keydown", this.pressed);
    this.frame.remove();
    this.writing.hide();
  }

  /** Somebody else signs in here. */
  end(): null {
    this.pause();
    this.elsewhere.close();
    navigator.serviceWorker?.removeEventListener("message", this.clicked);
    this.writing.end();
    return null;
  }

  private get inbox(): Mailbox {
    return this.mailboxes.find((one) => one.role === "inbox") ?? this.mailboxes[0]!;
  }

  // --- where we are --------------------------------------------------------------------

  private go(source: Source): void {
    const hash = "query" in source ? `#search/${encodeURIComponent(source.query)}` : `#box/${source.mailbox}`;
    this.drawer.shut(() => this.list.take());
    if (location.hash === hash) void this.routed();
    else location.hash = hash;
  }

  private readonly routed = async (): Promise<void> => {
    const [kind, what = "", id = ""] = location.hash.slice(1).split("/");
    const mailbox = kind === "box" ? this.mailboxes.find((one) => one.id === Number(what)) : undefined;
    const source: Source = kind === "search" ? { query: decodeURIComponent(what), mailbox: null } : { mailbox: (mailbox ?? this.inbox).id };
    // At once: what is opened while the list is on its way stays.
    if (!id && this.list.current !== null) this.close(false);
    const showing = attempt(() => this.show(source)), { turn } = this;
    await showing;
    if (id && turn === this.turn) await attempt(async () => {
      const [message] = await webmail.summaries({ ids: [Number(id)] });
      if (message && turn === this.turn) this.open(message, false);
    });
  };

  private async show(source: Source): Promise<void> {
    const turn = ++this.turn;
    const mailbox = "query" in source ? null : this.mailboxes.find((one) => one.id === source.mailbox) ?? null;
    this.at = mailbox ?? this.at;
    fill(this.heading, ...shown("query" in source ? t.searching(source.query) : mailbox?.name ?? ""));
    this.search.input.value = "query" in source ? source.query : "";
    this.list.showRecipients = mailbox?.role === "sent" || mailbox?.role === "drafts";
    this.sidebar.draw(this.mailboxes, mailbox?.id ?? null);
    const { order, threads } = this.display.choices;
    const manner = { order, threads };
    if (this.list.rows && JSON.stringify([this.list.rows.source, this.list.rows.manner]) === JSON.stringify([source, manner])) return this.refresh();
    const rows = new Rows(source, manner);
    await this.read(rows);
    if (turn !== this.turn) return;    // something else was chosen meanwhile
    this.list.show(rows, "query" in source
      ? [h("p", null, t.nothingFound), h("button", { type: "button", class: "link", onclick: () => void help() }, t.whatToSearch)]
      : [h("p", null, t.noMessages)]);
    this.drawHeading();
    this.title();
  }

  private drawHeading(): void {
    const mailbox = this.mailboxes.find((one) => one.id === this.at?.id);
    const here = this.list.rows?.isMailbox !== false && mailbox;
    const source = this.list.rows?.source;
    if (source) fill(this.heading, ...shown("query" in source ? t.searching(source.query) : mailbox?.name ?? ""));
    this.total.textContent = here && mailbox.total ? s.messages(mailbox.total) : "";
    const emptied = document.activeElement === this.emptying;
    this.emptying.hidden = !here || mailbox.total === 0 || !["trash", "junk", "rejects"].includes(mailbox.role ?? "");
    if (emptied && this.emptying.hidden) this.list.take();
  }

  private async refresh(): Promise<void> {
    if (this.list.rows) await this.read(this.list.rows, ...this.list.range);
    this.list.draw();
    this.drawHeading();
  }

  /** Read what is in sight of a list, and catch up with what changed while the answer was on its way. */
  private async read(rows: Rows, from = 0, to = 0): Promise<void> {
    this.reading.add(rows);
    try {
      await rows.open(from, to);
      rows.reached(this.told);
      if (rows.stale) this.readAgain();
    } finally {
      this.reading.delete(rows);
    }
  }

  private open(message: Summary, note = true): void {
    this.list.current = message.id;
    this.list.draw();
    this.list.reveal();
    const within = this.list.element.contains(document.activeElement);
    this.frame.classList.add("reading");
    // On a narrow screen the message takes the place of the list.
    if (within && !this.list.element.checkVisibility()) this.view.element.focus();
    if (note) history.replaceState(null, "", `#${location.hash.slice(1).split("/").slice(0, 2).join("/") || `box/${this.inbox.id}`}/${message.id}`);
    const mailbox = this.mailboxes.find((one) => one.id === message.mailbox_id);
    if (mailbox?.role === "drafts" && note && !this.writing.busy) this.writing.takeUp(message.id);
    void this.view.show(message);
  }

  private close(note = true): void {
    this.list.current = null;
    this.list.draw();
    const within = this.view.element.contains(document.activeElement);
    this.frame.classList.remove("reading");
    this.view.nothing();
    if (within) this.list.take();
    if (note) history.replaceState(null, "", `#${location.hash.slice(1).split("/").slice(0, 2).join("/")}`);
  }

  private title(): void {
    const unread = this.inbox.unread;
    document.title = t.title(unread, this.state.account);
  }

  // --- what happens elsewhere ------------------------------------------------------------

  private follow(modseq: number): void {
    this.stream?.close();
    this.told = modseq;
    this.stream = events(modseq, {
      changes: ({ changes, modseq: until }) => {
        for (const change of changes) this.changed(change);
        this.told = until;
        this.list.rows?.reached(until);
        if (this.list.rows?.stale) this.readAgain();
        this.drawChanges();
      },
      reset: ({ modseq: until }) => { this.told = until; void attempt(() => this.anew()); },
      signedOut: () => this.left(),
      connected: (open) => { this.connected = open; this.drawOffline(); },
    });
  }

  /** The browser may know before the stream does. */
  private readonly drawOffline = (): void => { this.offline.hidden = this.connected && navigator.onLine; };

  /** Nobody can tell what changed: everything is read again. */
  private async anew(): Promise<void> {
    let told: number;
    do {
      ({ told } = this);
      this.mailboxes = await webmail.mailboxes();
    } while (told !== this.told);    // what came meanwhile may be newer than the answer
    this.list.clear();
    this.drawChanges();
    await this.refresh();
  }

  private changed(change: Change): void {
    const rows = this.list.rows;
    const here = rows && !("query" in rows.source) ? rows.source.mailbox : null;
    for (const one of new Set([...rows ? [rows] : [], ...this.reading])) one.apply(change);
    switch (change.type) {
      case "message_removed":
        this.list.selection.delete(change.message_id);
        if (this.list.current === change.message_id) this.close();
        break;
      case "message_flags":
        this.view.labelled(change.message_id, change.keywords);
        break;
      case "mailbox": {
        const at = this.mailboxes.findIndex((one) => one.id === change.mailbox.id);
        if (at >= 0) this.mailboxes[at] = change.mailbox;
        else this.mailboxes.push(change.mailbox);
        break;
      }
      case "mailbox_removed":
        this.mailboxes = this.mailboxes.filter((one) => one.id !== change.mailbox_id);
        if (here === change.mailbox_id) this.go({ mailbox: this.inbox.id });
        break;
    }
  }

  /** Read the list again that has to be; until that succeeds. */
  private readAgain(after = 100): void {
    clearTimeout(this.again);
    this.again = window.setTimeout(() => void attempt(() => this.refresh()).then((done) => { if (!done && this.list.rows?.stale) this.readAgain(5_000); }), after);
  }

  private drawChanges(): void {
    const rows = this.list.rows;
    this.sidebar.draw(this.mailboxes, rows && !("query" in rows.source) ? rows.source.mailbox : null);
    this.filing.selected(this.list.selection.size);
    this.drawHeading();
    this.list.draw();
    this.title();
  }

  // --- actions -------------------------------------------------------------------------------

  private boxes(): BoxHandlers {
    return {
      rules: this.state.pages.includes("account"),
      added: (mailbox) => {
        if (!this.mailboxes.some((one) => one.id === mailbox.id)) this.mailboxes.push(mailbox);
        this.go({ mailbox: mailbox.id });
      },
    };
  }

  private async unread(id: number): Promise<void> {
    await this.filing.flag([id], "\\Seen", false);
    this.close();
  }

  private async out(): Promise<void> {
    if (!(await this.writing.close()) || !(await attempt(() => webmail.logout()))) return;
    this.elsewhere.postMessage("signed out");
    await leave();
    location.replace("/webmail/");
  }

  /** A notice was clicked, and the worker says of which message. */
  private readonly clicked = (event: MessageEvent): void => {
    const hash = placeOf({ hash: (event.data as { open?: unknown } | null)?.open });
    if (hash) location.hash = hash;
  };

  private readonly pressed = (event: KeyboardEvent): void => {
    const target = event.target as HTMLElement;
    if (this.writing.opening || (event.key.startsWith("Arrow") && target.closest(".view")) || target.closest("[role=separator]")) return;
    const { list, filing } = this;
    const go = (message: Summary | null): void => { if (message) this.open(message); };
    const step = (by: number): void => go(list.neighbour(by));
    const far = (by: number): void => void attempt(async () => go(await list.far(by)));
    const extend = (by: number): void => {
      const next = list.neighbour(by);
      if (!next) return;
      list.extend(next);
      list.current = next.id;
      list.reveal();
    };
    const current = (): number[] => filing.chosen();
    const open = (what: (id: number) => unknown): void => { if (list.current !== null) what(list.current); };
    const anywhere = {
      ...this.writing.keys(() => list.current), b: () => void contacts(this.writing), i: () => this.go({ mailbox: this.inbox.id }),
      "/": () => { this.drawer.shut(); this.search.input.focus(); }, z: lastDeed, "?": () => void help(),
    };
    keys(event, this.display.choices.keys, this.drawer.isOpen ? { ...anywhere, Escape: () => this.drawer.shut() } : {
      ...anywhere, j: () => step(1), k: () => step(-1), ArrowDown: () => (event.shiftKey ? extend(1) : step(1)), ArrowUp: () => (event.shiftKey ? extend(-1) : step(-1)),
      J: () => extend(1), K: () => extend(-1),
      PageDown: () => far(list.fitting), PageUp: () => far(-list.fitting), Home: () => far(-Infinity), End: () => far(Infinity),
      n: () => go(list.unread(1)), N: () => go(list.unread(-1)), S: () => list.selectThread(), C: () => { const row = list.open; if (row) list.twist(row.thread_id); },
      e: () => void filing.archive(current()), "#": () => void filing.remove(current()), Delete: () => void filing.remove(current()), q: () => void filing.junk(current()),
      s: () => void filing.flag(current(), "\\Flagged", true), m: () => void filing.toggleSeen(current()), u: () => open((id) => this.unread(id)),
      l: () => { if (current().length) void filing.label(filing.selectedRows(), current()); }, t: () => this.view.form(false), T: () => this.view.form(true), A: () => this.view.look(), p: () => print(),
      v: () => void filing.move(current()), x: () => list.toggleCurrent(), "*": () => list.selectAll(),
      Escape: () => (list.selection.size ? list.clear() : this.close()),
    });
  };
}
