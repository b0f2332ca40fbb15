"""mta.store.identities: who an account writes as, and choices for its addresses."""
import pytest

from mta.base.errors import NotFound
from mta.base.names import Address, Domain
from mta.store import accounts, identities, mailboxes
from mta.store.database import Store
from mta.store.identities import AddressSetting, Identity
from tests.store.population import add_account

ANN = Address.parse("ann@example.org")


def test_identities(store: Store) -> None:
    """In their order, changed and forgotten; another account's do not exist."""
    ann, bob = add_account(store), add_account(store, "bob")
    first = store.write_now(lambda db: identities.add(db, ann, Identity("Ann", ANN)))
    second = store.write_now(lambda db: identities.add(db, ann, Identity("A.", ANN, "x@y.example", "A.\nZ.")))
    assert [one.id for one in store.read(lambda db: identities.all(db, ann))] == [first, second]
    store.write_now(lambda db: identities.reorder(db, ann, [second]))
    store.write_now(lambda db: identities.reorder(db, bob, [first]))
    assert store.read(lambda db: identities.all(db, ann)) == [
        Identity("A.", ANN, "x@y.example", "A.\nZ.", second), Identity("Ann", ANN, "", "", first)]
    store.write_now(lambda db: identities.change(db, ann, Identity("Anna", ANN, id=first)))
    assert store.read(lambda db: identities.all(db, ann))[1].name == "Anna"
    with pytest.raises(NotFound):
        store.write_now(lambda db: identities.change(db, bob, Identity("x", ANN, id=first)))
    with pytest.raises(NotFound):
        store.write_now(lambda db: identities.remove(db, bob, first))
    store.write_now(lambda db: identities.remove(db, ann, first))
    assert [one.id for one in store.read(lambda db: identities.all(db, ann))] == [second]


def test_addresses(store: Store) -> None:
    """A name and a mailbox for each; mail follows, and comes back to the Inbox when that mailbox goes."""
    ann = add_account(store)
    place = store.write_now(lambda db: mailboxes.add(db, store.clock, ann, "Sales"))
    [row] = store.read(lambda db: identities.addresses(db, ann))
    assert row == AddressSetting(row.id, ANN)
    store.write_now(lambda db: identities.set_address(db, row.id, "Sales", place))
    assert store.read(lambda db: identities.addresses(db, ann)) == [AddressSetting(row.id, ANN, "Sales", place)]
    found = store.read(lambda db: accounts.resolve(db, ANN, Domain("mx.example.org"), "ann"))
    assert (found.accounts, found.mailbox) == ((ann,), place)
    store.write_now(lambda db: mailboxes.remove(db, place))
    assert store.read(lambda db: accounts.resolve(db, ANN, Domain("mx.example.org"), "ann")).mailbox is None
