"""The administration in a browser: health, destinations, queue with hold rules, keys of a domain."""
import io
import os
import smtplib
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from mta.base.clock import SystemClock
from mta.base.errors import Failure, Reach
from mta.base.events import Journal
from mta.base.names import Address
from mta.config.model import local
from mta.flow import destinations
from tests.browser.conftest import PHONE, SCREEN, Opener
from tests.browser.test_webmail import overflow
from tests.serving import Server
from workers.worlds import open_world

#: Where pictures are put for people to look at, if anybody wants them.
PICTURES = os.environ.get("PICTURES", "")


@pytest.fixture
def admin(opened: Opener, server: Server) -> Page:
    """The administration, signed in."""
    page = opened(SCREEN)
    page.goto("/admin/#overview")
    page.get_by_label("Password").fill("pillarbox")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("navigation", name="Pages")).to_be_visible()
    return page


def fits_a_phone(page: Page, name: str) -> None:
    """Nothing is wider than the screen, small or large, light or dark."""
    for size, scheme in ((SCREEN, "light"), (PHONE, "dark")):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.emulate_media(color_scheme=scheme)    # type: ignore[arg-type]  # a literal
        page.wait_for_timeout(50)
        assert overflow(page) <= 0
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"{name}-{scheme}.png", full_page=True)
    page.set_viewport_size({"width": SCREEN[0], "height": SCREEN[1]})


def test_health(admin: Page) -> None:
    """A line for each part, which leads to its page."""
    health = admin.get_by_role("region", name="Health")
    for topic in ("Processes", "Queue", "Destinations", "Incoming mail", "Disk", "Certificates", "Errors"):
        expect(health.get_by_role("link", name=topic, exact=True)).to_be_visible()
    expect(health.get_by_text("empty")).to_be_visible()
    fits_a_phone(admin, "overview")
    health.get_by_role("link", name="Destinations").click()
    expect(admin.get_by_role("heading", name="Destinations")).to_be_visible()


def test_destinations(admin: Page, server: Server) -> None:
    """Counts with reasons, one of them in full; a reply is explained; an empty one is not asked for."""
    clock = SystemClock()
    blocked = Failure(Reach.HOST, True, 550, "5.7.1", "part of their network is on our block list (S3150)", "MAIL", "mx1.mail.outlook.com")
    dee = Address.parse("dee@hotmail.com")
    with open_world(local(server.folder), clock, Journal("test", clock, stream=io.StringIO()), lambda role: None) as world:
        for _ in range(3):
            world.store.write_now(lambda db: destinations.note(db, world, dee, "mx1.mail.outlook.com", blocked))
    admin.goto("/admin/#destinations")
    expect(admin.get_by_text("Outlook: the network is blocked (3)")).to_be_visible()
    fits_a_phone(admin, "destinations")
    admin.get_by_label("Reply of another server").fill("452 4.2.2 The email account that you tried to reach is over quota")
    admin.get_by_role("button", name="Explain").click()
    expect(admin.get_by_text("The mailbox is full.")).to_be_visible()
    admin.get_by_role("link", name="Microsoft (Outlook, 365)").click()
    expect(admin.get_by_role("heading", name="Refused 3 times")).to_be_visible()
    expect(admin.get_by_role("link", name="olcsupport.office.com")).to_be_visible()
    expect(admin.get_by_role("cell", name="hotmail.com")).to_be_visible()
    fits_a_phone(admin, "destination")


def test_holding_mail(admin: Page, server: Server) -> None:
    """A rule holds what is sent; all that the filter finds is released at once; a rule without content is refused in words."""
    admin.goto("/admin/#queue")
    admin.get_by_text("Add a rule").click()
    admin.get_by_role("button", name="Hold", exact=True).last.click()
    expect(admin.get_by_role("status").last).to_contain_text("a rule names an account")
    admin.get_by_label("From the domain").fill("localhost")
    admin.get_by_label("Why").fill("a test")
    admin.get_by_role("button", name="Hold", exact=True).last.click()
    expect(admin.get_by_role("cell", name="from localhost", exact=True)).to_be_visible()
    with smtplib.SMTP("127.0.0.1", server.submission) as client:
        client.starttls()
        client.login("demo", "pillarbox")
        client.sendmail("demo@localhost", [f"p{number}@else.example" for number in range(3)],
                        "From: demo@localhost\r\nSubject: Held here\r\n\r\nText\r\n")
    admin.get_by_label("Show").select_option("held")
    admin.get_by_role("button", name="Search").click()
    expect(admin.get_by_role("link", name="Held here")).to_have_count(3)
    fits_a_phone(admin, "queue")
    admin.get_by_role("link", name="Held here").first.click()
    expect(admin.get_by_role("heading", name="Held here")).to_be_visible()
    expect(admin.get_by_role("button", name="Release")).to_be_visible()
    admin.go_back()
    admin.get_by_role("button", name="Remove the rule: from localhost").click()
    admin.get_by_role("dialog").get_by_role("button", name="Remove the rule").click()
    expect(admin.get_by_text("No rules: nothing is held")).to_be_visible()
    admin.get_by_label("Show").select_option("held")
    admin.get_by_label("All that the filter finds").check()
    admin.get_by_role("button", name="Try later…").click()
    admin.get_by_label("Not before").fill("2001-01-01T00:00")
    admin.get_by_role("button", name="Put off").click()
    expect(admin.get_by_text("the time is from now on")).to_be_visible()
    admin.get_by_role("button", name="Cancel").click()
    admin.get_by_role("button", name="Release").click()
    admin.get_by_role("dialog").get_by_role("button", name="Release").click()
    expect(admin.get_by_text("3 released.")).to_be_visible()


def test_keys_of_a_domain(admin: Page, server: Server) -> None:
    """A key is made, its record shown, the DNS asked, and the change given up; an alias says who may write to it."""
    server.command("domain", "add", "keys.example")
    server.command("address", "add", "demo", "demo@keys.example")
    admin.goto("/admin/#domain/keys.example")
    admin.get_by_text("Change a key").click()
    admin.get_by_label("Selector").fill("next")
    admin.get_by_role("button", name="Make a new key").click()
    change = admin.get_by_role("region", name="Change to next")
    expect(change.get_by_text("1 of 3")).to_be_visible()
    expect(change.get_by_text("next._domainkey.keys.example").first).to_be_visible()
    change.get_by_role("button", name="Ask the DNS now").click()
    expect(change.get_by_text("does not have")).to_be_visible()
    fits_a_phone(admin, "keys")
    change.get_by_role("button", name="Give up the new key").click()
    expect(change).to_have_count(0)
    admin.get_by_role("button", name="Add an alias").click()
    dialog = admin.get_by_role("dialog")
    dialog.get_by_label("Alias").fill("team@keys.example")
    dialog.get_by_label("Passes on to").fill("demo@keys.example")
    dialog.get_by_label("Who may write to it").select_option("members")
    dialog.get_by_role("button", name="Add").click()
    expect(admin.get_by_role("cell", name="its members")).to_be_visible()
