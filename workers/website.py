"""The web role: pages, API, event streams and metrics; web.front does the work.

Trusted with: browsers of strangers and of our users, the host's TLS key, the whole store.
Reaches out only when an administrator has the domain or the machine looked at: name servers
(53), mail hosts (25, or the relay's port) and web servers (443), which hear no more than a
question or a greeting.
"""
import asyncio
from collections.abc import Sequence
from functools import partial

import uvloop

from mta.base import metrics
from mta.base.errors import TemporaryError
from mta.base.metrics import Gauge
from mta.flow.world import World
from mta.net.certificates import served
from mta.net.tls import Certificates
from web import front
from web.app import documentation
from workers.fresh import follow
from workers.place import Place
from workers.process import COUNTING
from workers.remembering import Supervision
from workers.worlds import world_of


def prepare() -> None:
    """Importing this module was most of the work; the documentation of the APIs costs 4 MB to make.  SetupError if it cannot be."""
    documentation()


def serve(place: Place) -> None:
    """Serve pages until told to stop."""
    with world_of(place) as world:
        uvloop.run(_serve(place, world))


async def _serve(place: Place, world: World) -> None:
    config, supervision = place.config, Supervision(place.config, place.clock)
    stop = asyncio.Event()

    async def hear_stop() -> None:
        await place.stop.waited()
        stop.set()

    def exposition(gauges: Sequence[Gauge]) -> bytes:
        try:
            told = supervision.ask("events")["events"]
        except TemporaryError:
            told = {}
        return metrics.exposition(config.counters, COUNTING, gauges, {"supervisor": told})

    hearing = asyncio.create_task(hear_stop())
    certificates = Certificates(partial(served, config))
    following = asyncio.create_task(follow(certificates, place.journal))
    await front.run(
        world, place.sockets, certificates, place.doorbells.fd, stop, place.ready,
        status=lambda: supervision.ask("status"), exposition=exposition)
    following.cancel()
    await hearing
