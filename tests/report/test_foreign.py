"""Reports that others have written, and what others make of them and of ours.

Samples are read where they lie.  What they hold is compared with what their collectors
wrote down, and with what parsedmarc finds in them; what we write is checked against the
schema of RFC 9990.
"""
import json
import subprocess
import sys
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from mta.base.names import Domain
from mta.report import arf, dmarcxml, tlsrptjson
from mta.report.aggregate import AggregateReport
from mta.report.arf import FailureReport
from mta.report.badreport import BadReport
from mta.report.tlsrptjson import TlsReport
from mta.report.unpacking import Kind, in_file
from tests.message.vectors import VECTORS, need
from tests.report.test_dmarcxml import WHOLE

FOLDERS = ("dmarc-reports-parsedmarc", "dmarc-reports-mail-auth", "dmarc-reports-mail-dmarc", "dmarc-report-schema",
           "dmarc-failure-reports", "arf-mail-auth", "tlsrpt-mail-auth", "tlsrpt-parsedmarc")
#: What lies beside the samples: descriptions, and in some folders what is wanted of a sample.
BESIDE = ("SOURCE.txt", ".xsd")
DESCRIBED = ("dmarc-reports-mail-auth", "arf-mail-auth")


def samples() -> list[Path]:
    """Every sample, but for the files beside them."""
    found = [path for folder in FOLDERS for path in sorted((VECTORS / folder).rglob("*")) if path.is_file()
             and not path.name.endswith(BESIDE)]
    return [path for path in found if not (path.suffix == ".json" and path.parent.name in DESCRIBED)]


def name(path: Path) -> str:
    """A sample as the tests call it."""
    return str(path.relative_to(VECTORS))


def read(path: Path) -> AggregateReport | TlsReport | FailureReport:
    """The report in a file; BadReport if it is none."""
    octets = path.read_bytes()
    try:
        document, = in_file(octets)
    except BadReport:
        if b"@" in octets and path.suffix == ".eml":
            return arf.parse(octets)
        raise
    if document.kind is Kind.FAILURE:
        return arf.parse(octets)
    return dmarcxml.parse(document.octets) if document.kind is Kind.DMARC else tlsrptjson.parse(document.octets)


#: Samples that are refused, and why.
REFUSED: dict[str, str] = {"dmarc-reports-parsedmarc/empty.xml": "it is empty"}
#: Samples that parsedmarc refuses and we read: an abuse report without a source address, a type without +json.
NOT_THEIRS: dict[str, str] = {"arf-mail-auth/001.eml": "Source-IP", "tlsrpt-mail-auth/rpt02.eml": "application/tlsrpt"}


@pytest.mark.parametrize("path", samples(), ids=name)
def test_every_sample(path: Path) -> None:
    """It is read, with something in it, or refused for the reason that is written here."""
    if name(path) in REFUSED:
        with pytest.raises(BadReport, match=REFUSED[name(path)]):
            read(path)
        return
    report = read(path)

    match report:
        case AggregateReport():
            assert report.messages >= len(report.rows) > 0
        case TlsReport():
            assert report.successful + report.failed > 0
        case FailureReport():
            assert report.kind in ("auth-failure", "abuse")


def test_the_samples_are_there() -> None:
    """Each folder that is on this machine has some."""
    need("dmarc-reports-parsedmarc")
    assert {path.relative_to(VECTORS).parts[0] for path in samples()} == set(FOLDERS)


# --- what parsedmarc finds ----------------------------------------------------------------------------


@cache
def counted() -> dict[str, Any]:
    """What parsedmarc finds in every sample, and in a report of ours."""
    program = Path(__file__).with_name("parsedmarc_counts.py")
    done = subprocess.run([sys.executable, str(program), *map(str, samples())], capture_output=True, check=True, timeout=100)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("path", samples(), ids=name)
def test_against_parsedmarc(path: Path) -> None:
    """The same rows and counts, in the same order; what it refuses and we do not is written here."""
    kind, *found = counted()[str(path)]
    if kind == "refused":
        assert name(path) in REFUSED | NOT_THEIRS
        return
    report = read(path)

    match report:
        case AggregateReport():
            ours = [[str(row.source_ip), row.count, row.disposition, row.dkim, row.spf, row.header_from] for row in report.rows]
            assert (kind, found) == ("aggregate", [report.policy.domain.ascii, ours])
        case TlsReport():
            assert (kind, found) == ("tls", [[[policy.kind, policy.domain.ascii, policy.successful, policy.failed,
                                               [[one.result, one.count] for one in policy.failures]] for policy in report.policies]])
        case FailureReport():
            assert (kind, found) == ("failure", [report.reported_domains[0], str(report.source_ip), report.original.subject])


def test_parsedmarc_reads_ours(tmp_path: Path) -> None:
    """A reader that knew RFC 7489 first reads what we write."""
    (tmp_path / "ours.xml").write_bytes(dmarcxml.write(WHOLE))
    program = Path(__file__).with_name("parsedmarc_counts.py")
    done = subprocess.run([sys.executable, str(program), str(tmp_path / "ours.xml")], capture_output=True, check=True, timeout=100)

    assert list(json.loads(done.stdout).values()) == [["aggregate", "example.org", [
        ["2001:db8::1", 12, "quarantine", "fail", "fail", "sub.example.org"], ["192.0.2.1", 1, "pass", "pass", "pass", "example.org"]]]]


# --- what mail-auth wants ------------------------------------------------------------------------------


def wanted(folder: str) -> list[tuple[Path, Path]]:
    """Samples with what their collector wrote down of them."""
    return [(path.with_suffix(suffix), path) for path in sorted((VECTORS / folder).glob("*.json")) for suffix in (".xml", ".eml")
            if path.with_suffix(suffix).is_file()]


