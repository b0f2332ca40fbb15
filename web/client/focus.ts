// Where the keyboard is, when what it was on is drawn anew, goes away or is covered.

/** A stop of the keyboard that can be found again: the same element, one that is called the same, or what stands in its place. */
export interface Spot {
  readonly element: HTMLElement;
  readonly called: string;
  /** How many stops of `place` come before it. */
  readonly at: number;
}

/** What stays the same of a stop when it is drawn anew: data-at where it has one, since what it says may change. */
export function called(one: HTMLElement): string {
  const label = (one as HTMLInputElement).labels?.[0]?.textContent;
  return `${one.tagName} ${one.dataset["at"] ?? one.getAttribute("name") ?? one.getAttribute("aria-label") ?? label ?? one.textContent ?? ""}`;
}

function usable(one: HTMLElement): boolean {
  return one.isConnected && !one.matches(":disabled") && one.checkVisibility({ visibilityProperty: true });
}

function stops(place: Element): HTMLElement[] {
  return [...place.querySelectorAll<HTMLElement>("a[href], button, input, select, textarea, summary, [tabindex]")].filter((one) => one.tabIndex >= 0 && usable(one));
}

/** The spot where the keyboard is, if that is within a place. */
export function spot(place: Element = document.body): Spot | null {
  const element = document.activeElement;
  if (!(element instanceof HTMLElement) || element === document.body || !place.contains(element)) return null;
  return { element, called: called(element), at: stops(place).indexOf(element) };
}

/** Put the keyboard back to a spot of a place, or to what follows; unless `always`, not if it is somewhere else by now. */
export function regain(found: Spot | null, place: Element = document.body, always = false): void {
  const now = document.activeElement;
  if (!found || (!always && now instanceof HTMLElement && now !== document.body && usable(now))) return;
  if (found.element.isConnected && found.element.matches(":disabled")) {
    // It rests only while it works: the keyboard stays beside it, and comes back once it can.
    const beside = ground(found.element);
    beside.focus({ preventScroll: true });
    requestAnimationFrame(() => { if (document.activeElement === beside && usable(found.element)) found.element.focus(); });
    return;
  }
  const there = place.isConnected ? stops(place) : [];
  const next = usable(found.element) ? found.element : there.find((one) => called(one) === found.called) ?? (place === document.body ? undefined : there[Math.max(0, Math.min(found.at, there.length - 1))]);
  (next ?? ground(place)).focus();
}

/** What can have the keyboard around a place that has no stops: never the whole page, from which Tab begins anew. */
export function ground(place: Element): HTMLElement {
  let one: Element | null = place.isConnected && place !== document.body ? place : null;
  while (one && !(one.matches("[tabindex], form, main, section, dialog") && usable(one as HTMLElement))) one = one.parentElement;
  const known = [".list", ".empty[tabindex]", "main"].map((each) => document.querySelector<HTMLElement>(each));
  const found = (one ?? known.find((each) => each && usable(each)) ?? document.body) as HTMLElement;
  if (!found.hasAttribute("tabindex")) found.tabIndex = -1;
  return found;
}
