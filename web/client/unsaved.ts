// What was typed into the forms of a page and not saved yet: it stays when the page is drawn anew for something else.
import { called } from "./focus";

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

/** A control with something unsaved: how it is found again, and what it showed before anybody typed. */
interface Entry {
  readonly called: string;
  /** It is so many-th of those that are called so, and there are so many. */
  readonly at: number;
  readonly of: number;
  readonly from: string;
  readonly to: string;
}

/** Controls of forms that somebody typed into or chose from. */
const touched = new Set<Control>();
/** Those of the form that was sent last: if it is refused, they are unsaved after all. */
let sent: Control[] = [];

function isControl(one: unknown): one is Control {
  return (one instanceof HTMLInputElement && one.type !== "file") || one instanceof HTMLSelectElement || one instanceof HTMLTextAreaElement;
}

let watching = false;

/** Begin to watch, unless that is done already. */
export function watch(): void {
  if (watching) return;
  watching = true;
  document.addEventListener("input", ({ target }) => { if (isControl(target) && target.form) touched.add(target); });
  document.addEventListener("submit", ({ target }) => {
    sent = [...touched].filter((one) => one.form === target);
    for (const one of sent) touched.delete(one);
  }, true);
}

/** The server refused what was sent. */
export function refused(): void {
  for (const one of sent) touched.add(one);
  sent = [];
}

/** Another page comes, or what others saved is wanted. */
export function forget(): void {
  touched.clear();
  sent = [];
}

function value(one: Control): string {
  return one instanceof HTMLInputElement && (one.type === "checkbox" || one.type === "radio") ? String(one.checked) : one.value;
}

function drawn(one: Control): string {
  if (one instanceof HTMLSelectElement) return ([...one.options].find((each) => each.defaultSelected) ?? one.options[0])?.value ?? "";
  return one instanceof HTMLInputElement && (one.type === "checkbox" || one.type === "radio") ? String(one.defaultChecked) : one.defaultValue;
}

function put(one: Control, to: string): void {
  if (one instanceof HTMLInputElement && (one.type === "checkbox" || one.type === "radio")) one.checked = to === "true";
  else one.value = to;
}

function controls(place: Element): Map<string, Control[]> {
  const found = new Map<string, Control[]>();
  for (const one of place.querySelectorAll("form input, form select, form textarea")) {
    if (!isControl(one)) continue;
    const name = called(one);
    found.set(name, [...found.get(name) ?? [], one]);
  }
  return found;
}

/** What is unsaved within a place. */
export function unsaved(place: Element): Entry[] {
  for (const one of touched) if (!one.isConnected) touched.delete(one);
  if (![...touched].some((one) => place.contains(one))) return [];
  return [...controls(place)].flatMap(([name, same]) => same.flatMap((one, at) =>
    touched.has(one) && value(one) !== drawn(one) ? [{ called: name, at, of: same.length, from: drawn(one), to: value(one) }] : []));
}

/** Put that in again, where the place has the same controls as before and they show what they showed: what others changed is not written over unseen. */
export function again(place: Element, entries: Entry[]): void {
  if (!entries.length) return;
  const there = controls(place);
  for (const { called: name, at, of, from, to } of entries) {
    const same = there.get(name) ?? [], one = same[at];
    if (!one || same.length !== of || drawn(one) !== from) continue;
    put(one, to);
    touched.add(one);
  }
}
