"""mta.store.backupjobs: what was asked of backups."""
import pytest

from mta.base.errors import NotFound, UserError
from mta.base.limits import LIMITS
from mta.store import backupjobs
from mta.store.backupjobs import SAID
from mta.store.database import Store


def test_from_asked_to_over(store: Store) -> None:
    """Asked for twice it is one; it runs, ends once, and its verdict stays with the backup."""
    def ask() -> int:
        return store.write_now(lambda db: backupjobs.add(db, store.clock, "verify", "one", "test"))

    first = ask()
    assert ask() == first
    other = store.write_now(lambda db: backupjobs.add(db, store.clock, "restore", "one", "test", account="ann", messages=(3, 4)))
    found = store.read(backupjobs.next_open)
    assert found is not None
    assert (found.id, found.state, found.messages) == (first, "waiting", ())
    assert store.write_now(lambda db: backupjobs.progress(db, first, 5, 9))
    assert store.read(lambda db: backupjobs.get(db, first)).state == "running"
    wrong = [f"file {number}\nis bad" for number in range(SAID + 5)]
    assert store.write_now(lambda db: backupjobs.end(db, store.clock, first, "failed", wrong))
    assert not store.write_now(lambda db: backupjobs.end(db, store.clock, first, "done"))
    assert not store.write_now(lambda db: backupjobs.progress(db, first, 6, 9))
    job = store.read(backupjobs.verdicts)["one"]
    assert (job.state, job.done, job.total, len(job.problems), job.problems[0], job.problems[-1]) == (
        "failed", 5, 9, SAID, "file 0 is bad", "and 6 more")
    assert [one.id for one in store.read(lambda db: backupjobs.listing(db, 9))] == [other, first]
    assert store.read(lambda db: backupjobs.get(db, other)).messages == (3, 4)
    with pytest.raises(NotFound):
        store.read(lambda db: backupjobs.get(db, 99))


def test_bounds(store: Store) -> None:
    """Not too much waits, and what was long ago is forgotten."""
    for number in range(LIMITS.backup_jobs + 5):
        id = store.write_now(lambda db, number=number: backupjobs.add(db, store.clock, "verify", str(number), "test"))    # type: ignore[misc]
        store.write_now(lambda db, id=id: backupjobs.end(db, store.clock, id, "done"))    # type: ignore[misc]
    assert len(store.read(lambda db: backupjobs.listing(db, 1_000))) <= LIMITS.backup_jobs + 1
    for number in range(LIMITS.backup_jobs_waiting):
        store.write_now(lambda db, number=number: backupjobs.add(db, store.clock, "verify", str(number), "test"))    # type: ignore[misc]
    with pytest.raises(UserError, match="wait"):
        store.write_now(lambda db: backupjobs.add(db, store.clock, "verify", "more", "test"))
