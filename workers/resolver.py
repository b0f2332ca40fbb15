"""The resolver role: one DNS cache for all the others, over a Unix socket.

Trusted with: sockets to the DNS servers of the configuration.  Knows no mail and opens no
database.  Reads on: mta.dns.cache has the rules, mta.net.upstream asks, mta.net.resolver
is the socket.
"""
import asyncio
import contextlib

from mta.base.events import Event
from mta.base.metrics import Meter
from mta.dns.cache import CachingResolver
from mta.net.resolver import Answering
from mta.net.upstream import ResolvConf, Upstreams, servers
from workers.place import Place


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
    with contextlib.closing(Meter(place.config.counters, place.role, place.number, now=place.clock.timestamp())) as meter:
        place.journal.add_sink(meter)
        asyncio.run(_serve(place))


async def _serve(place: Place) -> None:
    def trouble(upstream: str, problem: str) -> None:
        place.journal.note(Event.RESOLVER_TROUBLE, upstream=upstream, problem=problem)

    settings = place.config.dns
    upstreams = servers(settings.upstreams, settings.trusted)
    following = None if settings.upstreams else ResolvConf(settings.trusted, place.clock)
    if not upstreams:
        trouble("none", "no DNS server in the configuration or /etc/resolv.conf: no name can be looked up")
    caching = CachingResolver(Upstreams(upstreams, place.clock, trouble, following), place.clock, place.config.limits)
    answering = Answering(caching)
    [listening] = place.sockets["resolver"]
    server = await answering.listen(listening)
    place.ready()
    await place.stop.waited()
    server.close()
    await answering.drain()
    await caching.close()
