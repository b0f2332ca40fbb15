"""mta.flow.dnscheck: all parts together."""
import asyncio
from typing import Final

import pytest

from mta.base.names import Domain
from mta.dns.answer import Answer, RecordType
from mta.dns.zone import Zone
from mta.flow import dnscheck, people, reportaddresses
from mta.flow.dnscheck import Means
from mta.flow.world import World
from tests.flow.dnscheck.conftest import DOMAIN, Checking, published

SECTIONS: Final = [
    "Name servers", "DNSSEC", "Host and reverse names", "MX", "TLS of the mail hosts", "DANE", "SPF", "DKIM", "DMARC",
    "TLS reports about the domain", "TLS reports about the host", "MTA-STS", "Services (SRV)", "Autoconfig", "Autodiscover",
    "Certificate authorities (CAA)"]


async def test_what_we_print_is_what_we_want(checking: Checking) -> None:
    """A DNS with the records that are suggested, and nothing else, has nothing wrong with it."""
    found = await checking()
    assert list(found) == SECTIONS
    assert {name: (one.errors, one.warnings, one.unknown) for name, one in found.items() if one.verdict != "good"} == {}


#: (what is taken away, NAME TYPE; what is put there; the section that tells; what it says; a record that it shows)
BROKEN: Final = [
    ("example.org NS", "", "Name servers", "No name servers"),
    ("example.org NS", "example.org NS ns1.example.net", "Name servers", "a single"),
    ("example.org MX", "", "MX", "no MX record"), ("example.org MX", "example.org MX 0 .", "MX", "null MX"),
    ("example.org MX", "example.org MX 5 mx.else.test\nmx.else.test A 198.51.100.1", "MX", "goes to mx.else.test, not to this server"),
    ("", "example.org MX 20 mx.else.test\nmx.else.test A 198.51.100.1\nexample.org MX 30 gone.test", "MX", "gone.test has no address"),
    ("example.org MX", "example.org MX 5 alias.example.org\nalias.example.org CNAME mx.example.org", "MX", "is an alias"),
    ("mx.example.org A", "mx.example.org A 198.51.100.7", "Host and reverse names", "198.51.100.7, which no listener"),
    ("mx.example.org AAAA", "", "Host and reverse names", "no IPv6 address"),
    ("mx.example.org A", "mx.example.org A 127.0.1.1", "Host and reverse names", "every machine itself"),
    ("1.2.0.192.in-addr.arpa PTR", "", "Host and reverse names", "192.0.2.1 has no reverse name"),
    ("1.2.0.192.in-addr.arpa PTR", "1.2.0.192.in-addr.arpa PTR host.isp.test", "Host and reverse names", "is host.isp.test, not mx"),
    ("", "1.2.0.192.in-addr.arpa PTR b.test", "Host and reverse names", "2 reverse names"),
    ("_25._tcp.mx.example.org TLSA", "", "DANE", "not in the DNS"),
    ("", "_25._tcp.mx.example.org TLSA 3 1 1 " + "00" * 32, "DANE", "about no key of this host"),
    ("_25._tcp.mx.example.org TLSA", "_25._tcp.mx.example.org TLSA 3 1 1 " + "00" * 32, "DANE", "2 of the keys of this host are not among"),
    ("example.org TXT", "", "SPF", "has no SPF record"), ("", 'example.org TXT "v=spf1 a -all"', "SPF", "has 2 SPF records"),
    ("example.org TXT", 'example.org TXT "v=spf1 ip4:198.51.100.9 -all"', "SPF", "does not let 192.0.2.1 send"),
    ("example.org TXT", 'example.org TXT "v=spf1 mx +all"', "SPF", "everybody may send"),
    ("example.org TXT", 'example.org TXT "v=spf1 mx"', "SPF", "says nothing about other servers"),
    ("example.org TXT", 'example.org TXT "v=spf1 mx ipv4:x -all"', "SPF", "counts for nothing"),
    ("mx.example.org TXT", "", "SPF", "mx.example.org, the name of this host, has no SPF record"),
    ("_dmarc.example.org TXT", "", "DMARC", "no DMARC record"),
    ("_dmarc.example.org TXT", '_dmarc.example.org TXT "v=DMARC1; p=none; rua=mailto:dmarc-reports@example.org"', "DMARC", "p=none"),
    ("_dmarc.example.org TXT", '_dmarc.example.org TXT "v=DMARC1; p=reject; sp=none; rua=mailto:dmarc-reports@example.org"',
     "DMARC", "sp=none"),
    ("_dmarc.example.org TXT", '_dmarc.example.org TXT "v=DMARC1; p=reject"', "DMARC", "asks for no reports"),
    ("_dmarc.example.org TXT", '_dmarc.example.org TXT "v=DMARC1; p=reject; rua=mailto:x@example.org"', "DMARC", "does not name it"),
    ("_dmarc.example.org TXT", '_dmarc.example.org TXT "v=DMARC1; p=reject; t=y; rua=mailto:dmarc-reports@example.org"', "DMARC", "t=y"),
    ("", '_dmarc.example.org TXT "v=DMARC1; p=none"', "DMARC", "has 2 DMARC records"),
    ("", "", "", ""),
    ("_smtp._tls.example.org TXT", "", "TLS reports about the domain", "asks for no reports about TLS"),
    ("_smtp._tls.example.org TXT", '_smtp._tls.example.org TXT "v=TLSRPTv1; rua=mailto:x@b.test"', "TLS reports about the domain",
     "not sent to tls-reports@example.org"),
    ("_smtp._tls.mx.example.org TXT", "", "TLS reports about the host", "asks for no reports about TLS"),
    ("_mta-sts.example.org TXT", "", "MTA-STS", "no usable record"),
    ("_mta-sts.example.org TXT", '_mta-sts.example.org TXT "v=STSv1; id=1"', "MTA-STS", "has changed since"),
    ("_submissions._tcp.example.org SRV", "", "Services (SRV)", "is missing"),
    ("_submissions._tcp.example.org SRV", "_submissions._tcp.example.org SRV 0 1 465 b.test", "Services (SRV)", "0 1 465 b.test"),
    ("_imaps._tcp.example.org SRV", "_imaps._tcp.example.org SRV 0 1 993 mx.example.org", "Services (SRV)", "no such service here"),
    ("", "_submission._tcp.example.org SRV 0 1 587 b.test", "Services (SRV)", "has 2 records"),
    ("autoconfig.example.org CNAME", "", "Autoconfig", "is missing"),
    ("autoconfig.example.org CNAME", "autoconfig.example.org A 198.51.100.80", "Autoconfig", "leads to 198.51.100.80"),
    ("_autodiscover._tcp.example.org SRV", "", "Autodiscover", "is missing"),
    ("_autodiscover._tcp.example.org SRV", "_autodiscover._tcp.example.org SRV 0 1 444 mx.example.org", "Autodiscover", "port 443"),
    ("mx.example.org CAA", "", "Certificate authorities (CAA)", "Every authority"),
    ("mx.example.org CAA", 'mx.example.org CAA 0 issue "other.test"', "Certificate authorities (CAA)", "do not let letsencrypt.org"),
]


