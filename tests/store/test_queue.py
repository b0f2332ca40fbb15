"""The queue: claimed by next hop, never by two, never lost."""
from collections.abc import Sequence
from functools import partial

import pytest

from mta.base.clock import SetClock
from mta.base.errors import Failure, Reach
from mta.base.limits import LIMITS
from mta.base.names import Address, Domain
from mta.base.reply import Reply
from mta.store import bodies, domains, leases, outgoing, queue
from mta.store.connection import Connection, value
from mta.store.database import Store
from mta.store.queuefilter import State

DEAD = "delivery-0:999999999:1:dead"
REFUSED = Failure(Reach.RECIPIENT, lasting=True, code=550, enhanced="5.1.1", text="no such user", during="RCPT", host="mx.b.example")
LATER = Failure(Reach.HOST, lasting=False, code=421, enhanced="4.3.2", text="try later", during="MAIL", host="mx.b.example")
TAKEN = Reply(250, "2.0.0", "queued as 1")


def hop(recipient: Address) -> str:
    """The next hop of a recipient: its domain."""
    return recipient.domain.ascii


def put(store: Store, *recipients: str, sender: str | None = "ann@a.example") -> int:
    """Queue a message to recipients; its id."""
    sink = store.bodies.sink()
    sink.write(b"Subject: x\r\n\r\nhello\r\n")
    spooled = sink.finish()

    def change(db: Connection) -> int:
        new = queue.NewQueued(
            account_id=None, sender=Address.parse(sender) if sender else None, recipients=[Address.parse(text) for text in recipients],
            body_id=bodies.insert(db, spooled), body_size=spooled.size, prefix=b"Received: by us\r\n", smtputf8=False, eight_bit=True,
            message_id="1@a.example", subject="x", header_from="ann@a.example", trace="abc.1")
        return queue.add(db, store.clock, new, hop)

    return store.write_now(change, [spooled])


def claim(store: Store, next_hop: str, owner: str = "", limit: int = 100) -> queue.Claimed:
    """Claim for this process."""
    return store.write_now(lambda db: queue.claim(db, store.clock, next_hop, owner or leases.incarnation("delivery"), limit))


def ids(claimed: queue.Claimed) -> list[int]:
    """The recipient ids."""
    return [recipient.id for _, recipients in claimed for recipient in recipients]


def hops(store: Store, **more: object) -> list[tuple[str, int]]:
    """What is due where."""
    return store.read(lambda db: queue.due_next_hops(db, store.clock, **more))  # type: ignore[arg-type]  # tests pass keywords on


def state(store: Store, ident: int) -> State | None:
    """How a recipient stands."""
    found = store.read(lambda db: queue.recipient(db, ident))
    return found[1].state(store.clock.timestamp()) if found else None


def test_a_message_is_claimed_by_next_hop(store: Store) -> None:
    """One claim takes what is due for one destination, of several messages, and nothing else."""
    first = put(store, "bob@b.example", "cy@c.example", "bill@b.example")
    second = put(store, "ben@b.example")
    assert hops(store) == [("b.example", 3), ("c.example", 1)]

    taken = claim(store, "b.example")

    assert [(message.id, [str(r.recipient) for r in recipients]) for message, recipients in taken] == [
        (first, ["bob@b.example", "bill@b.example"]), (second, ["ben@b.example"])]
    assert hops(store) == [("c.example", 1)]
    message = taken[0][0]
    assert (message.sender, message.prefix, message.eight_bit, message.trace) == (
        Address.parse("ann@a.example"), b"Received: by us\r\n", True, "abc.1")
    assert store.bodies.read(message.body_name) == b"Subject: x\r\n\r\nhello\r\n"
    assert message.size == len(message.prefix) + message.body_size


def test_adding_rings_delivery(store: Store, rung: list[str]) -> None:
    """The commit that queues a message pokes the delivery role."""
    put(store, "bob@b.example")
    assert "delivery" in rung


def test_a_recipient_named_twice_is_queued_once(store: Store) -> None:
    """Two equal recipients are one delivery; the null sender stays null."""
    ident = put(store, "bob@b.example", "bob@b.example", sender=None)
    found = store.read(lambda db: queue.get(db, ident))
    assert found is not None
    assert found[0].sender is None
    assert len(found[1]) == 1


