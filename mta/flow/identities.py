"""Who an account writes as, and what it chose for each of its addresses.

An identity is a name, an address that the account may use, where answers go, and what
stands under a message.  Addresses without an identity can be written from as well.

Pages, command line and flow.drafting call these.
"""
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from mta.base.errors import NotAllowed, NotFound, UserError
from mta.base.limits import LIMITS
from mta.base.names import Address
from mta.flow import reading, typed, versions
from mta.flow.accountnames import named
from mta.flow.settings import adopt
from mta.flow.world import World
from mta.message import address
from mta.store import accounts, identities, mailboxes, masks
from mta.store.connection import Connection
from mta.store.identities import AddressSetting, Identity

#: Characters of a name that others see.
NAME: Final = 100
#: Mailboxes that mail cannot be told to go to.
NEVER: Final = ("sent", "drafts", "rejects", "junk", "trash")
#: What stands between a message and its signature (RFC 3676 §4.3).
DIVIDER: Final = "-- "


def stored(world: World, account: int) -> list[Identity]:
    """The identities that somebody wrote, the usual one first."""
    return world.store.read(lambda db: identities.all(db, account))


def usable(world: World, account: int) -> list[Identity]:
    """All that one may write as, the usual one first: identities, other addresses, shared aliases, masks that are on."""
    return world.store.read(lambda db: of(db, account))


def of(db: Connection, account: int) -> list[Identity]:
    """The same, inside a question."""
    row = accounts.get(db, account)
    if row is None:
        raise NotFound("the account is gone")
    found = [one for one in identities.all(db, account) if accounts.may_use(db, account, one.address)]
    known = {one.address for one in found}
    own = [Identity(one.display_name or row.full_name, one.address) for one in identities.addresses(db, account)]
    shared = [Identity(row.full_name, one) for one in accounts.shared(db, account)]
    # A mask has no name: it says nothing about whose it is.
    hidden = [Identity("", mask.address) for mask in masks.all(db, account) if mask.state == "on"]
    return [*found, *(one for one in (*own, *shared, *hidden) if one.address not in known)]


def matching(known: Sequence[Identity], name: str, used: Address) -> Identity | None:
    """The identity that somebody writes as who typed this name and address; the name decides among those of one address."""
    same = [one for one in known if one.address.ascii.lower() == used.ascii.lower()]
    return next((one for one in same if one.name == name), same[0] if same else None)


def fields(identity: Identity) -> dict[str, Any]:
    """What an identity says, for its version."""
    return {"name": identity.name, "address": str(identity.address), "answers": identity.reply_to, "signature": identity.signature}


def address_fields(db: Connection, account: int, setting: AddressSetting) -> dict[str, Any]:
    """What was chosen for an address, for its version."""
    place = next((row.name for row in mailboxes.all(db, account) if row.id == setting.mailbox_id), "Inbox")
    return {"name": setting.display_name, "mailbox": place}


def versions_of_addresses(world: World, account: int) -> dict[Address, str]:
    """The version of what was chosen for each address of an account."""
    return world.store.read(lambda db: {
        one.address: versions.version(address_fields(db, account, one)) for one in identities.addresses(db, account)})


def add(world: World, account: int, identity: Identity, *, by: str) -> list[Identity]:
    """One more, behind the others.  NotAllowed for an address that is not the account's, UserErrors."""
    def change(db: Connection) -> list[Identity]:
        wanted = _checked(db, account, identity)
        if len(identities.all(db, account)) >= LIMITS.identities:
            raise UserError(f"an account can have {LIMITS.identities} identities, no more")
        identities.add(db, account, wanted)
        return identities.all(db, account)
    return adopt(world, by, f"added an identity to account {named(world, account)}", change)


def change(world: World, account: int, identity: Identity, *, version: str | None = None, by: str) -> list[Identity]:
    """Another meaning for the one with this id; NotFound, and as add().  version is of fields()."""
    def change(db: Connection) -> list[Identity]:
        before = next((one for one in identities.all(db, account) if one.id == identity.id), None)
        if before is not None:
            versions.require(version, fields(before), f"the identity {before.address}")
        identities.change(db, account, _checked(db, account, identity))
        return identities.all(db, account)
    return adopt(world, by, f"changed the identity {identity.id} of account {named(world, account)}", change)


