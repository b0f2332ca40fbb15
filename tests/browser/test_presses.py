"""What somebody has begun goes on, whatever comes meanwhile: a press of the mouse that takes its time, and what is being written."""
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import SCREEN, Opener, letter
from tests.serving import Server


def down(place: Locator) -> None:
    """Press the button of the mouse on something."""
    place.scroll_into_view_if_needed()
    box = place.bounding_box()
    assert box
    place.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    place.page.mouse.down()


def press(page: Page, place: Locator, looked: str) -> None:
    """Press so long that a page which looks for what is new by itself has done so, and has shown what it got."""
    down(place)
    for _ in range(2):    # with the second answer, the first has been dealt with
        with page.expect_response(looked):
            pass
    page.mouse.up()


def test_a_mailbox(page: Page, server: Server) -> None:
    """It is opened, and mail that came meanwhile is counted."""
    down(page.locator(".sidebar [data-role=archive]"))
    server.send(letter("while the mouse was down"))
    expect(page.locator(".row", has_text="while the mouse was down")).to_be_visible()
    page.mouse.up()
    expect(page.get_by_role("heading", name="Archive")).to_be_visible()
    expect(page.locator(".sidebar [data-role=archive]")).to_have_attribute("aria-current", "true")
    expect(page.locator(".sidebar [data-role=inbox] .count")).to_be_visible()


def test_a_button_of_a_message(page: Page, server: Server) -> None:
    """It is answered, though the rest of it came only when the button was pressed already."""
    server.send(letter("on its way"))
    held: list[Route] = []
    page.route("**/api/webmail/message", lambda route: held.append(route))
    page.locator(".row", has_text="on its way").click()
    down(page.get_by_role("button", name="Reply (r)"))
    while not held:
        page.wait_for_timeout(50)
    expect(page.locator(".view .parties")).to_have_count(0)
    for route in held:
        route.continue_()
    expect(page.locator(".view .parties")).to_be_visible()
    page.mouse.up()
    expect(page.locator(".compose")).to_be_visible()


def test_a_page_that_looks_by_itself(opened: Opener) -> None:
    """The pages of backups and the overview do every few seconds, and the press counts."""
    page = opened(SCREEN)
    page.goto("/admin/#backups")
    page.get_by_label("Password").fill("pillarbox")
    page.get_by_role("button", name="Sign in").click()
    button = page.get_by_role("button", name="Back up now")
    expect(button).to_be_visible()
    press(page, button, "**/api/admin/backups")
    expect(page.get_by_role("status")).to_contain_text("will be made")
    page.goto("/admin/#overview")
    domains = page.locator("a.tile").first
    expect(domains).to_be_visible()
    press(page, domains, "**/api/admin/overview")
    expect(page.get_by_role("heading", name="Domains")).to_be_visible()


def test_writing_before_the_list_is_there(opened: Opener, server: Server) -> None:
    """Who begins to write at once is not taken to the list when it comes."""
    server.send(letter("in the list"))
    page = opened(SCREEN)
    held: list[Route] = []
    page.route("**/api/webmail/page", lambda route: held.append(route))
    page.goto("/webmail/")
    page.get_by_label("Account or address").fill("demo")
    page.get_by_label("Password").fill("pillarbox")
    page.keyboard.press("Enter")    # with the keyboard in the form, which goes on to the list
    expect(page.get_by_role("heading", name="Inbox")).to_be_visible()
    page.keyboard.press("c")
    page.get_by_label("Subject").fill("At once")
    while not held:
        page.wait_for_timeout(50)
    for route in held:
        route.continue_()
    expect(page.locator(".row", has_text="in the list")).to_be_visible()
    expect(page.get_by_label("Subject")).to_be_focused()
