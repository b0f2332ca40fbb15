"""From a queued message to what one server is sent: its octets, and what must be said of them.

A server without 8BITMIME gets the message re-encoded as 7-bit (RFC 6152 §3); DKIM
signatures over it do not survive that, which such an old server will not mind.
"""
import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager

from mta.base.errors import Failure, Reach
from mta.base.names import Address
from mta.message import mime
from mta.message.reencode import reencoded
from mta.secure.protection import Demand
from mta.smtp.letter import Letter
from mta.smtp.peer import Offers
from mta.store.bodies import Bodies, SpooledBody
from mta.store.queue import QueuedMessage

#: Octets of a body that are read in one piece, and of a piece of a larger one.
AT_ONCE, PIECE = 128 * 1024, 128 * 1024


@asynccontextmanager
async def packed(
    bodies: Bodies, message: QueuedMessage, recipients: Sequence[Address], offers: Offers,
) -> AsyncIterator[Letter | Failure]:
    """The letter for a server with those offers, good within the block; a Failure if there can be none.

    TemporaryError if there is no room for a re-encoded copy.
    """
    if not message.eight_bit or offers.eight_bit:
        yield Letter(message.sender, recipients, message.size, lambda: _pieces(bodies, message),
                     message.eight_bit, message.smtputf8, message.demand is Demand.REQUIRETLS)
        return
    try:
        copy = await asyncio.to_thread(_seven_bit, bodies, message)
    except OSError as problem:
        yield Failure(Reach.MESSAGE, False, 0, "4.3.0", f"our own copy of the message cannot be read: {problem.strerror}", "message")
        return
    if copy is None:
        yield Failure(Reach.MESSAGE, True, 0, "5.6.3",
                      "the server cannot take 8-bit text, and the message cannot be written without", "MAIL")
        return
    try:
        yield Letter(message.sender, recipients, len(message.prefix) + copy.size, _viewed(copy, message.prefix),
                     False, message.smtputf8, message.demand is Demand.REQUIRETLS)
    finally:
        copy.abandon()


def demand_of(message: QueuedMessage) -> Demand:
    """What a connection must be like for message.

    RFC 8689 §5: a notice about a message with REQUIRETLS must not be lost for want of it; it
    goes as other mail does, and asks for REQUIRETLS where that is offered.
    """
    return Demand.USUAL if message.sender is None and message.demand is Demand.REQUIRETLS else message.demand


def is_reason(message: QueuedMessage) -> bool:
    """Whether what its connections come to is a reason for a report about TLS.

    Reports are none, and neither is what has no sender: a notice may be about a report, and
    two servers whose report addresses bounce would go on for ever.
    """
    return message.sender is not None and message.demand not in (Demand.DMARC_REPORT, Demand.TLS_REPORT)


def _pieces(bodies: Bodies, message: QueuedMessage) -> Iterator[bytes]:
    """The message from its start; OSError if its file cannot be read."""
    if message.body_size <= AT_ONCE:
        yield message.prefix + bodies.read(message.body_name)
        return
    yield message.prefix
    with bodies.open(message.body_name) as file:
        while piece := file.read(PIECE):
            yield piece


def _seven_bit(bodies: Bodies, message: QueuedMessage) -> SpooledBody | None:
    """The body in ASCII, not to be kept; None if it cannot be written so."""
    sink = bodies.sink()
    with bodies.view(message.body_name) as octets:
        for piece in reencoded(octets, mime.parse(octets), seven_bit=True):
            if not piece.isascii():
                sink.abandon()
                return None
            sink.write(piece)
    return sink.finish()


def _viewed(copy: SpooledBody, prefix: bytes) -> Callable[[], Iterable[bytes]]:
    """The copy behind the prefix, from its start."""
    def pieces() -> Iterator[bytes]:
        yield prefix
        with copy.view() as octets:
            for at in range(0, len(octets), PIECE):
                yield octets[at:at + PIECE]
    return pieces
