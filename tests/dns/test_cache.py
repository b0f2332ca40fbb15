"""mta.dns.cache: how long answers hold, and what is asked how often."""
import asyncio
import dataclasses

from mta.base.clock import SetClock
from mta.base.limits import LIMITS
from mta.base.names import Domain, ip_address
from mta.dns.answer import Answer, Outcome, RecordType
from mta.dns.cache import HOT_HITS, TROUBLE_TTL, Cache, CachingResolver, lifetime

NAME = Domain("example.org")
QUESTION = (NAME.ascii, RecordType.A)


def found(ttl: int = 100, name: Domain = NAME) -> Answer:
    """An answer with one address."""
    return Answer(name, RecordType.A, Outcome.FOUND, (ip_address("192.0.2.1"),), ttl=ttl)


class Upstream:
    """Answers when told to, and counts."""

    def __init__(self, *answers: Answer) -> None:
        self.asked = 0
        self.go = asyncio.Event()
        self.go.set()
        self._answers = list(answers)

    async def ask(self, name: Domain, kind: RecordType) -> Answer:
        self.asked += 1
        await self.go.wait()
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


def test_lifetimes() -> None:
    """Bounds on TTLs: a day for records, less for absence, seconds for trouble (RFC 2308 §5, §7)."""
    assert lifetime(found(ttl=60)) == 60
    assert lifetime(found(ttl=10**9)) == LIMITS.dns_ttl
    assert lifetime(Answer(NAME, RecordType.A, Outcome.NOTHING, ttl=10**9)) == LIMITS.dns_negative_ttl
    assert lifetime(Answer(NAME, RecordType.A, Outcome.EMPTY)) == 0
    assert lifetime(Answer(NAME, RecordType.A, Outcome.BOGUS, ttl=900)) == TROUBLE_TTL


def test_an_answer_ages_and_ends() -> None:
    """The TTL that is handed out is what is left of it."""
    clock = SetClock()
    cache = Cache(clock)
    cache.keep(QUESTION, found(ttl=100))
    clock.advance(40)
    answer = cache.find(QUESTION)

    assert answer is not None
    assert answer.ttl == 60
    clock.advance(60)
    assert cache.find(QUESTION) is None
    assert cache.octets == 0


def test_the_least_recently_used_go_first() -> None:
    """The cache is bounded by entries."""
    cache = Cache(SetClock(), dataclasses.replace(LIMITS, dns_cache_entries=2))
    for name in "abc":
        cache.keep((name, RecordType.A), found(name=Domain(name)))
        cache.find(("a", RecordType.A))

    assert cache.find(("b", RecordType.A)) is None
    assert cache.find(("a", RecordType.A)) is not None
    assert len(cache) == 2


def test_octets_are_bounded() -> None:
    """Large records push out others before memory grows."""
    cache = Cache(SetClock(), dataclasses.replace(LIMITS, dns_cache_octets=10_000))
    for number in range(100):
        text = Answer(NAME, RecordType.TXT, Outcome.FOUND, ("x" * 1_000,), ttl=100)
        cache.keep((f"{number}.example", RecordType.TXT), text)

    assert cache.octets <= 10_000
    assert 0 < len(cache) < 10


async def test_equal_questions_share_one_flight() -> None:
    """Fifty askers, one question to the upstream; one who gives up spoils nothing."""
    upstream = Upstream(found())
    upstream.go.clear()
    resolver = CachingResolver(upstream, SetClock())
    askers = [asyncio.ensure_future(resolver.ask(NAME, RecordType.A)) for _ in range(50)]
    await asyncio.sleep(0)
    askers[0].cancel()
    upstream.go.set()
    answers = await asyncio.gather(*askers[1:])

    assert upstream.asked == 1
    assert all(answer.found for answer in answers)
    assert askers[0].cancelled()


async def test_a_hot_name_is_fetched_before_it_runs_out() -> None:
    """Whoever asks gets the old answer at once, and the next one never waits."""
    clock = SetClock()
    upstream = Upstream(found(ttl=100))
    resolver = CachingResolver(upstream, clock)
    for _ in range(HOT_HITS + 1):
        await resolver.ask(NAME, RecordType.A)
    clock.advance(95)
    await resolver.ask(NAME, RecordType.A)
    await resolver.ask(NAME, RecordType.A)
    await asyncio.gather(*resolver._flights.values())

    assert upstream.asked == 2
    clock.advance(50)
    assert (await resolver.ask(NAME, RecordType.A)).ttl == 50
    assert upstream.asked == 2


async def test_a_failed_refresh_leaves_what_still_holds() -> None:
    """Trouble does not push out a good answer."""
    clock = SetClock()
    upstream = Upstream(found(ttl=100), Answer(NAME, RecordType.A, Outcome.TROUBLE))
    resolver = CachingResolver(upstream, clock)
    for _ in range(HOT_HITS + 1):
        await resolver.ask(NAME, RecordType.A)
    clock.advance(95)
    await resolver.ask(NAME, RecordType.A)
    await asyncio.gather(*resolver._flights.values())

    assert upstream.asked == 2
    assert (await resolver.ask(NAME, RecordType.A)).found


async def test_closing_ends_what_is_under_way() -> None:
    """No task is left behind."""
    upstream = Upstream(found())
    upstream.go.clear()
    resolver = CachingResolver(upstream, SetClock())
    asker = asyncio.ensure_future(resolver.ask(NAME, RecordType.A))
    await asyncio.sleep(0)
    await resolver.close()

    assert (await asyncio.gather(asker, return_exceptions=True))[0].__class__ is asyncio.CancelledError
