"""An SPF record, read as strictly as its grammar says: what it allows, in order, and its modifiers.

Standards: RFC 7208 §3 to §6 and §12 (the collected grammar).
"""
import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from mta.auth import spfmacro
from mta.auth.spfmacro import BadMacro, MacroString
from mta.auth.status import Status
from mta.base.limits import LIMITS
from mta.base.names import IPAddress, IPNetwork

#: RFC 7208 §4.5: the version is a word of its own.
VERSION: Final = re.compile(r"v=spf1(?: |\Z)", re.IGNORECASE)
QUALIFIERS: Final = {"+": Status.PASS, "-": Status.FAIL, "~": Status.SOFTFAIL, "?": Status.NEUTRAL}
#: RFC 7208 §12: name "=", where a mechanism would have had ":" or "/" before.
MODIFIER: Final = re.compile(r"([A-Za-z][A-Za-z0-9_.-]*)=(.*)", re.DOTALL)
DIRECTIVE: Final = re.compile(r"([+?~-]?)([A-Za-z0-9]+)(.*)", re.DOTALL)
#: dual-cidr-length at the end of what may contain slashes itself.
DUAL: Final = re.compile(r"(?s:(.*?))(?:/(0|[1-9][0-9]?))?(?://(0|[1-9][0-9]{0,2}))?")
QNUM: Final = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
IP4: Final = re.compile(rf":({QNUM}(?:\.{QNUM}){{3}})(?:/(0|[1-9][0-9]?))?")
IP6: Final = re.compile(r":([0-9A-Fa-f:.]+)(?:/(0|[1-9][0-9]{0,2}))?")


class BadRecord(ValueError):
    """Text that is no SPF record; the message says what is wrong, in words for the domain's owner."""


@dataclass(frozen=True, slots=True)
class Mechanism:
    """One mechanism with what it leads to if it matches.

    target is None for the domain in hand.  network is that of ip4 and ip6; bits are the
    prefix lengths for the addresses that a and mx find, of IPv4 and IPv6.  text is as published.
    """

    name: str
    result: Status
    text: str
    target: MacroString | None = None
    network: IPNetwork | None = None
    bits: tuple[int, int] = (32, 128)

    @property
    def asks(self) -> bool:
        """Whether the DNS has to be asked (RFC 7208 §4.6.4)."""
        return self.name not in ("all", "ip4", "ip6")

    def local_match(self, ip: IPAddress) -> bool:
        """Whether it matches ip without asking anybody: only all, ip4 and ip6 can."""
        return self.name == "all" or (self.network is not None and ip in self.network)

    def near(self, ip: IPAddress, found: IPAddress) -> bool:
        """Whether ip is in the network that the mechanism makes of an address it found (RFC 7208 §5.3)."""
        if ip.version != found.version:
            return False
        shift = ip.max_prefixlen - self.bits[ip.version == 6]
        return int(ip) >> shift == int(found) >> shift


@dataclass(frozen=True, slots=True)
class Record:
    """A whole record: the mechanisms in order, and the two modifiers with a meaning."""

    mechanisms: tuple[Mechanism, ...] = ()
    redirect: MacroString | None = None
    explanation: MacroString | None = None


def is_spf(text: str) -> bool:
    """Whether a TXT record wants to be an SPF record of version 1 (RFC 7208 §4.5)."""
    return bool(VERSION.match(text))


def parse(text: str) -> Record:
    """Read a record.  BadRecord if anything in it is wrong: then nothing of it counts (RFC 7208 §4.6)."""
    return _remembered(text) if len(text) <= LIMITS.spf_record_remembered else _parse(text)


def _parse(text: str) -> Record:
    mechanisms: list[Mechanism] = []
    modifiers: dict[str, MacroString] = {}
    for term in filter(None, text[len("v=spf1"):].split(" ")):
        try:
            if modifier := MODIFIER.fullmatch(term):
                _modify(modifiers, modifier[1].lower(), modifier[2])
            else:
                mechanisms.append(_mechanism(term))
        except ValueError as problem:
            raise BadRecord(f"{term[:60]!a}: {problem}") from None
    return Record(tuple(mechanisms), modifiers.get("redirect"), modifiers.get("exp"))


#: The same few records say who sends most mail.
_remembered: Final = lru_cache(maxsize=LIMITS.spf_records_remembered)(_parse)


def _modify(modifiers: dict[str, MacroString], name: str, value: str) -> None:
    """Take a modifier in.  RFC 7208 §6: the two known ones come once, of unknown ones only the syntax counts."""
    if name not in ("redirect", "exp"):
        spfmacro.parse(value)
        return
    if name in modifiers:
        raise BadMacro(f"{name}= comes twice")
    modifiers[name] = spfmacro.parse_domain(value)


def _mechanism(term: str) -> Mechanism:
    found = DIRECTIVE.fullmatch(term)
    if not found:
        raise BadRecord("this is no mechanism")
    name, rest = found[2].lower(), found[3]
    result = QUALIFIERS[found[1] or "+"]
    match name:
        case "all":
            if rest:
                raise BadRecord("nothing may follow all")
            return Mechanism(name, result, term)
        case "include" | "exists":
            return Mechanism(name, result, term, _domain(rest))
        case "ptr":
            return Mechanism(name, result, term, _domain(rest) if rest else None)
        case "a" | "mx":
            dual = DUAL.fullmatch(rest)
            assert dual is not None, "the first group takes whatever the others leave"
            target = _domain(dual[1]) if dual[1] else None
            return Mechanism(name, result, term, target, bits=(_bits(dual[2], 32), _bits(dual[3], 128)))
        case "ip4":
            return Mechanism(name, result, term, network=_ip4(rest))
        case "ip6":
            return Mechanism(name, result, term, network=_ip6(rest))
        case _:
            raise BadRecord(f"there is no mechanism {name[:40]}")


def _domain(rest: str) -> MacroString:
    if not rest.startswith(":"):
        raise BadRecord("a colon and a domain should follow the name")
    return spfmacro.parse_domain(rest[1:])


def _bits(text: str | None, most: int) -> int:
    bits = most if text is None else int(text)
    if bits > most:
        raise BadRecord(f"a prefix length is at most {most}")
    return bits


def _ip4(rest: str) -> ipaddress.IPv4Network:
    found = IP4.fullmatch(rest)
    if not found:
        raise BadRecord("this is no IPv4 network")
    return ipaddress.IPv4Network((found[1], _bits(found[2], 32)), strict=False)


def _ip6(rest: str) -> ipaddress.IPv6Network:
    found = IP6.fullmatch(rest)
    if not found:
        raise BadRecord("this is no IPv6 network")
    return ipaddress.IPv6Network((found[1], _bits(found[2], 128)), strict=False)
