"""mta.store.contents: what an account has."""
from mta.store import contents, messages
from mta.store.database import Store
from tests.store.population import add_account, deliver, mailbox


def test_what_an_account_has(store: Store) -> None:
    """Each content once; the prefix tells copies apart; what was removed is no longer a message, and still a body."""
    ann, bob = add_account(store), add_account(store, "bob")
    row = deliver(store, mailbox(store, ann), b"one")
    deliver(store, mailbox(store, ann), b"one")
    deliver(store, mailbox(store, ann), b"one", prefix=b"Other: prefix\r\n")
    assert len(store.read(lambda db: contents.marks(db, ann))) == 2
    assert store.read(lambda db: contents.marks(db, bob)) == set()
    assert len(store.read(lambda db: contents.bodies_of(db, ann))) == 1
    deliver(store, mailbox(store, bob), b"two")
    store.write_now(lambda db: messages.expunge(db, ann, [row.id]))
    assert len(store.read(lambda db: contents.bodies_of(db, ann))) == 1
