"""How people prove who they are, in the browser: app passwords, second factors, sign-ins, frozen sending, audit log, two at once."""
import base64
import smtplib
import ssl
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from mta.base import totp
from tests.browser.conftest import PHONE, SCREEN, Opener
from tests.browser.test_away import accessible, account
from tests.browser.test_webmail import overflow
from tests.lab.waiting import until
from tests.serving import Server

OWN = "pillarbox"


@pytest.fixture(autouse=True)
def as_before(server: Server) -> Iterator[None]:
    """Nothing of this is left for the next test."""
    yield
    for row in server.json("account", "two-factor"):
        if row["two_factor"]:
            server.command("account", "two-factor", *(["--admin"] if row["name"] == "admin" else [str(row["name"])]), "--off")
    for row in server.json("password", "app", "list", "demo"):
        server.command("password", "app", "revoke", "demo", str(row["id"]))
    for row in server.json("account", "frozen"):
        server.command("account", "unfreeze", str(row["account"]))


def admin(opened: Opener, page: str, size: tuple[int, int] = SCREEN) -> Page:
    """A page of the administration, signed in."""
    shown = opened(size)
    shown.goto(f"/admin/#{page}")
    shown.get_by_label("Password").fill(OWN)
    shown.get_by_role("button", name="Sign in").click()
    expect(shown.get_by_role("button", name="Sign in")).to_have_count(0)
    return shown


