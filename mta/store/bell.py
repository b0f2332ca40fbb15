"""Bells: "look at this row", rung by one process and heard by another.

huey carries them, and only this module knows huey.  A bell is a kind and a row id; it may
be lost, repeated or late, and changes nothing by itself (the rows are the truth, and the
reporter's sweep rings for rows whose bell was lost).  So ringing never raises, and the
file jobs.db may vanish at any time.

What travels is CBOR with nothing but text and integers in it, and everything else is
refused: huey's own pickles would let a process that reads strangers' mail plant code in
another one.  Waiting bells of the same kind and id are one row.  Nothing here may exist
before the fork: connections and huey objects are made when they are first needed.

A consumer sleeps on its role's doorbell (a datagram socket that whoever commits writes
to).  A doorbell without a bell is heard as the kind CHANGED: somebody committed something
for this role.  In huey's thread mode, with none of huey's signal handlers.
"""
import contextlib
import fcntl
import os
import select
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import cbor2
from huey.api import Huey
from huey.consumer import Consumer as HueyConsumer
from huey.registry import Message
from huey.serializer import Serializer
from huey.storage import SqliteStorage

from mta.base.cbor import NotPlain, plain
from mta.base.errors import origin
from mta.base.events import Event, Journal
from mta.base.limits import LIMITS

#: What a handler hears when a doorbell rang without a bell.
CHANGED: Final = "changed"
#: What a handler hears once a minute if it asked for it.
TICK: Final = "tick"
#: Names of the two huey tasks, as they stand in jobs.db.
BELL_TASK: Final = "mta.store.bell.bell"
TICK_TASK: Final = "mta.store.bell.tick"
#: Seconds between looks at jobs.db if no doorbell rings: only the net.
NET: Final = 1.0

Handler = Callable[[str, int], None]
#: SQLite's primary result codes for a file that is damaged or is no database.
DAMAGED: Final = frozenset({11, 26})


class Refused(ValueError):
    """What lies in jobs.db was not put there by us."""


class BellSerializer(Serializer):  # type: ignore[misc]  # huey has no types
    """A huey Message of ours as the CBOR list [task name, kind, id], and back."""

    def _serialize(self, data: Any) -> bytes:
        if not isinstance(data, Message) or data.kwargs or data.eta is not None:
            raise Refused(f"only bells are carried, not {data!r}")
        return _pack(data.name, *data.args)

    def _deserialize(self, data: bytes) -> Message:
        name, *args = _unpack(bytes(data))
        return Message(None, name, args=tuple(args), kwargs={})


def _pack(name: str, *args: str | int) -> bytes:
    """The octets of a bell, always the same for the same bell; Refused if it is none."""
    octets = cbor2.dumps(_checked([name, *args]))
    if len(octets) > LIMITS.bell:
        raise Refused(f"{len(octets)} octets are too many for a bell")
    return octets


def _unpack(octets: bytes) -> list[str | int]:
    """The list [name] or [name, kind, id]; Refused if octets are anything else."""
    if len(octets) > LIMITS.bell:
        raise Refused(f"{len(octets)} octets are too many for a bell")
    try:
        return _checked(plain(octets))
    except NotPlain as problem:
        raise Refused(str(problem)) from None


def _checked(parts: object) -> list[str | int]:
    match parts:
        case [str(name)] if name == TICK_TASK:
            return [name]
        case [str(name), str(kind), int(ident)] if name == BELL_TASK and not isinstance(ident, bool):
            return [name, kind, ident]
        case _:
            raise Refused("no bell")


