"""Who an account writes as, and what it chose for each of its addresses.

All functions run inside a change of Store.write, or in a question of Store.read.
"""
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mta.base.errors import NotFound
from mta.base.names import Address, Domain
from mta.store.connection import Connection, value


@dataclass(frozen=True, slots=True)
class Identity:
    """A name and an address to write as, where answers go ("" = there), and what stands under a message; id 0 until it is stored."""

    name: str
    address: Address
    reply_to: str = ""
    signature: str = ""
    id: int = 0


@dataclass(frozen=True, slots=True)
class AddressSetting:
    """One address of an account, its own name ("" = the account's), and the mailbox that its mail goes to (None = Inbox)."""

    id: int
    address: Address
    display_name: str = ""
    mailbox_id: int | None = None


COLUMNS: Final = "name, address, reply_to, signature"


def all(db: Connection, account_id: int) -> list[Identity]:
    """The identities of an account, the usual one first."""
    return [Identity(name, Address.parse(address), reply_to, signature, id) for id, name, address, reply_to, signature in db.execute(
        f"SELECT id, {COLUMNS} FROM identity WHERE account_id = ? ORDER BY position, id", (account_id,))]


def add(db: Connection, account_id: int, identity: Identity) -> int:
    """One more, behind the others; its id."""
    position = value(db, "SELECT coalesce(max(position), 0) + 1 FROM identity WHERE account_id = ?", (account_id,))
    db.execute(f"INSERT INTO identity (account_id, position, {COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)",
               (account_id, position, identity.name, identity.address.ascii, identity.reply_to, identity.signature))
    return db.last_insert_rowid()


def change(db: Connection, account_id: int, identity: Identity) -> None:
    """Another meaning for the one with this id; NotFound."""
    db.execute("UPDATE identity SET name = ?, address = ?, reply_to = ?, signature = ? WHERE id = ? AND account_id = ?",
               (identity.name, identity.address.ascii, identity.reply_to, identity.signature, identity.id, account_id))
    _found(db, identity.id)


def remove(db: Connection, account_id: int, id: int) -> None:
    """Forget one; NotFound."""
    db.execute("DELETE FROM identity WHERE id = ? AND account_id = ?", (id, account_id))
    _found(db, id)


def reorder(db: Connection, account_id: int, ids: Sequence[int]) -> None:
    """Put them into this order; those that are not named come behind."""
    order = [*ids, *(one.id for one in all(db, account_id) if one.id not in ids)]
    db.executemany("UPDATE identity SET position = ? WHERE id = ? AND account_id = ?",
                   ((position, id, account_id) for position, id in enumerate(order, 1)))


def addresses(db: Connection, account_id: int) -> list[AddressSetting]:
    """The addresses of an account in the order they were given, with what was chosen for each."""
    return [AddressSetting(id, Address(localpart, Domain(name)), display or "", mailbox) for id, localpart, name, display, mailbox
            in db.execute("""
                SELECT address.id, localpart, name, display_name, mailbox_id
                  FROM address JOIN domain ON domain.id = domain_id LEFT JOIN address_setting ON address_id = address.id
                 WHERE account_id = ? ORDER BY address.id""", (account_id,))]


def set_address(db: Connection, address_id: int, display_name: str, mailbox_id: int | None) -> None:
    """What is chosen for an address."""
    db.execute("INSERT OR REPLACE INTO address_setting (address_id, display_name, mailbox_id) VALUES (?, ?, ?)",
               (address_id, display_name, mailbox_id))


def _found(db: Connection, id: int) -> None:
    if not db.changes():
        raise NotFound(f"there is no identity {id}")
