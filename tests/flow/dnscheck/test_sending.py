"""mta.flow.dnscheck.sending: keys, and what the zone says of them."""
from collections.abc import Callable
from dataclasses import replace

import pytest

from mta.config.model import Route, Transport
from mta.dns.answer import RecordType
from mta.dns.zone import Zone
from mta.flow import people
from mta.flow.world import World
from tests.flow.dnscheck.conftest import DOMAIN, Checking


def place(world: World, algorithm: str) -> tuple[str, str, str]:
    """Selector, name and text of the record of one of the domain's keys."""
    row = people.domain(world, DOMAIN)
    key = next(one for one in row.dkim if one.algorithm == algorithm)
    name, text = people.dkim_record(row, key)
    return key.selector, name.ascii, text


@pytest.mark.parametrize(("algorithm", "says", "grave"), [("rsa", "the signatures of your mail count for nothing", True),
                                                          ("ed25519", "publish its record before it is used", False)])
async def test_a_key_that_is_missing(sound: World, zone: Zone, checking: Checking, algorithm: str, says: str, grave: bool) -> None:
    """Grave if mail is signed with it."""
    _, name, _ = place(sound, algorithm)
    zone.remove(name, RecordType.TXT)
    found = (await checking())["DKIM"]
    assert says in (found.errors if grave else found.warnings)[0]
    assert found.records[0].startswith(f"{name}. TXT ")


@pytest.mark.parametrize(("change", "says"), [
    (lambda text, other: other, "another key"), (lambda text, other: text.replace("p=", "p=!"), "cannot be used: p= is not base64"),
    (lambda text, other: text.split("p=")[0] + "p=", "has been revoked"),
    (lambda text, other: text.replace("v=DKIM1", "v=DKIM1; t=y"), "t=y")],
    ids=["other", "broken", "revoked", "tested"])
async def test_a_record_that_is_wrong(
    sound: World, zone: Zone, checking: Checking, change: Callable[[str, str], str], says: str,
) -> None:
    """Ours is compared with what is there, however it is written."""
    _, name, text = place(sound, "rsa")
    zone.remove(name, RecordType.TXT)
    new = change(text, place(sound, "ed25519")[2])
    zone.add(" ".join([name, "TXT", *(f'"{new[at:at + 200]}"' for at in range(0, len(new), 200))]))
    found = (await checking())["DKIM"]
    assert [one for one in [*found.errors, *found.warnings] if says in one], found


async def test_keys_in_use(sound: World, checking: Checking) -> None:
    """None at all is wrong, Ed25519 alone could be better."""
    rsa, ed25519 = place(sound, "rsa")[0], place(sound, "ed25519")[0]
    people.set_signing(sound, DOMAIN, rsa, False, by="a test")
    assert "is not signed" in (await checking())["DKIM"].errors[0]
    people.set_signing(sound, DOMAIN, ed25519, True, by="a test")
    assert "many receivers do not know" in (await checking())["DKIM"].warnings[0]


async def test_a_policy_from_above(sound: World, zone: Zone, checking: Checking) -> None:
    """The organisation's record counts for a domain without one, and is named."""
    zone.remove("_dmarc.example.org", RecordType.TXT)
    zone.add('_dmarc.org TXT "v=DMARC1; p=reject; psd=y; rua=mailto:a@org.test"')
    found = (await checking())["DMARC"]
    assert [text for text in found.warnings if "that of org counts" in text]


@pytest.mark.parametrize(("spf", "wrong"), [
    ("v=spf1 mx include:relay.example -all", False), ("v=spf1 mx ip4:203.0.113.9 -all", False), ("v=spf1 mx -all", True)])
async def test_a_relay_that_may_not_send(sound: World, zone: Zone, checking: Checking, spf: str, wrong: bool) -> None:
    """It has to be named somehow; how, whoever runs it knows."""
    sound.config = replace(sound.config, transports=(Transport("relay", "smtp.relay.example"),), routes=(Route(transport="relay"),))
    zone.add('smtp.relay.example A 203.0.113.9\nrelay.example TXT "v=spf1 ip4:203.0.113.9 -all"')
    zone.remove("example.org", RecordType.TXT)
    zone.add(f'example.org TXT "{spf}"')
    found = (await checking())["SPF"]
    assert ["goes out through smtp.relay.example" in one for one in found.errors] == [True] * wrong
    assert not wrong or found.records == ['example.org. TXT "v=spf1 include:relay.example mx -all"']
