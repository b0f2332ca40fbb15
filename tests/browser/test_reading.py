"""The reading side of the webmail: conversations, orders, layouts, labels, searches, whole lists, attachments."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import STAYING, Opener, letter, sign_in
from tests.browser.test_webmail import overflow
from tests.lab.waiting import until
from tests.serving import Server

FILES = """\
--b\r
Content-Type: text/plain\r
\r
See there.\r
--b\r
Content-Type: text/plain; name="notes.txt"\r
Content-Disposition: attachment; filename="notes.txt"\r
\r
the notes\r
--b\r
Content-Type: message/rfc822\r
\r
Subject: within\r
Content-Type: text/html\r
\r
<b>inner words</b>\r
--b\r
Content-Type: text/calendar; method=REQUEST\r
\r
BEGIN:VEVENT\r
SUMMARY:Spring planning\r
DTSTART:20300301T140000Z\r
LOCATION:Room 4\r
END:VEVENT\r
--b--"""


def box(page: Page, role: str) -> None:
    """Go to the mailbox with a role."""
    page.locator(f"[data-role={role}]").click()


def test_conversations(page: Page, server: Server) -> None:
    """One line for each; unread ones open by themselves if that is wanted; what comes moves its conversation up."""
    for number in range(3):
        more = f"Message-ID: <talk{number}@x.example>\r\nReferences: <talk0@x.example>\r\n"
        server.send(letter("talk" if number == 0 else "Re: talk", more))
    server.send(letter("something else"))
    page.get_by_role("button", name="View", exact=True).click()
    page.get_by_label("Conversations").select_option("on")
    page.keyboard.press("Escape")
    line = page.locator(".row", has_text="talk")
    expect(line).to_have_count(1)
    expect(line.locator(".twist")).to_have_text("3")
    line.locator(".twist").click()
    expect(page.locator(".row", has_text="talk")).to_have_count(3)
    page.locator(".row", has_text="talk").first.locator(".twist").click()
    expect(line).to_have_count(1)
    server.send(letter("Re: talk", "Message-ID: <talk3@x.example>\r\nReferences: <talk0@x.example>\r\n"))
    expect(page.locator(".row").first.locator(".twist")).to_have_text("4")
    page.get_by_role("button", name="View", exact=True).click()
    page.get_by_label("Conversations").select_option("unread")
    page.keyboard.press("Escape")
    expect(page.locator(".row", has_text="talk")).to_have_count(4)
    page.locator(".row", has_text="talk").first.click()
    page.keyboard.press("Shift+S")
    expect(page.get_by_text("4 selected")).to_be_visible()
    page.keyboard.press("e")
    expect(page.locator(".row", has_text="talk")).to_have_count(0)
    page.get_by_role("button", name="View", exact=True).click()
    page.get_by_label("Conversations").select_option("off")
    page.keyboard.press("Escape")


def test_looks_are_kept(opened: Opener, server: Server) -> None:
    """Layout, order, columns and sizes are the same in another browser."""
    server.send(letter("aaa first by subject"))
    page = opened((1440, 900))
    page.goto("/webmail/")
    sign_in(page)
    page.get_by_role("button", name="View", exact=True).click()
    page.get_by_label("Layout").select_option("below")
    page.get_by_label("Order").select_option("subject")
    page.get_by_label("size", exact=True).check()
    page.keyboard.press("Escape")
    edge = page.get_by_role("separator", name="Width of the mailboxes")
    edge.focus()
    before = page.locator(".sidebar").bounding_box()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    wider = page.locator(".sidebar").bounding_box()
    assert before
    assert wider
    assert wider["width"] > before["width"] + 40
    with page.expect_response("**/display_keep"):
        pass
    other = opened((1440, 900))
    other.goto("/webmail/")
    sign_in(other)
    expect(other.locator(".mail.below")).to_be_visible()
    expect(other.locator(".row").first).to_contain_text("aaa first")
    expect(other.locator(".row .size").first).to_be_visible()
    again = other.locator(".sidebar").bounding_box()
    assert again
    assert abs(again["width"] - wider["width"]) < 2
    assert overflow(other) <= 0
    other.get_by_role("button", name="View", exact=True).click()
    other.get_by_label("Layout").select_option("auto")
    other.get_by_label("Order").select_option("newest")
    with other.expect_response("**/display_keep"):
        other.get_by_label("size", exact=True).uncheck()


def test_labels_and_searches(page: Page, server: Server) -> None:
    """A label is set by key, found by its name, proposed while it is typed; a search is kept and comes back."""
    server.send(letter("to be labelled"))
    page.locator(".row", has_text="to be labelled").click()
    expect(page.locator(".view h2")).to_contain_text("to be labelled")
    page.keyboard.press("l")
    page.get_by_label("New label").fill("Garden")
    page.get_by_role("button", name="Add").click()
    expect(page.locator(".choices .tag", has_text="Garden")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".row .tag", has_text="Garden")).to_be_visible()
    expect(page.locator(".view h2 .tag", has_text="Garden")).to_be_visible()
    page.keyboard.press("/")
    search = page.get_by_label("Search mail")
    search.press_sequentially("lab")
    expect(page.get_by_role("option", name="label:")).to_be_visible()
    search.press("Tab")
    search.press_sequentially("gar")
    page.get_by_role("option", name="label:Garden").click()
    search.press("Enter")
    expect(page.get_by_role("heading", name="Search: label:Garden")).to_be_visible()
    expect(page.locator(".row")).to_have_count(1)
    page.get_by_role("button", name="Search by form").click()
    page.get_by_role("button", name="Save this search: label:Garden").click()
    page.get_by_label("Not read").check()
    page.get_by_role("dialog").get_by_role("button", name="Search", exact=True).click()
    expect(page.get_by_role("heading", name="Search: is:unread")).to_be_visible()
    page.get_by_role("button", name="Search by form").click()
    page.get_by_role("button", name="label:Garden", exact=True).click()
    expect(page.get_by_role("heading", name="Search: label:Garden")).to_be_visible()


def test_a_whole_list(page: Page, server: Server) -> None:
    """All that a search finds, on the server, beyond what is loaded; and taken back."""
    for number in range(5):
        server.send(letter(f"heap {number}"))
    until(lambda: len(server.json("search", "demo", "subject:heap", "is:unread")) == 5, 60, "the messages are indexed")
    search = page.get_by_label("Search mail")
    search.fill("subject:heap is:unread")
    search.press("Enter")
    expect(page.get_by_role("heading", name="Search: subject:heap is:unread")).to_be_visible()
    expect(page.locator(".row")).to_have_count(5)
    page.keyboard.press("Escape")
    page.locator(".list").focus()
    page.keyboard.press("*")
    page.get_by_role("button", name="Choose all").click()
    expect(page.get_by_text("All of the search chosen")).to_be_visible()
    page.evaluate(STAYING)
    page.get_by_role("toolbar", name="Actions on selected messages").get_by_role("button", name="Archive").click()
    expect(page.get_by_text("5 messages archived.")).to_be_visible()
    box(page, "archive")
    expect(page.locator(".row", has_text="heap")).to_have_count(5)
    page.get_by_role("button", name="Undo").last.click()
    expect(page.locator(".row", has_text="heap")).to_have_count(0)
    box(page, "inbox")
    expect(page.locator(".row", has_text="heap")).to_have_count(5)


def test_selecting(page: Page, server: Server) -> None:
    """With Shift by keyboard and by mouse; keys for pages and ends; the key of a button is shown when it is clicked."""
    for number in range(4):
        server.send(letter(f"pick {number}"))
    expect(page.locator(".row", has_text="pick 3")).to_be_visible()
    page.locator(".row", has_text="pick 3").click()
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    expect(page.get_by_text("3 selected")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator(".row", has_text="pick 3").click(modifiers=["Control"])
    page.locator(".row", has_text="pick 0").click(modifiers=["Shift"])
    expect(page.get_by_text("4 selected")).to_be_visible()
    page.get_by_role("toolbar", name="Actions on selected messages").get_by_role("button", name="Flag").click()
    expect(page.locator(".shortcut")).to_have_text("Key: s")
    page.keyboard.press("Escape")
    page.keyboard.press("End")
    expect(page.locator(".row.open")).not_to_contain_text("pick")
    page.keyboard.press("Home")
    expect(page.locator(".row.open")).to_contain_text("pick 3")


def test_mailboxes(page: Page) -> None:
    """Made below another, renamed, given a role, emptied, removed."""
    page.get_by_role("button", name="New mailbox").click()
    page.get_by_label("Name (a/b is b below a)").fill("Plans/Spring")
    page.get_by_role("button", name="OK").click()
    expect(page.get_by_role("heading", name="Plans/Spring")).to_be_visible()
    page.get_by_role("button", name="Spring", exact=False).first.click(button="right")
    page.get_by_role("button", name="Rename or move…").click()
    page.get_by_role("dialog").locator("input").fill("Plans/Sommer\u0430")
    page.get_by_role("button", name="OK").click()
    expect(page.locator(".sidebar .mixed")).to_have_text("Sommer\u0430")
    page.locator(".sidebar button", has_text="Sommer").first.dblclick()
    page.get_by_role("button", name="Remove…").click()
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.locator(".sidebar button", has_text="Sommer")).to_have_count(0)


def test_attachments_in_place(page: Page, server: Server) -> None:
    """A text and a message within are looked at one after the other; an invitation is shown; all are saved as one archive."""
    server.send(letter("with files", "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n", FILES))
    page.locator(".row", has_text="with files").click()
    expect(page.locator(".invitation")).to_contain_text("Spring planning")
    page.keyboard.press("Shift+A")
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("h2")).to_contain_text("notes.txt")
    expect(dialog.frame_locator("iframe").locator("body")).to_contain_text("the notes")
    page.keyboard.press("ArrowRight")
    expect(dialog.frame_locator("iframe").locator("b")).to_have_text("inner words")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    with page.expect_download() as saving:
        page.get_by_role("link", name="Save all as zip").click()
    assert saving.value.suggested_filename == "with files.zip"


def test_a_disguise(page: Page, server: Server) -> None:
    """Mixed scripts are marked in list and text, a name that is another's address is warned of, pictures from outside wait for a click."""
    mail = letter("p\u0430ypal", "MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n",
                  '<a href="https://evil.example/">www.bank.example</a><img src="https://t.example/x.gif">').replace(
                      b"Carla Night <", b'"help@bank.example" <')
    server.send(mail)
    page.context.route("https://t.example/**", lambda route: route.abort())
    line = page.locator(".row", has_text="ypal")
    expect(line.locator(".mixed")).to_have_text("p\u0430ypal")
    line.click()
    expect(page.get_by_role("alert")).to_contain_text("The name says help@bank.example")
    page.get_by_role("button", name="Formatted", exact=True).click()
    expect(page.frame_locator(".body iframe").locator("body")).to_contain_text("This link leads to evil.example")
    with page.expect_request("https://t.example/x.gif"):
        page.get_by_role("button", name="Load this time").click()
    page.get_by_role("button", name="Plain text", exact=True).click()


@pytest.mark.parametrize("words", ["light", "dark"])
def test_explained(page: Page, server: Server, words: str) -> None:
    """Text with a dotted underline says what it means when it has the focus."""
    server.send(letter(f"explain {words}"))
    page.locator(".row", has_text=f"explain {words}").click()
    line = page.locator(".explained").first
    line.focus()
    assert "Nothing proves" in line.evaluate("(one) => getComputedStyle(one, '::after').content")
