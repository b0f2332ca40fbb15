"""How the webmail looks in each of its states, at three widths, in the light and in the dark.

Nothing hangs over, everybody can read it, no script fails; with PICTURES=folder there are pictures to look at.
"""
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, FilePayload, Locator, Page, expect

from tests.browser import mailroom
from tests.browser.mailroom import ARABIC, ARABIC_NAME
from tests.browser.plausible import LONG_SUBJECT, caller
from tests.browser.walk import Walk
from tests.serving import Server

pytestmark = [pytest.mark.xdist_group("looks"), pytest.mark.timeout(600)]

WIDTHS = {1440: 900, 1024: 768, 390: 844}
DEMO = {"name": "demo", "password": "pillarbox"}


@pytest.fixture(scope="module")
def server(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A localserve whose account has mail of every kind."""
    server = Server(tmp_path_factory.mktemp("looks") / "data").start()
    context = opened(browser, server)
    mailroom.fill(server, caller(context.request, "webmail", **DEMO))
    context.close()
    yield server
    server.stop()


def opened(browser: Browser, server: Server) -> BrowserContext:
    """A browser of somebody's own."""
    return browser.new_context(
        ignore_https_errors=True, service_workers="block", base_url=f"https://127.0.0.1:{server.https}", locale="en-GB", timezone_id="UTC",
        reduced_motion="reduce")


@pytest.fixture
def walk(browser: Browser, server: Server) -> Iterator[Walk]:
    """A walk whose problems fail the test, all at once."""
    context = opened(browser, server)
    caller(context.request, "webmail", **DEMO)
    walk = Walk(context, widths=WIDTHS, thorough=False)
    yield walk
    context.close()
    assert walk.problems == [], "\n".join(walk.problems)


def look(walk: Walk, tour: str) -> None:
    """Go through the states of a tour at each width."""
    for width, page in walk.pages.items():
        page.goto("/webmail/")
        expect(page.locator(".row").first).to_be_visible()
        for name in TOURS[tour](page):
            walk.where = f"{name} at {width}"
            walk.quiet(page)
            walk.view(page, f"webmail-{name}-{width}")
        page.close()


@pytest.mark.parametrize("tour", ["reading", "finding", "writing"])
def test_how_it_looks(walk: Walk, tour: str) -> None:
    """Every state, one after the other, as a person comes to it."""
    look(walk, tour)


def narrow(page: Page) -> bool:
    """Whether list and message share one place."""
    return page.viewport_size is not None and page.viewport_size["width"] < 960


def read(page: Page, subject: str) -> None:
    """Open a message of the list."""
    if narrow(page) and page.get_by_role("button", name="Back to the list").is_visible():
        page.get_by_role("button", name="Back to the list").click()
    row(page, subject).click()
    expect(page.locator(".view .parties")).to_be_visible()


def row(page: Page, subject: str) -> Locator:
    """The first line of the list with a subject."""
    return page.locator(".row", has=page.locator(".subject", has_text=subject)).first


def reading(page: Page) -> Iterator[str]:
    """The list, and messages of many kinds."""
    yield "list"
    if narrow(page):
        page.get_by_role("button", name="Mailboxes").click()
        yield "mailboxes"
        page.keyboard.press("Escape")
    read(page, "The plan")
    expect(page.locator(".thread summary")).to_be_visible()
    page.locator(".thread details").evaluate("one => { one.open = true; }")
    page.locator(".why summary").click()
    yield "message"
    read(page, LONG_SUBJECT)
    page.locator(".parties .link").click()
    yield "long"
    read(page, ARABIC)
    yield "arabic"
    read(page, "Invoice")
    yield "turned"
    read(page, "News of the harbour")
    page.get_by_role("button", name="Formatted", exact=True).click()
    expect(page.locator(".outside")).to_contain_text("not loaded")
    expect(page.locator(".invitation")).to_be_visible()
    yield "formatted"
    page.get_by_role("button", name="Plain text", exact=True).click()
    page.locator(".look").last.click()
    expect(page.locator("dialog.viewer")).to_be_visible()
    yield "attachment"
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Labels").last.click()
    expect(page.locator("dialog .choices")).to_be_visible()
    yield "labels"
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    if not narrow(page):
        yield from panes(page)


def panes(page: Page) -> Iterator[str]:
    """The message below the list, conversations, and as little room for the list as there may be."""
    page.get_by_role("button", name="View", exact=True).click()
    page.get_by_label("Layout").select_option("below")
    page.get_by_label("Conversations").select_option("on")
    page.keyboard.press("Escape")
    row(page, "The plan").locator(".twist").click()
    read(page, "The plan")
    yield "below"
    page.get_by_role("button", name="View", exact=True).click()
    page.get_by_label("Layout").select_option("beside")
    page.get_by_label("Conversations").select_option("off")
    yield "view"
    page.keyboard.press("Escape")
    for name in ("Width of the mailboxes", "Size of the list"):
        page.get_by_role("separator", name=name).focus()
        for _ in range(16):
            page.keyboard.press("ArrowLeft")
    yield "narrow"
    for name in ("Width of the mailboxes", "Size of the list"):
        page.get_by_role("separator", name=name).dblclick()


def finding(page: Page) -> Iterator[str]:
    """Searches, selections, mailboxes, what is asked, and no connection."""
    search = page.get_by_label("Search mail")
    search.fill("is:")
    search.press_sequentially("u")
    expect(page.locator(".proposals li").first).to_be_visible()
    yield "completion"
    search.fill("Note")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Search: Note")).to_be_visible()
    expect(page.locator(".row", has_text="Note")).to_have_count(6)
    yield "results"
    page.locator(".row input").first.click()
    page.locator(".row input").nth(2).click()
    expect(page.get_by_text("2 selected")).to_be_visible()
    yield "selected"
    page.keyboard.press("v")
    expect(page.get_by_role("dialog", name="Move to")).to_be_visible()
    yield "move"
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    search.fill("nothing-like-that")
    search.press("Enter")
    expect(page.get_by_text("Nothing was found")).to_be_visible()
    yield "not-found"
    page.get_by_role("button", name="Search by form").click()
    expect(page.get_by_label("Has the phrase")).to_be_visible()
    yield "form"
    page.keyboard.press("Escape")
    if narrow(page):
        page.get_by_role("button", name="Mailboxes").click()
    page.locator(".sidebar").get_by_role("button", name="Nothing yet").first.click()
    expect(page.get_by_text("No messages here")).to_be_visible()
    yield "empty"
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Help")).to_be_visible()
    yield "help"
    page.keyboard.press("Escape")
    page.keyboard.press("b")
    expect(page.locator(".contacts li").first).to_be_visible()
    yield "contacts"
    page.locator(".contacts").get_by_role("button", name="Change").first.click()
    expect(page.get_by_role("dialog", name="Change contact")).to_be_visible()
    yield "contact"
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    if narrow(page):
        page.get_by_role("button", name="Mailboxes").click()
    page.get_by_role("button", name="Waiting to be sent").click()
    expect(page.locator(".delayed li")).to_have_count(2)
    yield "waiting"
    page.keyboard.press("Escape")
    page.locator(".sidebar li", has_text="Clients").first.hover()
    page.get_by_role("button", name="More for Clients", exact=True).click()
    expect(page.get_by_role("dialog", name="Mailbox: Clients")).to_be_visible()
    yield "mailbox"
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("dialog", name="Are you sure?")).to_be_visible()
    yield "sure"
    page.keyboard.press("Escape")


