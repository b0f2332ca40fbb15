"""mta.store.profilelinks: secrets for one use."""
import pytest

from mta.base.clock import SetClock
from mta.store import accounts, profilelinks
from mta.store.connection import value
from mta.store.database import Store


@pytest.fixture
def ann(store: Store) -> int:
    """An account."""
    return store.write_now(lambda db: accounts.add(db, store.clock, "ann"))


def add(store: Store, account: int, secret: str) -> None:
    """A link for ten minutes, of two at most."""
    store.write_now(lambda db: profilelinks.add(db, store.clock, account, "ann@example.org", secret, 600.0, 2))


def count(store: Store) -> int:
    """How many rows there are."""
    found: int = store.read(lambda db: value(db, "SELECT count(*) FROM profile_link"))
    return found


def test_once(store: Store, clock: SetClock, ann: int) -> None:
    """It works once; the secret itself is not kept."""
    add(store, ann, "secret")
    assert store.read(lambda db: profilelinks.known(db, clock, "secret"))
    assert not store.read(lambda db: profilelinks.known(db, clock, "Secret"))
    assert store.read(lambda db: value(db, "SELECT count(*) FROM profile_link WHERE instr(secret, CAST('secret' AS BLOB))")) == 0
    assert store.write_now(lambda db: profilelinks.take(db, clock, "secret")) == (ann, "ann@example.org")
    assert store.write_now(lambda db: profilelinks.take(db, clock, "secret")) is None
    assert count(store) == 0


def test_in_time(store: Store, clock: SetClock, ann: int) -> None:
    """And not later."""
    add(store, ann, "secret")
    clock.advance(600)
    assert not store.read(lambda db: profilelinks.known(db, clock, "secret"))
    assert store.write_now(lambda db: profilelinks.take(db, clock, "secret")) is None
    assert store.write_now(lambda db: profilelinks.expire(db, clock)) == 1
    assert count(store) == 0


def test_few(store: Store, clock: SetClock, ann: int) -> None:
    """The newest stay, of each account apart; with the account all go."""
    bob = store.write_now(lambda db: accounts.add(db, clock, "bob"))
    for account, secrets in ((ann, "abc"), (bob, "d")):
        for secret in secrets:
            add(store, account, secret)
    assert [secret for secret in "abcd" if store.read(lambda db, one=secret: profilelinks.known(db, clock, one))] == ["b", "c", "d"]    # type: ignore[misc]  # a lambda with a default
    store.write_now(lambda db: accounts.remove(db, ann))
    assert count(store) == 1
