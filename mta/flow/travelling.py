"""How a message may travel, and how mail to a recipient was last seen to: what people choose by, and what they choose.

Nobody is asked: what is told here was seen when mail of the same account went there last.
"""
from dataclasses import dataclass
from typing import Final, Literal

from mta.base.errors import TemporaryError
from mta.base.events import Event
from mta.base.names import Address
from mta.flow import deposit
from mta.flow.world import World
from mta.message import address
from mta.secure.protection import Seen
from mta.store import seen
from mta.store.connection import Connection
from mta.store.demands import TlsRequired

Protection = Literal["default", "required", "not-required"]
#: What a message can ask of the connections it travels over, and how the queue says it (RFC 8689).
PROTECTION: Final[dict[Protection, TlsRequired]] = {"default": "", "required": "yes", "not-required": "no"}
#: How mail gets to a recipient: it does not leave this server, encrypted to the right server, encrypted, in the clear, nothing known.
Way = Literal["here", "verified", "encrypted", "clear", "unknown"]
#: Recipients of one question; a page asks while somebody types.
MOST: Final = 100


@dataclass(frozen=True, slots=True)
class Travel:
    """The way to one recipient, and when that was seen; requiretls says that "required" can be kept.

    bars are what was seen of its domain: STARTTLS, MTA-STS, DNSSEC, DANE, REQUIRETLS; None where nobody knows.
    """

    recipient: Address
    way: Way
    requiretls: bool
    at: float | None
    bars: tuple[bool | None, ...] = (None,) * 5


def ways(world: World, account: int, typed: str) -> list[Travel]:
    """How mail gets to the recipients in a field as people type it; what is no address (yet) is left out."""
    found = dict.fromkeys(mailbox.address for mailbox in address.parse_list(typed) if mailbox.address)
    return world.store.read(lambda db: [_travel(db, world, account, one) for one in list(found)[:MOST]])


async def saw(world: World, account: int, what: Seen) -> None:
    """Remember what mail of an account met on its way; no mail waits or fails because that cannot be written."""
    try:
        if world.store.read(lambda db: seen.news_to(db, [account], what)):
            await world.store.write(lambda db: seen.note(db, [account], what))
    except TemporaryError as problem:
        world.journal.note(Event.STORE_TROUBLE, where=__name__, problem=str(problem))


def named(wanted: TlsRequired) -> Protection:
    """What the queue says, for people."""
    return next(name for name, value in PROTECTION.items() if value == wanted)


def _travel(db: Connection, world: World, account: int, recipient: Address) -> Travel:
    if deposit.is_local(db, world, recipient):
        return Travel(recipient, "here", True, None)
    known = seen.of(db, account, [recipient.domain]).get(recipient.domain)
    if known is None:
        return Travel(recipient, "unknown", False, None)
    return Travel(recipient, _way(known), known.requiretls and bool(known.verified), known.at,
                  (known.starttls, known.mtasts, known.dnssec, known.dane, known.requiretls))


def _way(known: Seen) -> Way:
    if not known.starttls:
        return "clear"
    return "verified" if known.verified else "encrypted"
