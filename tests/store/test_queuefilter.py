"""mta.store.queuefilter: which recipients are meant."""
from mta.base.clock import SetClock
from mta.base.names import Address
from mta.store import bodies, queue, queuefilter
from mta.store.connection import Connection
from mta.store.database import Store
from mta.store.queue import NewQueued
from tests.store.population import spool


def test_each_condition(store: Store, clock: SetClock) -> None:
    """By what is typed, sender, recipient, state; newest first, and on from a place."""
    body = spool(store, b"Subject: x\r\n\r\nx\r\n")
    wanted = [Address.parse(text) for text in ("bob@b.test", "cy@c.test")]

    def add(db: Connection) -> list[int]:
        new = NewQueued(None, Address.parse("ann@a.test"), wanted, bodies.insert(db, body), body.size, b"", smtputf8=False,
                        eight_bit=False, message_id="1@a.test", subject="x", header_from="ann@a.test", trace="0123456789.1")
        queue.add(db, clock, new, lambda recipient: recipient.domain.ascii)
        return [ident for ident, in db.execute("SELECT id FROM queue_recipient ORDER BY id")]

    bob, cy = store.write_now(add, [body])

    def found(**more: object) -> list[int]:
        return store.read(lambda db: queuefilter.matching(db, clock, **more))    # type: ignore[arg-type]  # tests pass keywords on

    assert found() == [cy, bob]
    assert found(before=cy) == [bob]
    assert (found(text="B.TEST"), found(recipient="cy@"), found(sender="else"), found(next_hop="c.test")) == ([bob], [cy], [], [cy])
    assert (found(state="due"), found(state="held"), found(account_id=1)) == ([cy, bob], [], [])
    store.write_now(lambda db: queue.hold(db, [bob]))
    assert (found(state="held"), found(held=False), found(state="due")) == ([bob], [cy], [cy])
