"""Message bodies: spooling, keeping, reading, sweeping."""
import errno
import fcntl
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mta.base.clock import SetClock
from mta.base.errors import BodyLost, NoRoom, TemporaryError
from mta.store import bodies, messages
from mta.store.bodies import KEPT, Bodies
from mta.store.connection import value
from mta.store.database import Store
from mta.store.disk import Disk
from tests.store.population import add_account, deliver, mailbox, spool


def files(store: Store) -> list[Path]:
    """Every body file there is."""
    return sorted(path for path in store.bodies.root.rglob("*") if path.is_file())


def keep(store: Store, content: bytes) -> str:
    """Store a body that nothing refers to; its name."""
    body = spool(store, content)
    store.write_now(lambda db: bodies.insert(db, body), [body])
    return body.name


@pytest.mark.parametrize("size", [5, KEPT + 5])
def test_pieces_make_a_body_or_nothing(store: Store, size: int) -> None:
    """What breaks off while it comes leaves no file."""
    body = store.bodies.spool([b"a" * size, b"b"])
    with body.view() as whole:
        assert bytes(whole) == b"a" * size + b"b"
    body.abandon()

    def broken() -> Iterator[bytes]:
        yield b"a" * size
        raise ValueError("no more comes")

    with pytest.raises(ValueError, match="no more comes"):
        store.bodies.spool(broken())
    assert files(store) == []


@pytest.mark.parametrize("size", [0, 1, KEPT, KEPT + 1, 3 * KEPT + 17])
def test_what_went_in_comes_out(store: Store, size: int) -> None:
    """A body of any size is hashed, counted, viewed and read as it was written."""
    content = os.urandom(size)
    sink = store.bodies.sink()
    for start in range(0, size, 50_000):
        sink.write(content[start:start + 50_000])
    assert sink.size == size
    body = sink.finish()

    assert (body.size, body.sha256) == (size, hashlib.sha256(content).digest())
    with body.view() as whole:
        assert bytes(whole) == content
    store.write_now(lambda db: bodies.insert(db, body), [body])
    with body.view() as whole:
        assert bytes(whole) == content
    assert store.bodies.read(body.name) == content
    assert store.bodies.read(body.name, 10, 20) == content[10:30]
    with store.bodies.open(body.name) as file:
        assert file.read() == content


def test_a_small_body_that_is_refused_costs_no_file(store: Store) -> None:
    """Up to KEPT octets stay in memory until the body is kept; larger ones are removed when abandoned."""
    spool(store, b"x" * KEPT).abandon()
    assert files(store) == []
    large = spool(store, b"x" * (KEPT + 1))
    assert files(store) == [large.temporary]
    large.abandon()
    unfinished = store.bodies.sink()
    unfinished.write(b"x" * (KEPT + 1))
    unfinished.abandon()

    assert files(store) == []


def test_abandoning_a_stored_body_does_nothing(store: Store) -> None:
    """Whoever cleans up too eagerly cannot lose stored mail."""
    body = spool(store, b"x" * (KEPT + 1))
    store.write_now(lambda db: bodies.insert(db, body), [body])
    body.abandon()

    assert store.bodies.read(body.name) == b"x" * (KEPT + 1)


def test_names_tell_the_time_and_never_come_back(store: Store, clock: SetClock) -> None:
    """The folder is the day, the name begins with the time, and two of the same moment differ."""
    first, second = spool(store, b"").name, spool(store, b"").name

    assert first != second
    assert first.startswith("2030-01-01/")
    assert bodies.made_at(first) == clock.timestamp()
    clock.advance(86_400 * 1_000)
    assert first < spool(store, b"").name


def test_a_row_needs_a_body_that_was_handed_over(store: Store) -> None:
    """A change that forgot to pass its body does not commit a row without a file."""
    body = spool(store, b"x")
    with pytest.raises(RuntimeError):
        store.write_now(lambda db: bodies.insert(db, body))