class BellBox(SqliteStorage):  # type: ignore[misc]  # huey has no types
    """huey's SQLite storage, reduced to one queue and made to wait on a doorbell.

    No results, no schedule, no revocation: rows of the truth do all that.
    """

    blocking = True
    ddl = (
        SqliteStorage.table_task,
        SqliteStorage.index_task,
        "create unique index if not exists task_once on task (queue, data)",
    )
    _insert = (
        "insert or ignore into task (queue, data, priority) select :queue, :data, 0 where coalesce("
        "(select max(id) from task where queue = :queue and priority = 0) - "
        "(select min(id) from task where queue = :queue and priority = 0), 0) < :room"
    )

    def __init__(self, name: str, *, path: Path, wait: int | None = None, pause: float = 0.0, trouble: Callable[[str], None]) -> None:
        self._path, self._doorbell, self._pause, self._trouble = path, wait, pause, trouble
        self._identity: tuple[int, int] | None = None
        self._owed = self._told = self._stopped = False
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC) if wait is not None else None
        super().__init__(name, filename=str(path), cache_mb=1, fsync=False, timeout=0.25, create_tables=False)

    # --- what huey calls ------------------------------------------------------------

    def enqueue(self, data: bytes, priority: float | None = None) -> None:
        """Put a bell in, unless the same one waits or the queue is full; sqlite3.Error if it cannot."""
        terms = {"queue": self.name, "data": data, "room": LIMITS.bells_waiting}
        self._carefully(lambda: self.sql(self._insert, terms))

    def dequeue(self) -> bytes | None:
        """Wait for the next bell and take it; None once the consumer was stopped."""
        if self._told and self._pause:
            self._sleep(self._pause, self._wake)
        self._told = False
        while not self._stopped:
            self._owed = self._hush() or self._owed
            try:
                data = self._carefully(super().dequeue)
            except sqlite3.Error as problem:
                self._trouble(str(problem))
                data = None
            if data is not None:
                return bytes(data)
            if self._owed:
                self._owed, self._told = False, True
                return _pack(BELL_TASK, CHANGED, 0)
            self._sleep(NET, self._doorbell, self._wake)
        return None

    def read_schedule(self, ts: object) -> list[bytes]:
        """Nothing: what is due later is a row of mta.store.schedule."""
        return []

    def peek_many(self, keys: object) -> dict[str, bytes]:
        """Nothing: bells are not revoked."""
        return {}

    def delete_data(self, key: object) -> bool:
        """Nothing to delete: no results are kept."""
        return False

    # --- waiting ----------------------------------------------------------------------

    def halt(self) -> None:
        """End the waiting; may be called from any thread."""
        self._stopped = True
        if self._wake is not None:
            os.eventfd_write(self._wake, 1)

    def release(self) -> None:
        """Close what is open."""
        self.close()
        if self._wake is not None:
            os.close(self._wake)
            self._wake = None

    def _sleep(self, seconds: float, *handles: int | None) -> None:
        poll = select.poll()
        for handle in handles:
            if handle is not None:
                poll.register(handle, select.POLLIN)
        poll.poll(seconds * 1000)

    def _hush(self) -> bool:
        """Read what waits in the doorbell; True if it had rung."""
        rung = False
        if self._doorbell is not None:
            with contextlib.suppress(BlockingIOError, InterruptedError):
                while os.read(self._doorbell, 64):
                    rung = True
        return rung

    # --- the file -------------------------------------------------------------------------

    def _carefully(self, action: Callable[[], Any]) -> Any:
        """action(), on the file that is there now, and once more on a new one if that is damaged."""
        if self._identity is not None and self._identity != _identity(self._path):
            self.close()    # somebody put another file in its place
        try:
            return action()
        except sqlite3.DatabaseError as problem:
            if problem.sqlite_errorcode & 0xFF not in DAMAGED:
                raise
            self._trouble(f"jobs.db is damaged and is made anew: {problem}")
        self._replace()
        return action()

    def _create_connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection = super()._create_connection()
        try:
            for statement in self.ddl:
                connection.execute(statement)
        except sqlite3.Error:
            self._identity = _identity(self._path)
            connection.close()
            raise
        self._identity = _identity(self._path)
        return connection

    def _replace(self) -> None:
        """Remove the damaged file, unless another process was quicker."""
        damaged = self._identity or _identity(self._path)
        self.close()
        with _locked(self._path.with_suffix(".lock")):
            if damaged == _identity(self._path):
                for suffix in ("-wal", "-shm", ""):
                    Path(f"{self._path}{suffix}").unlink(missing_ok=True)


def _identity(path: Path) -> tuple[int, int] | None:
    """What tells the file at path from another one that takes its place."""
    try:
        facts = path.stat()
    except FileNotFoundError:
        return None
    return facts.st_dev, facts.st_ino


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


class Bells(Huey):  # type: ignore[misc]  # huey has no types
    """The huey object of one role: one queue, our serializer, no results."""

    storage_class = BellBox

    def dequeue(self) -> Any:
        """The next task, or None; what is not ours is thrown away and noted."""
        try:
            return super().dequeue()
        except Refused as problem:
            self.storage._trouble(f"something that is no bell lay in jobs.db and was thrown away: {problem}")
            return None


