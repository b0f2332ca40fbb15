"""A database that is made from the truth and can be made anew: read by many, written by one at a time.

Promises are weak (synchronous=NORMAL): after a power failure it may be some transactions
older, which is why its owner keeps in it how far it has come.  One that is found damaged
is marked, and put aside at the next start.
"""
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import apsw

from mta.base.errors import TemporaryError
from mta.store.connection import Connection, connect, mark_if_damaged

#: SQLite's own choice for log_pages.
LOG_PAGES: Final = 1_000


class Derived:
    """The connections of one process to such a file; safe to use from every thread.  Made after the fork.

    name is what people call it.  prepare makes a new connection ready for asking, before it
    is forbidden to write.  log_pages is the length of the write-ahead log (pages of 4 KiB)
    from which on a commit copies it into the file: 1 keeps what readers want in the file,
    where they find it faster; with more, pages that change again and again are copied less often.
    """

    def __init__(self, path: Path, name: str, prepare: Callable[[Connection], object] | None = None, *, log_pages: int = LOG_PAGES) -> None:
        self._path, self._name, self._prepare, self._log_pages = path, name, prepare, log_pages
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._idle: list[Connection] = []
        self._writer: Connection | None = None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to ask one question; TemporaryError if it cannot be read."""
        try:
            with self._lock:
                db = self._idle.pop() if self._idle else None
            db = db or self._connect_reader()
            yield db
            with self._lock:
                self._idle.append(db)
        except apsw.Error as problem:
            mark_if_damaged(self._path, problem)
            raise TemporaryError(f"{self._name} cannot be read: {problem}") from problem

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A write transaction, committed unless something is raised; TemporaryError if it cannot be written."""
        try:
            with self._writing:
                if self._writer is None:
                    self._writer = connect(self._path, synchronous="NORMAL")
                    self._writer.wal_autocheckpoint(self._log_pages)
                db = self._writer
                db.execute("BEGIN IMMEDIATE")
                try:
                    yield db
                except BaseException:
                    db.execute("ROLLBACK")
                    raise
                db.execute("COMMIT")
        except apsw.Error as problem:
            mark_if_damaged(self._path, problem)
            raise TemporaryError(f"{self._name} cannot be written: {problem}") from problem

    def close(self) -> None:
        """Close what is open."""
        with self._lock:
            connections, self._idle = self._idle, []
        if self._writer is not None:
            connections.append(self._writer)
            self._writer = None
        for db in connections:
            db.close()

    def _connect_reader(self) -> Connection:
        db = connect(self._path, synchronous="NORMAL")
        if self._prepare:
            self._prepare(db)
        db.execute("PRAGMA query_only=1")
        return db
