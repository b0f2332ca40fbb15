"""URIs for reports, as records in the DNS name them: `mailto:dmarc@example.org!10m`, `https://example.org/tls`.

Characters that have a meaning in a record (comma, exclamation mark, semicolon) are
percent-encoded in a URI; the address of a mailto is what it says with that undone, with or
without the quotes of a local part, so that addresses are compared as such.

Standards: RFC 3986 §2 and §3, RFC 6068 §2 (mailto), RFC 9989 §4.8 (the obsolete size), RFC 8460 §3.
"""
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

from mta.base.errors import BadName
from mta.base.names import Address, Domain

#: RFC 3986 §3 and §2, less the comma and the exclamation mark, which stand between URIs and before a size.
URI: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):((?:[A-Za-z0-9._~:/?#\[\]@$&'()*+;=-]|%[0-9A-Fa-f]{2})+)")
#: RFC 9989 §4.8, obs-dmarc-report-size; 18 digits are a million terabytes.
SIZE: Final = re.compile(r"([0-9]{1,18})([kmgt]?)", re.IGNORECASE)
#: What an unquoted local part has in no spelling: it would be another address, or two.
QUOTING: Final = frozenset('"\\@<>')
UNITS: Final = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}


@dataclass(frozen=True, slots=True)
class ReportUri:
    """Where reports go: the URI, its address if it is a mailto (RFC 6068), and the obsolete bound in octets, which nobody obeys."""

    uri: str
    address: Address | None = None
    size: int | None = None

    @property
    def scheme(self) -> str:
        """What stands before the colon, in lower case."""
        return self.uri.partition(":")[0].lower()


def report_uri(text: str) -> ReportUri | None:
    """The URI for reports that text is, None if it is none."""
    uri, mark, bound = text.partition("!")
    found = URI.fullmatch(uri)
    size = SIZE.fullmatch(bound)
    if not found or (mark and not size):
        return None
    address = None
    if found[1].lower() == "mailto":
        try:
            address = _address(unquote(found[2].partition("?")[0], errors="strict"))
        except (BadName, UnicodeDecodeError):
            return None
    return ReportUri(uri, address, int(size[1]) * UNITS[size[2].lower()] if size else None)


def _address(text: str) -> Address:
    """The address that a mailto means, its percent-encoding undone; BadName if it is none."""
    local, at, domain = text.rpartition("@")
    # RFC 6068 §2 has quotes around a local part like `a,b!c`; who encoded its characters and left them out can mean nothing else.
    if at and local and not set(local) & QUOTING:
        return Address.of(local, Domain.parse(domain))
    return Address.parse(text)


def mailto(address: Address) -> str:
    """The URI of an address (RFC 6068 §2); what has a meaning in a record is percent-encoded, and a size is never asked for."""
    return f"mailto:{quote(address.local_quoted, safe='-._~')}@{address.domain.ascii}"
