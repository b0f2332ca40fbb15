"""What is done with whole mailboxes and with single messages in the webmail, by its menus and buttons, and what the server holds then."""
import os
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests import lists
from tests.browser.conftest import letter
from tests.browser.test_reading import box
from tests.browser.walk import axe
from tests.lists import news, signed
from tests.serving import Server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A localserve that knows a domain which signs its mail."""
    folder = tmp_path_factory.mktemp("mailboxes") / "data"
    folder.mkdir(mode=0o700)
    (folder / "zone").write_text(f"list.test A 127.0.0.1\n{lists.RECORDS}\n")
    server = Server(folder).start()
    server.command("account", "set", "demo", "--undo-seconds", "0")
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def as_before(server: Server) -> Iterator[None]:
    """What was thrown away does not come back for the next test."""
    yield
    server.command("message", "forget", "demo", "--all")


def menu(page: Page, mailbox: str) -> Locator:
    """The menu of a mailbox, opened by its button."""
    page.get_by_role("navigation", name="Mailboxes").get_by_text(mailbox, exact=True).hover()
    page.get_by_role("button", name=f"More for {mailbox}", exact=True).click()
    dialog = page.get_by_role("dialog", name=f"Mailbox: {mailbox}")
    expect(dialog).to_be_visible()
    return dialog


def held(server: Server, mailbox: str) -> dict[str, object]:
    """What the server says of a mailbox."""
    return next(row for row in server.json("mailbox", "list", "demo") if row["name"] == mailbox)


def made(page: Page, name: str) -> None:
    """A new mailbox, which is shown then."""
    page.get_by_role("button", name="New mailbox", exact=True).click()
    page.get_by_role("dialog").get_by_label("Name").fill(name)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()


def test_all_is_read(page: Page, server: Server) -> None:
    """By the menu of the mailbox; its count goes, and the menu offers it no more."""
    for number in range(3):
        server.send(letter(f"unread {number}"))
    expect(page.locator(".row.unread", has_text="unread 2")).to_be_visible()
    menu(page, "Inbox").get_by_role("button", name="Mark all as read").click()
    expect(page.get_by_text(re.compile(r"\d+ messages marked as read\."))).to_be_visible()
    expect(page.locator(".row.unread")).to_have_count(0)
    expect(page.locator("[data-role=inbox] .count")).to_have_count(0)
    assert held(server, "Inbox")["unread"] == 0
    expect(menu(page, "Inbox").get_by_role("button", name="Mark all as read")).to_have_count(0)
    page.keyboard.press("Escape")


def test_trash_is_emptied(page: Page, server: Server) -> None:
    """Asked first; nothing is lost by thinking better of it.  A mailbox of one's own is emptied into Trash, that for 30 days."""
    made(page, "Heap")
    box(page, "inbox")
    for number in range(2):
        server.send(letter(f"rubbish {number}"))
        page.locator(".row", has_text=f"rubbish {number}").drag_to(page.locator(".sidebar li > button:first-child", has_text="Heap"))
        expect(page.locator(".row", has_text=f"rubbish {number}")).to_have_count(0)
    menu(page, "Heap").get_by_role("button", name="Empty…").click()
    page.get_by_role("dialog").get_by_role("button", name="Move to Trash").click()
    expect(page.get_by_text("2 messages deleted.")).to_be_visible()
    assert held(server, "Heap")["total"] == 0
    box(page, "trash")
    expect(page.locator(".row", has_text="rubbish")).to_have_count(2)
    before = held(server, "Trash")["total"]
    page.locator(".heading").get_by_role("button", name="Empty", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("Recently deleted")
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    assert held(server, "Trash")["total"] == before
    page.locator(".heading").get_by_role("button", name="Empty", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_text(f"{before} messages removed.")).to_be_visible()
    expect(page.get_by_text("No messages here.")).to_be_visible()
    expect(page.locator("main .empty")).to_be_focused()
    assert held(server, "Trash")["total"] == 0
    assert {row["subject"] for row in server.json("message", "deleted", "demo")} >= {"rubbish 0", "rubbish 1"}
    menu(page, "Heap").get_by_role("button", name="Remove…").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove", exact=True).click()
    expect(page.locator(".sidebar", has_text="Heap")).to_have_count(0)


def test_what_a_mailbox_is_for(page: Page, server: Server) -> None:
    """Another one becomes the archive, and what is archived goes there; then the old one is it again.  A name that is taken is refused."""
    made(page, "Attic")
    page.get_by_role("button", name="New mailbox", exact=True).click()
    page.get_by_role("dialog").get_by_label("Name").fill("Attic")
    page.keyboard.press("Enter")
    expect(page.get_by_text("is there already").or_(page.get_by_text("already"))).to_be_visible()
    menu(page, "Attic").get_by_label("What it is for").select_option("Archive")
    expect(page.locator("[data-role=archive]")).to_contain_text("Attic")
    assert (held(server, "Attic")["role"], held(server, "Archive")["role"]) == ("archive", None)
    server.send(letter("for the attic"))
    box(page, "inbox")
    page.locator(".row", has_text="for the attic").click()
    page.keyboard.press("e")
    expect(page.locator(".row", has_text="for the attic")).to_have_count(0)
    assert held(server, "Attic")["total"] == 1
    menu(page, "Archive").get_by_label("What it is for").select_option("Archive")
    expect(page.locator("[data-role=archive]")).to_contain_text("Archive")
    assert (held(server, "Attic")["role"], held(server, "Archive")["role"]) == (None, "archive")
    menu(page, "Attic").get_by_role("button", name="Remove…").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove", exact=True).click()
    expect(page.locator(".sidebar", has_text="Attic")).to_have_count(0)


def test_source_and_details(page: Page, server: Server) -> None:
    """All fields of the header, with what the server put before them; the source is what is stored; the keyboard comes back."""
    server.send(letter("with fields", "X-Colour: dark\r\n red\r\n"), "bounces@example.net")
    page.locator(".row", has_text="with fields").click()
    button = page.get_by_role("button", name="Source and details")
    button.click()
    dialog = page.get_by_role("dialog", name="About this message")
    expect(dialog).to_contain_text("bounces@example.net")
    expect(dialog.get_by_role("row", name="X-Colour")).to_contain_text("dark")
    expect(dialog.get_by_role("row", name="Received").first).to_contain_text("127.0.0.1")
    [row] = [row for row in server.json("message", "list", "demo", "Inbox") if row["subject"] == "with fields"]
    source = page.request.get(dialog.get_by_role("link", name="Download").get_attribute("href") or "")
    assert source.text() == server.command("message", "raw", str(row["id"]))
    page.keyboard.press("Escape")
    expect(button).to_be_focused()


def test_whose_pictures_are_loaded(page: Page, server: Server) -> None:
    """Always for a sender who is proven, which the view's choices list; taken back there, the next message asks again."""
    page.context.route("https://pictures.test/**", lambda route: route.abort())
    for number in range(2):
        server.send(signed(f"with a picture {number}", "demo@localhost", "MIME-Version: 1.0", "Content-Type: text/html; charset=utf-8",
                           text='<p>See <img src="https://pictures.test/x.gif" alt="x">.</p>'), "news@list.test")
    page.locator(".row", has_text="with a picture 0").click()
    page.get_by_role("button", name="Formatted", exact=True).click()
    with page.expect_request("https://pictures.test/x.gif"):
        page.get_by_role("button", name="Always for news@list.test").click()
    expect(page.get_by_text("Pictures from elsewhere are shown.")).to_be_visible()
    with page.expect_request("https://pictures.test/x.gif"):
        page.locator(".row", has_text="with a picture 1").click()
    page.get_by_role("button", name="View", exact=True).click()
    box = page.get_by_role("dialog", name="View")
    expect(box.get_by_role("listitem")).to_have_text("news@list.test")
    assert list(axe(page)) == []
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/view.png")
    box.get_by_role("button", name="No pictures any more for news@list.test").click()
    expect(box.get_by_role("listitem")).to_have_count(0)
    page.keyboard.press("Escape")
    page.locator(".row", has_text="with a picture 0").click()
    expect(page.get_by_text("One thing from elsewhere not loaded")).to_be_visible()
    page.get_by_role("button", name="Plain text", exact=True).click()


def test_a_list_is_left(page: Page, server: Server) -> None:
    """One press where its signature covers what asks for it: asked first, and told why it could not be; no private address is called."""
    for subject, body in (("news of the list", b"Good day."), ("forged news", b"Bad day.")):
        octets = news(subject, "demo@localhost", "https://list.test/out?me")
        server.send(octets.replace(b"Good day.", body), "news@list.test")
    page.locator(".row", has_text="forged news").click()
    expect(page.get_by_role("link", name="Page to leave this list")).to_be_visible()
    expect(page.get_by_role("button", name="Leave this list")).to_have_count(0)
    page.locator(".row", has_text="news of the list").click()
    button = page.get_by_role("button", name="Leave this list")
    button.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("The server tells list.test that you want no more mail")
    dialog.get_by_role("button", name="Cancel").click()
    expect(page.locator(".notice")).to_have_count(0)
    button.press("Enter")
    dialog.get_by_role("button", name="Leave this list").click()
    expect(page.locator(".notice.error")).to_contain_text("not of the public internet")
    expect(button).to_be_focused()
