"""Making a data directory ready, and bringing an old one up to date."""
import errno
import os
import shutil
import time
from pathlib import Path

import apsw
import pytest

from mta.base.clock import SetClock
from mta.base.errors import SetupError
from mta.store import migrate
from mta.store.database import Store
from mta.store.migrate import Plan, create, prepare, schema, schema_file, shape, wanted_shape
from mta.store.migrations import DATABASES, STEPS, Step, newest
from mta.store.verify import problems
from tests.store.population import add_account, deliver, mailbox

SNAPSHOTS = sorted((Path(__file__).parent / "schemas").glob("*.sql"))

#: A schema of the future: one more column, one more table, in pillarbox.db alone.
LATER = schema_file().read_text().replace(
    "-- database: trace.db", "CREATE TABLE added (id INTEGER PRIMARY KEY) STRICT;\n\n-- database: trace.db").replace(
    "    subscribed INTEGER NOT NULL DEFAULT 1,\n", "    subscribed INTEGER NOT NULL DEFAULT 1, colour TEXT,\n")


def step(db: apsw.Connection) -> None:
    """From the current schema to LATER."""
    text = migrate.schema("pillarbox.db", LATER)
    start = text.index("CREATE TABLE mailbox (")
    db.execute("CREATE TABLE added (id INTEGER PRIMARY KEY) STRICT")
    db.execute(text[start:text.index("STRICT;", start)].replace("TABLE mailbox", "TABLE mailbox_new") + "STRICT")
    names = ", ".join(row[1] for row in db.execute("PRAGMA table_info(mailbox)"))
    db.execute(f"INSERT INTO mailbox_new ({names}) SELECT {names} FROM mailbox")
    db.execute("DROP TABLE mailbox; ALTER TABLE mailbox_new RENAME TO mailbox")
    db.execute("CREATE UNIQUE INDEX mailbox_by_role ON mailbox (account_id, role) WHERE role IS NOT NULL")


NOW = newest("pillarbox.db")
PLAN = Plan((*STEPS, Step(newest("pillarbox.db") + 1, "pillarbox.db", "colours", step)), LATER)


@pytest.fixture
def old(tmp_path: Path, clock: SetClock) -> Path:
    """A data directory of the current version with one message in it."""
    prepare(tmp_path / "data", clock)
    store = Store.open(tmp_path / "data", clock)
    deliver(store, mailbox(store, add_account(store)))
    store.close()
    return tmp_path / "data"


def ask(path: Path, sql: str) -> list[tuple[object, ...]]:
    """Ask a database file directly."""
    db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    answer = list(db.execute(sql))
    db.close()
    return answer


def test_a_new_directory(tmp_path: Path, clock: SetClock) -> None:
    """Everything is made, for nobody else to read; a second time nothing is done, and at once."""
    lines = prepare(tmp_path / "new", clock)
    started = time.perf_counter()
    assert prepare(tmp_path / "new", clock) == []
    assert time.perf_counter() - started < 0.5

    assert len(lines) == 1 + len(DATABASES)
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in [tmp_path / "new", *(tmp_path / "new").rglob("*")]}
    assert set(modes.values()) == {"0o700", "0o600"}
    assert {"mail", "tmp", "keys", "tls", "pillarbox.db", "trace.db", "search.db", "learned.db"} <= modes.keys()
    assert ask(tmp_path / "new" / "pillarbox.db", "SELECT length(value) FROM setting WHERE name = 'false_salt'") == [(32,)]


def test_the_secret_differs_between_installations(tmp_path: Path, clock: SetClock) -> None:
    """Nobody can know the false salts of a server from another one's."""
    prepare(tmp_path / "a", clock)
    prepare(tmp_path / "b", clock)

    assert ask(tmp_path / "a" / "pillarbox.db", "SELECT * FROM setting") != ask(tmp_path / "b" / "pillarbox.db", "SELECT * FROM setting")


