// What is done with messages: the open one, those that are selected, or all of a list on the server; and undone.
import { webmail, type Cursor, type Mailbox, type Summary } from "../api";
import { attempt, button, dialog, fill, h, icon, notice, progress, sure } from "../dom";
import { regain, spot } from "../focus";
import { shown } from "../shown";
import { t } from "../words/reading";
import { chooseLabels } from "./labels";
import type { List } from "./list";

/** What is deleted in mailboxes for these is removed for good. */
const FINAL = ["trash", "junk", "rejects", "drafts"];
const AT_ONCE = 1_000;
/** Messages that a step with a whole list may move and still be taken back from here. */
const UNDONE = 20_000;

type Action = Parameters<typeof webmail.act_on_all>[0];

/** What the rest of the page knows. */
export interface Surroundings {
  readonly mailboxes: Mailbox[];
  /** The mailbox that is shown, null in a search. */
  here(): Mailbox | null;
  /** The message that is open, if it is here already. */
  shown(): Summary | null;
  /** Open another message, since this one goes. */
  open(message: Summary): void;
  /** Whether list and message are side by side. */
  roomy(): boolean;
}

export class Filing {
  readonly tools = h("div", { class: "tools", role: "toolbar", "aria-label": t.selectionTools, hidden: true });
  private whole = false;
  private readonly junking = button("junk", t.junk, () => void this.junk(this.chosen()));
  private readonly all = h("button", { type: "button", class: "link", onclick: () => { this.whole = true; this.selected(this.list.selection.size); } });

  constructor(private readonly list: List, private readonly page: Surroundings) {
    fill(this.tools, h("span", { class: "count" }), this.all,
      button("archive", t.archive, () => void this.archive(this.chosen())), button("trash", t.remove, () => void this.remove(this.chosen())),
      this.junking, button("move", t.withKey(t.move, "v"), () => void this.move(this.chosen())),
      button("unread", t.seen, () => void this.toggleSeen(this.chosen())),
      button("flag", t.flag, () => void this.flag(this.chosen(), "\\Flagged", true)),
      button("label", t.withKey(t.labels, "l"), () => void this.label(this.selectedRows(), this.chosen())),
      button("close", t.clear, () => this.list.clear()));
  }

  /** The messages that an action without others is about. */
  chosen(): number[] {
    return this.list.chosen();
  }

  /** So many messages are selected now. */
  selected(count: number): void {
    if (!count) this.whole = false;
    const { rows } = this.list;
    const loaded = rows?.count ?? 0;
    const box = this.page.here();
    const total = box && !rows?.threaded ? rows?.length ?? 0 : null;
    const within = this.tools.contains(document.activeElement);
    this.tools.hidden = count === 0;
    if (within && (!count || !document.activeElement?.checkVisibility())) this.list.take();
    this.all.hidden = this.whole || count < loaded || (loaded === rows?.length && !rows?.threaded && !!box);
    this.all.textContent = t.selectAll(total);
    this.tools.querySelector(".count")!.textContent = this.whole ? t.allChosen(box?.name) : t.selected(count);
    const label = this.areJunk(this.chosen()) ? t.notJunk : t.junk;
    this.junking.title = t.withKey(label, "q");
    this.junking.setAttribute("aria-label", label);
  }

  archive(ids: number[]): Promise<void> {
    if (this.whole) return this.actOnAll({ action: "archive" }, t.archived);
    return this.act(ids, async (some) => (await webmail.archive({ ids: some })).ids, t.archived(ids.length));
  }

  async remove(ids: number[]): Promise<void> {
    if (this.whole) {
      if (await sure(t.removeAll, t.deleteDeed)) await this.actOnAll({ action: "delete" }, t.deleted);
      return;
    }
    const places = this.places(ids);
    const lasting = ids.filter((id) => FINAL.includes(this.box(places.get(id))?.role ?? ""));
    if (lasting.length && !(await sure(t.removeSome(lasting.length), t.removeDeed))) return;
    await this.act(ids, async (some) => (await webmail.delete({ ids: some })).trashed, t.deleted(ids.length));
  }

  /** Say that messages are junk, or that those in Junk are not; where they go to is what teaches the filter. */
  junk(ids: number[]): Promise<void> {
    const good = this.areJunk(ids);
    const target = this.page.mailboxes.find((one) => one.role === (good ? "inbox" : "junk"));
    if (!target) return Promise.resolve();
    if (this.whole) return this.actOnAll({ action: "move", target: target.id }, t.moved(target.name));
    const [mark, other] = good ? ["$NotJunk", "$Junk"] : ["$Junk", "$NotJunk"];
    return this.act(ids, async (some) => {
      await webmail.flags({ ids: some, add: [mark!], remove: [other!] });
      return (await webmail.move({ ids: some, mailbox_id: target.id })).ids;
    }, t.learnt(target.name)(ids.length), (some) => webmail.flags({ ids: some, add: [], remove: [mark!] }));
  }

  moveTo(ids: number[], target: Mailbox): Promise<void> {
    if (this.whole && ids.length > 1) return this.actOnAll({ action: "move", target: target.id }, t.moved(target.name));
    return this.act(ids, async (some) => (await webmail.move({ ids: some, mailbox_id: target.id })).ids, t.moved(target.name)(ids.length));
  }

