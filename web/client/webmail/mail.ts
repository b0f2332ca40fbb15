// The webmail as a whole: mailboxes at the left, their messages, the one that is read.
import { account, events, webmail, type Change, type Mailbox, type State, type Summary } from "../api";
import { attempt, button, complain, dialog, fill, h, icon, notice, sure } from "../dom";
import { ruleFrom } from "../rule";
import { settled } from "../signin";
import { contacts } from "./contacts";
import { keys } from "./keys";
import { List } from "./list";
import { Rows, type Source } from "./rows";
import { waiting } from "./later";
import { Sidebar } from "./sidebar";
import { View } from "./view";
import { Writing } from "./writing";

/** What is deleted in mailboxes for these is removed for good. */
const FINAL = ["trash", "junk", "rejects", "drafts"];
const AT_ONCE = 1_000;

export class Mail {
  mailboxes: Mailbox[] = [];
  private at: Mailbox | null = null;
  private readonly sidebar: Sidebar;
  private readonly list: List;
  private readonly view: View;
  private readonly frame: HTMLElement;
  private readonly search: HTMLInputElement;
  private readonly heading = h("h1", null);
  private readonly total = h("span", { class: "total" });
  private readonly emptying = h("button", { type: "button", class: "link", hidden: true, onclick: () => void this.emptyMailbox() }, "Empty");
  private readonly tools = h("div", { class: "tools", role: "toolbar", "aria-label": "Actions on selected messages", hidden: true });
  private readonly junking = button("junk", "Junk", () => void this.junk(this.list.chosen()));
  private readonly offline = h("p", { class: "offline", role: "status", hidden: true }, "No connection; trying again…");
  private readonly writing: Writing;
  private stream: { close(): void } | null = null;
  private again = 0;
  /** How often something was chosen to be shown; an answer that comes after a later choice is not drawn. */
  private turn = 0;
  /** Of each list whose beginning is being read: what changed since it was asked for. */
  private readonly reading = new Set<Change[]>();
  private readonly elsewhere = new BroadcastChannel("pillarbox");

  constructor(private readonly place: HTMLElement, private state: State, private readonly left: () => void) {
    this.writing = new Writing(state, () => this.frame.classList.remove("menu"));
    this.sidebar = new Sidebar(state, {
      choose: (mailbox) => this.go({ mailbox: mailbox.id }),
      write: () => this.writing.begin(),
      contacts: () => void contacts(this.writing),
      waiting: () => void waiting((make) => this.writing.write(make)),
      out: () => void this.out(),
      add: () => void this.addMailbox(),
      rename: (mailbox) => void this.renameMailbox(mailbox),
      drop: (ids, mailbox) => void this.moveTo(ids, mailbox),
    });
    this.list = new List({
      open: (message) => this.open(message),
      selected: (count) => this.selected(count),
      flag: (message) => void this.flag([message.id], "\\Flagged", !message.flags.includes("\\Flagged")),
    });
    this.view = new View({
      reply: (id, all) => this.writing.reply(id, all ? "everybody" : "author"),
      forward: (id) => this.writing.forward(id),
      answers: (id) => void this.writing.otherwise(id),
      archive: (ids) => void this.archive(ids),
      remove: (ids) => void this.remove(ids),
      junk: (ids) => void this.junk(ids),
      move: (ids) => void this.move(ids),
      unread: (id) => void this.unread(id),
      edit: (id) => this.writing.takeUp(id),
      open: (message) => this.open(message),
      close: () => this.close(),
      mailbox: (id) => this.mailboxes.find((one) => one.id === id),
      rule: state.pages.includes("account") ? (id) => void ruleFrom(id, this.mailboxes).then((made) => made && notice("The rule is there; it counts for mail that comes from now on.")) : null,
    });
    this.search = h("input", { type: "search", placeholder: "Search", "aria-label": "Search mail", title: "Search (/); ? tells what one can search for" });
    const searching = h("form", {
      class: "search", role: "search",
      onsubmit: (event: Event) => {
        event.preventDefault();
        const query = this.search.value.trim();
        if (query) this.go({ query, mailbox: null });
        else this.go({ mailbox: this.at?.id ?? this.inbox.id });
      },
    }, icon("search"), this.search);
    this.frame = h("div", { class: "mail", onclick: (event: Event) => { if (event.target === this.frame) this.frame.classList.remove("menu"); } },
      this.sidebar.element,
      h("main", { class: "middle" },
        h("div", { class: "top" }, button("menu", "Mailboxes", () => this.frame.classList.toggle("menu"), false, "narrow-only"), searching),
        h("div", { class: "heading" }, this.heading, this.total, h("span", { class: "gap" }), this.emptying, this.offline), this.tools, this.list.element),
      this.view.element);
  }

