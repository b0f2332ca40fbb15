"""mta.store.received and receivedview: rows of reports; what fills them is in tests/flow/test_reportin.py."""
from dataclasses import replace

import pytest

from mta.base.clock import SetClock
from mta.base.names import Domain, ip_address
from mta.report.aggregate import Row, SpfSeen
from mta.report.tlsrptjson import FailureDetail
from mta.store import domains, received, receivedview
from mta.store.connection import value
from mta.store.database import Store
from mta.store.received import NewPolicy, NewReport
from mta.store.verify import problems

NAME, REPORTER, DAY = Domain("example.org"), Domain("reporter.example"), 86_400
ROW = Row(ip_address("192.0.2.1"), 3, "none", "pass", "fail", "example.org", spf_results=(SpfSeen("x", "fail"),))


@pytest.fixture
def ident(store: Store) -> int:
    """example.org."""
    return store.write_now(lambda db: domains.add(db, store.clock, NAME))


def report(ident: int | None, *rows: Row, name: str = "r1", day: int = 0) -> NewReport:
    """A DMARC report."""
    good = sum(row.count for row in rows if row.passed)
    bad = sum(row.count for row in rows) - good
    return NewReport("dmarc", REPORTER, "Reporter", "", name, day * DAY, (day + 1) * DAY - 1, (NewPolicy(
        ident, NAME, "dmarc", "p=none", good, bad, rows),))


def keep(store: Store, new: NewReport) -> int:
    """Write it; its id."""
    return store.write_now(lambda db: received.add(db, store.clock, new))


def test_once(store: Store, ident: int) -> None:
    """The same name by the same sender is known; the second of two that come at once does not count."""
    new = report(ident, ROW)
    begun = [store.write_now(lambda db: received.begin(db, store.clock, new)) for _ in range(2)]
    for one in begun:
        store.write_now(lambda db, one=one: received.fill(db, one, 0, [ROW]))    # type: ignore[misc]
    assert store.read(lambda db: received.known(db, new)) is None
    assert [store.write_now(lambda db, one=one: received.finish(db, one)) for one in begun] == [True, False]    # type: ignore[misc]
    assert store.read(lambda db: received.known(db, new)) == begun[0].id
    assert store.read(lambda db: received.known(db, replace(new, sender=Domain("else.example")))) is None
    assert store.read(lambda db: received.rows_of_sender(db, REPORTER)) == 2


def test_removed_in_slices(store: Store, ident: int) -> None:
    """From the first slice on nothing of it is seen, in the end nothing is left."""
    kept = keep(store, report(ident, *[replace(ROW, source_ip=ip_address(f"192.0.2.{at}")) for at in range(1, 8)]))
    assert store.write_now(lambda db: received.remove(db, kept, 5)) == 5
    assert store.read(lambda db: receivedview.report(db, kept)) is None
    assert store.read(lambda db: receivedview.dmarc_days(db, ident, 0)) == []
    assert [store.write_now(lambda db: received.remove(db, kept, 5)) for _ in range(3)] == [2, 1, 0]
    for table in ("report", "policy", "record", "result"):
        assert store.read(lambda db, table=table: value(db, f"SELECT count(*) FROM received_{table}")) == 0    # type: ignore[misc]


def test_a_domain_in_slices(store: Store, ident: int) -> None:
    """In between everything still adds up (the store is checked at the end of each test, here also in the midst)."""
    keep(store, report(ident, *[replace(ROW, source_ip=ip_address(f"192.0.2.{at}")) for at in range(1, 8)]))
    failures = (FailureDetail("x", 1), FailureDetail("y", 2))
    both = NewReport("tls", REPORTER, "Reporter", "", "t", 0, DAY - 1, (
        NewPolicy(ident, NAME, "sts", "", 5, 3, failures), NewPolicy(None, Domain("mx.example.org"), "tlsa", "", 1, 0)))
    keep(store, both)
    gone = []
    while step := store.write_now(lambda db: received.remove_domain(db, ident, 4)):
        gone.append(step)
        assert problems(store) == []
    assert sum(gone) >= 9
    assert store.read(lambda db: [row.domains for row in receivedview.listing(db)]) == [("mx.example.org",)]


def test_the_oldest_go_first(store: Store, clock: SetClock, ident: int) -> None:
    """By age and by number."""
    for name in ("a", "b", "c"):
        keep(store, report(ident, ROW, name=name))
        clock.advance(10)
    def names() -> list[str]:
        return [row.report_id for row in store.read(receivedview.listing)]

    while store.write_now(lambda db: received.prune(db, clock, 25, 100, 9)):
        pass
    assert names() == ["c", "b"]
    while store.write_now(lambda db: received.prune(db, clock, 1_000, 1, 9)):
        pass
    assert names() == ["c"]


def test_failure_reports_are_few(store: Store, clock: SetClock, ident: int) -> None:
    """One comes for each forged message: the oldest of them go, others do not."""
    keep(store, report(ident, ROW))
    for name in ("a", "b", "c"):
        keep(store, replace(report(ident, name=name), kind="failure"))
    while store.write_now(lambda db: received.prune(db, clock, 1e9, 100, 2)):
        pass
    assert [row.report_id for row in store.read(receivedview.listing)] == ["c", "b", "r1"]