def test_a_claim_is_not_taken_twice(store: Store, clock: SetClock) -> None:
    """A row that somebody works on is nobody else's until the lease has run out."""
    put(store, "bob@b.example")
    first = claim(store, "b.example", DEAD)
    assert claim(store, "b.example") == []
    clock.advance(LIMITS.lease - 1)
    assert claim(store, "b.example") == []
    clock.advance(2)
    assert ids(claim(store, "b.example")) == ids(first)


def test_a_claim_can_be_renewed(store: Store, clock: SetClock) -> None:
    """Whoever renews keeps the row; whoever lost it is told so."""
    put(store, "bob@b.example")
    [ident] = ids(claim(store, "b.example", DEAD))
    clock.advance(LIMITS.lease - 1)
    assert store.write_now(lambda db: queue.renew(db, clock, [ident], DEAD)) == [ident]
    clock.advance(LIMITS.lease - 1)
    assert claim(store, "b.example") == []
    clock.advance(2)
    claim(store, "b.example")
    assert store.write_now(lambda db: queue.renew(db, clock, [ident], DEAD)) == []


def test_limit_takes_the_longest_waiting(store: Store, clock: SetClock) -> None:
    """A claim of one takes the oldest."""
    put(store, "old@b.example")
    clock.advance(1)
    put(store, "new@b.example")
    [(_, [row])] = claim(store, "b.example", limit=1)
    assert str(row.recipient) == "old@b.example"


def test_a_dead_predecessor_gives_back_at_once(store: Store, rung: list[str]) -> None:
    """What killed copies held is due again immediately; what a living one or another role holds stays."""
    put(store, "bob@b.example")
    put(store, "cy@c.example")
    put(store, "di@d.example")
    put(store, "eve@e.example")
    put(store, "flo@f.example")
    claim(store, "b.example", DEAD)
    claim(store, "c.example")
    claim(store, "d.example", "delivery-7:999999999:1:dead")
    claim(store, "e.example", "delivery-late-0:999999999:1:dead")
    claim(store, "f.example", leases.incarnation("delivery", 1))
    rung.clear()
    assert store.write_now(lambda db: queue.release_all(db, "delivery")) == 2
    assert rung == ["delivery"]
    assert hops(store) == [("b.example", 1), ("d.example", 1)]


def test_what_was_not_tried_is_given_back(store: Store) -> None:
    """Stopping before an attempt leaves the row as it was."""
    put(store, "bob@b.example")
    owner = leases.incarnation("delivery")
    taken = ids(claim(store, "b.example", owner))
    assert store.write_now(lambda db: queue.release(db, taken, "somebody else")) == 0
    assert store.write_now(lambda db: queue.release(db, taken, owner)) == 1
    [(_, [row])] = claim(store, "b.example")
    assert row.attempts == 0


def test_next_hops_can_be_walked(store: Store) -> None:
    """A caller that takes a few at a time comes to all of them."""
    put(store, *(f"x@{letter}.example" for letter in "dbca"))
    assert hops(store, limit=2) == [("a.example", 1), ("b.example", 1)]
    assert hops(store, limit=2, after="b.example") == [("c.example", 1), ("d.example", 1)]
    assert hops(store, after="d.example") == []


def test_next_hops_of_much_that_is_due(store: Store) -> None:
    """Beyond what is counted one by one the walk jumps from hop to hop, and comes to all of them too."""
    put(store, *(f"x{number}@b.example" for number in range(queue.COUNTED + 1)), "x@a.example", "x@c.example")
    assert hops(store) == [("a.example", 1), ("b.example", queue.COUNTED), ("c.example", 1)]
    assert hops(store, after="a.example", limit=1) == [("b.example", queue.COUNTED)]


def test_what_stays_here_is_found_by_itself(store: Store, clock: SetClock) -> None:
    """Domains of ours, and the host, that something is due for; nothing else, and nothing that waits."""
    store.write_now(lambda db: [domains.add(db, clock, Domain(f"{name}.example")) for name in "ab"])
    put(store, "x@a.example", "x@else.example", "postmaster@host.example")
    assert sorted(store.read(lambda db: queue.due_here(db, clock, "host.example"))) == ["a.example", "host.example"]
    claim(store, "a.example")
    assert store.read(lambda db: queue.due_here(db, clock, "host.example")) == ["host.example"]