  /** Whose mail this is. */
  get account(): number {
    return this.state.account_id;
  }

  /** Read what is there, show it, and follow what happens. */
  async start(): Promise<void> {
    this.drawTools();
    this.elsewhere.onmessage = () => this.left();
    await this.resume(this.state);
    this.writing.arrived();
  }

  /** Show everything (again), as it is now. */
  async resume(state: State): Promise<void> {
    this.pause();
    this.state = state;
    this.mailboxes = await webmail.mailboxes();
    settled(this.place);
    fill(this.place, this.frame);
    this.writing.show(state);
    addEventListener("hashchange", this.routed);
    document.addEventListener("keydown", this.pressed);
    await this.routed();
    this.follow(state.modseq);
  }

  /** The session has ended: nothing is to be seen, nothing that was written is lost. */
  pause(): void {
    this.stream?.close();
    removeEventListener("hashchange", this.routed);
    document.removeEventListener("keydown", this.pressed);
    this.frame.remove();
    this.writing.hide();
  }

  /** Somebody else signs in here. */
  end(): null {
    this.pause();
    this.elsewhere.close();
    this.writing.end();
    return null;
  }

  private get inbox(): Mailbox {
    return this.mailboxes.find((one) => one.role === "inbox") ?? this.mailboxes[0]!;
  }

  // --- where we are --------------------------------------------------------------------

  private go(source: Source): void {
    const hash = "query" in source ? `#search/${encodeURIComponent(source.query)}` : `#box/${source.mailbox}`;
    this.frame.classList.remove("menu");
    if (location.hash === hash) void this.routed();
    else location.hash = hash;
  }

  private readonly routed = async (): Promise<void> => {
    const [kind, what = "", id = ""] = location.hash.slice(1).split("/");
    const mailbox = kind === "box" ? this.mailboxes.find((one) => one.id === Number(what)) : undefined;
    const source: Source = kind === "search" ? { query: decodeURIComponent(what), mailbox: null } : { mailbox: (mailbox ?? this.inbox).id };
    await attempt(() => this.show(source));
    if (id) await attempt(async () => {
      const [message] = await webmail.summaries({ ids: [Number(id)] });
      if (message) this.open(message, false);
    });
    else if (this.list.current !== null) this.close(false);
  };

  private async show(source: Source): Promise<void> {
    const turn = ++this.turn;
    const mailbox = "query" in source ? null : this.mailboxes.find((one) => one.id === source.mailbox) ?? null;
    this.at = mailbox ?? this.at;
    this.heading.textContent = "query" in source ? `Search: ${source.query}` : mailbox?.name ?? "";
    this.search.value = "query" in source ? source.query : "";
    this.list.showRecipients = mailbox?.role === "sent" || mailbox?.role === "drafts";
    this.sidebar.draw(this.mailboxes, mailbox?.id ?? null);
    if (this.list.rows && JSON.stringify(this.list.rows.source) === JSON.stringify(source)) return this.refresh();
    const rows = new Rows(source);
    await this.read(rows);
    if (turn !== this.turn) return;    // something else was chosen meanwhile
    this.list.show(rows, "query" in source
      ? [h("p", null, "Nothing was found."), h("button", { type: "button", class: "link", onclick: () => void help() }, "What one can search for")]
      : [h("p", null, "No messages here.")]);
    this.drawHeading();
    this.title();
  }

  private drawHeading(): void {
    const mailbox = this.mailboxes.find((one) => one.id === this.at?.id);
    const here = this.list.rows?.isMailbox !== false && mailbox;
    this.total.textContent = here && mailbox.total ? counted(mailbox.total) : "";
    this.emptying.hidden = !here || mailbox.total === 0 || !["trash", "junk", "rejects"].includes(mailbox.role ?? "");
  }

  private async refresh(): Promise<void> {
    if (this.list.rows) await this.read(this.list.rows);
    this.list.draw();
    this.drawHeading();
  }

  /** Read the beginning of a list, and catch up with what changed while the answer was on its way. */
  private async read(rows: Rows): Promise<void> {
    const missed: Change[] = [];
    this.reading.add(missed);
    try {
      const page = await rows.open();
      const whole = missed.filter((change) => change.modseq > page.modseq).map((change) => rows.apply(change));
      if (whole.includes(false)) this.readAgain();
    } finally {
      this.reading.delete(missed);
    }
  }

