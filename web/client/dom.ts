// Building blocks of a page: elements, icons, notices, dialogs.  Text always goes in as text.
import { regain, spot, type Spot } from "./focus";
import { again as enter, forget, refused, unsaved } from "./unsaved";
import { s } from "./words/shared";

export type Child = Node | string | number | null | undefined | false;
type Props = Record<string, unknown>;

/** An element; props that begin with "on" are listeners, "class" and "data-…"/"aria-…" attributes, the rest properties. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, props: Props | null, ...children: Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value as EventListener);
    else if (name === "class" || name === "for" || name === "role" || name.includes("-")) {
      if (value !== false) element.setAttribute(name, String(value));
    } else (element as unknown as Props)[name] = value;
  }
  element.append(...children.filter(isShown).map(asNode));
  // What a control shows at first is its default: what is typed can be told from it.
  if (element instanceof HTMLInputElement) {
    if ((props?.["value"] ?? null) !== null) element.defaultValue = String(props!["value"]);
    element.defaultChecked = element.checked;
  } else if (element instanceof HTMLTextAreaElement) element.defaultValue = element.value;
  else if (element instanceof HTMLOptionElement && props?.["selected"]) element.defaultSelected = true;
  return element;
}

/** Put these in place of what an element holds; the keyboard stays where it was in it, and what was typed and not saved stays. So does the first, if it is the same: a press of the mouse on it goes on. */
export function fill(element: Element, ...children: Child[]): void {
  const before = spot(element), typed = unsaved(element);
  const [first, ...rest] = children.filter(isShown).map(asNode);
  if (first && first === element.firstChild) {
    while (element.lastChild !== first) element.lastChild!.remove();
    element.append(...rest);
  } else element.replaceChildren(...(first ? [first, ...rest] : []));
  enter(element, typed);
  regain(before, element);
}

function isShown(child: Child): child is Node | string | number {
  return child !== null && child !== undefined && child !== false;
}

function asNode(child: Node | string | number): Node | string {
  return child instanceof Node ? child : String(child);
}

const SHAPES: Record<string, string> = {
  inbox: "M3 13h5l1.5 3h5L16 13h5M3 13l3-9h12l3 9v6a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1z",
  sent: "M21 3 10 14M21 3l-7 18-4-7-7-4z",
  drafts: "M4 20l1-5L16 4l4 4L9 19zM14 6l4 4",
  archive: "M3 4h18v5H3zM5 9v11h14V9M10 13h4",
  junk: "M12 3 2 20h20zM12 9v5M12 17v.5",
  trash: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
  rejects: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM6 6l12 12",
  folder: "M3 6h6l2 2h10v11H3z",
  reply: "M9 7 4 12l5 5M4 12h10a6 6 0 0 1 6 6",
  replyall: "M7 8 3 12l4 4M12 7l-5 5 5 5M7 12h8a6 6 0 0 1 6 6",
  forward: "M15 7l5 5-5 5M20 12H10a6 6 0 0 0-6 6",
  flag: "M5 21V4h12l-2 4 2 4H5",
  unread: "M3 6h18v12H3zM3 7l9 7 9-7",
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l5 5",
  write: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6 6 18",
  clip: "M20 11 12 19a5 5 0 0 1-7-7l8-8a3.5 3.5 0 0 1 5 5l-8 8a2 2 0 0 1-3-3l7-7",
  menu: "M4 6h16M4 12h16M4 18h16",
  back: "M15 5l-7 7 7 7",
  onward: "M9 5l7 7-7 7",
  label: "M4 4h8l8 8-8 8-8-8zM8 8h.5",
  print: "M7 9V4h10v5M7 17H4v-8h16v8h-3M7 14h10v6H7z",
  columns: "M4 5h16v14H4zM10 5v14M4 10h6",
  twist: "M9 6l6 6-6 6",
  download: "M12 4v11M7 11l5 5 5-5M4 20h16",
  move: "M3 6h6l2 2h10v11H3zM9 13h7M13 10l3 3-3 3",
  more: "M5 12h.5M12 12h.5M19 12h.5",
  out: "M10 4H5v16h5M15 8l4 4-4 4M19 12H9",
  settings: "M4 7h10M18 7h2M4 17h2M10 17h10M14 5v4M6 15v4",
  up: "M12 19V5M6 11l6-6 6 6",
  down: "M12 5v14M6 13l6 6 6-6",
  proven: "M12 3l8 3v6c0 5-3.5 8-8 9-4.5-1-8-4-8-9V6zM8.5 12l2.5 2.5 4.5-5",
  unproven: "M12 3l8 3v6c0 5-3.5 8-8 9-4.5-1-8-4-8-9V6zM12 8v5M12 16v.5",
  full: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
  bell: "M6 17V11a6 6 0 0 1 12 0v6l2 2H4zM10 21h4",
  clock: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l3.5 2",
  format: "M5 19 11 5h2l6 14M7.5 14h9",
  bold: "M7 4h6a4 4 0 0 1 0 8H7zM7 12h7a4 4 0 0 1 0 8H7z",
  italic: "M10 4h8M6 20h8M14 4l-4 16",
  bullets: "M9 6h11M9 12h11M9 18h11M4.5 6v.1M4.5 12v.1M4.5 18v.1",
  numbers: "M10 6h10M10 12h10M10 18h10M4 4h1.5v5M4 14.5h2.5L4 19h2.5",
  quote: "M4 5v14M9 7h11M9 12h11M9 17h7",
  outdent: "M4 5h16M11 10h9M11 14h9M4 19h16M7 9l-3 3 3 3",
  plain: "M5 5h14M12 5l-2 14M4 4l16 16",
  link: "M10 14a4 4 0 0 0 6 0l4-4a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-4 4a4 4 0 0 0 6 6l1-1",
  people: "M9 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM2 21c0-4 3-7 7-7s7 3 7 7M16 4a4 4 0 0 1 0 7M18 14c2.500 1 4 3.500 4 7",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  done: "M5 13l4 4L19 7",
  refresh: "M20 11a8 8 0 1 0-2 6M20 5v6h-6",
};

