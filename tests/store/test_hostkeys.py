"""mta.store.hostkeys: one key in use of each kind, whatever comes and goes."""
from mta.base.clock import SetClock
from mta.store import hostkeys
from mta.store.database import Store


def states(store: Store) -> list[tuple[str, str, str]]:
    """(algorithm, state, digest) of all keys."""
    return [(row.algorithm, row.state, row.digest) for row in store.read(hostkeys.all)]


def put(store: Store, clock: SetClock, algorithm: str, state: hostkeys.State, digest: str) -> bool:
    """Note a key."""
    return store.write_now(lambda db: hostkeys.add(db, clock, algorithm, f"keys/{digest}", digest, state))


def test_one_of_each(store: Store, clock: SetClock) -> None:
    """A second key of the same kind in the same state is not taken."""
    assert put(store, clock, "rsa", "current", "a")
    assert put(store, clock, "ec", "current", "b")
    assert not put(store, clock, "ec", "current", "c")
    assert states(store) == [("ec", "current", "b"), ("rsa", "current", "a")]


def test_switching(store: Store, clock: SetClock) -> None:
    """The next key comes into use, the one before becomes old and can go; the one in use cannot."""
    for algorithm, state, digest in (("rsa", "current", "a"), ("ec", "current", "b"), ("ec", "next", "c")):
        put(store, clock, algorithm, state, digest)  # type: ignore[arg-type]  # a str of a table

    assert store.write_now(hostkeys.switch) == 1
    assert states(store) == [("ec", "current", "c"), ("rsa", "current", "a"), ("ec", "old", "b")]
    assert store.write_now(hostkeys.switch) == 0
    for row in store.read(hostkeys.all):
        store.write_now(lambda db, id=row.id: hostkeys.remove(db, id))    # type: ignore[misc]  # a lambda with a default
    assert states(store) == [("ec", "current", "c"), ("rsa", "current", "a")]


def test_what_the_dns_lists(store: Store, clock: SetClock) -> None:
    """The first sight counts, and the longest time to live; a record that went starts anew."""
    put(store, clock, "ec", "current", "b")
    [row] = store.read(hostkeys.all)
    assert (row.listed, row.ttl) == (None, 0)
    for at, ttl in ((100.0, 60.0), (200.0, 3600.0), (300.0, 10.0)):
        store.write_now(lambda db, at=at, ttl=ttl: hostkeys.saw(db, row.id, at, ttl))    # type: ignore[misc]
    [row] = store.read(hostkeys.all)
    assert (row.listed, row.ttl) == (100.0, 3600.0)
    store.write_now(lambda db: hostkeys.saw(db, row.id, None, 0.0))
    [row] = store.read(hostkeys.all)
    assert (row.listed, row.ttl) == (None, 0)
