"""The webmail: what people do every day, and what must not be lost on the way."""
import os
import signal
import smtplib

import pytest
from playwright.sync_api import FilePayload, Page, Route, expect

from tests.browser.conftest import PHONE, SCREEN, STAYING, Opener, letter, sign_in
from tests.serving import Server


def overflow(page: Page) -> int:
    """How many pixels the page is wider than the screen."""
    wider: int = page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
    return wider


def test_undo_is_seen_in_every_tab(page: Page, server: Server) -> None:
    """What is archived in one tab leaves the other, and comes back in both when it is undone; several at once too."""
    for number in range(3):
        server.send(letter(f"undo {number}"))
    expect(page.locator(".row", has_text="undo 2")).to_be_visible()
    other = page.context.new_page()
    other.goto("/webmail/")
    expect(other.locator(".row", has_text="undo 2")).to_be_visible()

    page.evaluate(STAYING)
    page.locator(".row", has_text="undo 1").click()
    page.keyboard.press("e")
    expect(other.locator(".row", has_text="undo 1")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(other.locator(".row", has_text="undo 1")).to_be_visible()

    for number in range(3):
        page.locator(".row", has_text=f"undo {number}").get_by_role("checkbox").check()
    page.get_by_role("toolbar", name="Actions on selected messages").get_by_role("button", name="Delete").click()
    expect(other.locator(".row", has_text="undo")).to_have_count(0)
    page.get_by_role("button", name="Undo").last.click()
    expect(other.locator(".row", has_text="undo")).to_have_count(3)


def test_what_is_written_outlives_the_session(page: Page) -> None:
    """Signed out in another tab, nothing is to be seen any more; signed in again, the text is there and goes out."""
    page.get_by_role("button", name="Write").click()
    page.get_by_label("To", exact=True).fill("x@example.net")
    page.get_by_label("Subject").fill("outlives")
    page.locator(".compose [name=text]").fill("words that must not be lost")
    other = page.context.new_page()
    other.goto("/webmail/")
    other.get_by_role("button", name="Sign out").click()

    expect(page.get_by_label("Account or address")).to_be_visible()
    expect(page.locator(".compose")).to_be_hidden()
    expect(page.locator(".mail")).to_have_count(0)
    sign_in(page)
    expect(page.locator(".compose [name=text]")).to_have_value("words that must not be lost")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("Sent.")).to_be_visible()
    expect(page.locator(".row", has_text="outlives").first).to_be_visible()


def test_a_draft_is_saved_and_taken_up(page: Page) -> None:
    """With its files; what is typed while it is being saved is saved too."""
    page.get_by_role("button", name="Write").click()
    page.get_by_label("Subject").fill("half a letter")
    page.locator(".compose [name=text]").fill("first words")
    page.locator(".compose input[type=file]").set_input_files([
        FilePayload(name="größe.txt", mimeType="text/plain", buffer=b"content"),
        FilePayload(name="two.bin", mimeType="application/octet-stream", buffer=bytes(300_000))])
    expect(page.locator(".compose .attachments li")).to_have_count(2)

    typed = False

    def meanwhile(route: Route) -> None:
        nonlocal typed
        if not typed:
            typed = True
            page.locator(".compose [name=text]").press("End")
            page.locator(".compose [name=text]").press_sequentially(" and last words")
        route.continue_()

    page.route("**/draft_save", meanwhile)
    expect(page.get_by_text("Saved at")).to_be_visible()
    assert typed
    page.get_by_role("button", name="Save as draft and close").click()
    expect(page.get_by_text("Saved in Drafts.")).to_be_visible()
    page.locator("[data-role=drafts]").click()
    page.locator(".row", has_text="half a letter").click()
    expect(page.locator(".compose [name=text]")).to_have_value("first words and last words\n")
    expect(page.locator(".compose .attachments li")).to_have_count(2)
    page.get_by_label("To", exact=True).fill("nobody")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".compose .problem")).to_contain_text("no address")
    expect(page.get_by_label("To", exact=True)).to_be_focused()
    page.get_by_label("To", exact=True).fill("y@example.net")
    page.get_by_role("button", name="Send", exact=True).click()
    # What was sent is no draft any more; only then can the row that is clicked be the one in the Inbox.
    expect(page.locator(".row", has_text="half a letter")).to_have_count(0)
    page.locator("[data-role=inbox]").click()
    page.locator(".row", has_text="half a letter").first.click()
    with page.expect_download() as saving:
        page.locator(".view .attachments a").first.click()
    assert saving.value.suggested_filename == "größe.txt"
    assert saving.value.path().read_bytes() == b"content"


