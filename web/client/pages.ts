// An application of several pages, chosen by the address after #, with a menu beside them (above them on a narrow screen).
import { attempt, button, complain, fill, h, icon, type Child } from "./dom";
import { settled } from "./signin";
import { forget, watch } from "./unsaved";
import { s } from "./words/shared";

/** A page draws itself into main and may return what has to be ended when it is left. */
export type Page = (main: HTMLElement, argument: string) => Promise<(() => void) | void>;

/** One page; those with `above` are no entry of the menu, but belong to that one.  A `group` begins with the page that names it. */
export interface Entry {
  title: string;
  draw: Page;
  above?: string;
  group?: string;
}

/** Shows one page after the other until it is ended. */
export class Pages {
  private leave: (() => void) | void = undefined;
  private turn = 0;
  private readonly main = h("main", { tabIndex: -1 });
  private readonly links: HTMLAnchorElement[] = [];
  private readonly opener: HTMLButtonElement;
  private readonly frame: HTMLElement;

  /** The first entry is where one begins; `more` stands in the menu after them. */
  constructor(private readonly entries: Record<string, Entry>, place: HTMLElement, name: string, more: Child[], out: () => Promise<unknown>) {
    this.opener = h("button", { type: "button", class: "button menu", "aria-expanded": "false", "aria-controls": "pages-menu", onclick: () => this.open(!this.opened()) }, icon("menu"), h("span", null, s.menu));
    const nav = h("nav", { id: "pages-menu", "aria-label": s.pages }, ...this.menu(), more.some(Boolean) && h("div", { role: "group" }, ...more));
    settled(place);
    this.frame = h("div", { class: "pages", onkeydown: (event: Event) => { if ((event as KeyboardEvent).key === "Escape" && this.opened()) { this.open(false); this.opener.focus(); } } },
      h("header", { class: "masthead" }, h("span", { class: "owner" }, h("img", { src: "/static/icon.svg", alt: "", width: 26, height: 26 }), h("strong", { title: name }, name)),
        this.opener, nav, button("out", s.signOut, () => void attempt(out), true)),
      this.main);
    const within = place.contains(document.activeElement);
    fill(place, this.frame);
    if (within) this.main.focus();
    window.onhashchange = () => { this.open(false); void this.draw(); };
    watch();
    void this.draw();
  }

  /** The menu, group by group. */
  private menu(): HTMLElement[] {
    const parts: HTMLElement[] = [];
    let list: HTMLElement | undefined;
    for (const [key, page] of Object.entries(this.entries)) {
      if (page.above) continue;
      if (page.group || !list) {
        list = h("div", { role: "group", "aria-label": page.group ?? null });
        if (page.group) parts.push(h("p", { "aria-hidden": "true" }, page.group));
        parts.push(list);
      }
      const link = h("a", { href: `#${key}` }, page.title);
      this.links.push(link);
      list.append(link);
    }
    return parts;
  }

  private opened(): boolean {
    return this.frame.classList.contains("menu-open");
  }

  /** On a narrow screen the menu is folded away. */
  private open(shown: boolean): void {
    this.frame.classList.toggle("menu-open", shown);
    this.opener.setAttribute("aria-expanded", String(shown));
  }

  /** Stop what the page that is shown does. */
  end(): void {
    window.onhashchange = null;
    this.turn += 1;
    if (this.leave) this.leave();
    this.leave = undefined;
  }

  private async draw(): Promise<void> {
    const [name = "", ...rest] = location.hash.slice(1).split("/");
    const first = Object.keys(this.entries)[0]!;
    const known = this.entries[name] ? name : first;
    const page = this.entries[known]!;
    const mine = ++this.turn;
    if (this.leave) this.leave();
    this.leave = undefined;
    for (const link of this.links) {
      if (link.hash === `#${page.above ?? known}`) {
        link.setAttribute("aria-current", "page");
        link.scrollIntoView({ block: "nearest" });
      }
      else link.removeAttribute("aria-current");
    }
    document.title = s.title(page.title);
    const fresh = h("div", null);
    forget();
    fill(this.main, fresh);
    try {
      const end = await page.draw(fresh, decodeURIComponent(rest.join("/")));
      if (mine === this.turn) this.leave = end;
      else if (end) end();
    } catch (problem) {
      complain(problem);
      if (mine === this.turn && !fresh.childNodes.length) fill(fresh, h("p", { class: "problem" }, problem instanceof Error ? problem.message : String(problem)));
    }
  }
}

/** Where one can go on a long page: a button for each of its headings, put behind the first one. */
export function contents(main: HTMLElement): void {
  const headings = [...main.querySelectorAll<HTMLElement>("h2")].filter((one) => one.parentElement === main);
  main.querySelector("h1")?.after(h("nav", { class: "contents", "aria-label": s.contents }, ...headings.map((heading) => h("button", {
    type: "button", onclick: () => { heading.tabIndex = -1; heading.focus({ preventScroll: true }); heading.scrollIntoView({ block: "start" }); },
  }, heading.textContent))));
}
