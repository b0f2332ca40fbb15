"""Whom an account knows: written by hand, taken from a file, or remembered when mail was sent to them.

All functions run inside a change of Store.write, or in a question of Store.read.
"""
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from mta.base.clock import Clock
from mta.base.errors import NotFound
from mta.message.vcard import Card
from mta.store.connection import Connection, value


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact; collected says that nobody wrote it, changed is when it was last (seconds since 1970); id 0 until it is stored."""

    card: Card
    collected: bool = False
    changed: float = 0.0
    id: int = 0


COLUMNS: Final = "uid, name, organisation, note, phones, groups, collected, changed, extra"


def all(db: Connection, account_id: int) -> list[Contact]:
    """The contacts of an account, by name."""
    found = db.execute(f"SELECT id, {COLUMNS} FROM contact WHERE account_id = ? ORDER BY name COLLATE NOCASE, id", (account_id,))
    addresses: dict[int, list[str]] = {}
    for id, address in db.execute(
            "SELECT contact_id, address FROM contact_address JOIN contact ON contact.id = contact_id WHERE account_id = ? "
            "ORDER BY contact_id, position", (account_id,)):
        addresses.setdefault(id, []).append(address)
    return [_contact(row, addresses.get(row[0], [])) for row in found]


def get(db: Connection, account_id: int, id: int) -> Contact:
    """One of an account's; NotFound."""
    for row in db.execute(f"SELECT id, {COLUMNS} FROM contact WHERE account_id = ? AND id = ?", (account_id, id)):
        found = db.execute("SELECT address FROM contact_address WHERE contact_id = ? ORDER BY position", (id,))
        return _contact(row, [address for address, in found])
    raise NotFound(f"there is no contact {id}")


def count(db: Connection, account_id: int) -> int:
    """How many an account has."""
    return int(value(db, "SELECT count(*) FROM contact WHERE account_id = ?", (account_id,)))


def by_uid(db: Connection, account_id: int, uid: str) -> int | None:
    """The contact that a card's uid names."""
    return value(db, "SELECT id FROM contact WHERE account_id = ? AND uid = ?", (account_id, uid))  # type: ignore[no-any-return]


def by_address(db: Connection, account_id: int, address: str) -> int | None:
    """A contact with that address, in any case."""
    return value(db, "SELECT contact_id FROM contact_address JOIN contact ON contact.id = contact_id "  # type: ignore[no-any-return]
                     "WHERE address = ? AND account_id = ? ORDER BY contact_id LIMIT 1", (address, account_id))


def put(db: Connection, clock: Clock, account_id: int, contact: Contact) -> int:
    """Add a contact (id 0), or give the one with its id another meaning; its id."""
    card = contact.card
    facts = (card.uid, card.name, card.organisation, card.note, "\n".join(card.phones), "\n".join(card.groups), contact.collected,
             clock.timestamp(), "\n".join(card.extra))
    if contact.id:
        names = ", ".join(f"{name} = ?" for name in COLUMNS.split(", "))
        db.execute(f"UPDATE contact SET {names} WHERE id = ? AND account_id = ?", (*facts, contact.id, account_id))
        if not db.changes():
            raise NotFound(f"there is no contact {contact.id}")
        id = contact.id
        db.execute("DELETE FROM contact_address WHERE contact_id = ?", (id,))
    else:
        db.execute(f"INSERT INTO contact (account_id, {COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (account_id, *facts))
        id = db.last_insert_rowid()
    db.executemany("INSERT INTO contact_address (contact_id, position, address) VALUES (?, ?, ?)",
                   ((id, position, address) for position, address in enumerate(card.addresses)))
    return id


def remove(db: Connection, account_id: int, ids: Sequence[int]) -> int:
    """Forget contacts; how many there were."""
    gone = 0
    for id in ids:
        db.execute("DELETE FROM contact WHERE id = ? AND account_id = ?", (id, account_id))
        gone += db.changes()
    return gone


#: Contacts, and addresses that were written to and belong to none; who is written to most comes first,
#: those whose name or address begins so before those that have it somewhere.
COMPLETE: Final = """
    SELECT name, address FROM (
        SELECT name, a.address, coalesce(messages, 0) AS messages, coalesce(latest, 0) AS latest
          FROM contact JOIN contact_address a ON contact_id = contact.id
          LEFT JOIN known_recipient k ON k.account_id = contact.account_id AND k.address = a.address
         WHERE contact.account_id = :account AND (instr(lower(a.address), :low) OR instr(lower(name), :low) OR instr(name, :typed)
               OR instr(name, :capital) OR instr(lower(groups), :low))
        UNION ALL
        SELECT '', address, messages, latest FROM known_recipient
         WHERE account_id = :account AND instr(lower(address), :low) AND NOT EXISTS (
               SELECT 1 FROM contact_address a JOIN contact ON contact.id = contact_id
                WHERE a.address = known_recipient.address AND contact.account_id = :account))
     ORDER BY instr(' ' || lower(name) || ' ' || lower(address), ' ' || :low) = 0, messages DESC, latest DESC, name, address LIMIT :limit
"""


def completions(db: Connection, account_id: int, start: str, limit: int) -> list[tuple[str, str]]:
    """(name, address) of whom somebody may mean who typed start."""
    low = start.lower()
    return [(name, address) for name, address in db.execute(COMPLETE, {
        "account": account_id, "low": low, "typed": start, "capital": low.capitalize(), "limit": limit})]


def _contact(row: Sequence[Any], addresses: Sequence[str]) -> Contact:
    id, uid, name, organisation, note, phones, groups, collected, changed, extra = row
    card = Card(name, tuple(addresses), tuple(phones.splitlines()), organisation, note, tuple(groups.splitlines()), uid,
                tuple(extra.splitlines()))
    return Contact(card, bool(collected), changed, id)
