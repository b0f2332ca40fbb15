"""mta.flow.certificates: which there should be, how they stand, in words that help."""
from collections.abc import Iterator
from dataclasses import replace

import pytest

from mta.base.clock import SetClock
from mta.base.errors import SetupError
from mta.base.names import ip_address
from mta.config.model import Acme, Config, Listener
from mta.dns.zone import Zone
from mta.flow import certificates, people
from mta.flow.world import World
from mta.store import certificates as standings
from tests.flow.certified import NAMES, Certified
from tests.flow.conftest import BY
from tests.net.authority import FakeAuthority, running

DAY = 86_400.0


@pytest.fixture
def server(served: World, zone: Zone, clock: SetClock) -> Iterator[Certified]:
    """example.org with an authority."""
    authority = FakeAuthority(clock)
    with running(authority):
        yield Certified.of(served, zone, authority)


def test_what_is_wanted(server: Certified) -> None:
    """The host's names twice, once for each key; each domain's by itself; nothing without an authority."""
    people.add_domain(server.world, "bücher.example", by=BY)
    people.set_domain(server.world, "example.org", enabled=False, by=BY)

    assert [(want.label, want.names, want.algorithm) for want in certificates.wanted(server.world)] == [
        ("host-ec", NAMES, "ec"), ("host-rsa", NAMES, "rsa"),
        ("domain-xn--bcher-kva.example", ("mta-sts.xn--bcher-kva.example", "autoconfig.xn--bcher-kva.example"), "ec")]
    server.world.config = replace(server.world.config, acme=Acme())
    assert certificates.wanted(server.world) == []


def test_our_addresses(config: Config) -> None:
    """Those of listeners, those behind a router, and those of the machine where a listener takes all."""
    known = replace(config, listeners=(Listener("a", ("192.0.2.1",), smtp=25), Listener("b", ("10.0.0.1",), ("198.51.100.1",), smtp=25)))
    assert [certificates.is_ours(known, ip_address(ip)) for ip in ("192.0.2.1", "198.51.100.1", "10.0.0.1", "203.0.113.9")] == [
        True, True, True, False]
    every = replace(config, listeners=(Listener("a", ("0.0.0.0",), smtp=25),))
    assert not certificates.is_ours(every, ip_address("203.0.113.9"))
    assert not certificates.is_ours(every, ip_address("127.0.0.1"))
    assert not certificates.is_ours(every, ip_address("2001:db8::1"))


async def test_where_names_lead(server: Certified, zone: Zone) -> None:
    """Each answer of the DNS in words, with what to do about it."""
    zone.add("away.example.org A 203.0.113.9\nsick.example.org SERVFAIL\nboth.example.org A 192.0.2.1\nboth.example.org AAAA 2001:db8::1\n"
             "other.example.org CNAME mx.example.org\n")

    async def said(name: str) -> str:
        return await certificates.misdirected(server.world, f"{name}.example.org")

    assert await said("mx") == ""
    assert await said("other") == ""
    assert await said("none") == "it has no address"
    assert "it leads to 203.0.113.9, which no listener has; change the DNS, or set nat_ips" in await said("away")
    assert "it leads to 2001:db8::1" in await said("both")
    assert (await said("sick")).startswith("the DNS does not tell its addresses")


def test_the_overview_is_quiet_when_all_is_well(server: Certified) -> None:
    """After the first run: five certificates, their ports, when they will be renewed, and no problem."""
    before = certificates.problems(server.world)
    assert certificates.status(server.world)[0].problems == ("There is no certificate from the authority yet",)
    server.renew()
    found = certificates.status(server.world)

    assert before == [], "it has still to come"
    assert [one.label for one in found] == ["host-ec", "host-rsa", "self-signed-ec", "self-signed-rsa", "domain-example.org"]
    assert [one.ports for one in found] == [(25, 465, 443), (25, 465, 443), (), (), (25, 465, 443)]
    assert all(one.renew is not None and one.renew > server.world.clock.timestamp() for one in found)
    assert certificates.problems(server.world) == []


def test_the_end_comes_near(server: Certified, clock: SetClock) -> None:
    """From a fifth of its lifetime, but at most fourteen days before, and when it is over."""
    server.renew()
    facts = server.facts("host-ec")
    server.world.store.write_now(lambda db: standings.change(db, "host-ec", problem="acme:error:caa: CAA forbids", failures=1))

    def danger() -> str:
        return certificates.in_danger(server.world, "host-ec", facts, server.standing("host-ec"), True)

    clock.advance(90 * DAY - 14 * DAY - 1)
    assert danger() == ""
    clock.advance(1)
    assert danger() == "It ends on 2030-04-01 00:00 UTC. The authority says: acme:error:caa: CAA forbids"
    clock.advance(14 * DAY)
    assert danger() == "It ended on 2030-04-01 00:00 UTC. The authority says: acme:error:caa: CAA forbids"
    assert any("host-ec: It ended" in text for text in certificates.problems(server.world))
    short = replace(facts, since=clock.timestamp() - 100, until=clock.timestamp() + 25.1)
    assert certificates.in_danger(server.world, "x", short, server.standing("x"), True) == ""
    short = replace(short, until=clock.timestamp() + 24.9)
    assert "It ends on" in certificates.in_danger(server.world, "x", short, server.standing("x"), True)


def test_three_failures(server: Certified, clock: SetClock) -> None:
    """Two are bad luck."""
    for failures, said in ((2, ""), (3, "3 attempts to get it failed. The authority says: no")):
        server.world.store.write_now(lambda db, n=failures: standings.change(db, "host-ec", failures=n, problem="no"))    # type: ignore[misc]
        assert certificates.in_danger(server.world, "host-ec", None, server.standing("host-ec"), True) == said
    assert certificates.problems(server.world)[0] == "Certificate host-ec: 3 attempts to get it failed. The authority says: no"


def test_names_without_an_address_are_no_problem_of_the_server(server: Certified, zone: Zone) -> None:
    """Who does not publish autoconfig. does not want it; tls status tells it all the same."""
    people.add_domain(server.world, "b.example", by=BY)
    zone.add("autoconfig.b.example A 203.0.113.9\n")
    server.renew()
    told = [problem for one in certificates.status(server.world) for problem in one.problems]
    assert any(problem == "mta-sts.b.example is not in it: it has no address" for problem in told)
    said = certificates.problems(server.world)
    assert not any("no address" in text for text in said)
    assert any("autoconfig.b.example is not in it: it leads to 203.0.113.9" in text for text in said)


def test_asking_again(server: Certified, clock: SetClock) -> None:
    """All, or those that are named, whatever their age; a wrong name and a server without authority are told so."""
    server.renew()
    assert certificates.ask_again(server.world, ("host-rsa",), by=BY) == ["host-rsa"]
    assert [want.label for want in certificates.due(server.world)] == ["host-rsa"]
    assert len(certificates.ask_again(server.world, by=BY)) == 3
    with pytest.raises(SetupError, match=r"there are: host-ec, host-rsa, domain-example\.org"):
        certificates.ask_again(server.world, ("mx",), by=BY)
    server.world.config = replace(server.world.config, acme=Acme())
    with pytest.raises(SetupError, match="set directory of"):
        certificates.ask_again(server.world, by=BY)


def test_localserve_has_nothing_to_say(world: World) -> None:
    """Its certificate is its own affair."""
    world.config = replace(world.config, local=True)
    assert certificates.problems(world) == []
    assert certificates.wanted(world) == []
