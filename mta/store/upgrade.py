"""Upgrades of the databases: what one would do, tried on copies; and the way back.

prepare() (mta.store.migrate) is the upgrade itself: it never changes a database in place,
and leaves the old one beside it as NAME.before-N.  rehearse() does all of it with copies
somewhere else, while a server may run.  roll_back() puts the old ones back.  What came
since is in the newer database alone, which is kept as NAME.after-N; its mail files are
linked to a folder of their own, since the older database does not know of them and the
sweep of a server would take them for leftovers.
"""
import os
import shutil
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import apsw

from mta.base.clock import Clock
from mta.base.errors import NotFound, SetupError
from mta.store import stamp
from mta.store.backup import copy_database
from mta.store.connection import value
from mta.store.database import Store, hold_open
from mta.store.disk import sync_folder
from mta.store.migrate import BESIDE, Plan, prepare
from mta.store.migrations import DATABASES, newest
from mta.store.verify import problems

SCRATCH: Final = "migrate.tmp"


@dataclass(frozen=True, slots=True)
class Change:
    """One database: the schema it has, the one that this program wants, and its octets."""

    database: str
    schema: int
    wanted: int
    size: int


@dataclass(frozen=True, slots=True)
class WayBack:
    """What was rolled back: databases with their schema now; messages that the older one does not know, and where their files are."""

    databases: tuple[tuple[str, int], ...]
    messages: int
    files: Path | None


def pending(directory: Path) -> list[Change]:
    """What there is to migrate; SetupError if there is no server in directory."""
    if not (directory / "pillarbox.db").exists():
        raise SetupError(f"{directory} holds no mail store")
    found = []
    for name in DATABASES:
        path = directory / name
        if path.exists():
            version, wanted = _version(path), newest(name)
            if version != wanted:
                found.append(Change(name, version, wanted, path.stat().st_size))
    return found


def rehearse(directory: Path, clock: Clock, plan: Plan | None = None) -> list[str]:
    """Migrate copies of the databases, and check that they agree with themselves; what was done, in lines.  SetupError if it would fail."""
    plan, scratch = plan or Plan(), directory / SCRATCH
    shutil.rmtree(scratch, ignore_errors=True)
    sizes = sum((directory / name).stat().st_size for name in DATABASES if (directory / name).exists())
    free = shutil.disk_usage(directory).free
    if free < 4 * sizes + plan.spare:
        raise SetupError(f"trying the upgrade needs {(4 * sizes + plan.spare) / 1e6:.0f} MB of room, "
                         f"{free / 1e6:.0f} MB are free in {directory}")
    try:
        scratch.mkdir(mode=0o700)
        for name in DATABASES:
            if (directory / name).exists():
                copy_database(directory / name, scratch / name)
        done = prepare(scratch, clock, plan)
        store = Store.open(scratch, clock)
        try:
            wrong = problems(store, bodies=False)
        finally:
            store.close()
        if wrong:
            raise SetupError("the upgraded copy does not agree with itself: " + "; ".join(wrong[:5]))
        return done
    except OSError as problem:
        raise SetupError(f"{scratch}: {problem.strerror}") from problem
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def roll_back(directory: Path) -> WayBack:
    """Put back the databases from before the last upgrade.  NotFound if there are none; SetupError if somebody has them open."""
    try:
        lock = hold_open(directory, "exclusive")
    except SetupError:
        raise SetupError(f"{directory} is in use: stop the server (`pillarbox stop`) and other pillarbox commands first") from None
    try:
        chosen = [(name, number) for name in DATABASES if (number := _upgraded(directory / name))]
        if not any(name == "pillarbox.db" for name, _ in chosen):
            raise NotFound(f"{directory} has no database from before an upgrade (pillarbox.db.before-{newest('pillarbox.db')})")
        for name, _ in chosen:
            _merge_log(directory / name)
        count, files = _keep_newer_mail(directory, dict(chosen)["pillarbox.db"])
        stamp.forget(directory / "pillarbox.db")
        done = []
        for name, number in reversed(chosen):    # the one that decides goes last
            path = directory / name
            after = path.with_name(f"{name}.after-{number}")
            os.replace(path, after)
            for suffix in BESIDE:
                path.with_name(name + suffix).unlink(missing_ok=True)
            os.replace(path.with_name(f"{name}.before-{number}"), path)
            done.append((name, _version(path)))
        sync_folder(directory)
        return WayBack(tuple(reversed(done)), count, files)
    finally:
        os.close(lock)


def _upgraded(path: Path) -> int:
    """The schema of the database at path, if the one from before its last upgrade is beside it; else 0."""
    if not path.exists():
        return 0
    version = _version(path)
    return version if path.with_name(f"{path.name}.before-{version}").exists() else 0


def _keep_newer_mail(directory: Path, number: int) -> tuple[int, Path | None]:
    """Link the bodies that only the newer database knows to a folder that no sweep looks into; how many, and where."""
    new, old = directory / "pillarbox.db", directory / f"pillarbox.db.before-{number}"
    with closing(apsw.Connection(str(new), flags=apsw.SQLITE_OPEN_READWRITE)) as db:
        db.execute("ATTACH ? AS old", (str(old),))
        names = [row[0] for row in db.execute(
            "SELECT name FROM body WHERE name NOT IN (SELECT name FROM old.body) AND id IN (SELECT body_id FROM message) ORDER BY name")]
    if not names:
        return 0, None
    folder = directory / f"mail.after-{number}"
    for name in names:
        target = folder / name
        for each in (folder, target.parent):
            each.mkdir(mode=0o700, exist_ok=True)
        with suppress(FileExistsError):
            os.link(directory / "mail" / name, target)
    return len(names), folder


def _merge_log(path: Path) -> None:
    with closing(apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _version(path: Path) -> int:
    try:
        with closing(apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)) as db:
            db.set_busy_timeout(5_000)
            return int(value(db, "PRAGMA user_version"))
    except apsw.Error as problem:
        raise SetupError(f"{path} cannot be read: {problem}") from problem
