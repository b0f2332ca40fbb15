"""mta.report.dmarcxml: aggregate reports, as people's programs write them and as we do."""
from dataclasses import replace
from ipaddress import ip_address

import pytest

from mta.base.limits import LIMITS
from mta.base.names import Domain
from mta.report.aggregate import AggregateReport, DkimSeen, Metadata, Override, Published, Row, SpfSeen
from mta.report.badreport import BadReport
from mta.report.dmarcxml import parse, write
from tests.report.written import METADATA, POLICY, ROW, document

WHOLE = AggregateReport(
    Metadata("Größe & Söhne <x>", "dmarc@example.net", "1@example.net", 1893456000, 1893542399, "https://example.net/dmarc",
             ("two records at _dmarc.example.org",), "Pillarbox 1"),
    Published(Domain("example.org"), "reject", "quarantine", "none", "s", "r", "1:d", True, "treewalk"),
    (Row(ip_address("2001:db8::1"), 12, "quarantine", "fail", "fail", "sub.example.org", "", "example.net",
         (Override("policy_test_mode"), Override("local_policy", "known & <good>")),
         (DkimSeen("other.example", "s1", "permerror", "no key"), DkimSeen("example.org", "s2", "fail")),
         (SpfSeen("other.example", "softfail", "mfrom", "not listed"),)),
     Row(ip_address("192.0.2.1"), 1, "pass", "pass", "pass", "example.org", "bounces.example.org")),
    "1.0")


def test_there_and_back() -> None:
    """What is written reads back the same."""
    assert parse(write(WHOLE)) == WHOLE


def test_a_document() -> None:
    """The namespace of RFC 9990, policies with all their defaults, an empty element for a null sender."""
    written = write(replace(WHOLE, policy=Published(Domain("example.org"), "reject"))).decode()

    assert written.startswith(
        '<?xml version="1.0" encoding="UTF-8"?>\n<feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0">\n<version>1.0<')
    assert "".join(written.split()).count(
        "<adkim>r</adkim><aspf>r</aspf><p>reject</p><sp>reject</sp><np>reject</np><fo>0</fo><testing>n</testing></policy_published>") == 1
    assert "<envelope_from></envelope_from>" in written
    assert "<org_name>Größe &amp; Söhne &lt;x&gt;</org_name>" in written


def test_what_is_written_instead() -> None:
    """The words of RFC 7489 that RFC 9990 has not; SPF of HELO; too many results; characters that XML has not."""
    row = replace(
        WHOLE.rows[0], reasons=(Override("forwarded"), Override("sampled_out", "pct=5"), Override("mailing_list")),
        spf_results=(SpfSeen("helo.example", "pass", "helo"), SpfSeen("a.example", "pass"), SpfSeen("b.example", "fail")),
        dkim_results=(DkimSeen("a.example", "s\0\x1b", "pass"),) * 150)
    read = parse(write(replace(WHOLE, rows=(row,))))

    assert read.rows[0].reasons == (
        Override("trusted_forwarder", "forwarded"), Override("other", "sampled_out: pct=5"), Override("mailing_list"))
    assert read.rows[0].spf_results == (SpfSeen("a.example", "pass"),)
    assert read.rows[0].dkim_results == (DkimSeen("a.example", "s", "pass"),) * 100


@pytest.mark.parametrize("wrong", [
    replace(WHOLE, rows=()), replace(WHOLE, policy=replace(WHOLE.policy, p="maybe")),
    replace(WHOLE, policy=replace(WHOLE.policy, adkim="x")),
    *(replace(WHOLE, rows=(replace(WHOLE.rows[0], **change),)) for change in (
        {"disposition": "deferred"}, {"dkim": "none"}, {"spf": ""}, {"dkim_results": (DkimSeen("a", "b", "softfail"),)},
        {"spf_results": (SpfSeen("a", "good"),)})),
])
def test_what_is_not_written(wrong: AggregateReport) -> None:
    """A word that no edition of the format has is a mistake of ours."""
    with pytest.raises(ValueError, match=r"is not one of|at least one row"):
        write(wrong)


def test_the_least() -> None:
    """What a report has to have; all else is absent, not made up."""
    report = parse(document())

    assert report == AggregateReport(
        Metadata("Mail & more", "dmarc@example.net", "1@example.net", 1893456000, 1893542399), Published(Domain("example.org"), "none"),
        (Row(ip_address("192.0.2.1"), 2, "none", "pass", "fail", "example.org", spf_results=(SpfSeen("example.org", "fail"),)),))


