"""Writing in the webmail: suggestions, protection, kinds of answers, formatted text, having it back, two devices, a bad line, contacts."""
import base64
import io
import json
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from urllib.parse import quote

import pytest
from playwright.sync_api import FilePayload, Page, Route, expect

from mta.base.clock import SystemClock
from mta.base.events import Journal
from mta.config.model import local
from mta.flow import contacts, people, preferences
from mta.flow.world import World
from tests.browser.conftest import PHONE, SCREEN, Opener, letter, sign_in
from tests.browser.test_webmail import overflow
from tests.lab.waiting import until
from tests.serving import Server
from workers.worlds import open_world

CARDS = """BEGIN:VCARD
VERSION:3.0
UID:1
FN:Dr. Carla Night-Ferry
EMAIL:carla@far.example
CATEGORIES:Friends
END:VCARD
BEGIN:VCARD
VERSION:3.0
UID:2
FN:Karl Ömer
EMAIL:karl@far.example
END:VCARD
"""
#: The smallest picture.
DOT = base64.b64encode(bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478da63fccfc050cf0000048101808ce1a2cd"
    "0000000049454e44ae426082")).decode()


@pytest.fixture(scope="module")
def world(server: Server) -> Iterator[World]:
    """The server's own data, where a command for each question would take as long as a test."""
    clock = SystemClock()
    with open_world(local(server.folder), clock, Journal("test", clock, stream=io.StringIO()), lambda role: None) as world:
        yield world


@pytest.fixture(autouse=True)
def known(world: World, server: Server) -> Iterator[None]:
    """The same people and choices each time."""
    account = people.get_account(world, "demo").id
    before = preferences.get(world, account)
    if found := contacts.all(world, account):
        contacts.remove(world, account, [one.id for one in found])
    contacts.take_in(world, account, CARDS)
    yield
    if preferences.get(world, account) != before:
        server.command("account", "set", "demo", "--undo-seconds", "0", "--no-write-html", "--no-warn-external")


def begin(page: Page) -> None:
    """Write something new."""
    page.get_by_role("button", name="Write", exact=True).click()
    expect(page.get_by_label("To", exact=True)).to_be_focused()


def written(server: Server, subject: str, mailbox: str = "Sent") -> EmailMessage:
    """The message with that subject, as it is stored."""
    found = [one for one in server.json("message", "list", "demo", mailbox) if one["subject"] == subject]
    read = message_from_bytes(server.command("message", "raw", str(found[0]["id"])).encode(), policy=policy.default)
    assert isinstance(read, EmailMessage)
    return read


def gone(server: Server, subject: str) -> bool:
    """Whether it came back to the Inbox, as all does here."""
    return any(one["subject"] == subject for one in server.json("message", "list", "demo", "Inbox"))


def test_suggestions(page: Page) -> None:
    """By keyboard alone: chosen with arrows, taken with Enter, put away with Escape; whole addresses are left alone."""
    begin(page)
    to = page.get_by_label("To", exact=True)
    to.press_sequentially("far.ex")
    options = page.locator(".suggested:visible [role=option]")
    expect(options).to_have_count(2)
    expect(options.first).to_have_attribute("aria-selected", "true")
    to.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    to.press("Enter")
    expect(to).to_have_value("Karl Ömer <karl@far.example>, ")
    to.press_sequentially("friend")
    expect(options).to_have_text(["Dr. Carla Night-Ferrycarla@far.example"])
    to.press("Tab")
    expect(to).to_have_value("Karl Ömer <karl@far.example>, Dr. Carla Night-Ferry <carla@far.example>, ")
    to.press_sequentially("night")
    expect(options).to_have_count(1)
    to.press("Escape")
    expect(options).to_have_count(0)
    expect(page.locator(".compose")).to_be_visible()
    to.fill("karl@far.example")
    to.press("Enter")
    expect(to).to_have_value("karl@far.example")


