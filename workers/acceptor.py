"""The acceptor role: SMTP from strangers and from our own users, and mail handed in on this machine.

Trusted with: strangers' bytes, the host's TLS key, writing mail.  Reaches nobody: names
are asked of the resolver role.  Several copies share the listening sockets (doors.py).

Read on: mta.smtp.session talks, mta.flow.receive and mta.flow.submit decide.
"""
import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from functools import partial

import uvloop

from mta.auth import orgdomain
from mta.base.clock import Clock, SystemClock
from mta.base.limits import Limits
from mta.base.names import Domain
from mta.base.watching import watch_loop
from mta.dns.cache import CachingResolver
from mta.dns.resolver import Resolver
from mta.flow.judging import Judging
from mta.flow.learning import Reader
from mta.flow.receive import ReceiveDesk
from mta.flow.submit import SubmitDesk
from mta.flow.world import World
from mta.judge.screen import Screen
from mta.net.certificates import served
from mta.net.resolver import SocketResolver
from mta.net.tls import Certificates, ServerContext, rehearse
from mta.smtp.register import Register
from mta.smtp.session import Service, SmtpSession
from mta.store.learned import Learned
from workers.doors import Door, Turns, Welcome
from workers.fresh import follow
from workers.place import Place
from workers.sendmail import HandIn
from workers.worlds import world_of


def prepare() -> None:
    """Importing this module was most of the work; a TLS handshake and a look at the public suffixes leave the rest in shared memory."""
    rehearse(SystemClock())
    orgdomain.organization(Domain("example.org"))


def serve(place: Place) -> None:
    """Take mail until told to stop, then let what is being stored finish."""
    with world_of(place) as world:
        uvloop.run(_serve(place, world))


async def _serve(place: Place, world: World) -> None:
    watch_loop(asyncio.get_running_loop(), world.journal)
    async with _names(world, place.config.limits) as names:
        await _accept(place, replace(world, resolver=names))


@asynccontextmanager
async def _names(world: World, limits: Limits) -> AsyncIterator[Resolver]:
    """The resolver role, of which nothing is asked twice while it holds: a few domains send most mail."""
    own = replace(limits, dns_cache_entries=limits.dns_kept_entries, dns_cache_octets=limits.dns_kept_octets)
    names = CachingResolver(world.resolver, world.clock, own)
    try:
        yield names
    finally:
        await names.close()
        # uvloop waits at its end for connections that are still open.
        if isinstance(world.resolver, SocketResolver):
            await world.resolver.close()


async def _accept(place: Place, world: World) -> None:
    with closing(Learned(world.store.learned_db, world.clock)) as learned:
        await _take_mail(place, world, Judging(world, learned, Reader(learned)))


async def _take_mail(place: Place, world: World, screen: Screen) -> None:
    config, limits = place.config, place.config.limits
    world.shared_crowd = place.loads.crowd(place.number)
    register = Register(limits)
    certificates = Certificates(partial(served, config))
    tls = certificates.context
    turns = Turns(place.loads, place.number, lambda: len(register))
    hand_in = HandIn(world, limits)
    strangers = ReceiveDesk(world, screen)
    desks: dict[str, ReceiveDesk | SubmitDesk] = {"smtp": strangers, "submission": SubmitDesk(world), "submissions": SubmitDesk(world)}
    welcomes: dict[str, Welcome] = {
        service: _sessions(service, desk, tls, place.clock, limits, register) for service, desk in desks.items()}
    welcomes["sendmail"] = hand_in.welcome
    doors = [Door(listening, turns, welcomes[service]) for service, sockets in place.sockets.items() for listening in sockets]
    following = asyncio.create_task(follow(certificates, place.journal))
    place.ready()
    await place.stop.waited()
    following.cancel()
    for door in doors:
        door.close()
    strangers.stop()
    await asyncio.gather(register.stop(), hand_in.finish())
    await strangers.close()


def _sessions(
    service: str, desk: ReceiveDesk | SubmitDesk, tls: ServerContext, clock: Clock, limits: Limits, register: Register,
) -> Welcome:
    """What makes an SMTP session of a connection to service."""
    offer = Service(desk, service, tls, service == "submissions", clock, limits, register)

    async def welcome(conn: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            await loop.connect_accepted_socket(lambda: SmtpSession(offer, loop), conn)
        except OSError:
            conn.close()    # gone again before we could greet
    return welcome
