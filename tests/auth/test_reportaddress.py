"""mta.auth.reportaddress: who gets reports, and whether they agreed."""
import pytest

from mta.auth.dmarcrecord import parse
from mta.auth.reportaddress import Addressee, Refused, Tag, addressees
from mta.base.limits import LIMITS
from mta.base.names import Domain
from mta.dns.zone import Zone

ORGANIZATION = '_dmarc.example.org TXT "v=DMARC1; p=none"\n_dmarc.other.org TXT "v=DMARC1; p=none"\n'
AGREED = '*._report._dmarc.reports.example TXT "v=DMARC1"\n'


async def told(zone: Zone, rua: str, domain: str = "example.org", tag: Tag = "rua") -> list[str]:
    """What becomes of a list of URIs, in short: the address, an asterisk if it is external; - and why not, ~ if only for now."""
    record = parse(f"v=DMARC1; p=none; {tag}={rua}")
    assert record is not None
    found = await addressees(Domain(domain), record, zone, tag=tag)
    return [f"{one.address}{'*' if one.external else ''}" if isinstance(one, Addressee) else f"{'~' if one.temporary else '-'} {one.why}"
            for one in found]


@pytest.mark.parametrize(("zone", "domain", "rua", "found"), [
    # One's own, in the same organisation: nobody has to agree.
    ("", "example.org", "mailto:a@example.org", "a@example.org"),
    (ORGANIZATION, "example.org", "mailto:a@mail.example.org", "a@mail.example.org"),
    (ORGANIZATION, "mail.example.org", "mailto:a@example.org", "a@example.org"),
    (ORGANIZATION, "a.example.org", "mailto:a@b.c.example.org", "a@b.c.example.org"),
    (ORGANIZATION + '_dmarc.org TXT "v=DMARC1; psd=y; p=none"', "example.org", "mailto:a@mail.example.org", "a@mail.example.org"),
    # Somebody else's: RFC 9990 §4.
    (AGREED, "example.org", "mailto:a@reports.example", "a@reports.example*"),
    ('example.org._report._dmarc.other.org TXT "v=DMARC1;"\n' + ORGANIZATION, "example.org", "mailto:a@other.org", "a@other.org*"),
    ('a.example.org._report._dmarc.x.example TXT "v=DMARC1; x=y"', "a.example.org", "mailto:a@x.example", "a@x.example*"),
    ('example.org._report._dmarc.x.example TXT "v=DMARC1"', "a.example.org", "mailto:a@x.example",
     "- x.example does not agree to get reports about a.example.org: there is no record v=DMARC1 at "
     "a.example.org._report._dmarc.x.example"),
    (ORGANIZATION, "example.org", "mailto:a@other.org",
     "- other.org does not agree to get reports about example.org: there is no record v=DMARC1 at example.org._report._dmarc.other.org"),
    ('*._report._dmarc.reports.example TXT "v=spf1 -all"\n*._report._dmarc.reports.example TXT "v=DMARC1"', "example.org",
     "mailto:a@reports.example", "a@reports.example*"),
    ('*._report._dmarc.reports.example TXT "dmarc"', "example.org", "mailto:a@reports.example",
     "- reports.example does not agree to get reports about example.org: there is no record v=DMARC1 at "
     "example.org._report._dmarc.reports.example"),
    # A subdomain with its own policy is another organisation if it says so.
    (ORGANIZATION + '_dmarc.mail.example.org TXT "v=DMARC1; p=none; psd=n"', "example.org", "mailto:a@mail.example.org",
     "- mail.example.org does not agree to get reports about example.org: there is no record v=DMARC1 at "
     "example.org._report._dmarc.mail.example.org"),
    # The owner may name another address, at the same place only.
    (AGREED.replace("DMARC1", "DMARC1; rua=mailto:b@reports.example"), "example.org", "mailto:a@reports.example", "b@reports.example*"),
    (AGREED.replace("DMARC1", "DMARC1; rua=mailto:b@reports.example,mailto:c@reports.example!1m"), "example.org",
     "mailto:a@reports.example", "b@reports.example* c@reports.example*"),
    (AGREED.replace("DMARC1", "DMARC1; rua=mailto:b@victim.example"), "example.org", "mailto:a@reports.example",
     "- the record at example.org._report._dmarc.reports.example sends reports to another place than reports.example, which it may not"),
    (AGREED.replace("DMARC1", "DMARC1; rua=mailto:b@sub.reports.example"), "example.org", "mailto:a@reports.example",
     "- the record at example.org._report._dmarc.reports.example sends reports to another place than reports.example, which it may not"),
    (AGREED.replace("DMARC1", "DMARC1; rua=https://reports.example/"), "example.org", "mailto:a@reports.example",
     "- the record at example.org._report._dmarc.reports.example sends reports to another place than reports.example, which it may not"),
    (AGREED.replace("DMARC1", "DMARC1; ruf=mailto:b@victim.example"), "example.org", "mailto:a@reports.example", "a@reports.example*"),
    # Trouble is not the same as no.
    ("*._report._dmarc.reports.example SERVFAIL", "example.org", "mailto:a@reports.example",
     "~ the DNS does not say what is at example.org._report._dmarc.reports.example (SERVFAIL)"),
    ("_dmarc.example.org SERVFAIL", "example.org", "mailto:a@mail.example.org",
     "~ the DNS does not say whether mail.example.org belongs to the owner of example.org"),
    # Other ways than mail.
    ("", "example.org", "https://example.org/reports", "- reports are sent by mail only, not by https:"),
    ("", "example.org", "HTTPS://example.org/reports", "- reports are sent by mail only, not by https:"),
])
async def test_cases(zone: str, domain: str, rua: str, found: str) -> None:
    """The rules of RFC 9990 §4, case by case."""
    assert " ".join(await told(Zone(zone), rua, domain)) == found


