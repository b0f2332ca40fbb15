"""mta.flow.survey: what is said of a machine, by what it and the network are like."""
import asyncio
from collections.abc import Mapping
from dataclasses import replace

import pytest

from mta.base.clock import SetClock
from mta.base.names import Domain, IPAddress, ip_address
from mta.dns.answer import Answer, Outcome, RecordType
from mta.dns.zone import Zone
from mta.flow import survey
from mta.flow.survey import Line, Machine, Plan, find_hostname, find_nat, is_inside
from mta.message.dates import date_text

OURS, THEIRS = ip_address("203.0.113.5"), ip_address("203.0.113.6")
HOST, DOMAIN = Domain("mx.example.org"), Domain("example.org")
WELL = Machine("mx", (OURS,), free=10 * 1024**3, memory=2 * 1024**3, synchronized=True)
PLAN = Plan(DOMAIN, HOST, (25, 443, 1_080), (25, 443), probes=(Domain("far.example"),))
ZONE = """\
example.org SECURE
example.org SOA ns.example.org. root.example.org. 1 3600 600 86400 1
mx.example.org A 203.0.113.5
5.113.0.203.in-addr.arpa PTR mx.example.org.
far.example MX 10 mx.far.example.
mx.far.example A 203.0.113.6
"""


class Names(Zone):
    """A DNS whose root is signed, or not."""

    validates = True

    async def ask(self, name: Domain, kind: RecordType) -> Answer:
        """As the zone, but for the root."""
        if not name.ascii:
            return Answer(name, kind, Outcome.FOUND, (Domain("a.root.example"),), self.validates)
        return await super().ask(name, kind)


class Dialled:
    """A network in which these answer; `asked` are all that were tried."""

    def __init__(self, *answering: tuple[IPAddress, int]) -> None:
        self._answering, self.asked = answering, list[tuple[IPAddress, int]]()

    async def __call__(self, ip: IPAddress, port: int) -> None:
        self.asked.append((ip, port))
        if (ip, port) not in self._answering:
            raise TimeoutError


async def look(machine: Machine, plan: Plan, names: Zone, clock: SetClock, dial: Dialled | None = None, ahead: float | None = 0,
               ) -> list[Line]:
    """The lines; an authority is ahead of our clock by so many seconds, or does not answer."""
    async def date(url: str) -> str:
        assert url == plan.authority
        if ahead is None:
            raise OSError("it is not there")
        return date_text(clock.timestamp() + ahead)

    return await survey.survey(machine, plan, names, clock, dial=dial or Dialled((THEIRS, 25)), date=date)


async def bad(machine: Machine, plan: Plan, names: Zone, clock: SetClock, dial: Dialled | None = None, ahead: float | None = 0,
              ) -> Mapping[str, Line]:
    """Those that are not in order; each has a remedy."""
    lines = [line for line in await look(machine, plan, names, clock, dial, ahead) if not line.well]
    assert all(line.mend for line in lines)
    return {line.about: line for line in lines}


async def test_a_machine_in_order(clock: SetClock) -> None:
    """Everything is well, and one connection was opened for that."""
    dial = Dialled((THEIRS, 25))
    lines = await look(WELL, replace(PLAN, authority="https://acme.example/directory"), Names(ZONE), clock, dial)

    assert [line.about for line in lines if not line.well] == []
    assert [line.about for line in lines] == [
        "addresses", "host name", "reverse DNS", "resolver", "domain", "ports", "port 25", "clock", "mail servers", "disk", "memory"]
    assert dial.asked == [(THEIRS, 25)]


