// Tables of the administration and the account page.
import { h, type Child } from "./dom";

/** A table with its headings; a cell that is no node is text. */
export function table(headings: string[], rows: Child[][], empty: string): HTMLElement {
  if (!rows.length) return h("p", { class: "quiet" }, empty);
  return h("div", { class: "scroll" }, h("table", null,
    h("thead", null, h("tr", null, ...headings.map((heading) => (heading ? h("th", null, heading) : h("td", null))))),
    h("tbody", null, ...rows.map((row) => h("tr", null, ...row.map((cell, at) => h("td", { "data-label": headings[at] ?? "" }, cell)))))));
}

/** A button that copies text that stands nearby. */
export function copier(text: string, label: string): HTMLElement {
  const copy = h("button", { type: "button", class: "link", onclick: () => void navigator.clipboard.writeText(text).then(() => { copy.textContent = "Copied"; }) }, label);
  return copy;
}

/** Text with a button that copies it. */
export function copyable(text: string): HTMLElement {
  const copy = h("button", { type: "button", class: "link", "aria-label": `Copy ${text}`, onclick: () => void navigator.clipboard.writeText(text).then(() => { copy.textContent = "Copied"; copy.setAttribute("aria-label", `Copied ${text}`); }) }, "Copy");
  return h("span", { class: "copyable" }, h("code", null, text), " ", copy);
}