/** Drawings that point where reading goes, or come back from there; they are mirrored where it goes to the left. */
const DIRECTED = new Set(["reply", "replyall", "forward", "back", "onward", "twist", "move", "out", "bullets", "numbers", "quote", "outdent", "sent"]);

/** A line drawing; it says nothing to a screen reader, the button around it does. */
export function icon(name: string): SVGSVGElement {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", DIRECTED.has(name) ? "icon directed" : "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", SHAPES[name] ?? SHAPES["folder"]!);
  svg.append(path);
  return svg;
}

/** A button with an icon; `label` is its name, shown where `words` is set. */
export function button(shape: string, label: string, action: () => void, words = false, kind = ""): HTMLButtonElement {
  return h("button", { type: "button", class: `button ${kind}`.trim(), title: label, "aria-label": label, onclick: action },
    icon(shape), words && h("span", null, label));
}

/** Where notices are said: on the page, and in each dialog that is open, since nothing behind that is seen, heard or reached. */
const hosts: HTMLElement[] = [];

/** Have the place of notices before there is one: what appears together with its place is not read out. */
export function hearing(): void {
  if (hosts.length) return;
  hosts.push(h("div", { class: "notices", role: "status", "aria-live": "polite" }));
  document.body.append(hosts[0]!);
}

function noticed(box: HTMLElement): void {
  hearing();
  const host = hosts.at(-1)!;
  // Only now: a dialog may have a status of its own, and an empty second one would be in its way.
  host.setAttribute("role", "status");
  host.append(box);
}

/** Take a notice away; the keyboard goes back to where it came from. */
function unnoticed(box: HTMLElement, before: Spot | null): void {
  const within = box.contains(document.activeElement);
  box.remove();
  if (within) regain(before ?? { element: box, called: "", at: 0 });
}

/** Tell how far something has come that takes a while, and let it be stopped. */
export function progress(text: string, label: string, stop: () => void): { say(text: string): void; end(): void } {
  const words = h("span", null, text);
  const before = spot();
  const box = h("div", { class: "notice" }, words, h("button", { type: "button", onclick: stop }, label));
  noticed(box);
  return { say: (now) => { words.textContent = now; }, end: () => unnoticed(box, before) };
}

/** What can be done about a notice; `hint` names the key that does it as well. */
export interface Deed { label: string; hint?: string; run: () => void }

/** Say something at the edge of the page for a while, as long as nobody is on it; an action may undo what was done. */
export function notice(text: string, kind: "" | "error" = "", action?: Deed, seconds = kind ? 12 : 6): void {
  let before = spot();
  const end = (): void => unnoticed(box, before);
  const box = h("div", {
    class: `notice ${kind}`,
    onfocusin: (event: FocusEvent) => { if (event.relatedTarget instanceof HTMLElement && !box.contains(event.relatedTarget)) before = { element: event.relatedTarget, called: "", at: 0 }; },
  }, h("span", null, text),
    action && h("button", { type: "button", class: "deed", title: action.hint, onclick: () => { end(); action.run(); } }, action.label),
    h("button", { type: "button", "aria-label": s.dismiss, onclick: end }, icon("close")));
  noticed(box);
  const over = (): void => { if (box.matches(":hover, :focus-within")) setTimeout(over, 1_000); else end(); };
  setTimeout(over, seconds * 1_000);
}

