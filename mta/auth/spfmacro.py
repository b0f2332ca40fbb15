"""The macros of SPF: `%{ir}.%{v}._spf.%{d2}` as parts, checked once, and what they expand to.

Pure: what the letters stand for is handed in.  Standards: RFC 7208 §7, RFC 8616 §4.
"""
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from mta.base.errors import BadName
from mta.base.names import Domain, IPAddress

#: RFC 7208 §7.1: a macro, one of the three fixed expansions, or literal text.
PIECE: Final = re.compile(
    r"%\{(?P<letter>[A-Za-z])(?P<digits>[0-9]*)(?P<reverse>[rR]?)(?P<delimiters>[.\-+,/_=]*)\}|%(?P<fixed>[%_-])|(?P<literal>[!-$&-~]+)")
FIXED: Final[dict[str, str]] = {"%": "%", "_": " ", "-": "%20"}
#: RFC 7208 §7.2: c, r and t have a meaning in explanations only.
LETTERS: Final = frozenset("slodipvh")
LETTERS_OF_EXPLANATIONS: Final = LETTERS | frozenset("crt")
#: RFC 7208 §7.1: the end of a domain-spec that is no macro: a dot and a top label, which is not all digits.
DOMAIN_END: Final = re.compile(r"\.(?![0-9]+\.?\Z)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.?\Z")
#: An octet of a name that is not as it is, see Domain.of_octets.
ESCAPED: Final = re.compile(r"\\(\d{3})")
#: Octets of a name in text (RFC 1035 §2.3.4), which is also more labels than any name has.
NAME: Final = 253


class BadMacro(ValueError):
    """Text that is no macro-string; the message says what is wrong, in words for the domain's owner."""


@dataclass(frozen=True, slots=True)
class Macro:
    """One macro: the letter, how many of the right-hand parts (0: all), reversed or not, what separates them, escaped or not.

    %%, %_ and %- are macros with the letters %, _ and -.
    """

    letter: str
    parts: int = 0
    reverse: bool = False
    delimiters: str = ""
    escape: bool = False

    def expand(self, value: str) -> str:
        """What the macro turns value into (RFC 7208 §7.3)."""
        if self.parts or self.reverse or self.delimiters:
            pieces = re.split(f"[{re.escape(self.delimiters or '.')}]", value)
            if self.reverse:
                pieces.reverse()
            value = ".".join(pieces[-self.parts:])
        # RFC 3986 §2.3: all but the unreserved characters.
        return quote(value, safe="", errors="surrogatepass") if self.escape else value


@dataclass(frozen=True, slots=True)
class MacroString:
    """A macro-string: literal text and macros, as they follow each other."""

    pieces: tuple[str | Macro, ...]

    @property
    def letters(self) -> frozenset[str]:
        """The letters of its macros."""
        return frozenset(piece.letter for piece in self.pieces if isinstance(piece, Macro))

    def expand(self, values: Mapping[str, str]) -> str:
        """The text, with what each letter stands for in values."""
        return "".join(piece if isinstance(piece, str) else piece.expand(values[piece.letter]) for piece in self.pieces)


def parse(text: str, *, explanation: bool = False) -> MacroString:
    """Read a macro-string; explanation allows spaces and the letters c, r, t.  BadMacro if it is none."""
    return MacroString(tuple(_pieces(text, explanation)))


def parse_domain(text: str) -> MacroString:
    """Read a domain-spec (RFC 7208 §7.1): it ends with a macro or with a top label that has a dot before it."""
    string = parse(text)
    last = string.pieces[-1] if string.pieces else ""
    if isinstance(last, str) and not DOMAIN_END.search(last):
        raise BadMacro(f"{text[:80]} is not the name of a domain" if text else "the name of a domain is missing")
    return string


def _pieces(text: str, explanation: bool) -> Iterator[str | Macro]:
    at = 0
    while at < len(text):
        if explanation and text[at] == " ":
            yield " "
            at += 1
            continue
        piece = PIECE.match(text, at)
        if piece is None:
            raise BadMacro(_wrong(text, at))
        at = piece.end()
        if piece["letter"]:
            yield _macro(piece, LETTERS_OF_EXPLANATIONS if explanation else LETTERS)
        else:
            yield piece["literal"] or Macro(piece["fixed"])


def _macro(piece: re.Match[str], letters: frozenset[str]) -> Macro:
    letter = piece["letter"]
    if letter.lower() not in letters:
        where = " outside of an explanation" if letter.lower() in LETTERS_OF_EXPLANATIONS else ""
        raise BadMacro(f"there is no macro {piece[0][:20]}{where}")
    digits = piece["digits"].lstrip("0")
    if piece["digits"] and not digits:
        raise BadMacro(f"{piece[0][:20]} asks for no part at all")
    # More digits than that are more parts than anything has.
    parts = int(digits[:4] or 0)
    return Macro(letter.lower(), parts, bool(piece["reverse"]), piece["delimiters"], letter.isupper())


def _wrong(text: str, at: int) -> str:
    char = text[at]
    if char == "%":
        return f"{text[at:at + 20]!a} is not a macro; a percent sign is written %%"
    return f"the character {char!a} may not stand there"


def values(ip: IPAddress, localpart: str, origin: str, domain: str, hello: str) -> dict[str, str]:
    """What the letters stand for in all terms (RFC 7208 §7.2), but p, which has to be looked up.

    origin is the domain of the sender, domain the one that is checked.
    """
    return FIXED | {
        "s": f"{localpart}@{origin}", "l": localpart, "o": origin, "d": domain, "h": hello,
        "i": str(ip) if ip.version == 4 else ".".join(ip.exploded.replace(":", "")),
        "v": "in-addr" if ip.version == 4 else "ip6",
    }


def plain(domain: Domain) -> str:
    """domain as macros expand it: with its octets as they are."""
    return ESCAPED.sub(lambda octet: chr(int(octet[1])), domain.ascii)


def is_beyond_ascii(string: MacroString, known: Mapping[str, str]) -> bool:
    """Whether string has a local part in it that no name in the DNS can have: such terms match nothing (RFC 8616 §4)."""
    return not known["l"].isascii() and bool(string.letters & {"s", "l"})


def name(string: MacroString, known: Mapping[str, str]) -> Domain | None:
    """The name to look up that string expands to; None if there can be no such name."""
    if is_beyond_ascii(string, known):
        return None
    text = string.expand(known).removesuffix(".")
    # RFC 7208 §7.3: too long a name loses labels on its left.
    if len(text) > NAME:
        text = text[text.find(".", len(text) - NAME - 1) + 1:]
    try:
        return Domain.of_octets(text.replace("\\", "\\092")) if len(text) <= NAME else None
    except BadName:
        return None
