"""SMTP replies: what we say, and what a peer said (RFC 5321 §4.2, RFC 2034, RFC 3463)."""
import re
from dataclasses import dataclass, replace
from typing import Self

#: RFC 3463 §2: class, subject, detail.
ENHANCED = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})(?:\s+|$)")
#: RFC 5321 §4.5.3.1.5: a reply line has at most 512 octets with its CRLF.
LINE_ROOM = 512 - 2 - len("250-2.0.0 ")


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply: code like 250, enhanced like "2.1.0" or "", and one or more lines of text."""

    code: int
    enhanced: str
    text: str

    @property
    def positive(self) -> bool:
        """True for 2xx and 3xx: what was asked is granted."""
        return self.code < 400

    @property
    def lasting(self) -> bool:
        """True for 5xx: asking again the same way is useless."""
        return self.code >= 500

    @property
    def lines(self) -> list[str]:
        """The text by lines."""
        return self.text.split("\n")

    def traced(self, trace: str) -> Self:
        """The same reply with the trace id in parentheses at its end."""
        return replace(self, text=f"{self.text} ({trace})")

    def traced_first(self, trace: str) -> Self:
        """The same reply with the trace id at the end of its first line, where the others are read by programs."""
        first, newline, rest = self.text.partition("\n")
        return replace(self, text=f"{first} ({trace}){newline}{rest}")

    def wire(self) -> bytes:
        """The reply as it goes out; long lines are folded into continuation lines."""
        prefix = f"{self.enhanced} " if self.enhanced else ""
        pieces = [prefix + piece for line in self.lines for piece in _cut(line)]
        return b"".join(
            f"{self.code}{' ' if last else '-'}{piece}\r\n".encode()
            for last, piece in ((number == len(pieces) - 1, piece) for number, piece in enumerate(pieces))
        )

    @classmethod
    def parse(cls, lines: list[bytes]) -> Self:
        """Read the lines (without CRLF) of one complete reply of a peer; ValueError if it is none.

        Undecodable octets are replaced; the enhanced code is taken from the first
        line and removed from all that repeat it.
        """
        code = int(lines[0][:3])
        if not 200 <= code <= 599:
            raise ValueError(f"no SMTP reply: {lines[0]!r}")
        texts = [line[4:].decode("utf-8", "replace") for line in lines]
        found = ENHANCED.match(texts[0])
        enhanced = ".".join(found.groups()) if found and found[1] == str(code)[0] else ""
        if enhanced:
            texts = [ENHANCED.sub("", text, count=1) for text in texts]
        return cls(code, enhanced, "\n".join(texts))

    def __str__(self) -> str:
        return " ".join(filter(None, [str(self.code), self.enhanced, " / ".join(self.lines)]))


def _cut(line: str) -> list[str]:
    """line in pieces that fit a reply line, cut at spaces where there are some."""
    pieces = []
    while len(line.encode()) > LINE_ROOM:
        room = LINE_ROOM // (4 if not line.isascii() else 1)
        at = line.rfind(" ", 1, room) + 1 or room
        pieces.append(line[:at].rstrip())
        line = line[at:]
    return [*pieces, line]
