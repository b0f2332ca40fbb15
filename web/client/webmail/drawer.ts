// The mailboxes where the screen has no room for them beside the list: a drawer over it.
import { button } from "../dom";
import { t } from "../words/reading";

/** The same width as in style.css. */
const NARROW = matchMedia("(max-width: 60rem)");

export class Drawer {
  /** What opens it. */
  readonly opener = button("menu", t.mailbox.all, () => (this.isOpen ? this.shut() : this.open()), false, "narrow-only");
  private frame!: HTMLElement;
  private covered: HTMLElement[] = [];

  constructor(private readonly drawer: HTMLElement) {
    this.opener.setAttribute("aria-expanded", "false");
    NARROW.addEventListener("change", () => this.shut());
  }

  /** The frame that all stands in, and what the drawer covers of it: that is out of reach while it is open. */
  over(frame: HTMLElement, ...covered: HTMLElement[]): void {
    this.frame = frame;
    this.covered = covered;
    frame.addEventListener("click", (event) => { if (event.target === frame) this.shut(); });
  }

  get isOpen(): boolean {
    return this.frame.classList.contains("menu");
  }

  open(): void {
    this.set(true);
    (this.drawer.querySelector<HTMLElement>("[aria-current]") ?? this.drawer.querySelector<HTMLElement>("button"))?.focus();
  }

  /** The keyboard, if it is in the drawer, goes where `take` puts it: to what opened it, unless something else was chosen. */
  shut(take: () => void = () => this.opener.focus()): void {
    if (!this.isOpen) return;
    const within = this.drawer.contains(document.activeElement) || document.activeElement === document.body;
    this.set(false);
    if (within) take();
  }

  private set(open: boolean): void {
    this.frame.classList.toggle("menu", open);
    this.opener.setAttribute("aria-expanded", String(open));
    for (const one of this.covered) one.inert = open;
  }
}
