// A field of recipients: completed from contacts and history while one types, with how mail gets there below it.
import { webmail, type Draft, type Person } from "../api";
import { field, fill, h } from "../dom";
import { shown } from "../shown";
import { w } from "../words/writing";
import { Ways } from "./travel";
import { completed, isWhole, piece } from "./typed";

const PAUSE = 120;

export class Recipients {
  readonly input: HTMLTextAreaElement;
  readonly element: HTMLElement;
  readonly ways: Ways;
  private readonly list: HTMLElement;
  private readonly count = h("span", { class: "spoken", role: "status" });
  private people: Person[] = [];
  private active = -1;
  private asking: AbortController | null = null;
  private timer = 0;

  constructor(label: string, name: string, value: string, choice: () => Draft["tls"], told: () => void) {
    const id = `people-${name}`;
    this.input = h("textarea", {
      name, rows: 1, dir: "auto", autocomplete: "off", autocapitalize: "off", spellcheck: false, placeholder: w.example,
      "aria-autocomplete": "list", "aria-controls": id, "aria-haspopup": "listbox",
      oninput: () => { this.soon(); this.ways.soon(); },
      onkeydown: (event: KeyboardEvent) => this.pressed(event),
      onblur: () => this.close(),
    });
    this.input.value = value;
    this.list = h("ul", { class: "suggested", id, role: "listbox", "aria-label": w.suggestionsFor(label), hidden: true });
    this.ways = new Ways(this.input, choice, told);
    this.element = h("div", { class: "recipients" }, field(label, this.input), this.list, this.count, this.ways.element);
  }

  get value(): string {
    return this.input.value.replace(/\s*\n\s*/g, ", ");
  }

  private soon(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.ask(), PAUSE);
  }

  private async ask(): Promise<void> {
    this.asking?.abort();
    const asking = this.asking = new AbortController();
    const { word } = piece(this.input.value, this.input.selectionStart);
    if (!word || word.includes("<") || document.activeElement !== this.input) return this.close();
    const found = await webmail.suggestions({ start: word.replace(/^"/, "") }, asking.signal).catch(() => []);
    if (asking.signal.aborted) return;
    this.people = found.filter((one) => one.address !== word);
    // Who typed an address to its end means that one.
    this.active = this.people.length && !isWhole(word) ? 0 : -1;
    this.draw();
    this.count.textContent = this.people.length ? w.suggestions(this.people.length) : "";
  }

  private draw(): void {
    fill(this.list, ...this.people.map((one, at) => h("li", {
      role: "option", id: `${this.list.id}-${at}`, "aria-selected": at === this.active ? "true" : "false",
      // Before the field loses the cursor.
      onmousedown: (event: Event) => { event.preventDefault(); this.take(at); },
    }, one.name && h("strong", { dir: "auto" }, ...shown(one.name)), h("span", { dir: "auto" }, ...shown(one.address)))));
    this.list.hidden = !this.people.length;
    if (this.active >= 0) {
      this.input.setAttribute("aria-activedescendant", `${this.list.id}-${this.active}`);
      this.list.children[this.active]?.scrollIntoView({ block: "nearest" });
    } else this.input.removeAttribute("aria-activedescendant");
  }

  private close(): void {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.people = [];
    this.active = -1;
    this.draw();
    this.count.textContent = "";
  }

  private take(at: number): void {
    const one = this.people[at];
    if (!one) return;
    const done = completed(this.input.value, piece(this.input.value, this.input.selectionStart), one);
    this.input.value = done.text;
    this.input.setSelectionRange(done.cursor, done.cursor);
    this.close();
    this.input.dispatchEvent(new Event("input", { bubbles: true }));
    this.close();
  }

  private pressed(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const open = this.people.length > 0;
    const step = (by: number): void => {
      this.active = (Math.max(this.active, by < 0 ? 0 : -1) + by + this.people.length) % this.people.length;
      this.draw();
    };
    if (open && event.key === "ArrowDown") step(1);
    else if (open && event.key === "ArrowUp") step(-1);
    else if (open && this.active >= 0 && (event.key === "Enter" || (event.key === "Tab" && !event.shiftKey))) this.take(this.active);
    else if (open && event.key === "Escape") { event.stopPropagation(); this.close(); }
    else if (event.key !== "Enter") return;
    // A list of people has no lines: Enter never makes one.
    event.preventDefault();
  }
}