async def test_several() -> None:
    """Each URI by itself, in order; sizes are read and not obeyed; the same address once, however it is encoded."""
    zone = Zone(AGREED)
    rua = ("mailto:a@example.org!1k,mailto:%61@Example.ORG,mailto:A@example.org,mailto:x@no.example,mailto:b@reports.example,ftp:x,"
           "mailto:a@example.org")

    assert [one.partition(" agree")[0] for one in await told(zone, rua)] == [
        "a@example.org", "A@example.org", "- no.example does not", "b@reports.example*", "- reports are sent by mail only, not by ftp:"]
    record = parse(f"v=DMARC1; p=none; rua={rua}")
    assert record is not None
    first = (await addressees(Domain("example.org"), record, zone))[0]
    assert isinstance(first, Addressee)
    assert (first.asked.size, first.replaced) == (1024, False)


async def test_replaced_by_one_that_is_there() -> None:
    """Two addresses that their owner replaced by one get one report."""
    zone = Zone('*._report._dmarc.reports.example TXT "v=DMARC1; rua=mailto:all@reports.example"')
    record = parse("v=DMARC1; p=none; rua=mailto:a@reports.example,mailto:b@reports.example")
    assert record is not None
    found = await addressees(Domain("example.org"), record, zone)

    assert [str(one.address) for one in found if isinstance(one, Addressee)] == ["all@reports.example"]
    assert found[0] == Addressee(found[0].address, record.rua[0], True)    # type: ignore[union-attr]  # it is none that was refused
    assert isinstance(found[0], Addressee)
    assert found[0].replaced


async def test_failure_reports() -> None:
    """RFC 9991 §5: the same for ruf=, whose replacement is in ruf= too."""
    zone = Zone('*._report._dmarc.reports.example TXT "v=DMARC1; rua=mailto:r@reports.example; ruf=mailto:f@reports.example"')

    assert await told(zone, "mailto:a@reports.example", tag="ruf") == ["f@reports.example*"]
    assert await told(zone, "mailto:a@reports.example") == ["r@reports.example*"]


async def test_questions() -> None:
    """None twice, none that cannot matter, and not more than bounds allow."""
    zone = Zone(AGREED)
    await told(zone, ",".join(f"mailto:a{number}@reports.example" for number in range(20)))
    assert zone.questions == [("example.org._report._dmarc.reports.example", "TXT")]

    zone = Zone(ORGANIZATION)
    await told(zone, ",".join(f"mailto:a@x{number}.a.b.c.d.e.f.g.h.org" for number in range(LIMITS.dmarc_uris + 5)))
    assert len(zone.questions) == len(set(zone.questions)) <= 2 + LIMITS.dmarc_uris * 9


async def test_names_too_long() -> None:
    """Where both names together are no name any more, nobody can have agreed."""
    long = ".".join(["a" * 60] * 3)

    assert await told(Zone("*.example TXT \"v=DMARC1\""), f"mailto:a@{long}.example", f"{long}.org") == [
        f"- {long}.example cannot agree to it: the name for that would be too long"]


async def test_refusals_keep_their_uri() -> None:
    """Who is told of a refusal wants to know of which address."""
    record = parse("v=DMARC1; p=none; rua=mailto:%61@no.example!5")
    assert record is not None
    refused, = await addressees(Domain("example.org"), record, Zone())

    assert isinstance(refused, Refused)
    assert (refused.asked, refused.temporary, refused.agreement) == (record.rua[0], False, "example.org._report._dmarc.no.example")
