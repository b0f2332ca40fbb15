"""Make a data directory ready: create it, or bring an old one to the current schema.

prepare() runs in a process of its own before any role starts, and in commands that make a
server.  It is quick when nothing is to do.  A database with an old schema is never changed
in place: it is copied, the copy is migrated, verified and synced, and only then put in
its place; the old one stays beside it as NAME.before-N.

schema.sql is the whole current schema.  In a checkout it lies beside the package mta; in
an installed distribution it is the package's data (mta/store/schema.sql).
"""
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import apsw

from mta.base.clock import Clock
from mta.base.errors import SetupError
from mta.base.tokens import secret_octets
from mta.store import stamp
from mta.store.connection import damage_mark, mark_if_damaged, one, value
from mta.store.database import hold_open, newer
from mta.store.disk import sync_file, sync_folder
from mta.store.migrations import DATABASES, STEPS, Step, newest

#: Databases that hold nothing that could not come again: a broken one is put aside.
EXPENDABLE = frozenset({"trace.db", "search.db", "learned.db"})
#: Settings that exist from the start, each with its number of random octets.
SECRETS = {"false_salt": 32, "subject_pass": 32, "return_path": 32}

#: What SQLite keeps beside a database while it is open.
BESIDE = ("-wal", "-shm", "-journal")
#: The file that says that a restore is under way (mta.store.restore).
RESTORING = "restoring"
#: How SQLite says that a file is no good.
DAMAGE = (apsw.NotADBError, apsw.CorruptError)
SECTION = re.compile(r"^-- database: (\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Plan:
    """Where a migration leads: by which steps, to which schema.sql (None: ours), with how many octets to spare.

    beside_mail: a database that is missing may be made although there are mail files, of which it then knows nothing.
    """

    steps: tuple[Step, ...] = STEPS
    text: str | None = None
    spare: int = 32 * 1024 * 1024
    beside_mail: bool = False


def prepare(directory: Path, clock: Clock, plan: Plan = Plan()) -> list[str]:
    """Create or migrate everything below directory; returns a line for each thing done.

    SetupError if there is no room (with figures), if a database is from a newer program
    or not ours, or if a migration is needed while somebody has the databases open.
    """
    done = []
    try:
        if not directory.exists():
            directory.mkdir(mode=0o700, parents=True)
            done.append(f"created {directory}")
        for folder in ("mail", "mail/tmp", "keys", "tls"):
            (directory / folder).mkdir(mode=0o700, exist_ok=True)
        if (directory / RESTORING).exists():
            raise SetupError(f"{directory} is in the middle of a restore that was cut off: give `pillarbox restore` once more")
        done += _own_log(directory, clock)
        _mark_damaged(directory)
        done += _put_damaged_aside(directory, clock)
        lock = hold_open(directory, "shared")
        try:
            # A damaged one that somebody has open stays until all have closed it: nothing dear is in it.
            stale = [name for name in DATABASES if not damage_mark(directory / name).exists()
                     and _version(directory / name, plan) != newest(name, plan.steps)]
        finally:
            os.close(lock)
        if stale:
            lock = hold_open(directory, "exclusive")
            try:
                for name in stale:
                    done += _bring_up(directory / name, plan, clock)
            finally:
                os.close(lock)
        _renew_stamp(directory)
    except OSError as problem:
        raise SetupError(f"the data directory {directory} cannot be made ready: {problem.strerror}: {problem.filename}") from problem
    except apsw.Error as problem:
        raise SetupError(f"the databases in {directory} cannot be made ready: {problem}") from problem
    return done


def _own_log(directory: Path, clock: Clock) -> list[str]:
    """See that the log beside pillarbox.db is its own (mta.store.stamp), unless somebody has it open."""
    path = directory / "pillarbox.db"
    if stamp.known(path) or not path.exists():
        return []
    try:
        lock = hold_open(directory, "exclusive")
    except SetupError:
        stamp.forget(path)    # whoever has it open writes to that log
        return []
    try:
        return stamp.check(path, clock)
    finally:
        os.close(lock)


def _renew_stamp(directory: Path) -> None:
    if not stamp.known(directory / "pillarbox.db"):
        try:
            lock = hold_open(directory, "exclusive")
        except SetupError:
            return    # the next start will do
        try:
            stamp.renew(directory / "pillarbox.db")
        finally:
            os.close(lock)


def schema(database: str, text: str | None = None) -> str:
    """The section of schema.sql (or of text) that describes database."""
    pieces = SECTION.split(text if text is not None else schema_file().read_text())
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))[database]


