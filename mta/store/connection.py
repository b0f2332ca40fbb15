"""One SQLite connection of ours, and how a file is opened.

Everybody who opens one of our databases does it through connect(), so
that all of them use the SQLite that apsw carries, with the same settings.
"""
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

import apsw

#: Milliseconds that a statement waits for a lock.  Writers queue at write.lock before
#: they begin, so this is only for the recovery after a crash and for foreign programs.
BUSY_WAIT = 5_000
#: Octets that the file of a write-ahead log keeps once it starts again at its beginning.
LOG_KEPT = 32 * 1024 * 1024
#: KiB of pages that a connection keeps: a process has half a dozen of them, and the system has the pages too.
PAGES_KEPT = 1_000
#: What SQLite says when the machine, and not the statement, is to blame.
TROUBLE = (apsw.BusyError, apsw.LockedError, apsw.FullError, apsw.IOError, apsw.CantOpenError, apsw.NoMemError, apsw.CorruptError,
           apsw.NotADBError)
#: Prepared statements kept for each connection.
STATEMENTS = 250


class Connection(apsw.Connection):
    """A connection that collects in `touched` which roles' doorbells its commit must ring.

    After watch_log(), `log_pages` tells how long the write-ahead log is since the last
    commit; SQLite then makes no checkpoints by itself.
    """

    def __init__(self, path: str, flags: int) -> None:
        super().__init__(path, flags=flags, statementcachesize=STATEMENTS)
        self.touched: set[str] = set()
        self.log_pages = 0

    def watch_log(self) -> None:
        """Leave checkpoints to somebody else."""
        self.set_wal_hook(_note_log)


def _note_log(db: apsw.Connection, name: str, pages: int) -> int:
    assert isinstance(db, Connection)
    db.log_pages = pages
    return apsw.SQLITE_OK


def connect(path: Path, *, synchronous: Literal["FULL", "NORMAL", "OFF"] = "FULL", query_only: bool = False) -> Connection:
    """Open the existing database file at path, in WAL mode; apsw.CantOpenError if there is none."""
    db = Connection(str(path), apsw.SQLITE_OPEN_READWRITE)
    db.set_busy_timeout(BUSY_WAIT)
    db.execute(f"""
        PRAGMA journal_mode=WAL;
        PRAGMA synchronous={synchronous};
        PRAGMA foreign_keys=ON;
        PRAGMA temp_store=MEMORY;
        PRAGMA journal_size_limit={LOG_KEPT};
        PRAGMA cache_size=-{PAGES_KEPT};
        PRAGMA query_only={int(query_only)};
    """, can_cache=False).fetchall()
    return db


def one(db: apsw.Connection, sql: str, params: Sequence[Any] = ()) -> tuple[Any, ...] | None:
    """The first row of the answer, or None."""
    for row in db.execute(sql, params):
        return row    # type: ignore[no-any-return]  # apsw types rows as Any
    return None


def value(db: apsw.Connection, sql: str, params: Sequence[Any] = (), default: Any = None) -> Any:
    """The first column of the first row, or default."""
    for row in db.execute(sql, params):
        return row[0]
    return default


def damage_mark(path: Path) -> Path:
    """The file that says that the database at path is damaged: the next start of the server puts it aside.

    Only for databases that hold nothing that could not come again.
    """
    return path.with_name(path.name + ".is-damaged")


def mark_if_damaged(path: Path, problem: apsw.Error) -> None:
    """Leave that mark if problem says so; a power failure may do that to a database with weaker promises."""
    if isinstance(problem, apsw.CorruptError | apsw.NotADBError):
        with suppress(OSError):
            damage_mark(path).touch(mode=0o600)
