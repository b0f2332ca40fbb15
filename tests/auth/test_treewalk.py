"""mta.auth.treewalk: which records are asked for, and what organisation they make."""
import pytest

from mta.auth.treewalk import names, organizational_domain
from mta.base.names import Domain
from mta.dns.zone import Zone

SIMPLE = '_dmarc.example.com TXT "v=DMARC1; p=reject"\n_dmarc.signing.example.com TXT "v=DMARC1; p=reject"\n'
PSD = '_dmarc.bank.example TXT "v=DMARC1; p=none; psd=y"\n_dmarc.giant.bank.example TXT "v=DMARC1; p=none"\n'


@pytest.mark.parametrize(("domain", "walked"), [
    ("com", "com"),
    ("mail.example.com", "mail.example.com example.com com"),
    ("a.b.c.d.e.f.g.com", "a.b.c.d.e.f.g.com b.c.d.e.f.g.com c.d.e.f.g.com d.e.f.g.com e.f.g.com f.g.com g.com com"),
    ("a.b.c.d.e.f.g.h.i.j.mail.example.com", "a.b.c.d.e.f.g.h.i.j.mail.example.com g.h.i.j.mail.example.com h.i.j.mail.example.com "
     "i.j.mail.example.com j.mail.example.com mail.example.com example.com com"),
])
def test_names(domain: str, walked: str) -> None:
    """The example of RFC 9989 §4.10: after the domain itself at most seven labels, one less each time."""
    assert [name.ascii for name in names(Domain(domain))] == walked.split()


@pytest.mark.parametrize(("zone", "domain", "organizational", "last"), [
    (SIMPLE, "signing.example.com", "example.com", "com"),                                      # RFC 9989 §B.4.1
    (SIMPLE, "a.b.c.d.e.f.g.h.i.j.k.example.com", "example.com", "com"),                        # RFC 9989 §B.4.2
    (PSD, "giant.bank.example", "giant.bank.example", "bank.example"),                          # RFC 9989 §B.4.3
    (PSD, "mail.giant.bank.example", "giant.bank.example", "bank.example"),
    (PSD, "mail.mega.bank.example", "mega.bank.example", "bank.example"),
    (PSD, "bank.example", "bank.example", "bank.example"),
    ("", "www.example.com", "www.example.com", "com"),
    ('_dmarc.mail.example.com TXT "v=DMARC1; psd=n"\n' + SIMPLE, "a.mail.example.com", "mail.example.com", "mail.example.com"),
    ('_dmarc.com TXT "v=DMARC1; psd=y"', "a.mail.example.com", "example.com", "com"),
    ('_dmarc.example.com TXT "v=DMARC1; p=none"\n_dmarc.example.com TXT "v=DMARC1; p=none"', "a.example.com", "a.example.com", "com"),
    ('_dmarc.example.com TXT "v=DMARC1; psd=u"\n_dmarc.com TXT "other"', "a.example.com", "example.com", "com"),
    ('_dmarc.example.com TXT "v=DMARC1; psd=y; psd=y"', "a.example.com", "example.com", "com"),
])
async def test_organizational_domain(zone: str, domain: str, organizational: str, last: str) -> None:
    """The examples of RFC 9989 §4.10.2 and its appendix, and where the walk ends."""
    resolver = Zone(zone)

    assert await organizational_domain(Domain(domain), resolver) == Domain(organizational)
    assert resolver.questions[-1] == (f"_dmarc.{last}", "TXT")
    assert len(resolver.questions) == len(set(resolver.questions)) <= 8


async def test_trouble_on_the_way() -> None:
    """Nothing is known of what stands above a name that the DNS does not tell of."""
    assert await organizational_domain(Domain("a.example.com"), Zone(SIMPLE + "_dmarc.com SERVFAIL")) is None


async def test_a_name_too_long_to_ask_for() -> None:
    """With _dmarc in front it would have more than 255 octets: nothing can stand there."""
    long = Domain.parse(".".join(["a" * 49] * 4 + ["b" * 40, "example.com"]))
    resolver = Zone(SIMPLE)

    assert len(long.ascii) == 252
    assert await organizational_domain(long, resolver) == Domain("example.com")
    assert all(len(name) <= 253 for name, _ in resolver.questions)
