"""What we think of a message that came from a stranger.

An Arrival is all that is known about the message; a Screen looks at it for one recipient
and gives a Verdict with its reasons.  The reasons are kept with the stored message and in
its trace, so "why is this here?" always has an answer.
"""
from dataclasses import dataclass
from typing import Protocol

from mta.base.names import Address
from mta.base.reply import Reply
from mta.message.structure import Structure
from mta.smtp.desk import Transaction


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message from outside, complete and on disk: what the peer said, what it consists of, its octets."""

    transaction: Transaction
    structure: Structure
    size: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """Where a recipient's copy belongs, and why.

    mailbox is the role of a mailbox.  With a refusal the recipient does not want the
    message; it is what the peer hears if nobody else takes it.  If somebody does, the
    peer hears 250, and this recipient's copy goes to mailbox all the same: nobody may
    be sent a bounce for what a stranger wrote in his name (RFC 5321 §6.1 would have it).
    """

    mailbox: str
    reasons: tuple[str, ...]
    refusal: Reply | None = None


class Screen(Protocol):
    """Forms a verdict."""

    async def __call__(self, arrival: Arrival, recipient: Address, account: int | None) -> Verdict:
        """What account should do with the message that came for recipient; None stands for an alias' members elsewhere."""
        ...


ACCEPTED = Verdict("inbox", ("accepted: nothing speaks against it",))


async def open_screen(arrival: Arrival, recipient: Address, account: int | None) -> Verdict:
    """The screen that lets everything through."""
    return ACCEPTED
