"""Backups of a server that takes mail: compared hash by hash, killed in the middle, and with a full destination."""
import contextlib
import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mta.base.clock import SystemClock
from mta.store import archive, restore
from mta.store.archive import Backup
from mta.store.database import Store
from mta.store.migrate import prepare
from mta.store.verify import problems
from tests.crash.load import Clients
from tests.crash.test_full import disk, fill
from tests.serving import Server

ROUNDS = int(os.environ.get("CRASH_ROUNDS", "6"))
SEED = int(os.environ.get("CRASH_SEED", "1"))

pytestmark = pytest.mark.timeout(180 + 20 * ROUNDS)
__all__ = ["disk"]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A running server."""
    server = Server(tmp_path / "server").start()
    yield server
    if server.process is not None and server.process.poll() is None:
        server.stop()


def begin(server: Server, place: Path) -> "subprocess.Popen[str]":
    """`pillarbox backup place`, on its way."""
    return subprocess.Popen(
        [sys.executable, "-m", "workers.command", "--dir", str(server.folder), "backup", str(place), "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def back_up(server: Server, place: Path) -> str:
    """The same to its end; what it complained of, "" if nothing."""
    work = begin(server, place)
    _, err = work.communicate(timeout=120)
    assert (work.returncode == 0) == (err == "")
    return err


def unpacked(made: Backup, folder: Path) -> dict[str, bytes]:
    """What a server would have after restoring it: each token's content, after every check."""
    assert restore.whole(made, folder, None, time.time()) == []
    prepare(folder, SystemClock())
    store = Store.open(folder, SystemClock())
    try:
        assert problems(store) == []
        rows = store.read(lambda db: list(db.execute(
            "SELECT subject, name, body.sha256 FROM message JOIN message_detail ON message_id = message.id "
            "JOIN body ON body.id = body_id")))
        found = {}
        for subject, name, sha256 in rows:
            content = store.bodies.read(name)
            assert hashlib.sha256(content).digest() == sha256
            found[subject] = content
        return found
    finally:
        store.close()


def test_while_mail_flows_in(server: Server, tmp_path: Path) -> None:
    """Each backup can be restored and has all that was acknowledged before it began, octet by octet; the last one all of it."""
    place = tmp_path / "backups"
    known: list[set[str]] = []
    with Clients("127.0.0.1", server.smtp, 6, SEED) as clients:
        for _ in range(3):
            clients.until_acknowledged(10)
            known.append(set(clients.ledger.acknowledged))
            assert back_up(server, place) == ""
    known.append(set(clients.ledger.acknowledged))
    assert back_up(server, place) == ""
    server.stop()

    made = archive.every(place)[::-1]
    assert len(made) == 4
    assert known[0], "nothing was acknowledged: the test proved nothing"
    for number, (one, acknowledged) in enumerate(zip(made, known, strict=True)):
        assert archive.problems(one) == []
        assert one.facts.trouble == []
        found = unpacked(one, tmp_path / f"restored{number}")
        assert acknowledged <= found.keys()
    assert made[-1].facts.linked > 0
    original = {str(file.relative_to(server.folder / "data" / "mail")): hashlib.sha256(file.read_bytes()).hexdigest()
                for file in (server.folder / "data" / "mail").rglob("*/*")}
    last = {str(file.relative_to(tmp_path / "restored3" / "mail")): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in (tmp_path / "restored3" / "mail").rglob("*/*")}
    assert last.items() <= original.items()


def test_killed_in_the_middle(server: Server, tmp_path: Path) -> None:
    """At whatever moment it dies, what has the name of a backup is one; the next is made, and the server's sweep goes on."""
    place, chance = tmp_path / "backups", random.Random(SEED)
    killed = 0
    with Clients("127.0.0.1", server.smtp, 4, SEED) as clients:
        clients.until_acknowledged(20)
        for _ in range(max(4, ROUNDS)):
            work = begin(server, place)
            time.sleep(chance.uniform(0.4, 1.3))
            with contextlib.suppress(ProcessLookupError):
                work.send_signal(signal.SIGKILL)
            killed += work.wait(30) == -signal.SIGKILL
            work.communicate()
            for one in archive.every(place):
                assert archive.problems(one) == []
    assert killed, "each was done before it was killed: the test proved nothing"
    assert back_up(server, place) == ""
    assert archive.unfinished(place) == []
    newest = archive.find(place)
    assert archive.problems(newest) == []
    assert unpacked(newest, tmp_path / "restored")
    server.stop()


def test_a_full_destination(disk: Path, tmp_path: Path) -> None:
    """Exit status 1 and one line; the old backup stays whole; with room again all is well."""
    server = Server(tmp_path / "server").start()
    try:
        server.send(b"From: a@example.net\r\nSubject: one\r\n\r\n" + b"a line of text\r\n" * 100_000)
        place = disk / "backups"
        assert back_up(server, place) == ""
        [first] = archive.every(place)
        server.send(b"From: a@example.net\r\nSubject: two\r\n\r\n" + b"another line\r\n" * 100_000)
        fill(disk / "filler")
        err = back_up(server, place)
        assert len(err.splitlines()) == 1
        assert "no room" in err or "No space left on device" in err
        assert [one.name for one in archive.every(place)] == [first.name]
        assert archive.unfinished(place) == []
        assert archive.problems(first) == []
        (disk / "filler").unlink()
        assert back_up(server, place) == ""
        assert archive.problems(archive.find(place)) == []
        assert archive.find(place).facts.linked > 0
    finally:
        server.stop()