/** Do what the newest notice offers, as a click on it would. */
export function lastDeed(): void {
  [...hosts.at(-1)?.querySelectorAll<HTMLElement>(".deed") ?? []].at(-1)?.click();
}

/** Told to the window when a call found that the session has ended; each application shows its sign-in form then. */
export const SIGNED_OUT = "pillarbox-signed-out";

/** What to say of a failed call; null of one that nobody waits for, and where the sign-in form says enough. */
export function fault(problem: unknown): string | null {
  if (problem instanceof DOMException && problem.name === "AbortError") return null;
  if ((problem as { code?: string }).code === "user:signedOut") {
    dispatchEvent(new Event(SIGNED_OUT));
    return null;
  }
  return problem instanceof Error ? problem.message : String(problem);
}

/** Say it. */
export function complain(problem: unknown): void {
  const text = fault(problem);
  if (text !== null) notice(text, "error");
}

/** Run something that may fail, and say so if it does; false if it failed. */
export async function attempt(what: () => Promise<unknown>): Promise<boolean> {
  try {
    await what();
    return true;
  } catch (problem) {
    refused();
    complain(problem);
    return false;
  }
}

/** Have a page look for what is new by itself, every so many milliseconds; `look` asks, and gives what shows the answer.  Not while nobody sees the page, or while somebody selects text or presses the mouse on what would go: either would be lost.  Gives how to end it. */
export function lookAgain(main: HTMLElement, every: number, look: () => Promise<() => void>): () => void {
  const step = async (): Promise<void> => {
    const show = await look();
    if (!main.matches(":active")) show();
  };
  const timer = setInterval(() => { if (!document.hidden && getSelection()?.isCollapsed !== false) void step().catch(complain); }, every);
  return () => clearInterval(timer);
}

/** attempt() for a change of what somebody else may have changed meanwhile: that is shown, and `again` loads it. */
export async function edited(what: () => Promise<unknown>, again: () => Promise<unknown>): Promise<boolean> {
  try {
    await what();
    return true;
  } catch (problem) {
    refused();
    if ((problem as { place?: string }).place !== "version") {
      complain(problem);
      return false;
    }
    const load = await dialog<boolean>(s.faster.title, (close) => [
      h("p", { role: "alert" }, (problem as Error).message + "."), h("p", { class: "quiet" }, s.faster.hint),
      h("footer", null, h("button", { type: "button", class: "button", onclick: () => close(null) }, s.faster.mine),
        h("button", { type: "button", class: "button primary", onclick: () => close(true) }, s.faster.load))]);
    if (load) {
      forget();
      await attempt(again);
    }
    return false;
  }
}

/** Show a dialog over everything else; the answer ends it, after which the keyboard is where it was, and what was said stays to be seen. */
export function modal(box: HTMLDialogElement, dismissed: () => void): () => void {
  const before = spot();
  const said = h("div", { class: "notices", "aria-live": "polite" });
  box.append(said);
  box.addEventListener("cancel", (event) => { event.preventDefault(); dismissed(); });
  // A browser may end a dialog without asking.
  box.addEventListener("close", () => { if (box.isConnected) dismissed(); });
  document.body.append(box);
  box.showModal();
  hearing();
  hosts.push(said);
  return () => {
    hosts.splice(hosts.indexOf(said), 1);
    hosts.at(-1)!.append(...said.childNodes);
    box.remove();
    regain(before);
  };
}

/** A modal dialog; resolves with what `close` was given, null if it was dismissed. */
export function dialog<T>(title: string, content: (close: (result: T | null) => void) => Child[], kind = ""): Promise<T | null> {
  return new Promise((resolve) => {
    let end: (() => void) | undefined;
    const box = h("dialog", { class: kind, "aria-label": title });
    const close = (result: T | null): void => {
      end?.();
      end = undefined;
      resolve(result);
    };
    box.append(h("header", null, h("h2", { dir: "auto" }, title), button("close", s.close, () => close(null))));
    box.append(...content(close).filter(isShown).map(asNode));
    end = modal(box, () => close(null));
  });
}

/** Ask before something that cannot be undone. */
export async function sure(question: string, deed: string): Promise<boolean> {
  const answer = await dialog<boolean>(s.sure, (close) => [
    h("p", null, question),
    h("footer", null,
      h("button", { type: "button", class: "button", onclick: () => close(null) }, s.cancel),
      h("button", { type: "button", class: "button danger", onclick: () => close(true) }, deed)),
  ]);
  return answer === true;
}

/** One line of a form. */
export function field(label: string, input: HTMLElement, hint = ""): HTMLElement {
  const id = input.id || `f${Math.random().toString(36).slice(2)}`;
  input.id = id;
  return h("div", { class: "field" }, h("label", { for: id }, label), input, hint && h("small", null, hint));
}
