"""The mbox family of mailbox files: many messages in one file, told apart by lines that begin with "From ".

There are four dialects and no mark that tells them apart: mboxo and mboxrd put ">" in front
of lines of a text that look like such a line (mboxrd also in front of those that already
have one), mboxcl does that and gives a Content-Length, mboxcl2 relies on the length alone.
So nothing is believed that the file itself does not bear out: a separating line has a date
and something like a header after it, and a Content-Length counts only if a message or the
end of the file begins just where it says.

Files are read line by line, whatever their size; what is handed on has CRLF line ends.
What programs put into headers for themselves (Status, X-Mozilla-Status, X-Gmail-Labels …)
is taken out and given apart, so that the rest is the message as it was received.
"""
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from mta.base.limits import LIMITS
from mta.message.dates import date_text, parse_date
from mta.message.flags import NAMES, Flags

#: Octets of a line that are read at once.
LINE: Final = 64 * 1024
#: A date somewhere behind "From ": a clock, and a year that is near it.
DATED: Final = re.compile(rb"^From .{0,200}?\d{1,2}:\d\d(:\d\d)?.{0,40}\d{4}|^From .{0,200}?\d{4}-\d\d-\d\d[T ]\d\d:\d\d", re.DOTALL)
FIELD: Final = re.compile(rb"[!-9;-~]{1,200}[ \t]*:|>From ")
QUOTED: Final = re.compile(rb">+From ")
#: A line of a text that would separate messages if nothing else said that it does not.
BARE: Final = re.compile(rb"(?:\A|\n)From ")
#: Fields that programs keep for themselves in such files.
MARKS: Final = frozenset({
    b"status", b"x-status", b"x-keywords", b"content-length", b"x-uid", b"x-imap", b"x-imapbase", b"x-mozilla-status",
    b"x-mozilla-status2", b"x-mozilla-keys", b"x-gmail-labels", b"x-gm-thrid"})
#: First field of a message that we wrote into such a file: how many fields after it are not its own.
OURS: Final = b"x-pillarbox-fields"
RECEIVED: Final = b"x-pillarbox-received"
#: Letters of Status and X-Status, and bits of X-Mozilla-Status.
LETTERS: Final = {"R": Flags.SEEN, "A": Flags.ANSWERED, "F": Flags.FLAGGED, "D": Flags.DELETED, "T": Flags.DRAFT}
MOZILLA: Final = {0x0001: Flags.SEEN, 0x0002: Flags.ANSWERED, 0x0004: Flags.FLAGGED, 0x1000: Flags.FORWARDED}
MOZILLA_GONE: Final = 0x0008
#: Flags that have a letter; the others travel as keywords.
LETTERED: Final = Flags.SEEN | Flags.ANSWERED | Flags.FLAGGED | Flags.DELETED | Flags.DRAFT


@dataclass(slots=True)
class Found:
    """One message of the file: from where to where it goes, when it came by its first line, what programs noted in it.

    marks has the values of such fields by their names in lower case.
    """

    start: int
    end: int
    received: float | None
    marks: dict[bytes, str] = field(default_factory=dict)

    @property
    def gone(self) -> str:
        """Why it is no message that anybody wants, or ""."""
        if _mozilla(self.marks) & MOZILLA_GONE:
            return "it was deleted in Thunderbird, and its file was not compacted since"
        if b"x-imap" in self.marks or (b"x-imapbase" in self.marks and "internal data" in self.marks.get(b"subject", "").lower()):
            return "it is what a mail server noted for itself, no message"
        return ""

    @property
    def flags(self) -> Flags:
        """The flags that it has; mail of which nothing is said was read."""
        if not self.marks.keys() & {b"status", b"x-status", b"x-mozilla-status"}:
            return Flags.SEEN
        found = Flags.NONE
        for letter in self.marks.get(b"status", "") + self.marks.get(b"x-status", ""):
            found |= LETTERS.get(letter, Flags.NONE)
        bits = _mozilla(self.marks)
        for bit, flag in MOZILLA.items():
            found |= flag if bits & bit else Flags.NONE
        return found

    @property
    def keywords(self) -> tuple[str, ...]:
        """Its keywords, names of flags among them."""
        return tuple(f"{self.marks.get(b'x-keywords', '')} {self.marks.get(b'x-mozilla-keys', '')}".replace(",", " ").split())


