"""Tests of mta.judge.rates."""
import pytest

from mta.base.clock import SetClock
from mta.base.names import ip_address
from mta.judge.rates import MemoryCrowd, MemoryTally, Places, Rate

RATE = Rate("tests", 60.0, (3, 5, 8))


@pytest.fixture
def clock() -> SetClock:
    """A clock that stands still at the start of a slot."""
    return SetClock()


def test_each_width_has_its_bound(clock: SetClock) -> None:
    """One address is stopped first, then its neighbours, then the provider's block."""
    tally = MemoryTally(clock.timestamp)
    for _ in range(3):
        assert RATE.over(tally, ip_address("192.0.2.1")) is None
        RATE.add(tally, ip_address("192.0.2.1"))

    assert RATE.over(tally, ip_address("192.0.2.1")) == "192.0.2.1/32"
    for last in (2, 3):
        assert RATE.over(tally, ip_address(f"192.0.2.{last}")) is None
        RATE.add(tally, ip_address(f"192.0.2.{last}"))
    assert RATE.over(tally, ip_address("192.0.2.9")) == "192.0.2.0/26"
    for last in range(3):
        RATE.add(tally, ip_address(f"192.0.3.{last}"))
    assert RATE.over(tally, ip_address("192.0.4.1")) == "192.0.0.0/21"
    assert RATE.over(tally, ip_address("192.0.8.1")) is None


def test_ipv6_is_counted_by_customer(clock: SetClock) -> None:
    """A customer has a /64, so that is the narrowest that counts."""
    tally = MemoryTally(clock.timestamp)
    for last in range(3):
        RATE.add(tally, ip_address(f"2001:db8::{last}"))

    assert RATE.over(tally, ip_address("2001:db8::ffff")) == "2001:db8::/64"
    assert RATE.over(tally, ip_address("2001:db8:0:1::1")) is None


def test_the_window_slides(clock: SetClock) -> None:
    """What happened fades out over the window, and is gone after two."""
    tally = MemoryTally(clock.timestamp)
    tally.add("x", ["a"], 60.0)
    tally.add("x", ["a"], 60.0)

    clock.advance(60)
    assert tally.counts("x", ["a", "b"], 60.0) == [2.0, 0.0]
    clock.advance(45)
    tally.add("x", ["a"], 60.0)
    assert tally.counts("x", ["a"], 60.0) == [pytest.approx(1.5)]
    clock.advance(15)
    assert tally.counts("x", ["a"], 60.0) == [1.0]
    clock.advance(120)
    assert tally.counts("x", ["a"], 60.0) == [0.0]


def test_kinds_and_windows_are_apart(clock: SetClock) -> None:
    """A day's count is not a minute's."""
    tally = MemoryTally(clock.timestamp)
    tally.add("x", ["a"], 60.0)

    assert tally.counts("y", ["a"], 60.0) == [0.0]
    assert tally.counts("x", ["a"], 86_400.0) == [0.0]


def test_strangers_cannot_fill_memory(clock: SetClock) -> None:
    """New keys beyond the bound are not counted; known ones are."""
    tally = MemoryTally(clock.timestamp, room=2)
    for key in ("a", "b", "c", "a"):
        tally.add("x", [key], 60.0)

    assert tally.counts("x", ["a", "b", "c"], 60.0) == [2.0, 1.0, 0.0]


def test_places_are_given_back() -> None:
    """A closed connection makes room for the next."""
    places = Places((2, 3, 9), MemoryCrowd())
    one, near = ip_address("192.0.2.1"), ip_address("192.0.2.2")

    assert [places.take(one) for _ in range(3)] == [None, None, "192.0.2.1/32"]
    assert [places.take(near) for _ in range(2)] == [None, "192.0.2.0/26"]
    places.leave(one)
    assert places.take(near) is None
    for ip in (one, near, near):
        places.leave(ip)
    assert [places.take(one) for _ in range(2)] == [None, None]
