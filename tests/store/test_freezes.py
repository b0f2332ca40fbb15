"""mta.store.freezes: who may not send, what waits because of that, and what is usual for an account."""
from functools import partial

import pytest

from mta.base.clock import SetClock
from mta.base.names import Address
from mta.store import accounts, bodies, freezes, outgoing, queue
from mta.store.connection import Connection
from mta.store.database import Store
from mta.store.freezes import DAY, HOUR, Freeze, Sending, Usual
from tests.store.population import add_account, spool


@pytest.fixture
def ann(store: Store) -> int:
    """An account."""
    return add_account(store)


@pytest.fixture
def bob(store: Store) -> int:
    """Another one."""
    return add_account(store, "bob")


def freeze(store: Store, account: int, reason: str = "stolen", by: str = "admin") -> None:
    """Freeze an account now."""
    store.write_now(lambda db: freezes.add(db, store.clock, account, reason, by))


def lift(store: Store, account: int) -> bool:
    """Let it go again."""
    return store.write_now(lambda db: freezes.lift(db, store.clock, account))


def put(store: Store, account: int | None, count: int) -> list[int]:
    """Queue a message of the account to so many people; the ids of the recipients."""
    body = spool(store, b"Subject: x\r\n\r\nhello\r\n")

    def change(db: Connection) -> list[int]:
        queue.add(db, store.clock, queue.NewQueued(
            account_id=account, sender=Address.parse("ann@example.org"),
            recipients=[Address.parse(f"p{at}@b.example") for at in range(count)], body_id=bodies.insert(db, body),
            body_size=body.size, prefix=b"", smtputf8=False, eight_bit=False, message_id="1@example.org",
            subject="x", header_from="ann@example.org", trace="t.1"), lambda address: address.domain.ascii)
        return [id for id, in db.execute("SELECT id FROM queue_recipient ORDER BY id DESC LIMIT ?", (count,))]

    return sorted(store.write_now(change, [body]))


def held(store: Store) -> set[int]:
    """The recipients that are held, for whatever reason."""
    return {row.id for _, row in store.read(lambda db: queue.listing(db, store.clock)) if row.held}


def change(store: Store, function: str, account: int, limit: int) -> int:
    """hold() or release()."""
    return store.write_now(lambda db: int(getattr(freezes, function)(db, account, limit)))


def ended(store: Store, account: int, queued: float, finished: float, outcome: str = "delivered", count: int = 1) -> None:
    """So many of the account's recipients came to an end."""
    store.write_now(lambda db: db.executemany(
        "INSERT INTO outgoing (queue_message_id, account_id, sender, recipient, kind, message_id, subject, trace, size, queued, finished, "
        "attempts, outcome, code, enhanced, text, host, during) VALUES (1, ?, '', 'x@y.example', 'mail', '', '', '', 1, ?, ?, 1, ?, 250, "
        "'', '', '', '')", [(account, queued, finished, outcome)] * count))


def test_a_freeze_stands_until_it_is_lifted(store: Store, clock: SetClock, ann: int, bob: int) -> None:
    """It is remembered afterwards, and a later one takes its place; nobody is let go twice."""
    began = clock.timestamp()
    assert store.read(lambda db: freezes.get(db, ann)) is None
    assert not lift(store, ann)
    freeze(store, bob, "x'); DROP TABLE freeze; --")
    clock.advance(5)
    freeze(store, ann)
    assert [(one.account_id, one.reason) for one in store.read(freezes.all)] == [(bob, "x'); DROP TABLE freeze; --"), (ann, "stolen")]

    assert lift(store, ann)
    assert not lift(store, ann)
    assert store.read(lambda db: freezes.standing(db, ann)) is None
    assert store.read(lambda db: freezes.get(db, ann)) == Freeze(ann, began + 5, "stolen", "admin", began + 5)
    assert [one.account_id for one in store.read(freezes.all)] == [bob]

    clock.advance(5)
    freeze(store, ann, "again", "the server")
    assert store.read(lambda db: freezes.standing(db, ann)) == Freeze(ann, began + 10, "again", "the server", None)
    assert not lift(store, 999)


