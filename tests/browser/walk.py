"""Every page of an application, one after the other, at each size and in each colour scheme.

Which pages there are is read from the application itself (PAGES of its module): a page is
reached by the menu, or by the links of pages seen before it.  One that nothing leads to is
a fault of the application, or of the data in the tests.
"""
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response, expect

from tests.browser import stops
from tests.clientpackages import axe_script

#: WCAG 2.2 AA and all that is below it.
RULES: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
#: Where pictures are put for people to look at, if anybody wants them.
PICTURES: Final = os.environ.get("PICTURES", "")
WIDTHS: Final = {1440: 900, 390: 844}
#: What Playwright itself says where the webmail would have a service worker.
BLOCKED: Final = "Service Worker registration blocked by Playwright"
#: What fails where a test took the connection away.
OFFLINE: Final = "ERR_INTERNET_DISCONNECTED"
#: What axe-core is told when it asks the sealed frame of a message, in which nobody answers.
SEALED: Final = "does not match the recipient window's origin ('null')"

Scheme = Literal["light", "dark"]
SCHEMES: Final[tuple[Scheme, ...]] = ("light", "dark")


@dataclass
class Walk:
    """Looks at pages in one context; what is wrong with them gathers in `problems`."""

    context: BrowserContext
    folder: Path | None = Path(PICTURES) if PICTURES else None
    problems: list[str] = field(default_factory=list)
    #: What each page has asked for and not got yet.  One that is closed hears of nothing any more.
    pending: dict[Page, set[Request]] = field(default_factory=dict)
    where: str = ""
    #: How many of the pages that differ in what they are about are looked at: the first, and the one of the longest name.
    each: int = 2
    widths: dict[int, int] = field(default_factory=WIDTHS.copy)
    #: Whether pages are gone through by Tab.
    tabbed: bool = False
    #: Whether the rules are asked at the narrowest size too.
    thorough: bool = True

    def __post_init__(self) -> None:
        if self.folder:
            self.folder.mkdir(parents=True, exist_ok=True)
        self.pages = {width: self._page(width, height) for width, height in self.widths.items()}

    def _page(self, width: int, height: int) -> Page:
        page = self.context.new_page()
        page.set_viewport_size({"width": width, "height": height})
        page.on("pageerror", lambda problem: self.note(f"script: {problem}"))
        page.on("console", self._hear)
        pending = self.pending[page] = set[Request]()
        page.on("request", lambda request: _began(request, pending))
        page.on("requestfinished", lambda request: pending.discard(request))
        page.on("requestfailed", lambda request: self._failed(request, pending))
        page.on("response", self._answered)
        return page

    def note(self, problem: str) -> None:
        """Something is wrong with what is shown now."""
        self.problems.append(f"{self.where}: {problem}")

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and message.text != BLOCKED and not any(word in message.text for word in (OFFLINE, SEALED)):
            self.note(f"console: {message.text}")

    def _failed(self, request: Request, pending: set[Request]) -> None:
        pending.discard(request)
        # The first is what a page asked for when it was left.
        if not any(word in (request.failure or "") for word in ("ERR_ABORTED", OFFLINE)):
            self.note(f"{request.url}: {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.note(f"{response.url}: {response.status}")

    def application(self, app: str, name: str) -> set[str]:
        """Look at all pages of a signed-in application; the keys of those that no link led to."""
        desk = self.pages[1440]
        desk.goto(f"/{app}/")
        self.settle(desk)
        table: dict[str, str | None] = desk.evaluate(TABLE, app)
        todo = {key: [""] for key, above in table.items() if above is None}
        seen: dict[str, set[str]] = {}
        while step := _next(todo, seen, self.each):
            key, argument = step
            seen.setdefault(key, set()).add(argument)
            number = len(seen[key])
            self.where = f"{name} #{key}/{argument}"
            for link in self.page(app, f"{key}/{argument}".rstrip("/"), f"{name}-{key}{number if number > 1 else ''}"):
                of, _, about = link.partition("/")
                if of in table and about not in todo.setdefault(of, []):
                    todo[of].append(about)
        return set(table) - set(seen)

    def page(self, app: str, key: str, name: str) -> list[str]:
        """Look at one page at each size, and go through it by Tab at the widest; the pages that it links to."""
        links: list[str] = []
        for width, page in self.pages.items():
            page.goto(f"/{app}/#{key}")
            self.settle(page)
            if self.tabbed and width == max(self.widths):
                for found in stops.faults(page):
                    self.note(found)
            links = page.evaluate("[...document.querySelectorAll('a[href^=\"#\"]')].map((link) => link.hash.slice(1))")
            self.view(page, f"{name}-{width}")
        return links

    def address(self, path: str, name: str, *widths: int) -> None:
        """Look at one document at each size, or at these."""
        self.where = path
        for width in widths or WIDTHS:
            page = self.pages[width]
            page.goto(path)
            self.settle(page)
            self.view(page, f"{name}-{width}")

    def settle(self, page: Page) -> None:
        """Wait until what is shown is all there is."""
        expect(page.locator("h1").first).to_be_visible()
        self.quiet(page)

    def quiet(self, page: Page) -> None:
        """Wait until a page asks nothing of the server."""
        quiet = 0
        while quiet < 3:
            # In the page: one that has not come to what it is to ask yet does not come to this either.
            page.evaluate("new Promise((done) => setTimeout(done, 15))")
            quiet = 0 if self.pending[page] else quiet + 1

    def view(self, page: Page, name: str) -> None:
        """What is shown: nothing is wider than the screen, everybody can read and use it.

        Each rule is asked at the widest and at the narrowest size, once in the light and once in the
        dark; contrast in both at the size at which nothing is folded away.
        """
        page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true; })")
        width = page.viewport_size["width"] if page.viewport_size else 0
        wide, narrow = width == max(self.widths), width == min(self.widths)
        self._width(page)
        for scheme in SCHEMES:
            if wide or narrow or self.folder:
                page.emulate_media(color_scheme=scheme)
            if wide or (narrow and scheme == "dark" and self.thorough):
                for found in axe(page, ["color-contrast"] if wide and scheme == "dark" else None):
                    self.note(f"{scheme}: {found}")
            if self.folder:
                page.screenshot(path=self.folder / f"{name}-{scheme}.png", full_page=True)

    def _width(self, page: Page) -> None:
        wider = page.evaluate(WIDER)
        if wider:
            self.note(f"at {page.viewport_size and page.viewport_size['width']} px too wide: {'; '.join(wider)}")


