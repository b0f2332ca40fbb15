"""mta.store.traffic: what came in, hour by hour."""
from mta.base.clock import SetClock
from mta.store import traffic
from mta.store.database import Store
from mta.store.traffic import HOUR, KEPT, Hour


def test_hours(store: Store, clock: SetClock) -> None:
    """Hours that are over are counted once, a day of them at most; old ones go."""
    now = int(clock.timestamp() // HOUR)
    assert store.read(lambda db: traffic.uncounted(db, clock)) == [now - 1]
    store.write_now(lambda db: traffic.note(db, Hour(now - 1, 3, 2, 1)))
    assert store.read(lambda db: traffic.uncounted(db, clock)) == []
    clock.advance(30.0 * HOUR)
    assert store.read(lambda db: traffic.uncounted(db, clock)) == list(range(now + 6, now + 30))
    assert store.read(traffic.listing) == [Hour(now - 1, 3, 2, 1)]
    clock.advance(float(KEPT * HOUR))
    assert store.write_now(lambda db: traffic.prune(db, clock, 10)) == 1
