"""Where Tab stops on a page: at everything that can be used, and whoever stops there sees it."""
from collections.abc import Iterator
from typing import Final

from playwright.sync_api import Page

#: What is wrong with where the keyboard is: "" if nothing.
WRONG: Final = """() => {
  let one = document.activeElement;
  if (!one || one === document.body) return "the keyboard is nowhere";
  const box = one.getBoundingClientRect();
  const what = one.outerHTML.slice(0, 120);
  const shown = one.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  if (!shown || box.width < 2 || box.height < 2) return `not visible: ${what}`;
  const places = [[.5, .5], [.1, .2], [.9, .2], [.1, .8], [.9, .8], [.02, .5], [.5, .02]];
  const seen = places.some(([x, y]) => {
    const there = document.elementFromPoint(box.x + box.width * x, box.y + box.height * y);
    return there && (one.contains(there) || (there.contains(one) && !there.matches("dialog, .compose, .notices *")));
  });
  if (!seen) return `hidden behind something, or beyond the screen: ${what}`;
  const style = getComputedStyle(one);
  const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
  if (!outlined && !one.matches("[role=separator], main")) return `nothing shows that the keyboard is here: ${what}`;
  return "";
}"""
#: Remembers all stops, and puts the keyboard before the first; gives how many there are.
BEGIN: Final = """() => {
  const usable = (one) => one.tabIndex >= 0 && !one.matches(":disabled") && one.checkVisibility({ visibilityProperty: true });
  const kinds = "a[href], button, input, select, textarea, summary, [tabindex]";
  window.stopsLeft = new Set([...document.querySelectorAll(kinds)].filter(usable));
  window.stopBefore = null;
  // A stop before all others, where the next Tab begins.
  const before = document.createElement("span");
  before.tabIndex = -1;
  before.onblur = () => before.remove();
  document.body.prepend(before);
  before.focus();
  return window.stopsLeft.size;
}"""
#: Ticks off where the keyboard is, with all radio buttons of its group, which are one stop; false where that was ticked off before.
#: Fields of dates are several stops, one after the other.
TICK: Final = """() => {
  const one = document.activeElement;
  if (one === stopBefore) return true;
  stopBefore = one;
  const alike = (each) => each.type === "radio" && each.form === one.form && each.name === one.name && each !== one;
  if (one.type === "radio") for (const each of [...stopsLeft].filter(alike)) stopsLeft.delete(each);
  return stopsLeft.delete(one);
}"""
#: As many parts may a field of a date have.
PARTS: Final = 7
LEFT: Final = "() => [...stopsLeft].map((one) => one.outerHTML.slice(0, 120))"


def faults(page: Page) -> Iterator[str]:
    """Tab from the beginning of a page to its end; what is wrong with where it stops, and where it does not."""
    for _ in range(page.evaluate(BEGIN) * PARTS + 1):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        wrong = page.evaluate(WRONG)
        if wrong:
            yield wrong
        if not page.evaluate(TICK):
            yield f"Tab stops again at {page.evaluate('document.activeElement.outerHTML.slice(0, 120)')}"
            break
    yield from (f"Tab does not lead to {one}" for one in page.evaluate(LEFT))
