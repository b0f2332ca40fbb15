"""What the clock asks for is done once, also after a night without power."""
from functools import partial

from mta.base.clock import SetClock
from mta.base.limits import LIMITS
from mta.store import leases, schedule
from mta.store.database import Store

ME = leases.incarnation("reporter")
DEAD = "reporter-0:999999999:1:dead"


def claim(store: Store, owner: str = ME, **more: object) -> list[schedule.Due]:
    """Claim what is due."""
    return store.write_now(lambda db: schedule.claim(db, store.clock, owner, **more))  # type: ignore[arg-type]  # tests pass keywords on


def test_nothing_is_done_before_its_time(store: Store, clock: SetClock) -> None:
    """A row is claimed when it is due, once."""
    due = clock.timestamp() + 60
    store.write_now(lambda db: schedule.plan(db, "sweep", due))
    assert store.read(schedule.next_due) == due
    assert claim(store) == []
    clock.advance(60)
    assert [row.kind for row in claim(store)] == ["sweep"]
    assert claim(store) == []


def test_planning_twice_changes_nothing(store: Store, clock: SetClock) -> None:
    """A start of the role plans again what is planned already, without moving it."""
    now = clock.timestamp()
    store.write_now(lambda db: schedule.plan(db, "sweep", now))
    store.write_now(lambda db: schedule.plan(db, "sweep", now + 999))
    assert [row.due for row in store.read(schedule.listing)] == [now]


def test_a_missed_run_is_done_once(store: Store, clock: SetClock) -> None:
    """Ten hours without us are one run of an hourly task, and the next in an hour."""
    store.write_now(lambda db: schedule.plan(db, "sweep", clock.timestamp()))
    clock.advance(36_000)
    [row] = claim(store)
    assert store.write_now(lambda db: schedule.done(db, clock, row.kind, row.subject, ME, clock.timestamp() + 3600, "7 files"))
    assert claim(store) == []
    [after] = store.read(schedule.listing)
    assert (after.due, after.last_done, after.last_text, after.failures) == (clock.timestamp() + 3600, clock.timestamp(), "7 files", 0)


def test_failure_is_counted_and_tried_again(store: Store, clock: SetClock) -> None:
    """A failed run says why, and the next success forgets it."""
    store.write_now(lambda db: schedule.plan(db, "report", clock.timestamp(), "b.example"))
    claim(store)
    assert store.write_now(lambda db: schedule.failed(db, "report", "b.example", ME, clock.timestamp() + 5, "no route"))
    clock.advance(5)
    [row] = claim(store)
    assert (row.subject, row.failures, row.last_text) == ("b.example", 1, "no route")
    assert store.write_now(lambda db: schedule.done(db, clock, "report", "b.example", ME, None))
    assert store.read(schedule.listing) == []
    assert store.read(schedule.next_due) is None


def test_a_lost_claim_changes_nothing(store: Store, clock: SetClock) -> None:
    """Whoever took too long cannot overwrite what its successor does."""
    store.write_now(lambda db: schedule.plan(db, "sweep", clock.timestamp()))
    claim(store, DEAD)
    assert store.write_now(lambda db: schedule.renew(db, clock, "sweep", "", DEAD))
    clock.advance(LIMITS.lease)
    claim(store)
    assert not store.write_now(lambda db: schedule.renew(db, clock, "sweep", "", DEAD))
    assert not store.write_now(lambda db: schedule.done(db, clock, "sweep", "", DEAD, 1.0))
    assert not store.write_now(lambda db: schedule.failed(db, "sweep", "", DEAD, 1.0, "x"))


def test_a_dead_predecessor_gives_back(store: Store, clock: SetClock) -> None:
    """The next incarnation takes over at once."""
    store.write_now(lambda db: schedule.plan(db, "sweep", clock.timestamp()))
    claim(store, DEAD)
    assert store.write_now(lambda db: schedule.release_all(db, "reporter")) == 1
    assert len(claim(store)) == 1


def test_claiming_by_kind_and_number(store: Store, clock: SetClock) -> None:
    """A role takes only kinds it can do, and as many as it asks for, the longest due first."""
    for number, kind in enumerate(("c", "b", "a")):
        store.write_now(partial(schedule.plan, kind=kind, due=clock.timestamp() - number))
    assert [row.kind for row in claim(store, kinds=("c", "b"))] == ["b"]
    assert [row.kind for row in claim(store, limit=5)] == ["a", "c"]


def test_bring_forward(store: Store, clock: SetClock, rung: list[str]) -> None:
    """What a person asks for is due at once, and the reporter is rung."""
    store.write_now(lambda db: schedule.plan(db, "sweep", clock.timestamp() + 3600))
    rung.clear()
    store.write_now(lambda db: schedule.bring_forward(db, clock, "sweep"))
    assert rung == ["reporter"]
    assert len(claim(store)) == 1
