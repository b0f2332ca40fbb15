"""Does the write-ahead log beside pillarbox.db belong to it?

SQLite takes whatever log lies beside a database for its own.  Who copies an old database
over a newer one and leaves the log there would get a mixture of both.  Therefore each
database has a number of its own, in the field application_id of its header, and the file
pillarbox.db.stamp says which one was used here last.  Copies in backups have the number 0.

The header is at a fixed place and every image of it in the log has the same number, so no
crash can make it differ: the number is in the database file, synced, before the stamp says so.
"""
import os
import struct
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

import apsw

from mta.base.clock import Clock
from mta.base.tokens import secret_octets
from mta.store.disk import sync_file, sync_folder

#: Where application_id is in the header of a database file, as four octets, the first one the highest.
PLACE: Final = 68


def check(path: Path, clock: Clock) -> list[str]:
    """Put a log aside that is not that of the database at path; a line for what was done.  Nobody else has it open."""
    log = path.with_name(path.name + "-wal")
    if not _is_database(path) or known(path) or not log.exists() or not log.stat().st_size or not _stamp(path).exists():
        return []
    aside = path.with_name(f"{log.name}.foreign-{clock.now():%Y%m%d%H%M%S}")
    os.rename(log, aside)
    path.with_name(path.name + "-shm").unlink(missing_ok=True)
    return [f"{path.name} was put here from elsewhere, and the log of the one before it lay beside it: that is {aside.name} now"]


def known(path: Path) -> bool:
    """Whether the database at path is the one that was used here last."""
    try:
        number = _number(path)
        return bool(number) and _stamp(path).read_text("ascii").strip() == f"{number:08x}"
    except (OSError, ValueError):
        return False


def renew(path: Path) -> None:
    """Give the database at path a number, unless it has its own.  Nobody else has it open."""
    if known(path):
        return
    number = 1 + int.from_bytes(secret_octets(4), "big") % (2**31 - 1)
    with closing(apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute(f"PRAGMA application_id={number}")
        busy, _, _ = next(iter(db.execute("PRAGMA wal_checkpoint(TRUNCATE)")))
    if busy or _number(path) != number:
        forget(path)
        return
    sync_file(path)
    new = path.with_name(_stamp(path).name + ".new")
    new.unlink(missing_ok=True)
    file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(file, f"{number:08x}\n".encode())
        os.fsync(file)
    finally:
        os.close(file)
    os.replace(new, _stamp(path))
    sync_folder(path.parent)


def forget(path: Path) -> None:
    """From now on any log is taken for the database's own."""
    with suppress(FileNotFoundError):
        _stamp(path).unlink()


def _stamp(path: Path) -> Path:
    return path.with_name(path.name + ".stamp")


def _is_database(path: Path) -> bool:
    """Whether it begins like one: of one that is damaged there, nothing can be said."""
    try:
        with open(path, "rb") as file:
            return file.read(16) == b"SQLite format 3\0"
    except FileNotFoundError:
        return False


def _number(path: Path) -> int:
    with open(path, "rb") as file:
        file.seek(PLACE)
        return int(struct.unpack(">I", file.read(4))[0]) if os.fstat(file.fileno()).st_size > PLACE + 4 else 0
