"""What brings mail back is killed in the middle of it: it goes on by itself, nothing is missing and nothing is there twice."""
import os
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import expect

from mta.base.clock import SystemClock
from mta.store.database import Store
from mta.store.verify import problems
from tests.browser.conftest import SCREEN, Opener
from tests.flow.mailfiles import box, letter
from tests.serving import Server

pytestmark = pytest.mark.timeout(400)    # on a machine that does much else

MESSAGES = 1_500


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A localserve whose store is looked at when all is over."""
    server = Server(tmp_path_factory.mktemp("broken") / "data").start()
    yield server
    server.stop()
    with closing(Store.open(server.folder / "data", SystemClock())) as store:
        assert problems(store) == []


def held(server: Server, account: str) -> Counter[bytes]:
    """How often an account has each content, by its hash."""
    with closing(sqlite3.connect(f"file:{server.folder}/data/pillarbox.db?mode=ro", uri=True)) as db:
        return Counter(sha for sha, in db.execute(
            "SELECT body.sha256 FROM message JOIN body ON body.id = body_id JOIN account ON account.id = message.account_id "
            "WHERE account.name = ?", (account,)))


def test_killed_in_the_middle(opened: Opener, server: Server, tmp_path: Path) -> None:
    """Asked for in the browser; the page shows it going on without anybody's doing, and what came of it; a second time brings nothing."""
    (tmp_path / "Old.mbox").write_bytes(box(*(letter(number) for number in range(MESSAGES))))
    server.command("import", "auto", str(tmp_path / "Old.mbox"), "--account", "demo")
    server.command("account", "add", "reader", "--no-password")
    server.command("backup", "make")
    wanted = held(server, "demo")
    total = wanted.total()
    assert total >= MESSAGES
    page = opened(SCREEN)
    page.goto("/admin/#backups")
    page.get_by_label("Password").fill("pillarbox")
    page.get_by_role("button", name="Sign in").click()

    def bring_back() -> None:
        page.get_by_role("table").last.get_by_role("link").first.click()
        page.get_by_role("button", name="Bring back demo").click()
        page.get_by_label("Who gets it").select_option("reader")
        page.get_by_role("dialog").get_by_role("button", name="Bring back").click()
        page.get_by_role("button", name="Bring it back").click()

    bring_back()
    [reporter] = server.pids("reporter")
    end = time.monotonic() + 60
    while not held(server, "reader").total() > 0:
        assert time.monotonic() < end
        time.sleep(0.002)
    os.kill(reporter, signal.SIGSTOP)
    some = held(server, "reader").total()
    assert 0 < some < total, "it was over before it was killed: the test proved nothing"
    work = page.get_by_role("region", name="Work on backups").get_by_role("row", name="Bring back demo")
    expect(work.first.get_by_role("button", name="Stop")).to_be_visible()
    os.kill(reporter, signal.SIGKILL)
    expect(work.first).to_contain_text("came back", timeout=60_000)
    assert server.json("backup", "jobs")[0]["state"] == "done"
    assert server.pids("reporter") != [reporter]
    assert held(server, "reader") == wanted, "all of it, each once"

    bring_back()
    expect(work).to_have_count(2)
    expect(work.first).to_contain_text(f"0 messages came back, {total:,} were still there", timeout=60_000)
    assert held(server, "reader") == wanted == held(server, "demo")
