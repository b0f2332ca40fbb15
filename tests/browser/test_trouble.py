"""The server itself is in trouble: the page says so, loses nothing that was typed, and goes on once it is over.

The trouble is real: another program holds the database for longer than anybody waits for it,
and a file of the mail is gone from the disk.
"""
import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import letter, sign_in
from tests.serving import Server


@pytest.fixture
def pages(browser: Browser, server: Server) -> Iterator[Page]:
    """A page of somebody's own; that calls fail is what is looked for, but no script may."""
    context = browser.new_context(ignore_https_errors=True, service_workers="block", base_url=f"https://127.0.0.1:{server.https}")
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda problem: troubles.append(str(problem)))
    yield page
    context.close()
    assert troubles == []


@contextlib.contextmanager
def held(server: Server) -> Iterator[None]:
    """Another program is about to change the database, and does not come to an end."""
    with contextlib.closing(sqlite3.connect(server.folder / "data" / "pillarbox.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def test_settings_cannot_be_kept(pages: Page, server: Server) -> None:
    """The administrator is told to try later; what was typed stays, reading goes on, and then it can be saved."""
    pages.goto("/admin/#domain/localhost")
    pages.get_by_label("Password").fill("pillarbox")
    pages.get_by_role("button", name="Sign in").click()
    form = pages.locator("form", has=pages.get_by_label("Separator"))
    form.get_by_label("Description").fill("In bad times")
    with held(server):
        with pages.expect_response("**/domain_change") as answered:
            form.get_by_role("button", name="Save").click()
        assert (answered.value.status, answered.value.json()["error"]["code"]) == (503, "server:later")
        expect(pages.locator(".notice.error")).to_contain_text("nothing was changed, since the store cannot be written now")
        expect(form.get_by_label("Description")).to_have_value("In bad times")
        other = pages.context.new_page()
        other.goto("/admin/#accounts")
        expect(other.get_by_role("cell", name="demo", exact=True)).to_be_visible()
        other.close()
    [row] = server.json("domain", "show", "localhost")
    assert row["description"] != "In bad times"
    form.get_by_role("button", name="Save").click()
    expect(pages.get_by_text("Saved.", exact=True)).to_be_visible()
    [row] = server.json("domain", "show", "localhost")
    assert row["description"] == "In bad times"


def test_mail_cannot_be_moved_nor_written(pages: Page, server: Server) -> None:
    """The webmail says so; the list is as it was, a draft stays in the window until it can be kept, and then is."""
    server.send(letter("in bad times"))
    pages.goto("/webmail/")
    sign_in(pages)
    row = pages.locator(".row", has_text="in bad times")
    row.click()
    expect(pages.locator(".view h2")).to_have_text("in bad times")
    pages.keyboard.press("c")
    pages.get_by_label("Subject").fill("kept after all")
    with held(server):
        with pages.expect_response("**/draft_save") as answered:
            pages.get_by_role("textbox", name="Message").fill("Words that are not lost.")
        assert answered.value.status == 503
        expect(pages.locator(".compose")).to_contain_text("Not saved on the server yet")
    expect(pages.locator(".compose")).to_contain_text("Saved at")
    pages.get_by_role("button", name="Close").click()
    expect(pages.locator(".compose")).to_have_count(0)
    assert "kept after all" in server.command("message", "list", "demo", "Drafts")
    with held(server):
        with pages.expect_response("**/archive") as answered:
            pages.locator(".view").get_by_role("button", name="Archive").click()
        assert answered.value.status == 503
        expect(pages.locator(".notice.error")).to_be_visible()
        expect(row).to_be_visible()
    pages.locator(".view").get_by_role("button", name="Archive").click()
    expect(row).to_have_count(0)


def test_a_file_is_gone(pages: Page, server: Server) -> None:
    """A message whose file the disk has lost: that is said of this one, all others are read as ever, and the administrator finds it."""
    files = {*bodies(server)}
    server.send(letter("its file is lost", text="Lost words."))
    [file] = {*bodies(server)} - files
    server.send(letter("its file is there", text="Words that are there."))
    octets = file.read_bytes()
    file.unlink()
    try:
        pages.goto("/webmail/")
        sign_in(pages)
        pages.locator(".row", has_text="its file is lost").click()
        expect(pages.locator(".view").get_by_role("alert")).to_contain_text("is gone from the disk; a backup may still have it")
        expect(pages.locator(".notice")).to_have_count(0)
        pages.locator(".row", has_text="its file is there").click()
        expect(pages.locator(".view .text")).to_contain_text("Words that are there.")
        assert "web.error role=web" in server.text()
        with pytest.raises(AssertionError, match=file.name):
            server.command("verify")
    finally:
        file.write_bytes(octets)


def bodies(server: Server) -> Iterator[Path]:
    """The files of all mail."""
    return (server.folder / "data" / "mail").glob("2*/*")
