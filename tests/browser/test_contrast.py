"""For who needs more contrast, and for who chose the colours of all programs: what is chosen, open or meant can still be told."""
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser import mailroom, plausible
from tests.browser.plausible import LONG_SUBJECT, caller
from tests.browser.walk import PICTURES, SCHEMES, axe
from tests.serving import Server

pytestmark = [pytest.mark.xdist_group("looks"), pytest.mark.timeout(600)]

Manner = Literal["forced", "more"]
#: Pages with charts, tables, states, forms and warnings.
PAGES = (("admin", ""), ("admin", "reports"), ("admin", "queue"), ("admin", "server"),
         ("account", "identities"), ("account", "rules"), ("account", "masks"))


@pytest.fixture(scope="module")
def server(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A localserve with something on every page."""
    server = Server(tmp_path_factory.mktemp("contrast") / "data")
    plausible.prepare(server.folder)
    server.start()
    context = browser.new_context(ignore_https_errors=True, base_url=f"https://127.0.0.1:{server.https}")
    plausible.company(server, caller(context.request, "admin", password="pillarbox"))
    plausible.owner(server, caller(context.request, "account", name="demo", password="pillarbox"))
    mailroom.fill(server, caller(context.request, "webmail", name="demo", password="pillarbox"))
    context.close()
    yield server
    server.stop()


@pytest.fixture(params=["forced", "more"])
def seen(request: pytest.FixtureRequest, browser: Browser, server: Server) -> Iterator[tuple[Page, Manner]]:
    """A page in a browser of somebody's own, signed in everywhere."""
    context = browser.new_context(
        ignore_https_errors=True, service_workers="block", base_url=f"https://127.0.0.1:{server.https}", locale="en-GB", timezone_id="UTC",
        viewport={"width": 1440, "height": 900}, reduced_motion="reduce",
        forced_colors="active" if request.param == "forced" else "none", contrast="more" if request.param == "more" else "no-preference")
    caller(context.request, "admin", password="pillarbox")
    caller(context.request, "account", name="demo", password="pillarbox")
    yield context.new_page(), request.param
    context.close()


def look(page: Page, manner: Manner, name: str) -> None:
    """In the light and in the dark: nothing that axe finds, and pictures if somebody wants them."""
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert list(axe(page, ["color-contrast"] if manner == "more" else None)) == [], f"{name}, {scheme}"
        if PICTURES:
            page.screenshot(path=f"{PICTURES}/{manner}-{name}-{scheme}.png")


def style(place: Locator, name: str, part: str = "") -> Any:
    """A property of an element (or of a part of it, "::before") as it is drawn."""
    return place.first.evaluate("(one, [name, part]) => getComputedStyle(one, part || null).getPropertyValue(name)", [name, part])


def drawn(place: Locator, part: str = "") -> bool:
    """Whether its surface differs from what it lies on."""
    return bool(style(place, "background-color", part) != style(place.page.locator("body"), "background-color"))


def outlined(place: Locator) -> bool:
    """Whether a line is around it."""
    return style(place, "outline-style") in ("solid", "dashed") and float(style(place, "outline-width").removesuffix("px")) >= 2


def test_webmail(seen: tuple[Page, Manner]) -> None:
    """What is open, chosen, pressed or has the focus; edges, labels, bars, warnings."""
    page, manner = seen
    page.goto("/webmail/")
    page.locator(".row", has_text=LONG_SUBJECT).first.click()
    expect(page.locator(".view .parties")).to_be_visible()
    page.locator(".row input").first.click()
    assert outlined(page.locator(".row.open"))
    assert outlined(page.locator(".row.selected"))
    assert outlined(page.locator(".sidebar .open"))
    assert drawn(page.locator(".edge"))
    assert style(page.locator(".row .tag"), "border-top-style") == "solid"
    for button in (page.locator(".bar .button").first, page.get_by_role("button", name="Write", exact=True)):
        assert style(button, "border-top-style") == "solid"
    for filled in (page.get_by_role("button", name="Write", exact=True), page.locator(".badge")):
        assert style(filled, "color") != style(filled, "background-color")
        assert manner == "more" or style(filled, "forced-color-adjust") == "none", "or what it says lies on a plate of its own colour"
    look(page, manner, "webmail")
    page.keyboard.press("Escape")
    page.locator(".row", has_text="Eve ev").first.click()
    expect(page.locator(".view .text .mixed")).to_be_visible()
    assert "underline" in style(page.locator(".view .text .mixed"), "text-decoration-line")
    page.locator(".view .explained").first.focus()
    assert outlined(page.locator(".explained:focus"))
    look(page, manner, "warning")
    page.keyboard.press("c")
    page.get_by_label("To", exact=True).fill("x@example.net, ")
    expect(page.locator(".compose .word")).to_have_count(1)
    page.get_by_label("To", exact=True).press_sequentially("car")
    expect(page.locator(".suggested [aria-selected=true]")).to_be_visible()
    assert outlined(page.locator(".suggested [aria-selected=true]"))
    page.get_by_role("button", name="Formatted text").click()
    pressed = page.get_by_role("button", name="Formatted text")
    expect(pressed).to_have_attribute("aria-pressed", "true")
    page.get_by_label("Subject").focus()
    assert outlined(pressed)
    assert outlined(page.get_by_label("Subject"))
    look(page, manner, "compose")


def test_other_pages(seen: tuple[Page, Manner]) -> None:
    """Administration and account: the page that is open, states, charts, buttons."""
    page, manner = seen
    for app, key in PAGES:
        page.goto(f"/{app}/#{key}")
        page.reload()
        expect(page.locator("h1").first).to_be_visible()
        page.wait_for_load_state("networkidle")
        assert outlined(page.locator(".masthead nav a[aria-current]")), key
        if page.locator("main .button").count():
            assert style(page.locator("main .button"), "border-top-style") == "solid"
        for place in (".health .state", ".chart .key"):
            if page.locator(place).count():
                assert drawn(page.locator(place), "::before"), (key, place)
        look(page, manner, f"{app}-{key}")