@pytest.mark.parametrize(("octets", "why"), [
    (b"", "it is empty"), (b" \r\n", "it is empty"), (b"hello", "well-formed"), (b"<html></html>", "no element feedback"),
    (document(METADATA, POLICY), "no rows"), (document(POLICY, ROW), "which period"), (document(METADATA, ROW), "names no domain"),
    (document(METADATA.replace("1893456000", "1893549999"), POLICY, ROW), "ends before it begins"),
    (document(METADATA.replace("1893456000", "yesterday"), POLICY, ROW), "which period"),
    (document(METADATA.replace("1893456000", "1" * 13), POLICY, ROW), "which period"),
    (document(METADATA.replace("1@example.net", " <> "), POLICY, ROW), "no id"),
    (document(METADATA.replace("Mail &amp; more", "").replace("dmarc@example.net", ""), POLICY, ROW), "who reports"),
    (document(METADATA, POLICY.replace("Example.ORG", "not a domain"), ROW), "'not a domain'"),
    (document(METADATA, POLICY, ROW.replace("192.0.2.1", "unknown")), "no row that could be counted"),
    (document(METADATA, POLICY, ROW.replace("<count>2", "<count>-2")), "no row that could be counted"),
])
def test_refused(octets: bytes, why: str) -> None:
    """What cannot be counted, or not be told from other reports, is refused, and the reason says so."""
    with pytest.raises(BadReport, match=why):
        parse(octets)


def row(old: str, new: str) -> Row:
    """The row of a report that has new instead of old."""
    assert old in ROW
    return parse(document(METADATA, POLICY, ROW.replace(old, new))).rows[0]


def test_odd_rows() -> None:
    """Capitals, unknown words, older ones, missing ones."""
    assert row("<dkim>pass", "<dkim>Pass").dkim == "pass"
    assert row("<spf>fail", "<spf>softfail").spf == "fail"
    assert row("<disposition>none", "<disposition> Reject ").disposition == "reject"
    assert row("192.0.2.1", "::ffff:192.0.2.7").source_ip == ip_address("192.0.2.7")
    assert row("192.0.2.1", "[2001:db8::7]").source_ip == ip_address("2001:db8::7")
    assert row("<count>2", "<count>2.0").count == 2
    assert row("identifiers", "identities").header_from == "example.org"
    assert row("<header_from>example.org", "<header_from>B\N{LATIN SMALL LETTER U WITH DIAERESIS}cher.Example.").header_from == (
        "xn--bcher-kva.example")
    assert row("<header_from>example.org", "<header_from>(NULL)").header_from == "(null)"
    assert row("<result>fail", "<result>unknown").spf_results == (SpfSeen("example.org", "permerror"),)
    assert row("<result>fail", "<result>whatever").spf_results == (SpfSeen("example.org", "none"),)
    assert row("<domain>example.org", "<scope>helo</scope><domain>x.example").spf_results == (SpfSeen("x.example", "fail", "helo"),)
    assert row("<domain>example.org", "<domain>").spf_results == ()
    assert row("</policy_evaluated>", "<reason></reason><reason><comment>c</comment></reason></policy_evaluated>").reasons == (
        Override("other", "c"),)


def test_what_was_overlooked() -> None:
    """Rows that cannot be counted, and policies that say nothing, are named."""
    report = parse(document(METADATA.replace("Mail &amp; more", ""), POLICY.replace("none", "perhaps"), ROW,
                            ROW.replace("192.0.2.1", "mx"), ROW.replace("<count>2</count>", ""),
                            ROW.replace("<disposition>none", "<disposition>")))

    assert report.metadata.org_name == "example.net"
    assert (len(report.rows), report.policy.p) == (2, "")
    assert report.problems == (
        "row 2 is left out: 'mx' is no IP address", "row 3 is left out: it does not say of how many messages it is",
        "row 4 does not say what became of the messages", "it does not say who reports", "it does not say what the policy asks for")


def test_rows_are_numbered_once() -> None:
    """A document that was mended is read twice; its rows are those of the second time."""
    report = parse(document(METADATA, POLICY, ROW, ROW.replace("192.0.2.1", "x"), "&", ROW.replace("192.0.2.1", "y")))

    assert [problem.partition(":")[0] for problem in report.problems] == [
        "row 2 is left out", "row 3 is left out", "the XML is damaged and was mended"]


def test_problems_are_bounded() -> None:
    """A report that is odd throughout does not fill a page."""
    report = parse(document(METADATA, POLICY, ROW, *[ROW.replace("192.0.2.1", "x")] * 100))

    assert len(report.problems) == LIMITS.report_problems


def test_damaged_xml() -> None:
    """A name with & in it costs no report; that it was mended is said."""
    report = parse(document(METADATA.replace("Mail &amp; more", "AT&T <abuse@example.net>"), POLICY, ROW, ROW))

    assert (report.metadata.org_name, report.messages) == ("AT&T <abuse@example.net>", 4)
    assert report.problems[0].startswith("the XML is damaged and was mended: not well-formed")


def test_rows_are_bounded() -> None:
    """No more rows than we would want to show."""
    limits = replace(LIMITS, report_rows=10)

    assert len(parse(document(METADATA, POLICY, *[ROW] * 10), limits).rows) == 10
    with pytest.raises(BadReport, match="more than 10"):
        parse(document(METADATA, POLICY, *[ROW] * 11), limits)


def test_texts_are_clean() -> None:
    """No control characters, no tricks with the direction of writing, no novels."""
    report = parse(document(METADATA.replace("Mail &amp; more", "a\tb\N{RIGHT-TO-LEFT OVERRIDE}c" + "d" * 5_000), POLICY, ROW))

    assert report.metadata.org_name.startswith("a bcd")
    assert len(report.metadata.org_name) <= LIMITS.report_text
