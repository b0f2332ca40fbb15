"""Whose pictures from outside are loaded without asking: remembered for each account.

Loading tells a sender when and where a message was read, so it is asked for each message,
or once for a sender.  For a sender it counts only where the message is proven to be from
there; else whoever writes that name would be told as well.
"""
from typing import Final

from mta.base.errors import BadName, UserError
from mta.base.names import Address
from mta.flow.world import World
from mta.judge import facts
from mta.store import accounts
from mta.store.connection import Connection
from mta.store.messages import MessageRow

SETTING: Final = "outside_senders"
#: Senders that are remembered; the oldest go first.
MOST: Final = 500


def of(db: Connection, account: int) -> list[str]:
    """The senders, the one that was added last at the end; inside a question."""
    return str(accounts.settings(db, account).get(SETTING, "")).split()


def senders(world: World, account: int) -> list[str]:
    """The senders, the one that was added last at the end."""
    return world.store.read(lambda db: of(db, account))


def choose(world: World, account: int, sender: str, allowed: bool) -> list[str]:
    """Load what mail of a sender asks for from now on, or do not; gives all senders.  UserError if it is no address."""
    try:
        address = str(Address.parse(sender.strip()))
    except BadName:
        raise UserError(f"{sender!r} is no address") from None
    if " " in address:
        raise UserError("addresses with spaces cannot be remembered")

    def change(db: Connection) -> list[str]:
        known = [one for one in of(db, account) if one != address] + [address] * allowed
        accounts.set_setting(db, account, SETTING, " ".join(known[-MOST:]))
        return known[-MOST:]

    return world.store.write_now(change)


def granted(db: Connection, row: MessageRow) -> bool:
    """Whether a message may load what it asks for: its sender is remembered, and proven."""
    known = facts.unpack(row.identity) if row.identity else None
    return known is not None and known.proven and known.author_address is not None and str(known.author_address) in of(db, row.account_id)