@pytest.mark.parametrize(("path", "want"), wanted("dmarc-reports-mail-auth"), ids=lambda path: path.name)
def test_aggregate_reports_of_mail_auth(path: Path, want: Path) -> None:
    """Everything that is written down of a report."""
    report, want_report = read(path), json.loads(want.read_text())

    assert isinstance(report, AggregateReport)
    assert (report.metadata.org_name, report.metadata.report_id, report.metadata.begin, report.metadata.end) == (
        want_report["report_metadata"]["org_name"], want_report["report_metadata"]["report_id"],
        *want_report["report_metadata"]["date_range"].values())
    published = want_report["policy_published"]
    assert [report.policy.domain.ascii, report.policy.p, report.policy.sp or "unspecified"] == [
        published["domain"], published["p"].lower(), published["sp"].lower()]
    # Their words for what RFC 9990 has no word for.
    words = {"TrustedForwarder": "trusted_forwarder", "Other": "sampled_out", "MailFrom": "mfrom", "Unspecified": "mfrom", "Helo": "helo"}
    for row, want_row in zip(report.rows, want_report["record"], strict=True):
        evaluated, results = want_row["row"]["policy_evaluated"], want_row["auth_results"]
        assert (str(row.source_ip), row.count) == (want_row["row"]["source_ip"], want_row["row"]["count"])
        assert [row.disposition, row.dkim, row.spf] == [evaluated[key].lower() for key in ("disposition", "dkim", "spf")]
        assert [(one.kind, one.comment) for one in row.reasons] == [(words[one["type_"]], one["comment"]) for one in evaluated["reason"]]
        assert (row.header_from, row.envelope_from or "") == (
            want_row["identifiers"]["header_from"], want_row["identifiers"]["envelope_from"] or "")
        assert [(one.domain, one.selector, one.result) for one in row.dkim_results] == [
            (one["domain"], one["selector"], one["result"].lower()) for one in results["dkim"]]
        assert [(one.domain, one.scope, one.result) for one in row.spf_results] == [
            (one["domain"], words[one["scope"]], one["result"].lower()) for one in results["spf"]]


@pytest.mark.parametrize(("path", "want"), wanted("arf-mail-auth"), ids=lambda path: path.name)
def test_failure_reports_of_mail_auth(path: Path, want: Path) -> None:
    """Everything that is written down of a report and is not empty."""
    report, want_report = read(path), json.loads(want.read_text())

    assert isinstance(report, FailureReport)
    assert report.kind == want_report["feedback_type"].lower()
    assert [" ".join(one.split()) for one in report.authentication_results] == [
        " ".join(one.split()) for one in want_report["authentication_results"]]
    assert [report.arrival, report.incidents, report.mail_from or None, list(report.reported_domains), list(report.reported_uris),
            report.reporting_mta or None, report.source_ip, report.user_agent, int(report.version)] == [
        want_report["arrival_date"], want_report["incidents"], want_report["original_mail_from"], want_report["reported_domain"],
        want_report["reported_uri"], want_report["reporting_mta"],
        ip_address(want_report["source_ip"]) if want_report["source_ip"] else None, want_report["user_agent"], want_report["version"]]
    assert list(report.recipients) == ([want_report["original_rcpt_to"]] if want_report["original_rcpt_to"] else [])


@pytest.mark.parametrize(("path", "want"), wanted("tlsrpt-mail-auth"), ids=lambda path: path.name)
def test_tls_reports_of_mail_auth(path: Path, want: Path) -> None:
    """The report in the message is the one beside it; and written by us, a reader of JSON finds what was there."""
    report = read(path)

    assert isinstance(report, TlsReport)
    assert report == read(want)
    ours, theirs = json.loads(tlsrptjson.write(report)), json.loads(want.read_text())
    for failure in (one for policy in theirs["policies"] for one in policy["failure-details"]):
        for text in failure:
            failure[text] = failure[text].strip() if isinstance(failure[text], str) else failure[text]
    assert ours == theirs


# --- the schema of RFC 9990 -----------------------------------------------------------------------------


@cache
def schema() -> etree.XMLSchema:
    """The schema, as the working group published it."""
    return etree.XMLSchema(etree.parse(need("dmarc-report-schema") / "dmarc-xml-0.2.xsd"))


def test_ours_is_valid() -> None:
    """A report with everything in it, and one with the least."""
    for report in (WHOLE, dmarcxml.parse(dmarcxml.write(WHOLE))):
        schema().assertValid(etree.fromstring(dmarcxml.write(report)))


def test_the_schema_tells() -> None:
    """The schema refuses what it should: else the other tests would show nothing."""
    written = dmarcxml.write(WHOLE)
    for old, new in ((b"policy_test_mode", b"forwarded"), (b"<count>12</count>", b""), (b"<scope>mfrom", b"<scope>helo")):
        assert written.count(old) == 1
        assert not schema().validate(etree.fromstring(written.replace(old, new)))


@pytest.mark.parametrize("path", [path for path in samples() if name(path).startswith(("dmarc-reports", "dmarc-report-schema"))], ids=name)
def test_foreign_reports_as_we_write_them(path: Path) -> None:
    """Whatever edition it was of: written anew it is valid, and counts the same."""
    if name(path) in REFUSED:
        return
    report = read(path)
    assert isinstance(report, AggregateReport)
    written = dmarcxml.write(report)

    schema().assertValid(etree.fromstring(written))
    again = dmarcxml.parse(written)
    assert [(row.source_ip, row.count, row.dkim, row.spf) for row in again.rows] == [
        (row.source_ip, row.count, row.dkim, row.spf) for row in report.rows]
    assert again.policy.domain == Domain.parse(report.policy.domain.ascii)
