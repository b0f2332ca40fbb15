"""Types of identities and of addresses."""
from msgspec import Struct

from web.api.whole import Whole


class OwnIdentity(Struct, frozen=True):
    """A name and an address to write as, where answers go ("" = there), and the signature; `id` is 0 for a new one.

    `version` goes back with a change ("" for a new one), as do the others.
    """

    id: Whole
    name: str
    address: str
    reply_to: str
    signature: str
    version: str = ""


class OwnAddress(Struct, frozen=True):
    """An address of the account, its own name ("" = the account's), and the mailbox that its mail goes to (null = Inbox)."""

    address: str
    display_name: str
    mailbox_id: Whole | None
    version: str


class Persona(Struct, frozen=True):
    """Who the account is: its name, its identities (the usual one first), its addresses, and all addresses it may write from.

    `version` is that of the name.
    """

    full_name: str
    version: str
    identities: list[OwnIdentity]
    addresses: list[OwnAddress]
    usable: list[str]
