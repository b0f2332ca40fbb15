"""mta.store.stamp: logs that are another database's."""
import shutil
from pathlib import Path

from mta.base.clock import SetClock
from mta.store import stamp
from mta.store.database import Store
from mta.store.migrate import prepare
from tests.store import test_restore
from tests.store.population import deliver, mailbox
from tests.store.test_restore import backed_up, rows

data = test_restore.data


def crash(data: Path, clock: SetClock, content: bytes) -> None:
    """Mail that is in the log alone, as after a power failure."""
    store = Store.open(data, clock)
    deliver(store, mailbox(store, 1), content)
    saved = {name: (data / name).read_bytes() for name in ("pillarbox.db", "pillarbox.db-wal")}
    store.close()
    for name, octets in saved.items():
        (data / name).write_bytes(octets)
    (data / "pillarbox.db-shm").unlink(missing_ok=True)


def test_after_a_crash_the_log_counts(data: Path, clock: SetClock) -> None:
    """What was in the log alone is there: that is what it is for."""
    crash(data, clock, b"Subject: in the log\r\n\r\nHello.\r\n")
    assert prepare(data, clock) == []
    assert len(rows(data, clock, "SELECT id FROM message")) == 5


def test_an_old_database_over_a_newer_log(data: Path, clock: SetClock, tmp_path: Path) -> None:
    """Somebody copies the database of a backup over one that crashed: the log beside it is put aside, and said so."""
    made = backed_up(data, clock, tmp_path / "backups")
    crash(data, clock, b"Subject: in the log\r\n\r\nHello.\r\n")
    shutil.copyfile(made.path / "data" / "pillarbox.db", data / "pillarbox.db")

    [told] = prepare(data, clock)
    assert told == ("pillarbox.db was put here from elsewhere, and the log of the one before it lay beside it: "
                    "that is pillarbox.db-wal.foreign-20300101000000 now")
    assert len(rows(data, clock, "SELECT id FROM message")) == 4
    assert stamp.known(data / "pillarbox.db")
    assert prepare(data, clock) == []


def test_a_stamp_that_is_missing_or_damaged(data: Path, clock: SetClock) -> None:
    """When in doubt the log counts: mail in it may be in no other place."""
    crash(data, clock, b"Subject: again\r\n\r\nHello.\r\n")
    (data / "pillarbox.db.stamp").unlink()
    assert prepare(data, clock) == []
    assert stamp.known(data / "pillarbox.db")
    assert len(rows(data, clock, "SELECT id FROM message")) == 5


def test_a_stamp_for_somebody_who_is_there(data: Path, clock: SetClock) -> None:
    """While a process has the database open, an unknown number only means that any log is the database's own."""
    store = Store.open(data, clock)
    (data / "pillarbox.db.stamp").write_text("00000001\n")
    assert prepare(data, clock) == []
    assert not (data / "pillarbox.db.stamp").exists()
    store.close()
    prepare(data, clock)
    assert stamp.known(data / "pillarbox.db")
