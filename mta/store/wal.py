"""The write-ahead log of pillarbox.db: when it is on disk, and how it is kept short.

A writer's COMMIT puts its pages into the log and makes them visible, with
synchronous=NORMAL: without a sync.  Log.sync() follows, after write.lock has been given
back, and nobody is told of success before it returned.  The promise is that of
synchronous=FULL, but a slow disk does not make the writers of several processes queue up
for one another's syncs (measured with 10 ms for each sync and five writers: 405 instead
of 191 commits of a message a second, 99th percentile 88 instead of 215 ms).  Why nothing
that was promised can be lost:

- A sync covers the whole file, so also every earlier commit, whoever made it.
- After a crash SQLite reads the log up to the first page that is not whole: what is lost
  is a tail of commits that nobody was told of.
- A checkpoint syncs the log before it copies pages from it, and the database before the
  log may start again, so pages leave the log only for where they are on disk.
- If a sync fails, the system may have dropped what it could not write, and the next sync
  would succeed without it.  Therefore the writer is in doubt, and commits nothing more
  until everything stands in the database file and the log starts anew (settle()).

SQLite would make its checkpoints within a commit, holding up every writer for two syncs
and all the pages.  Here another connection makes them while commits go on; what they
wrote meanwhile is little and is done under write.lock, so that the log is empty for a
moment and starts again at its beginning instead of growing.
"""
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import apsw

from mta.store.connection import Connection
from mta.store.disk import Disk
from mta.store.turn import Turn

#: Pages in the log from which on it is worth a checkpoint (4 KiB each).
WORTH: Final = 6_000


class Log:
    """The log as one writing connection sees it."""

    def __init__(self, db: Connection, disk: Disk) -> None:
        self._path, self._disk = db.filename_wal, disk
        self._file = -1

    def sync(self) -> None:
        """Bring all commits so far to disk; OSError leaves them in doubt."""
        if self._file < 0:
            # While db is open nobody removes this file, so it is the one db writes to.
            self._file = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
        self._disk.data(self._file)

    def close(self) -> None:
        """Give the descriptor back, before or after db is closed."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def settle(db: Connection) -> None:
    """End the doubt after a failed sync, with write.lock held: apsw.Error if it stays."""
    db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)


class Checkpointer:
    """Empties the log beside the commits.  One per process; run() by one thread at a time."""

    def __init__(self, connect: Callable[[], Connection], lock: Path) -> None:
        self._connect, self._turn = connect, Turn(lock)
        self._db: Connection | None = None

    def run(self) -> None:
        """Empty the log, if nobody else is at it.  Trouble (a full disk) is left to the next time: the log is safe where it is."""
        try:
            if self._db is None:
                self._db = self._connect()
            self._db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
            with self._turn:
                self._db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
        except (apsw.Error, OSError):
            self.close()

    def close(self) -> None:
        """Close the connection; run() would open a new one."""
        db, self._db = self._db, None
        if db is not None:
            db.close(True)
        self._turn.close()