@pytest.mark.parametrize(("change", "about", "what", "mend"), [
    ("mx.example.org A 203.0.113.5=>", "host name", "has no address", "Publish mx.example.org. A 203.0.113.5"),
    ("mx.example.org A 203.0.113.5=>mx.example.org A 127.0.1.1", "host name", "only for itself", "/etc/hosts"),
    ("mx.example.org A 203.0.113.5=>mx.example.org A 198.51.100.1", "host name", "leads to 198.51.100.1", "--hostname"),
    ("mx.example.org A 203.0.113.5=>mx.example.org TIMEOUT", "host name", "does not say where", "Publish"),
    ("5.113.0.203.in-addr.arpa PTR mx.example.org.=>", "reverse DNS", "has no name", "to mx.example.org"),
    ("PTR mx.example.org.=>PTR cheap.example.", "reverse DNS", "cheap.example", "to mx.example.org"),
    ("5.113.0.203.in-addr.arpa PTR mx.example.org.=>5.113.0.203.in-addr.arpa SERVFAIL", "reverse DNS", "SERVFAIL", "PTR"),
    ("example.org SECURE=>", "domain", "not signed", "DNSSEC"),
    ("example.org SOA ns.example.org. root.example.org. 1 3600 600 86400 1=>", "domain", "is not in the DNS", "Register"),
    ("example.org SECURE=>example.org SECURE\nexample.org MX 5 old.example.", "domain", "goes to old.example today", "MX"),
    ("far.example MX 10 mx.far.example.=>", "port 25", "not to be found out", "--probe"),
])
async def test_what_the_dns_lacks(change: str, about: str, what: str, mend: str, clock: SetClock) -> None:
    """Each is said by itself, with what to do."""
    old, _, new = change.partition("=>")
    assert old in ZONE
    found = await bad(WELL, PLAN, Names(ZONE.replace(old, new, 1)), clock)

    assert list(found) == [about]
    assert what in found[about].what
    assert mend in found[about].mend


async def test_a_resolver_that_does_not_validate(clock: SetClock) -> None:
    """It is named, with what to install."""
    names = Names(ZONE)
    names.validates = False

    assert "unbound" in (await bad(WELL, PLAN, names, clock))["resolver"].mend


async def test_a_second_address_that_is_not_published(clock: SetClock) -> None:
    """Mail may go out from it: name and reverse name are both wanted."""
    six = ip_address("2001:db8::5")
    found = await bad(replace(WELL, addresses=(OURS, six)), PLAN, Names(ZONE), clock)

    assert "mx.example.org. AAAA 2001:db8::5" in found["host name"].mend
    assert "2001:db8::5 has no name" in found["reverse DNS"].what


async def test_behind_a_router(clock: SetClock) -> None:
    """The public address stands for the machine's own; without it that is what is missing."""
    inside = replace(WELL, addresses=(ip_address("192.168.1.5"),))

    translated = replace(PLAN, nat_ips=(OURS,))
    assert await bad(inside, translated, Names(ZONE), clock) == {}
    assert (await look(inside, translated, Names(ZONE), clock))[0].what.endswith("it must pass the ports 25, 443 on.")
    assert "--nat-ip" in (await bad(inside, PLAN, Names(ZONE), clock))["addresses"].mend
    assert await find_nat(inside, HOST, Names(ZONE)) == (OURS,)
    assert await find_nat(WELL, HOST, Names(ZONE)) == ()


async def test_port_25_is_blocked(clock: SetClock) -> None:
    """One then sends through another server, which is tried instead if it is named."""
    relay = ip_address("203.0.113.9")
    names = Names(f"{ZONE}smtp.relay.example A {relay}")

    assert "--relay" in (await bad(WELL, PLAN, names, clock, Dialled()))["port 25"].mend
    # A probe that does not answer proves nothing while another one does.
    assert await bad(WELL, replace(PLAN, probes=(Domain("none.example"), Domain("far.example"))), names, clock) == {}
    relayed = replace(PLAN, relay=(Domain("smtp.relay.example"), 587))
    assert await bad(WELL, relayed, names, clock, Dialled((relay, 587))) == {}
    assert "no connection to smtp.relay.example" in (await bad(WELL, relayed, names, clock, Dialled()))["relay"].what


@pytest.mark.parametrize(("ahead", "synchronized", "about"), [
    (7_200.0, True, "clock"), (-7_200.0, True, "clock"), (None, False, "clock"), (None, None, "clock")])