def schema_file() -> Path:
    """Where schema.sql is; SetupError if the installation lacks it."""
    here = Path(__file__).resolve().parent
    for path in (here.parent.parent / "schema.sql", here / "schema.sql"):
        if path.exists():
            return path
    raise SetupError(f"schema.sql is missing from the installation at {here}; install Pillarbox again")


def shape(db: apsw.Connection) -> dict[str, str]:
    """What a database consists of, by "type name", written so that two ways to the same schema compare equal."""
    found = db.execute("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")
    return {f"{kind} {name}": _plain(sql) for kind, name, sql in found}


@cache
def wanted_shape(database: str, text: str | None = None) -> Mapping[str, str]:
    """The shape that schema.sql (or text) gives to database."""
    db = apsw.Connection(":memory:")
    try:
        db.execute(schema(database, text))
        return shape(db)
    finally:
        db.close()


def create(path: Path, clock: Clock, *, version: int, text: str | None = None) -> None:
    """Make the database file at path from schema.sql (or text), complete or not at all."""
    new = path.with_name(path.name + ".new")
    _remove(new)
    _touch(new)
    db = apsw.Connection(str(new))
    try:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("BEGIN")
        db.execute(schema(path.name, text))
        if path.name == "pillarbox.db":
            db.execute("INSERT INTO migration VALUES (?, 'baseline', ?)", (version, clock.timestamp()))
            for name, octets in SECRETS.items():
                db.execute("INSERT INTO setting VALUES (?, ?)", (name, secret_octets(octets)))
        db.execute(f"PRAGMA user_version={version}")
        db.execute("COMMIT")
    finally:
        db.close()
    _switch(new, path)


def _version(path: Path, plan: Plan) -> int:
    """The schema version of the file; 0 if there is none.  SetupError if it is damaged, or not for us."""
    if not path.exists():
        return 0
    try:
        version, tables = _look(path)
    except DAMAGE as problem:
        raise SetupError(f"{path} is damaged ({problem}); restore it from a backup") from problem
    wanted = newest(path.name, plan.steps)
    if version > wanted:
        raise SetupError(newer(path, version, wanted))
    if not version and tables:
        raise SetupError(f"{path} was not made by Pillarbox; move it away")
    return version


def _look(path: Path) -> tuple[int, bool]:
    """The user version of a database file, and whether anything is in it."""
    with closing(apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)) as db:
        db.set_busy_timeout(5_000)
        return int(value(db, "PRAGMA user_version")), one(db, "SELECT 1 FROM sqlite_schema LIMIT 1") is not None


def _mark_damaged(directory: Path) -> None:
    """See which of those that hold nothing dear cannot even be opened."""
    for path in (directory / name for name in EXPENDABLE if (directory / name).exists()):
        try:
            _look(path)
        except DAMAGE as problem:
            mark_if_damaged(path, problem)


def _put_damaged_aside(directory: Path, clock: Clock) -> Iterator[str]:
    """What was found damaged, now or by processes that ran; not while any still has it open, as during a reload."""
    found = [directory / name for name in EXPENDABLE if damage_mark(directory / name).exists()]
    if found:
        try:
            lock = hold_open(directory, "exclusive")
        except SetupError:
            return
        try:
            for path in found:
                if path.exists():
                    yield _put_aside(path, clock)
                damage_mark(path).unlink()
        finally:
            os.close(lock)


def _put_aside(path: Path, clock: Clock) -> str:
    aside = path.with_name(f"{path.name}.damaged-{clock.now():%Y%m%d%H%M%S}")
    os.replace(path, aside)
    _remove(path)
    return f"{path.name} was damaged and is made anew; the old file is {aside.name}"


def _bring_up(path: Path, plan: Plan, clock: Clock) -> Iterator[str]:
    """Create or migrate one database; nobody else has it open."""
    version, wanted = _version(path, plan), newest(path.name, plan.steps)
    if version == wanted:
        return
    if not version:
        _check_not_lost(path, plan)
        create(path, clock, version=wanted, text=plan.text)
        yield f"created {path.name}"
        return
    _check_room(path, plan.spare)
    copy = path.with_name(path.name + ".migrating")
    _remove(copy)
    _copy(path, copy)
    try:
        _migrate(copy, [step for step in plan.steps if step.database == path.name and step.number > version], clock)
        _check_shape(copy, wanted_shape(path.name, plan.text))
        kept = path.with_name(f"{path.name}.before-{wanted}")
        kept.unlink(missing_ok=True)
        os.link(path, kept)
        stamp.forget(path)
        _switch(copy, path)
    finally:
        _remove(copy)
    yield f"migrated {path.name} from schema {version} to {wanted}; the old file is {kept.name}"


