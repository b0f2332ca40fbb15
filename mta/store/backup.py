"""Make a backup of a data directory that is in use.

Consistent: the databases are copied from one read transaction each, in slices; in WAL mode
a reader holds up no writer (the log grows meanwhile, which is why this is the one
transaction that outlives a request).  Bodies never change, and the sweep does not remove
any while backup.lock is held; so the copied database has all its bodies.

Incremental: a body that the previous backup in the same place has becomes a hard link to
it, any other file too if it did not change.  What the file system cannot link is copied.

All or nothing: everything is made in a folder .unfinished-..., synced, and renamed.
"""
import errno
import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

import apsw
import msgspec

from mta import VERSION
from mta.base.errors import NoRoom, SetupError, TemporaryError
from mta.base.limits import LIMITS
from mta.store import archive, sealing
from mta.store.archive import Backup, Facts
from mta.store.bodies import NO_ROOM
from mta.store.connection import connect, value
from mta.store.disk import sync_folder

if TYPE_CHECKING:
    from mta.store.database import Store

#: What is copied of the databases; search.db and jobs.db are made anew.
DATABASES: Final = ("pillarbox.db", "trace.db", "learned.db")
#: Pages of a database copied in one go, and seconds of rest between.
SLICE, REST = 256, 0.001
#: Seconds to wait for a sweep that is under way.
SWEEP_WAIT: Final = 60.0
#: Where copies of databases are made before they go to their place; also scratch of the restore test.
WORK: Final = "backup.tmp"
#: What of a data directory is not for backups, beside databases and mail.
TRANSIENT: Final = (".lock", "-wal", "-shm", "-journal", ".new", ".migrating", ".is-damaged", ".stamp")
#: Folders of a data directory that are made anew, or are no part of it.
ELSEWHERE: Final = ("mail", WORK, "look.tmp", "browse.tmp", "restore.tmp", "migrate.tmp")

Wait = Callable[[float], bool]


class Busy(TemporaryError):
    """Another backup is under way."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How a backup is to be: config are the files of the configuration by name; full makes no links to older ones.

    notes go with it: what of the configuration could not be read.
    """

    place: Path
    hostname: str = ""
    config: Mapping[str, bytes] = field(default_factory=dict)
    recipient: str = ""
    full: bool = False
    notes: tuple[str, ...] = ()


def make(store: "Store", wish: Wish, wait: Wait = lambda seconds: False) -> Backup:
    """Make a backup; blocks.  NoRoom if the place is full, SetupError if it cannot be used, TemporaryError if another one is under way.

    wait(seconds) pauses between slices, and is true when there is no more time: TemporaryError.
    """
    _check_place(store.directory, wish)
    try:
        with _alone(wish.place / ".lock", "another backup is being made there"):
            for left in archive.unfinished(wish.place):
                shutil.rmtree(left)
            with _no_sweep(store, wait):
                return _Work(store, wish, wait).done()
    except OSError as problem:
        said = f"the backup to {wish.place} failed: {problem.strerror}{f': {problem.filename}' if problem.filename else ''}"
        raise (NoRoom if problem.errno in NO_ROOM else SetupError)(said) from problem
    except apsw.FullError as problem:
        raise NoRoom(f"the backup to {wish.place} failed: there is no room for a copy of the databases") from problem
    except apsw.Error as problem:
        raise TemporaryError(f"the backup to {wish.place} failed: {problem}") from problem


def prune(place: Path, daily: int, weekly: int) -> list[str]:
    """Remove what need not be kept (mta.store.archive.surplus); returns the names."""
    with _alone(place / ".lock", "a backup is being made there"):
        gone = archive.surplus(archive.every(place), daily, weekly)
        for backup in gone:
            archive.remove(backup)
    return [backup.name for backup in gone]