@pytest.mark.parametrize("snapshot", SNAPSHOTS, ids=lambda path: path.stem)
def test_every_old_version_becomes_the_current_one(snapshot: Path, tmp_path: Path, clock: SetClock) -> None:
    """A directory made from the schema as it once was ends where schema.sql does."""
    number = int(snapshot.stem)
    prepare(tmp_path, clock)
    for name in DATABASES:
        (tmp_path / name).unlink()
        version = max(step.number for step in STEPS if step.database == name and step.number <= number)
        create(tmp_path / name, clock, version=version, text=snapshot.read_text())
    prepare(tmp_path, clock)

    for name in DATABASES:
        db = apsw.Connection(str(tmp_path / name))
        assert shape(db) == wanted_shape(name)
        db.close()
    store = Store.open(tmp_path, clock)
    deliver(store, mailbox(store, add_account(store)))
    assert problems(store) == []
    store.close()


def test_the_current_schema_has_its_snapshot() -> None:
    """Whoever changes schema.sql adds a step and keeps what was before; see mta/store/migrations."""
    current = max(step.number for step in STEPS)
    text = (Path(__file__).parent / "schemas" / f"{current:04}.sql").read_text()

    for name in DATABASES:
        assert wanted_shape(name) == wanted_shape(name, text)


def test_a_migration_keeps_rows_and_the_old_file(old: Path, clock: SetClock) -> None:
    """The new schema is there with everything in it; the old file stays beside it as it was."""
    before = ask(old / "pillarbox.db", "SELECT * FROM message")
    lines = prepare(old, clock, PLAN)

    assert lines == [f"migrated pillarbox.db from schema {NOW} to {NOW + 1}; the old file is pillarbox.db.before-{NOW + 1}"]
    assert ask(old / "pillarbox.db", "SELECT * FROM message") == before
    assert ask(old / "pillarbox.db", "SELECT colour FROM mailbox LIMIT 1") == [(None,)]
    assert ask(old / "pillarbox.db", "SELECT number, title FROM migration") == [(NOW, "baseline"), (NOW + 1, "colours")]
    assert ask(old / f"pillarbox.db.before-{NOW + 1}", "SELECT * FROM message") == before
    assert not list(old.glob("*.migrating*"))
    assert prepare(old, clock, PLAN) == []


def test_an_older_program_refuses_a_newer_directory(old: Path, clock: SetClock) -> None:
    """Going back needs the old file; the text says what is wrong."""
    prepare(old, clock, PLAN)
    with pytest.raises(SetupError, match=rf"newer Pillarbox \(schema {NOW + 1}, this program knows {NOW}\)"):
        prepare(old, clock)


def test_no_migration_while_a_process_has_it_open(old: Path, clock: SetClock) -> None:
    """An old generation that is still finishing must not write into a file that is being replaced."""
    store = Store.open(old, clock)
    with pytest.raises(SetupError, match="stop the server"):
        prepare(old, clock, PLAN)
    store.close()

    assert len(prepare(old, clock, PLAN)) == 1


def break_it(db: apsw.Connection) -> None:
    """A step that loses something."""
    step(db)
    db.execute("DELETE FROM account")


def raise_it(db: apsw.Connection) -> None:
    """A step with a mistake."""
    step(db)
    db.execute("SELECT * FROM nowhere")


def forget_it(db: apsw.Connection) -> None:
    """A step that does half of what it should."""
    db.execute("CREATE TABLE added (id INTEGER PRIMARY KEY) STRICT")


@pytest.mark.parametrize(("run", "text"), [(break_it, "lost its account"), (raise_it, "nowhere"), (forget_it, "table mailbox")])
def test_a_step_that_fails_changes_nothing(old: Path, clock: SetClock, run: object, text: str) -> None:
    """The copy is thrown away and the old database goes on being used."""
    plan = Plan((*STEPS, Step(NOW + 1, "pillarbox.db", "broken", run)), LATER)    # type: ignore[arg-type]  # from parametrize
    with pytest.raises(SetupError, match=text):
        prepare(old, clock, plan)

    assert not list(old.glob("*.migrating*"))
    assert prepare(old, clock) == []
    assert ask(old / "pillarbox.db", "SELECT count(*) FROM message") == [(1,)]


def test_a_crash_during_a_migration(old: Path, clock: SetClock) -> None:
    """What an interrupted migration left behind is in nobody's way."""
    for name in ("pillarbox.db.migrating", "pillarbox.db.migrating-journal", "pillarbox.db.before-2"):
        (old / name).write_bytes(b"half")

    assert len(prepare(old, clock, PLAN)) == 1
    assert not list(old.glob("*.migrating*"))


