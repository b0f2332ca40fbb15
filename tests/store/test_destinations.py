"""mta.store.destinations: attempts, counted by day and destination."""
from mta.base.clock import SetClock
from mta.store import destinations
from mta.store.database import Store


def test_counting_and_forgetting(store: Store, clock: SetClock) -> None:
    """What is alike on a day is one row with the last reply; days that are over go."""
    def count(outcome: destinations.Outcome, reply: str = "") -> None:
        store.write_now(lambda db: destinations.count(db, clock, "far.test", "d.test", outcome, "full" if reply else "", reply))

    count("sent")
    count("deferred", "452 full")
    count("deferred", "452 still full")
    found = store.read(lambda db: destinations.tallies(db, clock, 1))
    assert [(one.outcome, one.attempts, one.reply) for one in found] == [("deferred", 2, "452 still full"), ("sent", 1, "")]
    assert store.read(lambda db: destinations.tallies(db, clock, 1, "else")) == []
    [day] = store.read(lambda db: destinations.by_day(db, clock, 1, "far.test")).values()
    assert day == {"sent": 1, "deferred": 2}
    clock.advance(40 * 86_400.0)
    assert store.read(lambda db: destinations.tallies(db, clock, 30)) == []
    assert store.write_now(lambda db: destinations.prune(db, clock, 30, 1)) == 1
    assert store.write_now(lambda db: destinations.prune(db, clock, 30, 10)) == 1
