"""mta.flow.alarm: what is due is asked for, and trouble is told once a day."""
import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest

from mta.base.clock import SetClock
from mta.base.events import Event, Recorded
from mta.dns.zone import Zone
from mta.flow import alarm, people
from mta.flow.world import World
from mta.store import certificates as standings
from mta.store import mailboxes, messages
from mta.store.connection import Connection
from mta.store.messages import MessageRow
from tests.flow.certified import Certified
from tests.net.authority import FakeAuthority, running

DAY = 86_400.0


@pytest.fixture
def server(served: World, zone: Zone, clock: SetClock) -> Iterator[Certified]:
    """example.org with an authority; ann is the postmaster."""
    authority = FakeAuthority(clock)
    with running(authority):
        yield Certified.of(served, zone, authority)


def letters(world: World) -> list[bytes]:
    """What is in the postmaster's Inbox."""
    account = people.get_account(world, "ann").id

    def question(db: Connection) -> list[MessageRow]:
        inbox = mailboxes.by_role(db, account, "inbox")
        assert inbox is not None
        return messages.page(db, inbox.id)
    return [messages.content(world.store, row) for row in world.store.read(question)]


async def test_what_is_due_is_asked_for(server: Certified) -> None:
    """By starting the process that does it, if there is one to start."""
    started: list[str] = []
    assert await alarm.watch(server.world) == "3 certificates are due, 0 in danger"
    server.world.certify = lambda: started.append("once")
    await alarm.watch(server.world)
    assert started == ["once"]


async def test_nothing_is_started_for_nothing(server: Certified, clock: SetClock) -> None:
    """All is there, and the authority was asked lately when it wants what renewed."""
    await asyncio.to_thread(server.renew)
    await asyncio.to_thread(server.renew)
    started: list[str] = []
    server.world.certify = lambda: started.append("once")
    assert await alarm.watch(server.world) == "0 certificates are due, 0 in danger"
    assert started == []
    clock.advance(22_000)
    await alarm.watch(server.world)
    assert started == ["once"]


def test_the_postmaster_is_told_once_a_day(server: Certified, clock: SetClock, recorded: Recorded) -> None:
    """All of a day's trouble in one letter, in the authority's words; events for each; silence when it is well."""
    for label in ("host-ec", "host-rsa"):
        server.world.store.write_now(lambda db, label=label: standings.change(    # type: ignore[misc]
            db, label, failures=3, problem="urn:ietf:params:acme:error:caa: CAA forbids issuance"))
    assert alarm.alarm(server.world) == 2
    assert alarm.alarm(server.world) == 0
    [letter] = letters(server.world)
    assert letter.count(b"urn:ietf:params:acme:error:caa: CAA forbids issuance") == 2
    assert b"2 of this server's certificates are in danger" in letter
    assert b"Subject: The certificates of mx.example.org need you\r\n" in letter
    told = [record for record in recorded.records if record.event is Event.CERTIFICATE_ALARM]
    assert [record.facts["certificate"] for record in told] == ["host-ec", "host-rsa"]
    assert told[0].event.level == "error"
    clock.advance(DAY)
    assert alarm.alarm(server.world) == 2
    server.renew()
    clock.advance(DAY)
    assert alarm.alarm(server.world) == 0
    assert len(letters(server.world)) == 2


def test_without_a_postmaster_the_event_stays(server: Certified, recorded: Recorded) -> None:
    """The overview says that there is none."""
    server.world.config = replace(server.world.config, postmaster="nobody")
    server.world.store.write_now(lambda db: standings.change(db, "host-ec", failures=5, problem="no"))
    assert alarm.alarm(server.world) == 1
    assert "certificate.alarm" in recorded.keys()    # noqa: SIM118  # Recorded is no mapping


async def test_localserve_is_left_alone(served: World) -> None:
    """Nobody outside sees its certificate."""
    served.config = replace(served.config, local=True)
    assert "this machine alone" in await alarm.watch(served)
