"""mta.store.imports: who works on what, and how far it is."""
import pytest

from mta.base.clock import SetClock
from mta.base.errors import Conflict, NotFound
from mta.base.limits import LIMITS
from mta.store import imports
from mta.store.database import Store
from mta.store.imports import Halted, ImportRow, Options, Progress
from tests.store.population import add_account

ONE, TWO = "reporter-0:1:1:a", "reporter-0:1:2:b"


def added(store: Store, account: int, state: imports.State = "waiting", kind: imports.Kind = "upload", source: str = "x") -> int:
    """An import."""
    return store.write_now(lambda db: imports.add(db, store.clock, account, kind, source, Options(mailbox="M", size=7), state))


def claimed(store: Store, owner: str = ONE) -> ImportRow | None:
    """Claim one."""
    return store.write_now(lambda db: imports.claim(db, store.clock, owner, ["upload", "imap"]))


def test_one_at_a_time(store: Store, clock: SetClock) -> None:
    """The oldest that waits, by one; by another when the lease has run out, or its holder is known to be dead."""
    ann = add_account(store)
    added(store, ann, "coming")
    added(store, ann, kind="path")
    first, second = added(store, ann), added(store, ann)
    row = claimed(store)
    assert row is not None
    assert (row.id, row.state, row.options) == (first, "running", Options(mailbox="M", size=7))
    other = claimed(store, TWO)
    assert other is not None
    assert other.id == second
    assert claimed(store) is None
    assert not store.read(lambda db: imports.any_waiting(db, clock, ["upload"]))
    clock.advance(LIMITS.lease + 1)
    again = claimed(store, TWO)
    assert again is not None
    assert again.id == first
    assert store.write_now(lambda db: imports.release_all(db, "reporter")) == 2
    assert claimed(store) is not None


def test_progress(store: Store) -> None:
    """Is added up with the batch, bounded in what it names; whoever lost the claim is halted."""
    ann = add_account(store)
    id = added(store, ann)
    assert claimed(store) is not None
    progress = Progress(10, 2, 1, 1, [("a", "b")] * (LIMITS.import_skips + 5), (3, "p", -1))
    for _ in range(2):
        store.write_now(lambda db: imports.advance(db, store.clock, id, ONE, progress))
    row = store.read(lambda db: imports.get(db, ann, id))
    assert (row.octets, row.added, row.known, row.changed, row.skipped, row.position) == (
        20, 4, 2, 2, 2 * (LIMITS.import_skips + 5), (3, "p", -1))
    assert len(store.read(lambda db: imports.skips(db, id))) == LIMITS.import_skips
    with pytest.raises(Halted):
        store.write_now(lambda db: imports.advance(db, store.clock, id, TWO, progress))
    store.write_now(lambda db: imports.stop(db, store.clock, ann, id, "enough"))
    for change in (imports.begin, imports.measure):
        with pytest.raises(Halted):
            store.write_now(lambda db, change=change: change(db, id, ONE, 5))    # type: ignore[misc]  # a lambda with a default
    assert not store.write_now(lambda db: imports.end(db, store.clock, id, ONE, "done"))
    store.write_now(lambda db: imports.resume(db, store.clock, ann, id))
    kept = store.read(lambda db: imports.get(db, ann, id))
    assert (kept.state, kept.added) == ("waiting", 4)
    with pytest.raises(Conflict):
        store.write_now(lambda db: imports.resume(db, store.clock, ann, id))
    assert claimed(store) is not None
    store.write_now(lambda db: imports.begin(db, id, ONE, 50))
    assert store.write_now(lambda db: imports.end(db, store.clock, id, ONE, "done"))
    done = store.read(lambda db: imports.get(db, ann, id))
    assert (done.octets, done.total, done.added, done.state) == (50, 50, 0, "done")


def test_whose_they_are(store: Store) -> None:
    """Only their account's; the oldest that are over are forgotten."""
    ann, bob = add_account(store), add_account(store, "bob")
    id = added(store, ann, "done")
    with pytest.raises(NotFound):
        store.read(lambda db: imports.get(db, bob, id))
    for _ in range(LIMITS.imports_kept):
        added(store, ann, "done")
    with pytest.raises(NotFound):
        store.read(lambda db: imports.get(db, ann, id))
    assert len(store.read(lambda db: imports.all(db, ann))) == LIMITS.imports_kept


def test_what_is_free_again(store: Store) -> None:
    """A command that was ended leaves what the next one finds."""
    ann = add_account(store)
    id = added(store, ann, kind="path", source="/old")
    store.write_now(lambda db: imports.claim(db, store.clock, "command-0:1:1:x", ["path"], id))
    assert store.read(lambda db: imports.unclaimed(db, store.clock, ann, "path", "/old")) is None
    store.write_now(lambda db: imports.release_all(db, "command", "It was broken off."))
    found = store.read(lambda db: imports.unclaimed(db, store.clock, ann, "path", "/old"))
    assert found is not None
    assert (found.id, found.state, found.problem) == (id, "stopped", "It was broken off.")


def test_arriving(store: Store, clock: SetClock) -> None:
    """What was expected waits once it is there; what nobody went on with is known."""
    ann = add_account(store)
    id = added(store, ann, "coming")
    assert store.read(lambda db: imports.forsaken(db, clock.timestamp() + 1)) == [(ann, id)]
    store.write_now(lambda db: imports.arrived(db, clock, ann, id))
    with pytest.raises(Conflict):
        store.write_now(lambda db: imports.arrived(db, clock, ann, id))
    assert store.read(lambda db: imports.ids(db)) == {id}
    store.write_now(lambda db: imports.remove(db, ann, id))
    assert store.read(lambda db: imports.ids(db)) == set()
