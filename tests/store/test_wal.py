"""The write-ahead log: on disk when it should be, and short."""
import threading

import apsw
import pytest

from mta.store.connection import Connection, connect, value
from mta.store.database import Store
from mta.store.disk import Disk
from mta.store.turn import Turn
from mta.store.wal import WORTH, Checkpointer, Log, settle


def writer(store: Store) -> Connection:
    """A connection as the committer has it."""
    db = connect(store.mail_db, synchronous="NORMAL")
    db.watch_log()
    return db


def fill(db: Connection, pages: int = 100) -> None:
    """Put that many pages into the log."""
    db.execute("INSERT OR REPLACE INTO setting VALUES ('filler', zeroblob(?))", (4_000 * pages,))


def test_sync_is_asked_for_the_log_itself(store: Store) -> None:
    """What is synced is the file that the connection writes its commits to."""
    db = writer(store)
    synced: list[int] = []
    fill(db)
    log = Log(db, Disk(data=synced.append))
    log.sync()
    log.sync()

    assert len(synced) == 2
    assert store.mail_db.with_name("pillarbox.db-wal").stat().st_size > 400_000
    log.close()
    log.close()
    db.close()


def test_a_checkpoint_lets_the_log_start_again(store: Store) -> None:
    """After a run the next commit stands at the beginning of the log."""
    db, checkpointer = writer(store), Checkpointer(lambda: writer(store), store.directory / "write.lock")
    fill(db)
    long = db.log_pages
    checkpointer.run()
    fill(db, 1)

    assert long >= 100
    assert db.log_pages < 10
    checkpointer.close()
    db.close()


def test_the_last_part_waits_for_its_turn(store: Store) -> None:
    """A checkpoint does not hold up a writer that has its turn, and ends after it."""
    db, checkpointer = writer(store), Checkpointer(lambda: writer(store), store.directory / "write.lock")
    turn = Turn(store.directory / "write.lock")
    fill(db)
    with turn:
        thread = threading.Thread(target=checkpointer.run)
        thread.start()
        fill(db)
        thread.join(0.05)
        assert thread.is_alive()
    thread.join()
    fill(db, 1)

    assert db.log_pages < 10
    checkpointer.close()
    turn.close()
    db.close()


def test_a_checkpoint_never_raises(store: Store) -> None:
    """What goes wrong with it is left to the next time."""
    def nothing() -> Connection:
        raise apsw.CantOpenError("gone")

    checkpointer = Checkpointer(nothing, store.directory / "write.lock")
    checkpointer.run()
    checkpointer.close()


def test_settling_empties_the_log(store: Store) -> None:
    """Afterwards everything stands in the database file."""
    db = writer(store)
    fill(db)
    settle(db)

    assert store.mail_db.with_name("pillarbox.db-wal").stat().st_size == 0
    assert value(db, "SELECT length(value) FROM setting WHERE name = 'filler'") == 400_000
    db.close()


def test_settling_does_not_pretend(store: Store) -> None:
    """While a reader holds on to the log it cannot start anew, and settle() says so."""
    db, reader = writer(store), connect(store.mail_db, query_only=True)
    db.set_busy_timeout(10)
    fill(db)
    reader.execute("BEGIN; SELECT count(*) FROM setting").fetchall()
    fill(db)
    with pytest.raises(apsw.BusyError):
        settle(db)
    reader.execute("ROLLBACK")
    settle(db)
    reader.close()
    db.close()


def test_the_store_keeps_its_log_short(store: Store) -> None:
    """Commits alone would let the log grow without end."""
    store.write_now(lambda db: fill(db, WORTH * 11 // 10))
    assert store.write_now(lambda db: db.log_pages) == 0    # the checkpoint was ordered, and the count begins again
    while store.write_now(lambda db: fill(db, 1) or db.log_pages) > 100:    # type: ignore[func-returns-value]  # None, then the pages
        pass
