"""mta.flow.dnscheck.internetnl: the score to expect."""
from mta.dns.answer import RecordType
from mta.dns.zone import Zone
from mta.flow.dnscheck import Section
from mta.flow.dnscheck.internetnl import TESTS, expected, score
from mta.flow.world import World
from mta.secure.pkix import Trust
from tests.flow.dnscheck.conftest import Checking
from tests.flow.dnscheck.test_naming import authorities


def results(found: dict[str, Section]) -> dict[str, bool | None]:
    """What became of each sub-test, by its key."""
    tested = expected(one.as_row() for one in found.values())
    return {key: one.passed for (_, key, _), one in zip(TESTS, tested, strict=True)}


async def test_of_a_sound_domain(sound: World, checking: Checking, zone: Zone) -> None:
    """All that is in the DNS passes; what was not connected to, and the routes, are not known."""
    zone.add("ns2.example.net AAAA 2001:db8::54")
    found = await checking(authority=authorities(sound))
    told = results(found)
    assert {key for key, passed in told.items() if passed is None} == {
        "", "hosts_ipv6_reached", "starttls", "tls_version", "tls_cipher", "certificate", "dane_valid"}
    assert {key for key, passed in told.items() if passed is False} == set()
    assert score(expected(one.as_row() for one in found.values())) == 100


async def test_what_lacks(sound: World, checking: Checking, zone: Zone) -> None:
    """Each by its own line."""
    zone.remove("_dmarc.example.org", RecordType.TXT)
    zone.add('_dmarc.example.org TXT "v=DMARC1; p=none"')
    zone.remove("mx.example.org", RecordType.AAAA)
    zone.remove("_25._tcp.mx.example.org", RecordType.TLSA)
    zone.remove("mx.example.org", RecordType.CAA)
    told = results(await checking(authority=authorities(sound)))
    assert {key for key, passed in told.items() if passed is False} == {
        "dmarc_policy", "hosts_ipv6", "dane", "dane_rollover", "caa", "name_servers_ipv6"}


def test_the_score() -> None:
    """Parts count alike, and only who passes everything has 100."""
    assert score(expected([])) is None
    assert score(expected([{"tests": {"dmarc": True, "spf": False}}, {"tests": {"dnssec_domain": True}}])) == 75
    every = {key: True for _, key, _ in TESTS if key}
    assert score(expected([{"tests": every}])) == 100
    assert score(expected([{"tests": {**every, "dane_rollover": False}}])) == 96
    assert Trust([]).size == 0