#: The pages of an application, each with the one that it belongs to.
TABLE: Final = """async (app) => {
  const pages = (await import(`/static/${app}.js`)).PAGES;
  return Object.fromEntries(Object.entries(pages).map(([key, page]) => [key, page.above ?? null]));
}"""
#: What stands out of the screen, unless something around it scrolls.
WIDER: Final = """() => {
  const scrolls = (one) => one && (['auto', 'scroll', 'hidden'].includes(getComputedStyle(one).overflowX) || scrolls(one.parentElement));
  const out = [...document.body.querySelectorAll('*')].filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && !scrolls(one));
  const whole = document.documentElement.scrollWidth > innerWidth;
  if (!whole && !out.length) return [];
  return [`${document.documentElement.scrollWidth}`, ...out.slice(0, 3).map((one) => one.outerHTML.slice(0, 120))];
}"""


def axe(page: Page, only: list[str] | None = None) -> Iterator[str]:
    """What axe-core finds wrong with a page; `only` are rules, else all of WCAG 2.2 AA."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe_script())
    options: dict[str, Any] = {"runOnly": only or list(RULES), "resultTypes": ["violations"], "preload": False, "elementRef": False}
    for one in page.evaluate(f"axe.run({json.dumps(options)}).then((all) => all.violations)"):
        node = one["nodes"][0]
        said = re.sub(r"\s+", " ", node["failureSummary"])
        yield f"{one['id']} ({len(one['nodes'])}): {node['html'][:160]} {said[:260]}"


def _began(request: Request, pending: set[Request]) -> None:
    if "/events" not in request.url and request.resource_type != "eventsource":
        pending.add(request)


def _next(todo: dict[str, list[str]], seen: dict[str, set[str]], each: int) -> tuple[str, str] | None:
    """The page to look at now."""
    for key, arguments in todo.items():
        known = seen.get(key, set())
        with_argument = [one for one in arguments if one]
        chosen = ([""] if "" in arguments else []) + list(dict.fromkeys([*with_argument[:1], *sorted(with_argument, key=len)[-1:]]))[:each]
        left = [one for one in chosen if one not in known]
        if left and len(known) < each + 1:
            return key, left[0]
    return None
