// How the webmail looks, as its reader chose; kept on the server, so that it is the same everywhere.
import { webmail } from "../api";

export const LAYOUTS = ["auto", "beside", "below"] as const;
export const THREADINGS = ["off", "on", "unread"] as const;
export const ORDERS = ["newest", "oldest", "largest", "smallest", "sender", "subject"] as const;
export const COLUMNS = ["preview", "size", "labels", "exact"] as const;

export type Layout = (typeof LAYOUTS)[number];
export type Threading = (typeof THREADINGS)[number];
export type Order = (typeof ORDERS)[number];
export type Column = (typeof COLUMNS)[number];

/** A search that is kept under a name. */
export interface Saved {
  name: string;
  query: string;
}

export interface Choices {
  layout: Layout;
  threads: Threading;
  order: Order;
  columns: Column[];
  html: boolean;
  /** Whether single characters are commands: who speaks to the computer, or hits keys by chance, wants none. */
  keys: boolean;
  /** Sizes of panes in pixels, by size of the screen and pane. */
  panes: Record<string, number>;
  searches: Saved[];
}

export const USUAL: Choices = { layout: "auto", threads: "off", order: "newest", columns: ["preview", "labels"], html: false, keys: true, panes: {}, searches: [] };
const MOST_SEARCHES = 50;

/** What was kept, whatever it is: what is not understood is as usual. */
export function understood(text: string): Choices {
  let given: Partial<Record<keyof Choices, unknown>> = {};
  try {
    const parsed: unknown = JSON.parse(text || "{}");
    if (parsed && typeof parsed === "object") given = parsed;
  } catch {
    // Nothing that could be read was kept.
  }
  const one = <T extends string>(known: readonly T[], value: unknown, usual: T): T => (known.includes(value as T) ? (value as T) : usual);
  const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
  return {
    layout: one(LAYOUTS, given.layout, USUAL.layout),
    threads: one(THREADINGS, given.threads, USUAL.threads),
    order: one(ORDERS, given.order, USUAL.order),
    columns: Array.isArray(given.columns) ? COLUMNS.filter((name) => list(given.columns).includes(name)) : USUAL.columns,
    html: given.html === true,
    keys: given.keys !== false,
    panes: Object.fromEntries(Object.entries((given.panes ?? {}) as object).filter(([, size]) => typeof size === "number" && size > 0 && size < 10_000)) as Record<string, number>,
    searches: list(given.searches).filter((saved): saved is Saved => {
      const { name, query } = (saved ?? {}) as Partial<Saved>;
      return typeof name === "string" && typeof query === "string";
    }).slice(0, MOST_SEARCHES),
  };
}

/** The choices of who is signed in; what changes is kept a moment later. */
export class Display {
  choices: Choices = USUAL;
  private timer = 0;

  async load(): Promise<void> {
    this.choices = understood(await webmail.display_choices());
  }

  change(what: Partial<Choices>): void {
    this.choices = { ...this.choices, ...what };
    clearTimeout(this.timer);
    // Nobody waits for it: if it cannot be kept now, the next change keeps all.
    this.timer = window.setTimeout(() => void webmail.display_keep({ choices: JSON.stringify(this.choices) }).catch(() => undefined), 800);
  }
}