async def test_a_wrong_clock(ahead: float | None, synchronized: bool | None, about: str, clock: SetClock) -> None:
    """By the authority's word, or if nobody knows."""
    plan = replace(PLAN, authority="https://acme.example/directory")
    found = await bad(replace(WELL, synchronized=synchronized), plan, Names(ZONE), clock, ahead=ahead)

    assert about in found
    assert ("authority" in found) == (ahead is None)
    if ahead:
        assert f"7200 seconds {'behind' if ahead > 0 else 'ahead'}" in found["clock"].what


async def test_a_right_clock_that_nothing_keeps(clock: SetClock) -> None:
    """The authority's word counts for more than the kernel's."""
    plan = replace(PLAN, authority="https://acme.example/directory")

    assert await bad(replace(WELL, synchronized=False), plan, Names(ZONE), clock, ahead=3.0) == {}


async def test_a_full_and_busy_machine(clock: SetClock) -> None:
    """Ports, other servers, disk and memory."""
    machine = replace(WELL, ports={25: "exim4", 443: ""}, mail_servers=("exim4", "postfix"), free=100 * 1024**2, memory=200 * 1024**2,
                      closed="/root")
    lines = [line for line in await look(machine, PLAN, Names(ZONE), clock) if not line.well]

    assert [line.about for line in lines] == ["ports", "ports", "mail servers", "mail servers", "disk", "memory", "program"]
    assert "taken by exim4" in lines[0].what
    assert "ss -ltnp sport = :443" in lines[1].mend
    assert "installed and runs" in lines[2].what
    assert "installed." in lines[3].what


async def test_without_authorities(clock: SetClock) -> None:
    """What a minimal Debian has not: without them there are neither certificates nor policies of others."""
    found = await bad(replace(WELL, authorities=0), PLAN, Names(ZONE), clock)

    assert list(found) == ["authorities"]
    assert "apt install ca-certificates" in found["authorities"].mend


async def test_block_lists_are_asked_only_if_named(clock: SetClock) -> None:
    """Nobody else is told of the machine."""
    names = Names(f"{ZONE}5.113.0.203.bl.example A 127.0.0.2\n2.0.0.127.bl.example A 127.0.0.2\n")
    assert not [line for line in await look(WELL, PLAN, names, clock) if line.about == "block lists"]
    assert not [name for name, _ in names.questions if "bl.example" in name]

    found = await bad(WELL, replace(PLAN, blocklists=(Domain("bl.example"),)), names, clock)
    assert "bl.example lists 203.0.113.5" in found["block lists"].what


async def test_a_network_that_is_silent(clock: SetClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The survey ends in its time all the same."""
    class Silent(Names):
        async def ask(self, name: Domain, kind: RecordType) -> Answer:
            await asyncio.Event().wait()
            raise AssertionError

    monkeypatch.setattr(survey, "PATIENCE", 0.01)
    found = await bad(WELL, PLAN, Silent(), clock)
    assert set(found) == {"host name", "reverse DNS", "resolver", "domain", "port 25"}


@pytest.mark.parametrize(("own", "wanted"), [
    ("post.example.net", "post.example.net"), ("mx", "mx.example.org"), ("box.localdomain", "mx.example.org"), ("", "mx.example.org"),
    ("not a name.example", "mx.example.org")])
async def test_the_name_of_the_machine(own: str, wanted: str) -> None:
    """Its own if others can know it, else that of its address, if it is in the domain."""
    assert await find_hostname(replace(WELL, name=own), DOMAIN, Names()) == Domain(wanted)
    assert await find_hostname(replace(WELL, name="x"), DOMAIN, Names("5.113.0.203.in-addr.arpa PTR post.example.org.")) == Domain(
        "post.example.org")


@pytest.mark.parametrize(("ip", "inside"), [
    ("10.1.2.3", True), ("100.64.0.1", True), ("fd00::1", True), ("fe80::1", True), ("203.0.113.5", False), ("2001:db8::5", False)])
def test_inside(ip: str, inside: bool) -> None:
    """What a router hides."""
    assert is_inside(ip_address(ip)) == inside
