"""The contacts of an account: looked at, written, remembered by themselves, brought from and to other programs.

Pages and command line call these; all of them block.
"""
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from mta.base.errors import Conflict, NotFound, UserError
from mta.base.limits import LIMITS
from mta.base.names import Address
from mta.base.tokens import short_id
from mta.flow import preferences
from mta.flow.world import World
from mta.message import vcard
from mta.message.address import Mailbox, parse_list
from mta.message.vcard import Card, Version
from mta.store import accounts, contacts
from mta.store.connection import Connection
from mta.store.contacts import Contact

#: Characters of a name and of other single lines.
LINE: Final = 200
#: Cards that one change stores.
SLICE: Final = 100
#: Suggestions while somebody types.
SUGGESTED: Final = 10


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file: cards that are new, that replaced one with the same uid, and that could not be used, with why of the first."""

    added: int
    changed: int
    refused: int
    why: str


def all(world: World, account: int) -> list[Contact]:
    """The contacts of an account, by name."""
    return world.store.read(lambda db: contacts.all(db, account))


def suggestions(world: World, account: int, start: str, limit: int = SUGGESTED) -> list[tuple[str, str]]:
    """(name, address) of whom somebody may mean who typed start: contacts, and who was written to."""
    text = start.strip()
    if not text:
        return []
    return world.store.read(lambda db: contacts.completions(db, account, text[:LINE], max(1, min(limit, SUGGESTED * 2))))


def save(world: World, account: int, contact: Contact) -> Contact:
    """A new contact (id 0), or another meaning for one; UserError says what to change, NotFound."""
    def change(db: Connection) -> Contact:
        before = contacts.get(db, account, contact.id) if contact.id else None
        if before is None and contacts.count(db, account) >= LIMITS.contacts:
            raise UserError(f"an account can have {LIMITS.contacts} contacts, no more")
        # Who edits sees neither uid nor what other programs wrote.
        uid, extra = (before.card.uid, before.card.extra) if before else (short_id(20), ())
        card = checked(replace(contact.card, uid=uid, extra=extra))
        return contacts.get(db, account, contacts.put(db, world.clock, account, Contact(card, id=contact.id)))

    return world.store.write_now(change)


def remove(world: World, account: int, ids: Sequence[int]) -> int:
    """Forget contacts; NotFound if none of them was there."""
    gone = world.store.write_now(lambda db: contacts.remove(db, account, ids))
    if not gone:
        raise NotFound("there is no such contact")
    return gone


def export(world: World, account: int, version: Version = "4.0", *, collected: bool = True) -> str:
    """All of them as a file of vCards; collected ones only if they are wanted."""
    return vcard.write((one.card for one in all(world, account) if collected or not one.collected), version)


def take_in(world: World, account: int, text: str) -> Imported:
    """Add the cards of a file; one with a uid that is here already takes its place.  UserError if there is none in it."""
    if len(text) > LIMITS.vcard_octets:
        raise UserError(f"the file is larger than the {LIMITS.vcard_octets // 1024 // 1024} MiB that are possible; divide it")
    added = changed = refused = 0
    why, some, found = "", list[Card](), 0
    for card in vcard.read(text):
        found += 1
        try:
            some.append(checked(card))
        except UserError as problem:
            refused, why = refused + 1, why or f"{card.name or 'a card without a name'}: {problem}"
        if len(some) == SLICE:
            new, old = _put(world, account, some)
            added, changed, some = added + new, changed + old, []
    if not found:
        raise UserError("there is no vCard in it; export your contacts as vCard (.vcf) there")
    new, old = _put(world, account, some)
    return Imported(added + new, changed + old, refused, why)


def collect(db: Connection, world: World, account: int, recipients: Iterable[Mailbox]) -> None:
    """Remember whom mail was sent to, if the account wants that; inside a change."""
    if not preferences.of(db, account).collect_contacts:
        return
    for one in recipients:
        if one.address is None or accounts.may_use(db, account, one.address):
            continue
        known = contacts.by_address(db, account, str(one.address))
        name = _line(one.name)
        if known is not None:
            before = contacts.get(db, account, known)
            if before.collected and name and not before.card.name:
                contacts.put(db, world.clock, account, replace(before, card=replace(before.card, name=name)))
        elif contacts.count(db, account) < LIMITS.contacts:
            contacts.put(db, world.clock, account, Contact(Card(name, (str(one.address),), uid=short_id(20)), collected=True))


def checked(card: Card) -> Card:
    """The card as it is kept; UserError says what to change."""
    addresses = list(dict.fromkeys(_address(one) for one in card.addresses if one.strip()))
    phones = [_line(one) for one in card.phones if one.strip()]
    groups = list(dict.fromkeys(_line(one) for one in card.groups if one.strip()))
    name = _line(card.name)
    if not name and not addresses:
        raise UserError("a contact has a name or an address")
    if max(len(addresses), len(phones), len(groups)) > LIMITS.contact_lines:
        raise UserError(f"a contact has at most {LIMITS.contact_lines} addresses, phone numbers and groups")
    if len(card.note) > LIMITS.contact_text:
        raise UserError(f"a note has at most {LIMITS.contact_text} characters")
    note = "".join(char for char in card.note if char.isprintable() or char in "\n\t")
    return replace(card, name=name, addresses=tuple(addresses), phones=tuple(phones), organisation=_line(card.organisation),
                   note=note, groups=tuple(groups), uid=_line(card.uid))


def _put(world: World, account: int, cards: Sequence[Card]) -> tuple[int, int]:
    """Store cards; how many are new, and how many took the place of others."""
    def change(db: Connection) -> tuple[int, int]:
        new = 0
        for card in cards:
            known = contacts.by_uid(db, account, card.uid) if card.uid else None
            # What was only remembered gives way to what somebody wrote.
            same = contacts.by_address(db, account, card.addresses[0]) if known is None and card.addresses else None
            if same is not None and contacts.get(db, account, same).collected:
                known = same
            if known is None and contacts.count(db, account) >= LIMITS.contacts:
                raise Conflict(f"an account can have {LIMITS.contacts} contacts; what is in the file before {card.name} was taken")
            contacts.put(db, world.clock, account, Contact(replace(card, uid=card.uid or short_id(20)), id=known or 0))
            new += known is None
        return new, len(cards) - new

    return world.store.write_now(change)


def _address(text: str) -> str:
    found = parse_list(text)
    if len(found) != 1 or found[0].address is None:
        raise UserError(f"{text.strip()!r} is no address; write it like ann@example.org")
    return str(Address.parse(str(found[0].address)))


def _line(text: str) -> str:
    return "".join(char for char in " ".join(text.split()) if char.isprintable())[:LINE]