@pytest.mark.parametrize(("gone", "put", "section", "says"), BROKEN, ids=[f"{number}" for number in range(len(BROKEN))])
async def test_each_broken_record_is_named(checking: Checking, zone: Zone, gone: str, put: str, section: str, says: str) -> None:
    """In the section that it belongs to, in words; what is missing is shown as it should be."""
    if gone:
        name, kind = gone.split()
        zone.remove(name, RecordType[kind])
    zone.add(put)
    found = await checking()
    if not section:
        assert all(one.verdict == "good" for one in found.values())
        return
    told = [*found[section].errors, *found[section].warnings]
    assert [text for text in told if says in text], told
    if gone and not put and not gone.endswith((" NS", " PTR")):
        assert [line for line in found[section].records if line.startswith(gone.replace(" ", ". ", 1))]


@pytest.mark.parametrize("trouble", ["TIMEOUT", "SERVFAIL", "BOGUS"])
async def test_a_dns_in_trouble_is_a_finding(checking: Checking, zone: Zone, trouble: str) -> None:
    """Whatever is asked for and does not answer, nothing is raised, and nothing is called wrong that is only unknown."""
    names = sorted({name for name, _ in zone.questions} | {
        "example.org", "mx.example.org", "_dmarc.example.org", "_smtp._tls.example.org", "_smtp._tls.mx.example.org",
        "_mta-sts.example.org", "autoconfig.example.org", "_autodiscover._tcp.example.org", "_imaps._tcp.example.org",
        "_25._tcp.mx.example.org", "1.2.0.192.in-addr.arpa", "ns1.example.net"})
    zone.add("\n".join(f"{name} {trouble}" for name in names))
    found = await checking()
    assert list(found) == SECTIONS
    wrong = {name: one.errors for name, one in found.items() if one.errors}
    assert list(wrong) == (["DNSSEC"] if trouble == "BOGUS" else [])
    assert [one for one in found.values() if one.unknown]


class Mute:
    """A resolver that never answers about some names."""

    def __init__(self, zone: Zone, *names: str) -> None:
        self.zone, self.names = zone, names

    async def ask(self, name: Domain, kind: RecordType) -> Answer:
        if name.ascii in self.names:
            await asyncio.Event().wait()
        return await self.zone.ask(name, kind)


@pytest.mark.parametrize(("name", "late"), [("_25._tcp.mx.example.org", ["DANE"]), ("mx.example.org", None)])
async def test_it_ends_in_time(sound: World, zone: Zone, name: str, late: list[str] | None) -> None:
    """What is known by then is told, of the rest that it is not known; no question is left behind."""
    means = Means(Mute(zone, name))
    found = await dnscheck.check(sound, people.domain(sound, DOMAIN), means, 0.4)
    assert [one.name for one in found] == SECTIONS
    slow = [one.name for one in found if any("longer than" in text for text in one.unknown)]
    assert slow == late if late else "SPF" in slow
    assert len(asyncio.all_tasks()) == 1


async def test_a_domain_with_nothing_but_reports(sound: World, zone: Zone) -> None:
    """Its mail is none of our business; whether the address's domain agrees is."""
    people.add_domain(sound, "far.test", by="a test")
    reportaddresses.set_for_domain(sound, "far.test", dmarc="reports@example.org", tls="", by="a test")
    zone.add('far.test NS ns1.example.net\nfar.test NS ns2.example.net\n'
             '_dmarc.far.test TXT "v=DMARC1; p=reject; rua=mailto:reports@example.org"')
    found = {one.name: one for one in await dnscheck.check(sound, people.domain(sound, "far.test"), Means(zone))}
    assert list(found) == ["Name servers", "DMARC", "TLS reports about the domain"]
    assert [text for text in found["DMARC"].errors if "does not agree" in text]
    assert found["DMARC"].records == ['far.test._report._dmarc.example.org. TXT "v=DMARC1;"']
    zone.add('far.test._report._dmarc.example.org TXT "v=DMARC1;"')
    found = {one.name: one for one in await dnscheck.check(sound, people.domain(sound, "far.test"), Means(zone))}
    assert found["DMARC"].verdict == "good"


def test_the_zone_has_no_doubles(sound: World) -> None:
    """The zone of these tests is what is printed: each line once."""
    lines = published(sound).splitlines()
    assert len(lines) == len(set(lines))