def test_required_by_itself(page: Page) -> None:
    """If every server was seen to promise it, proven; not for a list, not if one is left, not against a choice; bars explain themselves."""
    bars = {"a.example": [True, True, False, False, True], "b.example": [True, False, True, True, True],
            "c.example": [True, None, None, None, True]}

    def answer(route: Route) -> None:
        typed = json.loads(route.request.post_data or "{}")["recipients"]
        route.fulfill(json={"result": [
            {"address": f"x@{domain}", "way": "verified", "requiretls": True, "at": 1_893_456_000.0, "bars": one}
            for domain, one in bars.items() if domain in typed]})

    page.route("**/webmail/travel", answer)
    begin(page)
    to, choice = page.get_by_label("To", exact=True), page.get_by_label("Require TLS")
    to.fill("x@a.example, x@b.example")
    expect(choice).to_have_value("required")
    expect(page.get_by_text("Required by itself")).to_be_visible()
    to.fill("x@a.example, x@c.example")
    expect(choice).to_have_value("default")
    to.fill("x@a.example")
    expect(choice).to_have_value("required")
    choice.select_option("not-required")
    to.fill("x@b.example")
    expect(page.locator(".word")).to_have_text("b.example encrypted, verified")
    expect(choice).to_have_value("not-required")
    page.locator(".word").focus()
    tip = page.get_by_role("tooltip")
    expect(tip).to_contain_text("DANE the DNS promises its key, and it showed that key")
    expect(tip).to_contain_text("MTA-STS no policy demands encryption")
    expect(tip.locator("li.yes")).to_have_count(4)


def test_having_it_back(page: Page, server: Server) -> None:
    """What was sent can be undone for some seconds, and is as it was; what is sent later waits in a list."""
    server.command("account", "set", "demo", "--undo-seconds", "30")
    page.reload()
    begin(page)
    page.get_by_label("To", exact=True).fill("x@far.example")
    page.get_by_role("button", name="Cc and Bcc").click()
    page.get_by_role("textbox", name="Bcc").fill("secret@far.example")
    page.get_by_label("Subject").fill("too early")
    page.locator(".compose [name=text]").fill("Not yet.")
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("textbox", name="Bcc")).to_have_value("secret@far.example")
    expect(page.locator(".compose [name=text]")).to_have_value("Not yet.\n")
    assert server.json("message", "list", "demo", "Sent") == [] or not any(
        one["subject"] == "too early" for one in server.json("message", "list", "demo", "Sent"))
    page.get_by_role("button", name="Send later").click()
    page.get_by_role("button", name="Tomorrow morning").click()
    expect(page.get_by_text("It goes on")).to_be_visible()
    page.get_by_role("button", name="Waiting to be sent").click()
    expect(page.locator(".delayed")).to_contain_text("too early")
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_label("Subject")).to_have_value("too early")
    page.get_by_role("button", name="Discard").click()
    page.get_by_role("button", name="Discard").last.click()
    expect(page.locator(".compose")).to_have_count(0)
    assert not gone(server, "too early")
    assert server.json("queue", "list") == []


def test_what_seems_to_be_wrong(page: Page, server: Server) -> None:
    """A file that is spoken of and not there, and people outside; one may send it all the same."""
    server.command("account", "set", "demo", "--warn-external")
    page.reload()
    begin(page)
    page.get_by_label("To", exact=True).fill("x@far.example")
    page.get_by_label("Subject").fill("warned")
    page.locator(".compose [name=text]").fill("See the attached plan.")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("You write of an attachment")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Send", exact=True).click()
    page.get_by_role("button", name="Send without").click()
    expect(page.get_by_text("outside of your own domains, to x@far.example")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Send").click()
    until(lambda: gone(server, "warned"))


def test_formatted(page: Page, server: Server) -> None:
    """Bold, list, link and a pasted picture; sent as clean HTML with a text beside it, and taken up again."""
    begin(page)
    page.get_by_label("To", exact=True).fill("x@far.example")
    page.get_by_label("Subject").fill("formatted words")
    page.get_by_role("button", name="Formatted text").click()
    text = page.locator(".compose .page")
    expect(text).to_be_focused()
    text.press_sequentially("Good ")
    text.press("Control+b")
    text.press_sequentially("day")
    text.press("Control+b")
    text.press("Enter")
    page.get_by_role("button", name="List", exact=True).click()
    text.press_sequentially("one")
    text.press("Enter")
    text.press_sequentially("two")
    text.press("Enter")
    text.press("Enter")
    page.evaluate("""async ([dot]) => {
        const octets = Uint8Array.from(atob(dot), (one) => one.charCodeAt(0));
        const data = new DataTransfer();
        data.items.add(new File([octets], "dot.png", {type: "image/png"}));
        document.querySelector(".page").dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
        const html = new DataTransfer();
        html.setData("text/html", "<p style='color:red' onclick='x()'>pasted <script>bad()</script><img src='https://spy.example/x.png'></p>");
        document.querySelector(".page").dispatchEvent(new ClipboardEvent("paste", {clipboardData: html, bubbles: true, cancelable: true}));
    }""", [DOT])
    expect(page.locator(".compose .attachments li")).to_have_count(1)
    expect(page.locator(".compose progress")).to_have_count(0)
    page.get_by_role("button", name="Save as draft and close").click()
    page.locator("[data-role=drafts]").click()
    page.locator(".row", has_text="formatted words").click()
    expect(page.locator(".compose .page b")).to_have_text("day")
    expect(page.locator(".compose .page img")).to_have_js_property("naturalWidth", 1)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("Sent.")).to_be_visible()

    sent = written(server, "formatted words")
    plain, html = sent.get_body(("plain",)), sent.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert [line for line in plain.get_content().splitlines() if line] [:3] == ["Good day", "* one", "* two"]
    source = html.get_content()
    assert "<b>day</b>" in source
    assert "<ul><li>one</li><li>two</li></ul>" in source
    assert "pasted" in source
    for bad in ("script", "style", "onclick", "spy.example", "blob:"):
        assert bad not in source
    assert "multipart/related" in [part.get_content_type() for part in sent.walk()]


