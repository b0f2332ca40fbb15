"""Contacts as vCards, of version 3 and 4, read from any program's file and written for any.

What means nothing to us (birthdays, postal addresses, labels of other programs) is kept as
it stands and written again, so that a round through here loses little; pictures, sounds
and keys are left out.  What is broken is passed over.

Standards: RFC 6350 (version 4), RFC 2426 (version 3).
"""
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from mta.base.limits import LIMITS

Version = Literal["3.0", "4.0"]
#: Octets of a line (RFC 6350 §3.2).
LINE: Final = 75
#: Characters of one line that is kept though it means nothing to us.
EXTRA_LINE: Final = 2_000
#: Group, name, parameters (perhaps quoted), value.
PROPERTY: Final = re.compile(r'(?:([\w-]+)\.)?([\w-]+)((?:;(?:"[^"]*"|[^":])*)?):(.*)', re.DOTALL)
#: What is not kept: large, or of this one file.
DROPPED: Final = frozenset(("BEGIN", "END", "VERSION", "PRODID", "REV", "PHOTO", "LOGO", "SOUND", "KEY", "N"))


@dataclass(frozen=True, slots=True)
class Card:
    """One person, or one firm; uid is "" where the file gives none, extra are lines without their folding."""

    name: str
    addresses: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    organisation: str = ""
    note: str = ""
    groups: tuple[str, ...] = ()
    uid: str = ""
    extra: tuple[str, ...] = ()


def read(text: str) -> Iterator[Card]:
    """The cards of a file, as many as are whole."""
    inside: list[str] | None = None
    for line in _unfolded(text):
        mark = line.strip().upper()
        if mark == "BEGIN:VCARD":
            inside = []
        elif mark == "END:VCARD":
            if inside is not None:
                yield _card(inside)
            inside = None
        elif inside is not None and line.strip():
            inside.append(line)


def write(cards: Iterable[Card], version: Version = "4.0") -> str:
    """A file of these cards, with CRLF."""
    return "".join(f"{_folded(line)}\r\n" for card in cards for line in _lines(card, version))


def _card(lines: Sequence[str]) -> Card:
    found: dict[str, list[str]] = {}
    extra: list[str] = []
    sizes = 0
    for line in lines:
        matched = PROPERTY.fullmatch(line)
        if matched is None:
            continue
        name, value = matched[2].upper(), matched[4].strip()
        if name in ("FN", "N", "EMAIL", "TEL", "ORG", "NOTE", "CATEGORIES", "UID"):
            found.setdefault(name, []).append(value)
        elif name not in DROPPED and len(line) <= EXTRA_LINE and sizes + len(line) <= LIMITS.contact_text:
            extra.append(line)
            sizes += len(line)
    addresses = tuple(dict.fromkeys(_bare(one, "mailto:") for one in found.get("EMAIL", ()) if one))
    organisation = ", ".join(part for part in _parts(_first(found, "ORG"), ";") if part)
    name = _text(_first(found, "FN")) or _of_parts(_first(found, "N")) or organisation or (addresses[0] if addresses else "")
    groups = dict.fromkeys(group for one in found.get("CATEGORIES", ()) for group in _parts(one, ",") if group)
    return Card(
        _line(name), addresses, tuple(dict.fromkeys(_bare(one, "tel:") for one in found.get("TEL", ()) if one)), _line(organisation),
        "\n".join(_text(one) for one in found.get("NOTE", ())), tuple(map(_line, groups)), _line(_text(_first(found, "UID"))), tuple(extra))


def _lines(card: Card, version: Version) -> Iterator[str]:
    yield "BEGIN:VCARD"
    yield f"VERSION:{version}"
    if card.uid:
        yield f"UID:{_escaped(card.uid)}"
    yield f"FN:{_escaped(card.name or (card.addresses[0] if card.addresses else 'nobody'))}"
    if version == "3.0":
        # Version 3 wants it; which part of a name is which, nobody can tell.
        yield f"N:;{_escaped(card.name)};;;"
    for address in card.addresses:
        yield f"EMAIL:{_escaped(address)}"
    for phone in card.phones:
        yield f"TEL:{_escaped(phone)}"
    if card.organisation:
        yield f"ORG:{_escaped(card.organisation)}"
    if card.groups:
        yield "CATEGORIES:" + ",".join(map(_escaped, card.groups))
    if card.note:
        yield f"NOTE:{_escaped(card.note)}"
    yield from card.extra
    yield "END:VCARD"


def _unfolded(text: str) -> Iterator[str]:
    """Lines as they were before they were folded."""
    waiting: list[str] = []
    for line in re.split("\r\n|\n|\r", text.removeprefix("\ufeff")):
        if line[:1] in (" ", "\t"):
            waiting.append(line[1:])
            continue
        if waiting:
            yield "".join(waiting)
        waiting = [line]
    yield "".join(waiting)


def _folded(line: str) -> str:
    """A line cut so that no piece is too long, and no character apart."""
    pieces, size = [""], 0
    for char in line:
        octets = len(char.encode("utf-8", "replace"))
        if size + octets > LINE:
            pieces.append(" ")
            size = 1
        pieces[-1] += char
        size += octets
    return "\r\n".join(pieces)


def _parts(value: str, divider: str) -> list[str]:
    """What stands between dividers that are not escaped."""
    return [_line(_text(part)) for part in re.split(rf"(?<!\\){divider}", value)]


def _of_parts(value: str) -> str:
    """A name made of family, given, additional, prefixes, suffixes."""
    family, given, additional, prefix, suffix = [*_parts(value, ";"), "", "", "", "", ""][:5]
    return " ".join(part for part in (prefix, given, additional, family, suffix) if part)


def _text(value: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], value)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace(",", "\\,").replace(";", "\\;")


def _bare(value: str, scheme: str) -> str:
    text = _line(_text(value))
    return text[len(scheme):] if text.lower().startswith(scheme) else text


def _first(found: dict[str, list[str]], name: str) -> str:
    return found.get(name, [""])[0]


def _line(text: str) -> str:
    return " ".join(char for char in text.split() if char)
