"""What an account does by itself, in the browser: answers, forwarding, masked addresses, identities; all pages on a telephone."""
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, SCREEN, Opener, letter
from tests.browser.test_webmail import overflow
from tests.clientpackages import axe_script
from tests.lab.waiting import until
from tests.serving import Server

pytestmark = pytest.mark.timeout(400)    # on a machine that does much else


@pytest.fixture(autouse=True)
def as_before(server: Server) -> Iterator[None]:
    """Nothing of this is left for the next test."""
    yield
    server.command("vacation", "set", "demo", "--off")
    for one in server.json("forward", "list", "demo"):
        server.command("forward", "remove", "demo", str(one["id"]))
    for one in server.json("mask", "list", "demo"):
        server.command("mask", "remove", "demo", str(one["id"]))
    for one in server.json("identity", "list", "demo"):
        server.command("identity", "remove", "demo", str(one["id"]))


def account(opened: Opener, page: str, heading: str, size: tuple[int, int] = SCREEN) -> Page:
    """A page of the account, signed in."""
    shown = opened(size)
    shown.goto(f"/account/#{page}")
    shown.get_by_label("Account or address").fill("demo")
    shown.get_by_label("Password").fill("pillarbox")
    shown.get_by_role("button", name="Sign in").click()
    expect(shown.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    return shown


def test_away(opened: Opener, server: Server) -> None:
    """A mistake is said; then it is seen, tried, switched on, there when one comes back, and answers."""
    server.send(letter("before it was on"))
    page = account(opened, "away", "Away")
    expect(page.get_by_role("status").first).to_have_text("Nothing is answered now.")
    page.get_by_label("Answer mail while I am away").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("the answer needs a text")).to_be_visible()
    page.get_by_label("Text").fill("I am away until the 14th.")
    page.get_by_label("Last day").fill("2999-02-14")
    page.get_by_label("Time zone").select_option("Europe/Berlin")
    page.get_by_role("button", name="Show the message").click()
    expect(page.get_by_text("Auto-Submitted: auto-replied")).to_be_visible()
    page.get_by_role("button", name="Try it on stored mail").click()
    expect(page.get_by_role("row", name="before it was on").first).to_contain_text("yes")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Mail is answered until the end of 2999-02-14.")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Text")).to_have_value("I am away until the 14th.")
    expect(page.get_by_label("Time zone")).to_have_value("Europe/Berlin")
    [shown] = server.json("vacation", "show", "demo")
    assert (shown["on"], shown["active"], shown["zone"]) == (True, True, "Europe/Berlin")
    server.send(letter("while it was on"))
    # What leaves localserve comes back to the demo account.
    until(lambda: "Auto: while it was on" in [row["subject"] for row in server.json("message", "list", "demo", "Inbox")], 60, server.text)
    page.get_by_label("Answer mail while I am away").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Nothing is answered now.")).to_be_visible()


def test_forwarding(opened: Opener, server: Server) -> None:
    """An address is added, a wrong code is said, the right one begins it, choices are kept, it is in rules, and removed."""
    page = account(opened, "forwarding", "Forwarding")
    page.get_by_label("Address").fill("demo@localhost")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_text("mail would go in a circle")).to_be_visible()
    page.get_by_label("Address").fill("me@example.net")
    page.get_by_label("The copy here").select_option("goes to Archive, as read")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_text("not confirmed")).to_be_visible()
    page.get_by_label("Code").fill("0000-0000")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("that is not the code")).to_be_visible()

    def codes() -> list[int]:
        rows = server.json("message", "list", "demo", "Inbox")
        return [row["id"] for row in rows if row["subject"] == "Confirm that mail is forwarded to you"]

    # Only one that is there already cannot come after the other.
    first = until(codes, 60, server.text)
    page.get_by_role("button", name="Mail another code").click()
    expect(page.get_by_text("Another code is on its way.")).to_be_visible()
    [second] = until(lambda: set(codes()) - set(first), 60, server.text)
    found = re.search(r"^    (\w{4}-\w{4})\r?$", server.command("message", "raw", str(second)), re.MULTILINE)
    assert found
    page.get_by_label("Code").fill(found[1])
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("confirmed", exact=True)).to_be_visible()
    card = page.locator("section").filter(has=page.get_by_role("heading", name="me@example.net"))
    expect(card.get_by_label("The copy here")).to_have_value("archive")
    card.get_by_label("Forward").select_option("only what a rule forwards")
    card.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()

    page.goto("/account/#rules")
    page.get_by_role("button", name="New rule").click()
    form = page.get_by_role("dialog")
    form.get_by_label("From", exact=True).fill("*@shop.example")
    form.get_by_label("Forward it to").select_option("me@example.net")
    form.get_by_label("Answer with this text").fill("It was received.")
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_role("listitem")).to_contain_text("forward it to me@example.net, answer it.")
    [rule] = server.json("rule", "list", "demo")
    assert (rule["forward"], rule["reply"]) == ("me@example.net", "It was received.")
    server.command("rule", "remove", "demo", str(rule["id"]))

    page.goto("/account/#forwarding")
    card.get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(card).to_have_count(0)
    assert server.json("forward", "list", "demo") == []


