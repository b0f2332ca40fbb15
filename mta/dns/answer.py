"""What the DNS answered, and what it is worth.

An Answer says for one question: what happened (Outcome), the records, how long they
hold, and whether DNSSEC vouches for them.  Trouble is an outcome and not an exception:
who asks must decide what it means (RFC 7208 §2.6.6 and RFC 6698 §4 differ).
"""
import enum
from dataclasses import dataclass, field
from typing import Final

from mta.base.names import Domain, IPAddress

#: Characters of a server's explanation that are passed on.
EXPLAINED: Final = 200


class RecordType(enum.Enum):
    """The kinds of records that we ask for; the value is the number on the wire."""

    A = 1
    NS = 2
    CNAME = 5
    SOA = 6
    PTR = 12
    MX = 15
    TXT = 16
    AAAA = 28
    SRV = 33
    DS = 43
    DNSKEY = 48
    TLSA = 52
    CAA = 257


class Outcome(enum.Enum):
    """What became of a question."""

    FOUND = "found"
    EMPTY = "no such records"       # the name exists (RFC 2308 §2.2)
    NOTHING = "no such name"        # RFC 2308 §2.1, RFC 8020
    TROUBLE = "no usable answer"    # time-out, SERVFAIL, REFUSED, nonsense: ask later
    BOGUS = "DNSSEC says forged"    # the validating resolver refused it: ask later, trust nothing


@dataclass(frozen=True, slots=True)
class MX:
    """A mail exchanger; host is None for the null MX (RFC 7505)."""

    preference: int
    host: Domain | None


@dataclass(frozen=True, slots=True)
class TLSA:
    """Certificate association (RFC 6698 §2.1)."""

    usage: int
    selector: int
    matching: int
    data: bytes


@dataclass(frozen=True, slots=True)
class SRV:
    """Location of a service (RFC 2782); host is None if there is decidedly none."""

    priority: int
    weight: int
    port: int
    host: Domain | None


@dataclass(frozen=True, slots=True)
class CAA:
    """Who may issue certificates (RFC 8659 §4.1)."""

    flags: int
    tag: str
    value: str


@dataclass(frozen=True, slots=True)
class SOA:
    """Start of authority; minimum is the negative TTL in seconds (RFC 2308 §4)."""

    host: Domain | None
    serial: int
    minimum: int


Record = IPAddress | MX | TLSA | SRV | CAA | SOA | Domain | str | bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to (name, kind).

    records are typed by kind: A and AAAA addresses, MX, TLSA, SRV, CAA, SOA as above,
    PTR/CNAME/NS as Domain, TXT as str (octets as Latin-1, strings of one record joined),
    others as bytes.  ttl is in seconds.  chain has the names passed through by CNAME, in
    order, canonical is the last of them.  error is the server's explanation (RFC 8914).
    """

    name: Domain
    kind: RecordType
    outcome: Outcome
    records: tuple[Record, ...] = ()
    authentic: bool = False
    ttl: int = 0
    chain: tuple[Domain, ...] = field(default=())
    error: str = ""

    @property
    def canonical(self) -> Domain:
        """The name that owns the records, after all CNAMEs."""
        return self.chain[-1] if self.chain else self.name

    @property
    def found(self) -> bool:
        """True if there are records."""
        return self.outcome is Outcome.FOUND

    @property
    def absent(self) -> bool:
        """True if it is certain that there are none."""
        return self.outcome in (Outcome.EMPTY, Outcome.NOTHING)

    @property
    def temporary(self) -> bool:
        """True if nothing is known; asking later may help."""
        return self.outcome in (Outcome.TROUBLE, Outcome.BOGUS)

    @property
    def explained(self) -> str:
        """What became of the question, in the server's words if it has some: one printable line of bounded length."""
        said = "".join(char if char.isprintable() else " " for char in self.error[:EXPLAINED])
        return " ".join(said.split()) or self.outcome.value

    @property
    def texts(self) -> list[str]:
        """The TXT records."""
        return [record for record in self.records if isinstance(record, str)]

    @property
    def addresses(self) -> list[IPAddress]:
        """The A or AAAA records."""
        return [record for record in self.records if isinstance(record, IPAddress)]

    @property
    def names(self) -> list[Domain]:
        """The PTR, CNAME or NS records."""
        return [record for record in self.records if isinstance(record, Domain)]

    @property
    def exchangers(self) -> list[MX]:
        """The MX records."""
        return [record for record in self.records if isinstance(record, MX)]
