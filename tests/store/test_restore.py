"""mta.store.restore and stamp: a data directory out of a backup, and logs that are another database's."""
import os
import shutil
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from mta.base.clock import SetClock
from mta.base.errors import SetupError, UserError
from mta.base.names import Address
from mta.store import bodies, queue, restore, sealing
from mta.store.archive import Backup
from mta.store.backup import Wish, make
from mta.store.connection import Connection
from mta.store.database import Store, silent
from mta.store.disk import DISK
from mta.store.migrate import RESTORING, prepare
from mta.store.queue import NewQueued
from mta.store.verify import problems
from tests.store.population import add_account, deliver, mailbox, spool
from tests.store.test_backup import mail, tree


@pytest.fixture
def data(tmp_path: Path, clock: SetClock) -> Path:
    """A data directory with mail of ann, one message of it queued; nobody has it open."""
    prepare(tmp_path / "data", clock)
    store = Store.open(tmp_path / "data", clock)
    inbox = mailbox(store, add_account(store))
    for number in range(4):
        deliver(store, inbox, b"Subject: letter %d\r\n\r\nHello.\r\n" % number)
    body = spool(store, b"Subject: out\r\n\r\nHello.\r\n")

    def change(db: Connection) -> None:
        queue.add(db, clock, NewQueued(
            1, Address.parse("ann@example.org"), [Address.parse("bob@example.net")], bodies.insert(db, body), body.size, b"", False, False,
            "x", "out", "ann@example.org", "t"), lambda recipient: "example.net")

    store.write_now(change, [body])
    store.close()
    return tmp_path / "data"


def backed_up(data: Path, clock: SetClock, place: Path, recipient: str = "") -> Backup:
    """A backup of data."""
    store = Store.open(data, clock)
    try:
        return make(store, Wish(place, recipient=recipient))
    finally:
        store.close()


def rows(data: Path, clock: SetClock, question: str) -> list[tuple[object, ...]]:
    """Ask the store in data, which has to be whole."""
    store = Store.open(data, clock)
    try:
        assert problems(store) == []
        return store.read(lambda db: list(db.execute(question)))
    finally:
        store.close()


@pytest.mark.parametrize("sealed", [False, True])
def test_all_of_it(data: Path, clock: SetClock, tmp_path: Path, sealed: bool) -> None:
    """Hash by hash as it was; what was there is moved aside; numbers go on above; queued mail is held."""
    secret = sealing.new_secret()
    made = backed_up(data, clock, tmp_path / "backups", sealing.recipient_of(secret) if sealed else "")
    before = mail(data)
    subjects = rows(data, clock, "SELECT subject, uid FROM message_detail JOIN message ON message.id = message_id ORDER BY uid")
    store = Store.open(data, clock)
    deliver(store, mailbox(store, 1), b"Subject: later\r\n\r\nLost by this.\r\n")
    store.close()
    later = mail(data)

    assert restore.whole(made, data, secret, clock.timestamp()) == []
    assert prepare(data, clock) == ["created search.db"]
    assert mail(data) == before
    assert rows(data, clock, "SELECT subject, uid FROM message_detail JOIN message ON message.id = message_id ORDER BY uid") == subjects
    assert rows(data, clock, "SELECT held FROM queue_recipient") == [(1,)]
    [aside] = [each for each in data.iterdir() if each.name.startswith("replaced-")]
    assert mail(aside) == later
    assert tree(data / "keys") == tree(aside / "keys")
    modes = {oct(each.stat().st_mode & 0o777) for each in data.rglob("*")}
    assert modes == {"0o700", "0o600"}
    store = Store.open(data, clock)
    assert deliver(store, mailbox(store, 1)).uid > restore.JUMP
    store.close()
    assert not (data / RESTORING).exists()


