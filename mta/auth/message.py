"""A message as signatures see it: its header fields exactly as they came, and its body.

Nothing is repaired or decoded.  Each field is written down in its canonical form once,
however many signatures cover it.

Standards: RFC 6376 §3.4 and §5.4.2.
"""
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Self

from mta.auth.canon import Canon, canonical_field
from mta.base.limits import LIMITS, Limits
from mta.message import header
from mta.message.header import Defects, Header
from mta.message.scan import Octets, blocks

CRLF = b"\r\n"


class Message:
    """Header fields, each with its CRLF, in their order, and the body that begins at start of data.

    whole is False if there are more fields than anybody here looks at: what a signature
    covers cannot be told then.  readings are what was read in its fields before, by who
    read them: the hashing of the body and each check want to know.
    """

    __slots__ = ("_data", "_places", "_relaxed", "_start", "fields", "names", "readings", "whole")

    def __init__(self, fields: Sequence[bytes], data: Octets = b"", start: int = 0, *, whole: bool = True) -> None:
        self.fields = tuple(fields)
        self.names = tuple(_name(field) for field in self.fields)
        self.whole = whole
        self.readings: dict[Any, Any] = {}
        self._data, self._start = data, start
        self._relaxed: list[bytes | None] = [None] * len(self.fields)
        self._places: dict[str, list[int]] = {}
        for place, name in enumerate(self.names):
            self._places.setdefault(name, []).append(place)

    @classmethod
    def read(cls, data: Octets, limits: Limits = LIMITS) -> Self:
        """The message in data: octets as they came, with CRLF line ends (RFC 5322 §2.1), or a file of them mapped into memory."""
        return cls.of(header.parse(data, limits=limits), data)

    @classmethod
    def of(cls, found: Header, data: Octets) -> Self:
        """The same, where the header has been parsed already."""
        fields = [_ended(data[field.start:field.end]) for field in found.fields]
        return cls(fields, data, found.end, whole=not found.defects & Defects.HEADER_TOO_BIG)

    def places(self, name: str) -> Sequence[int]:
        """Where the fields of that name (in lower case) are, the topmost first."""
        return self._places.get(name, ())

    def canonical(self, place: int, canon: Canon) -> bytes:
        """The field at place, with its CRLF, as canon writes it."""
        if canon is Canon.SIMPLE:
            return self.fields[place]
        known = self._relaxed[place]
        if known is None:
            known = self._relaxed[place] = canonical_field(self.fields[place], canon)
        return known

    def chosen(self, names: Iterable[str], canon: Canon, but: int = -1) -> Iterator[bytes]:
        """The canonical fields that names (h=, in lower case) stand for, in that order; never the one at place but.

        RFC 6376 §5.4.2: of several fields with one name the last is taken first.  A name
        that has no field left stands for nothing: so a signer makes sure that none is added.
        """
        left: dict[str, list[int]] = {}
        for name in names:
            if name not in self._places:
                continue
            if name not in left:
                left[name] = [place for place in self._places[name] if place != but]
            if left[name]:
                yield self.canonical(left[name].pop(), canon)

    def body(self) -> Iterator[bytes]:
        """The body in blocks."""
        return blocks(self._data, self._start, len(self._data))


def _name(field: bytes) -> str:
    return field.partition(b":")[0].strip(b" \t").lower().decode("latin-1")


def _ended(field: bytes) -> bytes:
    """field with its CRLF: the last one of a message that is cut off may have none."""
    return field if field.endswith(CRLF) else field.rstrip(CRLF) + CRLF
