"""Tests of mta.flow.entrance; its replies are seen in test_receive too."""
import asyncio
from dataclasses import replace

import pytest

from mta.base.clock import SetClock
from mta.base.names import ip_address
from mta.config.model import Smtp
from mta.flow.entrance import Entrance, Slowing
from mta.flow.world import World
from tests.flow.post import session


@pytest.fixture
def entrance(world: World) -> Entrance:
    """An entrance with few places."""
    world.config = replace(world.config, smtp=Smtp(connections_per_ip=2, connections_per_minute=5, messages_per_minute=3))
    return Entrance(world)


def test_places(entrance: Entrance) -> None:
    """Who leaves makes room; who never got in leaves none."""
    one, two, three = (session(trace=f"session{number:03}").peer for number in range(3))

    assert [entrance.enter(peer) for peer in (one, two)] == [None, None]
    refusal = entrance.enter(three)
    assert refusal is not None
    assert "open connections from 192.0.2.1/32" in refusal.text
    entrance.leave(three)
    assert entrance.enter(three) is not None
    entrance.leave(one)
    assert entrance.enter(three) is None


def test_rates(entrance: Entrance, clock: SetClock) -> None:
    """Connections and messages of a minute, apart; and afterwards it is as before."""
    for number in range(5):
        peer = session(trace=f"session{number:03}").peer
        assert entrance.enter(peer) is None
        entrance.leave(peer)
    refusal = entrance.enter(session().peer)
    assert refusal is not None
    assert (refusal.code, refusal.enhanced) == (421, "4.7.0")
    ip = ip_address("192.0.2.1")
    assert [entrance.admit_message(ip) is None for _ in range(4)] == [True, True, True, False]
    clock.advance(120)
    assert entrance.enter(session().peer) is None
    assert entrance.admit_message(ip) is None


def test_all_desks_count_together(entrance: Entrance, world: World) -> None:
    """What came to one port counts at the others too: messages, and who is still here."""
    for number in range(3):
        entrance.admit_message(ip_address("192.0.2.1"))
        entrance.enter(session(trace=f"session{number:03}").peer)

    assert Entrance(world).admit_message(ip_address("192.0.2.1")) is not None
    assert Entrance(world).enter(session(trace="session003").peer) is not None


async def test_some_are_slowed() -> None:
    """At most so many at a time; whoever comes when all places are taken is not held up."""
    waits: list[float] = []
    go_on = asyncio.Event()

    async def pause(seconds: float) -> None:
        waits.append(seconds)
        await go_on.wait()

    slowing = Slowing(2, pause)
    held = [asyncio.create_task(slowing.hold(7.0)) for _ in range(2)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await slowing.hold(7.0)
    await slowing.hold(0.0)
    assert waits == [7.0, 7.0]
    go_on.set()
    await asyncio.gather(*held)
    await slowing.hold(3.0)

    assert waits == [7.0, 7.0, 3.0]


async def test_the_end_of_waiting() -> None:
    """Whoever is held goes on at once, whoever comes later is not held, and whoever is cancelled is."""
    waits: list[float] = []

    async def pause(seconds: float) -> None:
        waits.append(seconds)
        await asyncio.Event().wait()

    slowing = Slowing(3, pause)
    held = [asyncio.create_task(slowing.hold(7.0)) for _ in range(3)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    held[0].cancel()
    slowing.end()
    assert [type(end) for end in await asyncio.gather(*held, return_exceptions=True)] == [asyncio.CancelledError, type(None), type(None)]
    await slowing.hold(7.0)

    assert waits == [7.0, 7.0, 7.0]
