"""Master files: DNS records as people and name servers write them down.

Reads what RFC 1035 §5.1 and RFC 2308 §4 describe: $ORIGIN, $TTL, `@`, names relative to the origin, a
line that begins with space for the owner before it, TTL and class in either order or
left out, parentheses, quoted strings, escapes, comments.  Two things more, for text in
programs: before any $ORIGIN a name without a last dot is meant as it stands, and a line
with space in front may begin with a name if that is no TTL, class or type.

A mistake is a BadZone that names its line.
"""
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import dns.exception
import dns.rdatatype

from mta.base.names import Domain
from mta.dns.answer import Record, RecordType
from mta.dns.rdata import Word, read_record

#: What cannot be said with records; see mta.dns.zone.
SPECIAL = ("TROUBLE", "TIMEOUT", "SERVFAIL", "BOGUS", "SECURE")

TOKEN = re.compile(
    r"""(?P<space>[ \t\r\f\v]++) | (?P<comment>;[^\n]*+) | (?P<end>\n) | (?P<open>\() | (?P<close>\))
    | "(?P<quoted>(?:[^"\\\n]++|\\[^\n])*+)" | (?P<word>(?:[^\s;()"\\]++|\\[^\n])++)""", re.VERBOSE)
#: Seconds, or as name servers write them: 1h30m.
TTL = re.compile(r"[0-9]{1,10}|(?:[0-9]{1,9}[smhdw])+", re.IGNORECASE)
UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
CLASSES = ("IN", "CH", "HS", "CS")


class BadZone(ValueError):
    """Text that is no zone; the message names the line and what is wrong there."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One record of a file.

    owner is in A-labels, possibly with `*.` in front, without the last dot.  kind is a
    type or one of SPECIAL.  record is None for types that nobody here asks for, and for
    SPECIAL, where kinds are the questions that it is about (none: all).
    """

    owner: str
    ttl: int
    kind: str
    record: Record | None = None
    kinds: tuple[RecordType, ...] = ()


class Line(NamedTuple):
    """The words of one entry, which parentheses may spread over several lines of text."""

    number: int
    indented: bool
    words: list[Word]


class Reader:
    """Reads entries one after the other and remembers what they leave out: origin, owner, TTL."""

    def __init__(self, ttl: int) -> None:
        self._origin = ""
        self._owner = ""
        self._ttl = ttl

    def read(self, text: str) -> Iterator[Entry]:
        """The records in text, as far as the first mistake: BadZone."""
        for line in lines(text):
            try:
                entry = self._entry(line)
            except ValueError as problem:
                raise BadZone(f"line {line.number}: {problem}") from None
            if entry:
                yield entry

    def _entry(self, line: Line) -> Entry | None:
        words = line.words
        if words[0].source.startswith("$") and not words[0].quoted:
            self._directive(words)
            return None
        if not line.indented or not (_seconds(words[0]) is not None or _class(words[0]) or _kind(words[0])):
            self._owner = self._name(words[0])
            words = words[1:]
        if not self._owner:
            raise ValueError("the first record has no name")
        ttl, words = self._ttl, words[:]
        while words and ((seconds := _seconds(words[0])) is not None or _class(words[0])):
            if seconds is not None:
                ttl = self._ttl = seconds
            elif words[0].source.upper() != "IN":
                raise ValueError(f"only class IN is known here, not {words[0].source}")
            words = words[1:]
        if not words:
            raise ValueError(f"{self._owner} has neither type nor data")
        kind = _kind(words[0])
        if not kind:
            raise ValueError(f"{words[0].source!r} is no record type")
        return self._of_kind(kind, ttl, words[1:])

    def _of_kind(self, kind: str, ttl: int, words: list[Word]) -> Entry:
        if kind in SPECIAL:
            return Entry(self._owner, ttl, kind, kinds=tuple(map(_asked_kind, words)))
        if kind not in RecordType.__members__:
            return Entry(self._owner, ttl, kind)
        return Entry(self._owner, ttl, kind, read_record(RecordType[kind], words, self._host))

    def _directive(self, words: list[Word]) -> None:
        name = words[0].source.upper()
        if name == "$ORIGIN" and len(words) == 2:
            self._origin = "" if words[1].source == "." else self._name(words[1])
        elif name == "$TTL" and len(words) == 2 and (seconds := _seconds(words[1])) is not None:
            self._ttl = seconds
        elif name in ("$ORIGIN", "$TTL"):
            raise ValueError(f"{name} needs one {'name' if name == '$ORIGIN' else 'number of seconds'}")
        else:
            raise ValueError(f"{words[0].source} is not understood; write out what it stands for")

    def _name(self, word: Word) -> str:
        """The name that a word means, in A-labels; an asterisk may stand in front."""
        if word.quoted:
            raise ValueError(f"{word.source!r} is no name that anybody can ask for")
        text = word.source
        if text == "@":
            text = self._origin
        elif not text.endswith(".") and self._origin:
            text = f"{text}.{self._origin}"
        first, _, rest = text.partition(".")
        if first == "*":
            return f"*.{Domain.of_octets(rest).ascii}" if rest else "*"
        if not text:
            raise ValueError("@ stands for nothing before $ORIGIN")
        return Domain.of_octets(text).ascii

    def _host(self, word: Word) -> Domain | None:
        """The host that a record names, None for the root, which means "none" (RFC 7505, RFC 2782)."""
        return None if word.source == "." else Domain(self._name(word))


def lines(text: str) -> Iterator[Line]:
    """The entries of a file, not yet understood."""
    words: list[Word] = []
    number = start = 1
    at = depth = 0
    indented = False
    while at < len(text):
        found = TOKEN.match(text, at)
        if not found:
            broken = "a quote does not end in this line" if text[at] == '"' else f"{text[at]!r} cannot stand here"
            raise BadZone(f"line {number}: {broken}")
        kind, source = found.lastgroup, found[found.lastgroup or 0]
        if not words and not depth:
            start = number
            indented = indented or kind == "space"
        if kind == "end":
            number += 1
            if not depth:
                if words:
                    yield Line(start, indented, words)
                words, indented = [], False
        elif kind in ("open", "close"):
            depth += 1 if kind == "open" else -1
            if depth not in (0, 1):
                raise BadZone(f"line {number}: a parenthesis too many")
        elif kind in ("word", "quoted"):
            words.append(Word(source, kind == "quoted"))
        at = found.end()
    if depth:
        raise BadZone(f"line {start}: a parenthesis is never closed")
    if words:
        yield Line(start, indented, words)


def _seconds(word: Word) -> int | None:
    """The time that a word gives, None if it gives none."""
    if word.quoted or not TTL.fullmatch(word.source):
        return None
    if word.source.isdigit():
        seconds = int(word.source)
    else:
        seconds = sum(int(count) * UNITS[unit] for count, unit in re.findall(r"(\d+)([smhdw])", word.source.lower()))
    # RFC 2181 §8: a TTL has 31 bits.
    return seconds if seconds < 1 << 31 else None


def _class(word: Word) -> bool:
    return not word.quoted and word.source.upper() in CLASSES


def _kind(word: Word) -> str:
    """The type that a word names, "" if it names none."""
    kind = word.source.upper()
    if word.quoted:
        return ""
    if kind in SPECIAL or kind in RecordType.__members__:
        return kind
    try:
        dns.rdatatype.from_text(kind)
    except (dns.exception.DNSException, ValueError):
        return ""
    return kind


def _asked_kind(word: Word) -> RecordType:
    try:
        return RecordType[word.source.upper()]
    except KeyError:
        raise ValueError(f"nobody asks for records of type {word.source!r}") from None
