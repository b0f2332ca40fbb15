"""A domain whose DNS has all that it should, and ways to spoil it."""
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from mta.config.model import Acme, Config, Listener
from mta.dns.resolver import reverse_name
from mta.dns.zone import Zone
from mta.flow import dnscheck, hostkeys, people, records
from mta.flow.dnscheck import Means, Section
from mta.flow.published import There
from mta.flow.world import World

DOMAIN = "example.org"
Checking = Callable[..., Awaitable[dict[str, Section]]]


@pytest.fixture
def config(config: Config) -> Config:
    """The server has two addresses of its own, and an authority gives it certificates."""
    listener = Listener("public", ("192.0.2.1", "2001:db8::1"), smtp=25, submission=587, submissions=465, https=443)
    return replace(config, listeners=(listener,), acme=Acme("https://acme-v02.api.letsencrypt.org/directory"))


def published(world: World, **there: object) -> str:
    """What the records of the domain come to as a zone, with what is beside them: reverse names, name servers, signatures."""
    hostkeys.ensure(world.store, world.clock)
    row = people.domain(world, DOMAIN)
    lines = [one.line for one in records.records(world, row, There(signed=True, mailed=False)) if not one.optional]
    lines += [f"{reverse_name(ip).ascii}. PTR mx.example.org." for ip in records.addresses(world.config)]
    return "\n".join([*lines, "example.org. NS ns1.example.net.", "example.org. NS ns2.example.net.", "ns1.example.net. A 192.0.2.53",
                      "ns1.example.net. AAAA 2001:db8::53", "ns2.example.net. A 198.51.100.53", "example.org. SECURE"])


@pytest.fixture
def sound(served: World, zone: Zone) -> World:
    """The server, and a DNS with all of it."""
    people.set_policy(served, DOMAIN, mode="enforce", by="a test")
    zone.add(published(served))
    return served


@pytest.fixture
def checking(sound: World) -> Checking:
    """What a check finds now, by section."""
    async def work(**means: object) -> dict[str, Section]:
        given = Means(sound.resolver, **means)    # type: ignore[arg-type]  # handed on
        return {one.name: one for one in await dnscheck.check(sound, people.domain(sound, DOMAIN), given)}

    return work