def test_deferred_comes_back_when_due(store: Store, clock: SetClock) -> None:
    """A put-off recipient keeps what the other server said, and is due at its time."""
    put(store, "bob@b.example")
    [ident] = ids(claim(store, "b.example"))
    due = clock.timestamp() + 450
    assert store.write_now(lambda db: queue.defer(db, clock, ident, due, LATER))
    assert store.read(queue.next_due) == due
    assert hops(store) == []
    clock.advance(450)
    [(_, [row])] = claim(store, "b.example")
    assert (row.attempts, row.last_code, row.last_enhanced, row.last_text, row.last_host, row.last_during) == (
        1, 421, "4.3.2", "try later", "mx.b.example", "MAIL")


def test_delivered_becomes_history_and_the_last_takes_the_message(store: Store) -> None:
    """The message goes with its last recipient; each leaves a row of history."""
    ident = put(store, "bob@b.example", "cy@c.example")
    [first] = ids(claim(store, "b.example"))
    assert store.write_now(lambda db: queue.delivered(db, store.clock, first, TAKEN, "mx.b.example"))
    assert store.read(lambda db: queue.get(db, ident)) is not None
    [second] = ids(claim(store, "c.example"))
    assert store.write_now(lambda db: queue.failed(db, store.clock, second, REFUSED))
    assert store.read(lambda db: queue.get(db, ident)) is None
    done = store.read(lambda db: outgoing.listing(db))
    assert [(str(row.recipient), row.outcome, row.code, row.text, row.host, row.attempts, row.trace) for row in done] == [
        ("cy@c.example", "failed", 550, "no such user", "mx.b.example", 1, "abc.1"),
        ("bob@b.example", "delivered", 250, "queued as 1", "mx.b.example", 1, "abc.1")]


def test_an_outcome_counts_once(store: Store) -> None:
    """A second report of the same recipient changes nothing and says so."""
    put(store, "bob@b.example")
    [ident] = ids(claim(store, "b.example"))
    assert store.write_now(lambda db: queue.delivered(db, store.clock, ident, TAKEN, "mx"))
    assert not store.write_now(lambda db: queue.delivered(db, store.clock, ident, TAKEN, "mx"))
    assert not store.write_now(lambda db: queue.failed(db, store.clock, ident, REFUSED))
    assert not store.write_now(lambda db: queue.defer(db, store.clock, ident, 0, LATER))
    assert len(store.read(lambda db: outgoing.listing(db))) == 1


def test_held_is_not_claimed(store: Store, rung: list[str]) -> None:
    """Held rows wait for a person; letting go makes them due and rings."""
    ident = put(store, "bob@b.example")
    [row] = (store.read(lambda db: queue.get(db, ident)) or (None, []))[1]
    assert store.write_now(lambda db: queue.hold(db, [row.id])) == 1
    assert store.write_now(lambda db: queue.hold(db, [row.id])) == 0
    assert hops(store) == []
    assert claim(store, "b.example") == []
    assert store.read(queue.next_due) is None
    assert state(store, row.id) == "held"
    rung.clear()
    assert store.write_now(lambda db: queue.release_hold(db, [row.id])) == 1
    assert "delivery" in rung
    assert ids(claim(store, "b.example")) == [row.id]


def test_holding_what_is_tried_lets_it_finish(store: Store, clock: SetClock) -> None:
    """A hold during an attempt takes effect after it."""
    put(store, "bob@b.example")
    [ident] = ids(claim(store, "b.example"))
    store.write_now(lambda db: queue.hold(db, [ident]))
    assert state(store, ident) == "active"
    store.write_now(lambda db: queue.defer(db, clock, ident, clock.timestamp(), LATER))
    assert state(store, ident) == "held"
    assert claim(store, "b.example") == []


