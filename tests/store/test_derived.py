"""Tests of mta.store.derived."""
from pathlib import Path

import pytest

from mta.base.errors import TemporaryError
from mta.store.connection import damage_mark, value
from mta.store.database import Store
from mta.store.derived import Derived


@pytest.fixture
def path(store: Store) -> Path:
    """A database that can be made anew."""
    return store.learned_db


def test_written_and_read(path: Path) -> None:
    """What a transaction wrote is read afterwards; one that raised wrote nothing."""
    file = Derived(path, "it")
    with file.transaction() as db:
        db.execute("INSERT INTO position VALUES ('x', 1)")
    with pytest.raises(TemporaryError), file.transaction() as db:
        db.execute("UPDATE position SET value = 2; UPDATE position SET none = 2").fetchall()
    with file.reading() as db:
        assert value(db, "SELECT value FROM position") == 1
    with file.transaction() as db:
        db.execute("DELETE FROM position")
    file.close()


def test_readers_do_not_write(path: Path) -> None:
    """A connection for asking refuses to change anything."""
    file = Derived(path, "it")
    with pytest.raises(TemporaryError, match="it cannot be read"), file.reading() as db:
        db.execute("DELETE FROM position")
    file.close()


def test_readers_are_prepared(path: Path) -> None:
    """Whoever asks finds what the owner made ready, also what could not be made any more once writing is forbidden."""
    file = Derived(path, "it", lambda db: db.execute("CREATE TEMP TABLE numbers (number); PRAGMA mmap_size=65536").fetchall())
    with file.reading() as db:
        assert value(db, "PRAGMA mmap_size") == 65_536
        assert value(db, "SELECT count(*) FROM temp.numbers") == 0
    file.close()


@pytest.mark.parametrize(("pages", "copied"), [(1, True), (1_000, False)])
def test_when_the_log_is_copied(path: Path, pages: int, copied: bool) -> None:
    """A commit brings into the file what the log holds, if that is as much as the owner said."""
    file = Derived(path, "it", log_pages=pages)
    with file.transaction() as db:
        db.execute("INSERT INTO position VALUES ('a-name-that-is-looked-for', 1)")
    assert (b"a-name-that-is-looked-for" in path.read_bytes()) is copied
    with file.transaction() as db:
        db.execute("DELETE FROM position")
    file.close()


def test_trouble_is_temporary_and_damage_is_marked(tmp_path: Path) -> None:
    """A file that is missing can be waited for, one that is no database is put aside at the next start."""
    missing, damaged = Derived(tmp_path / "missing.db", "it"), Derived(tmp_path / "damaged.db", "it")
    (tmp_path / "damaged.db").write_bytes(b"no database" * 1_000)
    for file in (missing, damaged):
        with pytest.raises(TemporaryError, match="it cannot be written"), file.transaction():
            pass
        file.close()

    assert damage_mark(tmp_path / "damaged.db").exists()
    assert not damage_mark(tmp_path / "missing.db").exists()