def test_no_room_for_the_copy(old: Path, clock: SetClock) -> None:
    """It refuses before it begins, and says how much is needed and how much there is."""
    free = shutil.disk_usage(old).free
    plan = Plan(PLAN.steps, PLAN.text, spare=free + 1)
    with pytest.raises(SetupError, match=r"needs \d+ MB of room, \d+ MB are free"):
        prepare(old, clock, plan)

    assert prepare(old, clock) == []


@pytest.mark.parametrize("name", ["trace.db", "search.db", "learned.db"])
def test_a_damaged_file_that_can_come_again(old: Path, clock: SetClock, name: str) -> None:
    """It is put aside and made anew."""
    (old / name).write_bytes(b"this is no database, but long enough to be looked at" * 100)
    lines = prepare(old, clock)

    assert lines == [f"{name} was damaged and is made anew; the old file is {name}.damaged-20300101000000", f"created {name}"]
    Store.open(old, clock).close()


def test_a_damaged_truth_is_left_alone(old: Path, clock: SetClock) -> None:
    """Nobody makes a new, empty pillarbox.db where mail was: not for a damaged one, not for a missing one."""
    (old / "pillarbox.db").write_bytes(b"this is no database, but long enough to be looked at" * 100)
    with pytest.raises(SetupError, match="restore it from a backup"):
        prepare(old, clock)
    (old / "pillarbox.db").unlink()
    with pytest.raises(SetupError, match="holds messages"):
        prepare(old, clock)
    (old / "pillarbox.db").touch()
    with pytest.raises(SetupError, match="missing or empty"):
        prepare(old, clock)


@pytest.mark.parametrize("name", ["trace.db", "search.db"])
def test_a_damaged_file_that_somebody_has_open(old: Path, clock: SetClock, name: str) -> None:
    """It is not taken from under a running server; the first start after that puts it aside."""
    server = Store.open(old, clock)
    (old / name).write_bytes(b"this is no database, but long enough to be looked at" * 100)

    assert prepare(old, clock) == []
    Store.open(old, clock).close()
    server.close()
    assert prepare(old, clock)[-1] == f"created {name}"


def test_a_log_without_its_database(tmp_path: Path, clock: SetClock) -> None:
    """SQLite would take what a lost database left behind for the log of the new one."""
    prepare(tmp_path, clock)
    for name in ("pillarbox.db", "trace.db"):
        left = apsw.Connection(str(tmp_path / name))
        left.execute("CREATE TABLE left_behind (x)")
        shutil.copy(tmp_path / f"{name}-wal", tmp_path / "kept")
        left.close()
        (tmp_path / name).unlink()
        (tmp_path / "kept").rename(tmp_path / f"{name}-wal")

    with pytest.raises(SetupError, match=r"its log pillarbox\.db-wal is there"):
        prepare(tmp_path, clock)
    (tmp_path / "pillarbox.db-wal").unlink()
    prepare(tmp_path, clock)

    for name in ("pillarbox.db", "trace.db"):
        assert ask(tmp_path / name, "SELECT count(*) FROM sqlite_schema WHERE name = 'left_behind'") == [(0,)]


def test_a_file_of_somebody_else(tmp_path: Path, clock: SetClock) -> None:
    """A database that is not ours is not touched."""
    db = apsw.Connection(str(tmp_path / "pillarbox.db"))
    db.execute("CREATE TABLE theirs (x)")
    db.close()
    with pytest.raises(SetupError, match="not made by Pillarbox"):
        prepare(tmp_path, clock)


def test_a_directory_that_cannot_be_made(tmp_path: Path, clock: SetClock) -> None:
    """The place and the reason are named."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(SetupError, match=os.strerror(errno.ENOTDIR)):
        prepare(tmp_path / "file" / "data", clock)


def test_sections() -> None:
    """Each database has its section; there are no others but jobs.db, which is huey's."""
    assert [schema(name) != "" for name in DATABASES] == [True] * len(DATABASES)
    assert "CREATE" not in schema("jobs.db")
