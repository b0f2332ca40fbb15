// An application of several pages, chosen by the address after #, with a menu at the top.
import { attempt, button, complain, fill, h, type Child } from "./dom";
import { settled } from "./signin";

/** A page draws itself into main and may return what has to be ended when it is left. */
export type Page = (main: HTMLElement, argument: string) => Promise<(() => void) | void>;

/** One page; those with `above` are no entry of the menu, but belong to that one. */
export interface Entry {
  title: string;
  draw: Page;
  above?: string;
}

/** Shows one page after the other until it is ended. */
export class Pages {
  private leave: (() => void) | void = undefined;
  private turn = 0;
  private readonly main = h("main", { tabIndex: -1 });
  private readonly links: HTMLAnchorElement[];

  /** The first entry is where one begins; `more` stands in the menu after them. */
  constructor(private readonly entries: Record<string, Entry>, place: HTMLElement, name: string, more: Child[], out: () => Promise<unknown>) {
    this.links = Object.entries(entries).filter(([, page]) => !page.above).map(([key, page]) => h("a", { href: `#${key}` }, page.title));
    settled(place);
    fill(place, h("div", { class: "pages" },
      h("header", { class: "masthead" }, h("img", { src: "/static/icon.svg", alt: "", width: 26, height: 26 }), h("strong", null, name),
        h("nav", { "aria-label": "Pages" }, ...this.links, ...more), h("span", { class: "gap" }),
        button("out", "Sign out", () => void attempt(out), true)),
      this.main));
    window.onhashchange = () => void this.draw();
    void this.draw();
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
        link.scrollIntoView({ inline: "nearest", block: "nearest" });
      }
      else link.removeAttribute("aria-current");
    }
    document.title = `${page.title} - Pillarbox`;
    const fresh = h("div", null);
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
