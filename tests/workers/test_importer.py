"""workers.importer: threads that do imports beside the other work of the reporter."""
import threading
from pathlib import Path

import pytest

from mta.base.clock import SetClock
from mta.base.events import Event, Journal, Recorded
from mta.base.names import Domain
from mta.base.tokens import CHANCE
from mta.config.model import Config
from mta.dns.zone import Zone
from mta.flow import importing, people
from mta.flow.world import World
from mta.store.bell import Bell
from mta.store.database import Store
from mta.store.imports import ImportRow
from tests.flow.mailfiles import box, contents, letter
from tests.flow.outbox import facts
from tests.lab.waiting import until
from workers.importer import Importer


@pytest.fixture
def served(store: Store, clock: SetClock, journal: Journal, tmp_path: Path) -> World:
    """A server with ann."""
    config = Config(hostname=Domain.parse("mx.example.org"), data=store.directory, run=tmp_path / "run", user="", postmaster="ann")
    world = World(config, clock, CHANCE, store, Zone(), journal, Bell(store.directory, lambda role: None, journal))
    people.add_domain(world, "example.org", by="a test")
    people.add_account(world, "ann", "ann's password", "Ann", address="ann@example.org", by="a test")
    return world


def test_what_waits_is_done(served: World) -> None:
    """Each once, by whichever thread is free; after stop() nothing is begun."""
    ann = people.get_account(served, "ann").id
    stopping = threading.Event()
    importer = Importer(served, "reporter-0:1:1:x", stopping, lambda work: work.close())
    ids = []
    for number in range(3):
        octets = box(*(letter(10 * number + each) for each in range(10)))
        row = importing.begin_upload(served, ann, f"{number}.mbox", len(octets))
        importing.append(served, ann, row.id, 0, octets)
        ids.append(row.id)
    importer.poke()
    until(lambda: all(importing.one(served, ann, id)[0].state == "done" for id in ids))
    stopping.set()
    importer.stop(5.0)
    assert len(set(contents(served, ann))) == 30
    octets = box(letter(99))
    row = importing.begin_upload(served, ann, "late.mbox", len(octets))
    importing.append(served, ann, row.id, 0, octets)
    assert importing.one(served, ann, row.id)[0].state == "waiting"


def test_a_bug_does_not_end_the_thread(served: World, recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is noted with its module and counted; the next bell is answered."""
    ann = people.get_account(served, "ann").id
    octets = box(letter(1))
    row = importing.begin_upload(served, ann, "one.mbox", len(octets))
    importing.append(served, ann, row.id, 0, octets)
    claim, bugs = importing.claim, iter([KeyError("x")])

    def claiming(world: World, owner: str) -> ImportRow | None:
        for bug in bugs:
            raise bug
        return claim(world, owner)

    monkeypatch.setattr(importing, "claim", claiming)
    stopping = threading.Event()
    importer = Importer(served, "reporter-0:1:1:x", stopping, lambda work: work.close())
    importer.poke()
    until(lambda: bool(facts(recorded, Event.UNEXPECTED)))
    assert facts(recorded, Event.UNEXPECTED)[0]["problem"] == "KeyError('x')"
    importer.poke()
    until(lambda: importing.one(served, ann, row.id)[0].state == "done")
    stopping.set()
    importer.stop(5.0)
