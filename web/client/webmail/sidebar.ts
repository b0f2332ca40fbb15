// The mailboxes at the left, with their counts.
import type { Mailbox, State } from "../api";
import { button, fill, h, icon } from "../dom";
import { shown } from "../shown";
import { notices } from "../words/notices";
import { t } from "../words/reading";
import { s } from "../words/shared";
import { w } from "../words/writing";
import { Finger } from "./finger";
import { DRAGGED } from "./list";

/** What is carried when a mailbox is dragged below another: its id. */
const CARRIED = "application/x-pillarbox-mailbox";

export interface SidebarHandlers {
  choose(mailbox: Mailbox): void;
  write(): void;
  contacts(): void;
  waiting(): void;
  notices(): void;
  out(): void;
  add(): void;
  menu(mailbox: Mailbox): void;
  drop(ids: number[], mailbox: Mailbox): void;
  /** Put a mailbox below another, or at the top. */
  below(id: number, mailbox: Mailbox | null): void;
}

const ORDER = ["inbox", "drafts", "sent", "archive", "junk", "trash", "rejects"];

export class Sidebar {
  readonly element: HTMLElement;
  private readonly list = h("ul", {
    // What is let go beside the mailboxes belongs to none of them.
    ondragover: (event: DragEvent) => { if (event.dataTransfer?.types.includes(CARRIED)) event.preventDefault(); },
    ondrop: (event: DragEvent) => { event.preventDefault(); this.dropped(event, null); },
    onpointerdown: (event: PointerEvent) => { if (event.pointerType === "mouse" && event.button === 0) this.hold(); },
  });

  private readonly finger = new Finger();
  /** Whether the mouse is pressed on a mailbox, and what is drawn when it is let go: a press on what goes would be lost. */
  private pressed = false;
  private later: [Mailbox[], number | null] | null = null;

  constructor(state: State, private readonly handlers: SidebarHandlers) {
    this.element = h("nav", { class: "sidebar", "aria-label": t.mailbox.all },
      h("div", { class: "brand" }, h("img", { src: "/static/icon.svg", alt: "", width: 26, height: 26 }), h("strong", null, "Pillarbox")),
      button("write", w.write, () => handlers.write(), true, "primary wide"),
      this.list,
      button("folder", t.mailbox.new, () => handlers.add(), true, "plain"),
      button("people", w.contacts, () => handlers.contacts(), true, "plain"),
      button("clock", w.waiting, () => handlers.waiting(), true, "plain"),
      button("bell", notices.title, () => handlers.notices(), true, "plain"),
      h("div", { class: "who" }, who(state),
        button("out", s.signOut, () => handlers.out())));
  }

  /** Show mailboxes and which of them is open. */
  draw(mailboxes: Mailbox[], current: number | null): void {
    this.later = this.pressed ? [mailboxes, current] : null;
    if (this.pressed) return;
    const rank = (mailbox: Mailbox): number => (mailbox.role ? ORDER.indexOf(mailbox.role) : ORDER.length);
    // The mailbox under the finger is drawn anew, and will not hear that it is lifted.
    this.finger.lift();
    const sorted = [...mailboxes].sort((one, other) => rank(one) - rank(other) || one.name.localeCompare(other.name));
    fill(this.list, ...sorted.map((mailbox) => this.item(mailbox, mailbox.id === current)));
  }

  /** Draw nothing until the mouse is let go and its click was heard. */
  private hold(): void {
    const over = new AbortController();
    const end = (): void => {
      over.abort();
      this.pressed = false;
      setTimeout(() => { if (this.later) this.draw(...this.later); });
    };
    this.pressed = true;
    for (const name of ["pointerup", "pointercancel"]) addEventListener(name, end, { signal: over.signal });
  }

  /** A finger that stays opens the menu, as the right button of a mouse does; some systems send a contextmenu then, others nothing. */
  private touched(event: PointerEvent, item: HTMLElement, mailbox: Mailbox): void {
    // Under a finger a mailbox scrolls with its list: it is not carried away.
    item.draggable = event.pointerType === "mouse" && mailbox.role !== "inbox";
    this.finger.down(event, () => this.menu(mailbox));
  }

  private menu(mailbox: Mailbox): void {
    this.finger.lift();
    if (!document.querySelector("dialog[open]")) this.handlers.menu(mailbox);
  }

  private dropped(event: DragEvent, mailbox: Mailbox | null): void {
    const carried = Number(event.dataTransfer?.getData(CARRIED));
    if (carried) this.handlers.below(carried, mailbox);
    const ids: unknown = JSON.parse(event.dataTransfer?.getData(DRAGGED) || "[]");
    if (mailbox && Array.isArray(ids) && ids.length) this.handlers.drop(ids.map(Number), mailbox);
  }

  private item(mailbox: Mailbox, open: boolean): HTMLElement {
    const depth = mailbox.name.split("/").length - 1;
    const count = mailbox.role === "drafts" ? mailbox.total : mailbox.unread;
    const item: HTMLButtonElement = h("button", {
      type: "button", class: `${open ? "open" : ""} ${mailbox.unread ? "unread" : ""}`.trim(), "aria-current": open ? "true" : null,
      "data-role": mailbox.role ?? "", "data-at": `box${mailbox.id}`, title: t.mailbox.counts(mailbox.name, mailbox.total, mailbox.unread),
      onclick: () => { if (!this.finger.clicked()) this.handlers.choose(mailbox); },
      ondblclick: () => this.menu(mailbox),
      oncontextmenu: (event: Event) => { event.preventDefault(); this.menu(mailbox); },
      onpointerdown: (event: PointerEvent) => this.touched(event, item, mailbox), onpointermove: (event: PointerEvent) => this.finger.move(event), onpointercancel: () => this.finger.lift(),
      draggable: mailbox.role !== "inbox",
      ondragstart: (event: DragEvent) => event.dataTransfer?.setData(CARRIED, String(mailbox.id)),
      ondragover: (event: DragEvent) => { if ([DRAGGED, CARRIED].some((kind) => event.dataTransfer?.types.includes(kind))) { event.preventDefault(); item.classList.add("target"); } },
      ondragleave: () => item.classList.remove("target"),
      ondrop: (event: DragEvent) => {
        event.preventDefault();
        event.stopPropagation();
        item.classList.remove("target");
        this.dropped(event, mailbox);
      },
    }, icon(mailbox.role ?? "folder"), h("span", { class: "name", dir: "auto" }, ...shown(depth ? mailbox.name.split("/").pop()! : mailbox.name)),
      count > 0 && h("span", { class: "count" }, count));
    item.style.paddingInlineStart = `${0.7 + depth}rem`;
    const more = button("more", t.mailbox.more(mailbox.name), () => this.handlers.menu(mailbox));
    // What it is called changes with the mailbox.
    more.dataset["at"] = `more${mailbox.id}`;
    return h("li", null, item, more);
  }
}

/** Who is signed in; leads to the account's own pages, where they are offered. */
function who(state: State): HTMLElement {
  const name = h("span", { dir: "auto" }, state.full_name || state.account);
  return state.pages.includes("account") ? h("a", { href: "/account/", title: w.account }, icon("settings"), name) : h("span", null, name);
}
