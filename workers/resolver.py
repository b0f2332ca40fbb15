"""The resolver role: one DNS cache for all the others, over a Unix socket.

Trusted with: sockets to the DNS servers of the configuration.  Knows no mail and opens no
database.  Reads on: mta.dns.cache has the rules, mta.net.upstream asks, mta.net.resolver
is the socket.

localserve asks nobody: its names are those of the file `zone` in its directory (written as
for --zone), if there is one, and no others.
"""
import asyncio
from pathlib import Path

from mta.base.clock import Clock
from mta.base.errors import SetupError
from mta.base.events import Event, Journal
from mta.base.measures import Measure
from mta.base.names import Domain
from mta.base.watching import watch_loop
from mta.config.model import Config
from mta.dns.answer import Answer, Outcome, RecordType
from mta.dns.cache import CachingResolver
from mta.dns.master import BadZone
from mta.dns.resolver import Resolver
from mta.dns.zone import Zone
from mta.net.resolver import Answering
from mta.net.upstream import ResolvConf, Trouble, Upstreams, servers
from workers.counting import counting
from workers.place import Place

#: What an outcome is called on the metrics page.
RESULTS = {Outcome.FOUND: "found", Outcome.EMPTY: "absent", Outcome.NOTHING: "absent", Outcome.BOGUS: "bogus", Outcome.TROUBLE: "trouble"}
#: RFC 6761 §6.3, as far as mail asks for it.
LOCALHOST = "localhost A 127.0.0.1\nlocalhost AAAA ::1\n1.0.0.127.in-addr.arpa PTR localhost"


def prepare() -> None:
    """Import what dnspython would import later, once, before the fork."""
    import dns.rdtypes.ANY.CNAME
    import dns.rdtypes.ANY.MX
    import dns.rdtypes.ANY.NS
    import dns.rdtypes.ANY.OPT
    import dns.rdtypes.ANY.PTR
    import dns.rdtypes.ANY.SOA
    import dns.rdtypes.ANY.TLSA
    import dns.rdtypes.ANY.TXT
    import dns.rdtypes.IN.A
    import dns.rdtypes.IN.AAAA  # noqa: F401  imported to be shared between the processes


def serve(place: Place) -> None:
    """Answer until told to stop.  SetupError if a configured server cannot be read."""
    with counting(place):
        asyncio.run(_serve(place))


async def _serve(place: Place) -> None:
    watch_loop(asyncio.get_running_loop(), place.journal)

    def trouble(upstream: str, problem: str) -> None:
        place.journal.note(Event.RESOLVER_TROUBLE, upstream=upstream, problem=problem)

    caching = CachingResolver(_source(place.config, place.clock, trouble), place.clock, place.config.limits)
    answering = Answering(Counted(caching, place.clock, place.journal))
    [listening] = place.sockets["resolver"]
    server = await answering.listen(listening)
    place.ready()
    await place.stop.waited()
    server.close()
    await answering.drain()
    await caching.close()


def _source(config: Config, clock: Clock, trouble: Trouble) -> Resolver:
    """Who knows the answers."""
    if config.local:
        return MadeUp(config.data.parent / "zone")
    settings = config.dns
    upstreams = servers(settings.upstreams, settings.trusted)
    following = None if settings.upstreams else ResolvConf(settings.trusted, clock)
    if not upstreams:
        trouble("none", "no DNS server in the configuration or /etc/resolv.conf: no name can be looked up")
    return Upstreams(upstreams, clock, trouble, following)


class Counted:
    """A cache whose answers are counted, and timed where it had to ask."""

    def __init__(self, caching: CachingResolver, clock: Clock, journal: Journal) -> None:
        self._caching, self._clock, self._measure = caching, clock, journal.measure

    async def ask(self, name: Domain, kind: RecordType) -> Answer:
        answer, source = self._caching.known(name, kind), "cache"
        if answer is None:
            began, source = self._clock.monotonic(), "upstream"
            answer = await self._caching.ask(name, kind)
            self._measure(Measure.DNS_SECONDS, self._clock.monotonic() - began, kind.name)
        self._measure(Measure.DNS_ANSWERS, 1, kind.name, RESULTS[answer.outcome], source)
        return answer


class MadeUp:
    """The names of localserve: localhost, and what the file at path says.  SetupError if that cannot be read."""

    def __init__(self, path: Path) -> None:
        try:
            self._zone = Zone.read(path) if path.exists() else Zone()
        except BadZone as problem:
            raise SetupError(str(problem)) from None
        self._zone.add(LOCALHOST)

    async def ask(self, name: Domain, kind: RecordType) -> Answer:
        answer = await self._zone.ask(name, kind)
        self._zone.questions.clear()    # kept for tests; a server runs for long
        return answer
