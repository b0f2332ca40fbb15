"""mta.secure.tlsrpt: who wants reports about TLS."""
import pytest

from mta.base.limits import LIMITS
from mta.base.names import Address, Domain
from mta.dns.zone import Zone
from mta.message.reporturi import ReportUri
from mta.secure.tlsrpt import Found, TlsrptRecord, lookup, parse_record

MAIL = ReportUri("mailto:tls@example.org", Address("tls", Domain("example.org")))
POST = ReportUri("https://example.org/v1/tls")


@pytest.mark.parametrize(("text", "rua"), [
    ("v=TLSRPTv1;rua=mailto:tls@example.org", (MAIL,)), ("v=TLSRPTv1; rua=mailto:tls@example.org ;", (MAIL,)),
    ("v=TLSRPTv1 ;\trua=https://example.org/v1/tls , mailto:tls@example.org", (POST, MAIL)),
    ("v=TLSRPTv1; x-new=1; rua=mailto:tls@example.org; other=a,b", (MAIL,)),
    ("v=TLSRPTv1; rua=mailto:tls@example.org,mailto:%74ls@Example.org,https://example.org/v1/tls,https://example.org/v1/tls", (MAIL, POST)),
    ("v=TLSRPTv1; rua=mailto:a%21b@example.org", (ReportUri("mailto:a%21b@example.org", Address("a!b", Domain("example.org"))),)),
])
def test_records(text: str, rua: tuple[ReportUri, ...]) -> None:
    """RFC 8460 §3, with the space that it allows; an address that is named twice is there once."""
    assert parse_record(text) == TlsrptRecord(text, rua)


@pytest.mark.parametrize(("text", "rua", "problem"), [
    ("v=TLSRPTv1;", (), "rua= is missing"), ("v=TLSRPTv1; rua=", (), "no URI in ''"),
    ("v=TLSRPTv1; rua=tls@example.org", (), "no URI in 'tls@example.org'"),
    ("v=TLSRPTv1; RUA=mailto:tls@example.org", (), "rua= is missing"),
    ("v=TLSRPTv1; rua=mailto:tls@example.org; rua=https://example.org/v1/tls", (MAIL,), "more than once"),
    ("v=TLSRPTv1; rua=ftp://example.org/,mailto:tls@example.org", (MAIL,), "not sent by ftp:"),
    ("v=TLSRPTv1; nonsense; rua=mailto:tls@example.org", (MAIL,), "'nonsense' is no field"),
    ("v=TLSRPTv1; rua=" + ",".join(f"mailto:tls@example.org,https://a.example/{number}" for number in range(20)), None, "more than 10"),
])
def test_odd_records(text: str, rua: tuple[ReportUri, ...] | None, problem: str) -> None:
    """What can be used is; what cannot is named."""
    record = parse_record(text)

    assert record is not None
    assert rua is None or record.rua == rua
    assert len(record.rua) <= LIMITS.dmarc_uris
    assert any(problem in one for one in record.problems), record.problems


@pytest.mark.parametrize("text", [
    "", "v=TLSRPTv1", "v=TLSRPTV1; rua=mailto:tls@example.org", "V=TLSRPTv1; rua=mailto:tls@example.org",
    " v=TLSRPTv1; rua=mailto:a@b.example", "v=TLSRPTv2; rua=mailto:tls@example.org", "v= TLSRPTv1; rua=x",
    "rua=mailto:tls@example.org; v=TLSRPTv1", "v=TLSRPTv1; rua=" + "x" * 5_000,
])
def test_no_records(text: str) -> None:
    """What does not begin as a record does is somebody else's."""
    assert parse_record(text) is None


RECORD = "v=TLSRPTv1; rua=mailto:tls@example.org"


@pytest.mark.parametrize(("zone", "found"), [
    (f'_smtp._tls.example.org TXT "{RECORD}"', Found(Domain("example.org"), TlsrptRecord(RECORD, (MAIL,)))),
    (f'_smtp._tls.example.org TXT "{RECORD[:9]}" "{RECORD[9:]}"\n_smtp._tls.example.org TXT "something else"',
     Found(Domain("example.org"), TlsrptRecord(RECORD, (MAIL,)))),
    (f'_smtp._tls.example.org CNAME a.example\na.example TXT "{RECORD}"', Found(Domain("example.org"), TlsrptRecord(RECORD, (MAIL,)))),
    (f'_smtp._tls.example.org TXT "{RECORD}"\n_smtp._tls.example.org TXT "v=TLSRPTv1;"',
     Found(Domain("example.org"), problem="_smtp._tls.example.org has 2 TLSRPT records, so that none counts")),
    ('_smtp._tls.example.org TXT "v=tlsrptv1; rua=x"', Found(
        Domain("example.org"), problem="what stands at _smtp._tls.example.org is no TLSRPT record: "
                                       "it does not begin with v=TLSRPTv1 and a semicolon")),
    ("", Found(Domain("example.org"), problem="example.org asks for no reports about TLS: "
                                              "there is no TXT record at _smtp._tls.example.org")),
    ("_smtp._tls.example.org SERVFAIL", Found(
        Domain("example.org"), problem="the DNS does not say what is at _smtp._tls.example.org (SERVFAIL)", temporary=True)),
])
async def test_lookup(zone: str, found: Found) -> None:
    """One record or none; trouble is told apart from there being none."""
    assert await lookup(Domain("example.org"), Zone(zone)) == found


async def test_names_too_long() -> None:
    """No record can be below a name that is as long as names get; nothing is asked."""
    zone = Zone()
    found = await lookup(Domain.parse(".".join(["a" * 49] * 5)), zone)

    assert (found.record, "too long" in found.problem, zone.questions) == (None, True, [])