def _check_not_lost(path: Path, plan: Plan) -> None:
    """Refuse to begin with nothing where there was something: a sweep would take the files of messages for leftovers."""
    if path.name in EXPENDABLE:
        return
    if not plan.beside_mail and any(folder.name != "tmp" for folder in (path.parent / "mail").iterdir()):
        raise SetupError(f"{path} is missing or empty, but {path.parent / 'mail'} holds messages; "
                         "restore the database from a backup (`pillarbox restore`), or make a new one for it (`pillarbox salvage --help`)")
    log = path.with_name(path.name + "-wal")
    if log.exists() and log.stat().st_size:
        raise SetupError(f"{path} is missing or empty, but its log {log.name} is there; "
                         "restore the database from a backup, or move the log away")


def _migrate(copy: Path, steps: list[Step], clock: Clock) -> None:
    db = apsw.Connection(str(copy))
    try:
        db.execute("PRAGMA foreign_keys=OFF")
        db.execute("BEGIN IMMEDIATE")
        for step in steps:
            assert step.run is not None
            step.run(db)
            if step.database == "pillarbox.db":
                db.execute("INSERT INTO migration VALUES (?, ?, ?)", (step.number, step.title, clock.timestamp()))
        wrong = [f"row {row[1]} of {row[0]} lost its {row[2]}" for row in db.execute("PRAGMA foreign_key_check")]
        wrong += [row[0] for row in db.execute("PRAGMA integrity_check") if row[0] != "ok"]
        if wrong:
            raise SetupError(f"the migration of {copy.stem} failed, nothing was changed: {'; '.join(wrong[:5])}")
        db.execute(f"PRAGMA user_version={steps[-1].number}")
        db.execute("COMMIT")
    finally:
        db.close()


def _check_shape(copy: Path, wanted: Mapping[str, str]) -> None:
    db = apsw.Connection(str(copy))
    try:
        here = shape(db)
    finally:
        db.close()
    different = sorted(name for name in here.keys() | wanted.keys() if here.get(name) != wanted.get(name))
    if different:
        raise SetupError(f"the migration of {copy.stem} came to another schema than schema.sql in {', '.join(different[:5])}; "
                         "nothing was changed")


def _copy(path: Path, copy: Path) -> None:
    _touch(copy)
    source, target = apsw.Connection(str(path)), apsw.Connection(str(copy))
    try:
        with target.backup("main", source, "main") as backup:
            backup.step()
    finally:
        target.close()
        source.close()    # the last one to close merges the write-ahead log and removes it
    if path.with_name(path.name + "-wal").exists():
        raise SetupError(f"{path} is in use by another program; close that first")


def _check_room(path: Path, spare: int) -> None:
    # The copy, what a step may rewrite, and the copy's journal.
    needed, free = 3 * path.stat().st_size + spare, shutil.disk_usage(path.parent).free
    if free < needed:
        raise SetupError(f"the migration of {path} needs {needed / 1e6:.0f} MB of room, {free / 1e6:.0f} MB are free; nothing was changed")


def _switch(new: Path, path: Path) -> None:
    """Put a closed database file in the place of another, durably."""
    sync_file(new)
    # A log left behind by a file that is gone would be taken for this one's.
    for suffix in BESIDE:
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    os.replace(new, path)
    sync_folder(new.parent)


def _touch(path: Path) -> None:
    """Make an empty file that is ours alone, whatever the umask; SQLite's other files take its mode."""
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))


def _remove(path: Path) -> None:
    for suffix in ("", *BESIDE):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


@lru_cache(500)    # the same tables are compared again and again
def _plain(sql: str) -> str:
    """sql without comments, quotes and layout."""
    without = re.sub(r"--[^\n]*", " ", sql).replace('"', "")
    spaced = re.sub(r"\s+", " ", re.sub(r"([(),=])", r" \1 ", without))
    return spaced.strip().rstrip(";").strip()
