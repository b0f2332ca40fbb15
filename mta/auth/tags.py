"""Tag lists, the small language of DKIM signatures and of several DNS records.

`v=1; a=rsa-sha256; d=example.org` becomes a mapping and back (RFC 6376 §3.2).
"""
import base64
import re
from collections.abc import Iterable, Mapping

#: RFC 6376 §3.2: tag-name, and a tag-value of printable octets with folding inside.
TAG = re.compile(r"[ \t\r\n]*([A-Za-z][A-Za-z0-9_]*)[ \t\r\n]*=([^;]*)")
#: RFC 6376 §2.8, FWS: what may stand around names and values.
SPACES = " \t\r\n"
SPACE = re.compile(r"[ \t\r\n]+")
#: RFC 5322 §2.1.1 would like lines of 78; folded pieces of base64 are this long.
LINE = 76


#: RFC 6376 §2.10, with its padding.
BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")


class BadTags(ValueError):
    """Text that is no tag list; the message names the spot."""


def read(text: str) -> dict[str, str]:
    """The tags of text in order, values without space around them; BadTags if it is no tag list.

    RFC 6376 §3.2: names are case-sensitive, a name that comes twice spoils the whole
    list, an empty value is a value, one semicolon may end the list.
    """
    tags: dict[str, str] = {}
    parts = text.split(";")
    if not parts[-1].strip(SPACES):
        parts.pop()
    for part in parts:
        found = TAG.fullmatch(part)
        if not found:
            raise BadTags(f"not a tag: {part.strip()[:40]!r}")
        name, value = found[1], found[2].strip(SPACES)
        if name in tags:
            raise BadTags(f"tag {name[:40]} comes twice")
        tags[name] = value
    return tags


def emptied(text: str, name: str) -> str:
    """text, a tag list, with nothing at all as the value of the tag name (RFC 6376 §3.5, b=): not even the spaces around it."""
    parts = text.split(";")
    for place, part in enumerate(parts):
        label, equals, _ = part.partition("=")
        if equals and label.strip(SPACES) == name:
            parts[place] = label + equals
    return ";".join(parts)


def without_space(value: str) -> str:
    """value with all folding and spaces taken out, as base64 and lists of names want it."""
    return SPACE.sub("", value)


def octets(value: str) -> bytes:
    """What a value in base64 means, folding and spaces taken out; ValueError if it is none."""
    text = without_space(value)
    if len(text) % 4 or not BASE64.fullmatch(text):
        raise ValueError("not base64")
    return base64.b64decode(text, validate=True)


def names(value: str) -> list[str]:
    """The colon-separated names of value, in lower case, empty ones left out (RFC 6376 §3.5, h=)."""
    return [name for name in without_space(value).lower().split(":") if name]


def write(tags: Mapping[str, str]) -> str:
    """The tag list on one line."""
    return "; ".join(f"{name}={value}" for name, value in tags.items())


def write_folded(start: str, tags: Mapping[str, str], width: int = LINE) -> str:
    """The tag list as a header field: start (like "DKIM-Signature:") and lines cut with CRLF TAB.

    Lists of names are cut at their colons and base64 anywhere, both of which
    RFC 6376 §3.2 and §3.5 allow; no line is longer than width where that can be had.
    The last line has no CRLF.
    """
    lines, line = [], start
    for number, (name, value) in enumerate(tags.items()):
        pieces = list(_pieces(f"{name}={value}", width))
        last = number == len(tags) - 1
        pieces[-1] += "" if last else ";"
        for place, piece in enumerate(pieces):
            space = " " if place == 0 and line.strip() else ""
            if len(line) + len(space) + len(piece) > width:
                lines.append(line)
                line, space = "\t", ""
            line += space + piece
    return "\r\n".join([*lines, line])


def _pieces(tag: str, width: int) -> Iterable[str]:
    """tag in pieces between which folding changes nothing; most tags are one piece."""
    name, _, value = tag.partition("=")
    if name == "h":
        first, *rest = value.split(":")
        yield f"{name}={first}"
        yield from (f":{field}" for field in rest)
    elif name in ("b", "bh") and len(value) > width - 8:
        yield f"{name}={value[:width - 8]}"
        yield from (value[at:at + width - 8] for at in range(width - 8, len(value), width - 8))
    else:
        yield tag