def test_masks(opened: Opener, server: Server) -> None:
    """One at a click, mail through it, who wrote, off and on, a note, a key that works once shown, and gone."""
    page = account(opened, "masks", "Masked addresses")
    page.get_by_label("Site").fill("shop.example")
    page.get_by_role("button", name="New address").click()
    expect(page.get_by_text("The new address:")).to_be_visible()
    [mask] = server.json("mask", "list", "demo")
    address = str(mask["address"])
    server.send(letter("through the mask").replace(b"To: demo@localhost", f"To: {address}".encode()), "carla@example.net", address)
    page.reload()
    item = page.get_by_role("listitem").filter(has_text=address)
    expect(item).to_contain_text("1 received")
    expect(item).to_contain_text("Others than shop.example wrote: example.net")
    item.get_by_role("button", name="Switch").click()
    expect(item).to_contain_text("off: mail is refused")
    item.get_by_role("button", name="Switch").click()
    expect(item).not_to_contain_text("off: mail is refused")
    item.get_by_role("button", name=f"Note something about {address}").click()
    page.get_by_role("dialog").get_by_label("Note").fill("for shoes")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(item).to_contain_text("for shoes")

    page.get_by_label("What the key is for").fill("laptop")
    page.get_by_role("button", name="New key").click()
    secret = page.get_by_role("dialog").locator("code").inner_text()
    page.get_by_role("button", name="I have it").click()
    expect(page.get_by_role("row", name="laptop")).to_contain_text("never")
    made = page.request.post("/api/alias/random/new?hostname=bank.example", headers={"Authentication": secret}, data={})
    assert (made.status, made.json()["alias"].startswith("bank-")) == (201, True)
    page.reload()
    expect(page.get_by_role("listitem").filter(has_text=made.json()["alias"])).to_be_visible()
    page.get_by_role("button", name="Remove the key laptop").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_role("row", name="laptop")).to_have_count(0)
    assert page.request.post("/api/alias/random/new", headers={"Authentication": secret}, data={}).status == 401

    page.goto("/webmail/")
    page.locator(".row", has_text="through the mask").first.click()
    page.get_by_role("button", name="Reply (r)").click()
    expect(page.get_by_role("combobox", name="From")).to_have_value(address)
    page.get_by_role("button", name="Discard").click()
    page.goto("/account/#masks")
    item.get_by_role("button", name=f"Remove {address}").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(item).to_have_count(0)


def test_the_administrators_part(opened: Opener, server: Server) -> None:
    """Where masks may be made and how many holds on the page of the account."""
    page = opened(SCREEN)
    page.goto("/admin/#masks")
    page.get_by_label("Password").fill("pillarbox")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("May have").fill("0")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    theirs = account(opened, "masks", "Masked addresses")
    expect(theirs.get_by_role("heading", name="Yours (0 of 0)")).to_be_visible()
    theirs.get_by_role("button", name="New address").click()
    expect(theirs.get_by_text("may have 0 masked addresses")).to_be_visible()
    server.command("mask", "limit", "demo")
    with page.expect_response("**/api/admin/mask_domain"):    # that something was saved is still said of what was before
        page.get_by_label("localhost").uncheck()
    theirs.reload()
    expect(theirs.get_by_text("no address at a domain where masked addresses are allowed")).to_be_visible()
    with page.expect_response("**/api/admin/mask_domain"):
        page.get_by_label("localhost").check()
    expect(page.get_by_role("cell", name="500")).to_be_visible()
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    assert overflow(page) <= 0
    assert accessible(page) == []
    server.command("mask", "domain", "set", "localhost", "--allowed")


