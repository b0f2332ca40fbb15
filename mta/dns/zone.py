"""A Resolver that answers from text: for tests, and for trying out records before they are published.

The text is a master file (mta.dns.master); in its short form one record a line, `NAME
TYPE DATA`, comments after `;`.  Special types state what goes wrong: `NAME TIMEOUT`,
`NAME SERVFAIL` and `NAME TROUBLE` (every question about NAME fails for now; with types
behind, only those questions), `NAME BOGUS` (DNSSEC says forged), `NAME SECURE` (answers
about NAME and below are authentic).  A name that has nothing, above nothing that has
something, does not exist.  `*.NAME` is a wildcard.  Names may have any octets, written as
in master files (`a\\032b.example` has a space).
"""
from pathlib import Path
from typing import Self

from mta.base.names import Domain
from mta.dns.answer import Answer, Outcome, Record, RecordType
from mta.dns.master import BadZone, Entry, Reader

#: Follows RFC 1034 §3.6.2 with the bound that resolvers use.
CNAME_HOPS = 8
#: What the special types come to, and what a resolver says of it.
TROUBLES = {
    "TROUBLE": (Outcome.TROUBLE, Outcome.TROUBLE.value),
    "TIMEOUT": (Outcome.TROUBLE, "no answer in time"),
    "SERVFAIL": (Outcome.TROUBLE, "SERVFAIL"),
    "BOGUS": (Outcome.BOGUS, Outcome.BOGUS.value),
}


class Zone:
    """Answers from the records it was given; `questions` are what it was asked, in order."""

    def __init__(self, text: str = "", ttl: int = 300) -> None:
        self.questions: list[tuple[str, str]] = []
        self._ttl = ttl
        self._reader = Reader(ttl)
        self._records: dict[tuple[str, RecordType], list[tuple[Record, int]]] = {}
        self._exists: set[str] = set()
        self._spoilt: dict[tuple[str, RecordType | None], tuple[Outcome, str]] = {}
        self._secure: set[str] = set()
        self.add(text)

    @classmethod
    def read(cls, path: Path) -> Self:
        """The zone in a file; BadZone names file and line, OSError if there is no such file."""
        try:
            return cls(path.read_text("utf-8-sig"))
        except UnicodeDecodeError as problem:
            raise BadZone(f"{path}: octet {problem.start} is not UTF-8") from None
        except BadZone as problem:
            raise BadZone(f"{path}, {problem}") from None

    def add(self, text: str) -> None:
        """Add the records in text, one or many lines; BadZone if it cannot be read."""
        for entry in self._reader.read(text):
            self._take(entry)

    def remove(self, name: str, kind: RecordType) -> None:
        """Forget the records of kind at name."""
        self._records.pop((name.lower(), kind), None)

    async def ask(self, name: Domain, kind: RecordType) -> Answer:
        self.questions.append((name.ascii, kind.name))
        chain: list[Domain] = []
        at = name
        authentic = self._is_secure(at)
        for _ in range(CNAME_HOPS):
            owner = self._owner(at.ascii)
            if spoilt := self._trouble(at.ascii, kind) or self._trouble(owner, kind):
                return Answer(name, kind, spoilt[0], chain=tuple(chain), error=spoilt[1])
            if found := self._records.get((owner, kind)):
                records, ttls = zip(*found, strict=True)
                return Answer(name, kind, Outcome.FOUND, records, authentic, min(ttls), tuple(chain))
            target = self._records.get((owner, RecordType.CNAME))
            if not target:
                outcome = Outcome.EMPTY if owner else Outcome.NOTHING
                return Answer(name, kind, outcome, (), authentic, self._ttl, tuple(chain))
            assert isinstance(target[0][0], Domain)
            at = target[0][0]
            chain.append(at)
            authentic = authentic and self._is_secure(at)
        return Answer(name, kind, Outcome.TROUBLE, chain=tuple(chain), error="CNAME loop")

    def _take(self, entry: Entry) -> None:
        if entry.kind == "SECURE":
            self._secure.add(entry.owner)
            return
        if entry.kind in TROUBLES:
            for kind in entry.kinds or (None,):
                self._spoilt[entry.owner, kind] = TROUBLES[entry.kind]
            if not entry.owner.startswith("*"):
                return
        elif entry.record is not None:
            self._records.setdefault((entry.owner, RecordType[entry.kind]), []).append((entry.record, entry.ttl))
        # RFC 4592 §2.2.2: what is above a name, a wildcard too, exists with it.
        name = entry.owner
        while name and name not in self._exists:
            self._exists.add(name)
            name = name.partition(".")[2]

    def _owner(self, name: str) -> str:
        """The name itself or the wildcard that stands for it (RFC 4592 §3.3.1), "" if neither is there."""
        if name in self._exists:
            return name
        while name:
            name = name.partition(".")[2]
            if not name or name in self._exists:
                wildcard = f"*.{name}" if name else "*"
                return wildcard if wildcard in self._exists else ""
        return ""

    def _trouble(self, name: str, kind: RecordType) -> tuple[Outcome, str] | None:
        return self._spoilt.get((name, None)) or self._spoilt.get((name, kind))

    def _is_secure(self, name: Domain) -> bool:
        return any(Domain(top).covers(name) for top in self._secure)