def writing(page: Page) -> Iterator[str]:
    """Compose: plain, an answer that quotes HTML, attachments, warnings, choices."""
    page.keyboard.press("c")
    to = page.get_by_label("To", exact=True)
    to.fill("Carla Night <carla@example.net>, ")
    to.press_sequentially(ARABIC_NAME[:3])
    expect(page.locator(".suggested:visible [role=option]")).to_be_visible()
    yield "suggestions"
    to.press("Enter")
    page.get_by_label("Subject").fill("The plan")
    page.get_by_role("textbox", name="Message").fill("Dear Carla,\n\nthe plan is attached.\n")
    yield "compose"
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("dialog", name="Are you sure?")).to_be_visible()
    yield "forgotten"
    page.keyboard.press("Escape")
    page.locator(".compose input[type=file]").set_input_files([FilePayload(
        name=f"minutes of the meeting with a long name {number}.pdf", mimeType="application/pdf", buffer=b"x" * 2_000)
        for number in range(4)])
    expect(page.locator(".compose .attachments .button[title^=Remove]")).to_have_count(4)
    yield "attachments"
    page.get_by_role("button", name="Choices for writing").click()
    expect(page.get_by_label("Begin formatted")).to_be_visible()
    yield "choices"
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Send later").click()
    expect(page.get_by_role("dialog", name="Send later")).to_be_visible()
    yield "later"
    page.keyboard.press("Escape")
    discard(page)
    read(page, "News of the harbour")
    page.keyboard.press("r")
    expect(page.get_by_role("textbox", name="Message")).to_be_visible()
    page.get_by_role("button", name="Formatted text").click()
    expect(page.locator(".compose .page blockquote")).to_contain_text("new pier")
    yield "quoted"
    discard(page)
    page.context.set_offline(True)
    expect(page.locator(".offline")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.get_by_text("No connection")).to_be_visible(timeout=15_000)
    yield "offline"
    page.context.set_offline(False)


TOURS = {"reading": reading, "finding": finding, "writing": writing}


def discard(page: Page) -> None:
    """Throw away what is written."""
    page.get_by_role("button", name="Discard").click()
    page.get_by_role("dialog").get_by_role("button", name="Discard").click()
    expect(page.locator(".compose")).to_have_count(0)
