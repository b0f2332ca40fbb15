"""mta.store.receivedview: sums and lists; what pages make of them is in tests/flow/test_reportview.py."""
from dataclasses import replace

import pytest

from mta.base.names import Domain, ip_address
from mta.judge.sending import Check
from mta.report.aggregate import DkimSeen, Override
from mta.report.tlsrptjson import FailureDetail
from mta.store import domains, receivedview
from mta.store.database import Store
from mta.store.received import NewPolicy, NewReport
from tests.store.test_received import DAY, NAME, REPORTER, ROW, keep, report


@pytest.fixture
def ident(store: Store) -> int:
    """example.org."""
    return store.write_now(lambda db: domains.add(db, store.clock, NAME))


def test_kinds_are_merged(store: Store, ident: int) -> None:
    """What is alike in several reports is one kind, with its days; what differs in a result is another."""
    signed = replace(ROW, dkim_results=(DkimSeen("example.org", "s", "pass"), DkimSeen("b.example", "t", "fail")),
                     reasons=(Override("mailing_list", "a"), Override("other", "b")))
    keep(store, report(ident, ROW, signed, name="a", day=10))
    keep(store, report(ident, replace(ROW, count=5), name="b", day=12))
    plain, other = store.read(lambda db: receivedview.kinds(db, ident, 0))
    assert (plain.kind.messages, plain.kind.days, plain.first, plain.last) == (8, 2, 10, 12)
    assert plain.kind.checks == (Check("spf", "x", "", False),)
    assert (other.kind.messages, other.kind.reasons) == (3, frozenset(("mailing_list", "other")))
    assert other.kind.checks == (
        Check("dkim", "example.org", "s", True), Check("dkim", "b.example", "t", False), Check("spf", "x", "", False))
    assert [one.kind.messages for one in store.read(lambda db: receivedview.kinds(db, ident, 11))] == [5]
    assert store.read(lambda db: receivedview.kinds(db, None, 0)) == []


def test_days(store: Store, ident: int) -> None:
    """A report across midnight belongs to the day of its middle; dispositions that nobody knows were deliveries."""
    fail = replace(ROW, dkim="fail")
    late = report(ident, fail, replace(fail, disposition="reject", count=1), name="late")
    keep(store, replace(late, start=10 * DAY + 80_000, finish=11 * DAY + 79_999))
    keep(store, report(ident, replace(fail, disposition="pass"), replace(fail, disposition="quarantine", count=2), name="x", day=9))
    assert [(one.day, one.passed, one.delivered, one.quarantined, one.rejected) for one in store.read(
        lambda db: receivedview.dmarc_days(db, ident, 0))] == [(9, 0, 3, 2, 0), (11, 0, 3, 0, 1)]


def test_lists(store: Store, ident: int) -> None:
    """By kind, domain, host and place in the list."""
    keep(store, report(ident, ROW, name="a"))
    keep(store, report(None, ROW, name="b"))
    keep(store, NewReport("tls", REPORTER, "R", "", "t", 0, 1, (
        NewPolicy(ident, NAME, "sts", "", 5, 3, (FailureDetail("x", 3),)), NewPolicy(None, Domain("mx.example.org"), "tlsa", "", 1, 0))))

    def ids(**which: object) -> list[str]:
        return [row.report_id for row in store.read(lambda db: receivedview.listing(db, **which))]    # type: ignore[arg-type]

    assert (ids(), ids(kind="dmarc"), ids(domain_id=ident), ids(host=True), ids(before=3, limit=1)) == (
        ["t", "b", "a"], ["b", "a"], ["t", "a"], ["t", "b"], ["b"])
    [last, *_] = store.read(receivedview.listing)
    assert (last.domains, last.good, last.bad, last.mail) == (("example.org", "mx.example.org"), 6, 3, None)
    assert [(one.domain, one.messages, one.sessions, one.failed_sessions) for one in store.read(
        lambda db: receivedview.totals(db, 0))] == [("", 3, 1, 0), ("example.org", 3, 8, 3)]
    assert [(one.organization, one.reports, one.counted) for one in store.read(
        lambda db: receivedview.reporters(db, ident, 0, "tls"))] == [("R", 1, 8)]
    assert store.read(lambda db: receivedview.latest_policy(db, ident)) == "p=none"


def test_a_long_one_is_cut(store: Store, ident: int) -> None:
    """Those of most messages are shown."""
    rows = [replace(ROW, source_ip=ip_address(f"10.0.{at // 250}.{at % 250}"), count=at + 1) for at in range(receivedview.ROWS + 5)]
    kept = keep(store, report(ident, *rows))
    whole = store.read(lambda db: receivedview.report(db, kept))
    assert whole is not None
    [policy] = whole.policies
    assert policy.cut
    assert [len(policy.records), policy.records[0]["messages"]] == [receivedview.ROWS, receivedview.ROWS + 5]
