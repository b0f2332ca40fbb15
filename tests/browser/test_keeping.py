"""What can be had back: backups, removed accounts, and messages that were deleted."""
import os
import re
import signal

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, SCREEN, Opener
from tests.browser.test_webmail import overflow
from tests.serving import Server

pytestmark = pytest.mark.timeout(400)    # on a machine that does much else


def test_backups_and_removed_accounts(opened: Opener, server: Server) -> None:
    """One more at a click, and it appears by itself; an account goes, is listed, and comes back."""
    server.command("domain", "add", "kept.example")
    server.command("account", "add", "kept", "--no-password", "--address", "kept@kept.example")
    page = opened(SCREEN)
    page.goto("/admin/#backups")
    page.get_by_label("Password").fill("pillarbox")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Backups", exact=True)).to_be_visible()
    page.get_by_role("button", name="Back up now").click()
    expect(page.get_by_role("status")).to_contain_text("will be made")
    page.get_by_role("heading", name="Backups", exact=True).click()    # what has the focus is not redrawn
    expect(page.locator("tbody tr")).to_have_count(1, timeout=60_000)
    assert len(server.json("backup", "list")) == 1
    page.get_by_role("button", name="Compare now").click()
    expect(page.get_by_text("files are as they were")).to_be_visible(timeout=60_000)
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    assert overflow(page) <= 0

    page.set_viewport_size({"width": SCREEN[0], "height": SCREEN[1]})
    page.goto("/admin/#account/kept")
    page.get_by_role("button", name="Remove this account").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove the account").click()
    expect(page.get_by_role("heading", name="Removed")).to_be_visible()
    assert "kept" not in [row["name"] for row in server.json("account", "list")]
    page.get_by_role("button", name="Bring back kept").click()
    expect(page.get_by_role("link", name="kept", exact=True)).to_be_visible()
    assert "kept" in [row["name"] for row in server.json("account", "list")]


def test_inside_a_backup(opened: Opener, server: Server) -> None:
    """By keyboard and mouse to a message that is gone, and back it comes; another account is asked about twice."""
    server.command("account", "add", "reader", "--no-password")
    server.send(b"From: a@example.net\r\nSubject: the lost one\r\n\r\nHello.\r\n")
    lost = next(row["id"] for row in server.json("message", "list", "demo", "Inbox") if row["subject"] == "the lost one")
    server.command("backup", "make")
    page = opened(SCREEN)
    page.goto("/admin/#backups")
    page.get_by_label("Password").fill("pillarbox")
    page.get_by_role("button", name="Sign in").click()
    page.locator("tbody a").first.click()
    expect(page.get_by_text("systemctl stop pillarbox && pillarbox restore")).to_be_visible()
    fits(page)
    page.get_by_role("link", name="demo", exact=True).click()
    page.get_by_role("button", name="Messages of Inbox").press("Enter")
    page.get_by_label("Choose the lost one").press("Space")
    page.get_by_role("button", name="Bring back 1").click()
    fits(page)
    page.get_by_label("Who gets it").select_option("reader")
    page.get_by_role("dialog").get_by_role("button", name="Bring back").click()
    expect(page.get_by_text("Mail of demo would be put among that of reader")).to_be_visible()
    page.get_by_role("button", name="Bring it back").click()
    expect(page.get_by_text("One message came back")).to_be_visible(timeout=60_000)
    assert [row["subject"] for row in server.json("message", "list", "reader", "Inbox")] == ["the lost one"]
    assert lost in [row["id"] for row in server.json("message", "list", "demo", "Inbox")]
    assert server.json("backup", "jobs")[0]["state"] == "done"
    fits(page)


def test_trying_and_stopping(opened: Opener, server: Server) -> None:
    """The newest is tried at a click; work that waits is stopped, and of what somebody else stopped it is said that it has ended."""
    page = opened(SCREEN)
    page.goto("/admin/#backups")
    page.get_by_label("Password").fill("pillarbox")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Backups", exact=True)).to_be_visible()
    server.command("backup", "make")
    page.reload()
    page.get_by_role("button", name="Try the newest").click()
    expect(page.get_by_role("status")).to_contain_text("will be tried within a minute")
    page.get_by_role("heading", name="Backups", exact=True).click()    # what has the focus is not redrawn
    expect(page.get_by_text("is good")).to_be_visible(timeout=60_000)

    reporter, = server.pids("reporter")
    os.kill(reporter, signal.SIGSTOP)    # so that the work waits
    try:
        page.get_by_role("button", name="Compare now").first.click()
        page.get_by_role("heading", name="Backups", exact=True).click()
        stop = page.get_by_role("button", name="Stop: Compare the backup of")
        expect(page.get_by_text("waits for its turn")).to_be_visible()
        fits(page)
        stop.click()
        expect(page.get_by_role("status").get_by_text("It is stopped.")).to_be_visible()
        expect(page.get_by_text("It was stopped by")).to_be_visible()
        expect(stop).to_have_count(0)
        job = server.json("backup", "jobs")[0]
        assert job["state"] == "stopped"
        assert job["ended"] is not None
        page.route("**/api/admin/backups", lambda route: route.abort())    # it learns nothing by itself any more
        page.get_by_role("button", name="Compare now").first.click()
        expect(stop).to_be_visible()
        server.command("backup", "stop", str(server.json("backup", "jobs")[0]["id"]))
        stop.click()
        expect(page.get_by_role("status").get_by_text("that has ended already")).to_be_visible()
    finally:
        os.kill(reporter, signal.SIGCONT)


def fits(page: Page) -> None:
    """Nothing is wider than a telephone."""
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    assert overflow(page) <= 0
    page.set_viewport_size({"width": SCREEN[0], "height": SCREEN[1]})


def test_recently_deleted(opened: Opener, server: Server) -> None:
    """What Trash was emptied of is listed, comes back by the keyboard alone, and can be ended at once."""
    for subject in (b"wanted", b"unwanted"):
        server.send(b"From: a@example.net\r\nSubject: " + subject + b"\r\n\r\nHello.\r\n")
    page = opened(SCREEN)
    page.goto("/account/#deleted")
    page.get_by_label("Account or address").fill("demo")
    page.get_by_label("Password").fill("pillarbox")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Nothing was removed lately.")).to_be_visible()
    ids = [row["id"] for row in server.json("message", "list", "demo", "Inbox") if "wanted" in row["subject"]]
    token = page.request.post("/api/webmail/state", data={}).json()["result"]["csrf"]
    for _ in range(2):    # to Trash, and out of it
        answer = page.request.post("/api/webmail/delete", data={"ids": ids}, headers={"X-Pillarbox-Csrf": token})
        assert answer.ok, answer.text()
    page.reload()
    expect(page.get_by_text(re.compile("2 messages"))).to_be_visible()
    page.get_by_label("Choose wanted", exact=True).focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Bring back").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Back in Inbox")
    assert [row["subject"] for row in server.json("message", "list", "demo", "Inbox")][:1] == ["wanted"]
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    assert overflow(page) <= 0
    page.get_by_role("button", name="Remove all now").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove all").click()
    expect(page.get_by_text("Nothing was removed lately.")).to_be_visible()
    assert server.json("message", "deleted", "demo") == []
