"""Names that are safe to compare: domains, addresses, networks.

Text from outside becomes one of these types at the border; behind it, nobody lowers
case, strips dots or re-checks.  Standards: RFC 5321 §4.1.2, RFC 6531 §3.3, RFC 5891.
"""
import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import idna

from mta.base.errors import BadName

LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
#: RFC 1035 §5.1, an octet in a master file: its number or a character after a backslash, the dot between labels, itself.
OCTET = re.compile(r"\\([01][0-9]{2}|2[0-4][0-9]|25[0-5])|\\([^0-9\x80-\U0010ffff])|(\.)|([^\\\x80-\U0010ffff])")
#: Each octet as _octets writes it: those of host names as they are, in lower case.
WRITTEN = [re.sub("[^a-z0-9_-]", lambda other: f"\\{ord(other[0]):03}", chr(octet).lower() if octet < 128 else chr(octet))
           for octet in range(256)]
#: RFC 5321 §4.1.2 Dot-string, with RFC 6531 §3.3's characters beyond ASCII.
ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\u0080-\U0010ffff]+"
DOT_STRING = re.compile(rf"{ATOM}(\.{ATOM})*")

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True, order=True)
class Domain:
    """A DNS name ready to look up or compare: A-labels, lower case, no last dot."""

    ascii: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a name written by a stranger; the only door into this type.  BadName if it is none."""
        return cls(_a_labels(text))

    @classmethod
    def of_octets(cls, text: str) -> Self:
        """A name to ask the DNS for, which takes any octets (RFC 2181 §11); BadName if no question can hold it.

        text is as in master files (RFC 1035 §5.1).  What no host name has is kept as \\DDD,
        so that such a name can be compared and written anywhere like others.
        """
        try:
            return cls.parse(text)
        except BadName:
            return cls(_octets(text))

    @property
    def unicode(self) -> str:
        """The name for people: U-labels where there are some, else the A-labels."""
        if "xn--" not in self.ascii:
            return self.ascii
        try:
            return idna.decode(self.ascii)
        except (idna.IDNAError, UnicodeError):
            return self.ascii

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, leftmost first."""
        return tuple(self.ascii.split("."))

    def covers(self, other: "Domain") -> bool:
        """True for ourselves and everything below us."""
        return other == self or other.ascii.endswith(f".{self.ascii}")

    def below(self, label: str) -> "Domain":
        """The name with label (or labels, like "_25._tcp") in front."""
        return Domain(f"{label}.{self.ascii}")

    def __str__(self) -> str:
        return self.unicode


@lru_cache(maxsize=2_048)
def _a_labels(text: str) -> str:
    name = text.removesuffix(".")
    if not name.isascii():
        try:
            name = idna.encode(unicodedata.normalize("NFC", name), uts46=True).decode()
        except (idna.IDNAError, UnicodeError) as problem:
            raise BadName(f"{text!r} is not a domain name: {problem}") from None
    name = name.lower()
    # RFC 1035 §2.3.4: 255 octets on the wire are 253 characters of text.
    if not name or len(name) > 253 or not all(LABEL.fullmatch(part) for part in name.split(".")):
        raise BadName(f"{text!r} is not a domain name")
    return name


def _octets(text: str) -> str:
    name, at = text.removesuffix("."), 0
    labels: list[list[str]] = [[]]
    while found := OCTET.match(name, at):
        at = found.end()
        if found[3]:
            labels.append([])
        else:
            labels[-1].append(WRITTEN[int(found[1]) if found[1] else ord(found[2] or found[4])])
    # RFC 1035 §2.3.4, as above: octets count, however they are written.
    if at < len(name) or sum(map(len, labels)) + len(labels) > 254 or not all(0 < len(label) < 64 for label in labels):
        raise BadName(f"{text[:300]!r} is no name that the DNS could be asked for")
    return ".".join("".join(label) for label in labels)


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """A mail address: local part without quotes and in NFC, and its domain.

    Equality compares the local part exactly; what local parts mean the same is for
    the domain that owns them to say.
    """

    localpart: str
    domain: Domain

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read local@domain, the local part possibly quoted; BadName if it is none.

        For SMTP paths with their source routes see mta.smtp.grammar, for header
        fields mta.message.address; both end here.
        """
        local, at, domain = text.rpartition("@")
        if not at:
            raise BadName(f"{text!r} is not an address: it has no @")
        return cls.of(unquote(local), Domain.parse(domain))

    @classmethod
    def of(cls, localpart: str, domain: Domain) -> Self:
        """Make an address from an unquoted local part; BadName if it cannot be one."""
        local = localpart if localpart.isascii() else unicodedata.normalize("NFC", localpart)
        # RFC 5321 §4.5.3.1.1: 64 octets.
        if not local or len(local.encode("utf-8", "surrogatepass")) > 64:
            raise BadName(f"{localpart!r} is not a local part: it needs 1 to 64 octets")
        if any(not char.isprintable() for char in local):
            raise BadName(f"{localpart!r} is not a local part: it has a control character")
        return cls(local, domain)

    @property
    def local_quoted(self) -> str:
        """The local part as SMTP and header fields want it: quoted where it must be."""
        if DOT_STRING.fullmatch(self.localpart):
            return self.localpart
        return '"' + self.localpart.replace("\\", "\\\\").replace('"', '\\"') + '"'

    @property
    def needs_smtputf8(self) -> bool:
        """True if no ASCII form exists: a local part cannot be turned into A-labels."""
        return not self.localpart.isascii()

    @property
    def ascii(self) -> str:
        """local@domain with the domain in A-labels."""
        return f"{self.local_quoted}@{self.domain.ascii}"

    def __str__(self) -> str:
        """local@domain for people, with U-labels."""
        return f"{self.local_quoted}@{self.domain.unicode}"


def unquote(local: str) -> str:
    """The local part that a possibly quoted one means; BadName if the quoting is broken."""
    if not local.startswith('"'):
        if not DOT_STRING.fullmatch(local):
            raise BadName(f"{local!r} is not a local part")
        return local
    if len(local) < 2 or not local.endswith('"'):
        raise BadName(f"{local!r} is not a local part: a quote is open")
    text, at, end = [], 1, len(local) - 1
    while at < end:
        char = local[at]
        if char == '"' or (char == "\\" and at + 1 >= end):
            raise BadName(f"{local!r} is not a local part: broken quoting")
        if char == "\\":
            at += 1
            char = local[at]
        text.append(char)
        at += 1
    return "".join(text)


def ip_address(text: str) -> IPAddress:
    """Read an IP address; IPv4 in IPv6 (::ffff:192.0.2.1) becomes IPv4.  BadName if it is none."""
    try:
        ip = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        raise BadName(f"{text!r} is not an IP address") from None
    return getattr(ip, "ipv4_mapped", None) or ip


def networks(ip: IPAddress) -> tuple[IPNetwork, IPNetwork, IPNetwork]:
    """The three networks we count strangers by, narrow to wide.

    IPv4 /32 /26 /21, IPv6 /64 /48 /32: a customer, a small block, a provider's block.
    """
    widths = (32, 26, 21) if ip.version == 4 else (64, 48, 32)
    narrow, middle, wide = (ipaddress.ip_network((ip, width), strict=False) for width in widths)
    return narrow, middle, wide
