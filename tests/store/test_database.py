"""One data directory, open."""
import os
import threading
from pathlib import Path

import apsw
import pytest

from mta.base.clock import SetClock
from mta.base.errors import SetupError, TemporaryError
from mta.store.connection import Connection, value
from mta.store.database import Store, hold_open, silent
from mta.store.migrate import prepare


def note(store: Store, name: str, number: int = 1) -> None:
    """Write something that can be asked for."""
    store.write_now(lambda db: db.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, number)).fetchall())


def ask(store: Store, name: str) -> object:
    """What note() wrote."""
    return store.read(lambda db: value(db, "SELECT value FROM setting WHERE name = ?", (name,)))


def test_what_was_written_is_read(store: Store) -> None:
    """A read after a write sees it, in every thread and in another Store of the same directory."""
    note(store, "x", 5)
    other = Store.open(store.directory, store.clock)
    seen = [ask(store, "x"), ask(other, "x")]
    thread = threading.Thread(target=lambda: seen.append(ask(store, "x")))
    thread.start()
    thread.join()
    other.close()

    assert seen == [5, 5, 5]


def test_a_question_sees_one_state(store: Store) -> None:
    """A commit during a question does not show in it."""
    def question(db: Connection) -> list[object]:
        first = value(db, "SELECT count(*) FROM setting")
        note(store, "meanwhile")
        return [first, value(db, "SELECT count(*) FROM setting")]

    before, after = store.read(question)

    assert before == after
    assert ask(store, "meanwhile") == 1


def test_a_question_cannot_write(store: Store) -> None:
    """read() has no way to change anything."""
    with pytest.raises(apsw.ReadOnlyError):
        store.read(lambda db: db.execute("DELETE FROM setting"))


def test_a_question_that_fails_leaves_its_connection_usable(store: Store) -> None:
    """Whatever a question raises is raised, and the next one works."""
    with pytest.raises(ZeroDivisionError):
        store.read(lambda db: 1 // 0)

    assert store.read(lambda db: value(db, "SELECT 1")) == 1


def test_the_data_version_tells_of_commits(store: Store) -> None:
    """It stays while nothing happens, and differs after a commit of this or another process."""
    first = store.data_version()
    assert store.data_version() == first
    note(store, "x")
    second = store.data_version()
    other = Store.open(store.directory, store.clock)
    note(other, "y")
    other.close()

    assert len({first, second, store.data_version()}) == 3


def test_nothing_exists_before_the_first_write(store: Store) -> None:
    """A store that was only opened has started no thread: it may be forked."""
    before = threading.active_count()
    ask(store, "x")
    assert threading.active_count() == before
    note(store, "x")
    assert threading.active_count() > before


def test_a_directory_that_was_not_prepared(tmp_path: Path, clock: SetClock) -> None:
    """One line says what to do; nothing is made."""
    with pytest.raises(SetupError, match="cannot be used"):
        Store.open(tmp_path / "nowhere", clock)
    with pytest.raises(SetupError, match="holds no mail store"):
        Store.open(tmp_path, clock)


@pytest.mark.parametrize(("version", "text"), [(99, "newer Pillarbox"), (0, "restart the server")])
def test_another_version(store: Store, version: int, text: str) -> None:
    """A database of another program version is refused, and says which way."""
    def restore(number: int) -> None:
        store.write_now(lambda db: db.execute(f"PRAGMA user_version={number}").fetchall())

    current = store.read(lambda db: value(db, "PRAGMA user_version"))
    restore(version)
    with pytest.raises(SetupError, match=text):
        Store.open(store.directory, store.clock)
    restore(current)


def test_no_migration_while_it_is_open(store: Store) -> None:
    """The exclusive lock is not to be had beside an open store, and keeps new ones out."""
    with pytest.raises(SetupError, match="stop the server"):
        hold_open(store.directory, "exclusive")


def test_no_opening_during_a_migration(tmp_path: Path, clock: SetClock) -> None:
    """Who comes while the databases are being migrated is told to come again."""
    prepare(tmp_path, clock)
    lock = hold_open(tmp_path, "exclusive")
    with pytest.raises(SetupError, match="try again"):
        Store.open(tmp_path, clock)
    os.close(lock)
    Store.open(tmp_path, clock).close()


def test_closed_is_closed(tmp_path: Path, clock: SetClock) -> None:
    """After close(), twice, reading and writing say so, and no descriptor is left on the databases."""
    prepare(tmp_path, clock)
    store = Store.open(tmp_path, clock)
    note(store, "x")
    ask(store, "x")
    store.data_version()
    store.close()
    store.close()

    with pytest.raises(TemporaryError):
        ask(store, "x")
    with pytest.raises(TemporaryError):
        note(store, "x")
    open_files = [str(path.resolve()) for path in Path("/proc/self/fd").iterdir() if path.exists()]
    assert not [path for path in open_files if path.startswith(str(tmp_path))]
    assert not (tmp_path / "pillarbox.db-wal").exists()


def test_paths(store: Store) -> None:
    """Where each database is; silent() hears nothing."""
    names = [path.name for path in (store.mail_db, store.trace_db, store.search_db, store.jobs_db)]
    silent("web")

    assert names == ["pillarbox.db", "trace.db", "search.db", "jobs.db"]
