"""workers.commands.reportaddresses: who gets a domain's reports."""
from pathlib import Path

import pytest

from tests.workers.commands.conftest import Typing

ZONE = """
_dmarc.good.example. TXT "v=DMARC1; p=none; rua=mailto:a@good.example,mailto:b@reports.test!10m; ruf=mailto:f@good.example"
_dmarc.bad.example. TXT "v=DMARC1; p=none; rua=mailto:a@elsewhere.test,https://bad.example/,nonsense"
_dmarc.slow.example. TXT "v=DMARC1; p=none; rua=mailto:a@slow.test"
slow.example._report._dmarc.slow.test. TIMEOUT
_dmarc.silent.example. TXT "v=DMARC1; p=none"
_dmarc.dead.example. SERVFAIL
*._report._dmarc.reports.test. TXT "v=DMARC1; rua=mailto:c@reports.test"
_smtp._tls.good.example. TXT "v=TLSRPTv1; rua=mailto:tls@good.example,https://good.example/tls,ftp:x"
_smtp._tls.dead.example. SERVFAIL
"""


@pytest.fixture
def zone(tmp_path: Path) -> str:
    """A file of names."""
    (tmp_path / "zone").write_text(ZONE)
    return str(tmp_path / "zone")


def test_all_agree(typed: Typing, zone: str) -> None:
    """Each address, where its reports go instead, and that its owner agreed; 0."""
    status, out, _ = typed.attempt(f"dmarc checkreportaddrs sub.good.example --zone {zone}")

    assert status == 0
    assert out.startswith("The DMARC record of good.example: v=DMARC1; ")
    words = " ".join(out.split())
    for one in ("rua pass a@good.example gets reports. ", "ruf pass f@good.example gets reports. ",
                "rua pass c@reports.test gets reports instead of b@reports.test, which reports.test agreed to. "):
        assert one in words
    rows = typed.json(f"dmarc checkreportaddrs good.example --zone {zone}")
    assert [(row["tag"], row["uri"], row["address"], row["size"], row["external"], row["problem"]) for row in rows] == [
        ("rua", "mailto:a@good.example", "a@good.example", None, False, ""),
        ("rua", "mailto:b@reports.test", "c@reports.test", 10 * 1024 * 1024, True, ""),
        ("ruf", "mailto:f@good.example", "f@good.example", None, False, "")]


def test_some_do_not(typed: Typing, zone: str) -> None:
    """What its owner has to publish; what cannot be read; ways that are none; 1."""
    status, out, _ = typed.attempt(f"dmarc checkreportaddrs bad.example --zone {zone}")
    words = " ".join(out.split())

    assert (status, out.count("fail")) == (1, 3)
    assert "elsewhere.test does not agree to get reports about bad.example" in words
    assert words.count("To be mended") == 1
    assert 'a TXT record "v=DMARC1;" is needed at bad.example._report._dmarc.elsewhere.test.' in words
    assert "reports are sent by mail only, not by https:" in words
    assert "rua= has no URI in 'nonsense', which is passed over." in words


@pytest.mark.parametrize(("domain", "status", "words"), [
    ("slow.example", "temperror", "the DNS does not say what is at slow.example._report._dmarc.slow.test"),
    ("dead.example", "temperror", "The DNS does not say what is at _dmarc.dead.example"),
    ("silent.example", "none", "The record of silent.example asks for no reports."),
    ("nothing.example", "none", "No DMARC record counts for nothing.example."),
])
def test_nothing_to_be_said(typed: Typing, zone: str, domain: str, status: str, words: str) -> None:
    """Trouble with the DNS, no record, no addresses: 1, in words, and no traceback."""
    found, out, err = typed.attempt(f"dmarc checkreportaddrs {domain} --zone {zone}")

    assert (found, err) == (1, "")
    assert status in out
    assert words in " ".join(out.split())


def test_tlsrpt(typed: Typing, zone: str) -> None:
    """The record, who gets reports by it, what of it cannot be used."""
    row, = typed.json(f"tlsrpt lookup good.example --zone {zone}")

    assert row == {
        "domain": "good.example", "published_at": "_smtp._tls.good.example",
        "reports_to": ["mailto:tls@good.example", "https://good.example/tls"],
        "record": "v=TLSRPTv1; rua=mailto:tls@good.example,https://good.example/tls,ftp:x",
        "problems": ["reports are not sent by ftp:, which stands in rua="], "dnssec": False, "questions": 1}
    assert "reports to" in typed(f"tlsrpt lookup good.example --zone {zone}")


@pytest.mark.parametrize(("domain", "status", "words"), [
    ("dead.example", "temperror", "The DNS does not say what is at _smtp._tls.dead.example (SERVFAIL)."),
    ("bad.example", "none", "bad.example asks for no reports about TLS: there is no TXT record at _smtp._tls.bad.example."),
])
def test_no_tlsrpt(typed: Typing, zone: str, domain: str, status: str, words: str) -> None:
    """Failing to find one is nobody's error but the domain's: 1, in words."""
    found, out, err = typed.attempt(f"tlsrpt lookup {domain} --zone {zone}")

    assert (found, err) == (1, "")
    assert status in out
    assert words in " ".join(out.split())


def test_what_is_no_domain(typed: Typing) -> None:
    """The caller's doing."""
    assert typed.attempt("tlsrpt lookup a..b")[2] == "pillarbox: 'a..b' is not a domain name\n"
