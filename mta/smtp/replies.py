"""The replies of a server, read with bounds (RFC 5321 §4.2).

A line may end in LF alone: in replies nothing can be smuggled by it.  Text of a peer is
shown to people and kept, so `spoken` makes it one printable line of limited length.
"""
import asyncio
from typing import Final

from mta.base.limits import LIMITS, Limits
from mta.base.reply import Reply
from mta.smtp.wire import Wire

#: Characters of a peer's text that are kept; explanations of real servers stay below 600.
KEPT_TEXT: Final = 1_000


class Garbled(Exception):
    """What the peer sent is no SMTP reply."""


class Replies:
    """Reads the replies on a wire one by one."""

    def __init__(self, wire: Wire, limits: Limits = LIMITS) -> None:
        self._wire, self._limits = wire, limits
        self._buffer = bytearray()
        self._lines: list[bytes] = []

    @property
    def pending(self) -> bool:
        """True if the peer has said something that was not read yet."""
        return bool(self._buffer or self._lines or self._wire.pending)

    async def next(self, wait: float) -> Reply:
        """The next reply, complete within wait seconds.

        TimeoutError if it is not, EOFError if the peer has closed, OSError if the
        connection broke, Garbled if it is none.
        """
        reply = self._take()
        if reply is None:
            async with asyncio.timeout(wait):
                while reply is None:
                    octets = await self._wire.read()
                    if not octets:
                        raise EOFError
                    self._buffer += octets
                    reply = self._take()
        return reply

    def _take(self) -> Reply | None:
        """A complete reply from the buffer, or None."""
        while (end := self._buffer.find(b"\n")) >= 0:
            line = bytes(self._buffer[:end]).removesuffix(b"\r")
            del self._buffer[:end + 1]
            self._check(line)
            self._lines.append(line)
            if line[3:4] != b"-":
                lines, self._lines = self._lines, []
                return _parsed(lines)
        if len(self._buffer) > self._limits.reply_line:
            raise Garbled("a line without end")
        return None

    def _check(self, line: bytes) -> None:
        if len(line) > self._limits.reply_line:
            raise Garbled("a line that is too long")
        if len(self._lines) >= self._limits.reply_lines:
            raise Garbled("too many lines")
        # RFC 5321 §4.2.1: all lines of a reply have the same code.
        if not line[:3].isdigit() or line[3:4] not in (b" ", b"-", b"") or (self._lines and self._lines[0][:3] != line[:3]):
            raise Garbled(repr(line[:80]))


def _parsed(lines: list[bytes]) -> Reply:
    try:
        return Reply.parse(lines)
    except ValueError:
        raise Garbled(repr(lines[0][:80])) from None


def spoken(text: str) -> str:
    """A peer's text as one printable line of at most KEPT_TEXT characters."""
    if not text.isprintable():
        text = "".join(char if char.isprintable() else " " for char in text)
    text = " ".join(text.split())
    return text if len(text) <= KEPT_TEXT else f"{text[:KEPT_TEXT - 1]}…"
