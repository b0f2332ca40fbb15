"""mta.store.seen: what was seen of domains, for each account apart."""
from dataclasses import replace

import pytest

from mta.base.clock import SetClock
from mta.base.names import Domain
from mta.secure.protection import Seen
from mta.store import accounts, seen
from mta.store.connection import value
from mta.store.database import Store

B, C = Domain("b.example"), Domain("c.example")


@pytest.fixture
def ann(store: Store) -> int:
    """An account that sends."""
    return store.write_now(lambda db: accounts.add(db, store.clock, "ann"))


@pytest.fixture
def bob(store: Store) -> int:
    """And another."""
    return store.write_now(lambda db: accounts.add(db, store.clock, "bob"))


def look(clock: SetClock, domain: Domain = B) -> Seen:
    """What a connection now shows."""
    return Seen(domain, True, "dane", True, clock.timestamp())


def note(store: Store, what: Seen, *account_ids: int) -> None:
    """Remember it for them."""
    store.write_now(lambda db: seen.note(db, account_ids, what))


def known(store: Store, account: int, *domains: Domain) -> dict[Domain, Seen]:
    """What an account knows of domains."""
    return store.read(lambda db: seen.of(db, account, domains))


def rows(store: Store) -> int:
    """How many there are."""
    return int(store.read(lambda db: value(db, "SELECT count(*) FROM recipient_tls")))


def test_the_latest_counts(store: Store, clock: SetClock, ann: int, bob: int) -> None:
    """By account and domain; who did not write there learns nothing."""
    note(store, look(clock), ann)
    assert known(store, ann, B, C) == {B: look(clock)}
    assert known(store, bob, B, C) == {}
    clock.advance(1)
    plain = Seen(B, False, "", False, clock.timestamp())
    note(store, plain, ann, bob, ann)
    assert known(store, ann, B) == known(store, bob, B) == {B: plain}
    note(store, look(clock, C), bob)
    assert known(store, ann, B, C) == {B: plain}


def test_what_is_no_news_is_not_written(store: Store, clock: SetClock, ann: int, bob: int) -> None:
    """The same again within a day is known; another account, another fact or another day is news."""
    note(store, look(clock), ann)
    first = clock.timestamp()
    clock.advance(3_600)

    def news(what: Seen) -> list[int]:
        return store.read(lambda db: seen.news_to(db, [ann, bob, ann], what))

    assert news(look(clock)) == [bob]
    note(store, look(clock), ann)
    assert known(store, ann, B)[B].at == first
    for change in ({"starttls": False}, {"verified": ""}, {"verified": "mta-sts"}, {"requiretls": False}):
        assert news(replace(look(clock), **change)) == [ann, bob]
    clock.advance(86_400)
    assert news(look(clock)) == [ann, bob]


def test_it_goes_with_the_account(store: Store, clock: SetClock, ann: int, bob: int) -> None:
    """An account that is gone is passed over, and nothing of it stays."""
    note(store, look(clock), ann, bob)
    store.write_now(lambda db: accounts.remove(db, ann))
    assert rows(store) == 1
    note(store, look(clock, C), ann, 999)
    assert rows(store) == 1


def test_pruning(store: Store, clock: SetClock, ann: int, bob: int) -> None:
    """What is old goes; of an account with too many, the oldest; never more at once than asked for."""
    for number in range(5):
        note(store, look(clock, Domain(f"d{number}.example")), ann)
        clock.advance(10)
    note(store, look(clock), bob)

    def prune(age: float, most: int, limit: int) -> int:
        return store.write_now(lambda db: seen.prune(db, clock, age, most, limit))

    assert prune(1_000, 5, 100) == 0
    assert prune(45, 5, 100) == 1
    assert prune(1_000, 2, 1) == 1
    assert prune(1_000, 2, 100) == 1
    assert [one.ascii for one in known(store, ann, *(Domain(f"d{number}.example") for number in range(5)))] == ["d3.example", "d4.example"]
    assert list(known(store, bob, B)) == [B]


def test_of_all_accounts(store: Store, clock: SetClock, ann: int, bob: int) -> None:
    """For the administrator: each domain once, as it was seen last; who looks again brings all accounts up to date."""
    note(store, look(clock), ann)
    note(store, look(clock, C), bob)
    clock.advance(60)
    later = replace(look(clock), verified="", requiretls=False, dnssec=True)
    note(store, later, bob)
    assert store.read(lambda db: seen.all(db, "", 9)) == [(later, 2), (replace(look(clock, C), at=clock.timestamp() - 60), 1)]
    assert [one.domain for one, _ in store.read(lambda db: seen.all(db, "c.ex", 9))] == [C]
    assert len(store.read(lambda db: seen.all(db, "", 1))) == 1
    clock.advance(60)
    now = look(clock)
    store.write_now(lambda db: seen.renew(db, now))
    assert known(store, ann, B) == known(store, bob, B) == {B: now}
    store.write_now(lambda db: seen.renew(db, later))    # an answer that was late
    assert known(store, ann, B) == {B: now}
