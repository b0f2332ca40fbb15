"""The webmail by keyboard alone, a whole morning: at each stop one sees where one is, it has a name, and the keyboard is never lost.

Only keys are pressed: Tab until what is wanted has the keyboard (a bounded number of times),
never a click and never a focus by script.
"""
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import AS_USUAL, PHONE, SCREEN, STAYING, Opener, letter
from tests.browser.stops import WRONG
from tests.serving import Server

pytestmark = pytest.mark.timeout(400)    # on a machine that does much else

#: Stops of Tab that may lie between two things on a page.
MOST = 80
#: Seconds until what comes by itself is there, on a machine that does much else.
PATIENCE = 15


class Keys:
    """A person who has no mouse."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._session = page.context.new_cdp_session(page)
        self._session.send("Accessibility.enable")

    def press(self, *keys: str) -> None:
        """These keys, one after the other; wherever they lead, it can be seen."""
        for key in keys:
            self.page.keyboard.press(key)
            self.look()

    def type(self, text: str) -> None:
        """Letters into what has the keyboard."""
        self.page.keyboard.type(text)

    def look(self) -> None:
        """Where the keyboard is can be seen, and has a name.  What is drawn with the next answer of the server has a moment."""
        wrong, end = "", time.monotonic() + PATIENCE
        while time.monotonic() < end:
            wrong = str(self.page.evaluate(WRONG)) or ("" if self.name() else "no name")
            if not wrong:
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"{wrong}: {self.page.evaluate('document.activeElement.outerHTML.slice(0, 200)')}")

    def name(self) -> str:
        """What a screen reader calls what has the keyboard."""
        found = self._session.send("Runtime.evaluate", {"expression": "document.activeElement"})
        about = {"objectId": found["result"]["objectId"], "fetchRelatives": False}
        nodes = self._session.send("Accessibility.getPartialAXTree", about)["nodes"]
        return str(nodes[0].get("name", {}).get("value", ""))

    def to(self, name: str, *, back: bool = False) -> None:
        """Tab on until what is called so has the keyboard."""
        passed = []
        for _ in range(MOST):
            self.page.keyboard.press("Shift+Tab" if back else "Tab")
            if self.page.evaluate("document.activeElement === document.body"):
                continue    # the browser's own controls, between the end of the page and its beginning
            self.look()
            passed.append(self.name())
            if passed[-1].startswith(name):
                return
        raise AssertionError(f"Tab does not lead to {name}, but to {passed}")

    def into(self, name: str, text: str) -> None:
        """Fill in a field."""
        self.to(name)
        self.page.keyboard.press("Control+A")
        self.type(text)

    def at(self, name: str, *, whole: bool = False) -> None:
        """The keyboard is on what is called so (or begins so), or gets there by itself at once."""
        end = time.monotonic() + PATIENCE
        while (is_called := self.name()) != name and (whole or not is_called.startswith(name)):
            assert time.monotonic() < end, f"the keyboard is on {is_called!r} and not on {name!r}"
            self.page.wait_for_timeout(50)
        self.look()


@pytest.fixture(autouse=True)
def as_before(server: Server) -> Iterator[None]:
    """Choices are as usual afterwards."""
    yield
    server.command("message", "forget", "demo", "--all")


def signed_in(opened: Opener, size: tuple[int, int]) -> Keys:
    """The webmail, by the form."""
    page = opened(size)
    page.goto("/webmail/")
    keys = Keys(page)
    keys.at("Account or address")
    keys.type("demo")
    keys.press("Tab")
    keys.at("Password")
    keys.type("wrong")
    keys.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("wrong")
    keys.at("Password")
    keys.type("pillarbox")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Inbox")).to_be_visible()
    return keys


def test_a_morning(opened: Opener, server: Server, tmp_path: Path) -> None:
    """From signing in to signing out: reading, archiving and undoing, answering, writing, searching, mailboxes, settings."""
    for number in range(3):
        server.send(letter(f"morning {number}"))
    keys = signed_in(opened, SCREEN)
    page = keys.page
    keys.at("Messages")
    row = page.locator(".row", has_text="morning 2")

    # A mailbox and back; the keyboard stays on what was chosen.
    keys.to("Archive", back=True)
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Archive")).to_be_visible()
    keys.at("Archive")
    keys.to("Inbox", back=True)
    keys.press("Enter")
    expect(row).to_be_visible()

    # Read, archive by the message's own button, undo by Tab and by key.
    keys.to("Messages")
    keys.press("ArrowDown")
    expect(page.locator(".view h2")).to_have_text("morning 2")
    keys.to("Archive (e)")
    page.evaluate(STAYING)
    keys.press("Enter")
    expect(row).to_have_count(0)
    keys.at("Archive (e)")
    keys.to("Undo")
    page.evaluate(AS_USUAL)
    page.keyboard.press("Enter")
    expect(row).to_be_visible()
    keys.look()
    keys.to("Messages", back=True)
    keys.press("Home")
    expect(page.locator(".view h2")).to_have_text("morning 2")
    keys.press("e")
    expect(row).to_have_count(0)
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    keys.press("z")
    expect(row).to_be_visible()
    keys.at("Messages")

    # Answer, with the window in the way of what is behind it.
    keys.press("Home", "r")
    keys.at("Message", whole=True)    # not yet, where it is among the Messages
    keys.type("By keyboard.\n")
    keys.to("Full screen", back=True)
    keys.press("Enter")
    keys.to("Archive (e)")
    expect(page.locator(".compose.low")).to_be_visible()
    keys.to("Full screen")
    expect(page.locator(".compose.low")).to_have_count(0)
    keys.press("Enter")
    keys.to("Subject")
    keys.press("Control+Enter")
    expect(page.get_by_text("Sent.")).to_be_visible()
    keys.at("Messages")

    # Write: a mistake first, then sent by the button.
    keys.to("Write", back=True)
    keys.press("Enter")
    keys.at("To")
    keys.into("Subject", "written by keyboard")
    keys.into("Message", "Good day to all.")
    keys.to("Send")
    keys.press("Enter")
    expect(page.locator(".compose .problem")).to_be_visible()
    keys.at("To")
    keys.type("carla@example.net")
    keys.to("Send")
    keys.press("Enter")
    expect(page.locator(".compose")).to_have_count(0)
    keys.at("Write")
    keys.to("Sent")
    keys.press("Enter")
    keys.to("Messages")
    expect(page.locator(".row").first).to_contain_text("written by keyboard")
    keys.press("ArrowDown")
    expect(page.locator(".view h2")).to_have_text("written by keyboard")

    # Search, and away from the box without searching.
    keys.press("/")
    keys.at("Search mail")
    keys.type("subject:morning")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Search: subject:morning")).to_be_visible()
    expect(page.locator(".row").first).to_contain_text("morning")
    keys.look()
    page.keyboard.press("Escape")
    keys.at("Messages")

    # The menu of a message: nothing, then labels, each time back where one was.
    keys.press("Home")
    keys.to("More ways to answer or pass on")
    keys.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    keys.look()
    keys.press("Escape")
    keys.at("More ways to answer or pass on")
    keys.to("Source and details")
    keys.press("Enter")
    expect(page.get_by_role("dialog", name="About this message")).to_be_visible()
    keys.press("Escape")
    keys.at("Source and details")

    # A mailbox is made, named anew and removed.
    keys.to("New mailbox", back=True)
    keys.press("Enter")
    keys.at("Name")
    keys.type("Morning")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Morning", exact=True)).to_be_visible()
    keys.at("New mailbox")
    keys.to("More for Morning", back=True)
    keys.press("Enter")
    keys.to("Rename or move")
    keys.press("Enter")
    keys.at("New name")
    keys.type("Noon")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Noon", exact=True)).to_be_visible()
    keys.at("More for Noon")
    keys.press("Enter")
    keys.to("Remove")
    keys.press("Enter")
    expect(page.get_by_role("dialog", name="Are you sure?")).to_be_visible()
    keys.to("Remove")
    keys.press("Enter")
    expect(page.locator(".sidebar", has_text="Noon")).to_have_count(0)
    keys.look()
    assert "Noon" not in {row["name"] for row in server.json("mailbox", "list", "demo")}

    # A setting; then out.
    keys.to("View")
    keys.press("Enter")
    keys.to("Order")
    keys.press("ArrowDown")
    keys.to("size")
    keys.press("Space")
    keys.press("Escape")
    keys.at("View")
    expect(page.locator(".row .size").first).to_be_visible()
    keys.press("Enter")
    keys.to("Order")
    keys.press("ArrowUp")
    keys.to("size")
    with page.expect_response("**/display_keep"):
        keys.press("Space")
    keys.press("Escape")
    if os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{os.environ['SCREENSHOTS']}/keyboard.png")
    keys.to("Sign out", back=True)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Password")).to_be_visible()
    keys.at("Account or address")


def test_on_a_narrow_screen(opened: Opener, server: Server) -> None:
    """Where one pane is over the other, Tab leads to nothing that is covered, and what closes gives the keyboard back."""
    server.send(letter("narrow"))
    keys = signed_in(opened, PHONE)
    page = keys.page
    keys.at("Messages")
    keys.to("Mailboxes", back=True)
    keys.press("Enter")
    expect(page.get_by_role("navigation", name="Mailboxes")).to_be_visible()
    keys.at("Inbox")
    keys.press("ArrowDown")
    keys.at("Inbox")
    keys.press("Escape")
    expect(page.get_by_role("navigation", name="Mailboxes")).to_be_hidden()
    keys.at("Mailboxes")
    keys.press("Enter", "/")
    keys.at("Search mail")
    keys.press("Escape")
    keys.at("Messages")
    keys.to("Mailboxes", back=True)
    keys.press("Enter")
    keys.to("Drafts")
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Drafts")).to_be_visible()
    keys.at("Messages")
    keys.to("Mailboxes", back=True)
    keys.press("Enter")
    keys.at("Drafts")
    keys.to("Inbox")
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Inbox")).to_be_visible()
    expect(page.locator(".row", has_text="narrow")).to_be_visible()
    keys.to("Messages")
    keys.press("ArrowDown")
    expect(page.locator(".view h2")).to_have_text("narrow")
    keys.at("Message", whole=True)
    for _ in range(12):
        keys.press("Tab")
    keys.to("Back to the list", back=True)
    keys.press("Enter")
    keys.at("Messages")
    keys.press("c")
    keys.at("To")
    keys.press("Escape")
    keys.at("Messages")