class _Work:
    """One backup being made."""

    def __init__(self, store: "Store", wish: Wish, wait: Wait) -> None:
        self._store, self._wish, self._wait = store, wish, wait
        self._began, self._made = store.clock.monotonic(), store.clock.timestamp()
        self._salt = bytes(store.read(lambda db: value(db, "SELECT value FROM setting WHERE name = 'false_salt'")))
        known = archive.every(wish.place)
        while known and known[0].name >= archive.name_of(self._made):
            self._made += 1.0    # the clock was set back, or this is the second one in a second
        usable = [each for each in known if each.facts.recipient == wish.recipient]
        self._before = None if wish.full or not usable else usable[0]
        self._folder = wish.place / f"{archive.UNFINISHED}{archive.name_of(self._made)}"
        # Nothing that is to be sealed goes to the place in the clear, not even for a moment.
        self._scratch = store.directory / WORK if wish.recipient else self._folder / "work"
        self._facts = Facts(archive.FORMAT, self._made, VERSION, wish.hostname, wish.recipient, "", 0, 0, 0, 0, 0, 0, 0, 0.0)
        self._facts.notes += wish.notes
        self._manifest: TextIO | None = None
        self._folders: set[Path] = set()

    def done(self) -> Backup:
        self._folder.mkdir(mode=0o700)
        self._manifest = _new_text(self._folder / archive.MANIFEST)
        try:
            with suppress(FileNotFoundError):
                shutil.rmtree(self._scratch)
            self._scratch.mkdir(mode=0o700)
            self._databases()
            self._bodies()
            self._others()
            shutil.rmtree(self._scratch)
            return self._finish()
        except BaseException:
            with suppress(OSError):
                self._manifest.close()
            with suppress(OSError):
                shutil.rmtree(self._folder)
            raise
        finally:
            with suppress(OSError):
                shutil.rmtree(self._scratch)

    def _databases(self) -> None:
        sizes = sum((self._store.directory / name).stat().st_size for name in DATABASES if (self._store.directory / name).exists())
        free = shutil.disk_usage(self._scratch).free
        if free < sizes + LIMITS.disk_low * bool(self._wish.recipient):
            where = self._store.directory if self._wish.recipient else self._wish.place
            raise NoRoom(f"there is no room in {where}: "
                         f"a copy of the databases needs {sizes / 1e6:.0f} MB, {free / 1e6:.0f} MB are free")
        for name in DATABASES:
            if (self._store.directory / name).exists():
                copy_database(self._store.directory / name, self._scratch / name, self._pause)
        with closing(apsw.Connection(str(self._scratch / "pillarbox.db"), flags=apsw.SQLITE_OPEN_READONLY)) as db:
            self._facts.accounts = value(db, "SELECT count(*) FROM account")
            self._facts.messages = value(db, "SELECT count(*) FROM message")
            found = [str(row[0]) for row in db.execute("PRAGMA quick_check(5)") if row[0] != "ok"]
            self._facts.trouble += [f"pillarbox.db: {line}" for line in found]

    def _bodies(self) -> None:
        """Every body that the copied database knows, in the order of names; the previous manifest has the same order."""
        old = _Reader(self._before)
        with closing(apsw.Connection(str(self._scratch / "pillarbox.db"), flags=apsw.SQLITE_OPEN_READONLY)) as db:
            for number, (name, size, sha256) in enumerate(db.execute("SELECT name, size, sha256 FROM body ORDER BY name")):
                path = f"data/mail/{name}"
                digest = old.digest(self._stored(path))
                if digest is None or not self._link(path, digest, size):
                    self._body(path, name, size, sha256)
                if number % 50 == 0:
                    self._pause()

    def _body(self, path: str, name: str, size: int, sha256: bytes) -> None:
        try:
            found = self._copy(path, self._store.bodies.path(name))
        except FileNotFoundError:
            self._facts.trouble.append(f"{path} is missing")
            return
        if found != (size, sha256):
            self._facts.trouble.append(f"{path} is damaged")

    def _others(self) -> None:
        """Databases, keys, certificates, whatever else is in the data directory, and the configuration."""
        for name in DATABASES:
            if (self._scratch / name).exists():
                self._other(f"data/{name}", self._scratch / name)
        for file in sorted(self._store.directory.rglob("*")):
            path = file.relative_to(self._store.directory)
            if path.parts[0] in ELSEWHERE or path.parts[0].startswith(("replaced-", "mail.after-")) or path.name.endswith(TRANSIENT):
                continue
            if len(path.parts) == 1 and ".db" in path.name:    # those that were copied, and what migrations left
                continue
            if file.is_file() and not file.is_symlink():
                with suppress(FileNotFoundError):    # a key that was just changed
                    self._other(f"data/{path}", file)
        for name, content in self._wish.config.items():
            kept = self._scratch / "config" / name
            kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            kept.write_bytes(content)
            self._other(f"config/{name}", kept)

    def _other(self, path: str, source: Path) -> None:
        if "\n" in path:
            self._facts.notes.append(f"{path!r} has a line end in its name and is not in the backup")
            return
        print = sealing.fingerprint(self._salt, source)
        self._facts.prints[path] = print
        if self._before and self._before.facts.prints.get(path) == print and self._link(path, None, source.stat().st_size):
            return
        self._copy(path, source)

    def _list(self, stored: str, digest: str) -> None:
        assert self._manifest is not None
        self._manifest.write(f"{digest}  {stored}\n")

    def _stored(self, path: str) -> str:
        return path + sealing.SUFFIX if self._wish.recipient else path

    def _link(self, path: str, digest: str | None, size: int) -> bool:
        """Take a file over from the previous backup; False if it is not there as it should be, or cannot be linked."""
        assert self._before is not None
        old, stored = self._before.path / self._stored(path), self._stored(path)
        try:
            facts = old.stat()
            if facts.st_size != (sealed_size(size) if self._wish.recipient else size):
                return False
            self._make_folder(self._folder / stored)
            os.link(old, self._folder / stored)
        except OSError as problem:
            if problem.errno in NO_ROOM:
                raise
            return False
        self._list(stored, digest or archive.sha256(old))
        self._facts.linked += 1
        self._facts.total += facts.st_size
        return True

    def _copy(self, path: str, source: Path) -> tuple[int, bytes]:
        """Copy or seal a file; size and SHA-256 of what was read."""
        read, written = hashlib.sha256(), hashlib.sha256()
        target = self._folder / self._stored(path)
        size = octets = 0
        with open(source, "rb") as file:
            self._make_folder(target)
            out = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            try:
                def pieces() -> Iterator[bytes]:
                    nonlocal size
                    while piece := file.read(archive.CHUNK):
                        read.update(piece)
                        size += len(piece)
                        yield piece

                def put(piece: bytes) -> None:
                    nonlocal octets
                    written.update(piece)
                    octets += len(piece)
                    view = memoryview(piece)
                    while view:
                        view = view[os.write(out, view):]

                if self._wish.recipient:
                    sealing.seal(pieces(), put, self._wish.recipient, path)
                else:
                    for piece in pieces():
                        put(piece)
                os.fsync(out)
                facts = os.fstat(file.fileno())
                os.utime(out, ns=(facts.st_mtime_ns, facts.st_mtime_ns))
            finally:
                os.close(out)
        self._list(self._stored(path), written.hexdigest())
        self._facts.new += 1
        self._facts.octets += octets
        self._facts.total += octets
        return size, read.digest()

    def _finish(self) -> Backup:
        assert self._manifest is not None
        self._manifest.flush()
        os.fsync(self._manifest.fileno())
        self._manifest.close()
        self._facts.manifest, self._facts.files = archive.sha256(self._folder / archive.MANIFEST), self._facts.new + self._facts.linked
        self._facts.seconds = self._store.clock.monotonic() - self._began
        with _new_text(self._folder / archive.FACTS) as facts:
            facts.write(msgspec.json.format(msgspec.json.encode(self._facts), indent=1).decode() + "\n")
            facts.flush()
            os.fsync(facts.fileno())
        for folder in sorted(self._folders, reverse=True):
            sync_folder(folder)
        sync_folder(self._folder)
        target = self._wish.place / archive.name_of(self._made)
        os.rename(self._folder, target)
        pointer = self._wish.place / f".{archive.LATEST}"
        pointer.unlink(missing_ok=True)
        os.symlink(target.name, pointer)
        os.replace(pointer, self._wish.place / archive.LATEST)
        sync_folder(self._wish.place)
        return Backup(target, self._facts)

    def _make_folder(self, path: Path) -> None:
        if path.parent not in self._folders:
            archive.make_folders(self._folder, path.parent)
            for folder in path.parents:
                if folder == self._folder:
                    break
                self._folders.add(folder)

    def _pause(self) -> None:
        if self._wait(REST):
            raise TemporaryError("the backup was broken off")


