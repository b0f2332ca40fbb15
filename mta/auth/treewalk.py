"""The walk up the names of a domain to the DMARC records that speak for it (RFC 9989 §4.10).

At most eight questions for one domain, none of them twice within one evaluation.  The
walk itself is one question after the other, as each answer may end it; walks for several
domains go side by side.
"""
import asyncio
from dataclasses import dataclass
from typing import NamedTuple

from mta.auth.dmarcrecord import DmarcRecord, Psd, parse
from mta.base.limits import LIMITS, Limits
from mta.base.names import Domain
from mta.dns.answer import Answer, Outcome, RecordType
from mta.dns.resolver import Resolver, at_hand

LABEL = "_dmarc"
#: RFC 9989 §4.10, step 4: after a name of eight or more labels the next has seven.
SHORTCUT = 7
#: RFC 1035 §2.3.4, as text: a longer name cannot be asked for, so nothing is there.
NAME = 253


class Questions:
    """What one evaluation asks, each question once; questions under way belong to group."""

    def __init__(self, resolver: Resolver, group: asyncio.TaskGroup) -> None:
        self._resolver = resolver
        self._at_hand = at_hand(resolver)
        self._group = group
        self._answers: dict[tuple[str, RecordType], Answer] = {}
        self._asked: dict[tuple[str, RecordType], asyncio.Task[Answer]] = {}

    async def ask(self, name: Domain, kind: RecordType) -> Answer:
        """The answer, as a Resolver gives it."""
        if len(name.ascii) > NAME:
            return Answer(name, kind, Outcome.NOTHING)
        question = name.ascii, kind
        answer = self._answers.get(question)
        if answer is None and question not in self._asked:
            answer = self._at_hand(name, kind)
        if answer is None:
            if question not in self._asked:
                self._asked[question] = self._group.create_task(self._ask(name, kind))
            answer = await self._asked[question]
        self._answers[question] = answer
        return answer

    @property
    def count(self) -> int:
        """How many questions were asked."""
        return len(self._asked.keys() | self._answers.keys())

    @property
    def authentic(self) -> bool:
        """Whether DNSSEC vouches for every answer."""
        return bool(self._answers) and self._asked.keys() <= self._answers.keys() and all(
            answer.authentic for answer in self._answers.values())

    async def _ask(self, name: Domain, kind: RecordType) -> Answer:
        return await self._resolver.ask(name, kind)


@dataclass(frozen=True, slots=True)
class Found:
    """A record and the domain it was found for."""

    domain: Domain
    record: DmarcRecord


class Place(NamedTuple):
    """What is published for one domain: the answer, its record if there is one, and what is wrong with the rest."""

    answer: Answer
    record: DmarcRecord | None
    problem: str


@dataclass(frozen=True, slots=True)
class Walk:
    """What a walk from start found, longest name first.

    trouble says which question had no answer, problem what stands where a record should.
    """

    start: Domain
    found: tuple[Found, ...]
    trouble: str = ""
    problem: str = ""

    @property
    def organizational(self) -> Domain:
        """The organisational domain of start (RFC 9989 §4.10.2)."""
        for found in self.found:
            if found.record.psd is Psd.NO:
                return found.domain
            if found.record.psd is Psd.YES and found.domain != self.start:
                labels = self.start.labels
                return Domain(".".join(labels[len(labels) - len(found.domain.labels) - 1:]))
        return self.found[-1].domain if self.found else self.start

    @property
    def policy(self) -> Found | None:
        """The record that counts for start: its own, its organisation's, its public suffix's (RFC 9989 §4.10.1)."""
        by_domain = {found.domain: found for found in self.found}
        best = by_domain.get(self.start) or by_domain.get(self.organizational)
        return best or next((found for found in self.found if found.record.psd is Psd.YES), None)


def names(domain: Domain) -> list[Domain]:
    """The names whose records are asked for, at most eight, longest first (RFC 9989 §4.10, steps 3 to 7)."""
    labels = domain.labels
    rest = labels[1:] if len(labels) <= SHORTCUT else labels[-SHORTCUT:]
    return [domain, *(Domain(".".join(rest[at:])) for at in range(len(rest)))]


async def look(domain: Domain, questions: Questions, limits: Limits = LIMITS) -> Place:
    """What is published for just this domain; several records at one place are none (RFC 9989 §4.10, step 2)."""
    answer = await questions.ask(domain.below(LABEL), RecordType.TXT)
    records = [record for text in answer.texts if (record := parse(text, limits))]
    problem = ""
    if len(records) > 1:
        problem = f"{answer.name} has {len(records)} DMARC records, so that none counts"
    elif not records and any("dmarc1" in text.lower() for text in answer.texts):
        problem = f"what stands at {answer.name} is no DMARC record: it does not begin with v=DMARC1 and a semicolon"
    return Place(answer, records[0] if len(records) == 1 else None, problem)


def trouble(answer: Answer) -> str:
    """In words, that a question had no answer."""
    return f"the DNS does not say what is at {answer.name} ({answer.explained})"


async def walk(start: Domain, questions: Questions, limits: Limits = LIMITS) -> Walk:
    """Walk up from start until a record says that the organisation ends here, or to the top."""
    found: list[Found] = []
    problem = ""
    for domain in names(start):
        place = await look(domain, questions, limits)
        problem = problem or place.problem
        if place.answer.temporary:
            # What stands here might have ended the walk: nothing above it can be relied upon.
            return Walk(start, tuple(found), trouble(place.answer), problem)
        if place.record:
            found.append(Found(domain, place.record))
            if place.record.psd is not Psd.UNKNOWN:
                break
    return Walk(start, tuple(found), "", problem)


async def organizational_domain(domain: Domain, resolver: Resolver) -> Domain | None:
    """The organisational domain as DMARC sees it, None if the DNS does not tell now."""
    async with asyncio.TaskGroup() as group:
        found = await walk(domain, Questions(resolver, group))
    return None if found.trouble else found.organizational