def remove(world: World, account: int, id: int, *, by: str) -> list[Identity]:
    """Forget one; NotFound."""
    def change(db: Connection) -> list[Identity]:
        identities.remove(db, account, id)
        return identities.all(db, account)
    return adopt(world, by, f"removed the identity {id} of account {named(world, account)}", change)


def make_usual(world: World, account: int, id: int, *, by: str) -> list[Identity]:
    """Write as this one unless another is chosen; NotFound."""
    def change(db: Connection) -> list[Identity]:
        if all(one.id != id for one in identities.all(db, account)):
            raise NotFound(f"there is no identity {id}")
        identities.reorder(db, account, [id])
        return identities.all(db, account)
    return adopt(world, by, f"made the identity {id} the usual one of account {named(world, account)}", change)


def addresses(world: World, account: int) -> list[AddressSetting]:
    """The addresses of an account with what was chosen for each."""
    return world.store.read(lambda db: identities.addresses(db, account))


def set_address(world: World, account: int, used: str, *, display_name: str | None = None, mailbox_id: int | None = None,
                to_inbox: bool = False, version: str | None = None, by: str) -> list[AddressSetting]:
    """Change what is given for an address: its name, the mailbox that its mail goes to (or back to the Inbox); NotFound, UserError.

    version is of address_fields().
    """
    def change(db: Connection) -> list[AddressSetting]:
        wanted = used.strip().lower()
        row = next((one for one in identities.addresses(db, account) if wanted in (one.address.ascii, str(one.address))), None)
        if row is None:
            raise NotFound(f"the account has no address {used}")
        versions.require(version, address_fields(db, account, row), f"what is chosen for {row.address}")
        name = row.display_name if display_name is None else typed.one_line(display_name, NAME, "a name")
        place = None if to_inbox else mailbox_id if mailbox_id is not None else row.mailbox_id
        if place is not None:
            chosen = reading.own_mailbox(db, account, place)
            if chosen.role in NEVER:
                raise UserError(f"mail that comes in does not belong into {chosen.name}; choose another mailbox")
            place = None if chosen.role == "inbox" else place
        identities.set_address(db, row.id, name, place)
        return identities.addresses(db, account)
    return adopt(world, by, f"changed what account {named(world, account)} chose for {used}", change)


def set_full_name(world: World, account: int, name: str, *, version: str | None = None, by: str) -> str:
    """The name that stands beside the account's addresses; gives it as it is kept.  version is of {"name": it}."""
    wanted = typed.one_line(name, NAME, "a name")

    def change(db: Connection) -> None:
        row = accounts.get(db, account)
        if row is not None:
            versions.require(version, {"name": row.full_name}, "the name")
        accounts.update(db, account, full_name=wanted)

    adopt(world, by, f"changed the name of account {named(world, account)}", change)
    return wanted


def signed(text: str, signature: str, before: str | None = None) -> str:
    """A text with a signature under it, in place of the one that was there before; quoted text stays below it."""
    if before:
        text = text.replace(f"\n\n{DIVIDER}\n{before}", "", 1)
    if not signature:
        return text
    block = f"\n\n{DIVIDER}\n{signature}"
    return f"{block}\n{text}" if text.strip() else block


def _checked(db: Connection, account: int, identity: Identity) -> Identity:
    if not accounts.may_use(db, account, identity.address):
        raise NotAllowed(f"the account may not write as {identity.address}: choose one of its addresses, or ask the administrator")
    signature = identity.signature.replace("\r\n", "\n").strip("\n").rstrip()
    if len(signature) > LIMITS.signature or any(not char.isprintable() and char not in "\n\t" for char in signature):
        raise UserError(f"a signature is plain text of at most {LIMITS.signature} characters")
    reply_to = identity.reply_to.strip()
    if reply_to:
        found = address.parse_list(reply_to)
        if len(found) != 1 or found[0].address is None:
            raise UserError(f"{reply_to!r} is no address for answers; write it like ann@example.org")
        reply_to = found[0].address.ascii
    return replace(identity, name=typed.one_line(identity.name, NAME, "a name"), reply_to=reply_to, signature=signature)
