"""What is written from right to left: it reads as it was meant, turns nothing around that stands beside it, and the page mirrors."""
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, Response, expect

from tests.browser import mailroom
from tests.browser.conftest import Opener, sign_in
from tests.browser.mailroom import ARABIC, ARABIC_NAME, HEBREW
from tests.browser.plausible import caller
from tests.browser.walk import PICTURES
from tests.serving import Server

#: Where each of some pieces of text stands, as their left edges.
EDGES = """(element, pieces) => {
  const walk = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const found = new Map();
  for (let node = walk.nextNode(); node; node = walk.nextNode()) for (const piece of pieces) {
    const at = node.data.indexOf(piece);
    if (at < 0 || found.has(piece)) continue;
    const range = document.createRange();
    range.setStart(node, at);
    range.setEnd(node, at + piece.length);
    found.set(piece, range.getBoundingClientRect().left);
  }
  return pieces.map((piece) => found.get(piece));
}"""


@pytest.fixture(scope="module")
def server(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A localserve whose account has mail of every kind."""
    server = Server(tmp_path_factory.mktemp("directions") / "data").start()
    context = browser.new_context(ignore_https_errors=True, base_url=f"https://127.0.0.1:{server.https}")
    mailroom.fill(server, caller(context.request, "webmail", name="demo", password="pillarbox"))
    context.close()
    yield server
    server.stop()


@pytest.fixture
def page(opened: Opener) -> Page:
    """The webmail, signed in."""
    page = opened((1440, 900))
    page.goto("/webmail/")
    sign_in(page)
    return page


def edges(place: Locator, *pieces: str) -> list[float]:
    """Where pieces of a text begin at the left, in pixels."""
    found: list[float] = place.evaluate(EDGES, list(pieces))
    assert all(edge is not None for edge in found), (pieces, place.inner_text())
    return found


def rising(edges: list[float]) -> bool:
    """Whether each is further right than the one before."""
    return edges == sorted(set(edges))


def picture(page: Page, name: str) -> None:
    """For people to look at, if anybody wants them."""
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/direction-{name}.png")


def test_nothing_is_turned_around(page: Page) -> None:
    """What turns letters around is not there in list and header, and shown instead of obeyed in the text."""
    line = page.locator(".row", has_text="Invoice")
    assert rising(edges(line.locator(".subject"), "Inv", "gp", "j.", "exe", "paid"))
    assert rising(edges(line.locator(".people"), "Eve", "ev"))
    assert rising(edges(line.locator(".third"), "Nothing", "Inv", "gp", "exe", "here"))
    line.click()
    expect(page.locator(".view .parties")).to_be_visible()
    assert rising(edges(page.locator(".view h2"), "Inv", "gp", "j.", "exe", "paid"))
    assert rising(edges(page.locator(".view .text"), "Nothing", "Invoice", "\u21c4", "gp", "exe"))
    sign = page.locator(".view .text .mixed")
    expect(sign).to_have_attribute("title", "Here is a character that turns around what follows; it is not obeyed")
    assert "\u202e" not in page.locator(".mail").inner_text()
    page.keyboard.press("r")
    expect(page.locator(".compose")).to_be_visible()
    page.get_by_role("button", name="Save as draft and close").click()
    expect(page.locator(".compose")).to_have_count(0)


def test_names_side_by_side(page: Page) -> None:
    """Each is read in its own direction, one after the other in that of the page; a line of the text in the direction it begins with."""
    line = page.locator(".row", has_text=ARABIC)
    time, subject = line.locator("time").bounding_box(), line.locator(".subject").bounding_box()
    assert time
    assert subject
    assert edges(line.locator(".subject"), ARABIC[:5])[0] > edges(line.locator(".subject"), "12:30")[0]
    line.click()
    recipients = page.locator(".view .parties .quiet", has_text="Bob")
    expect(recipients).to_be_visible()
    assert rising(edges(recipients, "to ", "demo@", HEBREW, "Bob"))
    text = page.locator(".view .text")
    box = text.bounding_box()
    assert box
    first, second = text.evaluate(LINES)[:2]
    assert first["right"] > box["x"] + box["width"] - 3, "Arabic begins at the right"
    assert second["left"] < box["x"] + 3, "English begins at the left"
    picture(page, "message")
    page.get_by_role("button", name="Forward (f)").click()
    page.get_by_label("To", exact=True).fill(f"{ARABIC_NAME} <laila@example.net>, Bob <bob@example.net>")
    picture(page, "compose")
    page.get_by_role("button", name="Discard").click()
    page.get_by_role("dialog").get_by_role("button", name="Discard").click()


def test_what_is_written_says_its_direction(page: Page) -> None:
    """In formatted text, each line that needs it."""
    saved: list[Response] = []    # by the button, or by itself where somebody has taken some seconds
    page.on("response", lambda one: saved.append(one) if one.url.endswith("/draft_save") else None)
    page.keyboard.press("c")
    page.get_by_label("Subject").fill("Directions")
    page.get_by_role("button", name="Formatted text").click()
    area = page.locator(".compose .page")
    area.fill("")
    area.press_sequentially("Hello")
    area.press("Enter")
    area.press_sequentially(HEBREW)
    assert area.evaluate("one => getComputedStyle(one.lastElementChild).unicodeBidi") == "plaintext"
    page.get_by_role("button", name="Save as draft and close").click()
    expect(page.locator(".compose")).to_have_count(0)
    html = saved[-1].json()["result"]["html"]
    assert f'<div dir="auto">{HEBREW}</div>' in html
    assert 'dir="auto">Hello' not in html


def test_the_page_mirrors(page: Page) -> None:
    """Where the language of the page goes to the left: mailboxes at the right, arrows, and edges that are moved."""
    page.evaluate("document.documentElement.dir = 'rtl'")
    page.locator(".row", has_text="The plan").first.click()
    expect(page.locator(".view .parties")).to_be_visible()
    side, middle, view = (page.locator(place).bounding_box() for place in (".sidebar", ".middle", ".view"))
    assert side
    assert middle
    assert view
    assert side["x"] > middle["x"] > view["x"]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator(".bar [aria-label='Reply (r)'] .icon").evaluate("one => getComputedStyle(one).transform").startswith("matrix(-1")
    edge = page.get_by_role("separator", name="Width of the mailboxes")
    edge.focus()
    edge.press("ArrowLeft")
    wider = page.locator(".sidebar").bounding_box()
    assert wider
    assert wider["width"] > side["width"]
    edge.dblclick()
    page.locator(".list").focus()
    picture(page, "mirrored")
    page.keyboard.press("r")
    expect(page.locator(".compose")).to_be_visible()
    picture(page, "mirrored-compose")
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator(".sidebar")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    picture(page, "mirrored-phone")


#: Where the first line of a text and its first English one stand.
LINES = """(text) => {
  const found = [];
  const walk = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) for (const start of [0, node.data.indexOf("See you")]) {
    if (start < 0) continue;
    const range = document.createRange();
    range.setStart(node, start);
    range.setEnd(node, Math.min(start + 5, node.data.length));
    found.push(range.getBoundingClientRect().toJSON());
  }
  return found;
}"""
