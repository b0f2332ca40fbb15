"""mta.report.aggregate: what reports tell."""
from dataclasses import replace
from ipaddress import ip_address

import pytest

from mta.auth.dmarcrecord import parse
from mta.base.names import Domain
from mta.report.aggregate import AggregateReport, Metadata, Override, Published, Row, merged

ROW = Row(ip_address("192.0.2.1"), 2, "none", "pass", "fail", "example.org", "mail.example.org")
REPORT = AggregateReport(Metadata("example.net", "dmarc@example.net", "1", 1, 2), Published(Domain("example.org"), "none"), (ROW, ROW))


@pytest.mark.parametrize(("text", "published"), [
    ("v=DMARC1; p=reject", Published(Domain("example.org"), "reject", "reject", "reject", "r", "r", "0", False, "treewalk")),
    ("v=DMARC1; p=quarantine; sp=none; t=y; adkim=s; ruf=mailto:a@example.org; fo=s:d",
     Published(Domain("example.org"), "quarantine", "none", "none", "s", "r", "d:s", True, "treewalk")),
    ("v=DMARC1; p=none; np=reject; aspf=s",
     Published(Domain("example.org"), "none", "none", "reject", "r", "s", "0", False, "treewalk")),
])
def test_the_policy_of_a_record(text: str, published: Published) -> None:
    """Tags that are not there have their defaults (RFC 9990 §3.1.1.5)."""
    record = parse(text)

    assert record is not None
    assert Published.of(Domain("example.org"), record) == published


def test_merging() -> None:
    """Rows that differ in nothing but their count are one; any other difference keeps them apart."""
    others = [replace(ROW, disposition="reject"), replace(ROW, reasons=(Override("other"),)), replace(ROW, envelope_from=None),
              replace(ROW, envelope_from="")]

    assert merged([ROW, *others, replace(ROW, count=5), *others]) == (
        replace(ROW, count=7), *(replace(one, count=4) for one in others))
    assert merged([]) == ()


def test_counting() -> None:
    """How many messages a report is about, and which passed: one of the two is enough."""
    assert REPORT.messages == 4
    assert [replace(ROW, dkim=dkim, spf=spf).passed for dkim in ("pass", "fail") for spf in ("pass", "fail")] == [True, True, True, False]
