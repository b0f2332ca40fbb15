"""Setting up a mail program: what is shown, copied, and offered, on a screen and on a telephone."""
import json

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import PHONE, SCREEN, Opener, sign_in
from tests.browser.test_webmail import overflow
from tests.serving import Server
from web.programs import qr_code

URL = "https://mx.example.org/profile.mobileconfig?link=abcdefghijklmnopqrstuvwxyz012345"


def account(opened: Opener, size: tuple[int, int]) -> Page:
    """The page, signed in."""
    page = opened(size)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/account/#programs")
    page.get_by_label("Account or address").fill("demo")
    page.get_by_label("Password").fill("pillarbox")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Set up a mail program")).to_be_visible()
    return page


def reading(page: Page) -> None:
    """From now on the page is told that the server speaks IMAP, and two addresses."""
    def answer(route: Route) -> None:
        found = route.fetch().json()
        result = found["result"]
        result |= {"imap": True, "no_profile": "", "signer": "mx.example.org", "addresses": [*result["addresses"], "other@localhost"]}
        result["services"].insert(0, {"protocol": "imap", "host": "localhost", "port": 993, "tls": "implicit"})
        route.fulfill(body=json.dumps(found), content_type="application/json")

    link = {"result": {"url": URL, "code": qr_code(URL), "seconds": 600}}
    page.route("**/api/account/programs", answer)
    page.route("**/api/account/profile_link", lambda route: route.fulfill(body=json.dumps(link), content_type="application/json"))
    page.reload()


def test_what_to_type(opened: Opener, server: Server) -> None:
    """Each value can be copied; what is offered is what the server listens on; nothing speaks of reading with a program."""
    page = account(opened, SCREEN)
    rows = page.get_by_role("row")
    expect(rows.nth(1)).to_contain_text("Sending (SMTP)")
    expect(rows.nth(1)).to_contain_text("SSL/TLS")
    expect(rows.nth(1)).to_contain_text(str(465 + server.offset))
    expect(rows.nth(2)).to_contain_text("STARTTLS")
    expect(rows).to_have_count(3)
    rows.nth(2).get_by_role("button", name="Copy").nth(1).click()
    expect(rows.nth(2).get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == str(server.submission)
    expect(page.get_by_text("demo@localhost", exact=True)).to_be_visible()
    expect(page.get_by_text("Mail is read in the webmail")).to_be_visible()
    expect(page.get_by_role("button", name="Show a QR code")).to_have_count(0)
    expect(page.get_by_text("nothing to set up")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [SCREEN, PHONE], ids=["screen", "phone"])
def test_with_imap(opened: Opener, size: tuple[int, int], scheme: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Reading comes first, the code is a picture with what it holds below it; another address takes it away."""
    page = account(opened, size)
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    reading(page)
    expect(page.get_by_text("Reading (IMAP)")).to_be_visible()
    expect(page.get_by_text("It is signed by mx.example.org.")).to_be_visible()
    assert overflow(page) <= 0
    page.get_by_role("button", name="Show a QR code").click()
    code = page.get_by_role("img", name="QR code that leads to the profile for demo@localhost")
    expect(code).to_be_visible()
    assert code.evaluate("image => image.naturalWidth") > 100
    expect(page.get_by_text(URL)).to_be_visible()
    assert overflow(page) <= 0
    page.screenshot(path=str(tmp_path_factory.mktemp("seen") / f"{size[0]}-{scheme}.png"), full_page=True)
    page.get_by_label("Address").select_option("other@localhost")
    expect(code).to_have_count(0)
    expect(page.locator("code", has_text="other@localhost")).to_be_visible()


def test_the_administrator_sees_it_too(opened: Opener, server: Server) -> None:
    """For an account and for a domain."""
    page = opened(SCREEN)
    page.goto("/admin/#account/demo")
    page.get_by_label("Password").fill("pillarbox")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Mail programs")).to_be_visible()
    expect(page.get_by_role("row", name="Sending (SMTP)").first).to_contain_text(str(465 + server.offset))
    page.goto("/admin/#domain/localhost")
    expect(page.get_by_text("the whole address, like somebody@localhost")).to_be_visible()
    expect(page.get_by_role("row", name="Sending (SMTP)").first).to_contain_text(str(465 + server.offset))


def test_no_page_leads_to_one_that_is_not_offered(opened: Opener) -> None:
    """A webmail without account pages names who is signed in, and the account's pages without webmail have no link to it."""
    def alone(page: Page, name: str) -> None:
        def answer(route: Route) -> None:
            found = route.fetch().json()
            found["result"]["pages"] = [name]
            route.fulfill(body=json.dumps(found), content_type="application/json")
        page.route(f"**/api/{name}/state", answer)
        page.reload()

    page = opened(SCREEN)
    page.goto("/webmail/")
    sign_in(page)
    expect(page.get_by_role("link", name="Demo")).to_be_visible()
    alone(page, "webmail")
    expect(page.locator(".who").get_by_text("Demo")).to_be_visible()
    expect(page.get_by_role("link", name="Demo")).to_have_count(0)
    page = account(opened, SCREEN)
    expect(page.get_by_role("link", name="Webmail", exact=True)).to_be_visible()
    alone(page, "account")
    expect(page.get_by_role("heading", name="Set up a mail program")).to_be_visible()
    expect(page.get_by_role("link", name="Webmail", exact=True)).to_have_count(0)
