"""The tree of mailboxes with the mouse, and whom the search box knows."""
from playwright.sync_api import Page, expect

from tests.browser.conftest import STAYING, letter
from tests.serving import Server


def test_a_mailbox_is_dragged_below_another(page: Page, server: Server) -> None:
    """With what is below it; undone; and dragged out again.  Not below itself, and messages are dragged as before."""
    for name in ("Clients/Blue", "Old"):
        page.get_by_role("button", name="New mailbox").click()
        page.get_by_role("dialog").get_by_label("Name").fill(name)
        page.keyboard.press("Enter")
        expect(page.locator(".heading h1")).to_have_text(name)
    page.locator("[data-role=inbox]").click()
    box = page.locator(".sidebar li > button:first-child")

    def named(name: str, there: bool = True) -> None:
        expect(page.locator(f".sidebar button[title^='{name}: ']")).to_have_count(int(there))

    named("Clients/Blue")
    page.evaluate(STAYING)
    box.filter(has_text="Clients").drag_to(box.filter(has_text="Old"))
    named("Old/Clients/Blue")
    page.get_by_role("button", name="Undo").click()
    named("Clients/Blue")
    box.filter(has_text="Clients").drag_to(box.filter(has_text="Blue"))
    expect(page.get_by_text("a mailbox cannot be put below itself")).to_be_visible()
    box.filter(has_text="Blue").drag_to(box.filter(has_text="Old"))
    named("Old/Blue")
    page.evaluate("() => { document.querySelector('.sidebar ul').style.paddingBottom = '3rem'; }")
    place = page.locator(".sidebar ul").bounding_box()
    assert place is not None
    box.filter(has_text="Blue").drag_to(page.locator(".sidebar ul"), target_position={"x": 40, "y": place["height"] - 20})
    named("Blue")

    server.send(letter("to be dragged"))
    page.locator(".row", has_text="to be dragged").drag_to(box.filter(has_text="Blue"))
    expect(page.locator(".row", has_text="to be dragged")).to_have_count(0)
    box.filter(has_text="Blue").click()
    expect(page.locator(".row", has_text="to be dragged")).to_be_visible()


def test_whom_one_searches_for(page: Page, server: Server) -> None:
    """Contacts are proposed, though nothing of theirs is in the list."""
    server.command("contacts", "add", "demo", "--name", "Zora Quiet", "--address", "zora@quiet.example")
    page.get_by_label("Search mail").press_sequentially("from:quie")
    expect(page.locator(".proposals [role=option]")).to_have_text(["from:zora@quiet.example"])
    page.keyboard.press("Tab")
    expect(page.get_by_label("Search mail")).to_have_value("from:zora@quiet.example ")
    page.get_by_label("Search mail").press_sequentially("to:zor")
    expect(page.locator(".proposals [role=option]")).to_have_text(["to:zora@quiet.example"])
