"""The header of a message or of a part: its fields, where they are, what they say.

Parsing never fails.  A line that is no field is skipped and noted, a field without its
colon too; what comes after the bounds of mta.base.limits is not looked at, but where the
header ends is always found.  Offsets are those of the data handed in.

Standards: RFC 5322 §2.2 and §4.5, RFC 6532 §3 (UTF-8 in fields), RFC 2047 (encoded words).
"""
import enum
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from mta.base.limits import LIMITS, Limits
from mta.message import codec, words
from mta.message.scan import Octets, find

#: What is copied at first when a header is read from a mapped file.
WINDOW = 16 * 1024
#: RFC 5322 §2.2: a field's name is printable ASCII without colon; longer names than this are garbage.
NAME = re.compile(rb"[!-9;-~]{1,200}")
#: Line ends and tabs become spaces; other controls go, and what would turn the text around
#: (bidirectional embedding, override and isolation), so that nobody can write backwards.
CONTROLS = dict.fromkeys((*range(32), 127, 0x85, 0x2028, 0x2029), " ") | dict.fromkeys(
    (*range(0x80, 0x85), *range(0x86, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)), "")


class Defects(enum.IntFlag):
    """What was wrong with a header or a part; none of it stops us."""

    NONE = 0
    GARBAGE = 1             # a line in the header is no field
    NO_BLANK_LINE = 2       # the header ends without one
    HEADER_TOO_BIG = 4      # more fields or octets than we look at
    NO_BOUNDARY = 8         # a multipart names no boundary, or it never comes
    NOT_CLOSED = 16         # a multipart has no closing boundary
    TOO_DEEP = 32           # parts within parts beyond the bound are not looked into
    TOO_MANY_PARTS = 64     # nor is what follows the bound on their number
    ENCODED_MESSAGE = 128   # a message/rfc822 in base64 or the like (RFC 2046 §5.2.1 forbids it)


class Field(NamedTuple):
    """One field: name as written, start and end around all of it with its line end."""

    name: bytes
    lower: str
    start: int
    end: int
    value_start: int
    raw: bytes              # everything after the colon, with folds, without the last line end

    def unfolded(self) -> str:
        """The value in one line: UTF-8 if it is that (RFC 6532), encoded words still encoded."""
        raw = self.raw
        if b"\n" in raw:
            raw = raw.replace(b"\r\n", b"").replace(b"\n", b"")
        return clean(codec.decode_text(raw)).strip()

    def text(self) -> str:
        """The value for people: unfolded, encoded words decoded, no control characters."""
        value = self.unfolded()
        return clean(words.decode(value)).strip() if "=?" in value else value


class Header:
    """The fields of a header in their order; end is where the body begins."""

    __slots__ = ("_named", "defects", "end", "fields", "start")

    def __init__(self, start: int, end: int, fields: list[Field], defects: Defects = Defects.NONE) -> None:
        self.start, self.end, self.fields, self.defects = start, end, fields, defects
        self._named: dict[str, list[Field]] | None = None

    def all(self, name: str) -> list[Field]:
        """Every field of that name (any case), first first."""
        if self._named is None:
            self._named = {}
            for field in self.fields:
                self._named.setdefault(field.lower, []).append(field)
        return self._named.get(name.lower(), [])

    def get(self, name: str) -> Field | None:
        """The first field of that name, or None."""
        found = self.all(name)
        return found[0] if found else None

    def text(self, name: str) -> str:
        """The decoded value of the first field of that name, "" if there is none."""
        found = self.get(name)
        return found.text() if found else ""

    def unfolded(self, name: str) -> str:
        """The value of the first field of that name with encoded words still encoded, "" if there is none."""
        found = self.get(name)
        return found.unfolded() if found else ""

    def count(self, name: str) -> int:
        """How many fields have that name."""
        return len(self.all(name))