def test_retry_now(store: Store, clock: SetClock) -> None:
    """A waiting or held row is due at once."""
    put(store, "bob@b.example")
    [ident] = ids(claim(store, "b.example"))
    store.write_now(lambda db: queue.defer(db, clock, ident, clock.timestamp() + 900, LATER))
    assert state(store, ident) == "waiting"
    store.write_now(lambda db: queue.hold(db, [ident]))
    assert store.write_now(lambda db: queue.retry_now(db, clock, [ident, 12345])) == 1
    assert state(store, ident) == "due"


def test_drop_leaves_what_is_being_tried(store: Store) -> None:
    """Dropping is history without notice; a row under way cannot be dropped."""
    put(store, "bob@b.example", "cy@c.example")
    [active] = ids(claim(store, "b.example"))
    [(_, waiting)] = store.read(lambda db: queue.listing(db, store.clock, next_hop="c.example"))
    assert store.write_now(lambda db: queue.drop(db, store.clock, [active, waiting.id, 999], "the administrator")) == 1
    [row] = store.read(lambda db: outgoing.listing(db))
    assert (str(row.recipient), row.outcome, row.text, row.attempts) == ("cy@c.example", "dropped", "dropped by the administrator", 0)


def test_a_transport_can_be_set_and_unset(store: Store, clock: SetClock) -> None:
    """A row with a transport is claimed under its name, without one under its own domain."""
    ident = put(store, "bob@b.example")
    [row] = (store.read(lambda db: queue.get(db, ident)) or (None, []))[1]
    assert store.write_now(lambda db: queue.set_transport(db, clock, [row.id, 999], "relay", lambda _: "transport:relay")) == 1
    assert hops(store) == [("transport:relay", 1)]
    [(_, [found])] = claim(store, "transport:relay")
    assert found.transport == "relay"
    store.write_now(lambda db: queue.set_transport(db, clock, [row.id], None, hop))
    clock.advance(LIMITS.lease)
    assert hops(store) == [("b.example", 1)]


@pytest.mark.parametrize(("filters", "wanted"), [
    ({}, ["di@d.example", "cy@c.example", "bob@b.example"]),
    ({"limit": 1}, ["di@d.example"]),
    ({"text": "BOB"}, ["bob@b.example"]),
    ({"text": "ann@"}, ["di@d.example", "cy@c.example", "bob@b.example"]),
    ({"next_hop": "c.example"}, ["cy@c.example"]),
    ({"state": "active"}, ["bob@b.example"]),
    ({"state": "held"}, ["cy@c.example"]),
    ({"state": "due"}, ["di@d.example"]),
    ({"state": "waiting"}, []),
    ({"account_id": 77}, []),
    ({"message_id": 1}, ["cy@c.example", "bob@b.example"]),
    ({"text": "nobody"}, []),
], ids=str)
def test_listing_filters(store: Store, filters: dict[str, object], wanted: list[str]) -> None:
    """Each filter shows what it says, newest first."""
    put(store, "bob@b.example", "cy@c.example")
    put(store, "di@d.example")
    claim(store, "b.example")
    [(_, held)] = store.read(lambda db: queue.listing(db, store.clock, next_hop="c.example"))
    store.write_now(lambda db: queue.hold(db, [held.id]))
    rows = store.read(lambda db: queue.listing(db, store.clock, **filters))  # type: ignore[arg-type]  # parametrised
    assert [str(row.recipient) for _, row in rows] == wanted
    totals = store.read(lambda db: queue.totals(db, store.clock))
    assert totals == queue.Totals(recipients=3, due=1, held=1, active=1, oldest=store.clock.timestamp())


def test_pages_join(store: Store) -> None:
    """Paging by the last id seen shows every row once."""
    put(store, *(f"x{number}@b.example" for number in range(10)))
    seen: list[int] = []
    before = None
    while rows := store.read(lambda db: queue.listing(db, store.clock, before=before, limit=3)):   # noqa: B023  # called at once
        seen += [row.id for _, row in rows]
        before = seen[-1]
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 10


def test_delay_notice_is_remembered(store: Store) -> None:
    """A sender is told once that a message is late."""
    ident = put(store, "bob@b.example")
    [row] = (store.read(lambda db: queue.get(db, ident)) or (None, []))[1]
    assert not row.delay_noticed
    store.write_now(lambda db: queue.delay_noticed(db, [row.id]))
    [row] = (store.read(lambda db: queue.get(db, ident)) or (None, []))[1]
    assert row.delay_noticed


