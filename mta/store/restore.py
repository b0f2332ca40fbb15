"""Take a data directory out of a backup.

unpack() writes one to a folder, every file compared with the manifest before it is taken.
whole() puts it in the place of the one that is there, which is moved aside and not removed:
its entries go to replaced-TIME in the data directory.  While that is done a file says so;
who finds it at a start is told to give the command once more.

The queue of a backup may have been delivered since: what whole() brings back is held until
somebody looks.  Numbers that programs know mail by go on well above those of the backup, so
that none is given twice: programs that read mail find out by themselves what is gone.
"""
import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Final

import apsw

from mta.base.clock import Clock
from mta.base.errors import SetupError, TemporaryError
from mta.store import archive, sealing
from mta.store.archive import Backup
from mta.store.backup import WORK
from mta.store.bodies import NO_ROOM
from mta.store.connection import value
from mta.store.database import Store, hold_open
from mta.store.disk import sync_folder
from mta.store.migrate import RESTORING, prepare
from mta.store.migrations import newest

NEW: Final = "restore.tmp"
#: Where databases of a backup are looked at while mail is brought back, and while somebody browses.
LOOK, BROWSE = "look.tmp", "browse.tmp"
#: Says which backup those are of.
MARK: Final = "backup"
#: Tenths of a second that one who browses waits for another; seconds after which what they left is removed.
BROWSE_WAIT, BROWSE_AGE = 100, 900.0
#: By how much numbers jump: more than can have been given out since the backup.
JUMP: Final = 1_000_000

Wait = Callable[[float], bool]


def no_wait(seconds: float) -> bool:
    """For those who are not in a hurry to end."""
    return False


def unpack(backup: Backup, target: Path, secret: str | None = None, *, link: bool = False, wait: Wait = no_wait,
           only: tuple[str, ...] = ()) -> list[str]:
    """Write the backup's data directory to target, a new folder; what was wrong, a sentence for each file.

    link: mail files become links into the backup where that can be; only for who changes nothing.
    only: those files alone ("pillarbox.db").  SetupError if the place or the key does not do.
    """
    if backup.facts.recipient:
        secret = archive.need(backup, secret)
    wrong: list[str] = []
    try:
        target.mkdir(mode=0o700)
        for stored, digest in backup.entries():
            path = stored.removesuffix(sealing.SUFFIX) if backup.facts.recipient else stored
            name = path.removeprefix("data/")
            if name == path or (only and name not in only):
                continue
            if wait(0.0):
                raise TemporaryError("broken off")
            try:
                if archive.sha256(backup.path / stored) != digest:
                    wrong.append(f"{stored} in the backup is damaged; it was left out")
                    continue
            except OSError as problem:
                wrong.append(f"{stored} cannot be read from the backup ({problem.strerror}); it was left out")
                continue
            archive.make_folders(target, (target / name).parent)
            _write(backup, path, target / name, secret, link and name.startswith("mail/") and not backup.facts.recipient)
        for folder in [target, *(each for each in target.rglob("*") if each.is_dir())]:
            sync_folder(folder)
    except OSError as problem:
        full = " (there is no room)" if problem.errno in NO_ROOM else ""
        raise SetupError(f"{target} cannot be written: {problem.strerror}{full}") from problem
    return wrong


def whole(backup: Backup, directory: Path, secret: str | None, now: float, wait: Wait = no_wait) -> list[str]:
    """Put the backup in the place of the data directory, which nobody may have open; what was wrong with files of it.

    SetupError if a server or command has it open, if there is no room, or if the backup's
    databases cannot be used; then all is as it was.
    """
    check_version(backup)
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = _alone(directory)
    try:
        new = directory / NEW
        shutil.rmtree(new, ignore_errors=True)
        free = shutil.disk_usage(directory).free
        if free < backup.facts.total:
            raise SetupError(f"{directory} has {free / 1e6:.0f} MB free, the backup needs {backup.facts.total / 1e6:.0f} MB")
        try:
            wrong = unpack(backup, new, secret, wait=wait)
            for folder in ("mail", "mail/tmp", "keys", "tls"):
                (new / folder).mkdir(mode=0o700, exist_ok=True)
            _settle(new / "pillarbox.db")
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            raise
        _switch(directory, new, now)
        return wrong
    except OSError as problem:
        raise SetupError(f"{problem.filename or directory}: {problem.strerror}") from problem
    finally:
        os.close(lock)