def test_identities(opened: Opener, server: Server) -> None:
    """The name, an identity with a signature that the webmail writes with, another one, and the mailbox of an address."""
    page = account(opened, "identities", "Addresses and identities")
    page.get_by_role("button", name="New identity").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Name").fill("Demo at Work")
    form.get_by_label("Answers go to").fill("answers@example.net")
    form.get_by_label("Signature").fill("Demo\nHarbour 1")
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_role("listitem")).to_contain_text("answers go to answers@example.net; signature: Demo …")
    server.command("identity", "add", "demo", "--name", "Demo at Home", "--address", "demo@localhost", "--signature", "Bye")
    page.reload()
    page.get_by_role("button", name="Make Demo at Home <demo@localhost> the usual one").click()
    expect(page.get_by_role("listitem").first).to_contain_text("Demo at Home")
    page.get_by_label("Its mail goes to").select_option("Archive")
    page.get_by_role("button", name="Save what is chosen for demo@localhost").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert server.json("identity", "addresses", "demo")[0]["mailbox"] == "Archive"
    server.command("identity", "address", "demo", "demo@localhost", "--mailbox", "")

    page.goto("/webmail/")
    page.get_by_role("button", name="Write").first.click()
    text = page.get_by_role("textbox", name="Message")
    expect(text).to_have_value("\n\n-- \nBye")
    text.fill("Good day.\n\n-- \nBye")
    page.get_by_role("combobox", name="From").select_option("Demo at Work <demo@localhost>")
    expect(text).to_have_value("Good day.\n\n-- \nDemo\nHarbour 1")
    page.get_by_label("To", exact=True).fill("carla@example.net")
    page.get_by_label("Subject").fill("with a signature")
    page.get_by_role("button", name="Send", exact=True).click()

    def came() -> str:
        rows = [row for row in server.json("message", "list", "demo", "Sent") if row["subject"] == "with a signature"]
        return server.command("message", "raw", str(rows[0]["id"])) if rows else ""
    sent = until(came, 60, server.text)
    assert "From: Demo at Work <demo@localhost>" in sent
    assert "Reply-To: answers@example.net" in sent


@pytest.mark.parametrize(("page", "heading"), [
    ("away", "Away"), ("forwarding", "Forwarding"), ("masks", "Masked addresses"), ("identities", "Addresses and identities")])
def test_on_a_telephone(opened: Opener, server: Server, page: str, heading: str) -> None:
    """Each page fits, with long names on it."""
    server.command("mask", "add", "demo", "a-very-long-name-of-a-shop-with-many-words.example", "--note", "wide" * 40)
    server.command("identity", "add", "demo", "--name", "wide" * 20, "--address", "demo@localhost", "--signature", "long" * 40)
    server.command("forward", "add", "demo", f"{page}{'x' * 50}@example.net")
    shown = account(opened, page, heading, PHONE)
    assert overflow(shown) <= 0
    assert accessible(shown) == []
    shown.emulate_media(color_scheme="dark")
    assert accessible(shown) == []


def accessible(page: Page) -> list[str]:
    """What axe-core finds wrong with a page for who cannot see, or not use a mouse."""
    page.evaluate(axe_script())
    found = page.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], "
                          "rules: {'skip-link': {enabled: false}}})")    # the menu's links choose pages by what stands after #
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found["violations"]]


def test_signing_in_is_asked(opened: Opener) -> None:
    """The pages are for who is signed in."""
    page = opened(SCREEN)
    page.goto("/account/#masks")
    expect(page.get_by_label("Password")).to_be_visible()
