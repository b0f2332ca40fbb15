"""mta.store.delayed: what waits for its time."""
from mta.base.clock import SetClock
from mta.store import bodies, delayed, messages
from mta.store.connection import value
from mta.store.database import Store
from mta.store.delayed import Delayed
from tests.store.population import add_account, deliver, mailbox


def test_what_waits(store: Store, clock: SetClock) -> None:
    """In order of time until that has come; its body stays as long, and is swept then."""
    account = add_account(store)
    message = deliver(store, mailbox(store, account))
    now = clock.timestamp()
    late = Delayed(0, now + 50, message.body_id, message.id, (7, 8), 3, "late", "a@b.example")
    soon = Delayed(0, now + 10, message.body_id, None, (9,), 1, "soon", "")
    ids = [store.write_now(lambda db, one=one: delayed.add(db, account, one)) for one in (late, soon)]  # type: ignore[misc]
    store.write_now(lambda db: messages.expunge(db, account, [message.id], keep=False))
    bodies.sweep(store)

    assert [one.subject for one in store.read(lambda db: delayed.waiting(db, clock, account, 10))] == ["soon", "late"]
    assert store.read(lambda db: (delayed.get(db, account, ids[0]), delayed.get(db, account + 1, ids[0]))) == (
        Delayed(ids[0], now + 50, message.body_id, message.id, (7, 8), 3, "late", "a@b.example"), None)
    assert store.read(lambda db: (delayed.by_queued(db, account, [9]), delayed.by_queued(db, account, [7]))) == (ids[1], None)
    assert store.read(lambda db: bodies.named(db, message.body_id))[1] == 26
    clock.advance(60)
    assert store.write_now(lambda db: delayed.prune(db, clock, 1)) == 1
    store.write_now(lambda db: delayed.remove(db, ids[0]))
    bodies.sweep(store)
    assert store.read(lambda db: value(db, "SELECT count(*) FROM body")) == 0
