"""Fingers on the webmail of a telephone: what can be dragged with a mouse scrolls under a finger, and is chosen by a tap."""
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PHONE, sign_in
from tests.browser.plausible import caller
from tests.serving import Server

MAILBOXES = 40


class Finger:
    """One finger, as the browser gets it from a screen."""

    def __init__(self, page: Page) -> None:
        self._page, self._session = page, page.context.new_cdp_session(page)

    def _touch(self, kind: str, *points: tuple[float, float]) -> None:
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]})

    def drag(self, x: float, y: float, up: float) -> None:
        """Put it there, and move it up without haste."""
        self._touch("touchStart", (x, y))
        for step in range(1, 21):
            self._touch("touchMove", (x, y - up * step / 20))
            self._page.wait_for_timeout(10)
        self._touch("touchEnd")

    def hold(self, x: float, y: float) -> None:
        """Leave it there for a while, as still as a hand can."""
        self._touch("touchStart", (x, y))
        self._touch("touchMove", (x + 3, y - 2))
        self._page.wait_for_timeout(900)
        self._touch("touchEnd")


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    """The webmail on a telephone, with more mailboxes than fit its screen."""
    context = browser.new_context(
        ignore_https_errors=True, service_workers="block", viewport={"width": PHONE[0], "height": PHONE[1]}, has_touch=True, is_mobile=True,
        device_scale_factor=2, base_url=f"https://127.0.0.1:{server.https}")
    webmail = caller(context.request, "webmail", name="demo", password="pillarbox")
    there = {one["name"]: one["id"] for one in webmail("mailboxes")}
    for number in range(MAILBOXES):
        if f"Drawer {number:02}" not in there:
            webmail("mailbox_add", name=f"Drawer {number:02}")
    context.clear_cookies()
    page = context.new_page()
    page.goto("/webmail/")
    sign_in(page)
    yield page
    context.close()


def middle(page: Page, name: str) -> tuple[float, float]:
    """Where a mailbox is."""
    box = page.locator(".sidebar li > button:first-child", has_text=name).bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_long_list_of_mailboxes(page: Page, server: Server) -> None:
    """It scrolls from a finger on a mailbox, which is neither chosen nor carried away; a tap chooses, a long touch opens the menu."""
    finger = Finger(page)
    page.get_by_role("button", name="Mailboxes").tap()
    x, y = middle(page, "Drawer 05")
    before = page.locator(".sidebar").evaluate("(one) => one.scrollTop")
    finger.drag(x, y, 300)
    page.wait_for_function("(before) => document.querySelector('.sidebar').scrollTop > before + 150", arg=before)
    expect(page.get_by_role("heading", name="Inbox")).to_be_attached()
    expect(page.locator(".sidebar .target")).to_have_count(0)
    for _ in range(10):
        finger.drag(x, 500, 400)
    expect(page.get_by_role("button", name="Sign out")).to_be_in_viewport()
    expect(page.locator(".sidebar li > button", has_text="Drawer 39").first).to_be_in_viewport()
    page.locator(".sidebar li > button:first-child", has_text="Drawer 39").tap()
    expect(page.get_by_role("heading", name="Drawer 39")).to_be_visible()
    expect(page.get_by_role("navigation", name="Mailboxes")).to_be_hidden()

    page.get_by_role("button", name="Mailboxes").tap()
    page.locator(".sidebar li > button:first-child", has_text="Drawer 38").scroll_into_view_if_needed()
    finger.hold(*middle(page, "Drawer 38"))
    expect(page.get_by_role("dialog", name="Mailbox: Drawer 38")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Close").tap()
    names = {row["name"] for row in server.json("mailbox", "list", "demo")}
    assert {f"Drawer {number:02}" for number in range(MAILBOXES)} <= names, "none was put below another"


def test_a_long_list_of_messages(page: Page, server: Server) -> None:
    """The same in the list, whose rows can be dragged with a mouse: it scrolls, a tap opens, a long touch selects."""
    for number in range(25):
        server.send(f"From: carla@example.net\r\nTo: demo@localhost\r\nSubject: finger {number}\r\n\r\nGood day.\r\n".encode())
    expect(page.locator(".row", has_text="finger 24")).to_be_visible()
    finger = Finger(page)
    finger.drag(200, 600, 350)
    page.wait_for_function("() => document.querySelector('.list').scrollTop > 200")
    expect(page.locator(".row.selected")).to_have_count(0)
    expect(page.locator(".view h2")).to_have_count(0)
    row = page.locator(".row", has_text="finger 15")
    row.scroll_into_view_if_needed()
    box = row.bounding_box()
    assert box is not None
    finger.hold(box["x"] + 150, box["y"] + box["height"] / 2)
    expect(page.locator(".row.selected")).to_have_count(1)
    page.get_by_role("button", name="Clear selection").tap()
    row.tap()
    expect(page.locator(".view h2")).to_have_text("finger 15")
