"""The page Security of the administration in a browser: password, browsers that are signed in, recovery codes."""
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SCREEN, Opener
from tests.browser.looks import faults, picture
from tests.browser.test_admin import admin, fits_a_phone
from tests.browser.test_proving import as_before, code, set_up, switch_off
from tests.serving import Server

__all__ = ["admin", "as_before"]

pytestmark = pytest.mark.xdist_group("security")

OWN, OTHER = "pillarbox", "another good password"


def signed_in(server: Server) -> list[str]:
    """Whose browsers are signed in, as the command line says."""
    return sorted(str(row["account"]) for row in server.json("session", "list"))


def test_password(admin: Page, opened: Opener, server: Server) -> None:
    """A wrong one is said and what was typed stays; then the new one signs in, and other browsers are signed out."""
    other = opened(SCREEN)
    assert other.request.post("/api/admin/login", data={"password": OWN}).ok
    admin.goto("/admin/#security")
    expect(admin.get_by_role("heading", name="Security")).to_be_visible()
    old, fresh = admin.get_by_label("Password now"), admin.get_by_label("New password")
    old.fill("not it")
    fresh.fill(OTHER)
    admin.get_by_role("button", name="Change").click()
    expect(admin.get_by_role("status").get_by_text("password is wrong")).to_be_visible()
    expect(fresh).to_have_value(OTHER)
    old.fill(OWN)
    admin.get_by_role("button", name="Change").click()
    expect(admin.get_by_text("The password was changed.")).to_be_visible()
    assert len(signed_in(server)) == 1
    assert other.request.post("/api/admin/login", data={"password": OWN}).status == 403
    server.command("password", "set", "--admin", stdin=OWN.encode())


def test_signing_browsers_out(admin: Page, opened: Opener, server: Server) -> None:
    """Another browser ends at a click, and its next call says so; one that has ended meanwhile is said to be gone."""
    theirs = [opened(SCREEN).request for _ in range(2)]
    for one in theirs:
        assert one.post("/api/account/login", data={"name": "demo", "password": OWN}).ok
    admin.goto("/admin/#security")
    buttons = admin.get_by_role("button", name="Sign out demo at 127.0.0.1")
    expect(buttons).to_have_count(2)
    fits_a_phone(admin, "security-sessions")
    buttons.first.click()
    expect(buttons).to_have_count(1)
    assert signed_in(server).count("demo") == 1
    server.command("session", "end", "--account", "demo")
    buttons.first.click()
    expect(admin.get_by_role("status").get_by_text("This session has ended already.")).to_be_visible()
    assert {one.post("/api/account/two_factor", data={}).status for one in theirs} == {401}


def test_recovery_codes(admin: Page, server: Server) -> None:
    """Others take the place of those that are known, after a wrong code; then it is switched off by one of them."""
    admin.goto("/admin/#security")
    secret, codes = set_up(admin)
    admin.get_by_role("button", name="New recovery codes").click()
    box = admin.get_by_role("dialog")
    box.get_by_label("Your password").fill(OWN)
    box.get_by_label("Code").fill("000000")
    box.get_by_role("button", name="Make new codes").click()
    expect(box.get_by_role("alert")).to_contain_text("code is wrong")
    expect(box.get_by_label("Your password")).to_have_value(OWN)
    box.get_by_label("Code").fill(code(secret, 1))
    box.get_by_role("button", name="Make new codes").click()
    expect(box.locator("li code")).to_have_count(10)
    expect(box).to_have_count(1)
    fresh = box.locator("li code").all_inner_texts()
    assert not set(fresh) & set(codes)
    fits_a_phone(admin, "recovery-codes")
    assert faults(admin) == []
    picture(admin, "recovery-codes")
    admin.get_by_role("button", name="I have them").click()
    [row] = [row for row in server.json("account", "two-factor") if row["name"] == "admin"]
    assert (row["two_factor"], row["recovery_codes"]) == (True, 10)
    switch_off(admin, codes[0], fresh[0])
    assert [row["two_factor"] for row in server.json("account", "two-factor") if row["name"] == "admin"] == [False]
