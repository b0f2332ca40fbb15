"""Counts of strangers, shared by processes."""
from collections.abc import Iterator

import pytest

from mta.base.clock import SetClock
from mta.base.events import Event, Journal, Recorded
from mta.base.limits import LIMITS
from mta.judge.rates import MemoryTally, Tally
from mta.store import counts as counts_module
from mta.store.connection import connect, value
from mta.store.counts import Counts
from mta.store.database import Store


@pytest.fixture
def pair(store: Store, clock: SetClock, journal: Journal) -> Iterator[tuple[Counts, Counts]]:
    """The counts of two processes that share a directory."""
    both = Counts(store.trace_db, clock, journal), Counts(store.trace_db, clock, journal)
    yield both
    for counts in both:
        counts.close()


def rows(store: Store) -> int:
    """How many rows are in the file."""
    db = connect(store.trace_db, synchronous="OFF")
    try:
        return int(value(db, "SELECT count(*) FROM rate"))
    finally:
        db.close()


def test_what_is_added_is_counted_at_once(pair: tuple[Counts, Counts]) -> None:
    """The process that adds sees it without any file."""
    one, _ = pair
    tally: Tally = one
    for _ in range(3):
        tally.add("connect", ["192.0.2.1/32", "192.0.2.0/26"], 60.0)
    tally.add("connect", ["192.0.2.0/26"], 60.0)
    assert tally.counts("connect", ["192.0.2.1/32", "192.0.2.0/26", "198.51.100.1/32"], 60.0) == [3, 4, 0]


def test_the_other_process_sees_it_after_a_flush(pair: tuple[Counts, Counts], clock: SetClock) -> None:
    """What one merged the other adds to its own, once its knowledge is a second old."""
    one, two = pair
    one.add("connect", ["a"], 60.0)
    two.add("connect", ["a"], 60.0)
    assert two.counts("connect", ["a"], 60.0) == [1]
    one.flush()
    clock.advance(counts_module.FRESH)
    assert two.counts("connect", ["a"], 60.0)[0] == pytest.approx(2, abs=0.1)
    two.flush()
    clock.advance(counts_module.FRESH)
    assert one.counts("connect", ["a"], 60.0)[0] == pytest.approx(2, abs=0.1)


def test_kinds_and_windows_are_apart(pair: tuple[Counts, Counts]) -> None:
    """A minute's failures are not a day's, and failures are not connections."""
    one, _ = pair
    one.add("failed", ["a"], 60.0)
    assert one.counts("failed", ["a"], 86_400.0) == [0]
    assert one.counts("connect", ["a"], 60.0) == [0]


def test_it_counts_like_memory(pair: tuple[Counts, Counts], clock: SetClock) -> None:
    """Over slots of time it says the same as the tally of one process."""
    shared, memory = pair[0], MemoryTally(clock.timestamp)
    for step in range(40):
        for tally in (shared, memory):
            tally.add("x", ["a"], 60.0)
        if step % 5 == 0:
            shared.flush()
        clock.advance(7.0)
        assert shared.counts("x", ["a"], 60.0) == pytest.approx(memory.counts("x", ["a"], 60.0))


def test_a_full_disk_loses_nothing_yet(store: Store, clock: SetClock, journal: Journal, recorded: Recorded) -> None:
    """What cannot be merged stays in memory, is tried again, and is complained of once a minute."""
    moved = store.trace_db.with_name("elsewhere.db")
    store.trace_db.rename(moved)
    counts = Counts(store.trace_db, clock, journal)
    counts.add("x", ["a"], 60.0)
    counts.flush()
    counts.flush()
    assert counts.counts("x", ["a"], 60.0) == [1]
    assert [record.event for record in recorded.records] == [Event.STORE_TROUBLE]
    moved.rename(store.trace_db)
    counts.flush()
    assert rows(store) == 1
    counts.close()


def test_memory_is_bounded(pair: tuple[Counts, Counts]) -> None:
    """More networks than we care to remember make us forget, not grow."""
    one, _ = pair
    for start in range(0, LIMITS.rate_keys * 2, 5_000):
        one.add("x", [str(number) for number in range(start, start + 5_000)], 60.0)
    assert len(one._known) <= LIMITS.rate_keys + 5_000


def test_expired_rows_are_pruned(pair: tuple[Counts, Counts], store: Store, clock: SetClock) -> None:
    """A slot that lies in no window any more goes."""
    one, _ = pair
    one.add("x", ["a", "b", "c"], 60.0)
    one.flush()
    assert one.prune() == 0
    clock.advance(121)
    assert one.prune(2) == 2
    assert one.prune(2) == 1
    assert rows(store) == 0


def test_closing_writes_the_rest(store: Store, clock: SetClock) -> None:
    """A process that ends leaves what it counted."""
    counts = Counts(store.trace_db, clock)
    counts.add("x", ["a"], 60.0)
    counts.close()
    assert rows(store) == 1
