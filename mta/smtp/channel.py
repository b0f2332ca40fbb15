"""What a conversation needs of the connection under it: lines and octets in, replies out.

mta.smtp.session has the real one, over a transport.
"""
from typing import Protocol

from mta.base.errors import PillarboxError
from mta.base.reply import Reply
from mta.base.sasl import Bindings
from mta.smtp.desk import TlsFacts


class Gone(PillarboxError):
    """The conversation ends here; the text says why, for the log; last_words are for the peer, if it still listens."""

    def __init__(self, reason: str, last_words: Reply | None = None) -> None:
        super().__init__(reason)
        self.last_words = last_words


class Channel(Protocol):
    """One connection, in the order in which things happen on it."""

    def say(self, reply: Reply) -> None:
        """Answer; replies of a pipelined group leave together (RFC 2920 §3.2)."""
        ...

    async def next_line(self, wait: float) -> bytes:
        """The next line without its CRLF, after sending what was said.

        Gone if none comes within wait seconds or if we are to stop, inbox.BadLine if
        what came is no line.
        """
        ...

    async def next_octets(self, wait: float) -> bytes:
        """Whatever comes next, at least one octet, after sending what was said.

        Gone if nothing comes within wait seconds; does not care whether we are to stop.
        """
        ...

    def put_back(self, octets: bytes) -> None:
        """What next_octets gave was too much: this comes next."""
        ...

    def drop_input(self) -> int:
        """Forget what has arrived and was not read; how many octets that was."""
        ...

    async def start_tls(self) -> TlsFacts:
        """Send what was said, then shake hands; Gone if that fails."""
        ...

    @property
    def can_start_tls(self) -> bool:
        """True if there is a certificate and the connection is in the clear."""
        ...

    def bindings(self) -> Bindings:
        """The channel bindings that are possible now, by name (RFC 5929); none in the clear."""
        ...