@contextmanager
def inside(directory: Path, clock: Clock, backup: Backup, secret: str | None, *, browse: bool = False) -> Iterator[Store]:
    """The databases of a backup, without its mail files, as a store of this version, within the data directory.

    SetupError if they cannot be used; TemporaryError if somebody else is looking into one.  browse: for who looks and looks
    again; they stay there for the next one, until clear(), and whoever comes meanwhile waits for a moment.
    """
    scratch = directory / (BROWSE if browse else LOOK)
    lock = os.open(scratch.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _hold(lock, BROWSE_WAIT if browse else 0)
        mark = scratch / MARK
        # A program that was changed meanwhile wants other databases than the one before it.
        here = f"{backup.facts.manifest} {newest('pillarbox.db')}"
        if not (browse and mark.exists() and mark.read_text("utf-8") == here):
            shutil.rmtree(scratch, ignore_errors=True)
            wrong = unpack(backup, scratch, secret, only=("pillarbox.db",))
            if wrong or not (scratch / "pillarbox.db").exists():
                raise SetupError(wrong[0] if wrong else f"{backup.path} has no pillarbox.db in it")
            prepare(scratch, clock)
        store = Store.open(scratch, clock)
        try:
            yield store
        finally:
            store.close()
        if browse:
            mark.write_text(here, "utf-8")
        else:
            shutil.rmtree(scratch, ignore_errors=True)
    finally:
        os.close(lock)


def clear(directory: Path, now: float) -> bool:
    """Remove what browsing left, if nobody has looked for a while; whether something was removed."""
    scratch = directory / BROWSE
    if not scratch.exists():
        return False
    lock = os.open(scratch.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _hold(lock, 0)
        mark = scratch / MARK
        if mark.exists() and abs(now - mark.stat().st_mtime) < BROWSE_AGE:
            return False
        shutil.rmtree(scratch, ignore_errors=True)
        return True
    except TemporaryError:
        return False
    finally:
        os.close(lock)


def _hold(lock: int, tries: int) -> None:
    """Take a lock, after so many waits of a tenth of a second at most."""
    for left in range(tries, -1, -1):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if not left:
                raise TemporaryError("somebody else is looking into a backup; try again when that is done") from None
            Event().wait(0.1)


def check_version(backup: Backup) -> None:
    """SetupError if the backup's main database is missing from it."""
    if not any(path.removesuffix(sealing.SUFFIX) == "data/pillarbox.db" for path, _ in backup.entries()):
        raise SetupError(f"{backup.path} has no pillarbox.db in it")


def _alone(directory: Path) -> int:
    try:
        return hold_open(directory, "exclusive")
    except SetupError:
        raise SetupError(f"{directory} is in use: stop the server (`pillarbox stop`) and other pillarbox commands first") from None


def _write(backup: Backup, path: str, target: Path, secret: str | None, link: bool) -> None:
    if link:
        with suppress(OSError):
            os.link(backup.path / path, target)
            return
    out = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        for piece in archive.content(backup, path, secret):
            view = memoryview(piece)
            while view:
                view = view[os.write(out, view):]
        os.fsync(out)
    finally:
        os.close(out)


def _settle(path: Path) -> None:
    """Make a database out of a backup fit to go on with."""
    try:
        with closing(apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)) as db:
            found = [str(row[0]) for row in db.execute("PRAGMA quick_check(3)") if row[0] != "ok"]
            if found:
                raise SetupError(f"the database in the backup is damaged: {'; '.join(found)}")
            version = value(db, "PRAGMA user_version")
            if version > newest("pillarbox.db"):
                raise SetupError(f"the backup was made by a newer Pillarbox (schema {version}); install that version to restore it")
            db.execute(f"""
                BEGIN;
                UPDATE queue_recipient SET held = 1, claimed_by = NULL, claimed_until = NULL;
                UPDATE account SET modseq = modseq + {JUMP}, forgotten_modseq = modseq + {JUMP};
                DELETE FROM change;
                UPDATE mailbox SET uidnext = min(uidnext + {JUMP}, 4294967295);
                UPDATE sqlite_sequence SET seq = seq + {JUMP} WHERE name IN ('message', 'queue_message', 'queue_recipient');
                COMMIT;
            """)
    except apsw.Error as problem:
        raise SetupError(f"the database in the backup cannot be used: {problem}") from problem


def _switch(directory: Path, new: Path, now: float) -> None:
    """Move what is there aside and the new in; a mark says that this is not finished."""
    mark = directory / RESTORING
    mark.touch(mode=0o600)
    sync_folder(directory)
    aside = directory / f"replaced-{datetime.fromtimestamp(now, UTC):%Y-%m-%dT%H%M%SZ}"
    while aside.exists():
        aside = aside.with_name(aside.name + "+")
    aside.mkdir(mode=0o700)
    for entry in list(directory.iterdir()):
        if entry not in (mark, new, aside) and not entry.name.endswith(".lock") and not entry.name.startswith(("replaced-", WORK)):
            os.rename(entry, aside / entry.name)
    for entry in list(new.iterdir()):
        os.rename(entry, directory / entry.name)
    new.rmdir()
    sync_folder(aside)
    sync_folder(directory)
    mark.unlink()
    sync_folder(directory)
