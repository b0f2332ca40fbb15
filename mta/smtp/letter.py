"""What is sent in one transaction, and its octets as they go over the wire.

Standards: RFC 5321 §4.5.2 (transparency), RFC 6531 §3 (SMTPUTF8), RFC 6152 (8BITMIME).
"""
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from mta.base.names import Address


@dataclass(frozen=True, slots=True)
class Letter:
    """A message on its way to one server.

    sender is None for the null sender.  size is in octets, before dot-stuffing; content
    opens the message from its start, in pieces cut anywhere, and is called once for each
    transaction.  eight_bit says that the message has octets beyond ASCII, smtputf8 that
    its header has characters beyond ASCII (RFC 6532).  requiretls asks for REQUIRETLS: a must,
    unless the sender is the null one (RFC 8689 §5).
    """

    sender: Address | None
    recipients: Sequence[Address]
    size: int
    content: Callable[[], Iterable[bytes]]
    eight_bit: bool = False
    smtputf8: bool = False
    requiretls: bool = False


def stuffed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces as DATA wants them: leading dots doubled, and the end marked (RFC 5321 §4.5.2).

    A message that does not end in CRLF gets one.  Constant memory: one piece at a time.
    """
    tail, held = b"\r\n", b""       # the message begins at the beginning of a line
    for piece in pieces:
        if not piece:
            continue
        stuffed_piece = piece.replace(b"\r\n.", b"\r\n..")
        # A line may begin in this piece and have ended in the one before.
        if tail.endswith(b"\r\n") and piece.startswith(b"."):
            stuffed_piece = b"." + stuffed_piece
        elif tail.endswith(b"\r") and piece.startswith(b"\n."):
            stuffed_piece = b"\n." + stuffed_piece[1:]
        if held:
            yield held
        # The last piece is held back so that the end can travel with it.
        held, tail = stuffed_piece, (tail + piece[-2:])[-2:]
    yield held + (b".\r\n" if tail == b"\r\n" else b"\r\n.\r\n")
