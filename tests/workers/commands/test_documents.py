"""workers.commands.documents: reports in files, for people and for programs."""
from pathlib import Path

import pytest

from mta.report import dmarcxml, tlsrptjson
from tests.report.archives import gzipped
from tests.report.test_arf import PROSE
from tests.report.test_arf import WHOLE as FIELDS
from tests.report.test_arf import message as about_one_message
from tests.report.test_dmarcxml import WHOLE
from tests.report.test_tlsrptjson import WHOLE as TLS
from tests.report.test_unpacking import TEXT, message, multipart, part
from tests.workers.commands.conftest import Typing


def test_dmarc(typed: Typing, tmp_path: Path) -> None:
    """An aggregate report: whom it is about, what it counts, each row."""
    path = tmp_path / "example.net!example.org!1893456000!1893542399.xml.gz"
    path.write_bytes(gzipped(dmarcxml.write(WHOLE)))
    out = typed(f"dmarc parse {path}").splitlines()

    assert out[:4] == [
        "DMARC report of Größe & Söhne <x> (dmarc@example.net) about example.org, id 1@example.net",
        "2030-01-01 00:00:00Z to 2030-01-01 23:59:59Z",
        "The policy found: p=reject; sp=quarantine; np=none; adkim=s; aspf=r; fo=1:d; t=y", "13 messages: 1 passed, 12 failed."]
    assert out[4] == "The reporter says: two records at _dmarc.example.org"
    assert out[6].split()[:6] == ["source", "messages", "disposition", "dkim", "spf", "from"]
    assert out[7].split()[:6] == ["2001:db8::1", "12", "quarantine", "fail", "fail", "sub.example.org"]
    assert "policy_test_mode, local_policy: known & <good>" in out[7]

    row, = typed.json(f"dmarc parse {path}")
    assert (row["report"], row["policy"]["domain"], row["metadata"]["begin"], row["rows"][0]["source_ip"]) == (
        "dmarc", "example.org", 1893456000, "2001:db8::1")
    assert row["rows"][0]["reasons"] == [
        {"kind": "policy_test_mode", "comment": ""}, {"kind": "local_policy", "comment": "known & <good>"}]
    assert row["rows"][1]["envelope_to"] is None


def test_a_message_on_standard_input(typed: Typing) -> None:
    """As it came by mail; what was odd about it is said."""
    xml = dmarcxml.write(WHOLE).replace(b"&amp;", b"&")
    out = typed("dmarc parse -", stdin=message(multipart(TEXT, part("application/gzip", gzipped(xml)))).decode())

    assert out.startswith("DMARC report of Größe & Söhne")
    assert out.splitlines()[-1].startswith("Odd: the XML is damaged and was mended: ")


def test_failure_reports(typed: Typing, tmp_path: Path) -> None:
    """One message: where it came from, what failed, what it was; with fields or without."""
    (tmp_path / "one.eml").write_bytes(about_one_message(FIELDS))
    out = typed(f"dmarc parse {tmp_path / 'one.eml'}")

    assert out.startswith("Report about one message (auth-failure, dmarc, dkim)\nabout:       example.org\ncame from:   192.0.2.2\n")
    assert "\narrived:     2030-01-01 00:00:00Z\n" in out
    assert "\nsubject:     Grüße\n" in out
    row, = typed.json(f"dmarc parse {tmp_path / 'one.eml'}")
    assert (row["report"], row["unaligned"], row["original"]["from"]) == ("failure", ["dkim", "spf"], ["ann@example.org"])
    assert "came from:   192.0.2.7\n" in typed("dmarc parse -", stdin=PROSE)


def test_tls(typed: Typing, tmp_path: Path) -> None:
    """Each policy with its sessions, and in how many ways they failed."""
    (tmp_path / "report.json").write_bytes(tlsrptjson.write(TLS))
    out = typed(f"tlsrpt parse {tmp_path / 'report.json'}")

    assert out.startswith(
        "Report about TLS of Größe GmbH (tls@example.net), id 2030-01-01.example.org@example.net\n2030-01-01 00:00:00Z to ")
    assert "\nPolicy sts of example.org: 10 sessions succeeded, 3 failed.\n    version: STSv1\n" in out
    assert "\nPolicy tlsa of mx.example.org: 5 sessions succeeded, 0 failed.\n" in out
    assert [line.split()[:2] for line in out.splitlines() if line.startswith(("certificate", "starttls"))] == [
        ["certificate-expired", "2"], ["starttls-not-supported", "1"]]
    row, = typed.json(f"tlsrpt parse {tmp_path / 'report.json'}")
    assert (row["report"], row["policies"][0]["failures"][0]["result"]) == ("tls", "certificate-expired")


@pytest.mark.parametrize(("verb", "octets", "why"), [
    ("dmarc", b"", "it is empty"), ("dmarc", tlsrptjson.write(TLS), "it is no DMARC aggregate report, but looks like a TLS report"),
    ("tlsrpt", dmarcxml.write(WHOLE), "it is no TLS report, but looks like a DMARC aggregate report"),
    ("dmarc", message(TEXT), "the message has no part that could be a report"), ("tlsrpt", message(TEXT), "no part that could be a report"),
    ("dmarc", b"<feedback/>", "it does not say which period"),
], ids=range(6))
def test_refused(typed: Typing, tmp_path: Path, verb: str, octets: bytes, why: str) -> None:
    """One line says which file, and why."""
    (tmp_path / "file").write_bytes(octets)
    status, out, err = typed.attempt(f"{verb} parse {tmp_path / 'file'}")

    assert (status, out, err.count("\n")) == (1, "", 1)
    assert err.startswith(f"pillarbox: {tmp_path / 'file'}: ")
    assert why in err


def test_no_file(typed: Typing, tmp_path: Path) -> None:
    """A file that is not there, and a report of a year that there are no words for."""
    assert typed.attempt(f"dmarc parse {tmp_path / 'nothing'}")[2] == f"pillarbox: {tmp_path / 'nothing'}: No such file or directory\n"
    far = dmarcxml.write(WHOLE).replace(b"<end>1893542399", b"<end>999999999999")
    assert "\n2030-01-01 00:00:00Z to second 999999999999\n" in typed("dmarc parse -", stdin=far.decode())