def test_what_comes_while_a_list_is_read(page: Page, server: Server) -> None:
    """A letter that comes between the server's answer and its arrival is in the list; an answer that was overtaken is not shown."""
    page.locator("[data-role=sent]").click()
    expect(page.get_by_role("heading", name="Sent")).to_be_visible()
    unread = page.locator("[data-role=inbox] .count")
    before = int(unread.inner_text() or 0) if unread.count() else 0

    def held(route: Route) -> None:
        answer = route.fetch()
        server.send(letter("in between"))
        expect(unread).to_have_text(str(before + 1))
        route.fulfill(response=answer)

    page.route("**/api/webmail/page", held, times=1)
    page.locator("[data-role=inbox]").click()
    expect(page.locator(".row", has_text="in between")).to_be_visible()

    def overtaken(route: Route) -> None:
        answer = route.fetch()
        page.locator("[data-role=inbox]").click()
        expect(page.get_by_role("heading", name="Inbox")).to_be_visible()
        route.fulfill(response=answer)
        late.append(True)

    late: list[bool] = []
    page.route("**/api/webmail/page", overtaken, times=1)
    page.locator("[data-role=trash]").click()
    expect(page.get_by_role("heading", name="Inbox")).to_be_visible()
    while not late:
        page.wait_for_timeout(20)
    page.wait_for_load_state("networkidle")
    expect(page.locator(".row", has_text="in between")).to_be_visible()


def test_what_is_opened_meanwhile_stays(page: Page, server: Server) -> None:
    """A search is on its way, and somebody goes on reading in the list that is still there."""
    server.send(letter("opened meanwhile"))
    waiting: list[Route] = []
    page.route("**/api/webmail/search", lambda route: waiting.append(route))    # it asks a function for its module
    page.get_by_label("Search mail").fill("subject:nothingofthekind")
    page.keyboard.press("Enter")
    while not waiting:
        page.wait_for_timeout(20)
    page.locator(".row", has_text="opened meanwhile").click()
    expect(page.locator(".view h2")).to_have_text("opened meanwhile")
    for one in waiting:
        one.continue_()
    page.unroute("**/api/webmail/search")
    expect(page.get_by_text("Nothing was found.")).to_be_visible()
    expect(page.locator(".view h2")).to_have_text("opened meanwhile")
    page.get_by_label("Search mail").fill("")
    page.keyboard.press("Enter")
    expect(page.locator(".row", has_text="opened meanwhile")).to_be_visible()
    expect(page.locator(".view h2")).to_have_count(0)


def test_how_mail_travels(opened: Opener) -> None:
    """A word beside each recipient, explained when asked; what is required is kept with the draft and changes what is worth saying."""
    page = opened(PHONE)
    page.goto("/webmail/")
    sign_in(page)
    page.get_by_role("button", name="Mailboxes").click()
    page.get_by_role("button", name="Write").click()
    page.get_by_label("To", exact=True).fill("x@example.net")
    expect(page.get_by_role("button", name="stays here")).to_be_visible()
    facts: dict[str, tuple[str, list[bool | None]]] = {
        "clear@b.example": ("clear", [False] * 5), "plain@c.example": ("encrypted", [True, False, None, False, False]),
        "proven@d.example": ("verified", [True, True, False, False, True])}
    page.route("**/webmail/travel", lambda route: route.fulfill(json={"result": [
        {"address": address, "way": way, "requiretls": bool(bars[4]), "at": 1_893_456_000.0, "bars": bars}
        for address, (way, bars) in facts.items()]}))
    page.get_by_label("To", exact=True).fill(", ".join(facts))
    expect(page.locator(".compose .word")).to_have_text(["b.example not encrypted", "c.example encrypted", "d.example encrypted, verified"])
    expect(page.locator(".compose .word").nth(1).locator("i.yes")).to_have_count(1)
    page.get_by_role("button", name="not encrypted").click()
    expect(page.get_by_text("everybody on the way could read")).to_be_visible()
    page.get_by_label("Require TLS").select_option("required")
    expect(page.get_by_text("or you get the message back")).to_be_visible()
    expect(page.get_by_role("button", name="would come back")).to_have_count(2)
    assert overflow(page) <= 0

    page.unroute("**/webmail/travel")
    page.get_by_label("To", exact=True).fill("x@example.net")
    page.get_by_label("Subject").fill("only protected")
    page.get_by_role("button", name="Save as draft and close").click()
    expect(page.get_by_text("Saved in Drafts.")).to_be_visible()
    page.get_by_role("button", name="Mailboxes").click()
    page.locator("[data-role=drafts]").click()
    page.locator(".row", has_text="only protected").click()
    expect(page.get_by_label("Require TLS")).to_have_value("required")
    expect(page.get_by_role("button", name="stays here")).to_be_visible()
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("Sent.")).to_be_visible()


