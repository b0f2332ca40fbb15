"""From an empty server to a first letter: the walk of the administration, which looks again by itself."""
import smtplib
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, SCREEN, Opener
from tests.browser.test_reports import admin
from tests.browser.test_webmail import overflow
from tests.serving import Server

ZONE = """\
fresh.example NS ns1.fresh.example
ns1.fresh.example A 127.0.0.1
fresh.example MX 10 mx.else.test
mx.else.test A 127.0.0.9
fresh.example TXT "v=spf1 include:_spf.else.test ~all"
_dmarc.fresh.example SERVFAIL
"""


#: No mailbox has so long a name (RFC 5321 §4.5.3.1.1).
LONG = "a" * 70


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A localserve whose DNS has a domain of which it does not know yet."""
    server = Server(tmp_path_factory.mktemp("setup") / "data")
    server.folder.mkdir(mode=0o700)
    (server.folder / "zone").write_text(ZONE)
    server.start()
    # One that is on its way already, for tests that begin there.
    server.command("domain", "add", "half.example")
    server.command("account", "add", "hal", "--address", "hal@half.example", stdin=b"a long password\n")
    yield server
    server.stop()


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where pictures of the page go."""
    return str(tmp_path_factory.mktemp("seen"))




def test_from_nothing_to_a_letter(opened: Opener, server: Server, pictures: str) -> None:
    """A domain is added, each part says what is left, and is done by itself when it is; what is typed stays."""
    page = admin(opened, SCREEN, "setup")
    page.get_by_label("A new domain").fill("fresh.example")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("heading", name="Set up fresh.example")).to_be_visible()
    expect(page.get_by_role("heading", name="The domain done")).to_be_visible()

    records = page.locator("#walk-dns")
    different = records.get_by_role("region", name="MX fresh.example. is different")
    expect(different.locator("del")).to_have_text("mx.else.test.")
    expect(different.locator("ins")).to_have_text("localhost.")
    spf = records.get_by_role("region", name="TXT fresh.example. is different")
    expect(spf.locator("ins")).to_have_text("mx")
    expect(records.get_by_role("region", name="TXT _dmarc.fresh.example. not known").get_by_text("SERVFAIL")).to_be_visible()
    expect(records.locator(".finding", has_text="MX wrong").get_by_text("goes to mx.else.test")).to_be_visible(timeout=40_000)

    account = page.locator("#walk-account")
    account.get_by_label("Address before @fresh.example").fill("ann")
    account.get_by_label("Password").fill("a long password")
    for _ in range(2):    # it looks again meanwhile, and takes nothing away
        with page.expect_response("**/api/admin/setup"):
            pass
    expect(account.get_by_label("Address before @fresh.example")).to_have_value("ann")
    account.get_by_role("button", name="Add the account").click()
    expect(page.get_by_role("heading", name="An account done")).to_be_visible()

    outgoing = page.locator("#walk-outgoing")
    outgoing.get_by_label("To an address of yours elsewhere").fill("me@else.test")
    outgoing.get_by_role("button", name="Send a test letter").click()
    expect(page.get_by_role("heading", name="A letter to somebody elsewhere done")).to_be_visible()
    outgoing.get_by_role("link", name="each step of it")

    with smtplib.SMTP("127.0.0.1", server.smtp) as peer:
        peer.sendmail("me@else.test", ["ann@fresh.example"], (
            "From: me@else.test\r\nTo: ann@fresh.example\r\nSubject: Good to hear\r\n\r\nHi.\r\n"))
    incoming = page.locator("#walk-incoming")
    expect(incoming.get_by_role("heading")).to_contain_text("done")
    expect(incoming.get_by_text("Good to hear")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="Next:")).to_have_text("Next: DNS records. 2 parts are left.")
    page.screenshot(path=f"{pictures}/setup-screen.png", full_page=True)

    page.reload()
    expect(page.get_by_role("heading", name="A letter from somebody elsewhere done")).to_be_visible()
    assert overflow(page) == 0


def test_on_a_phone(opened: Opener, pictures: str) -> None:
    """Everything is there on a narrow screen, and nothing is cut off."""
    page = admin(opened, PHONE, "setup/half.example")
    expect(page.locator("#walk-dns").get_by_role("region").first).to_be_visible()
    expect(page.locator("#walk-machine").get_by_text("for this machine alone")).to_be_attached(timeout=40_000)
    assert overflow(page) == 0
    page.screenshot(path=f"{pictures}/setup-phone.png", full_page=True)


def test_a_mistake_is_said(opened: Opener) -> None:
    """A domain that is none, and an address that is none, are named; nothing is lost."""
    page = admin(opened, SCREEN, "setup/half.example")
    outgoing = page.locator("#walk-outgoing")
    outgoing.get_by_label("To an address of yours elsewhere").fill(f"{LONG}@else.test")
    outgoing.get_by_role("button", name="Send a test letter").click()
    expect(page.locator(".notice.error")).to_be_visible()
    expect(outgoing.get_by_label("To an address of yours elsewhere")).to_have_value(f"{LONG}@else.test")
