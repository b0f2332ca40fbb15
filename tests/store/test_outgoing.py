"""History and limits of what our users send."""
from functools import partial

import pytest

from mta.base.clock import SetClock
from mta.base.names import Address
from mta.store import accounts, outgoing
from mta.store.database import Store

BOB, CY = Address.parse("bob@b.example"), Address.parse("cy@c.example")


@pytest.fixture
def account(store: Store) -> int:
    """An account that sends."""
    return store.write_now(lambda db: accounts.add(db, store.clock, "ann"))


def test_first_time_recipients_are_counted_once(store: Store, clock: SetClock, account: int) -> None:
    """A recipient is new until the first message to it, in any case of letters."""
    assert not store.read(lambda db: outgoing.known(db, account, BOB))
    assert store.write_now(lambda db: outgoing.remember(db, clock, account, [BOB, CY, BOB])) == 2
    assert store.read(lambda db: outgoing.known(db, account, Address.parse("BOB@b.example")))
    assert store.write_now(lambda db: outgoing.remember(db, clock, account, [BOB])) == 0
    usage = store.read(lambda db: outgoing.usage(db, clock, account))
    assert usage == outgoing.Usage(messages=2, recipients=3, first_time=2, oldest=clock.timestamp())


def test_the_limit_looks_back_24_hours(store: Store, clock: SetClock, account: int) -> None:
    """What was sent a day ago counts no more, and is pruned."""
    store.write_now(lambda db: outgoing.remember(db, clock, account, [BOB]))
    clock.advance(86_399)
    assert store.read(lambda db: outgoing.usage(db, clock, account)).messages == 1
    clock.advance(2)
    assert store.read(lambda db: outgoing.usage(db, clock, account)) == outgoing.Usage(0, 0, 0, None)
    assert store.write_now(lambda db: outgoing.prune(db, clock, 100.0, 10)) == 1
    assert store.read(lambda db: outgoing.known(db, account, BOB))


def test_accounts_are_apart(store: Store, clock: SetClock, account: int) -> None:
    """What one account knows another does not."""
    store.write_now(lambda db: outgoing.remember(db, clock, account, [BOB]))
    assert not store.read(lambda db: outgoing.known(db, account + 1, BOB))
    assert store.read(lambda db: outgoing.usage(db, clock, account + 1)).messages == 0


def test_completions_put_the_frequent_first(store: Store, clock: SetClock, account: int) -> None:
    """Typing a part of an address offers whom one writes to most."""
    for recipients in ([BOB], [CY], [CY]):
        store.write_now(partial(outgoing.remember, clock=clock, account_id=account, recipients=recipients))
    assert store.read(lambda db: outgoing.completions(db, account, "EXAMPLE")) == [CY.ascii, BOB.ascii]
    assert store.read(lambda db: outgoing.completions(db, account, "bo")) == [BOB.ascii]
    assert store.read(lambda db: outgoing.completions(db, account, "%")) == []


def row(store: Store, outcome: str, recipient: str, trace: str, account_id: int | None = None) -> None:
    """A row of history."""
    store.write_now(lambda db: db.execute(
        "INSERT INTO outgoing (queue_message_id, account_id, sender, recipient, kind, message_id, subject, trace, size, queued, finished, "
        "attempts, outcome, code, enhanced, text, host, during) "
        "VALUES (1, ?, 'ann@a.example', ?, 'mail', '', '', ?, 9, 0, ?, 1, ?, 250, '', '', '', '')",
        (account_id, recipient, trace, store.clock.timestamp(), outcome)) and None)


def test_history_is_listed_and_pruned(store: Store, clock: SetClock, account: int) -> None:
    """Filters, paging, and an age after which rows go, in slices."""
    row(store, "delivered", "bob@b.example", "t.1")
    clock.advance(10)
    row(store, "failed", "cy@c.example", "t.2", account)
    listing = store.read(outgoing.listing)
    assert [found.recipient for found in listing] == [CY, BOB]
    for filters, wanted in (({"outcome": "failed"}, [CY]), ({"trace": "t.1"}, [BOB]), ({"text": "BOB"}, [BOB]),
                            ({"account_id": account}, [CY]), ({"before": listing[0].id}, [BOB])):
        found = store.read(partial(outgoing.listing, **filters))
        assert [one.recipient for one in found] == wanted, filters
    assert store.write_now(lambda db: outgoing.prune(db, clock, 5.0, 100)) == 1
    assert [found.recipient for found in store.read(outgoing.listing)] == [CY]