@pytest.mark.parametrize(("code", "kind"), [(errno.ENOSPC, NoRoom), (errno.EDQUOT, NoRoom), (errno.EIO, TemporaryError)])
def test_a_disk_that_refuses_while_spooling(tmp_path: Path, clock: SetClock, code: int, kind: type[Exception]) -> None:
    """The sink says NoRoom for a full disk, TemporaryError for a broken one."""
    def refuse(file: int, data: bytes | memoryview) -> int:
        raise OSError(code, os.strerror(code))

    (tmp_path / "tmp").mkdir()
    sink = Bodies(tmp_path, clock, Disk(write=refuse)).sink()
    with pytest.raises(kind):
        sink.write(b"x" * (KEPT + 1))
    sink.abandon()

    assert not any((tmp_path / "tmp").iterdir())


def test_sweep_takes_what_nothing_refers_to(store: Store) -> None:
    """A body goes with its last message; one that a copy still has stays."""
    account = add_account(store)
    inbox, archive = mailbox(store, account), mailbox(store, account, "archive")
    gone, kept = deliver(store, inbox, b"gone"), deliver(store, inbox, b"kept")
    store.write_now(lambda db: messages.copy(db, store.clock, account, [kept.id], archive))
    store.write_now(lambda db: messages.expunge(db, account, [gone.id, kept.id], keep=False))

    assert bodies.sweep(store) == (1, 4)
    assert files(store) == [store.bodies.path(kept.body_name)]
    assert bodies.sweep(store) == (0, 0)


def test_sweep_goes_through_many_rows(store: Store) -> None:
    """Rows are looked at in slices; none is left out between them."""
    names = [keep(store, b"x") for _ in range(3)]
    store.write_now(lambda db: db.execute("""
        WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 12000)
        INSERT INTO body (name, size, sha256, created) SELECT '2029-01-01/' || n, 1, x'', 0 FROM number""").fetchall())

    assert bodies.sweep(store)[0] == len(names)
    assert store.read(lambda db: value(db, "SELECT count(*) FROM body")) == 0


def test_sweep_takes_old_files_without_row(store: Store, clock: SetClock) -> None:
    """What a crash before the commit left goes after a day, in the day's folder and among the temporary ones."""
    left, spooled = spool(store, b"x" * (KEPT + 1)), spool(store, b"y" * (KEPT + 1))
    store.bodies.keep(left)
    keeper = keep(store, b"z")
    add_account(store)
    stranger = store.bodies.root / "2030-01-01" / "readme"
    stranger.write_bytes(b"")
    clock.advance(86_000)
    assert bodies.sweep(store)[1] == 1      # only keeper, which has a row and no reference
    assert left.kept
    assert store.bodies.path(keeper).exists() is False
    clock.advance(1_000)

    assert bodies.sweep(store) == (2, 2 * (KEPT + 1))
    assert files(store) == [stranger]       # not ours to remove
    assert not spooled.temporary.exists()
    stranger.unlink()
    clock.advance(86_400)
    bodies.sweep(store)
    assert not stranger.parent.exists()


def test_sweep_waits_for_a_backup(store: Store) -> None:
    """While a backup holds backup.lock, nothing goes."""
    name = keep(store, b"x")
    lock = os.open(store.directory / "backup.lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    assert bodies.sweep(store) == (0, 0)
    assert store.bodies.path(name).exists()
    os.close(lock)

    assert bodies.sweep(store) == (1, 1)


def test_everything_that_refers_to_a_body_is_asked(store: Store) -> None:
    """The sweep knows every table with a reference to body."""
    tables = store.read(lambda db: [row[0] for row in db.execute("""
        SELECT m.name FROM sqlite_schema AS m, pragma_foreign_key_list(m.name) AS f WHERE m.type = 'table' AND f."table" = 'body'""")])

    assert sorted(tables) == sorted(bodies.REFERENCES)


def test_a_file_that_is_gone(store: Store) -> None:
    """It is called by its name, however it is to be read; callers that know files only know it too."""
    body = store.bodies
    for read in (body.open, body.read, lambda name: body.view(name).__enter__()):
        with pytest.raises(BodyLost, match="the file 2026-11-27/gone of this message is gone from the disk") as problem:
            read("2026-11-27/gone")
        assert isinstance(problem.value, FileNotFoundError)
