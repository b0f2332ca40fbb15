"""What we think of a message that came from a stranger.

An Arrival is all that is known about the message; a Screen looks at it, once, and gives a
Judge, which has a Verdict with its reasons for each recipient.  The reasons are kept with
the stored message and in its trace, so "why is this here?" always has an answer.
"""
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

import cbor2

from mta.auth.identity import Identity
from mta.base.names import Address
from mta.base.reply import Reply
from mta.message.flags import Flags
from mta.message.header import Header
from mta.message.structure import Structure
from mta.smtp.desk import SpooledBody, Transaction


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message from outside, complete and on disk: what the peer said, what it consists of, who it is from."""

    transaction: Transaction
    header: Header
    structure: Structure
    body: SpooledBody
    identity: Identity


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that counted.

    text is for the owner of the mailbox, a whole sentence.  weight is more than 0 if it
    speaks for the message, less if against it, 0 if it only informs.  key is a short name
    that stays, like "known-sender".
    """

    text: str
    weight: float = 0.0
    key: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Where a recipient's copy belongs, and why.

    mailbox is the role of a mailbox, or "#" and the id of one.  With a refusal the
    recipient does not want the message; it is what the peer hears if nobody else takes
    it.  If somebody does, the peer hears 250, and this recipient's copy goes to mailbox
    all the same: nobody may be sent a bounce for what a stranger wrote in his name
    (RFC 5321 §6.1 would have it).  keep_reject: what is refused for now is kept in
    Rejects.  delay is how many seconds the peer waits for its answer.  dmarc_override says
    for the report why the author's policy was not followed (local_policy, mailing_list,
    trusted_forwarder), "" if it was or asks for nothing.
    """

    mailbox: str
    reasons: tuple[Reason, ...]
    refusal: Reply | None = None
    keep_reject: bool = False
    flags: Flags = Flags.NONE
    keywords: tuple[str, ...] = ()
    delay: float = 0.0
    dmarc_override: str = ""


#: What the account (None stands for an alias' members elsewhere) should do with its copy, which came for an address.
Judge = Callable[[Address, int | None], Verdict]


class Screen(Protocol):
    """Looks at messages."""

    async def __call__(self, arrival: Arrival) -> Judge:
        """Find out once what counts for every recipient of the message."""
        ...


ACCEPTED = Verdict("inbox", (Reason("Nothing speaks against this message.", key="nothing-against"),))


async def open_screen(arrival: Arrival) -> Judge:
    """The screen that lets everything through."""
    return lambda recipient, account: ACCEPTED


def pack(reasons: Iterable[Reason]) -> bytes:
    """CBOR for message_detail.reasons; b"" for none."""
    packed = [[reason.key, reason.text, reason.weight] for reason in reasons]
    return cbor2.dumps(packed) if packed else b""


def unpack(packed: bytes) -> tuple[Reason, ...]:
    """What pack() made, or a list of texts, as it once was."""
    if not packed:
        return ()
    return tuple(Reason(entry) if isinstance(entry, str) else Reason(entry[1], float(entry[2]), entry[0]) for entry in cbor2.loads(packed))
