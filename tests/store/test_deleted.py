"""mta.store.deleted: rows of messages that were removed; what people see of it is in tests/flow/test_undelete.py."""
import pytest

from mta.base.clock import SetClock
from mta.base.errors import NotFound
from mta.store import deleted, mailboxes, messages
from mta.store.database import Store
from tests.store.population import add_account, deliver, mailbox


def test_a_removed_message_is_kept(store: Store, clock: SetClock) -> None:
    """With its place and facts; the time is noted by stamp(); another account does not see it."""
    ann, bob = add_account(store), add_account(store, "bob")
    row = deliver(store, mailbox(store, ann, "archive"), subject="hello", keywords=("blue",))
    store.write_now(lambda db: messages.expunge(db, ann, [row.id]))
    assert store.read(deleted.unstamped)
    assert store.write_now(lambda db: deleted.stamp(db, clock, 10)) == 1
    assert not store.read(deleted.unstamped)
    found = store.read(lambda db: deleted.get(db, ann, row.id))
    assert (found.subject, found.mailbox, found.role, found.deleted, found.keywords) == (
        "hello", "Archive", "archive", clock.timestamp(), ("blue",))
    with pytest.raises(NotFound):
        store.read(lambda db: deleted.get(db, bob, row.id))


def test_those_of_a_mailbox(store: Store) -> None:
    """A mailbox that is removed at once keeps all of its messages."""
    ann = add_account(store)
    place = store.write_now(lambda db: mailboxes.add(db, store.clock, ann, "Lists"))
    sizes = [deliver(store, place).size for _ in range(3)]
    store.write_now(lambda db: mailboxes.remove(db, place))
    assert store.read(lambda db: deleted.totals(db, ann)) == (3, sum(sizes))