class _Reader:
    """The previous manifest, read along with names that come in order."""

    def __init__(self, backup: Backup | None) -> None:
        self._entries = backup.entries() if backup else iter(())
        self._next = next(self._entries, None)

    def digest(self, path: str) -> str | None:
        while self._next is not None and self._next[0] < path:
            self._next = next(self._entries, None)
        return self._next[1] if self._next is not None and self._next[0] == path else None


def copy_database(source: Path, target: Path, pause: Callable[[], None] = lambda: None) -> None:
    """Copy a database as it stands at one moment, while others write to it; the copy has no log."""
    os.close(os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    with closing(connect(source, query_only=True)) as db, closing(apsw.Connection(str(target))) as copy:
        db.execute("BEGIN")
        value(db, "SELECT count(*) FROM sqlite_schema")    # from here on it reads one state
        try:
            with copy.backup("main", db, "main") as work:
                while not work.done:
                    work.step(SLICE)
                    pause()
        finally:
            db.execute("ROLLBACK")
        copy.execute("PRAGMA journal_mode=DELETE")
        copy.execute("PRAGMA application_id=0")    # a log that lies about is not this file's: mta.store.stamp


def sealed_size(size: int) -> int:
    """Octets of a sealed file with so many in it."""
    return len(sealing.MARK) + sealing.KEY + size + sealing.TAG * max(1, -(-size // sealing.PIECE))


def _check_place(data: Path, wish: Wish) -> None:
    """Make the place if it is missing.  SetupError if it is no place for backups."""
    if wish.recipient:
        sealing.check_recipient(wish.recipient)
    place = wish.place.resolve()
    if place == data.resolve() or data.resolve() in place.parents:
        raise SetupError(f"{wish.place} is in the data directory {data}: choose another place, best on another disk")
    try:
        wish.place.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as problem:
        raise SetupError(f"{wish.place} cannot be made: {problem.strerror}") from problem


@contextmanager
def _alone(path: Path, otherwise: str) -> Iterator[None]:
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(f"{path.parent}: {otherwise}") from None
        yield
    finally:
        os.close(lock)


@contextmanager
def _no_sweep(store: "Store", wait: Wait) -> Iterator[None]:
    """Hold backup.lock, which the sweep of bodies respects."""
    lock = os.open(store.directory / "backup.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        until = store.clock.monotonic() + SWEEP_WAIT
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError as problem:
                if problem.errno not in (errno.EAGAIN, errno.EACCES):
                    raise
            if wait(0.1) or store.clock.monotonic() > until:
                raise Busy("another backup of this server, or a sweep of its files, is under way; try again in a minute")
        yield
    finally:
        os.close(lock)


def _new_text(path: Path) -> TextIO:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    return open(file, "w", encoding="utf-8", errors="surrogateescape", newline="\n")
