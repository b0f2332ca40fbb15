// Text of others as it is shown everywhere: words that mix scripts are marked.  And text that explains itself.
import { h, type Child } from "./dom";
import { pieces } from "./mixing";
import { s } from "./words/shared";

/** Text with its disguises marked. */
export function shown(text: string): Child[] {
  return pieces(text).map(([piece, mixed]) => (mixed ? h("span", { class: "mixed", title: s.mixed }, piece) : piece));
}

/** Text with a dotted underline that says what it means, to the mouse, to the finger and to the keyboard. */
export function explained(text: Child, meaning: string): HTMLElement {
  return h("span", { class: "explained", tabIndex: 0, role: "note", "aria-label": `${text instanceof Node ? text.textContent : text}: ${meaning}`, "data-tip": meaning }, text);
}
