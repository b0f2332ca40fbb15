"""mta.store.contacts: kept, found, and each account for itself."""
import pytest

from mta.base.errors import NotFound
from mta.base.names import Address
from mta.message.vcard import Card
from mta.store import accounts, contacts, outgoing
from mta.store.contacts import Contact
from mta.store.database import Store

CARD = Card("Bob", ("bob@b.example", "b@c.example"), ("1", "2"), "Firm", "a\nb", ("Friends", "Boat"), "uid", ("BDAY:2000",))


@pytest.fixture
def ann(store: Store) -> int:
    """An account."""
    return store.write_now(lambda db: accounts.add(db, store.clock, "ann"))


def put(store: Store, account: int, card: Card, id: int = 0, *, collected: bool = False) -> int:
    """Store one; its id."""
    return store.write_now(lambda db: contacts.put(db, store.clock, account, Contact(card, collected, id=id)))


def test_kept(store: Store, ann: int) -> None:
    """All of it, in the order of names; changed in place; gone with the account."""
    id = put(store, ann, CARD)
    put(store, ann, Card("alf", uid="2"), collected=True)
    found = store.read(lambda db: contacts.all(db, ann))
    assert [(one.card, one.collected) for one in found] == [(Card("alf", uid="2"), True), (CARD, False)]
    put(store, ann, Card("Bobby", ("x@y.example",), uid="uid"), id)
    assert store.read(lambda db: contacts.get(db, ann, id)).card.addresses == ("x@y.example",)
    assert store.read(lambda db: (contacts.by_uid(db, ann, "uid"), contacts.by_address(db, ann, "X@Y.example"))) == (id, id)
    assert store.read(lambda db: contacts.count(db, ann)) == 2
    assert store.write_now(lambda db: contacts.remove(db, ann, [id, 999])) == 1
    assert store.read(lambda db: list(db.execute("SELECT * FROM contact_address"))) == []


def test_somebody_elses(store: Store, ann: int) -> None:
    """Do not exist."""
    id = put(store, ann, CARD)
    bob = store.write_now(lambda db: accounts.add(db, store.clock, "bob"))
    with pytest.raises(NotFound):
        store.read(lambda db: contacts.get(db, bob, id))
    with pytest.raises(NotFound):
        put(store, bob, CARD, id)
    assert store.write_now(lambda db: contacts.remove(db, bob, [id])) == 0
    assert store.read(lambda db: (contacts.all(db, bob), contacts.completions(db, bob, "b", 10))) == ([], [])
    assert store.read(lambda db: contacts.by_address(db, bob, "bob@b.example")) is None


def test_who_comes_first(store: Store, ann: int) -> None:
    """Those that begin so; among them whom one writes to; an address that is a contact's is named once."""
    for number, name in enumerate(("Abo", "Bo", "Bolt")):
        put(store, ann, Card(name, (f"{name.lower()}@x.example",), uid=str(number)))
    for times, text in ((1, "bo@x.example"), (3, "bolt@x.example"), (2, "boss@y.example")):
        for _ in range(times):
            store.write_now(lambda db, text=text: outgoing.remember(db, store.clock, ann, [Address.parse(text)]))  # type: ignore[misc]
    assert store.read(lambda db: contacts.completions(db, ann, "BO", 10)) == [
        ("Bolt", "bolt@x.example"), ("", "boss@y.example"), ("Bo", "bo@x.example"), ("Abo", "abo@x.example")]
    assert len(store.read(lambda db: contacts.completions(db, ann, "x.ex", 2))) == 2
