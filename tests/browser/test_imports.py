"""Import and export in the browser: a file in pieces, another server, what was passed over, an archive; on a telephone too."""
import os
import signal
import socket
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, SCREEN, Opener
from tests.browser.test_away import accessible, account
from tests.browser.test_presses import press
from tests.browser.test_webmail import overflow
from tests.flow.mailfiles import box, letter, tgz
from tests.serving import Server

pytestmark = pytest.mark.timeout(400)    # on a machine that does much else

HEADING = "Import and export"


@pytest.fixture(autouse=True)
def as_before(server: Server) -> Iterator[None]:
    """Nothing of this is left for the next test."""
    yield
    for one in server.json("import", "list", "demo"):
        server.command("import", "remove", "demo", str(one["id"]))


def take(page: Page, name: str, octets: bytes, into: str = "") -> None:
    """Choose a file and send it."""
    page.get_by_label("File", exact=True).set_input_files({"name": name, "mimeType": "application/octet-stream", "buffer": octets})
    if into:
        page.get_by_label("Into").select_option(into)
    page.get_by_role("button", name="Import the file").click()


def test_a_file(opened: Opener, server: Server) -> None:
    """It is sent in pieces, imported, and what could not be taken is told; another time nothing comes twice."""
    page = account(opened, "imports", HEADING)
    octets = tgz({"Maildir/cur/1.a:2,S": letter(1).encode(), "Maildir/.Travel/cur/2.b:2,": letter(2).encode(),
                  "Maildir/cur/3.c:2,S": letter(3, text=os.urandom(7_000_000).hex()).encode(), "Maildir/photo.jpg": b"\xff\xd8\xff"})
    assert len(octets) > 8 * 1024 * 1024 // 2
    take(page, "old.tgz", octets)
    row = page.get_by_role("listitem").filter(has_text="old.tgz")
    expect(row).to_contain_text("done", timeout=60_000)
    expect(row).to_contain_text("3 new, 1 passed over")
    row.get_by_role("button", name="What was passed over").click()
    expect(page.get_by_role("dialog")).to_contain_text("photo.jpg")
    page.get_by_role("dialog").get_by_role("button", name="Close").last.click()
    take(page, "again.tgz", octets)
    expect(page.get_by_role("listitem").filter(has_text="again.tgz")).to_contain_text("0 new, 3 here already", timeout=60_000)
    assert {one["name"] for one in server.json("mailbox", "list", "demo")} >= {"Travel"}
    page.get_by_role("button", name="Forget again.tgz").click()
    page.get_by_role("dialog").get_by_role("button", name="Forget").click()
    expect(page.get_by_role("listitem").filter(has_text="again.tgz")).to_have_count(0)


def test_what_goes_wrong(opened: Opener, server: Server) -> None:
    """A file without mail, and a server that is none: in words that tell what to do."""
    page = account(opened, "imports", HEADING)
    take(page, "holiday.jpg", b"\xff\xd8\xff" * 100)
    expect(page.get_by_role("listitem").filter(has_text="holiday.jpg")).to_contain_text("There is no mail in it", timeout=60_000)
    page.get_by_label("Server", exact=True).fill("not a server")
    page.get_by_label("Name there").fill("ann")
    page.get_by_label("Password there").fill("secret")
    page.get_by_role("button", name="Import from the server").click()
    expect(page.get_by_text("is no name of a server")).to_be_visible()
    page.get_by_label("Server", exact=True).fill("imap.nowhere.invalid")
    page.get_by_role("button", name="Import from the server").click()
    row = page.get_by_role("listitem").filter(has_text="imap.nowhere.invalid")
    expect(row).to_contain_text("There is no server imap.nowhere.invalid", timeout=60_000)
    row.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("dialog").get_by_label("Password there")).to_be_visible()


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def test_stopped_and_gone_on_with(opened: Opener, server: Server, silent: int) -> None:
    """What runs and what waits behind it are stopped at a click, and go on at another: the file by itself, the server with its password."""
    page = account(opened, "imports", HEADING)
    page.get_by_label("Server", exact=True).fill("localhost")
    page.get_by_label("Name there").fill("ann")
    page.get_by_label("Password there").fill("secret")
    page.get_by_label("Port").fill(str(silent))
    page.get_by_role("button", name="Import from the server").click()
    slow = page.get_by_role("listitem").filter(has_text="ann at localhost")
    expect(slow).to_contain_text("runs", timeout=60_000)
    slow.get_by_role("button", name="Stop ann at localhost").click()
    expect(slow).to_contain_text("stopped")
    assert [one["state"] for one in server.json("import", "list", "demo")] == ["stopped"]
    slow.get_by_role("button", name="Go on").click()
    page.get_by_role("dialog").get_by_label("Password there").fill("secret")
    page.get_by_role("dialog").get_by_role("button", name="Import").click()
    expect(slow).to_contain_text("runs", timeout=60_000)
    slow.get_by_role("button", name="Stop ann at localhost").click()
    expect(slow).to_contain_text("stopped")

    # A file of which nobody can see how fast it is taken: it is stopped while the rest of it is still to come to the reporter.
    [reporter] = server.pids("reporter")
    os.kill(reporter, signal.SIGSTOP)
    try:
        take(page, "waiting.mbox", box(letter(70), letter(71)))
        file = page.get_by_role("listitem").filter(has_text="waiting.mbox")
        expect(file).to_contain_text("waits for its turn")
        press(page, file.get_by_role("button", name="Stop waiting.mbox"), "**/api/account/imports")
        expect(file).to_contain_text("stopped")
        file.get_by_role("button", name="Go on").click()
        expect(file).to_contain_text("waits for its turn")
        expect(file.get_by_role("button", name="Stop waiting.mbox")).to_be_visible()
    finally:
        os.kill(reporter, signal.SIGCONT)
    expect(file).to_contain_text("2 new", timeout=60_000)
    assert {"letter 70", "letter 71"} <= {row["subject"] for row in server.json("message", "list", "demo", "waiting")}


def test_export(opened: Opener, server: Server, tmp_path: Path) -> None:
    """A click gives an archive."""
    (tmp_path / "Out.mbox").write_bytes(box(letter(7)))
    server.command("import", "auto", str(tmp_path / "Out.mbox"), "--account", "demo")
    page = account(opened, "imports", HEADING)
    page.get_by_label("What", exact=True).select_option("Out")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Export", exact=True).click()
    waiting.value.save_as(tmp_path / "mail.tgz")
    assert waiting.value.suggested_filename == "mail-Out-maildir.tgz"
    with tarfile.open(tmp_path / "mail.tgz") as archive:
        assert len([name for name in archive.getnames() if "/cur/" in name]) == 1


@pytest.mark.parametrize("size", [SCREEN, PHONE], ids=["screen", "telephone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_for_everybody(opened: Opener, server: Server, size: tuple[int, int], scheme: str, tmp_path: Path) -> None:
    """Nothing sticks out, and axe has no complaint."""
    (tmp_path / "Old.mbox").write_bytes(box(letter(8), letter(9, "X-Mozilla-Status: 0009\n")))
    server.command("import", "auto", str(tmp_path / "Old.mbox"), "--account", "demo")
    page = account(opened, "imports", HEADING, size)
    page.emulate_media(color_scheme=scheme)    # type: ignore[arg-type]  # it is one of them
    expect(page.get_by_role("listitem").filter(has_text="Old.mbox")).to_contain_text("passed over")
    assert overflow(page) == 0
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/imports-{scheme}-{size[0]}.png", full_page=True)
    assert accessible(page) == []
