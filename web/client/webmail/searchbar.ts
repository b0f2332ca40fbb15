// The search box: completes what is typed, has a form for who does not type, and keeps searches.
import { webmail, type Mailbox } from "../api";
import { button, dialog, field, fill, h, icon, notice } from "../dom";
import { shown } from "../shown";
import { t } from "../words/reading";
import type { Display } from "./display";
import { completed, fromForm, proposals, whose, type Form, type Proposal } from "./grammar";

/** Milliseconds after the last letter of a name before the server is asked whom it knows. */
const PAUSE = 120;

export interface SearchHandlers {
  search(query: string): void;
  /** Nothing is searched for: the keyboard goes to the list. */
  left(): void;
  mailboxes(): Mailbox[];
  people(): string[];
}

export class SearchBar {
  readonly element: HTMLElement;
  readonly input: HTMLInputElement;
  private readonly list = h("ul", { class: "proposals", role: "listbox", id: "proposals", hidden: true, "aria-label": t.completions });
  private found: Proposal[] = [];
  private chosen = -1;
  private labels: string[] = [];
  private people: string[] = [];
  private asking: AbortController | null = null;
  private timer = 0;

  constructor(private readonly display: Display, private readonly handlers: SearchHandlers) {
    this.input = h("input", {
      type: "search", placeholder: t.search, "aria-label": t.searchMail, title: t.searchHint, dir: "auto", autocomplete: "off", spellcheck: false,
      role: "combobox", "aria-expanded": "false", "aria-controls": "proposals", "aria-autocomplete": "list",
      oninput: () => { this.propose(); this.ask(); }, onblur: () => setTimeout(() => this.hide(), 150), onkeydown: (event: KeyboardEvent) => this.key(event),
      onfocus: () => void webmail.labels().then((labels) => { this.labels = labels; }, () => undefined),
    });
    this.element = h("form", {
      class: "search", role: "search",
      onsubmit: (event: Event) => {
        event.preventDefault();
        this.hide();
        handlers.search(this.input.value.trim());
      },
    }, icon("search"), this.input, button("down", t.searchForm, () => void this.form()), this.list);
  }

  private propose(): void {
    this.found = proposals(this.input.value, { people: [...new Set([...this.people, ...this.handlers.people()])], labels: this.labels, mailboxes: this.handlers.mailboxes().map((one) => one.name) });
    this.chosen = -1;
    this.draw();
  }

  /** Contacts and everybody one has written to may be meant, not only who is in the list. */
  private ask(): void {
    clearTimeout(this.timer);
    this.asking?.abort();
    const start = whose(this.input.value);
    if (!start) return;
    const asking = this.asking = new AbortController();
    this.timer = window.setTimeout(() => void webmail.suggestions({ start }, asking.signal).then((found) => {
      if (asking.signal.aborted || document.activeElement !== this.input) return;
      this.people = found.map((one) => one.address);
      if (this.chosen < 0) this.propose();
    }, () => undefined), PAUSE);
  }

  private draw(): void {
    fill(this.list, ...this.found.map((one, at) => h("li", {
      role: "option", id: `proposal${at}`, "aria-selected": String(at === this.chosen),
      onpointerdown: (event: Event) => { event.preventDefault(); this.take(at); },
    }, h("code", { dir: "auto" }, ...shown(one.word)), one.meaning && h("span", { class: "quiet" }, one.meaning))));
    this.list.hidden = !this.found.length;
    this.input.setAttribute("aria-expanded", String(this.found.length > 0));
    if (this.chosen >= 0) this.input.setAttribute("aria-activedescendant", `proposal${this.chosen}`);
    else this.input.removeAttribute("aria-activedescendant");
  }

  private hide(): void {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.found = [];
    this.draw();
  }

  private take(at: number): void {
    this.input.value = completed(this.input.value, this.found[at]!);
    this.propose();
  }

  private key(event: KeyboardEvent): void {
    if (event.key === "Escape") {
      if (this.found.length) this.hide();
      else this.handlers.left();
    } else if (!this.found.length) return;
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      this.chosen = (this.chosen + (event.key === "ArrowDown" ? 1 : this.found.length) + (this.chosen < 0 && event.key === "ArrowUp" ? 0 : 0)) % this.found.length;
      this.draw();
    } else if ((event.key === "Tab" && !event.shiftKey) || (event.key === "Enter" && this.chosen >= 0)) this.take(Math.max(0, this.chosen));
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** The form, and the searches that are kept. */
  private async form(): Promise<void> {
    const words = t.fields;
    const texts = ["words", "phrase", "without", "from", "to", "subject", "label"] as const;
    const marks = ["attachment", "unread", "flagged"] as const;
    const query = await dialog<string>(t.searchForm, (close) => {
      const form: HTMLFormElement = h("form", { onsubmit: (event: Event) => { event.preventDefault(); close(fromForm(this.read(form))); } },
        h("div", { class: "pairs" },
          ...texts.map((name) => field(words[name], h("input", { name }))),
          field(words.in, h("select", { name: "in" }, h("option", { value: "" }, words.anywhere), ...this.handlers.mailboxes().map((one) => h("option", { value: one.name }, one.name)))),
          field(words.after, h("input", { name: "after", type: "date" })), field(words.before, h("input", { name: "before", type: "date" })),
          field(words.larger, h("input", { name: "larger", placeholder: words.largerExample })),
          h("div", null, ...marks.map((name) => field(words[name], h("input", { name, type: "checkbox" }))))),
        h("footer", null, h("button", { class: "button primary" }, t.search)));
      return [form, this.saved(close)];
    }, "wide");
    if (query !== null) this.handlers.search(query);
  }

  private read(form: HTMLFormElement): Form {
    return Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, value === "on" ? true : String(value)]));
  }

  private saved(close: (query: string) => void): HTMLElement {
    const place = h("section", null);
    const draw = (): void => {
      const { searches } = this.display.choices;
      const now = this.input.value.trim();
      fill(place, h("h3", null, t.saved), h("ul", { class: "saved plain" }, ...searches.map((one) => h("li", null,
        h("button", { type: "button", class: "link", dir: "auto", onclick: () => close(one.query) }, ...shown(one.name)), h("code", { dir: "auto" }, ...shown(one.query)),
        button("close", t.forgetThis(one.name), () => { this.display.change({ searches: searches.filter((other) => other !== one) }); draw(); })))),
      now && !searches.some((one) => one.query === now) && h("p", null, h("button", {
        type: "button", class: "button", onclick: () => { this.display.change({ searches: [...searches, { name: now, query: now }] }); notice(t.savedAs(now)); draw(); },
      }, t.keepThis(now))));
    };
    draw();
    return place;
  }
}
