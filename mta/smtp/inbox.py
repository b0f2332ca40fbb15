"""Octets that have arrived and were not read yet, cut into lines (RFC 5321 §2.3.8).

Only CRLF ends a line.  The same octets give the same lines and the same troubles
wherever the network cut them; what is kept is bounded by the line limit and by the
session, which stops reading while there is enough.
"""
import enum
import re
from typing import Final

from mta.base.errors import PillarboxError

#: How many times the longest line may be thrown away before we hang up.
PATIENCE: Final = 8
BARE: Final = re.compile(rb"\r(?!\n)|(?<!\r)\n")


class Trouble(enum.Enum):
    """Why octets are not a line; the text tells the sender."""

    BARE_END = "Lines end with CR LF; a CR or LF alone does not count"
    TOO_LONG = "The line is too long"
    FLOOD = "Far too much without an end of line"
    TLS = "This port expects SMTP first, not a TLS handshake"


class BadLine(PillarboxError):
    """What came is not a line; if more of it follows, that is thrown away."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble


class Inbox:
    """A buffer between a transport that delivers and a conversation that takes."""

    __slots__ = ("_buffer", "_limit", "_skipped", "_skipping", "_start")

    def __init__(self, line_limit: int) -> None:
        self._limit = line_limit
        self._buffer = b""
        self._start = 0
        self._skipping = False
        self._skipped = 0

    def __len__(self) -> int:
        return len(self._buffer) - self._start

    def feed(self, octets: bytes) -> None:
        """More has arrived."""
        self._buffer = self._buffer[self._start:] + octets if len(self) else octets
        self._start = 0

    def line(self) -> bytes | None:
        """The next line without its CRLF, None if it is not complete; BadLine once for each that is none."""
        while self._skipped <= PATIENCE * self._limit:
            end = self._buffer.find(b"\r\n", self._start)
            if end < 0:
                return self._incomplete()
            line = self._buffer[self._start:end]
            self._start = end + 2
            if self._skipping:
                self._skipping = False
                self._skipped += len(line)
                continue
            trouble = self._trouble(line)
            if trouble is None:
                return line
            self._skipped += len(line)
            raise BadLine(trouble)
        raise BadLine(Trouble.FLOOD)

    def take(self) -> bytes:
        """Everything that is here."""
        octets = self._buffer[self._start:] if self._start else self._buffer
        self._buffer, self._start = b"", 0
        return octets

    def put_back(self, octets: bytes) -> None:
        """What take() gave was too much: this comes before anything else."""
        self._buffer = octets + self.take()

    def _incomplete(self) -> bytes | None:
        """Complain about a line as soon as it is hopeless, and forget what is here of it."""
        piece = self._buffer[self._start:]
        if piece.endswith(b"\r"):
            piece = piece[:-1]      # its LF may be on the way
        trouble = None if self._skipping else self._trouble(piece)
        if self._skipping or trouble:
            self._start += len(piece)
            self._skipped += len(piece)
            self._skipping = True
        if trouble:
            raise BadLine(trouble)
        return self.line() if self._skipped > PATIENCE * self._limit else None

    def _trouble(self, line: bytes) -> Trouble | None:
        """What is wrong with a line, or with as much of it as is here; the first trouble in it counts."""
        if line[:1] == b"\x16":
            return Trouble.TLS
        if (b"\r" in line or b"\n" in line) and (found := BARE.search(line)) and found.start() < self._limit:
            return Trouble.BARE_END
        return Trouble.TOO_LONG if len(line) > self._limit else None
