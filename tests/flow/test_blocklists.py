"""Tests of mta.flow.blocklists."""
from dataclasses import replace

import pytest

from mta.base.clock import SetClock
from mta.base.events import Event, Recorded
from mta.base.measures import Measure
from mta.base.names import Domain, ip_address
from mta.config.model import Judge, Listener
from mta.dns.answer import RecordType
from mta.dns.zone import Zone
from mta.flow import blocklists
from mta.flow.blocklists import READ_EVERY, Blocklists
from mta.flow.world import World
from mta.judge.dnsbl import Listing
from tests.measured import Measured

BAD, GOOD = ip_address("192.0.2.66"), ip_address("192.0.2.1")
WORKS = "2.0.0.127.{0} A 127.0.0.2\n66.2.0.192.{0} A 127.0.0.4\n"
ONE, TWO = Domain("one.example"), Domain("two.example")


@pytest.fixture
def listed(world: World, zone: Zone) -> World:
    """A server that asks two lists, of which one works."""
    zone.add(WORKS.format(ONE.ascii))
    world.config = replace(world.config, judge=Judge(dnsbl=("one.example", "two.example", "one.example")))
    return world


async def test_only_lists_that_work_are_asked(listed: World, zone: Zone, recorded: Recorded) -> None:
    """Before they were examined none is; then those that passed; the others are on the overview."""
    before = Blocklists(listed)
    assert await before.listings(BAD) == ()
    assert zone.questions == []

    assert await blocklists.watch(listed) == "2 lists, 1 do not work"
    lists = Blocklists(listed)
    assert await lists.listings(BAD) == (Listing(ONE),)
    assert await lists.listings(GOOD) == ()
    assert ("66.2.0.192.two.example", "A") not in zone.questions
    [problem] = blocklists.problems(listed)
    assert problem.startswith("The block list two.example does not work: it does not list 127.0.0.2")
    assert [record.facts["zone"] for record in recorded.records if record.event is Event.DNSBL_TROUBLE] == [TWO]
    assert await before.listings(BAD) == ()    # what was read is believed for a minute


async def test_news_of_health(listed: World, zone: Zone, clock: SetClock, recorded: Recorded) -> None:
    """The same trouble is told once; recovery too, and then it counts again."""
    lists = Blocklists(listed)
    for _ in range(2):
        await blocklists.watch(listed)
    assert recorded.keys().count("dnsbl.trouble") == 1
    zone.add(WORKS.format(TWO.ascii))
    await blocklists.watch(listed)
    clock.advance(READ_EVERY)

    assert recorded.keys().count("dnsbl.well") == 1
    assert await lists.listings(BAD) == (Listing(ONE), Listing(TWO))
    assert blocklists.problems(listed) == []


@pytest.mark.parametrize("trouble", ["TIMEOUT", "A 127.255.255.254", "A 203.0.113.1"])
async def test_a_list_that_falls_ill_between(listed: World, zone: Zone, clock: SetClock, recorded: Recorded, trouble: str) -> None:
    """It blocks nothing, is told of once, and is not asked again before it was examined."""
    await blocklists.watch(listed)
    lists = Blocklists(listed)
    recorded.records.clear()
    zone.add(f"66.2.0.192.one.example {trouble}")
    assert await lists.listings(BAD) == ()
    assert recorded.keys() == ["dnsbl.trouble"]
    asked = len(zone.questions)
    clock.advance(READ_EVERY)
    assert await lists.listings(BAD) == ()
    assert len(zone.questions) == asked
    clock.advance(blocklists.EXAMINED_EVERY)
    await blocklists.watch(listed)
    await lists.listings(GOOD)

    assert ("1.2.0.192.one.example", "A") in zone.questions


async def test_nothing_configured(world: World, zone: Zone) -> None:
    """No list is asked by itself, nothing is written; loopback is no sender."""
    assert await blocklists.watch(world) == "0 lists, 0 do not work"
    assert await Blocklists(world).listings(BAD) == ()
    world.config = replace(world.config, judge=Judge(dnsbl=("one.example",)))
    zone.add(WORKS.format("one.example"))
    await blocklists.watch(world)
    zone.questions.clear()

    assert await Blocklists(world).listings(ip_address("127.0.0.1")) == ()
    assert zone.questions == []


async def test_check(zone: Zone) -> None:
    """What the command line shows of each list."""
    zone.add(WORKS.format("one.example"))

    rows = await blocklists.check((ONE, TWO), BAD, zone)
    assert [(row["works"], row["listed"], row["codes"]) for row in rows] == [(True, True, ["127.0.0.4"]), (False, False, [])]
    assert await blocklists.check((ONE,), None, zone) == [{"zone": "one.example", "works": True, "problem": ""}]


async def test_our_own_addresses(listed: World, zone: Zone, recorded: Recorded) -> None:
    """Those that mail leaves from and are public are looked up on the lists that work; news are told once, and the overview warns."""
    ours, inside = "198.51.100.9", "10.0.0.1"
    public = "8.8.4.4"
    listed.config = replace(listed.config, listeners=(
        Listener("public", ips=(public, inside, "::1"), smtp=25), Listener("web", ips=(ours,), smtp=0)))
    zone.add("4.4.8.8.one.example A 127.0.0.2")
    for _ in range(2):
        await blocklists.watch(listed)

    assert blocklists.standings(listed) == [blocklists.Standing(ONE, ip_address(public), True)]
    assert recorded.keys().count("dnsbl.listed") == 1
    assert any(text.startswith(f"The block list one.example has {public}") for text in blocklists.problems(listed))
    assert ("1.0.0.10.one.example", "A") not in zone.questions
    assert ("9.100.51.198.one.example", "A") not in zone.questions
    assert ("4.4.8.8.two.example", "A") not in zone.questions

    zone.remove("4.4.8.8.one.example", RecordType.A)
    await blocklists.watch(listed)
    assert blocklists.standings(listed) == [blocklists.Standing(ONE, ip_address(public), False)]
    assert recorded.keys().count("dnsbl.unlisted") == 1
    assert not any(public in text for text in blocklists.problems(listed))


async def test_lookups_are_counted(listed: World, zone: Zone) -> None:
    """Each list by its answer, all together in time."""
    zone.add(WORKS.format(TWO.ascii))
    await blocklists.watch(listed)
    heard, lists = Measured(), Blocklists(listed)
    listed.journal.add_meter(heard)
    await lists.listings(BAD)
    zone.add("1.2.0.192.two.example TIMEOUT")
    await lists.listings(GOOD)
    assert heard.labels(Measure.DNSBL_LOOKUPS) == [("listed",), ("listed",), ("clear",), ("trouble",)]
    assert len(heard.labels(Measure.DNSBL_SECONDS)) == 2
