"""mta.flow.dnscheck.hosts: mail hosts as others meet them."""
from pathlib import Path

import pytest

from mta.base.names import Domain
from mta.dns.answer import RecordType
from mta.dns.zone import Zone
from mta.flow.dnscheck import Section
from mta.flow.world import World
from mta.secure.dane import written
from mta.secure.pkix import Trust
from tests.flow.dnscheck.conftest import Checking
from tests.flow.outbox import quick
from tests.flow.protected import OTHER, OWN, ROOT, context, server
from tests.peers import CLOSE, Server, listening
from tests.secure.chains import Made

GOOD = ROOT.signs("mx.example.org")


async def met(world: World, zone: Zone, checking: Checking, peer: Server, *about: Made) -> dict[str, Section]:
    """What is found if the MX is the peer, which the DNS promises those keys of."""
    quick(world)
    zone.remove("mx.example.org", RecordType.A)
    zone.remove("mx.example.org", RecordType.AAAA)
    zone.add("mx.example.org A 127.0.0.1")
    async with listening(peer):
        for one in about:
            zone.add(f"_{peer.port}._tcp.mx.example.org TLSA {written(one.tlsa(3))}")
        return await checking(trust=Trust([ROOT.certificate]), port=peer.port)


async def test_a_host_that_proves_its_name(sound: World, zone: Zone, checking: Checking, tmp_path: Path) -> None:
    """By an authority; that this began on the same machine is told."""
    found = (await met(sound, zone, checking, server(context(GOOD, tmp_path))))["TLS of the mail hosts"]
    assert found.verdict == "good"
    assert "seen from outside" in found.instructions[0]


@pytest.mark.parametrize(("made", "says"), [(OWN, "does not"), (OTHER, "proves nothing")], ids=["nobody", "elsewhere"])
async def test_a_certificate_that_proves_nothing(
    sound: World, zone: Zone, checking: Checking, tmp_path: Path, made: Made, says: str,
) -> None:
    """Mail comes all the same, unless a policy asks for more."""
    found = (await met(sound, zone, checking, server(context(made, tmp_path))))["TLS of the mail hosts"]
    assert found.verdict == "could be better"
    assert "The certificate of mx.example.org (127.0.0.1) proves nothing" in found.warnings[0]


@pytest.mark.parametrize(("answers", "says"), [
    ({}, "has no TLS: the server does not offer encryption"), ({"BANNER": "554 5.3.2 Go away"}, "does not talk to us: 554"),
    ({"BANNER": CLOSE}, "does not talk to us")], ids=["plain", "unfriendly", "closing"])
async def test_a_host_without_tls(sound: World, zone: Zone, checking: Checking, answers: dict[str, str], says: str) -> None:
    """An error: whatever comes can be read on the way."""
    found = (await met(sound, zone, checking, Server(answers)))["TLS of the mail hosts"]
    assert says in found.errors[0]


async def test_nobody_there(sound: World, zone: Zone, checking: Checking, tmp_path: Path) -> None:
    """What was tried, and where to look."""
    async with listening(Server()) as gone:
        port = gone.port
    quick(sound)
    zone.remove("mx.example.org", RecordType.A)
    zone.remove("mx.example.org", RecordType.AAAA)
    zone.add("mx.example.org A 127.0.0.1")
    found = (await checking(trust=Trust([]), port=port))["TLS of the mail hosts"]
    assert "takes no connection" in found.errors[0]
    assert "firewall" in found.instructions[0]


async def test_keys_that_are_promised(sound: World, zone: Zone, checking: Checking, tmp_path: Path) -> None:
    """What a host shows has to be among its records; those of another port are not looked at."""
    found = (await met(sound, zone, checking, server(context(GOOD, tmp_path)), OTHER))["DANE"]
    assert [text for text in found.errors if "does not show what its TLSA records promise" in text]
    assert [text for text in found.warnings if "about no key of this host" in text]
    found = (await met(sound, zone, checking, server(context(GOOD, tmp_path / "again")), GOOD))["DANE"]
    assert not [text for text in found.errors if "promise" in text]


async def test_another_host_of_a_signed_domain(checking: Checking, zone: Zone) -> None:
    """It should have records too; those that nobody signed or could use count for nothing."""
    zone.add("example.org MX 20 mx2.example.org\nmx2.example.org A 192.0.2.2")
    assert "mx2.example.org has no TLSA record, so nobody can know its keys (DANE)." in (await checking())["DANE"].warnings
    zone.add("_25._tcp.mx2.example.org TLSA 1 1 1 " + "00" * 32)
    assert [text for text in (await checking())["DANE"].warnings if "of mx2.example.org cannot be used" in text]
    zone.add(f"example.org MX 30 mx.b.test\nmx.b.test A 192.0.2.3\n_25._tcp.{Domain('mx.b.test')} TLSA 3 1 1 {'00' * 32}")
    assert "The TLSA records at _25._tcp.mx.b.test are not signed, so they count for nothing." in (await checking())["DANE"].warnings


async def test_addresses_of_ours_and_others(checking: Checking, zone: Zone) -> None:
    """A part of the mail goes elsewhere."""
    zone.add("mx.example.org A 198.51.100.1\nexample.org MX 50 mx9.example.org\nmx9.example.org A 198.51.100.2\n"
             "example.org MX 5 other.example.org\nother.example.org A 192.0.2.1")
    found = (await checking())["MX"]
    assert found.errors == ["The MX host mx.example.org has addresses of this server and others that are not (198.51.100.1)."]
    assert found.warnings[0].startswith("Mail for example.org also goes to mx9.example.org, which is not this server.")
