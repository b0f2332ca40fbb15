"""Message bodies: one immutable file each, below data/mail.

A body is spooled while it arrives (BodySink), moved to its day's folder by the committer
before its row commits, and never changed after that.  Its name starts with the time it
was made, and is random enough never to come back.  This module alone knows paths: bodies
may live elsewhere one day.

Bodies up to KEPT octets are held in memory and written in one piece when they are kept,
so that a message that is refused after all costs no file.

Order on disk: content synced, name in the day's folder, folder synced, then the row.  So
a row always has its file; a file may have no row, and sweep() removes it after a day.
"""
import errno
import fcntl
import hashlib
import mmap
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from mta.base.clock import Clock
from mta.base.errors import BodyLost, NoRoom, TemporaryError
from mta.base.tokens import BASE32, short_id
from mta.store.connection import Connection, value
from mta.store.disk import DISK, Disk

if TYPE_CHECKING:
    from mta.store.database import Store

#: Octets of a body that are kept in memory; up to here it has no file before it is kept.
KEPT = 64 * 1024
#: What the system says when there is no room.
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
#: Characters of a name that tell its time, in milliseconds, and those that are random.
TIME_CHARACTERS, RANDOM_CHARACTERS = 9, 10
#: Rows looked at, and rows removed, in one go of a sweep.
SWEEP_READ, SWEEP_WRITE = 5_000, 200


class Bodies:
    """The folder of all bodies.  Makes no file before the first body."""

    def __init__(self, root: Path, clock: Clock, disk: Disk = DISK) -> None:
        self.root, self.disk, self._clock = root, disk, clock
        self._days: set[str] = set()

    def sink(self) -> "BodySink":
        """Where a message that is coming in can be written."""
        return BodySink(self, _new_name(self._clock.timestamp()))

    def path(self, name: str) -> Path:
        """The file of the body called name ("2026-11-22/xyz")."""
        return self.root / name

    def open(self, name: str) -> BinaryIO:
        """The body called name, open for reading; BodyLost."""
        with _there(name):
            return open(self.path(name), "rb")

    def _raw(self, name: str) -> FileIO:
        with _there(name):
            return open(self.path(name), "rb", buffering=0)

    def read(self, name: str, start: int = 0, length: int | None = None) -> bytes:
        """length octets of the body from start on, or all that follow; BodyLost."""
        with self._raw(name) as file:
            if start:
                file.seek(start)
            if length is None:
                return file.readall()
            pieces, left = [], length
            while left > 0 and (piece := file.read(left)):
                pieces.append(piece)
                left -= len(piece)
            return b"".join(pieces)

    @contextmanager
    def view(self, name: str) -> Iterator[bytes | mmap.mmap]:
        """The whole body called name without copying it; bytes if it is small.  BodyLost."""
        with self._raw(name) as file:
            if os.fstat(file.fileno()).st_size <= KEPT:
                yield file.readall()
                return
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
                yield mapped

    def spool(self, pieces: Iterable[bytes]) -> "SpooledBody":
        """A new body of these pieces; what they, or the disk, raise leaves nothing behind.  Takes time if it is large."""
        sink = self.sink()
        try:
            for piece in pieces:
                sink.write(piece)
            return sink.finish()
        except BaseException:
            sink.abandon()
            raise

    def keep(self, body: "SpooledBody") -> None:
        """Sync the content and move it to its place; the caller syncs the folder.  OSError or NoRoom."""
        if body.content is not None:
            file = _create(body.temporary)
            try:
                _write_all(file, body.content, self.disk)
                self.disk.data(file)
            finally:
                os.close(file)
        else:
            file = os.open(body.temporary, os.O_RDONLY | os.O_CLOEXEC)
            try:
                self.disk.data(file)
            finally:
                os.close(file)
        if body.folder not in self._days:
            self._make_day(body.folder)
        os.rename(body.temporary, self.root / body.name)
        body.kept = True

    def sync_folder(self, folder: str) -> None:
        """Bring the names in a day's folder to disk."""
        self._sync_names(self.root / folder)

    def _make_day(self, folder: str) -> None:
        with suppress(FileExistsError):
            os.mkdir(self.root / folder, 0o700)
        self._sync_names(self.root)
        self._days.add(folder)

    def _sync_names(self, path: Path) -> None:
        folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            self.disk.names(folder)
        finally:
            os.close(folder)


