"""What happens elsewhere shows in a tab by itself: told by the stream of events, without a question to the server.

How soon is measured in tests/bench/soon.py, on a machine that does nothing else.
"""
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import letter
from tests.serving import Server


@pytest.fixture
def other(page: Page) -> Page:
    """A second tab of the same browser, which nobody touches."""
    other = page.context.new_page()
    # The stream is the last thing that it asks for at its beginning.
    with other.expect_response("**/events*"):
        other.goto("/webmail/")
    expect(other.get_by_role("heading", name="Inbox")).to_be_visible()
    expect(other.locator(".sidebar [data-role=archive]")).to_be_visible()
    return other


def test_deliveries_and_another_tab(page: Page, other: Page, server: Server) -> None:
    """Mail that comes, a flag, a label, a move, its undoing, a mailbox that is made: each is there, and nothing was asked."""
    asked: list[str] = []
    other.on("request", lambda request: asked.append(request.url))
    for number in range(5):
        server.send(letter(f"told {number}"))
        expect(other.locator(".row", has_text=f"told {number}")).to_be_visible()
        expect(other.locator(".row").first).to_contain_text(f"told {number}")
    theirs = other.locator(".row", has_text="told 4")
    row = page.locator(".row", has_text="told 4")
    expect(theirs).to_have_class("row unread")
    row.click()
    expect(theirs).to_have_class("row")
    page.keyboard.press("s")
    expect(theirs.get_by_role("button", name="Remove flag")).to_be_visible()
    page.keyboard.press("l")
    page.get_by_label("New label").fill("Told")
    page.get_by_role("button", name="Add").click()
    expect(theirs.locator(".tag")).to_have_text("Told")
    page.keyboard.press("Escape")
    unread = other.locator("[data-role=inbox] .count")
    before = int(unread.inner_text())
    page.keyboard.press("m")
    expect(unread).to_have_text(str(before + 1))
    page.keyboard.press("e")
    expect(theirs).to_have_count(0)
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    page.keyboard.press("z")
    expect(theirs).to_be_visible()
    page.get_by_role("button", name="New mailbox", exact=True).click()
    page.get_by_role("dialog").get_by_label("Name").fill("Told of")
    page.keyboard.press("Enter")
    expect(other.locator(".sidebar", has_text="Told of")).to_be_visible()
    assert asked == []