def test_back_to_plain(page: Page) -> None:
    """And forth: quotations stay quotations."""
    begin(page)
    page.locator(".compose [name=text]").fill("Mine\n> theirs\n>> before\nhttps://a.example/x?y=1&z=2\n")
    page.get_by_role("button", name="Formatted text").click()
    expect(page.locator(".compose .page blockquote blockquote")).to_have_text("before")
    expect(page.locator(".compose .page a")).to_have_attribute("href", "https://a.example/x?y=1&z=2")
    page.get_by_role("button", name="Formatted text").click()
    expect(page.locator(".compose [name=text]")).to_have_value("Mine\n\n> theirs\n>\n>> before\n\nhttps://a.example/x?y=1&z=2")


def test_two_devices(opened: Opener, server: Server) -> None:
    """Who saves an older version is told, keeps his own, and nothing is overwritten."""
    desk, phone = opened(SCREEN), opened(SCREEN)
    for page in (desk, phone):
        page.goto("/webmail/")
        sign_in(page)
    begin(desk)
    desk.get_by_label("Subject").fill("from two sides")
    desk.get_by_role("button", name="Save as draft and close").click()
    for page in (desk, phone):
        page.locator("[data-role=drafts]").click()
        page.locator(".row", has_text="from two sides").click()
        expect(page.get_by_label("Subject")).to_have_value("from two sides")
    phone.locator(".compose [name=text]").fill("by telephone")
    phone.get_by_role("button", name="Save as draft and close").click()
    expect(phone.get_by_text("Saved in Drafts.")).to_be_visible()
    desk.locator(".compose [name=text]").fill("at the desk")
    expect(desk.get_by_text("was changed elsewhere")).to_be_visible()
    desk.get_by_role("button", name="Keep both").click()
    desk.get_by_role("button", name="Save as draft and close").click()
    expect(desk.locator(".compose")).to_have_count(0)

    drafts = [one for one in server.json("message", "list", "demo", "Drafts") if one["subject"] == "from two sides"]
    assert len(drafts) == 2


def test_a_bad_line(page: Page, server: Server) -> None:
    """Without a server what is written stays in the browser, is said to, and is offered again; with it, all is saved."""
    page.route("**/webmail/draft_save", lambda route: route.abort())
    begin(page)
    page.get_by_label("Subject").fill("never saved")
    page.locator(".compose [name=text]").fill("precious words")
    expect(page.get_by_text("Not saved on the server yet")).to_be_visible()
    again = page.context.new_page()
    page.close(run_before_unload=False)
    again.goto("/webmail/")
    again.get_by_role("button", name="Go on writing").click()
    expect(again.locator(".compose [name=text]")).to_have_value("precious words")
    expect(again.get_by_text("Saved at")).to_be_visible()
    again.get_by_label("To", exact=True).fill("x@far.example")
    again.route("**/webmail/send", lambda route: route.abort())
    again.get_by_role("button", name="Send", exact=True).click()
    expect(again.locator(".compose .problem")).to_contain_text("no connection to the server")
    again.unroute("**/webmail/send")
    again.get_by_role("button", name="Send", exact=True).click()
    until(lambda: gone(server, "never saved"))
    again.reload()
    expect(again.get_by_role("heading", name="Inbox")).to_be_visible()
    expect(again.get_by_role("button", name="Go on writing")).to_have_count(0)