class BodySink:
    """Takes one message in chunks; hashes and counts as they come."""

    def __init__(self, bodies: Bodies, name: str) -> None:
        self._name, self._root, self._disk = name, bodies.root, bodies.disk
        self._temporary = bodies.root / "tmp" / name.rpartition("/")[2]
        self._hash = hashlib.sha256()
        self._chunks: list[bytes] = []
        self._file = -1
        self.size = 0

    def write(self, chunk: bytes) -> None:
        """Add chunk; NoRoom if the disk is full."""
        self._hash.update(chunk)
        self.size += len(chunk)
        if self._file < 0:
            self._chunks.append(chunk)
            if self.size <= KEPT:
                return
            chunk = b"".join(self._chunks)
            self._chunks.clear()
        with _room_or_complaint():
            if self._file < 0:
                self._file = _create(self._temporary)
            _write_all(self._file, chunk, self._disk)

    def finish(self) -> "SpooledBody":
        """No more chunks: the body, not yet durable."""
        content = None if self._file >= 0 else b"".join(self._chunks)
        self._close()
        return SpooledBody(self._name, self.size, self._hash.digest(), self._temporary, self._root, content)

    def abandon(self) -> None:
        """Forget what came."""
        if self._file >= 0:
            self._close()
            self._temporary.unlink(missing_ok=True)
        self._chunks.clear()

    def _close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


@dataclass(slots=True, eq=False)
class SpooledBody:
    """A whole body that no row refers to yet: hand it to Store.write together with the change that calls insert()."""

    name: str
    size: int
    sha256: bytes
    temporary: Path
    root: Path
    content: bytes | None       # all of it, if it is small; then it has no temporary file
    kept: bool = False          # synced and at its place
    inserted: bool = False      # a row refers to it, or will once the transaction commits

    @property
    def folder(self) -> str:
        """The day it belongs to."""
        return self.name.partition("/")[0]

    @contextmanager
    def view(self) -> Iterator[bytes | mmap.mmap]:
        """The whole body without copying it."""
        if self.content is not None:
            yield self.content
            return
        with open(self.root / self.name if self.kept else self.temporary, "rb", buffering=0) as file, \
                mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            yield mapped

    def abandon(self) -> None:
        """Remove what was spooled; harmless once the committer has taken it in hand."""
        if not self.kept and self.content is None:
            with suppress(OSError):
                os.unlink(self.temporary)

    def discard(self) -> None:
        """Remove the file wherever it is; only the committer knows that no row will ever refer to it."""
        self.abandon()
        if self.kept:
            with suppress(OSError):
                os.unlink(self.root / self.name)


