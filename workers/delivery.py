"""The delivery role: queued mail to whoever takes it, and notices to senders.

A huey consumer hears bells in a thread of its own and wakes the one loop on which
everything else happens (mta.flow.deliver).

Trusted with: talking to hostile servers, the passwords of smarthosts, reading all queued
mail, the DKIM keys for its notices.
"""
import asyncio

import uvloop

from mta.base.watching import watch_loop
from mta.flow.deliver import Delivery
from mta.flow.world import World
from mta.net.resolver import SocketResolver
from mta.store import leases
from workers.place import Place
from workers.worlds import world_of


def prepare() -> None:
    """Importing this module was the work."""


def serve(place: Place) -> None:
    """Deliver until told to stop; transfers that run get some seconds to finish."""
    with world_of(place) as world:
        uvloop.run(_serve(place, world))


async def _serve(place: Place, world: World) -> None:
    loop = asyncio.get_running_loop()
    watch_loop(loop, world.journal)
    delivery = Delivery(world, leases.incarnation(place.role, place.number))

    def hear(kind: str, ident: int) -> None:
        # What a bell says is not asked: the rows know, and bells may be lost or late.
        loop.call_soon_threadsafe(delivery.wake)

    consumer = world.bell.consumer(place.role, hear, place.doorbells.fd)
    delivering = asyncio.create_task(delivery.run())
    stopping = asyncio.create_task(place.stop.waited())
    consumer.start()
    place.ready()
    await asyncio.wait([delivering, stopping], return_when=asyncio.FIRST_COMPLETED)
    consumer.stop()
    delivery.stop()
    stopping.cancel()
    await delivering
    if isinstance(world.resolver, SocketResolver):
        await world.resolver.close()
