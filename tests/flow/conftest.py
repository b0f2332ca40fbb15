"""A small server for tests of flows: example.org with ann and bob, everything still and recorded."""
from pathlib import Path

import pytest

from mta.base.clock import SetClock
from mta.base.events import Journal
from mta.base.names import Domain
from mta.base.tokens import CHANCE
from mta.config.model import Config
from mta.dns.zone import Zone
from mta.flow import people
from mta.flow.world import World
from mta.store.bell import Bell
from mta.store.database import Store

BY = "a test"


@pytest.fixture
def zone() -> Zone:
    """A DNS with nothing in it."""
    return Zone()


@pytest.fixture
def config(store: Store, tmp_path: Path) -> Config:
    """The configuration of mx.example.org."""
    return Config(hostname=Domain.parse("mx.example.org"), data=store.directory, run=tmp_path / "run", user="", postmaster="ann")


@pytest.fixture
def world(config: Config, clock: SetClock, store: Store, zone: Zone, journal: Journal, rung: list[str]) -> World:
    """An empty server."""
    return World(config, clock, CHANCE, store, zone, journal, Bell(store.directory, rung.append, journal))


@pytest.fixture
def served(world: World) -> World:
    """The server with a domain, and with ann and bob in it."""
    people.add_domain(world, "example.org", by=BY)
    for name in ("ann", "bob"):
        people.add_account(world, name, f"{name}'s password", name.title(), address=f"{name}@example.org", by=BY)
    return world