@contextmanager
def _there(name: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as problem:
        raise BodyLost(problem.errno, problem.strerror, name) from None


def insert(db: Connection, spooled: SpooledBody) -> int:
    """Add the row of a body, inside a change that was given it; returns the body's id."""
    if not spooled.kept:
        raise RuntimeError(f"body {spooled.name} was not handed to the committer")
    db.execute("INSERT INTO body (name, size, sha256, created) VALUES (?, ?, ?, ?)",
               (spooled.name, spooled.size, spooled.sha256, made_at(spooled.name)))
    spooled.inserted = True
    return db.last_insert_rowid()


def adopt(db: Connection, name: str, size: int, sha256: bytes) -> int:
    """The id of the row of a body whose file is there; it is added if there is none."""
    known = value(db, "SELECT id FROM body WHERE name = ?", (name,))
    if known is not None:
        return int(known)
    db.execute("INSERT INTO body (name, size, sha256, created) VALUES (?, ?, ?, ?)", (name, size, sha256, made_at(name)))
    return db.last_insert_rowid()


def named(db: Connection, body_id: int) -> tuple[str, int]:
    """The name and size of a body that something refers to."""
    [(name, size)] = db.execute("SELECT name, size FROM body WHERE id = ?", (body_id,))
    return name, size


def made_at(name: str) -> float:
    """When the body called name was made, from the name itself; seconds since 1970.  ValueError if it is no name of ours."""
    text, number = name.rpartition("/")[2], 0
    if len(text) != TIME_CHARACTERS + RANDOM_CHARACTERS:
        raise ValueError(f"{name!r} is not the name of a body")
    for char in text[:TIME_CHARACTERS]:
        number = number * 32 + BASE32.index(char)
    return number / 1000


def sweep(store: "Store", older_than: float = 86_400.0) -> tuple[int, int]:
    """Remove bodies that nothing refers to; returns how many files and octets went.

    First the rows, in slices, each slice's files after its commit.  Then files that
    never got a row (a crash before the commit), once they are older than older_than
    seconds.  Does nothing while a backup holds backup.lock.
    """
    lock = os.open(store.directory / "backup.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return 0, 0
    else:
        files, octets = _sweep_rows(store)
        more_files, more_octets = _sweep_files(store, store.clock.timestamp() - older_than)
        return files + more_files, octets + more_octets
    finally:
        os.close(lock)


#: The tables whose body_id refers to a body.
REFERENCES = ("message", "queue_message", "delayed_mail", "deleted_message")
UNUSED = " AND ".join(f"NOT EXISTS (SELECT 1 FROM {table} WHERE body_id = body.id)" for table in REFERENCES)
UNREFERENCED = f"SELECT id FROM body WHERE id IN (SELECT id FROM body WHERE id > ? ORDER BY id LIMIT ?) AND {UNUSED}"
DROP = f"DELETE FROM body WHERE id = ? AND {UNUSED} RETURNING name, size"


def _sweep_rows(store: "Store") -> tuple[int, int]:
    files = octets = at = 0
    while True:
        found, last = store.read(partial(_unreferenced, after=at))
        for start in range(0, len(found), SWEEP_WRITE):
            # A change between the look and here may have taken one up again: it is asked once more, under the lock.
            for name, size in store.write_now(partial(_drop_rows, ids=found[start:start + SWEEP_WRITE])):
                with suppress(FileNotFoundError):
                    store.bodies.path(name).unlink()
                    files, octets = files + 1, octets + size
        if last is None:
            return files, octets
        at = last


def _unreferenced(db: Connection, after: int) -> tuple[list[int], int | None]:
    """Which of the next rows are not referred to, and the last one looked at."""
    last = value(db, "SELECT max(id) FROM (SELECT id FROM body WHERE id > ? ORDER BY id LIMIT ?)", (after, SWEEP_READ))
    return [row[0] for row in db.execute(UNREFERENCED, (after, SWEEP_READ))], last


def _drop_rows(db: Connection, ids: list[int]) -> list[tuple[str, int]]:
    gone: list[tuple[str, int]] = []
    for body_id in ids:
        gone += db.execute(DROP, (body_id,))
    return gone


def _sweep_files(store: "Store", before: float) -> tuple[int, int]:
    files = octets = 0
    for folder in sorted(store.bodies.root.iterdir()):
        if not folder.is_dir():
            continue
        known: set[str] = set()
        if folder.name != "tmp":
            known = store.read(partial(names_of, day=folder.name))
        left = 0
        for file in folder.iterdir():
            if f"{folder.name}/{file.name}" in known or not _older(file.name, before):
                left += 1
                continue
            with suppress(FileNotFoundError):
                size = file.stat().st_size
                file.unlink()
                files, octets = files + 1, octets + size
        if not left and folder.name != "tmp" and folder.name < datetime.fromtimestamp(before, UTC).strftime("%Y-%m-%d"):
            with suppress(OSError):
                folder.rmdir()
    return files, octets


def names_of(db: Connection, day: str) -> set[str]:
    """The names of all bodies of a day."""
    return {row[0] for row in db.execute("SELECT name FROM body WHERE name >= ? AND name < ?", (f"{day}/", f"{day}0"))}


def _older(name: str, before: float) -> bool:
    try:
        return made_at(name) < before
    except ValueError:
        return False    # not ours; verify speaks of it


def _new_name(timestamp: float) -> str:
    milliseconds = int(timestamp * 1000)
    made = "".join(BASE32[(milliseconds >> (5 * place)) & 31] for place in reversed(range(TIME_CHARACTERS)))
    return f"{datetime.fromtimestamp(timestamp, UTC):%Y-%m-%d}/{made}{short_id(RANDOM_CHARACTERS)}"


@contextmanager
def _room_or_complaint() -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise (NoRoom if problem.errno in NO_ROOM else TemporaryError)(f"the message cannot be written: {problem.strerror}") from problem


def _create(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)


def _write_all(file: int, data: bytes, disk: Disk) -> None:
    at, view = 0, memoryview(data)
    while at < len(data):
        at += disk.write(file, view[at:])
