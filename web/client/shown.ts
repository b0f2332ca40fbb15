// Text of others as it is shown everywhere: words that mix scripts are marked, and it cannot turn around what stands beside it.
// And text that explains itself.
import type { Person } from "./api";
import { h, type Child } from "./dom";
import { who } from "./format";
import { pieces } from "./mixing";
import { s } from "./words/shared";

/** Characters that turn letters around ("exe.txt" as "txt.exe"); programs that mean well need none. */
const OVERRIDES = /[\u202d\u202e]/;
/** Characters that set a direction for what follows, and that end it: unpaired, they reach beyond the text. */
const DIRECTIONS = /[\u202a-\u202c\u2066-\u2069]/g;

/** Text with its disguises marked.  A `long` one stands by itself, line by line: its directions count within their line. */
export function shown(text: string, long = false): Child[] {
  if (OVERRIDES.test(text)) return text.split(OVERRIDES).flatMap((part, at) => [at > 0 && h("span", { class: "mixed", title: s.turned }, "\u21c4"), ...shown(part, long)]);
  return pieces(long ? text : text.replace(DIRECTIONS, "")).map(([piece, mixed]) => (mixed ? h("span", { class: "mixed", title: s.mixed }, piece) : piece));
}

/** People in a few words, each in the direction of the own name. */
export function people(some: Person[]): Child[] {
  return some.flatMap((one, at) => [at > 0 && ", ", h("bdi", null, ...shown(who(one)))]);
}

/** Text with a dotted underline that says what it means, to the mouse, to the finger and to the keyboard. */
export function explained(text: Child, meaning: string): HTMLElement {
  return h("span", { class: "explained", tabIndex: 0, role: "note", "aria-label": `${text instanceof Node ? text.textContent : text}: ${meaning}`, "data-tip": meaning }, text);
}