def clean(text: str) -> str:
    """text without control characters; line ends and tabs become spaces."""
    return text if text.isascii() and text.isprintable() else text.translate(CONTROLS)


def parse(data: Octets, start: int = 0, limits: Limits = LIMITS, *, end: int | None = None) -> Header:
    """The header that begins at start; nothing at or after end belongs to it."""
    stop = len(data) if end is None else end
    if isinstance(data, bytes):
        header = _scan(data, start, stop, 0, limits, True)
        assert header is not None
        return header
    size = WINDOW
    while True:
        window = data[start:min(stop, start + size)]
        header = _scan(window, 0, len(window), start, limits, start + len(window) == stop)
        if header is not None:
            return header
        if size > limits.header_octets:
            known = _scan(window, 0, len(window), start, limits, True)
            assert known is not None
            return _blank_line(data, start, start, stop, 0, known.fields, known.defects & ~Defects.NO_BLANK_LINE)
        size *= 4


def texts(fields: Iterable[Field]) -> list[str]:
    """The decoded values of fields."""
    return [field.text() for field in fields]


def _scan(data: bytes, start: int, stop: int, base: int, limits: Limits, whole: bool) -> Header | None:
    """The header in data[start:stop]; base is added to offsets.

    None if the end was not found though there is more data (whole is False).
    """
    fields: list[Field] = []
    add, seek = fields.append, data.find
    defects = Defects.NONE
    at, last = start, min(stop, start + limits.header_octets)
    while at < last:
        octet = data[at]
        if octet == 10 or (octet == 13 and data[at + 1:at + 2] == b"\n"):
            return Header(base + start, base + at + (1 if octet == 10 else 2), fields, defects)
        line_end = seek(b"\n", at, stop)
        colon = seek(b":", at, line_end if line_end >= 0 else stop)
        name = data[at:colon] if colon >= 0 else b""
        lower = _lower(name) if len(name) < 256 else ""
        if not lower and at == start and data[at:at + 6].lstrip(b">")[:5] != b"From ":
            # Nothing like a header: all of it is body.
            return Header(base + start, base + start, fields, Defects.GARBAGE | Defects.NO_BLANK_LINE)
        after = line_end + 1
        while 0 < after < stop and data[after] in b" \t":
            line_end = seek(b"\n", after, stop)
            after = line_end + 1
        if after == 0:
            if not whole:
                return None
            after = stop
        if not lower:
            defects |= Defects.GARBAGE
        elif len(fields) < limits.header_fields and after - start <= limits.header_octets:
            value_end = after
            if data[after - 1] == 10:
                value_end -= 2 if data[after - 2] == 13 else 1
            add(Field(name.rstrip(), lower, base + at, base + after, base + colon + 1, data[colon + 1:value_end]))
        else:
            defects |= Defects.HEADER_TOO_BIG
        at = after
    if at < stop:
        return _blank_line(data, start, at, stop, base, fields, defects) if whole else None
    return Header(base + start, base + stop, fields, defects | Defects.NO_BLANK_LINE) if whole else None


def _blank_line(data: Octets, start: int, at: int, stop: int, base: int, fields: list[Field], defects: Defects) -> Header:
    """The header whose first fields are known, its end looked for from at on."""
    defects |= Defects.HEADER_TOO_BIG
    ends = [(found, len(needle)) for needle in (b"\n\r\n", b"\n\n") if (found := find(data, needle, max(start, at - 1), stop)) >= 0]
    if not ends:
        return Header(base + start, base + stop, fields, defects | Defects.NO_BLANK_LINE)
    found, length = min(ends)
    return Header(base + start, base + found + length, fields, defects)


@lru_cache(maxsize=1024)
def _lower(name: bytes) -> str:
    """The name for comparing, "" if it is none; RFC 5322 §4.5 lets white space come before the colon."""
    bare = name.rstrip(b" \t")
    return bare.decode("ascii").lower() if NAME.fullmatch(bare) else ""
