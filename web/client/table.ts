// Tables of the administration and the account page.
import { fill, h, icon, type Child } from "./dom";
import { s } from "./words/shared";

/** Text that is as short as this (characters) stays on one line; longer words may break anywhere. */
const SHORT = 24;
const NUMBER = /^(\d{1,3}([.,\s]\d{3})*|\d+)([.,]\d+)?( ([kMGT]?B|%))?( \(.*%\))?$/;
const IPV4 = /^\d+(\.\d+){3}$/;

/** A table with its headings; a cell that is no node is text. */
export function table(headings: string[], rows: Child[][], empty: string): HTMLElement {
  if (!rows.length) return h("p", { class: "none" }, empty);
  // A column of numbers only: its heading stands over them, at the right.
  const numbers = headings.map((_, at) => rows.every((row) => row[at] === "" || row[at] === "-" || kind(row[at]) === "number") && rows.some((row) => kind(row[at]) === "number"));
  return h("div", { class: "scroll" }, h("table", null,
    h("thead", null, h("tr", null, ...headings.map((heading, at) => (heading ? h("th", { class: numbers[at] ? "number" : null }, heading) : h("td", null))))),
    h("tbody", null, ...rows.map((row) => h("tr", null, ...row.map((cell, at) => h("td", { "data-label": headings[at] ?? "", class: numbers[at] ? "number" : kind(cell) === "number" ? "brief" : kind(cell) }, cell)))))));
}

/** How the content of a cell wants to be set. */
function kind(cell: Child): "number" | "brief" | "long" | null {
  const text = cell instanceof HTMLElement ? cell.textContent ?? "" : typeof cell === "number" || typeof cell === "string" ? String(cell) : "";
  if (text.length > SHORT) return "long";
  if (text === "" || (cell instanceof HTMLElement && cell.childElementCount && !cell.classList.contains("copyable"))) return null;
  return NUMBER.test(text) && !IPV4.test(text) ? "number" : "brief";
}

/** A button that copies text that stands nearby. */
export function copier(text: string, label: string): HTMLElement {
  const copy = h("button", { type: "button", class: "link", onclick: () => void navigator.clipboard.writeText(text).then(() => { copy.textContent = s.copied; }) }, label);
  return copy;
}

/** Text with a button that copies it. */
export function copyable(text: string): HTMLElement {
  const copy = h("button", { type: "button", class: "copy", title: s.copy, "aria-label": s.copyThis(text), onclick: () => void navigator.clipboard.writeText(text).then(() => {
    fill(copy, icon("done"));
    copy.title = s.copied;
    copy.setAttribute("aria-label", s.copiedThis(text));
  }) }, icon("copy"));
  return h("span", { class: "copyable" }, h("code", null, text), " ", copy);
}