def code(secret: str, ahead: int = 0) -> str:
    """What the authenticator shows, or will show next."""
    octets = base64.b32decode(secret.replace(" ", ""))
    return totp.code_at(octets, int(time.time() // totp.PERIOD) + ahead)


def switch_off(page: Page, wrong: str, right: str) -> None:
    """End two-factor sign-in: with a code that is refused first, then with one that holds."""
    page.get_by_role("button", name="Switch off").click()
    box = page.get_by_role("dialog")
    box.get_by_label("Your password").fill(OWN)
    box.get_by_label("Code").fill(wrong)
    box.get_by_role("button", name="Switch off").click()
    expect(box.get_by_role("alert")).to_contain_text("code is wrong")
    box.get_by_label("Code").fill(right)
    box.get_by_role("button", name="Switch off").click()
    expect(page.get_by_text("Off: the password alone signs in.")).to_be_visible()


def set_up(page: Page) -> tuple[str, list[str]]:
    """Set two-factor sign-in up, after a wrong password and a wrong code; the secret and the recovery codes."""
    page.get_by_role("button", name="Set up two-factor sign-in").click()
    box = page.get_by_role("dialog")
    box.get_by_label("Your password").fill("wrong")
    box.get_by_role("button", name="Go on").click()
    expect(box.get_by_role("alert")).to_contain_text("password is wrong")
    box.get_by_label("Your password").fill(OWN)
    box.get_by_role("button", name="Go on").click()
    expect(page.get_by_alt_text("QR code for the authenticator")).to_be_visible()
    secret = box.locator("code").inner_text()
    box.get_by_label("The code that it shows").fill("000000")
    box.get_by_role("button", name="Switch on").click()
    expect(box.get_by_role("alert")).to_contain_text("not the code")
    box.get_by_label("The code that it shows").fill(code(secret))
    box.get_by_role("button", name="Switch on").click()
    expect(box.locator("li code")).to_have_count(10)
    codes = box.locator("li code").all_inner_texts()
    page.get_by_role("button", name="I have them").click()
    expect(page.get_by_text("10 recovery codes are left")).to_be_visible()
    return secret, codes


def submission(server: Server, password: str) -> tuple[int, bytes]:
    """What SMTP AUTH says to a password of demo."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with smtplib.SMTP("127.0.0.1", server.submission, timeout=20) as client:
        client.starttls(context=context)
        try:
            return client.login("demo", password)
        except smtplib.SMTPAuthenticationError as refused:
            return refused.smtp_code, refused.smtp_error if isinstance(refused.smtp_error, bytes) else refused.smtp_error.encode()


def test_app_passwords(opened: Opener, server: Server) -> None:
    """Mistakes are said; made, shown once, used by a mail program, seen, and revoked."""
    page = account(opened, "passwords", "Passwords")
    page.get_by_role("button", name="New app password").click()
    box = page.get_by_role("dialog")
    box.get_by_label("What is it for?").fill("the printer")
    box.get_by_label("Your password").fill("wrong")
    box.get_by_role("button", name="Make it").click()
    expect(box.get_by_role("alert")).to_contain_text("password is wrong")
    box.get_by_label("Your password").fill(OWN)
    for scope in ("Read mail (IMAP)", "Send mail (SMTP)"):
        box.get_by_label(scope).uncheck()
    box.get_by_role("button", name="Make it").click()
    expect(box.get_by_role("alert")).to_contain_text("one or more")
    box.get_by_label("Send mail (SMTP)").check()
    box.get_by_label("Last day").fill("2099-01-31")
    box.get_by_role("button", name="Make it").click()
    expect(box.get_by_role("alert")).to_contain_text("within")
    box.get_by_label("Last day").fill("")
    box.get_by_role("button", name="Make it").click()
    secret = box.locator("code").inner_text()
    page.get_by_role("button", name="I have it").click()
    row = page.get_by_role("row", name="the printer")
    expect(row).to_contain_text("never")
    assert secret not in page.content()
    assert submission(server, secret)[0] == 235
    assert submission(server, "guess")[0] == 535
    until(lambda: server.json("password", "app", "list", "demo")[0]["used"], 60, "the use is written")
    page.reload()
    expect(row).to_contain_text("from 127.0.0.1, sending")
    page.goto("/account/#signins")
    expect(page.get_by_role("row", name="app password “the printer”")).to_contain_text("signed in")
    expect(page.get_by_text("wrong name or password").first).to_be_visible()
    page.goto("/account/#passwords")
    page.get_by_role("button", name="Revoke the app password the printer").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(row).to_have_count(0)
    assert submission(server, secret)[0] == 535


def test_two_factor(opened: Opener, server: Server) -> None:
    """Set up, asked for at the next sign-in, refused to mail programs, a recovery code, and off again."""
    page = account(opened, "passwords", "Passwords")
    secret, codes = set_up(page)
    answer = submission(server, OWN)
    assert answer[0] == 534
    assert b"app password" in answer[1]

    other = opened(SCREEN)
    other.goto("/account/#passwords")
    other.get_by_label("Account or address").fill("demo")
    other.get_by_label("Password").fill(OWN)
    other.get_by_role("button", name="Sign in").click()
    other.get_by_label("Code").fill("000000")
    other.get_by_role("button", name="Sign in").click()
    expect(other.get_by_role("alert")).to_contain_text("code is wrong")
    other.get_by_label("Code").fill(code(secret, 1))    # the step after this one, since this one's was used
    other.get_by_role("button", name="Sign in").click()
    expect(other.get_by_role("heading", name="Passwords", exact=True)).to_be_visible()
    other.get_by_role("button", name="Sign out").first.click()
    expect(other.get_by_role("button", name="Sign in")).to_be_visible()
    other.get_by_label("Account or address").fill("demo")
    other.get_by_label("Password").fill(OWN)
    other.get_by_role("button", name="Sign in").click()
    other.get_by_label("Code").fill(codes[0].upper())
    other.get_by_role("button", name="Sign in").click()
    expect(other.get_by_text("9 recovery codes are left")).to_be_visible()

    other.get_by_role("button", name="New recovery codes").click()
    box = other.get_by_role("dialog")
    box.get_by_label("Your password").fill(OWN)
    box.get_by_label("Code").fill(codes[1])
    box.get_by_role("button", name="Make new codes").click()
    expect(box.locator("li code")).to_have_count(10)
    fresh = box.locator("li code").all_inner_texts()
    other.get_by_role("button", name="I have them").click()
    switch_off(other, codes[2], fresh[0])
    assert submission(server, OWN)[0] == 235


def test_the_administrator(opened: Opener, server: Server) -> None:
    """Has one as well, and the command line is the way back in."""
    page = admin(opened, "security")
    set_up(page)
    page.get_by_role("button", name="Sign out").first.click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    page.get_by_label("Password").fill(OWN)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Code")).to_be_visible()
    server.command("account", "two-factor", "--admin", "--off")
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Off: the password alone signs in.")).to_be_visible()


def test_freezing_and_the_audit_log(opened: Opener, server: Server) -> None:
    """Stopped on the page of the account, told to its owner, let go at a click; all of it is in the log."""
    page = admin(opened, "account/demo")
    page.get_by_label("Stop it from sending, because").fill("the laptop was stolen")
    page.get_by_role("button", name="Stop it").click()
    expect(page.get_by_text("It cannot send")).to_be_visible()
    theirs = account(opened, "account", "Your account")
    expect(theirs.get_by_text("You cannot send at the moment")).to_be_visible()
    assert accessible(theirs) == []
    theirs.goto("/webmail/")
    theirs.get_by_role("button", name="Write").first.click()
    theirs.get_by_label("To", exact=True).fill("carla@example.net")
    theirs.get_by_label("Subject").fill("while it was stopped")
    theirs.locator(".compose [name=text]").fill("Good day.")
    theirs.get_by_role("button", name="Send", exact=True).click()
    expect(theirs.get_by_text("Sending from this account was stopped").first).to_be_visible()
    page.get_by_role("button", name="Let it send again").click()
    expect(page.get_by_label("Stop it from sending, because")).to_be_visible()
    page.goto("/admin/#audit")
    expect(page.get_by_role("row", name="account_unfreeze").first).to_contain_text("done")
    page.get_by_label("Search").fill("account_freeze stolen")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("row", name="account_unfreeze")).to_have_count(0)
    expect(page.get_by_role("row", name="account_freeze").first).to_contain_text("127.0.0.1")


def test_two_administrators(opened: Opener, server: Server) -> None:
    """The one who is late is told what changed, and loads it again."""
    page = admin(opened, "account/demo")
    expect(page.get_by_label("Full name")).to_have_value("Demo")
    server.command("account", "set", "demo", "--full-name", "Changed Meanwhile")
    page.get_by_label("Full name").fill("Mine")
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("full name is “Changed Meanwhile” now")
    page.get_by_role("button", name="Load it again").click()
    expect(page.get_by_label("Full name")).to_have_value("Changed Meanwhile")
    page.get_by_label("Full name").fill("Demo")
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_text("Saved.")).to_be_visible()


@pytest.mark.parametrize("size", [PHONE, SCREEN])
@pytest.mark.parametrize(("realm", "name"), [
    ("account", "passwords"), ("account", "signins"), ("admin", "security"), ("admin", "audit"), ("admin", "account/demo")])
def test_they_fit(opened: Opener, server: Server, realm: str, name: str, size: tuple[int, int]) -> None:
    """At both widths, with long names, light and dark, for everybody."""
    server.command("password", "app", "add", "demo", "a program with a long name " * 3)
    heading = {"passwords": "Passwords", "signins": "Sign-ins"}
    page = account(opened, name, heading[name], size) if realm == "account" else admin(opened, name, size)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert overflow(page) <= 0
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert accessible(page) == []
