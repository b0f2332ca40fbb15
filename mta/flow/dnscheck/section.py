"""One part of a check: what was found, in plain words, and the records that mend it; and what all parts share."""
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

from mta.base.limits import LIMITS
from mta.base.names import Domain, IPAddress
from mta.dns.answer import Answer, RecordType
from mta.dns.resolver import Resolver
from mta.flow import policies
from mta.flow.published import There
from mta.flow.records import Record
from mta.flow.world import World
from mta.net.https import HTTPS_PORT, Https
from mta.net.trust import trusted
from mta.net.upstream import Server, Upstreams
from mta.secure.pkix import Trust
from mta.store.domains import DomainRow

#: Addresses of one host that are looked at.
ADDRESSES = 4


@dataclass(slots=True)
class Section:
    """What was found about one thing.

    errors cost mail or protection now, warnings may or leave something unused; unknown is
    what could not be found out this time.  instructions say what to do, records are lines
    of a zone file as they should be there.  tests are plain facts, by the keys of
    internetnl.py; what is not known has none.
    """

    name: str
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    instructions: list[str] = field(default_factory=list)
    records: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    tests: dict[str, bool] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        """The section in a word or two."""
        return "wrong" if self.errors else "could be better" if self.warnings else "not known" if self.unknown else "good"

    def as_row(self) -> dict[str, Any]:
        """The section for JSON."""
        return {"name": self.name, "verdict": self.verdict, "errors": self.errors, "warnings": self.warnings, "unknown": self.unknown,
                "instructions": self.instructions, "records": self.records, "tests": self.tests}

    def error(self, text: str, *records: Record | str) -> None:
        """Something is wrong, and so it should be."""
        self.errors.append(text)
        self.wants(*records)

    def warn(self, text: str, *records: Record | str) -> None:
        """Something could be better."""
        self.warnings.append(text)
        self.wants(*records)

    def wants(self, *records: Record | str) -> None:
        """These should be in the DNS, each said once."""
        lines = [one.line if isinstance(one, Record) else one for one in records]
        self.records += [line for line in dict.fromkeys(lines) if line not in self.records]

    def silent(self, answer: Answer) -> bool:
        """Whether the DNS does not tell, which is noted then."""
        if answer.temporary:
            self.unknown.append(f"The DNS does not say what is at {answer.name} ({answer.kind.name}): {answer.explained}.")
        return answer.temporary


@dataclass(frozen=True, slots=True)
class Means:
    """What may be used to find out.

    authority gives a Resolver that asks one name server itself; trust and https are for
    connections to mail hosts and web servers.  What is None is not asked.
    """

    resolver: Resolver
    authority: Callable[[IPAddress], Resolver] | None = None
    trust: Trust | None = None
    https: Https | None = None
    port: int = 25

    @classmethod
    def usual(cls, world: World, resolver: Resolver | None = None, https_port: int = HTTPS_PORT) -> Self:
        """All of them, as a server at the internet has them; SetupError if the operator's authorities cannot be read."""
        dns = resolver or world.resolver

        def authority(ip: IPAddress) -> Resolver:
            return Upstreams([Server(ip, 53, trusted=False)], world.clock)

        # The domains of localserve are no business of the world's name servers.
        return cls(dns, None if world.config.local else authority, trusted(world.config.tls.ca_file),
                   policies.client(world, dns, https_port))


@dataclass(slots=True, weakref_slot=True)
class Facts:
    """What is known when the sections begin."""

    there: There
    mx: Answer
    four: Answer
    six: Answer


class Subject:
    """The domain in hand: what it should have, what its DNS said so far, and how to ask for more."""

    def __init__(self, world: World, row: DomainRow, means: Means, facts: Facts, wanted: Sequence[Record]) -> None:
        self.world, self.row, self.means, self.facts, self.wanted = world, row, means, facts, wanted

    @property
    def domain(self) -> Domain:
        """The domain."""
        return self.row.domain

    @property
    def host(self) -> Domain:
        """This host."""
        return self.world.config.hostname

    @cached_property
    def ips(self) -> list[IPAddress]:
        """The host's addresses in the DNS."""
        return [*self.facts.four.addresses[:ADDRESSES], *self.facts.six.addresses[:ADDRESSES]]

    @cached_property
    def exchangers(self) -> list[Domain]:
        """The hosts that take the domain's mail by its MX records, most preferred first."""
        found = sorted((one for one in self.facts.mx.exchangers if one.host), key=lambda one: one.preference)
        return [one.host for one in found if one.host][:LIMITS.tlsa_records]

    async def ask(self, name: Domain, kind: RecordType) -> Answer:
        """What the resolver says."""
        return await self.means.resolver.ask(name, kind)

    def want(self, name: str, kind: str, *, optional: bool = False) -> list[Record]:
        """The records that should be at a name (without last dot)."""
        return [one for one in self.wanted if one.name == f"{name}." and one.kind == kind and one.optional is optional]


def listed(names: Iterable[object], most: int = 6) -> str:
    """Some names in a sentence."""
    texts = [str(one) for one in names]
    return ", ".join(texts[:most]) + (f" and {len(texts) - most} more" if len(texts) > most else "")
