"""A Resolver that answers from text: for tests, and for trying out records before they are published.

One record a line: `NAME TYPE DATA`, comments after `;`.  Special types state what goes
wrong: `NAME TROUBLE` (every question about NAME fails for now), `NAME BOGUS` (DNSSEC says
forged), `NAME SECURE` (answers about NAME and below are authentic).  A name that has
nothing, above nothing that has something, does not exist.  `*.NAME` is a wildcard.  Names
may have any octets, as in master files (`a\\032b.example` has a space).
"""
from pathlib import Path
from typing import Self

from mta.base.names import Domain, ip_address
from mta.dns.answer import CAA, MX, SOA, SRV, TLSA, Answer, Outcome, Record, RecordType

#: Follows RFC 1034 §3.6.2 with the bound that resolvers use.
CNAME_HOPS = 8


class Zone:
    """Answers from the records it was given; `questions` are what it was asked, in order."""

    def __init__(self, text: str = "", ttl: int = 300) -> None:
        self.questions: list[tuple[str, str]] = []
        self._ttl = ttl
        self._records: dict[tuple[str, RecordType], list[Record]] = {}
        self._names: set[str] = set()
        self._spoilt: dict[str, Outcome] = {}
        self._secure: set[str] = set()
        for line in text.splitlines():
            self.add(line)

    @classmethod
    def read(cls, path: Path) -> Self:
        """The zone in a file."""
        return cls(path.read_text("utf-8"))

    def add(self, line: str) -> None:
        """Add one record; ValueError or BadName if it cannot be read."""
        quoted = '"' in line
        words = (line if quoted else line.partition(";")[0]).split(None, 2)
        if not words or words[0].startswith(";"):
            return
        name, kind, data = words[0].rstrip(".").lower(), words[1].upper(), (words[2:] or [""])[0].strip()
        name = name if name.startswith("*.") else Domain.of_octets(name).ascii
        if kind in ("TROUBLE", "BOGUS"):
            self._spoilt[name] = Outcome[kind]
        elif kind == "SECURE":
            self._secure.add(name)
        else:
            wanted = RecordType[kind]
            self._records.setdefault((name, wanted), []).append(_record(wanted, data))
            self._names.add(name)

    def remove(self, name: str, kind: RecordType) -> None:
        """Forget the records of kind at name."""
        self._records.pop((name.lower(), kind), None)

    async def ask(self, name: Domain, kind: RecordType) -> Answer:
        self.questions.append((name.ascii, kind.name))
        chain: list[Domain] = []
        at = name
        authentic = self._is_secure(at)
        for _ in range(CNAME_HOPS):
            if outcome := self._spoilt.get(at.ascii):
                return Answer(name, kind, outcome, chain=tuple(chain), error=outcome.value)
            owner = self._owner(at.ascii)
            if owner and (records := self._records.get((owner, kind))):
                return Answer(name, kind, Outcome.FOUND, tuple(records), authentic, self._ttl, tuple(chain))
            target = owner and self._records.get((owner, RecordType.CNAME))
            if not target:
                outcome = Outcome.EMPTY if owner or self._has_below(at.ascii) else Outcome.NOTHING
                return Answer(name, kind, outcome, (), authentic, self._ttl, tuple(chain))
            assert isinstance(target[0], Domain)
            at = target[0]
            chain.append(at)
            authentic = authentic and self._is_secure(at)
        return Answer(name, kind, Outcome.TROUBLE, chain=tuple(chain), error="CNAME loop")

    def _owner(self, name: str) -> str | None:
        """The name itself or the wildcard that stands for it (RFC 4592)."""
        if name in self._names:
            return name
        if self._has_below(name):
            return None
        parent = name.partition(".")[2]
        while parent:
            if f"*.{parent}" in self._names:
                return f"*.{parent}"
            if parent in self._names or self._has_below(parent):
                return None
            parent = parent.partition(".")[2]
        return None

    def _has_below(self, name: str) -> bool:
        return any(other.endswith(f".{name}") and not other.startswith("*.") for other in self._names)

    def _is_secure(self, name: Domain) -> bool:
        return any(Domain(top).covers(name) for top in self._secure)


def _host(text: str) -> Domain | None:
    return None if text == "." else Domain.of_octets(text)


def _record(kind: RecordType, data: str) -> Record:
    words = data.split()
    match kind:
        case RecordType.A | RecordType.AAAA:
            return ip_address(data)
        case RecordType.MX:
            return MX(int(words[0]), _host(words[1]))
        case RecordType.TXT:
            pieces = data.split('"')
            return "".join(pieces[1::2]) if len(pieces) > 1 else data
        case RecordType.TLSA:
            return TLSA(int(words[0]), int(words[1]), int(words[2]), bytes.fromhex("".join(words[3:])))
        case RecordType.SRV:
            return SRV(int(words[0]), int(words[1]), int(words[2]), _host(words[3]))
        case RecordType.CAA:
            return CAA(int(words[0]), words[1], words[2].strip('"'))
        case RecordType.SOA:
            return SOA(_host(words[0]), int(words[2]), int(words[6]))
        case RecordType.PTR | RecordType.CNAME | RecordType.NS:
            return Domain.of_octets(data)
        case _:
            return bytes.fromhex(data)