class Mbox:
    """Reads a file from an offset on, where a separating line has to be.

    size, if it is given, is that of the file, which then can be sought in: only so a
    Content-Length can be believed.
    """

    def __init__(self, file: BinaryIO, start: int = 0, size: int | None = None) -> None:
        self._file, self._size = file, size
        self._ahead: deque[bytes] = deque()
        self._at = start                    # the offset of the next line
        self._most = LIMITS.header_octets

    @property
    def offset(self) -> int:
        """Where the next message begins, or the file ends."""
        return self._at

    def next(self, write: Callable[[bytes], None]) -> Found | None:
        """Hand the next message to write, piece by piece; None at the end of the file."""
        while (line := self._line()) in (b"\n", b"\r\n"):
            pass
        if not line:
            return None
        start = self._at - len(line)
        received = None
        if line.startswith(b"From "):
            received = _date(line)
            self._rest_of(line)
        else:
            self._back(line)                # a file of one message, without the line
        found = Found(start, start, received)
        length = self._header(found, write)
        if length is None or not self._counted(length, write):
            self._body(write)
        found.end = self._at
        if (own := found.marks.get(RECEIVED)) is not None:
            found.received = _number(own)
        return found

    # --- header --------------------------------------------------------------------------------

    def _header(self, found: Found, write: Callable[[bytes], None]) -> int | None:
        """Hand on the header without marks; gives the Content-Length that stood there."""
        length: int | None = None
        ours = total = 0
        first = dropped = True
        while True:
            line = self._line()
            if not line or (total > 0 and self._separates(line, blank=False)):
                if line:
                    self._back(line)
                return length
            if line in (b"\n", b"\r\n"):
                write(b"\r\n")
                return length
            total += len(line)
            if line[:1] not in b" \t":
                name, colon, value = line.partition(b":")
                lower = name.strip().lower()
                if first and lower == OURS:
                    ours, dropped = min(int(_number(value.decode("latin-1")) or 0), 10) + 1, True
                own = ours > 0
                if own:
                    ours -= 1
                    dropped = True
                else:
                    # Fields of the message itself that look like marks stay if we wrote the file: ours stand apart.
                    dropped = lower in MARKS and OURS not in found.marks and bool(colon)
                if dropped and len(found.marks) < 50:
                    found.marks[lower] = value.decode("utf-8", "replace").strip()[:LIMITS.kept_text * 4]
                    if lower == b"content-length" and value.strip().isdigit():
                        length = int(value)
                if lower == b"subject":
                    found.marks[b"subject"] = value.decode("latin-1").strip()[:100]
                last = lower
            elif dropped and last in found.marks and len(found.marks[last]) < LIMITS.kept_text * 40:
                found.marks[last] += " " + line.decode("utf-8", "replace").strip()
            first = False
            whole = line.endswith(b"\n")
            if not dropped:
                write(_ended(line))
            while not whole:
                line = self._line()
                whole = not line or line.endswith(b"\n")
                if not dropped:
                    write(_ended(line))
            if total > self._most:
                return None

    # --- body ----------------------------------------------------------------------------------

    def _body(self, write: Callable[[bytes], None]) -> None:
        """Hand on lines up to the next separating one; the empty line in front of that is not the message's."""
        held = b""
        whole = True
        while line := self._line():
            if whole:
                if line[:5] == b"From " and self._separates(line, blank=bool(held)):
                    self._back(line)
                    return
                if held:
                    write(held)
                    held = b""
                if line in (b"\n", b"\r\n"):
                    held = b"\r\n"
                    continue
                if line[:1] == b">" and QUOTED.match(line):
                    line = line[1:]
            whole = line.endswith(b"\n")
            write(_ended(line))

    def _counted(self, length: int, write: Callable[[bytes], None]) -> bool:
        """Hand on a body of length octets, if that can be believed; False if nothing was done."""
        size, start = self._size, self._at
        if size is None or length > LIMITS.message or start + length > size:
            return False
        self._ahead.clear()
        self._file.seek(start + length)
        tail = self._file.read(8)
        fits = not tail or re.match(rb"(?:\r?\n)?From |\r?\n\Z", tail) is not None
        bare = fits and self._has_bare(start, length)
        self._file.seek(start)
        if not fits:
            return False
        left, whole = length, True
        while left > 0 and (line := self._file.readline(min(LINE, left))):
            left -= len(line)
            self._at += len(line)
            # mboxcl puts ">" in front, mboxcl2 does not; a line without it shows which this is.
            if whole and not bare and QUOTED.match(line):
                line = line[1:]
            whole = line.endswith(b"\n")
            write(_ended(line) if whole or left else line)
        return True

    def _has_bare(self, start: int, length: int) -> bool:
        self._file.seek(start)
        end, left = b"\n", length
        while left > 0 and (piece := self._file.read(min(LINE, left))):
            left -= len(piece)
            if BARE.search(end + piece):
                return True
            end = piece[-6:]
        return False

    # --- lines ---------------------------------------------------------------------------------

    def _separates(self, line: bytes, *, blank: bool) -> bool:
        """Whether line begins a message: it is dated, and a header follows, or nothing does where that can be."""
        if line[:5] != b"From " or not DATED.match(line):
            return False
        after = self._peek()
        if after in (b"", b"\n", b"\r\n"):
            return blank
        return FIELD.match(after) is not None

    def _line(self) -> bytes:
        line = self._ahead.popleft() if self._ahead else self._file.readline(LINE)
        self._at += len(line)
        return line

    def _back(self, line: bytes) -> None:
        self._ahead.appendleft(line)
        self._at -= len(line)

    def _peek(self) -> bytes:
        if not self._ahead:
            self._ahead.append(self._file.readline(LINE))
        return self._ahead[0]

    def _rest_of(self, line: bytes) -> None:
        while line and not line.endswith(b"\n"):
            line = self._line()