def test_sent_once(page: Page, server: Server) -> None:
    """An answer that gets lost does not make a second message: who sends again is told that it went."""
    lost = False

    def lose(route: Route) -> None:
        nonlocal lost
        if lost:
            route.continue_()
            return
        lost = True
        route.fetch()
        route.abort()

    page.route("**/webmail/send", lose)
    begin(page)
    page.get_by_label("To", exact=True).fill("x@far.example")
    page.get_by_label("Subject").fill("only once")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".compose .problem")).to_contain_text("no connection")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("was sent or thrown away elsewhere")).to_be_visible()
    page.get_by_role("button", name="Let mine go").click()
    until(lambda: gone(server, "only once"))
    assert len([one for one in server.json("message", "list", "demo", "Sent") if one["subject"] == "only once"]) == 1


def test_kinds_of_answers(page: Page, server: Server) -> None:
    """To the list, with a part quoted, passed on whole, written again, and archived with the answer."""
    server.send(letter("of a list", "List-Id: <l.far.example>\r\nList-Post: <mailto:list@far.example>\r\n",
                       text="First line.\r\nSecond line."))
    page.locator(".row", has_text="of a list").first.click()
    expect(page.locator(".view .text")).to_contain_text("Second line.")
    page.keyboard.press("Shift+L")
    expect(page.get_by_label("To", exact=True)).to_have_value("list@far.example")
    page.get_by_role("button", name="Save as draft and close").click()
    page.keyboard.press("Shift+F")
    expect(page.locator(".compose .attachments")).to_contain_text("of a list.eml")
    page.get_by_role("button", name="Discard").click()
    page.get_by_role("button", name="Discard").last.click()
    page.get_by_role("button", name="More ways to answer").click()
    page.get_by_role("button", name="Edit as new").click()
    expect(page.get_by_label("Subject")).to_have_value("of a list")
    page.get_by_role("button", name="Discard").click()
    page.get_by_role("button", name="Discard").last.click()
    page.evaluate("""() => {
        const walker = document.createTreeWalker(document.querySelector(".view .text"), NodeFilter.SHOW_TEXT);
        while (!walker.nextNode().data.includes("Second"));
        const at = walker.currentNode.data.indexOf("Second");
        getSelection().setBaseAndExtent(walker.currentNode, at, walker.currentNode, at + 12);
    }""")
    page.keyboard.press("r")
    value = page.locator(".compose [name=text]")
    expect(value).to_be_focused()
    assert "> Second line." in value.input_value()
    assert "First" not in value.input_value()
    page.get_by_role("button", name="Send and archive").click()
    expect(page.get_by_text("Sent.")).to_be_visible()
    until(lambda: any(one["subject"] == "of a list" for one in server.json("message", "list", "demo", "Archive")))


def test_files_by_drop_and_paste(page: Page) -> None:
    """Each way leads to an attachment, with progress; what is text is pasted as text."""
    begin(page)
    for kind, name in (("drop", "dropped.txt"), ("paste", "pasted.txt")):
        page.evaluate("""([kind, name]) => {
            const data = new DataTransfer();
            data.items.add(new File(["x"], name, {type: "text/plain"}));
            const place = document.querySelector(".compose [name=text]");
            place.dispatchEvent(kind === "drop" ? new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true})
                : new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
        }""", [kind, name])
        expect(page.locator(".compose .attachments")).to_contain_text(name)


def test_a_link_to_an_address(page: Page) -> None:
    """mailto: with all its fields opens what it asks for, and nothing is sent by itself."""
    link = "mailto:a%40b.example?cc=c%40d.example&subject=Good%20day&body=one%0D%0Atwo&attach=/etc/passwd"
    page.goto(f"/webmail/?mailto={quote(link, safe='')}")
    expect(page.get_by_label("To", exact=True)).to_have_value("a@b.example")
    expect(page.get_by_role("textbox", name="Cc", exact=True)).to_have_value("c@d.example")
    expect(page.get_by_label("Subject")).to_have_value("Good day")
    assert page.locator(".compose [name=text]").input_value().startswith("one\ntwo")
    assert "mailto" not in page.url


