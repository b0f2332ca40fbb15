// Mailboxes, list and message side by side or one below the other, with edges that can be moved.
import { h } from "../dom";
import { t } from "../words/reading";
import type { Display } from "./display";

type Pane = "side" | "list";

const LEAST: Record<Pane, number> = { side: 150, list: 180 };
const STEP = 24;

/** A screen by its size: what was chosen on one is not what fits another. */
function screen(): string {
  return innerWidth < 1200 ? "small" : innerWidth < 1800 ? "middle" : "large";
}

export class Panes {
  readonly edges: [HTMLElement, HTMLElement];
  /** Whether the message is below the list. */
  below = false;

  constructor(private readonly frame: HTMLElement, private readonly display: Display, private readonly changed: () => void) {
    this.edges = [this.edge("side"), this.edge("list")];
    addEventListener("resize", () => this.draw());
  }

  /** Arrange everything as was chosen. */
  draw(): void {
    const { layout } = this.display.choices;
    this.below = layout === "below" || (layout === "auto" && innerWidth < 1250 && innerHeight > innerWidth * 0.7);
    this.frame.classList.toggle("below", this.below);
    for (const pane of ["side", "list"] as const) {
      const size = this.display.choices.panes[this.key(pane)];
      if (size) this.frame.style.setProperty(`--${pane}`, `${this.bounded(pane, size)}px`);
      else this.frame.style.removeProperty(`--${pane}`);
    }
    const edge = this.edges[1];
    edge.setAttribute("aria-orientation", this.below ? "horizontal" : "vertical");
    this.tell("side");
    this.tell("list");
    this.changed();
  }

  /** Where an edge is, in percent of the window, for who does not see it. */
  private tell(pane: Pane): void {
    const edge = this.edges[pane === "side" ? 0 : 1];
    const down = pane === "list" && this.below;
    const box = edge.previousElementSibling?.getBoundingClientRect();
    const share = box ? (down ? box.height / innerHeight : box.width / innerWidth) : 0;
    edge.setAttribute("aria-valuenow", String(Math.round(100 * Math.min(1, share))));
  }

  private key(pane: Pane): string {
    return `${screen()}-${pane}${pane === "list" && this.below ? "-below" : ""}`;
  }

  private bounded(pane: Pane, size: number): number {
    const room = pane === "list" && this.below ? innerHeight : innerWidth;
    return Math.round(Math.max(LEAST[pane], Math.min(size, room * (pane === "side" ? 0.4 : 0.7))));
  }

  private set(pane: Pane, size: number): void {
    this.display.change({ panes: { ...this.display.choices.panes, [this.key(pane)]: this.bounded(pane, size) } });
    this.draw();
  }

  /** Whether to the right is wider: not on a page that is read from there. */
  private turned(vertical: boolean): 1 | -1 {
    return !vertical && getComputedStyle(this.frame).direction === "rtl" ? -1 : 1;
  }

  private edge(pane: Pane): HTMLElement {
    const edge = h("div", { class: `edge edge-${pane}`, role: "separator", tabIndex: 0, "aria-label": t.resize[pane], "aria-orientation": "vertical", "aria-valuenow": 0 });
    edge.addEventListener("focus", () => this.tell(pane));
    const size = (): number => {
      const box = edge.previousElementSibling!.getBoundingClientRect();
      return pane === "list" && this.below ? box.height : box.width;
    };
    edge.addEventListener("pointerdown", (down) => {
      edge.setPointerCapture(down.pointerId);
      const vertical = pane === "list" && this.below;
      const turned = this.turned(vertical);
      const [start, first] = [vertical ? down.clientY : down.clientX, size()];
      const move = (event: PointerEvent): void => this.set(pane, first + turned * ((vertical ? event.clientY : event.clientX) - start));
      edge.addEventListener("pointermove", move);
      edge.addEventListener("lostpointercapture", () => edge.removeEventListener("pointermove", move), { once: true });
    });
    edge.addEventListener("keydown", (event) => {
      const by = { ArrowRight: STEP, ArrowDown: STEP, ArrowLeft: -STEP, ArrowUp: -STEP }[event.key];
      if (!by) return;
      event.preventDefault();
      event.stopPropagation();
      this.set(pane, size() + by * this.turned(event.key === "ArrowUp" || event.key === "ArrowDown"));
    });
    edge.addEventListener("dblclick", () => {
      const { [this.key(pane)]: _, ...others } = this.display.choices.panes;
      this.display.change({ panes: others });
      this.draw();
    });
    return edge;
  }
}
