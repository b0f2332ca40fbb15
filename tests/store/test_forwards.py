"""mta.store.forwards: addresses to forward to, and their codes."""
import pytest

from mta.base.clock import SetClock
from mta.base.errors import NotFound
from mta.base.names import Address
from mta.store import forwards, vacations
from mta.store.database import Store
from mta.store.vacations import Vacation
from tests.store.population import add_account

FAR = Address.parse("ann@far.example")


def added(store: Store, ann: int) -> int:
    """An address that is not confirmed."""
    return store.write_now(lambda db: forwards.add(db, store.clock, ann, FAR, True, "inbox", True, False))


def test_choices(store: Store) -> None:
    """Kept, changed, counted and forgotten; another account's does not exist."""
    ann, bob = add_account(store), add_account(store, "bob")
    id = added(store, ann)
    [target] = store.read(lambda db: forwards.all(db, ann))
    assert (target.address, target.confirmed, target.everything, target.keep, target.seal, target.attach) == (
        FAR, None, True, "inbox", True, False)
    store.write_now(lambda db: forwards.change(db, ann, id, False, "archive", False, True))
    store.write_now(lambda db: forwards.count(db, store.clock, id))
    store.write_now(lambda db: forwards.count(db, store.clock, id, "it would be refused"))
    target = store.read(lambda db: forwards.get(db, ann, id))
    assert (target.everything, target.keep, target.seal, target.attach) == (False, "archive", False, True)
    assert (target.forwarded, target.kept, target.latest, target.kept_why) == (1, 1, store.clock.timestamp(), "it would be refused")
    for work in (lambda: store.read(lambda db: forwards.get(db, bob, id)),
                 lambda: store.write_now(lambda db: forwards.change(db, bob, id, True, "inbox", True, True)),
                 lambda: store.write_now(lambda db: forwards.confirm(db, store.clock, bob, id, "x", 5)),
                 lambda: store.write_now(lambda db: forwards.remove(db, bob, id))):
        with pytest.raises(NotFound):
            work()
    store.write_now(lambda db: forwards.remove(db, ann, id))
    assert store.read(lambda db: forwards.all(db, ann)) == []


def test_codes(store: Store, clock: SetClock) -> None:
    """The newest works once, for its time, unless it was guessed at too often."""
    ann = add_account(store)
    id = added(store, ann)

    def told(code: str) -> bool:
        return store.write_now(lambda db: forwards.confirm(db, clock, ann, id, code, 2))

    def mailed(code: str) -> None:
        store.write_now(lambda db: forwards.set_code(db, clock, ann, id, code, 100.0))

    assert not told("")
    mailed("one")
    mailed("two")
    assert not told("one")
    assert not told("x")
    assert not told("two"), "guessed at too often"
    mailed("three")
    clock.advance(100.0)
    assert not told("three"), "too old"
    mailed("four")
    assert told("four")
    assert store.read(lambda db: forwards.get(db, ann, id)).confirmed == clock.timestamp()
    assert store.read(lambda db: forwards.codes_of_a_day(db, clock, ann, FAR)) == (4, 4)
    clock.advance(86_400.0)
    assert store.read(lambda db: forwards.codes_of_a_day(db, clock, ann, FAR)) == (0, 0)
    assert store.write_now(lambda db: forwards.prune(db, clock, 3)) == 3


def test_busy(store: Store) -> None:
    """Only a vacation that is on and a confirmed address are worth a look at each message."""
    ann = add_account(store)
    id = added(store, ann)
    assert not store.read(lambda db: forwards.busy(db, ann))
    store.write_now(lambda db: vacations.put(db, ann, Vacation(False, text="x")))
    assert not store.read(lambda db: forwards.busy(db, ann))
    store.write_now(lambda db: vacations.put(db, ann, Vacation(True, text="x")))
    assert store.read(lambda db: forwards.busy(db, ann))
    store.write_now(lambda db: vacations.put(db, ann, Vacation()))
    store.write_now(lambda db: forwards.set_code(db, store.clock, ann, id, "c", 9.0))
    store.write_now(lambda db: forwards.confirm(db, store.clock, ann, id, "c", 5))
    assert store.read(lambda db: forwards.busy(db, ann))
