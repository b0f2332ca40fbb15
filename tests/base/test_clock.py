"""mta.base.clock: the clock of tests and that of the machine."""
from datetime import UTC, timedelta

from mta.base.clock import SetClock, SystemClock


def test_a_set_clock_stands_still_until_told() -> None:
    """All three readings move together."""
    clock = SetClock()
    before = clock.now(), clock.timestamp(), clock.monotonic()

    assert (clock.now(), clock.timestamp(), clock.monotonic()) == before
    clock.advance(timedelta(minutes=1))
    clock.advance(1.5)
    assert clock.now() - before[0] == timedelta(seconds=61.5)
    assert clock.timestamp() - before[1] == 61.5
    assert clock.monotonic() - before[2] == 61.5


def test_the_machines_clock_is_utc() -> None:
    """Its readings agree with each other."""
    clock = SystemClock()

    assert clock.now().tzinfo is UTC
    assert abs(clock.now().timestamp() - clock.timestamp()) < 5
    assert clock.monotonic() <= clock.monotonic()
