"""How often something happened, by network and window of time, for all processes together.

Counting must cost the receiving path next to nothing: what happens is added in memory and
merged into trace.db within a second; what others added is read again when our knowledge
of it is older than that.  So a limit may be passed by what happens within one second in
the other processes, which is what limits on strangers can afford.

A Counts is the Tally of mta.judge.rates.  Counts are evidence, not truth: they vanish
with trace.db, and where they are too many the ones that expire first go.
"""
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import apsw

from mta.base.clock import Clock
from mta.base.events import Event, Journal
from mta.base.limits import LIMITS
from mta.store.batcher import Batcher
from mta.store.connection import Connection, connect, mark_if_damaged, value

#: Seconds until what we added is merged, and after which what others added is read again.
FRESH: Final = 1.0
#: Seconds between two complaints about the file.
GRUMBLE: Final = 60.0
MERGE: Final = """
    INSERT INTO rate (kind, subject, slot, hits, expires) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (kind, subject, slot) DO UPDATE SET hits = hits + excluded.hits RETURNING hits
"""


@dataclass(slots=True)
class Count:
    """One row as this process knows it: read from the file, being written, not yet written."""

    read: int
    read_at: float
    written: int = 0
    added: int = 0
    expires: float = 0.0


Key = tuple[str, str, int]


class Counts:
    """The shared counts; safe to use from every thread.  Made after the fork."""

    def __init__(self, path: Path, clock: Clock, journal: Journal | None = None) -> None:
        self._path, self._clock, self._journal = path, clock, journal
        self._known: dict[Key, Count] = {}
        self._dirty: set[Key] = set()
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._reader: Connection | None = None
        self._writer: Connection | None = None
        self._silent_until = 0.0
        self._batcher = Batcher("counts", self.flush, FRESH)

    def add(self, kind: str, keys: Sequence[str], window: float) -> None:
        """Something happened to each of keys."""
        now = self._clock.timestamp()
        slot = int(now // window)
        name = f"{kind}/{window:g}"
        with self._lock:
            self._bound()
            for key in keys:
                row = name, key, slot
                count = self._known.get(row)
                if count is None:
                    # Not read yet: -1 lets the next question read it.
                    count = self._known[row] = Count(0, -FRESH)
                count.added += 1
                count.expires = (slot + 2) * window
                self._dirty.add(row)
        self._batcher.poke()

    def counts(self, kind: str, keys: Sequence[str], window: float) -> list[float]:
        """How often it happened to each of keys within the last window seconds, about.

        This slot of time, and the share of the one before that still lies in the window.
        """
        slot, passed = divmod(self._clock.timestamp(), window)
        share, name, moment = 1.0 - passed / window, f"{kind}/{window:g}", self._clock.monotonic()
        with self._lock:
            self._bound()
            return [
                self._count((name, key, int(slot)), moment) + share * self._count((name, key, int(slot) - 1), moment)
                for key in keys]

    def flush(self) -> None:
        """Merge what was added into the file, and learn what others added."""
        with self._writing:
            with self._lock:
                rows = list(self._dirty)
                self._dirty.clear()
                for row in rows:
                    count = self._known[row]
                    count.written, count.added = count.added, 0
            if rows:
                self._settle(rows, self._merge(rows))

    def prune(self, limit: int = 1_000) -> int:
        """Forget up to limit rows that have expired, or that are too many; returns how many."""
        with self._writing:
            db = self._write_connection()
            surplus = value(db, "SELECT count(*) FROM rate") - LIMITS.rate_rows
            db.execute("DELETE FROM rate WHERE (kind, subject, slot) IN (SELECT kind, subject, slot FROM rate WHERE expires < ? LIMIT ?)",
                       (self._clock.timestamp(), limit))
            gone = db.changes()
            if surplus > gone:
                db.execute(
                    "DELETE FROM rate WHERE (kind, subject, slot) IN (SELECT kind, subject, slot FROM rate ORDER BY expires LIMIT ?)",
                    (min(limit, surplus - gone),))
                gone += db.changes()
            return gone

    def close(self) -> None:
        """Write what is left and close."""
        self._batcher.close()
        for db in (self._reader, self._writer):
            if db is not None:
                db.close()
        self._reader = self._writer = None

    # --- below the lock -------------------------------------------------------------------

    def _count(self, row: Key, moment: float) -> int:
        count = self._known.get(row)
        if count is None:
            count = self._known[row] = Count(0, moment - FRESH)
        if moment - count.read_at >= FRESH and not count.written:
            count.read, count.read_at = self._read(row), moment
        return count.read + count.written + count.added

    def _read(self, row: Key) -> int:
        try:
            if self._reader is None:
                self._reader = connect(self._path, synchronous="OFF", query_only=True)
            return int(value(self._reader, "SELECT hits FROM rate WHERE kind = ? AND subject = ? AND slot = ?", row, 0))
        except apsw.Error as problem:
            self._trouble(problem)
            return 0

    def _bound(self) -> None:
        """Do not know more rows than LIMITS.rate_keys: forget those that are read again easily."""
        if len(self._known) >= LIMITS.rate_keys:
            self._known = {row: count for row, count in self._known.items() if count.added or count.written}
            if len(self._known) >= LIMITS.rate_keys:
                self._known, self._dirty = {}, set()

    # --- the file ---------------------------------------------------------------------------

    def _merge(self, rows: Sequence[Key]) -> dict[Key, int]:
        """Add to the rows of the file; their new values, or nothing if that failed."""
        merged: dict[Key, int] = {}
        try:
            db = self._write_connection()
            db.execute("BEGIN IMMEDIATE")
            for row in rows:
                count = self._known.get(row)
                if count is not None:
                    merged[row] = value(db, MERGE, (*row, count.written, count.expires))
            db.execute("COMMIT")
        except apsw.Error as problem:
            if self._writer is not None and self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            self._trouble(problem)
            return {}
        return merged

    def _settle(self, rows: Sequence[Key], merged: dict[Key, int]) -> None:
        moment = self._clock.monotonic()
        with self._lock:
            for row in rows:
                count = self._known.get(row)
                if count is None:
                    continue
                if row in merged:
                    count.read, count.read_at, count.written = merged[row], moment, 0
                else:
                    count.added, count.written = count.added + count.written, 0
                    self._dirty.add(row)

    def _write_connection(self) -> Connection:
        if self._writer is None:
            self._writer = connect(self._path, synchronous="OFF")
        return self._writer

    def _trouble(self, problem: apsw.Error) -> None:
        mark_if_damaged(self._path, problem)
        now = self._clock.monotonic()
        if self._journal is not None and now >= self._silent_until:
            self._silent_until = now + GRUMBLE
            self._journal.note(Event.STORE_TROUBLE, where="trace.db", problem=str(problem))
