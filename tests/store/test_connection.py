"""How a database file is opened."""
from pathlib import Path

import apsw
import pytest

from mta.store.connection import connect, one, value
from mta.store.database import Store


def test_settings(store: Store) -> None:
    """WAL, the wanted synchronous, foreign keys, and no writing where only questions are asked."""
    db = connect(store.mail_db, query_only=True)

    assert [value(db, f"PRAGMA {name}") for name in ("journal_mode", "synchronous", "foreign_keys", "query_only")] == ["wal", 2, 1, 1]
    with pytest.raises(apsw.ReadOnlyError):
        db.execute("DELETE FROM setting")
    db.close()


def test_a_missing_file_is_not_made(tmp_path: Path) -> None:
    """Nobody gets an empty database by a wrong path."""
    with pytest.raises(apsw.CantOpenError):
        connect(tmp_path / "nothing.db")

    assert not list(tmp_path.iterdir())


def test_first_row_and_first_column(store: Store) -> None:
    """one() and value() answer with the first row, or with what stands for none."""
    db = connect(store.mail_db)

    assert one(db, "SELECT 1, 2 UNION SELECT 3, 4 ORDER BY 1") == (1, 2)
    assert one(db, "SELECT 1 WHERE 0") is None
    assert value(db, "SELECT 1 WHERE 0", default=7) == 7
    assert value(db, "SELECT ?", ("x",)) == "x"
    db.close()


def test_the_length_of_the_log_is_watched(store: Store) -> None:
    """After watch_log() SQLite makes no checkpoint and tells how long the log is."""
    db = connect(store.mail_db, synchronous="OFF")
    db.watch_log()
    db.execute("CREATE TABLE filler (blob)")
    for _ in range(1_100):
        db.execute("INSERT INTO filler VALUES (zeroblob(4096))")

    assert db.log_pages > 1_100
    db.execute("DROP TABLE filler")
    db.close()