def test_the_pages_are_told(store: Store, rung: list[str], ann: int) -> None:
    """Of a freeze and of its end."""
    for act in (partial(freeze, store, ann), partial(lift, store, ann)):
        rung.clear()
        act()
        assert "web" in rung


def test_what_waits_is_held_and_let_go_in_slices(store: Store, ann: int, bob: int) -> None:
    """Never more than was asked for at once, nothing of others, and not what was held before for another reason."""
    mine, before, others, nobodys = put(store, ann, 5), put(store, ann, 1), put(store, bob, 2), put(store, None, 1)
    store.write_now(lambda db: queue.hold(db, before))

    assert [change(store, "hold", ann, 3) for _ in range(3)] == [3, 2, 0]
    assert held(store) == {*mine, *before}
    assert store.read(lambda db: (freezes.waiting(db, ann), freezes.waiting(db, bob))) == (5, 0)

    assert change(store, "release", bob, 100) == 0
    assert [change(store, "release", ann, 4) for _ in range(3)] == [4, 1, 0]
    assert held(store) == set(before)
    assert store.read(lambda db: freezes.waiting(db, ann)) == 0
    assert {id for _, row in store.read(lambda db: queue.listing(db, store.clock)) if (id := row.id) not in before} == {
        *mine, *others, *nobodys}


def test_what_is_gone_waits_no_more(store: Store, clock: SetClock, ann: int) -> None:
    """Neither what was dropped from the queue meanwhile, nor anything of an account that was removed."""
    first, *_ = put(store, ann, 3)
    freeze(store, ann)
    change(store, "hold", ann, 100)
    assert store.write_now(lambda db: queue.drop(db, clock, [first], "admin")) == 1
    assert store.read(lambda db: freezes.waiting(db, ann)) == 2
    store.write_now(lambda db: accounts.remove(db, ann))
    assert store.read(lambda db: (freezes.get(db, ann), freezes.all(db), freezes.waiting(db, ann))) == (None, [], 0)


def test_who_was_busy_within_an_hour(store: Store, clock: SetClock, ann: int, bob: int) -> None:
    """All messages of the hour count together, for each account by itself; what is an hour old does not."""
    def wrote(account: int, *names: str) -> None:
        store.write_now(lambda db: outgoing.remember(db, clock, account, [Address.parse(f"{name}@b.example") for name in names]))

    def busy(least: int) -> list[Sending]:
        return sorted(store.read(lambda db: freezes.busy(db, clock, least)), key=lambda one: one.account_id)

    wrote(ann, "p1", "p2", "p3")
    clock.advance(HOUR / 2)
    wrote(ann, "p1", "p4")
    wrote(bob, "p1")
    assert busy(1) == [Sending(ann, 5, 4), Sending(bob, 1, 1)]
    assert busy(5) == [Sending(ann, 5, 4)]
    assert busy(6) == []
    clock.advance(HOUR / 2)
    assert busy(1) == [Sending(ann, 2, 1), Sending(bob, 1, 1)]


def test_what_is_usual(store: Store, clock: SetClock, ann: int, bob: int) -> None:
    """The busiest hour of a month without today, and what became of the last day's mail; others and older mail are no measure."""
    assert store.read(lambda db: freezes.usual(db, clock, ann)) == Usual(0, 0, 0, 0)
    now = clock.timestamp()
    for back, count in ((3 * DAY, 4), (3 * DAY + HOUR, 7), (31 * DAY, 50), (HOUR, 90)):
        ended(store, ann, now - back, now - back, count=count)
    ended(store, ann, now - 2 * DAY, now, "failed", 2)    # tried for two days
    ended(store, ann, now, now, "dropped")
    ended(store, bob, now - 3 * DAY, now, "failed", 60)
    assert store.read(lambda db: freezes.usual(db, clock, ann)) == Usual(busiest=7, known=13, finished=93, failed=2)
