"""mta.flow.published: what a domain brings along."""
import pytest

from mta.dns.zone import Zone
from mta.flow import people, published
from mta.flow.published import There
from mta.flow.world import World

DOMAIN = "example.org"


def test_long_texts_are_cut() -> None:
    """A string of a TXT record has at most 255 octets (RFC 1035 §3.3.14); what would end it is escaped."""
    assert published.quoted("a" * 300) == f'"{"a" * 255}" "{"a" * 45}"'
    assert published.quoted("short") == '"short"'
    assert published.quoted("") == '""'
    assert published.quoted('a"b\\c\xe9\x00') == '"a\\"b\\\\c\\233\\000"'
    assert published.quoted('"' * 256) == f'"{chr(92) + chr(34)}{(chr(92) + chr(34)) * 254}" "{chr(92) + chr(34)}"'


async def test_what_is_there(served: World, zone: Zone) -> None:
    """Each record that counts; two DMARC records are none; DNSSEC vouches or not."""
    zone.add("example.org TXT \"v=spf1 a -all\"\nexample.org TXT \"something else\"\n_dmarc.example.org TXT \"v=DMARC1; p=none\"\n"
             "_smtp._tls.example.org TXT \"v=TLSRPTv1; rua=mailto:a@b.test\"\nmx.example.org A 192.0.2.1\nmx.example.org SECURE")
    found = await published.look(served, people.domain(served, DOMAIN))
    assert found == There(("v=spf1 a -all",), "v=DMARC1; p=none", "v=TLSRPTv1; rua=mailto:a@b.test", "", True, True, True)
    zone.add("_dmarc.example.org TXT \"v=DMARC1; p=reject\"")
    assert (await published.look(served, people.domain(served, DOMAIN))).dmarc == ""


@pytest.mark.parametrize(("text", "mailed"), [
    ("", False), ("example.org MX 10 mx.example.org", False), ("example.org MX 0 .", False), ("example.org MX 10 mx.else.example", True),
    ('example.org TXT "v=spf1 -all"', False), ('example.org TXT "v=spf1 mx -all"', False),
    ('example.org TXT "v=spf1 include:else.example -all"', True), ('_dmarc.example.org TXT "v=DMARC1; p=none"', True),
    ("example.org A 192.0.2.80", False)])
async def test_whether_it_had_mail(served: World, zone: Zone, text: str, mailed: bool) -> None:
    """As its DNS is at the first look; what comes later was brought by us."""
    zone.add(text)
    assert (await published.look(served, people.domain(served, DOMAIN))).mailed is mailed
    assert people.domain(served, DOMAIN).had_mail is mailed
    zone.add('_dmarc.example.org TXT "v=DMARC1; p=reject"\nexample.org MX 20 other.example')
    assert (await published.look(served, people.domain(served, DOMAIN))).mailed is mailed


async def test_a_dns_that_does_not_answer(served: World, zone: Zone) -> None:
    """Nothing is known then, and nothing is remembered."""
    zone.add("example.org SERVFAIL\nmx.example.org TIMEOUT\n_dmarc.example.org BOGUS")
    assert await published.look(served, people.domain(served, DOMAIN)) == There()
    assert people.domain(served, DOMAIN).had_mail is None
