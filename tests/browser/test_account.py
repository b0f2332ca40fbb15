"""The account's own pages, by their buttons: password, browsers that are signed in, a mail program's profile, the name, identities."""
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import SCREEN, Opener, letter, sign_in
from tests.browser.test_away import account
from tests.serving import Server

OTHER = "four quiet words more"


@pytest.fixture(autouse=True)
def as_before(server: Server) -> Iterator[None]:
    """Nothing of this is left for the next test."""
    yield
    server.command("password", "set", "demo", stdin=b"pillarbox\n")
    server.command("account", "set", "demo", "--full-name", "Demo")
    for one in server.json("identity", "list", "demo"):
        server.command("identity", "remove", "demo", str(one["id"]))


def signed_in(server: Server) -> int:
    """How many browsers are."""
    return len(server.json("session", "list", "demo"))


def test_the_password(opened: Opener, server: Server) -> None:
    """A short one is not sent, a wrong one is said; the new one counts, the old one does not, and other browsers have to know it."""
    page = account(opened, "passwords", "Passwords")
    other = account(opened, "account", "Your account")
    before = signed_in(server)
    form = page.locator("section").filter(has=page.get_by_role("heading", name="Your password"))

    def change(old: str, new: str) -> None:
        form.get_by_label("Password now").fill(old)
        form.get_by_label("New password").fill(new)
        form.get_by_role("button", name="Change").click()

    change("pillarbox", "short")    # the browser itself does not send that
    expect(page.locator(".notice")).to_have_count(0)
    change("not this one", OTHER)
    expect(page.get_by_text("password is wrong")).to_be_visible()
    assert signed_in(server) == before
    change("pillarbox", OTHER)
    expect(page.get_by_text("The password was changed; all other browsers are signed out.")).to_be_visible()
    expect(form.get_by_label("New password")).to_have_value("")
    assert signed_in(server) == 1
    page.get_by_role("link", name="Account", exact=True).click()
    expect(page.get_by_role("row", name="this one")).to_be_visible()
    other.reload()
    other.get_by_label("Account or address").fill("demo")
    for password, button in (("pillarbox", True), (OTHER, False)):
        other.get_by_label("Password").fill(password)
        other.get_by_role("button", name="Sign in").click()
        if button:
            expect(other.get_by_role("alert")).to_contain_text("wrong")
    expect(other.get_by_role("heading", name="Your account")).to_be_visible()


def test_browsers_that_are_signed_in(opened: Opener, server: Server) -> None:
    """One is signed out and sees the form at once when it does anything; then all others; the page goes on."""
    page = account(opened, "account", "Your account")
    if signed_in(server) > 1:
        page.get_by_role("button", name="Sign out all others").click()
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(1)
    expect(page.get_by_role("button", name="Sign out all others")).to_have_count(0)
    others: list[Page] = []
    for _ in range(3):
        other = opened(SCREEN)
        other.goto("/webmail/")
        sign_in(other)
        others.append(other)
    page.reload()
    expect(rows).to_have_count(4)
    page.locator("table").get_by_role("button", name="Sign out", exact=True).first.click()
    expect(rows).to_have_count(3)
    assert signed_in(server) == 3
    assert page.evaluate("document.activeElement !== document.body"), "the keyboard is among the browsers still"
    page.get_by_role("button", name="Sign out all others").click()
    expect(rows).to_have_count(1)
    assert signed_in(server) == 1
    server.send(letter("not for those who are signed out"))
    for other in others:
        expect(other.get_by_label("Password")).to_be_visible()
        expect(other.get_by_text("not for those")).to_have_count(0)
    expect(page.get_by_text("this one")).to_be_visible()


def test_a_profile(opened: Opener, server: Server) -> None:
    """This server does not offer IMAP, and the page no profile; one that was loaded when it did is told why there is none."""
    page = account(opened, "programs", "Set up a mail program")
    expect(page.get_by_role("button", name="Download here")).to_have_count(0)

    def before(route: Route) -> None:
        found = route.fetch().json()
        found["result"]["no_profile"] = ""
        route.fulfill(json=found)

    page.route("**/api/account/programs", before)
    page.reload()
    for name in ("Download here", "Show a QR code"):
        page.get_by_role("button", name=name).click()
        expect(page.locator(".notice.error")).to_contain_text("IMAP")
        page.get_by_role("button", name="Dismiss").click()
        expect(page.get_by_role("button", name=name)).to_be_focused()
    expect(page).to_have_url(re.compile("#programs$"))
    assert "IMAP" not in server.command("clients", "demo@localhost")


def test_the_name(opened: Opener, server: Server) -> None:
    """It is saved and what is written bears it; one that somebody else changed meanwhile is not overwritten; a line break is refused."""
    page = account(opened, "identities", "Addresses and identities")
    page.get_by_label("Your name").fill("Demo of the Harbour")
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    [shown] = server.json("account", "show", "demo")
    assert shown["name"] == "Demo of the Harbour" or shown.get("full_name") == "Demo of the Harbour"
    server.command("account", "set", "demo", "--full-name", "Another")
    page.get_by_label("Your name").fill("Mine")
    page.get_by_role("button", name="Save", exact=True).first.click()
    box = page.get_by_role("dialog", name="Somebody else was faster")
    box.get_by_role("button", name="Load it again").click()
    expect(page.get_by_label("Your name")).to_have_value("Another")


def test_an_identity_goes(opened: Opener, server: Server) -> None:
    """Asked first; kept if one thinks better of it; gone then, and its address stays.  Answers cannot go to what is no address."""
    for name in ("Demo at Work", "Demo at Home"):
        server.command("identity", "add", "demo", "--name", name, "--address", "demo@localhost")
    page = account(opened, "identities", "Addresses and identities")
    page.get_by_role("button", name="Demo at Work <demo@localhost>", exact=True).click()
    form = page.get_by_role("dialog", name="Identity")
    form.get_by_label("Answers go to").fill("a@b..c")
    form.get_by_role("button", name="Save").click()
    expect(form).to_be_visible()
    form.get_by_label("Answers go to").fill("answers@nowhere")
    form.get_by_label("Name").fill("x" * 100)
    page.keyboard.press("Escape")
    remove = page.get_by_role("button", name="Remove Demo at Work <demo@localhost>")
    remove.click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(remove).to_be_focused()
    remove.press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_role("listitem")).to_have_count(1)
    expect(page.get_by_role("listitem")).to_contain_text("Demo at Home")
    assert [one["name"] for one in server.json("identity", "list", "demo")] == ["Demo at Home"]
    assert page.evaluate("document.activeElement !== document.body")
    expect(page.get_by_role("form", name="demo@localhost")).to_be_visible()
