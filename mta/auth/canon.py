"""The two ways of writing a message down before it is hashed (RFC 6376 §3.4).

Bodies come in chunks of any size and are hashed on the way: memory stays constant and
no regular expression ever sees a body.  Only CRLF ends a line; a CR or LF alone is an
octet like any other (our sessions refuse such messages anyway).
"""
import enum
import hashlib

#: Blank lines that turn out to count are hashed in pieces of at most this many.
BLANKS = b"\r\n" * 4_096


class Canon(enum.Enum):
    """How much of the white space a signature forgives."""

    SIMPLE = "simple"
    RELAXED = "relaxed"


class BodyHash:
    """SHA-256 of a body as a signature sees it, fed in chunks.

    limit is the number of canonical octets that count (l= of RFC 6376 §3.5), None for
    all of them.
    """

    def __init__(self, canon: Canon = Canon.RELAXED, limit: int | None = None) -> None:
        self._relaxed = canon is Canon.RELAXED
        self._hash = hashlib.sha256()
        self._room = limit
        self._blanks = 0        # CRLFs seen and not yet hashed: they count only if text follows
        self._rest = b""        # one or two octets at the end that what follows may change
        self.octets = 0         # canonical octets so far, those beyond the limit included

    def update(self, chunk: bytes) -> None:
        """Take the next octets of the body."""
        data = self._rest + chunk
        # Base64 has no spaces at all, and looking for one is ten times as fast as replacing.
        spaces = self._relaxed and (b" " in data or b"\t" in data)
        if spaces:
            data = _single_spaces(data)
        kept = data.removesuffix(b"\r")
        if spaces:
            kept = kept.removesuffix(b" ")
        self._rest = data[len(kept):]
        if spaces:
            kept = kept.replace(b" \r\n", b"\r\n")
        blanks = _blanks_at_end(kept)
        text = kept[:len(kept) - 2 * blanks]
        if text:
            self._take_text(text)
        self._blanks += blanks

    def digest(self) -> bytes:
        """The hash of all that came; the object is used up."""
        if self._rest.endswith(b"\r"):
            self._take_text(self._rest)
        # RFC 6376 §3.4.3: an empty body is one CRLF; §3.4.4: relaxed, it is nothing.
        if self.octets or not self._relaxed:
            self._take(b"\r\n")
        return self._hash.digest()

    def _take_text(self, text: bytes) -> None:
        """Hash text, and before it the blank lines that now are not the last ones."""
        while self._blanks:
            count = min(self._blanks, len(BLANKS) // 2)
            self._take(BLANKS[:2 * count])
            self._blanks -= count
        self._take(text)

    def _take(self, octets: bytes) -> None:
        self.octets += len(octets)
        if self._room is not None:
            octets = octets[:self._room]
            self._room -= len(octets)
        self._hash.update(octets)


def canonical_field(field: bytes, canon: Canon) -> bytes:
    """One header field, with its CRLF, as canon wants it (RFC 6376 §3.4.1, §3.4.2)."""
    if canon is Canon.SIMPLE:
        return field
    name, _, value = field.partition(b":")
    value = _single_spaces(value.replace(b"\r\n", b""))
    return b"%s:%s\r\n" % (name.strip(b" \t").lower(), value.strip(b" "))


def _single_spaces(data: bytes) -> bytes:
    """data with each run of spaces and tabs as one space; each pass halves the runs."""
    data = data.replace(b"\t", b" ")
    while b"  " in data:
        data = data.replace(b"  ", b" ")
    return data


def _blanks_at_end(data: bytes) -> int:
    """How many CRLFs data ends with."""
    tail = data[len(data.rstrip(b"\r\n")):].replace(b"\r\n", b".")
    return len(tail) - len(tail.rstrip(b"."))