class _Tasks(NamedTuple):
    """A role's huey object and its task."""

    bells: Bells
    bell: Callable[[str, int], Any]


def _make(role: str, handler: Handler, *, tick: bool = False, **box: Any) -> _Tasks:
    bells = Bells(role, results=False, serializer=BellSerializer(), **box)

    def bell(kind: str, ident: int) -> None:
        handler(kind, ident)

    def each_minute() -> None:
        handler(TICK, 0)

    task = bells.task(name="bell")(bell)
    if tick:
        bells.periodic_task(lambda now: True, name="tick")(each_minute)
    return _Tasks(bells, task)


class Bell:
    """Rings for other roles, and makes the consumer of one's own.

    directory holds jobs.db; doorbell(role) pokes a role's doorbell and never blocks.
    """

    def __init__(self, directory: Path, doorbell: Callable[[str], None], journal: Journal | None = None) -> None:
        self._path = directory / "jobs.db"
        self._doorbell, self._journal = doorbell, journal
        self._ringing: dict[str, _Tasks] = {}
        self._pid = os.getpid()

    def ring(self, role: str, kind: str, ident: int = 0) -> None:
        """Tell role to look at (kind, ident); after the commit, from any thread, never raises for the disk's sake."""
        try:
            self._of(role).bell(kind, ident)
        except (sqlite3.Error, OSError) as problem:
            self._trouble(str(problem))
        self._doorbell(role)

    def consumer(self, role: str, handler: Handler, wait: int, *, tick: bool = False, pause: float = 0.0) -> "Consumer":
        """What hears the bells of role: handler(kind, ident) is called in a thread and must return fast.

        wait is the readable end of the role's doorbell (non-blocking).  With tick the
        handler also hears (TICK, 0) at once and then every minute.  After each CHANGED
        it hears nothing for pause seconds: for roles that need not know of every commit.
        """
        tasks = _make(role, self._guarded(handler), tick=tick, path=self._path, trouble=self._trouble, wait=wait, pause=pause)
        return Consumer(tasks.bells, tick)

    def waiting(self, role: str) -> int:
        """How many bells wait for role; for the overview and for tests."""
        return int(self._of(role).bells.pending_count())

    def close(self) -> None:
        """Close what is open."""
        while self._ringing:
            self._ringing.popitem()[1].bells.storage.release()

    def _of(self, role: str) -> _Tasks:
        if self._pid != os.getpid():
            # Made before a fork: SQLite connections do not survive one.
            self._ringing, self._pid = {}, os.getpid()
        if role not in self._ringing:
            self._ringing[role] = _make(role, _deaf, path=self._path, trouble=self._trouble)
        return self._ringing[role]

    def _guarded(self, handler: Handler) -> Handler:
        def heard(kind: str, ident: int) -> None:
            try:
                handler(kind, ident)
            except Exception as problem:    # a handler's bug must not make the role deaf
                if self._journal is not None:
                    self._journal.note(Event.UNEXPECTED, where=origin(problem), problem=f"{kind} {ident}: {problem!r}")
        return heard

    def _trouble(self, problem: str) -> None:
        if self._journal is not None:
            self._journal.note(Event.STORE_TROUBLE, where="jobs.db", problem=problem)


def _deaf(kind: str, ident: int) -> None:
    """The handler of those who only ring."""


class _Quiet(HueyConsumer):  # type: ignore[misc]  # huey has no types
    """huey's consumer without its signal handlers: signals are the worker's business."""

    def _set_signal_handlers(self) -> None:
        """Install none."""


class Consumer:
    """One thread that hears bells, and one that ticks; both end with stop()."""

    def __init__(self, bells: Bells, tick: bool) -> None:
        self._bells = bells
        # huey looks for periodic tasks at each interval; twice a minute makes sure that
        # none is missed by a hair.
        self._huey = _Quiet(bells, workers=1, periodic=tick, scheduler_interval=30, check_worker_health=False, shutdown_timeout=5)

    def start(self) -> None:
        """Begin to hear."""
        self._huey.start()

    def stop(self) -> None:
        """Let the handler that runs finish (5 s at most), and hear no more."""
        self._huey.stop_flag.set()
        self._bells.storage.halt()
        if self._huey.scheduler.ident is not None:
            self._huey.stop(graceful=True)
        self._bells.storage.release()
