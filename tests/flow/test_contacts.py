"""mta.flow.contacts: who is known, remembered, suggested, and brought along."""
from dataclasses import replace

import pytest

from mta.base.clock import SystemClock
from mta.base.errors import NotFound, UserError
from mta.flow import contacts, drafting, people, preferences
from mta.flow.world import World
from mta.message.vcard import Card
from mta.store.contacts import Contact
from mta.store.uploads import Uploads

FILE = """BEGIN:VCARD
VERSION:3.0
UID:1
N:Night;Carla;;Dr.;
FN:Carla Night
EMAIL;TYPE=INTERNET:carla@far.example
item1.X-ABLABEL:boat
END:VCARD
BEGIN:VCARD
FN:Nobody
EMAIL:not an address
END:VCARD
"""


@pytest.fixture
def ann(served: World) -> int:
    """Ann's account."""
    return people.get_account(served, "ann").id


def names(world: World, account: int) -> list[str]:
    """Who is known."""
    return [one.card.name or one.card.addresses[0] for one in contacts.all(world, account)]


async def send(world: World, account: int, to: str) -> None:
    """Send something there."""
    uploads = Uploads(world.store.directory, SystemClock())
    await drafting.send(world, uploads, account, replace(drafting.begin(world, account), to=to, text="x"), "0123456789.1")


async def test_remembered_when_written_to(served: World, ann: int) -> None:
    """Once, with the name that was typed; not oneself; and not at all if that is not wanted."""
    await send(served, ann, "carl@else.example, Dora <dora@else.example>, ann@example.org")
    await send(served, ann, "Carl <CARL@else.example>")
    preferences.change(served, ann, {"collect_contacts": False}, by="test")
    await send(served, ann, "eve@else.example")

    assert names(served, ann) == ["Carl", "Dora"]
    assert all(one.collected for one in contacts.all(served, ann))
    assert contacts.all(served, people.get_account(served, "bob").id) == []


async def test_suggestions(served: World, ann: int) -> None:
    """By name, address and group; who begins so first, then whom one writes to most; and who is no contact."""
    for to in ("zoe@else.example", "zoe@else.example", "Mezzo <mezzo@else.example>"):
        await send(served, ann, to)
    contacts.save(served, ann, Contact(Card("Ärztin Zorn", ("zorn@far.example",), groups=("Health",))))
    preferences.change(served, ann, {"collect_contacts": False}, by="test")
    await send(served, ann, "zz@far.example")

    assert contacts.suggestions(served, ann, "z") == [
        ("", "zoe@else.example"), ("", "zz@far.example"), ("Ärztin Zorn", "zorn@far.example"), ("Mezzo", "mezzo@else.example")]
    assert contacts.suggestions(served, ann, "ärzt") == contacts.suggestions(served, ann, "HEALTH") == [("Ärztin Zorn", "zorn@far.example")]
    assert contacts.suggestions(served, ann, " ") == contacts.suggestions(served, ann, "%") == []
    assert contacts.suggestions(served, people.get_account(served, "bob").id, "z") == []


def test_written_by_hand(served: World, ann: int) -> None:
    """Kept as it was meant; what other programs wrote stays when a person changes the rest."""
    contacts.take_in(served, ann, FILE)
    [carla] = contacts.all(served, ann)
    other = replace(carla.card, name=" Carla \n Day ", phones=("1", ""), uid="", extra=())
    changed = contacts.save(served, ann, Contact(other, id=carla.id))

    assert (changed.card.name, changed.card.phones, changed.card.uid, changed.card.extra) == (
        "Carla Day", ("1",), "1", ("item1.X-ABLABEL:boat",))
    for wrong in (Card(""), Card("x", ("nobody",)), Card("x", ("a@b.example, c@d.example",)), Card("x", note="x" * 30_000)):
        with pytest.raises(UserError):
            contacts.save(served, ann, Contact(wrong))
    with pytest.raises(NotFound):
        contacts.save(served, people.get_account(served, "bob").id, Contact(Card("x"), id=carla.id))
    contacts.remove(served, ann, [carla.id])
    with pytest.raises(NotFound):
        contacts.remove(served, ann, [carla.id])


async def test_in_and_out(served: World, ann: int) -> None:
    """A file twice adds nothing; what was remembered gives way; what cannot be used is told; all of it comes out again."""
    await send(served, ann, "carla@far.example")
    first = contacts.take_in(served, ann, FILE)
    again = contacts.take_in(served, ann, FILE)

    assert (first.added, first.changed, first.refused, again.added, again.changed) == (0, 1, 1, 0, 1)
    assert first.why.startswith("Nobody: 'not an address' is no address")
    assert names(served, ann) == ["Carla Night"]
    bob = people.get_account(served, "bob").id
    for version in ("3.0", "4.0"):
        contacts.take_in(served, bob, contacts.export(served, ann, version))
    assert [one.card for one in contacts.all(served, bob)] == [one.card for one in contacts.all(served, ann)]
    with pytest.raises(UserError, match="no vCard"):
        contacts.take_in(served, ann, "Name;Mail\n")


async def test_only_what_was_written(served: World, ann: int) -> None:
    """An export may leave out what was remembered."""
    await send(served, ann, "carl@else.example")
    contacts.save(served, ann, Contact(Card("Dora")))
    assert "carl" not in contacts.export(served, ann, collected=False)
    assert "carl" in contacts.export(served, ann)
