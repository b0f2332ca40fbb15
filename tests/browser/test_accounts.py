"""The page of an account in a browser: password, addresses, second factor, app passwords, and removal for good."""
import base64
import time

import pytest
from playwright.sync_api import Page, expect

from mta.base import totp
from tests.browser.conftest import SCREEN, Opener
from tests.browser.looks import faults, picture
from tests.browser.plausible import caller
from tests.browser.test_admin import admin, fits_a_phone
from tests.serving import Server

__all__ = ["admin"]

pytestmark = pytest.mark.xdist_group("accounts")

FIRST, SECOND = "correct horse battery", "staple of another horse"


def signs_in(opened: Opener, name: str, password: str) -> int:
    """The status of a sign-in to the account."""
    return opened(SCREEN).request.post("/api/account/login", data={"name": name, "password": password}).status


def section(page: Page, heading: str) -> None:
    """Wait for the page of an account."""
    expect(page.get_by_role("heading", name=heading, level=1)).to_be_visible()


def test_password_and_addresses(admin: Page, opened: Opener, server: Server) -> None:
    """A password that is too short is refused and stays to be mended; a good one works at once; an address goes."""
    server.command("domain", "add", "people.example")
    server.command("account", "add", "ann", "--address", "ann@people.example", stdin=FIRST.encode())
    server.command("address", "add", "ann", "old@people.example")
    admin.goto("/admin/#account/ann")
    section(admin, "ann")
    field = admin.get_by_label("New password")
    field.press_sequentially("short")
    admin.get_by_role("button", name="Change", exact=True).click()
    assert field.evaluate("field => field.validity.tooShort")
    expect(field).to_have_value("short")
    assert signs_in(opened, "ann", FIRST) == 200
    field.fill(SECOND)
    admin.get_by_role("button", name="Change", exact=True).click()
    expect(admin.get_by_text("The password was changed.")).to_be_visible()
    expect(field).to_have_value("")
    assert (signs_in(opened, "ann", FIRST), signs_in(opened, "ann", SECOND)) == (403, 200)

    admin.get_by_label("One more").fill("ann@elsewhere.example")
    admin.get_by_role("button", name="Add", exact=True).click()
    expect(admin.get_by_role("status").get_by_text("elsewhere.example")).to_be_visible()
    expect(admin.get_by_label("One more")).to_have_value("ann@elsewhere.example")
    admin.get_by_label("One more").fill("more@people.example")
    admin.get_by_role("button", name="Add", exact=True).click()
    expect(admin.get_by_role("cell", name="more@people.example", exact=True)).to_be_visible()
    admin.get_by_role("button", name="Remove old@people.example").click()
    expect(admin.get_by_text("old@people.example will no longer be known.")).to_be_visible()
    admin.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(admin.get_by_role("cell", name="old@people.example")).to_have_count(0)
    expect(admin.get_by_role("cell", name="ann@people.example", exact=True)).to_be_visible()
    assert [row["address"] for row in server.json("address", "list", "ann")] == ["ann@people.example", "more@people.example"]


def test_ways_in_are_taken_away(admin: Page, opened: Opener, server: Server) -> None:
    """An app password is revoked and the second factor switched off, after a question; somebody else was faster with one."""
    server.command("account", "add", "bea", stdin=FIRST.encode())
    for label in ("the printer", "the old telephone"):
        server.command("password", "app", "add", "bea", label)
    own = caller(opened(SCREEN).request, "account", name="bea", password=FIRST)
    secret = own("two_factor_begin", password=FIRST)["secret"]
    own("two_factor_confirm", code=totp.code_at(base64.b32decode(secret.replace(" ", "")), int(time.time() // totp.PERIOD)))
    admin.goto("/admin/#account/bea")
    expect(admin.get_by_text("Two-factor sign-in is on; 10 recovery codes are left.")).to_be_visible()
    fits_a_phone(admin, "account-guarded")
    assert faults(admin) == []
    picture(admin, "account-guarded")
    admin.get_by_role("button", name="Revoke the app password the printer").click()
    admin.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(admin.get_by_role("row", name="the printer")).to_have_count(0)
    [left] = server.json("password", "app", "list", "bea")
    assert left["label"] == "the old telephone"
    server.command("password", "app", "revoke", "bea", str(left["id"]))
    admin.get_by_role("button", name="Revoke the app password the old telephone").click()
    admin.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(admin.get_by_role("status").get_by_text("app password")).to_be_visible()
    admin.get_by_role("button", name="Switch it off").click()
    admin.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(admin.get_by_text("Two-factor sign-in is on")).to_be_visible()
    admin.get_by_role("button", name="Switch it off").click()
    admin.get_by_role("dialog").get_by_role("button", name="Switch off").click()
    expect(admin.get_by_text("Two-factor sign-in is off.")).to_be_visible()
    assert [row["two_factor"] for row in server.json("account", "two-factor") if row["name"] == "bea"] == [False]
    assert signs_in(opened, "bea", FIRST) == 200


def test_removed_for_good(admin: Page, server: Server) -> None:
    """What was removed goes for good after a question, and its name is free; a second browser that still shows it says so."""
    for name in ("cato", "dido"):
        server.command("account", "add", name, "--no-password")
        server.command("account", "remove", name, "--yes")
    admin.goto("/admin/#accounts")
    expect(admin.get_by_role("heading", name="Removed")).to_be_visible()
    fits_a_phone(admin, "accounts-removed")
    admin.get_by_role("button", name="Remove for good cato").click()
    expect(admin.get_by_text("messages of cato will be lost for good")).to_be_visible()
    admin.get_by_role("dialog").get_by_role("button", name="Remove for good").click()
    expect(admin.get_by_role("button", name="Remove for good cato")).to_have_count(0)
    assert [row["name"] for row in server.json("account", "removed")] == ["dido"]
    server.command("account", "add", "cato", "--no-password")
    server.command("account", "restore", "dido")
    admin.get_by_role("button", name="Remove for good dido").click()
    admin.get_by_role("dialog").get_by_role("button", name="Remove for good").click()
    expect(admin.get_by_role("status").get_by_text("no account 'dido' was removed lately")).to_be_visible()
    assert "dido" in [row["name"] for row in server.json("account", "list")]