# --- writing -----------------------------------------------------------------------------------


def heading(received: float, flags: Flags, keywords: tuple[str, ...]) -> bytes:
    """What stands in front of a message in an mboxrd file: the separating line, and fields with its marks."""
    moment = date_text(received).replace(",", "").split()     # Mon 1 Jan 2024 10:00:00 +0000
    day, number, month, year, clock, _ = moment
    letters = "".join(letter for letter, flag in LETTERS.items() if letter != "R" and flags & flag)
    words = [*(name for flag, name in NAMES.items() if flags & flag & ~LETTERED), *keywords]
    lines = [f"From MAILER-DAEMON {day} {month} {number:>2} {clock} {year}", "X-Pillarbox-Fields: 4",
             f"Status: {'RO' if flags & Flags.SEEN else 'O'}", f"X-Status: {letters}", f"X-Keywords: {' '.join(words)}",
             f"X-Pillarbox-Received: {received!r}"]
    return "".join(f"{line}\n" for line in lines).encode("ascii", "replace")


def quoted(line: bytes) -> bytes:
    """A line (with its end) as it stands in an mboxrd file: LF at the end, ">" in front of what looks like a separating line."""
    if line.endswith(b"\r\n"):
        line = line[:-2] + b"\n"
    return b">" + line if line[:5] == b"From " or QUOTED.match(line) else line


def _ended(line: bytes) -> bytes:
    """A line with CRLF at its end if it has an end."""
    if line.endswith(b"\r\n") or not line.endswith(b"\n"):
        return line
    return line[:-1] + b"\r\n"


def _date(line: bytes) -> float | None:
    words = line.decode("latin-1").split()[1:]
    for place in range(min(len(words), 6)):
        if (found := parse_date(" ".join(words[place:]))) is not None:
            return found
    return None


def _number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if 0 <= found < 1e11 else None


def _mozilla(marks: dict[bytes, str]) -> int:
    try:
        return int(marks.get(b"x-mozilla-status", "0"), 16)
    except ValueError:
        return 0