  private open(message: Summary, note = true): void {
    this.list.current = message.id;
    this.list.draw();
    this.list.reveal();
    this.frame.classList.add("reading");
    if (note) history.replaceState(null, "", `#${location.hash.slice(1).split("/").slice(0, 2).join("/") || `box/${this.inbox.id}`}/${message.id}`);
    const mailbox = this.mailboxes.find((one) => one.id === message.mailbox_id);
    if (mailbox?.role === "drafts" && note && !this.writing.busy) this.writing.takeUp(message.id);
    void this.view.show(message);
  }

  private close(note = true): void {
    this.list.current = null;
    this.list.draw();
    this.frame.classList.remove("reading");
    this.view.nothing();
    if (note) history.replaceState(null, "", `#${location.hash.slice(1).split("/").slice(0, 2).join("/")}`);
  }

  private title(): void {
    const unread = this.inbox.unread;
    document.title = `${unread ? `(${unread}) ` : ""}${this.state.account} - Pillarbox`;
  }

  // --- what happens elsewhere ------------------------------------------------------------

  private follow(modseq: number): void {
    this.stream?.close();
    this.stream = events(modseq, {
      changes: (told) => { for (const change of told.changes) this.changed(change); this.drawChanges(); },
      reset: () => void attempt(async () => { this.mailboxes = await webmail.mailboxes(); this.drawChanges(); await this.refresh(); }),
      signedOut: () => this.left(),
      connected: (open) => { this.offline.hidden = open; },
    });
  }

