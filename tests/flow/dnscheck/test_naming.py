"""mta.flow.dnscheck.naming: signatures, name servers, the host's own names."""
from collections.abc import Callable

import pytest

from mta.base.names import IPAddress
from mta.dns.answer import RecordType
from mta.dns.resolver import Resolver
from mta.dns.zone import Zone
from mta.flow import dnscheck, people
from mta.flow.world import World
from tests.flow.dnscheck.conftest import Checking, published

SOA = "\nexample.org. SOA ns1.example.net. a.example.org. {serial} 3600 600 86400 300"


def authorities(world: World, **spoilt: str) -> Callable[[IPAddress], Resolver]:
    """Both name servers with the whole zone, version 7; the second with more besides, or with something else."""
    first = Zone(published(world) + SOA.format(serial=7))
    second = Zone(spoilt.get("only") or published(world) + SOA.format(serial=spoilt.get("serial", "7")))
    if gone := spoilt.get("without", ""):
        first.remove(gone, kind_of(gone))
        second.remove(gone, kind_of(gone))
    second.add(spoilt.get("more", ""))
    known: dict[str, Resolver] = {"192.0.2.53": first, "198.51.100.53": second}
    return lambda ip: known.get(str(ip), Zone("example.org TIMEOUT"))


def kind_of(name: str) -> RecordType:
    """The type that tests take away."""
    return RecordType.TXT if name.startswith("_") else RecordType.MX


async def test_servers_that_agree(sound: World, checking: Checking) -> None:
    """With one another and with the resolver; each is asked itself."""
    assert (await checking(authority=authorities(sound)))["Name servers"].verdict == "good"


@pytest.mark.parametrize(("spoilt", "says", "grave"), [
    ({"serial": "5"}, "ns2.example.net is behind", False),
    ({"more": "example.org MX 5 b.test"}, "do not agree on what is at example.org (MX)", True),
    ({"only": "b.test A 192.0.2.9"}, "ns2.example.net (198.51.100.53) does not know example.org", True),
    ({"only": "example.org TIMEOUT"}, "ns2.example.net does not answer (198.51.100.53: no answer in time)", False),
    ({"without": "_dmarc.example.org"},
     "_dmarc.example.org (TXT) has changed, and resolvers still have what was there before, for up to 300", False)])
async def test_servers_that_do_not(sound: World, checking: Checking, spoilt: dict[str, str], says: str, grave: bool) -> None:
    """Which of them, and about what."""
    found = (await checking(authority=authorities(sound, **spoilt)))["Name servers"]
    assert [text for text in (found.errors if grave else found.warnings) if says in text], found


async def test_servers_that_are_all_away(checking: Checking, zone: Zone) -> None:
    """An error, if not one answers; without an address there is nobody to ask."""
    found = (await checking(authority=lambda ip: Zone("example.org SERVFAIL")))["Name servers"]
    assert "None of the name servers of example.org answers (ns1.example.net, ns2.example.net)." in found.errors
    zone.add("example.org NS ns3.example.net\nns2.example.net TIMEOUT")
    found = (await checking(authority=lambda ip: Zone("example.org SERVFAIL")))["Name servers"]
    assert "The name server ns3.example.net has no address." in found.errors
    assert [text for text in found.unknown if "ns2.example.net" in text]


@pytest.mark.parametrize(("more", "says", "todo"), [
    ("", "vouches for no signature at all", "unbound"), ("org SECURE\norg NS a.test", "example.org is not signed", "DS record")])
async def test_without_signatures(sound: World, more: str, says: str, todo: str) -> None:
    """It is the resolver that vouches for nothing, or the domain that has nothing to vouch for."""
    text = published(sound).replace("example.org. SECURE", more if "SECURE" not in more else "net SECURE")
    found = (await dnscheck.check(sound, people.domain(sound, "example.org"), dnscheck.Means(Zone(text))))[1]
    assert found.name == "DNSSEC"
    assert [text for text in found.warnings if says in text], found
    assert todo in found.instructions[0]


async def test_an_address_that_the_name_does_not_lead_to(checking: Checking, zone: Zone) -> None:
    """A listener has it; who connects from there is somebody else to others."""
    zone.remove("mx.example.org", RecordType.AAAA)
    found = (await checking())["Host and reverse names"]
    assert "This server also has 2001:db8::1, which mx.example.org does not lead to." in found.warnings
    assert "mx.example.org. AAAA 2001:db8::1" in found.records
