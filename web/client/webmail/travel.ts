// How mail gets to the recipients of a message: five small bars for each domain; and what the message may ask of its way.
import { webmail, type Draft, type Travel } from "../api";
import { fill, h, type Child } from "../dom";
import { longDate } from "../format";
import { w } from "../words/writing";
import { canRequire } from "./checks";

type Protection = Draft["tls"];

const PAUSE = 600;
/** Domains of one field that are shown at first. */
const FEW = 3;

const BARS = ["STARTTLS", "MTA-STS", "DNSSEC", "DANE", "REQUIRETLS"];
const CHOICES: Protection[] = ["default", "required", "not-required"];

/** The choice "Require TLS"; it requires by itself where that is safe, until somebody chooses. */
export class Choice {
  readonly element: HTMLElement;
  readonly hint = h("p", { class: "ways", role: "status" });
  private readonly select: HTMLSelectElement;
  private chosen: boolean;
  private byItself = false;

  constructor(value: Protection, private readonly inList: boolean, private readonly changed: () => void) {
    this.chosen = value !== "default";
    this.select = h("select", { name: "tls", onchange: () => { this.chosen = true; this.byItself = false; this.explain(); this.changed(); } },
      ...CHOICES.map((one) => h("option", { value: one, selected: one === value }, w.way.choices[one])));
    this.element = h("label", { class: "quiet" }, w.way.require, " ", this.select);
    this.explain();
  }

  get value(): Protection {
    return this.select.value as Protection;
  }

  /** The ways to all recipients are known now; whole says that nobody is left out. */
  suggest(ways: Travel[], whole: boolean): void {
    if (this.chosen) return;
    const wanted = whole && canRequire(ways, this.inList);
    if (wanted === this.byItself) return;
    this.byItself = wanted;
    this.select.value = wanted ? "required" : "default";
    this.explain();
    this.changed();
  }

  private explain(): void {
    this.hint.textContent = [this.byItself && w.way.byItself, w.way.hints[this.value]].filter(Boolean).join(" ");
    this.hint.hidden = !this.hint.textContent;
  }
}

/** The bars below the recipients of one field. */
export class Ways {
  readonly element = h("ul", { class: "ways", hidden: true, "aria-label": w.way.title });
  found: Travel[] = [];
  private timer = 0;
  private asked = "";
  private all = false;

  constructor(private readonly field: { value: string }, private readonly choice: () => Protection, private readonly told: () => void) {
    this.soon(0);
  }

  /** Whether what is typed is what was asked about. */
  get settled(): boolean {
    return this.field.value.trim() === this.asked;
  }

  /** Somebody types. */
  soon(pause = PAUSE): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.ask(), pause);
  }

  /** The choice has changed, and what is worth saying with it. */
  draw(): void {
    const groups = new Map<string, Travel[]>();
    for (const one of this.found) {
      const domain = one.address.slice(one.address.lastIndexOf("@") + 1);
      groups.set(domain, [...groups.get(domain) ?? [], one]);
    }
    const shown = [...groups].slice(0, this.all ? undefined : FEW);
    const left = groups.size - shown.length;
    fill(this.element, ...shown.map(([domain, ways]) => this.domain(domain, ways[0]!)),
      left > 0 && h("li", null, h("button", { type: "button", class: "link", onclick: () => { this.all = true; this.draw(); } }, w.way.more(left))));
    this.element.hidden = !this.found.length;
  }

  private async ask(): Promise<void> {
    const typed = this.field.value.trim();
    if (typed === this.asked) return;
    this.asked = typed;
    // Nobody waits for this: where it cannot be had, there is none.
    const found = typed ? await webmail.travel({ recipients: typed }).catch(() => []) : [];
    if (typed !== this.asked) return;
    this.found = found;
    this.draw();
    this.told();
  }

  private domain(domain: string, one: Travel): HTMLElement {
    const refused = this.choice() === "required" && one.way !== "here" && one.way !== "unknown" && !one.requiretls;
    const word = refused ? w.way.back(w.way.words[one.way]) : w.way.words[one.way];
    const known = one.way !== "here" && one.way !== "unknown";
    const lines: Child[] = known ? BARS.map((name, at) => {
      const has = one.bars[at] ?? null;
      return h("li", { class: state(has) }, h("strong", null, name), " ", has === null ? w.way.nobodyKnows : w.way.bars[at]![has ? 0 : 1]);
    }) : [];
    const id = `way${(number += 1)}`;
    const tip = h("div", { class: "tip", role: "tooltip", id }, h("p", null, w.way.meaning[one.way]),
      lines.length > 0 && h("ul", null, ...lines),
      refused && h("p", { class: "warn" }, w.way.refused),
      one.at !== null && h("p", { class: "quiet" }, w.way.seen(longDate(one.at))));
    const button = h("button", { type: "button", class: refused ? "word warn" : "word", "aria-describedby": id,
      onkeydown: (event: KeyboardEvent) => { if (event.key === "Escape") { event.stopPropagation(); button.blur(); } } },
      known && h("span", { class: "bars", "aria-hidden": "true" }, ...BARS.map((_, at) => h("i", { class: state(one.bars[at] ?? null) }))),
      h("bdi", null, domain), " ", h("span", null, word));
    return h("li", null, button, tip);
  }
}

let number = 0;

function state(has: boolean | null): string {
  return has === null ? "unknown" : has ? "yes" : "no";
}
