"""The octets between 354 and the final dot: unstuffed, measured and checked as they come.

Only CRLF.CRLF ends a message (RFC 5321 §4.1.1.4).  A CR or LF alone is refused, never
repaired: servers that disagree on where a message ends can be made to see two where one
was sent (SMTP smuggling).  A refused message is still read to its end, because that is
where the reply belongs.

Linear time and a few octets of memory; a clean chunk costs one find and a few counts.
The result does not depend on where the network cut the octets.
"""
import enum
from typing import Final

from mta.base.reply import Reply

END: Final = b"\r\n.\r\n"


class Fault(enum.IntEnum):
    """What is wrong with a message, mildest first: the worst is reported."""

    NONE = 0
    TOO_LARGE = 1
    LINE_TOO_LONG = 2
    NUL = 3
    BARE_CR = 4
    BARE_LF = 5


class Decoder:
    """Reads one message; feed() it until done, then look at fault, size and rest."""

    __slots__ = ("_held", "_line", "_virtual", "done", "fault", "largest", "longest", "received", "rest", "size")

    def __init__(self, largest: int, longest_line: int) -> None:
        #: The bounds, in octets: of the message and of a line without its CRLF.
        self.largest, self.longest = largest, longest_line
        # The message begins as if after a line's end, so that a lone dot at once ends it.
        self._held, self._virtual = b"\r\n", 2
        self._line = 0
        #: Octets of the message so far, as RFC 1870 §5 counts them: without the doubled dots and the final one.
        self.size = 0
        #: Octets that arrived, whatever became of them.
        self.received = 0
        self.fault = Fault.NONE
        self.done = False
        #: What came after the final dot: the next commands.
        self.rest = b""

    def feed(self, chunk: bytes) -> bytes:
        """The octets of the message that chunk completes; nothing more once there is a fault."""
        self.received += len(chunk)
        raw = self._held + chunk
        dot = raw.find(b"\r\n.")
        end = raw.find(END, dot) if dot >= 0 else -1
        if end >= 0:
            self.done, self.rest, self._held = True, raw[end + len(END):], b""
            raw = raw[:end + 2]
        else:
            kept = _overlap(raw)
            raw, self._held = (raw[:-kept], raw[-kept:]) if kept else (raw, b"")
        return self._content(raw, dotted=dot >= 0) if raw else b""

    def _content(self, raw: bytes, *, dotted: bool) -> bytes:
        """Check and unstuff octets that end neither within CRLF nor between CRLF and dot."""
        ends = raw.count(b"\r\n")
        if raw.count(b"\n") != ends:
            self._note(Fault.BARE_LF)
        if raw.count(b"\r") != ends:
            self._note(Fault.BARE_CR)
        if b"\0" in raw:
            self._note(Fault.NUL)
        clean = raw.replace(b"\r\n.", b"\r\n") if dotted else raw
        if self.fault < Fault.LINE_TOO_LONG:
            self._measure(clean)
        if self._virtual:
            clean, self._virtual = clean[self._virtual:], 0
        self.size += len(clean)
        if self.size > self.largest:
            self._note(Fault.TOO_LARGE)
        return b"" if self.fault else clean

    def _measure(self, clean: bytes) -> None:
        """Note a line that is too long; _line is the length of the one that is still open."""
        start = 0
        while self._line + len(clean) - start > self.longest:
            # The last end of line that is near enough; all before it are too.
            near = clean.rfind(b"\n", start, start + self.longest + 2 - self._line)
            if near < 0:
                return self._note(Fault.LINE_TOO_LONG)
            start, self._line = near + 1, 0
        last = clean.rfind(b"\n", start)
        self._line = len(clean) - last - 1 if last >= 0 else self._line + len(clean) - start

    def _note(self, fault: Fault) -> None:
        self.fault = max(self.fault, fault)


def _overlap(raw: bytes) -> int:
    """How many octets at the end of raw may be the beginning of the final dot."""
    return next((length for length in range(len(END) - 1, 0, -1) if raw.endswith(END[:length])), 0)


def refusal(decoder: Decoder) -> Reply:
    """The reply for a message that has a fault."""
    return {
        Fault.NONE: Reply(451, "4.5.0", "The message did not end"),
        Fault.TOO_LARGE: Reply(552, "5.3.4", f"The message is larger than the {decoder.largest} octets we take"),
        Fault.LINE_TOO_LONG: Reply(554, "5.6.0", f"A line of the message has more than {decoder.longest} octets"),
        Fault.NUL: Reply(554, "5.6.0", "The message has a NUL octet; encode it, as with base64"),
        Fault.BARE_CR: Reply(554, "5.6.0", "The message has a CR without LF; lines must end with CR LF"),
        Fault.BARE_LF: Reply(554, "5.6.0", "The message has an LF without CR; lines must end with CR LF"),
    }[decoder.fault]
