"""mta.flow.nightly: the postmaster hears of changes, and of nothing else."""
from dataclasses import replace

from mta.base.clock import SetClock
from mta.dns.answer import RecordType
from mta.dns.zone import Zone
from mta.flow import nightly, people
from mta.flow.dnscheck import Means
from mta.flow.world import World
from mta.store import dnschecks
from tests.flow.test_alarm import letters

DAY = 86_400.0


async def night(world: World, clock: SetClock, zone: Zone) -> str:
    """The next one."""
    clock.advance(DAY)
    return await nightly.run(world, Means(zone))


async def test_only_changes_are_told(served: World, zone: Zone, clock: SetClock) -> None:
    """Not the first look, not the same again, not what was unknown; what came, what went, and the record that mends it."""
    assert await night(served, clock, zone) == "1 domains, 0 changed"
    assert await night(served, clock, zone) == "1 domains, 0 changed"
    assert letters(served) == []
    assert "things are wrong with the DNS of example.org since 2030-01-02" in nightly.problems(served)[0]

    zone.add("example.org MX 10 mx.example.org\nmx.example.org A 192.0.2.1")
    assert await night(served, clock, zone) == "1 domains, 1 changed"
    text, = letters(served)
    assert b"Subject: The DNS of your domains has changed" in text
    assert b"No longer:" in text
    assert b"MX: example.org has no MX record" in text


async def test_what_is_unknown_is_no_news(served: World, zone: Zone, clock: SetClock) -> None:
    """It stays as it was known last, until more is known: neither mended nor, when the DNS is back, new."""
    await night(served, clock, zone)
    silent = Zone("example.org TIMEOUT\nmx.example.org TIMEOUT\n_dmarc.example.org TIMEOUT\n_smtp._tls.example.org TIMEOUT")
    before = nightly.problems(served)
    for dns in (silent, zone, silent, zone):
        await night(served, clock, dns)
    assert [text for text in letters(served) if b"DMARC record" in text or b"no MX" in text] == []
    assert nightly.problems(served) == before


async def test_what_is_new(served: World, zone: Zone, clock: SetClock) -> None:
    """With the record as it should be."""
    zone.add('_dmarc.example.org TXT "v=DMARC1; p=reject; rua=mailto:dmarc-reports@example.org"')
    await night(served, clock, zone)
    zone.remove("_dmarc.example.org", RecordType.TXT)
    assert await night(served, clock, zone) == "1 domains, 1 changed"
    text = letters(served)[0].replace(b"=\r\n", b"").replace(b"=3D", b"=")
    assert b"DMARC: example.org has no DMARC record" in text
    assert b'_dmarc.example.org. TXT "v=DMARC1; p=none; rua=mailto:dmarc-reports@example.org"' in text


async def test_domains_that_are_not_looked_at(served: World, zone: Zone, clock: SetClock) -> None:
    """Those switched off; and those of a server for its own machine."""
    people.set_domain(served, "example.org", enabled=False, by="a test")
    assert await night(served, clock, zone) == "no domains"
    assert nightly.problems(served) == []
    served.config = replace(served.config, local=True)
    assert "this machine alone" in await nightly.run(served)


async def test_without_a_postmaster(served: World, zone: Zone, clock: SetClock) -> None:
    """There is nobody to tell, which the overview says."""
    served.config = replace(served.config, postmaster="nobody")
    await night(served, clock, zone)
    zone.add("example.org MX 10 mx.example.org")
    assert await night(served, clock, zone) == "1 domains, 1 changed"


async def test_a_check_that_somebody_asks_for(served: World, zone: Zone, clock: SetClock) -> None:
    """It is kept, and writes no mail; with all means of a server, for nothing is named that could be asked."""
    row = people.domain(served, "example.org")
    found = await nightly.check(served, row)
    kept = served.store.read(lambda db: dnschecks.latest(db, row.id))
    assert kept is not None
    assert kept.sections == [one.as_row() for one in found]
    assert kept.errors == sum(len(one.errors) for one in found) > 0
    assert letters(served) == []


def test_when(served: World, clock: SetClock) -> None:
    """At half past three, today or tomorrow."""
    start = clock.timestamp() // DAY * DAY
    assert nightly.following(served) == start + 12_600
    clock.advance(12_601)
    assert nightly.following(served) == start + DAY + 12_600