def test_an_empty_place(data: Path, clock: SetClock, tmp_path: Path) -> None:
    """A new machine: the directory is made."""
    made = backed_up(data, clock, tmp_path / "backups")
    assert restore.whole(made, tmp_path / "new", None, clock.timestamp()) == []
    prepare(tmp_path / "new", clock)
    assert mail(tmp_path / "new") == mail(data)
    assert len(rows(tmp_path / "new", clock, "SELECT id FROM message")) == 4


def test_somebody_has_it_open(data: Path, clock: SetClock, tmp_path: Path) -> None:
    """A running server is never pulled away from under its feet."""
    made = backed_up(data, clock, tmp_path / "backups")
    store = Store.open(data, clock)
    before = mail(data)
    with pytest.raises(SetupError, match="stop the server"):
        restore.whole(made, data, None, clock.timestamp())
    store.close()
    assert mail(data) == before


def test_damage_in_the_backup(data: Path, clock: SetClock, tmp_path: Path) -> None:
    """A damaged letter is left out and named; with a damaged database nothing is changed at all."""
    made = backed_up(data, clock, tmp_path / "backups")
    victim = next(iter(sorted((made.path / "data" / "mail").rglob("*/*"))))
    victim.write_bytes(b"not so")
    [told] = restore.whole(made, data, None, clock.timestamp())
    assert str(victim.relative_to(made.path)) in told
    shutil.copy(next(each for each in data.glob("replaced-*")) / "mail" / victim.relative_to(made.path / "data/mail"),
                data / "mail" / victim.relative_to(made.path / "data/mail"))

    (made.path / "data" / "pillarbox.db").write_bytes(b"not so")
    before = tree(data)
    with pytest.raises(SetupError):
        restore.whole(made, data, None, clock.timestamp())
    assert tree(data) == before


def test_without_the_key(data: Path, clock: SetClock, tmp_path: Path) -> None:
    """Nothing is touched before it is clear that the key fits."""
    made = backed_up(data, clock, tmp_path / "backups", sealing.recipient_of(sealing.new_secret()))
    before = tree(data)
    for secret in (None, sealing.new_secret()):
        with pytest.raises((SetupError, UserError)):
            restore.whole(made, data, secret, clock.timestamp())
    assert tree(data) == before


@pytest.mark.parametrize("after", range(6))
def test_cut_off_while_it_is_put_in_place(data: Path, clock: SetClock, tmp_path: Path, after: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that starts then says what to do; a second restore ends it, and what was there before is still there."""
    made = backed_up(data, clock, tmp_path / "backups")
    before, rename, count = mail(data), os.rename, [0]

    def failing(source: Path, target: Path) -> None:
        if count[0] == after:
            raise KeyboardInterrupt
        count[0] += 1
        rename(source, target)

    monkeypatch.setattr(os, "rename", failing)
    with pytest.raises(KeyboardInterrupt):
        restore.whole(made, data, None, clock.timestamp())
    monkeypatch.undo()
    with pytest.raises(SetupError, match="restore that was cut off"):
        prepare(data, clock)
    clock.advance(60)

    assert restore.whole(made, data, None, clock.timestamp()) == []
    prepare(data, clock)
    assert mail(data) == before
    assert len(rows(data, clock, "SELECT id FROM message")) == 4
    kept = {name: digest for aside in data.glob("replaced-*") for name, digest in mail(aside).items()}
    assert kept == before


def test_a_newer_one(data: Path, clock: SetClock, tmp_path: Path) -> None:
    """A backup of a program yet to come is refused, and says what to install."""
    with closing(apsw.Connection(str(data / "pillarbox.db"))) as db:
        db.execute("PRAGMA user_version=999")
    (tmp_path / "backups").mkdir()
    store = Store(data, clock, silent, DISK)
    made = make(store, Wish(tmp_path / "backups"))
    store.close()
    with pytest.raises(SetupError, match="newer Pillarbox"):
        restore.whole(made, tmp_path / "other", None, clock.timestamp())
