"""The rules of the DNS cache, and a Resolver that follows them.

How long an answer holds, what is thrown out when room is short, which names are asked
again before they run out, and that one question is never asked twice at a time.  Knows
no sockets: the upstream is a Resolver too.

Standards: RFC 1035 §7.4, RFC 2181 §8 (TTLs), RFC 2308 §5 and §7.1 (absence and failures).
"""
import asyncio
from collections import OrderedDict
from dataclasses import dataclass

from mta.base.clock import Clock
from mta.base.limits import LIMITS, Limits
from mta.base.names import Domain
from mta.dns.answer import Answer, Outcome, RecordType
from mta.dns.resolver import Resolver

Question = tuple[str, RecordType]

#: RFC 2308 §7.1 allows five minutes for failures; a mail server rather asks again soon.
TROUBLE_TTL = 5
#: An answer that was wanted this often ...
HOT_HITS = 3
#: ... is fetched anew when less than this share of its life is left.
HOT_SHARE = 0.1
#: What an entry costs beside its records: keys, dataclass, order.
ENTRY_OVERHEAD = 400


@dataclass(slots=True)
class Entry:
    """One kept answer."""

    answer: Answer
    stored: float
    expires: float
    octets: int
    hits: int = 0
    refreshing: bool = False


class Cache:
    """Answers by question, least recently used out first, bounded by entries and octets."""

    def __init__(self, clock: Clock, limits: Limits = LIMITS) -> None:
        self._clock = clock
        self._limits = limits
        self._entries: OrderedDict[Question, Entry] = OrderedDict()
        self.octets = 0

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, question: Question) -> Answer | None:
        """The answer if it still holds, with the seconds that are left as its TTL."""
        entry = self._entries.get(question)
        if entry is None:
            return None
        left = entry.expires - self._clock.monotonic()
        if left <= 0:
            self._forget(question)
            return None
        entry.hits += 1
        self._entries.move_to_end(question)
        found = entry.answer
        return Answer(found.name, found.kind, found.outcome, found.records, found.authentic, int(left), found.chain, found.error)

    def keep(self, question: Question, answer: Answer) -> None:
        """Remember answer for as long as it may be."""
        life = lifetime(answer, self._limits)
        self._forget(question)
        if life <= 0:
            return
        now = self._clock.monotonic()
        entry = Entry(answer, now, now + life, cost(answer))
        self._entries[question] = entry
        self.octets += entry.octets
        while len(self._entries) > self._limits.dns_cache_entries or self.octets > self._limits.dns_cache_octets:
            self._forget(next(iter(self._entries)))

    def wants_refresh(self, question: Question) -> bool:
        """True once for a hot answer that is about to run out."""
        entry = self._entries.get(question)
        if entry is None or entry.refreshing or entry.hits < HOT_HITS or not entry.answer.found:
            return False
        if entry.expires - self._clock.monotonic() > (entry.expires - entry.stored) * HOT_SHARE:
            return False
        entry.refreshing = True
        return True

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self.octets = 0

    def _forget(self, question: Question) -> None:
        entry = self._entries.pop(question, None)
        if entry is not None:
            self.octets -= entry.octets


def lifetime(answer: Answer, limits: Limits = LIMITS) -> int:
    """Seconds that answer may be kept."""
    if answer.outcome is Outcome.FOUND:
        return min(answer.ttl, limits.dns_ttl)
    if answer.absent:
        return min(answer.ttl, limits.dns_negative_ttl)
    return TROUBLE_TTL


def cost(answer: Answer) -> int:
    """A fair estimate of the octets that answer occupies."""
    return ENTRY_OVERHEAD + 60 * len(answer.chain) + sum(
        len(record) if isinstance(record, str | bytes) else 120 for record in answer.records)


class CachingResolver:
    """A Resolver that remembers; of equal questions that come while one is asked, only one goes out."""

    def __init__(self, upstream: Resolver, clock: Clock, limits: Limits = LIMITS) -> None:
        self.cache = Cache(clock, limits)
        self._upstream = upstream
        self._flights: dict[Question, asyncio.Task[Answer]] = {}

    def known(self, name: Domain, kind: RecordType) -> Answer | None:
        """The answer if it is here; see mta.dns.resolver.at_hand."""
        question = (name.ascii, kind)
        answer = self.cache.find(question)
        if answer is not None and self.cache.wants_refresh(question):
            self._flight(name, kind)
        return answer

    async def ask(self, name: Domain, kind: RecordType) -> Answer:
        answer = self.known(name, kind)
        # Shielded: one asker that gives up must not take the answer from the others.
        return answer if answer is not None else await asyncio.shield(self._flight(name, kind))

    async def close(self) -> None:
        """End the questions that are under way."""
        for flight in list(self._flights.values()):
            flight.cancel()
        await asyncio.gather(*self._flights.values(), return_exceptions=True)

    def _flight(self, name: Domain, kind: RecordType) -> asyncio.Task[Answer]:
        question = (name.ascii, kind)
        flight = self._flights.get(question)
        if flight is None:
            flight = asyncio.ensure_future(self._fetch(name, kind))
            self._flights[question] = flight
            flight.add_done_callback(lambda _: self._flights.pop(question, None))
        return flight

    async def _fetch(self, name: Domain, kind: RecordType) -> Answer:
        answer = await self._upstream.ask(name, kind)
        question = (name.ascii, kind)
        # A refresh that failed must not push out an answer that still holds.
        if not answer.temporary or self.cache.find(question) is None:
            self.cache.keep(question, answer)
        return answer
