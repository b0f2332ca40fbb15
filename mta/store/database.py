"""One data directory, open: reading in any thread, writing through the committer.

A Store belongs to one process and is opened after the fork; neither a connection nor a
thread exists before the first question or change.  Several processes may have the same
directory open, the command line while the server runs included.

read() answers a question from one short read transaction in the calling thread.  write()
and write_now() run a change in the group commit of mta.store.committer.  Questions and
changes are functions that take the Connection first; they never commit.

Durability: what write() returned from survives a power failure (WAL, and the promise of
synchronous=FULL; mta.store.wal).  The other databases have weaker promises (DESIGN §2) and
are opened with connect() by the modules that own them.
"""
import fcntl
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, Self, TypeVar

from mta.base.clock import Clock
from mta.base.errors import SetupError, TemporaryError
from mta.store.bodies import Bodies, SpooledBody
from mta.store.committer import Committer
from mta.store.connection import TROUBLE, Connection, connect, one, value
from mta.store.disk import DISK, Disk
from mta.store.migrations import newest

T = TypeVar("T")

__all__ = ["Connection", "Store", "connect", "one", "silent", "value"]


def silent(role: str) -> None:
    """A ring that nobody hears, for tests and for commands without a server."""


class Store:
    """An open data directory.  Safe to use from every thread of its process."""

    def __init__(self, directory: Path, clock: Clock, ring: Callable[[str], None], disk: Disk) -> None:
        self.directory, self.clock = directory, clock
        self.bodies = Bodies(directory / "mail", clock, disk)
        self._committer = Committer(self._connect_writer, directory / "write.lock", self.bodies, clock, ring, disk)
        self._idle: list[Connection] = []
        self._readers: list[Connection] = []
        self._reading = threading.Lock()
        self._watcher: Connection | None = None
        self._in_use = -1
        self._closed = False

    @classmethod
    def open(cls, directory: Path, clock: Clock, *, ring: Callable[[str], None] = silent, disk: Disk = DISK) -> Self:
        """Open a directory that mta.store.migrate.prepare() has made ready.

        ring(role) is called after each commit for every role that the commit touched,
        in the committer's thread; it must not block.  SetupError if the directory is
        not ready or belongs to another version of the program.
        """
        store = cls(directory, clock, ring, disk)
        try:
            store._enter()
        except BaseException:
            store.close()
            raise
        return store

    @property
    def mail_db(self) -> Path:
        """The path of pillarbox.db."""
        return self.directory / "pillarbox.db"

    @property
    def trace_db(self) -> Path:
        """The path of trace.db."""
        return self.directory / "trace.db"

    @property
    def search_db(self) -> Path:
        """The path of search.db."""
        return self.directory / "search.db"

    @property
    def learned_db(self) -> Path:
        """The path of learned.db."""
        return self.directory / "learned.db"

    @property
    def jobs_db(self) -> Path:
        """The path of jobs.db, which only mta.store.bell opens, and not with apsw."""
        return self.directory / "jobs.db"

    def read(self, question: Callable[[Connection], T]) -> T:
        """Answer question from one consistent state; it cannot write.

        Keep it short: a long read transaction keeps the write-ahead log from shrinking.
        """
        db = self._take_reader()
        try:
            db.execute("BEGIN")
            try:
                return question(db)
            finally:
                db.execute("ROLLBACK")
        except TROUBLE as problem:
            raise TemporaryError(f"the database cannot be read: {problem}") from problem
        finally:
            self._give_back(db)

    async def write(self, change: Callable[[Connection], T], bodies: Sequence[SpooledBody] = ()) -> T:
        """Run change in the next group commit; returns once it is on disk.

        bodies are synced and moved to their place before the change runs.  What the
        change raises is raised here and undoes this change alone; NoRoom if the disk is
        full, TemporaryError if the commit failed otherwise.  A caller that is cancelled
        while waiting may still find the change done.
        """
        return await self._committer.run(change, bodies)

    def write_now(self, change: Callable[[Connection], T], bodies: Sequence[SpooledBody] = ()) -> T:
        """The same for threads and commands: blocks until the commit is on disk."""
        return self._committer.run_now(change, bodies)

    def keep_ahead(self, bodies: Sequence[SpooledBody]) -> None:
        """Sync many bodies side by side that one change will be given; NoRoom, TemporaryError: then they are the caller's to discard."""
        self._committer.keep_ahead(bodies)

    def data_version(self) -> int:
        """A number that differs once any process has committed to pillarbox.db; cheap, for the watch once a second."""
        with self._reading:
            if self._watcher is None:
                self._watcher = self._connect_reader()
            return int(value(self._watcher, "PRAGMA data_version"))

    def close(self) -> None:
        """Finish what waits, then close every connection.  May be called twice."""
        self._committer.close()
        with self._reading:
            self._closed = True
            readers, self._readers, self._idle = self._readers, [], []
            if self._watcher is not None:
                readers.append(self._watcher)
                self._watcher = None
            if self._in_use >= 0:
                os.close(self._in_use)
                self._in_use = -1
        for db in readers:
            db.close()

    def _enter(self) -> None:
        self._in_use = hold_open(self.directory, "shared")
        if not self.mail_db.exists():
            raise SetupError(f"{self.directory} holds no mail store yet; start the server once")
        version, wanted = self.read(lambda db: value(db, "PRAGMA user_version")), newest("pillarbox.db")
        if version > wanted:
            raise SetupError(newer(self.mail_db, version, wanted))
        if version < wanted:
            raise SetupError(f"{self.mail_db} has schema {version}, this program needs {wanted}; restart the server, which migrates it")

    def _take_reader(self) -> Connection:
        with self._reading:
            if self._closed:
                raise TemporaryError("the store is closed")
            if self._idle:
                return self._idle.pop()
        db = self._connect_reader()
        with self._reading:
            self._readers.append(db)
        return db

    def _give_back(self, db: Connection) -> None:
        with self._reading:
            if not self._closed:
                self._idle.append(db)

    def _connect_reader(self) -> Connection:
        return connect(self.mail_db, query_only=True)

    def _connect_writer(self) -> Connection:
        # The committer syncs the log itself, after the lock: see mta.store.wal.
        db = connect(self.mail_db, synchronous="NORMAL")
        db.watch_log()
        return db


def newer(path: Path, version: int, wanted: int) -> str:
    """What to tell the operator about a database from the future."""
    return f"{path} was written by a newer Pillarbox (schema {version}, this program knows {wanted}); install that version again"


def hold_open(directory: Path, how: Literal["shared", "exclusive"]) -> int:
    """Say that this process uses directory; returns a descriptor that says so until it is closed.

    Everybody who has the databases open holds the lock shared; a migration, which puts
    another file in their place, holds it exclusively.  SetupError if it cannot be had.
    """
    try:
        lock = os.open(directory / "open.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as problem:
        raise SetupError(f"the data directory {directory} cannot be used: {problem.strerror}") from problem
    try:
        fcntl.flock(lock, (fcntl.LOCK_SH if how == "shared" else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        if how == "shared":
            raise SetupError(f"the databases in {directory} are being migrated; try again in a moment") from None
        raise SetupError(f"the databases in {directory} need a migration, but other processes have them open; "
                         "stop the server (and other pillarbox commands), then start it again") from None
    return lock