def test_a_long_mailbox(page: Page, server: Server) -> None:
    """Only the rows in sight are in the page; wherever one looks, messages are there, and their number is right."""
    with smtplib.SMTP(server.ip, server.smtp, timeout=30) as client:
        for number in range(250):
            client.sendmail("carla@example.net", ["demo@localhost"], letter(f"long {number}"))
    expect(page.locator(".row", has_text="long 249")).to_be_visible()
    assert page.locator(".row").count() < 40
    page.evaluate("() => { const list = document.querySelector('.list'); list.scrollTop = list.scrollHeight / 2; }")
    expect(page.locator(".row.unknown")).to_have_count(0)
    assert page.locator(".row").count() < 60
    total = int(page.locator("[data-role=inbox]").get_attribute("title").split()[1])     # type: ignore[union-attr]  # it has one
    expect(page.locator(".heading .total")).to_have_text(f"{total} messages")
    assert int(page.locator(".list").get_attribute("aria-rowcount") or 0) == total


@pytest.mark.parametrize("how", ["reload", "kill"])
def test_the_page_outlives_the_server(page: Page, server: Server, how: str) -> None:
    """A reload, or the death of the web process, costs the open page nothing: mail goes on appearing by itself."""
    [web] = server.pids("web")
    assert server.process is not None
    os.kill(*((server.process.pid, signal.SIGHUP) if how == "reload" else (web, signal.SIGKILL)))
    server.send(letter(f"soon after {how}"))
    expect(page.locator(".row", has_text=f"soon after {how}")).to_be_visible()
    server.until("event=supervisor.reloaded" if how == "reload" else "event=supervisor.role_fell role=supervisor process=web status=-9")
    server.send(letter(f"long after {how}"))
    expect(page.locator(".row", has_text=f"long after {how}")).to_be_visible()


def test_keys_alone(opened: Opener, server: Server) -> None:
    """From the sign-in to a message that is selected, moved and searched for, without a mouse."""
    server.send(letter("by keys", text="a rare word: axolotl"))
    page = opened(SCREEN)
    page.goto("/webmail/")
    expect(page.get_by_label("Account or address")).to_be_focused()
    page.keyboard.type("demo")
    page.keyboard.press("Tab")
    page.keyboard.type("pillarbox")
    page.keyboard.press("Enter")
    expect(page.locator(".row", has_text="by keys").first).to_be_visible()
    page.keyboard.press("j")
    expect(page.locator(".row.open")).to_contain_text("by keys")
    page.keyboard.press("x")
    expect(page.locator(".tools .count")).to_have_text("1 selected")
    page.keyboard.press("v")
    page.get_by_role("dialog").get_by_role("button", name="Archive").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".row", has_text="by keys")).to_have_count(0)
    page.keyboard.press("/")
    page.keyboard.type("axolotl in:archive")
    page.keyboard.press("Enter")
    expect(page.locator(".row", has_text="by keys")).to_be_visible()


def test_on_a_phone(opened: Opener, server: Server) -> None:
    """Nothing is wider than the screen, names stand on a line, the menu opens and closes."""
    subject = "Supercalifragilistic" * 8
    people = ", ".join(f"Person Number {number} <p{number}@example.net>" for number in range(60))
    server.send(letter(subject, f"Cc: {people}\r\n"))
    page = opened(PHONE)
    page.goto("/webmail/")
    sign_in(page)
    assert overflow(page) <= 0
    page.get_by_role("button", name="Mailboxes").click()
    expect(page.get_by_role("navigation", name="Mailboxes")).to_be_visible()
    page.mouse.click(380, 400)
    expect(page.get_by_role("navigation", name="Mailboxes")).to_be_hidden()
    page.locator(".row", has_text="Supercali").first.click()
    expect(page.locator(".view .text")).to_be_visible()
    assert overflow(page) <= 0
    box = page.locator(".parties strong").bounding_box()
    assert box is not None
    assert box["width"] > 2 * box["height"]
    page.get_by_role("button", name="and 54 more").click()
    expect(page.locator(".parties")).to_contain_text("Person Number 59")
    last = page.get_by_role("button", name="Source and details").bounding_box()
    assert last is not None
    assert last["x"] + last["width"] <= PHONE[0]
    page.get_by_role("button", name="Reply (r)").click()
    expect(page.locator(".compose")).to_be_visible()
    assert overflow(page) <= 0


def test_without_the_server(opened: Opener, server: Server) -> None:
    """Who cannot reach the server is told so, and may try again."""
    page = opened(SCREEN)
    page.route("**/api/**", lambda route: route.abort())
    page.goto("/webmail/")
    expect(page.get_by_role("alert")).to_have_text("The server cannot be reached.")
    page.unroute("**/api/**")
    page.get_by_role("button", name="Try again").click()
    sign_in(page)


def test_the_administration_on_a_phone(opened: Opener) -> None:
    """Every page of the administration fits the screen."""
    page = opened(PHONE)
    page.goto("/admin/")
    page.get_by_label("Password").fill("pillarbox")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Processes")).to_be_visible()
    for place, heading in (("domain/localhost", "DNS records"), ("account/demo", "Addresses"), ("queue", "Queue"),
                           ("trace", "Message trace"), ("security", "Signed in"), ("overview", "Recent events")):
        page.evaluate("place => { location.hash = place; }", place)
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
        assert overflow(page) <= 0, place
