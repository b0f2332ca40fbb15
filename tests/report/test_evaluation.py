"""Evaluations: packed always alike, and a row of a report again."""
from dataclasses import replace
from ipaddress import IPv6Address

import cbor2

from mta.report.aggregate import DkimSeen, Override, SpfSeen
from mta.report.evaluation import Evaluation, digest

ONE = Evaluation(
    "2001:db8::1", "quarantine", False, True, "b.test", "", "example.org", (("local_policy", "because"),),
    (("b.test", "s1", "fail"), ("c.test", "s2", "pass")), (("mail.b.test", "softfail"),))


def test_there_and_back() -> None:
    """What was packed comes out equal, and what is equal is packed alike."""
    assert Evaluation.unpack(ONE.pack()) == ONE
    assert replace(ONE).pack() == ONE.pack()
    assert digest(ONE.pack()) == digest(replace(ONE).pack())
    assert digest(ONE.pack()) != digest(replace(ONE, envelope_to="example.net").pack())
    assert len(digest(b"")) == 16


def test_another_version() -> None:
    """What a later program wrote is not guessed at."""
    assert Evaluation.unpack(cbor2.dumps([2, "anything"])) is None


def test_a_row() -> None:
    """All of it stands in the report."""
    row = ONE.row(7)
    assert (row.source_ip, row.count, row.disposition, row.dkim, row.spf) == (IPv6Address("2001:db8::1"), 7, "quarantine", "fail", "pass")
    assert (row.header_from, row.envelope_from, row.envelope_to) == ("b.test", "", "example.org")
    assert row.reasons == (Override("local_policy", "because"),)
    assert row.dkim_results == (DkimSeen("b.test", "s1", "fail"), DkimSeen("c.test", "s2", "pass"))
    assert row.spf_results == (SpfSeen("mail.b.test", "softfail"),)