  async move(ids: number[]): Promise<void> {
    if (!ids.length) return;
    const find = h("input", { type: "search", "aria-label": t.aMailbox, placeholder: t.aMailbox });
    const target = await dialog<Mailbox>(t.moveTo, (close) => {
      const list = h("div", { class: "choices" });
      const fitting = (): Mailbox[] => this.page.mailboxes.filter((one) => one.id !== this.page.here()?.id && one.name.toLowerCase().includes(find.value.trim().toLowerCase()));
      const draw = (): void => fill(list, ...fitting().map((one) => h("button", { type: "button", onclick: () => close(one) }, icon(one.role ?? "folder"), h("span", { dir: "auto" }, ...shown(one.name)))));
      find.addEventListener("input", draw);
      draw();
      return [h("form", { onsubmit: (event: Event) => { event.preventDefault(); const [first] = fitting(); if (first) close(first); } }, find), list];
    });
    if (target) await this.moveTo(ids, target);
  }

  async flag(ids: number[], flag: string, on: boolean): Promise<void> {
    const change = { add: on ? [flag] : [], remove: on ? [] : [flag] };
    if (this.whole) return this.actOnAll({ action: "flags", ...change }, t.changed);
    await attempt(() => inPieces(ids, (some) => webmail.flags({ ids: some, ...change })));
  }

  async toggleSeen(ids: number[]): Promise<void> {
    const unread = ids.some((id) => this.list.rows?.get(id)?.flags.includes("\\Seen") === false);
    await this.flag(ids, "\\Seen", unread);
  }

  /** Let the reader choose labels of messages. */
  label(messages: Summary[], ids = messages.map((one) => one.id)): Promise<void> {
    return chooseLabels(messages, (name, on) => this.flag(ids, name, on));
  }

  /** The rows an action is about. */
  selectedRows(): Summary[] {
    const ids = new Set(this.chosen());
    return [...this.list.rows?.read ?? [], this.page.shown()].filter((one): one is Summary => !!one && ids.delete(one.id));
  }

  /** Move messages away; those that `what` names as moved can be had back, after `undo` has taken back the rest. */
  private async act(ids: number[], what: (ids: number[]) => Promise<number[]>, said: string, undo?: (ids: number[]) => Promise<unknown>): Promise<void> {
    if (!ids.length) return;
    const next = this.list.current !== null && ids.includes(this.list.current) ? this.list.neighbour(1) ?? this.list.neighbour(-1) : null;
    const places = this.places(ids);
    const moved: number[] = [];
    const before = spot();
    if (await attempt(() => inPieces(ids, async (some) => { moved.push(...await what(some)); }))) {
      this.list.clear();
      notice(said, "", moved.length ? { label: t.undo, hint: t.withKey(t.undo, "z"), run: () => void attempt(async () => { if (undo) await inPieces(moved, undo); await this.back(moved, places); }) } : undefined);
      if (next && !ids.includes(next.id) && this.page.roomy()) this.page.open(next);
      // Who pressed a button of the message that is gone goes on with that of the next.
      if (before && !before.element.isConnected) regain(before, document.body, true);
    }
  }

  /** Do something with all of the list, step by step, telling how far it has come; it may be stopped. */
  private async actOnAll(action: Action, said: (count: number) => string): Promise<void> {
    const source = this.list.rows?.source;
    if (!source) return;
    const where = "query" in source ? { query: source.query, mailbox_id: source.mailbox } : { mailbox_id: source.mailbox };
    const places = new Map<number, number>();
    let stopped = false;
    let done = 0;
    const telling = progress(t.working(0), t.stop, () => { stopped = true; });
    this.list.clear();
    await attempt(async () => {
      let before: Cursor | null = null;
      do {
        const step: Awaited<ReturnType<typeof webmail.act_on_all>> = await webmail.act_on_all({ ...action, ...where, before });
        done += step.found;
        for (const one of step.moved) for (const id of one.ids) places.set(id, one.mailbox_id);
        telling.say(t.working(done));
        before = step.next;
      } while (before && !stopped);
    });
    telling.end();
    const ids = [...places.keys()];
    notice(said(done), "", ids.length && ids.length <= UNDONE ? { label: t.undo, hint: t.withKey(t.undo, "z"), run: () => void attempt(() => this.back(ids, places)) } : undefined);
  }

  /** Where these messages are, as far as it is known: those of a mailbox that it shows no more are there all the same. */
  private places(ids: number[]): Map<number, number> {
    const { rows } = this.list;
    const open = this.page.shown();
    return new Map(ids.flatMap((id): [number, number][] => {
      const place = (open?.id === id ? open : rows?.get(id))?.mailbox_id ?? (this.list.selection.has(id) ? this.page.here()?.id : undefined);
      return place === undefined ? [] : [[id, place]];
    }));
  }

  private async back(ids: number[], places: Map<number, number>): Promise<void> {
    for (const mailbox of new Set(places.values())) {
      await inPieces(ids.filter((id) => places.get(id) === mailbox), (some) => webmail.move({ ids: some, mailbox_id: mailbox }));
    }
  }

  private box(id: number | undefined): Mailbox | undefined {
    return this.page.mailboxes.find((one) => one.id === id);
  }

  /** Whether all of these lie in Junk or Rejects: then they can only be called good. */
  private areJunk(ids: number[]): boolean {
    const places = this.places(ids);
    return ids.length > 0 && ids.every((id) => ["junk", "rejects"].includes(this.box(places.get(id))?.role ?? ""));
  }
}

/** Do something with all ids, as many at a time as the server takes. */
async function inPieces(ids: number[], what: (some: number[]) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < ids.length; at += AT_ONCE) await what(ids.slice(at, at + AT_ONCE));
}
