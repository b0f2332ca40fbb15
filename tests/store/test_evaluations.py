"""mta.store.evaluations: alike is counted, reported is bound, too much is refused."""
from dataclasses import replace

from mta.base.clock import SetClock
from mta.store import evaluations, sentreports
from mta.store.database import Store
from mta.store.evaluations import HOUR, Fresh, Kept, Waiting

START = 500_000 * HOUR
ONE = Fresh("b.test", b"1" * 16, b"facts", "v=DMARC1; p=none", float(START))


def add(store: Store, *fresh: Fresh, most: int = 1_000) -> list[bool]:
    """Count these, in one change."""
    return store.write_now(lambda db: [evaluations.add(db, one, most) for one in fresh])


def report(store: Store, clock: SetClock, domain: str = "b.test") -> int:
    """A report."""
    return store.write_now(lambda db: sentreports.plan(db, clock, "dmarc", domain, 0.0, 1.0, 2.0))


def test_alike_is_one_row(store: Store) -> None:
    """Same domain, hour and facts; the record is the last one."""
    later = replace(ONE, at=START + 3_599.0, record="v=DMARC1; p=reject", messages=3, optional=2)
    assert add(store, ONE, later, replace(ONE, digest=b"2" * 16, facts=b"other"), replace(ONE, at=START + 3_600.0)) == [True] * 4
    assert store.read(evaluations.waiting) == [Waiting("b.test", (500_000, 500_001), 6, 2, "v=DMARC1; p=none")]
    rows = store.read(lambda db: evaluations.open_rows(db, "b.test", [500_000], 10))
    assert rows == [Kept("b.test", 500_000, b"facts", "v=DMARC1; p=reject", 4, 2, START + 3_599.0),
                    Kept("b.test", 500_000, b"other", "v=DMARC1; p=none", 1, 0, float(START))]


def test_what_is_bound_stays_as_it_is(store: Store, clock: SetClock) -> None:
    """What comes later for the same hour is another row; clearing the report leaves that."""
    add(store, ONE, replace(ONE, policy_domain="c.test"))
    ident = report(store, clock)
    assert store.write_now(lambda db: evaluations.take(db, "b.test", [500_000], ident)) == 1
    add(store, replace(ONE, messages=5))
    assert [one.messages for one in store.read(lambda db: evaluations.rows(db, ident, 10))] == [1]
    assert store.read(lambda db: evaluations.total(db, ident)) == 1
    assert [(one.policy_domain, one.messages) for one in store.read(evaluations.waiting)] == [("b.test", 5), ("c.test", 1)]
    assert store.write_now(lambda db: evaluations.clear(db, ident)) == 1
    assert [(one.policy_domain, one.messages) for one in store.read(lambda db: evaluations.waiting(db, "b.test"))] == [("b.test", 5)]
    assert store.write_now(lambda db: evaluations.forget(db, "b.test")) == 5
    assert store.read(lambda db: evaluations.waiting(db, "b.test")) == []


def test_a_removed_report_takes_its_evidence(store: Store, clock: SetClock) -> None:
    """Nothing is left that nobody would ever report."""
    add(store, ONE)
    ident = report(store, clock)
    store.write_now(lambda db: evaluations.take(db, "b.test", [500_000], ident))
    store.write_now(lambda db: sentreports.remove(db, ident))
    assert store.read(lambda db: list(db.execute("SELECT 1 FROM dmarc_evaluation"))) == []


def test_only_so_many_rows(store: Store) -> None:
    """Beyond the bound no new row is made; what is there goes on counting."""
    others = [replace(ONE, digest=bytes([number]) * 16) for number in range(5)]
    assert add(store, *others, most=3) == [True, True, True, False, False]
    assert add(store, *others, most=3) == [True, True, True, False, False]
    assert store.read(evaluations.waiting)[0].messages == 6


def test_the_largest_rows_come_first(store: Store, clock: SetClock) -> None:
    """A report that cannot hold all has those that tell most."""
    add(store, *(replace(ONE, digest=bytes([number]) * 16, facts=bytes([number]), messages=number) for number in range(1, 6)))
    ident = report(store, clock)
    store.write_now(lambda db: evaluations.take(db, "b.test", [500_000], ident))
    assert [one.messages for one in store.read(lambda db: evaluations.rows(db, ident, 2))] == [5, 4]
    assert store.read(lambda db: evaluations.total(db, ident)) == 15


def test_old_rows_go(store: Store) -> None:
    """By the hour they are of, in slices."""
    add(store, *(replace(ONE, at=float(START + hour * HOUR)) for hour in range(4)))
    ids = store.read(lambda db: evaluations.old(db, START + 2.5 * HOUR, 10))
    assert len(ids) == 2
    assert store.read(lambda db: evaluations.old(db, START + 2.5 * HOUR, 1)) == ids[:1]
    assert store.write_now(lambda db: evaluations.remove(db, ids)) == 2
    assert store.read(evaluations.waiting)[0].hours == (500_002, 500_003)
