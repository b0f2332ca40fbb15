"""mta.flow.dnscheck.services: the policy, mail programs and certificates."""
from pathlib import Path

import pytest

from mta.dns.answer import RecordType
from mta.dns.zone import Zone
from mta.flow import ownpolicy, people
from mta.flow.dnscheck import Section
from mta.flow.world import World
from mta.net.https import Https
from mta.net.tls import client_context
from mta.store import certificates as standings
from tests.authority import Authority
from tests.flow.dnscheck.conftest import DOMAIN, Checking
from tests.webserver import Webserver, page, serving

NAMES = ("mta-sts.example.org", "autoconfig.example.org", "mx.example.org")


async def met(
    zone: Zone, checking: Checking, tmp_path: Path, answers: dict[str, bytes], names: tuple[str, ...] = NAMES,
) -> dict[str, Section]:
    """What is found if all of our names lead to a web server with these answers."""
    authority = Authority(tmp_path)
    web = Webserver({name: authority.serving(name) for name in names}, answers)
    for kind in (RecordType.A, RecordType.AAAA):
        zone.remove("mx.example.org", kind)
    zone.add("mx.example.org A 127.0.0.1")
    async with serving(web):
        # The port of a test stands for 443 wherever no other is named.
        https = Https(zone, client_context(verify=True, authorities=authority.file), private=True, port=web.port)
        return await checking(https=https)


def policy(world: World) -> bytes:
    """Our policy as a page."""
    text = ownpolicy.page(world, "mta-sts.example.org")
    assert text is not None
    return page(text)


async def test_all_there(sound: World, zone: Zone, checking: Checking, tmp_path: Path) -> None:
    """Policy and settings, over TLS that proves each name."""
    answers = {NAMES[0]: policy(sound), NAMES[1]: page("<clientConfig/>"), NAMES[2]: page("hello")}
    found = await met(zone, checking, tmp_path, answers)
    assert [found[name].verdict for name in ("MTA-STS", "Autoconfig", "Autodiscover")] == ["good"] * 3, found


async def test_names_that_are_not_proven(sound: World, zone: Zone, checking: Checking, tmp_path: Path) -> None:
    """Certificates are lacking, or another server is there; the records are shown again."""
    found = await met(zone, checking, tmp_path, {NAMES[2]: page("hello")}, NAMES[2:])
    assert found["Autodiscover"].verdict == "good"
    assert found["Autoconfig"].verdict == found["MTA-STS"].verdict == "wrong"
    found = await met(zone, checking, tmp_path, {})
    assert "answers 404: is another web server there?" in found["Autoconfig"].errors[0]
    assert found["MTA-STS"].errors
    assert any(line.startswith("_mta-sts.example.org. TXT") for line in found["MTA-STS"].records)


async def test_a_policy_that_is_not_ours(sound: World, zone: Zone, checking: Checking, tmp_path: Path) -> None:
    """An old one in a cache, or another server's."""
    other = page("version: STSv1\r\nmode: testing\r\nmx: *.else.test\r\nmax_age: 604800\r\n")
    found = (await met(zone, checking, tmp_path, {NAMES[0]: other}))["MTA-STS"]
    assert [text for text in found.errors if "another policy than was chosen" in text]
    assert [text for text in found.errors if "mx.example.org takes mail for example.org, and the policy does not name it" in text]


@pytest.mark.parametrize(("change", "says"), [
    ({"mode": "testing"}, "only tested"), ({"max_age": 86_400}, "a day or less")])
async def test_a_weak_policy(sound: World, zone: Zone, checking: Checking, change: dict[str, str], says: str) -> None:
    """It could be better."""
    row = people.set_policy(sound, DOMAIN, by="a test", **change)    # type: ignore[arg-type]  # a table
    chosen = ownpolicy.policy(sound, row)
    assert chosen is not None
    zone.remove("_mta-sts.example.org", RecordType.TXT)
    zone.add(f'_mta-sts.example.org TXT "v=STSv1; id={ownpolicy.record(chosen).id}"')
    found = (await checking())["MTA-STS"]
    assert [text for text in found.warnings if says in text]
    assert not found.errors


async def test_no_policy(sound: World, zone: Zone, checking: Checking) -> None:
    """A record without a policy is wrong; neither could be better."""
    people.set_policy(sound, DOMAIN, mode="off", by="a test")
    assert "none was chosen here" in (await checking())["MTA-STS"].errors[0]
    zone.remove("_mta-sts.example.org", RecordType.TXT)
    assert "has no MTA-STS policy" in (await checking())["MTA-STS"].warnings[0]


async def test_whose_certificates(sound: World, zone: Zone, checking: Checking) -> None:
    """Another account of the same authority is not ours; a record without an account lets in all."""
    directory = sound.config.acme.directory
    sound.store.write_now(lambda db: standings.add_account(db, sound.clock, directory, "keys/acme/a.pem"))
    sound.store.write_now(lambda db: standings.registered(db, directory, "https://le.test/acct/7", "", ""))
    found = (await checking())["Certificate authorities (CAA)"]
    assert "Any account at letsencrypt.org may get certificates" in found.warnings[0]
    assert found.records == ['mx.example.org. CAA 0 issue "letsencrypt.org; accounturi=https://le.test/acct/7"']
    zone.remove("mx.example.org", RecordType.CAA)
    zone.add('mx.example.org CAA 0 issue "letsencrypt.org; accounturi=https://le.test/acct/8"')
    assert "another account" in (await checking())["Certificate authorities (CAA)"].errors[0]