  private changed(change: Change): void {
    const rows = this.list.rows;
    const here = rows && !("query" in rows.source) ? rows.source.mailbox : null;
    for (const missed of this.reading) missed.push(change);
    if (rows && !rows.apply(change)) this.readAgain();
    switch (change.type) {
      case "message_removed":
        this.list.selection.delete(change.message_id);
        if (this.list.current === change.message_id) this.close();
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

  private readAgain(): void {
    clearTimeout(this.again);
    this.again = window.setTimeout(() => void attempt(() => this.refresh()), 100);
  }

  private drawChanges(): void {
    const rows = this.list.rows;
    this.sidebar.draw(this.mailboxes, rows && !("query" in rows.source) ? rows.source.mailbox : null);
    this.selected(this.list.selection.size);
    this.drawHeading();
    this.list.draw();
    this.title();
  }

  // --- actions -------------------------------------------------------------------------------

  private drawTools(): void {
    const chosen = (): number[] => this.list.chosen();
    fill(this.tools, h("span", { class: "count" }),
      button("archive", "Archive", () => void this.archive(chosen())), button("trash", "Delete", () => void this.remove(chosen())),
      this.junking, button("move", "Move to…", () => void this.move(chosen())),
      button("unread", "Mark as read or unread", () => void this.toggleSeen(chosen())),
      button("flag", "Flag", () => void this.flag(chosen(), "\\Flagged", true)),
      button("close", "Clear selection", () => this.list.clear()));
  }

  private selected(count: number): void {
    this.tools.hidden = count === 0;
    this.tools.querySelector(".count")!.textContent = `${count} selected`;
    const label = this.areJunk(this.list.chosen()) ? "Not junk" : "Junk";
    this.junking.title = label;
    this.junking.setAttribute("aria-label", label);
  }

  /** Move messages away; those that `what` names as moved can be had back, after `undo` has taken back the rest. */
  private async act(ids: number[], what: (ids: number[]) => Promise<number[]>, said: string, undo?: (ids: number[]) => Promise<unknown>): Promise<void> {
    if (!ids.length) return;
    const next = this.list.current !== null && ids.includes(this.list.current) ? this.list.neighbour(1) ?? this.list.neighbour(-1) : null;
    const places = this.places(ids);
    const moved: number[] = [];
    if (await attempt(() => inPieces(ids, async (some) => { moved.push(...await what(some)); }))) {
      this.list.clear();
      notice(said, "", moved.length ? { label: "Undo", run: () => void attempt(async () => { if (undo) await inPieces(moved, undo); await this.back(moved, places); }) } : undefined);
      if (next && !ids.includes(next.id) && !matchMedia("(max-width: 60rem)").matches) this.open(next);
    }
  }

  /** Where these messages are, as far as it is known. */
  private places(ids: number[]): Map<number, number> {
    const wanted = new Set(ids);
    const known = [...this.list.rows?.rows ?? [], this.view.shown].filter((one): one is Summary => !!one && wanted.has(one.id));
    return new Map(known.map((one) => [one.id, one.mailbox_id]));
  }

  private async back(ids: number[], places: Map<number, number>): Promise<void> {
    for (const mailbox of new Set(places.values())) {
      await inPieces(ids.filter((id) => places.get(id) === mailbox), (some) => webmail.move({ ids: some, mailbox_id: mailbox }));
    }
  }

  private archive(ids: number[]): Promise<void> {
    return this.act(ids, async (some) => (await webmail.archive({ ids: some })).ids, `${counted(ids.length)} archived.`);
  }

  private async remove(ids: number[]): Promise<void> {
    const places = this.places(ids);
    const lasting = ids.filter((id) => FINAL.includes(this.mailboxes.find((one) => one.id === places.get(id))?.role ?? ""));
    if (lasting.length && !(await sure(`${counted(lasting.length)} will be removed for good.`, "Remove"))) return;
    await this.act(ids, async (some) => (await webmail.delete({ ids: some })).trashed, `${counted(ids.length)} deleted.`);
  }

  private async emptyMailbox(): Promise<void> {
    const mailbox = this.at;
    if (!mailbox || !(await sure(`Everything in ${mailbox.name} will be removed for good.`, "Remove"))) return;
    await attempt(async () => notice(`${counted(await webmail.mailbox_empty({ id: mailbox.id }))} removed.`));
  }

  /** Whether all of these lie in Junk or Rejects: then they can only be called good. */
  private areJunk(ids: number[]): boolean {
    const places = this.places(ids);
    return ids.length > 0 && ids.every((id) => ["junk", "rejects"].includes(this.mailboxes.find((one) => one.id === places.get(id))?.role ?? ""));
  }

  /** Say that messages are junk, or that those in Junk are not; where they go to is what teaches the filter. */
  private junk(ids: number[]): Promise<void> {
    const good = this.areJunk(ids);
    const target = this.mailboxes.find((one) => one.role === (good ? "inbox" : "junk"));
    if (!target) return Promise.resolve();
    const [mark, other] = good ? ["$NotJunk", "$Junk"] : ["$Junk", "$NotJunk"];
    return this.act(ids, async (some) => {
      await webmail.flags({ ids: some, add: [mark!], remove: [other!] });
      return (await webmail.move({ ids: some, mailbox_id: target.id })).ids;
    }, `${counted(ids.length)} moved to ${target.name}; the filter learns from that.`, (some) => webmail.flags({ ids: some, add: [], remove: [mark!] }));
  }

  private moveTo(ids: number[], target: Mailbox): Promise<void> {
    return this.act(
      ids, async (some) => (await webmail.move({ ids: some, mailbox_id: target.id })).ids, `${counted(ids.length)} moved to ${target.name}.`);
  }

  private async move(ids: number[]): Promise<void> {
    if (!ids.length) return;
    const target = await dialog<Mailbox>("Move to", (close) => [
      h("div", { class: "choices" }, ...this.mailboxes.filter((one) => one.id !== this.at?.id).map((one) =>
        h("button", { type: "button", onclick: () => close(one) }, icon(one.role ?? "folder"), one.name)))]);
    if (target) await this.moveTo(ids, target);
  }

  private async flag(ids: number[], flag: string, on: boolean): Promise<void> {
    await attempt(() => inPieces(ids, (some) => webmail.flags({ ids: some, add: on ? [flag] : [], remove: on ? [] : [flag] })));
  }

  private async toggleSeen(ids: number[]): Promise<void> {
    const unread = this.list.rows?.rows.some((row) => row && ids.includes(row.id) && !row.flags.includes("\\Seen")) ?? false;
    await this.flag(ids, "\\Seen", unread);
  }

  private async unread(id: number): Promise<void> {
    await this.flag([id], "\\Seen", false);
    this.close();
  }

  private async addMailbox(): Promise<void> {
    const name = await ask("New mailbox", "Name (a/b is b below a)", "");
    if (name) await attempt(async () => this.go({ mailbox: (await this.added(name)).id }));
  }

  private async added(name: string): Promise<Mailbox> {
    const mailbox = await webmail.mailbox_add({ name });
    if (!this.mailboxes.some((one) => one.id === mailbox.id)) this.mailboxes = await webmail.mailboxes();
    return mailbox;
  }

  private async renameMailbox(mailbox: Mailbox): Promise<void> {
    const name = await ask(`Rename ${mailbox.name}`, "New name; empty removes the mailbox and everything in it", mailbox.name);
    if (name === null || name === mailbox.name) return;
    await attempt(() => name ? webmail.mailbox_rename({ id: mailbox.id, name }) : this.removeMailbox(mailbox));
  }

  private async removeMailbox(mailbox: Mailbox): Promise<void> {
    const rules = this.state.pages.includes("account") ? await account.rules() : [];
    const filing = rules.filter((rule) => rule.mailbox_id === mailbox.id).map((rule) => `“${rule.name}”`);
    const left = filing.length ? ` ${filing.length === 1 ? "The rule" : "The rules"} ${filing.join(", ")} will file nowhere, until there is such a mailbox again or you choose another.` : "";
    if (await sure(`The mailbox ${mailbox.name} and everything in it will be removed for good.${left}`, "Remove")) await webmail.mailbox_remove({ id: mailbox.id });
  }

  private async out(): Promise<void> {
    if (!(await this.writing.close()) || !(await attempt(() => webmail.logout()))) return;
    this.elsewhere.postMessage("signed out");
    location.replace("/webmail/");
  }

  private readonly pressed = (event: KeyboardEvent): void => {
    const target = event.target as HTMLElement;
    if (this.writing.opening || (event.key.startsWith("Arrow") && target.closest(".view"))) return;
    const step = (by: number): void => { const next = this.list.neighbour(by); if (next) this.open(next); };
    const current = (): number[] => this.list.chosen();
    keys(event, {
      j: () => step(1), k: () => step(-1), ArrowDown: () => step(1), ArrowUp: () => step(-1),
      ...this.writing.keys(() => this.list.current),
      b: () => void contacts(this.writing), e: () => void this.archive(current()), "#": () => void this.remove(current()), Delete: () => void this.remove(current()),
      s: () => void this.flag(current(), "\\Flagged", true), u: () => this.list.current !== null && void this.unread(this.list.current),
      v: () => void this.move(current()), x: () => this.list.toggleCurrent(), "*": () => this.list.selectAll(), "/": () => this.search.focus(),
      Escape: () => (this.frame.classList.contains("menu") ? this.frame.classList.remove("menu") : this.list.selection.size ? this.list.clear() : this.close()), "?": () => void help(),
    });
  };
}

function ask(title: string, label: string, value: string): Promise<string | null> {
  const input = h("input", { value, "aria-label": label });
  const answer = dialog<string>(title, (close) => [h("form", {
    onsubmit: (event: Event) => { event.preventDefault(); close(input.value.trim()); },
  }, h("p", { class: "quiet" }, label), input, h("footer", null, h("button", { class: "button primary" }, "OK")))]);
  input.select();
  return answer.catch((problem) => { complain(problem); return null; });
}

function help(): Promise<unknown> {
  const known: [string, string][] = [["j, ↓", "next message"], ["k, ↑", "previous message"], ["c", "write"], ["r", "reply"], ["a", "reply to all"],
    ["l", "reply to the list"], ["f", "forward"], ["F", "forward as an attachment"], ["n", "edit as new"], ["b", "contacts"], ["e", "archive"], ["#", "delete"], ["s", "flag"], ["u", "mark as unread"], ["v", "move"], ["x", "select"], ["*", "select all that are loaded"], ["/", "search"],
    ["Ctrl Enter", "send"], ["Esc", "close"]];
  const searches: [string, string][] = [["invoice march", "both words, anywhere"], ['"blue lorry"', "these words in this order"], ["invo*", "words that begin so"],
    ["-draft", "without this word"], ["from:ann to:bob subject:plan", "where it is"], ["has:attachment is:unread is:flagged", "what it is like"],
    ['in:archive in:"Clients/Blue"', "in which mailbox"], ["after:2025 before:2026-03-01 on:2026-02", "when it came"]];
  const list = (kind: "kbd" | "code", rows: [string, string][]): HTMLElement =>
    h("dl", { class: "keys" }, ...rows.flatMap(([key, what]) => [h("dt", null, h(kind, null, key)), h("dd", null, what)]));
  return dialog<void>("Help", () => [h("h3", null, "Searching"), list("code", searches), h("h3", null, "Keys"), list("kbd", known)], "wide");
}

/** Messages in words. */
function counted(number: number): string {
  return number === 1 ? "1 message" : `${number.toLocaleString()} messages`;
}

/** Do something with all ids, as many at a time as the server takes. */
async function inPieces(ids: number[], what: (some: number[]) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < ids.length; at += AT_ONCE) await what(ids.slice(at, at + AT_ONCE));
}
