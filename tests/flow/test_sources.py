"""The addresses that our mail leaves from."""
from typing import Any

from mta.base.errors import NoRoom
from mta.base.events import Event, Recorded
from mta.base.names import ip_address
from mta.config.model import Listener
from mta.dns.zone import Zone
from mta.flow.sources import our_addresses, problems, survey
from mta.flow.world import World
from tests.flow.outbox import FullAtFirst, facts, quick

FOUR, SIX = "93.184.216.34", "2606:2800:220:1::1"


def listening_on(world: World, *ips: str) -> None:
    """Have world listen there."""
    quick(world, listeners=(Listener("public", ips, smtp=25), Listener("inside", ("127.0.0.1",), http=80)))


def test_where_we_listen_we_send_from(world: World) -> None:
    """Addresses with port 25 are bound to; of others the system chooses."""
    listening_on(world, FOUR, SIX)
    assert our_addresses(world.config) == [(ip_address(FOUR), True), (ip_address(SIX), True)]

    listening_on(world, "0.0.0.0", "::")
    assert not any(bind for _, bind in our_addresses(world.config))


async def test_what_is_wrong_is_remembered(world: World, zone: Zone) -> None:
    """In sentences for the overview, until it is mended."""
    listening_on(world, FOUR, SIX)
    zone.add("34.216.184.93.in-addr.arpa PTR mx.example.org")
    zone.add(f"mx.example.org A {FOUR}")

    sources = {str(source.ip): source.confirmed for source in await survey(world)}
    assert sources == {FOUR: True, SIX: False}
    [said] = problems(world)
    assert said.startswith(f"{SIX} has no reverse name")
    assert said.endswith("only where no other address of ours can be used.")

    zone.add(f"{ip_address(SIX).reverse_pointer} PTR mx.example.org")
    zone.add(f"mx.example.org AAAA {SIX}")
    await survey(world)
    assert problems(world) == []


async def test_private_addresses_are_nobodys_business(world: World) -> None:
    """Behind a router, and on loopback, names say nothing."""
    listening_on(world, "10.0.0.1", "fd00::1")
    await survey(world)
    assert problems(world) == []


async def test_a_full_disk(world: World, recorded: Recorded) -> None:
    """What cannot be remembered is known all the same."""
    listening_on(world, FOUR, SIX)
    store: Any = FullAtFirst(world.store, [NoRoom("full")])
    world.store = store
    assert len(await survey(world)) == 2
    assert len(facts(recorded, Event.STORE_TROUBLE)) == 1
    assert problems(world) == []
