"""What the mail test of internet.nl, which many look at, would say of a domain: its sub-tests, as far as they can be known here.

The list is that of its pages for the test of an e-mail address: IPv6, DNSSEC, DMARC with
DKIM and SPF, STARTTLS and DANE, and RPKI.  The last is about the routes to the servers,
which nothing here can see.  The score is about the one to expect: the parts count alike.
"""
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

IPV6, DNSSEC, MARKS, TLS, ROUTES = "IPv6", "DNSSEC", "DMARC, DKIM and SPF", "STARTTLS and DANE", "RPKI"
#: Part, fact of a section (Section.tests), and what it is about in words; what has no fact cannot be known here.
TESTS: Final = (
    (IPV6, "name_servers_ipv6", "two name servers have IPv6 addresses"), (IPV6, "hosts_ipv6", "the mail hosts have IPv6 addresses"),
    (IPV6, "hosts_ipv6_reached", "the mail hosts answer over IPv6"),
    (DNSSEC, "dnssec_domain", "the domain is signed"), (DNSSEC, "dnssec_host", "the names of the mail hosts are signed"),
    (MARKS, "dmarc", "there is a DMARC record"), (MARKS, "dmarc_policy", "its policy is quarantine or reject"),
    (MARKS, "dkim", "there is a DKIM key"), (MARKS, "spf", "there is one SPF record"), (MARKS, "spf_policy", "it ends in -all or ~all"),
    (TLS, "starttls", "the mail hosts offer STARTTLS"), (TLS, "tls_version", "the version of TLS is 1.2 or 1.3"),
    (TLS, "tls_cipher", "the cipher is a good one"), (TLS, "certificate", "the certificate is for the name, from a known authority"),
    (TLS, "caa", "CAA records say who may issue certificates"), (TLS, "dane", "there are signed TLSA records"),
    (TLS, "dane_valid", "they fit the certificate"), (TLS, "dane_rollover", "there are two, so that keys can change"),
    (ROUTES, "", "the routes to name servers and mail hosts are signed"))


@dataclass(frozen=True, slots=True)
class Tested:
    """One sub-test; passed is None if that is not known."""

    part: str
    about: str
    passed: bool | None


def expected(sections: Iterable[Mapping[str, Any]]) -> list[Tested]:
    """Every sub-test, from sections as they are kept (Section.as_row)."""
    known: dict[str, bool] = {}
    for section in sections:
        known |= section.get("tests", {})
    return [Tested(part, about, known.get(fact)) for part, fact, about in TESTS]


def score(tests: Iterable[Tested]) -> int | None:
    """The percentage to expect, of the parts of which something is known; None if nothing is."""
    parts: dict[str, list[bool]] = {}
    for one in tests:
        if one.passed is not None:
            parts.setdefault(one.part, []).append(one.passed)
    shares = [sum(results) / len(results) for results in parts.values()]
    # Only who passes everything has all; a nearly is not rounded up.
    return int(100 * sum(shares) / len(shares)) if shares else None
