"""The two ways of writing a message down before it is hashed (RFC 6376 §3.4).

Bodies come in chunks of any size and are hashed on the way: memory stays constant and
no regular expression ever sees a body.  Only CRLF ends a line; a CR or LF alone is an
octet like any other (our sessions refuse such messages anyway).
"""
import enum
import hashlib
from collections.abc import Iterable

#: Blank lines that turn out to count are hashed in pieces of at most this many.
BLANKS = b"\r\n" * 4_096
TABS_AS_SPACES = bytes.maketrans(b"\t", b" ")


class Canon(enum.Enum):
    """How much of the white space a signature forgives."""

    SIMPLE = "simple"
    RELAXED = "relaxed"


class BodyHash:
    """SHA-256 of a body as signatures see it, fed in chunks.

    cuts are numbers of canonical octets (l= of RFC 6376 §3.5) after which the hash so far
    is wanted too; however many there are, the body is written down and hashed once.
    """

    def __init__(self, canon: Canon = Canon.RELAXED, cuts: Iterable[int] = ()) -> None:
        self._relaxed = canon is Canon.RELAXED
        self._hash = hashlib.sha256()
        self._cuts = sorted(set(cuts), reverse=True)    # those still to come, the next one last
        self._at_cut: dict[int, bytes] = {}
        self._blanks = 0        # CRLFs seen and not yet hashed: they count only if text follows
        self._rest = b""        # one or two octets at the end that what follows may change
        self._ended = False
        self.octets = 0         # canonical octets so far

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
        """The hash of all that came; nothing more may follow."""
        if not self._ended:
            self._ended = True
            if self._rest.endswith(b"\r"):
                self._take_text(self._rest)
            # RFC 6376 §3.4.3: an empty body is one CRLF; §3.4.4: relaxed, it is nothing.
            self._take(b"\r\n" if self.octets or not self._relaxed else b"")
        return self._hash.digest()

    def digest_at(self, cut: int) -> bytes | None:
        """The hash of the first canonical octets, one of the cuts; None if there are not so many.  Ends the body."""
        self.digest()
        return self._at_cut.get(cut)

    def _take_text(self, text: bytes) -> None:
        """Hash text, and before it the blank lines that now are not the last ones."""
        while self._blanks:
            count = min(self._blanks, len(BLANKS) // 2)
            self._take(BLANKS[:2 * count])
            self._blanks -= count
        self._take(text)

    def _take(self, octets: bytes) -> None:
        while self._cuts and self._cuts[-1] <= self.octets + len(octets):
            cut = self._cuts.pop()
            before, octets = octets[:cut - self.octets], octets[cut - self.octets:]
            self._hash.update(before)
            self.octets += len(before)
            self._at_cut[cut] = self._hash.digest()
        self._hash.update(octets)
        self.octets += len(octets)


def canonical_field(field: bytes, canon: Canon) -> bytes:
    """One header field, with its CRLF, as canon wants it (RFC 6376 §3.4.1, §3.4.2)."""
    if canon is Canon.SIMPLE:
        return field
    name, _, value = field.partition(b":")
    value = _single_spaces(value.replace(b"\r\n", b""))
    return b"%s:%s\r\n" % (name.strip(b" \t").lower(), value.strip(b" "))


def _single_spaces(data: bytes) -> bytes:
    """data with each run of spaces and tabs as one space; each pass halves the runs."""
    if b"\t" in data:
        data = data.translate(TABS_AS_SPACES)
    while b"  " in data:
        data = data.replace(b"  ", b" ")
    return data


def _blanks_at_end(data: bytes) -> int:
    """How many CRLFs data ends with."""
    tail = data[len(data.rstrip(b"\r\n")):].replace(b"\r\n", b".")
    return len(tail) - len(tail.rstrip(b"."))