def test_addresses_survive(store: Store) -> None:
    """Quoted and internationalised addresses come back as they were."""
    ident = put(store, '"a b"@b.example', "ü@bücher.example")
    found = store.read(lambda db: queue.get(db, ident))
    assert found is not None
    assert [row.recipient for row in found[1]] == [Address.parse('"a b"@b.example'), Address.parse("ü@bücher.example")]


PLANS: Sequence[tuple[str, tuple[object, ...], str]] = [
    (queue.CLAIM, (), "queue_recipient_by_hop"),
    (queue.DUE_HOPS, (), "queue_recipient_by_hop"),
    (queue.DUE_FEW, (), "queue_recipient_by_wake"),
    ("SELECT min(wake) FROM queue_recipient WHERE wake IS NOT NULL", (), "queue_recipient_by_wake"),
]


@pytest.mark.parametrize(("sql", "params", "index"), PLANS, ids=("claim", "hops", "few", "due"))
def test_the_index_is_used(store: Store, sql: str, params: tuple[object, ...], index: str) -> None:
    """Claiming does not get slower with what is queued: no step of the plan reads the whole table."""
    names = {"owner": "", "until": 0, "next_hop": "", "now": 0, "limit": 1, "after": "", "counted": 1}
    plan = store.read(lambda db: [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {sql}", names)])
    assert any(index in step for step in plan)
    assert not [step for step in plan if step.startswith("SCAN") and "INDEX" not in step and "queue_recipient" in step]


def test_nothing_is_left_behind(store: Store) -> None:
    """When all is delivered both tables are empty."""
    put(store, "bob@b.example", "ben@b.example")
    for ident in ids(claim(store, "b.example")):
        store.write_now(partial(queue.delivered, clock=store.clock, recipient_id=ident, reply=TAKEN, host="mx"))
    assert store.read(lambda db: value(db, "SELECT (SELECT count(*) FROM queue_message) + (SELECT count(*) FROM queue_recipient)")) == 0


def test_late_mail_is_told_of_once(store: Store, clock: SetClock) -> None:
    """What was tried in vain and waits too long; not what was never tried, is held, was told of, or comes from nobody."""
    put(store, "bob@b.example", "held@b.example", "told@b.example")
    put(store, "untried@c.example")
    put(store, "bob@b.example", sender=None)
    for ident in ids(claim(store, "b.example")):
        store.write_now(partial(queue.defer, clock=clock, recipient_id=ident, due=clock.timestamp() + 450, failure=LATER))
    rows = {str(row.recipient): row.id for message, row in store.read(lambda db: queue.listing(db, clock)) if message.sender}
    store.write_now(lambda db: queue.hold(db, [rows["held@b.example"]]))
    store.write_now(lambda db: queue.delay_noticed(db, [rows["told@b.example"]]))
    before = clock.timestamp()
    assert store.read(lambda db: queue.late(db, before - 1, 10)) == []
    [(message, recipients)] = store.read(lambda db: queue.late(db, before, 10))
    assert str(message.sender) == "ann@a.example"
    assert [str(row.recipient) for row in recipients] == ["bob@b.example"]


def test_waiting_mail_follows_new_routes(store: Store, clock: SetClock) -> None:
    """Each row is looked at once, in slices; one that a person gave a transport keeps it."""
    put(store, *(f"x{number}@b.example" for number in range(5)))
    fixed = put(store, "y@b.example")
    [row] = (store.read(lambda db: queue.get(db, fixed)) or (None, []))[1]
    store.write_now(lambda db: queue.set_transport(db, clock, [row.id], "relay", lambda recipient: "transport:relay"))
    asked: list[tuple[str, str]] = []

    def route(sender: Address | None, recipient: Address, _account: int | None, attempts: int) -> str:
        assert attempts == 0
        asked.append((str(sender), str(recipient)))
        return "transport:new"

    after: int | None = 0
    while after is not None:
        after = store.write_now(partial(queue.reroute, next_hop_of=route, after=after, limit=2))
    assert hops(store) == [("transport:new", 5), ("transport:relay", 1)]
    assert asked == [("ann@a.example", f"x{number}@b.example") for number in range(5)]