def test_contacts(page: Page, server: Server) -> None:
    """Found, written, changed, forgotten, taken from a file and saved to one."""
    page.get_by_role("button", name="Contacts").click()
    people = page.locator(".contacts li")
    expect(people).to_have_count(2)
    page.get_by_label("Find contacts").fill("öm")
    expect(people).to_have_count(1)
    page.get_by_label("Find contacts").fill("")
    page.get_by_role("button", name="New contact").click()
    form = page.get_by_role("dialog", name="New contact")
    form.get_by_label("Addresses").fill("nobody")
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_text("'nobody' is no address")).to_be_visible()
    form.get_by_label("Addresses").fill("zoe@far.example\nzoe@home.example")
    form.get_by_label("Name").fill("Zoë")
    form.get_by_role("button", name="Save").click()
    expect(people).to_have_count(3)
    page.get_by_label("A file of contacts").set_input_files(
        [FilePayload(name="x.vcf", mimeType="text/vcard", buffer=b"BEGIN:VCARD\r\nFN:New One\r\nEMAIL:n@far.example\r\nEND:VCARD\r\n")])
    expect(page.get_by_text("1 new, 0 replaced")).to_be_visible()
    expect(people).to_have_count(4)
    with page.expect_download() as saving:
        page.get_by_role("button", name="Export").click()
    assert saving.value.path().read_bytes().count(b"BEGIN:VCARD") == 4
    page.get_by_role("button", name="Change New One").click()
    page.get_by_role("button", name="Forget").click()
    page.get_by_role("dialog", name="Are you sure?").get_by_role("button", name="Forget").click()
    expect(people).to_have_count(3)
    page.get_by_role("button", name="Write to Zoë").click()
    expect(page.get_by_label("To", exact=True)).to_have_value("Zoë <zoe@far.example>, ")


def test_choices(page: Page, server: Server) -> None:
    """Kept by the server: a new message is formatted on every device."""
    begin(page)
    page.get_by_role("button", name="Choices for writing").click()
    page.get_by_label("Begin formatted").check()
    page.get_by_label("Seconds to undo").fill("20")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    [shown] = server.json("account", "show", "demo")
    assert (shown["write_html"], shown["undo_seconds"]) == (True, 20)
    page.get_by_role("button", name="Save as draft and close").click()
    page.reload()
    page.get_by_role("button", name="Write", exact=True).click()
    expect(page.locator(".compose .page")).to_be_visible()


@pytest.mark.parametrize("size", [SCREEN, (1024, 768), PHONE])
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_how_it_looks(opened: Opener, size: tuple[int, int], colours: str) -> None:
    """Forty recipients, long names, many files: nothing hangs over, and axe finds nothing."""
    from tests.browser.looks import faults, picture

    page = opened(size)
    page.emulate_media(color_scheme="dark" if colours == "dark" else "light")
    page.goto("/webmail/")
    sign_in(page)
    page.keyboard.press("c")
    expect(page.get_by_label("To", exact=True)).to_be_focused()
    page.get_by_label("To", exact=True).fill(", ".join(
        f"A rather long name number {number} <person{number}@a-domain-with-a-long-name-{number % 12}.example>" for number in range(40)))
    page.get_by_label("Subject").fill("A subject that is much longer than any window is wide, so that it must be cut somewhere " * 2)
    page.locator(".compose input[type=file]").set_input_files(
        [FilePayload(name=f"a file with a very long name that says everything there is to say {number}.pdf", mimeType="application/pdf",
                     buffer=b"x") for number in range(5)])
    expect(page.locator(".compose .attachments li")).to_have_count(5)
    expect(page.locator(".compose .word").first).to_be_visible()
    picture(page, "compose")
    assert overflow(page) <= 0
    assert faults(page) == []
    page.get_by_role("button", name="Formatted text").click()
    picture(page, "formatted")
    assert faults(page) == []
    page.get_by_label("To", exact=True).fill("far")
    page.get_by_label("To", exact=True).press_sequentially(".")
    for name in ("Karl", "Carla"):
        expect(page.locator(".suggested:visible [role=option]", has_text=name).first).to_be_visible()
    picture(page, "suggestions")
    assert faults(page) == []
    page.get_by_label("To", exact=True).fill("x@example.net")
    expect(page.locator(".compose .word")).to_have_count(1)
    page.locator(".compose .word").focus()
    picture(page, "tip")
    assert overflow(page) <= 0
    page.get_by_role("button", name="Save as draft and close").click()
    expect(page.locator(".compose")).to_have_count(0)
    page.keyboard.press("b")
    expect(page.locator(".contacts li")).to_have_count(2)
    picture(page, "contacts")
    assert overflow(page) <= 0
    assert faults(page) == []
    page.get_by_role("button", name="New contact").click()
    picture(page, "contact")
    assert faults(page) == []
