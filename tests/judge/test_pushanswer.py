"""What follows from answers of push services."""
from dataclasses import replace

import pytest

from mta.base.limits import LIMITS
from mta.judge.pushanswer import PAUSES, Consequence, Step, after

#: 2030-01-01 00:00:00 UTC.
NOW = 1_893_456_000.0


@pytest.mark.parametrize(("status", "step"), [
    (200, Step.DONE), (201, Step.DONE), (202, Step.DONE), (404, Step.GONE), (410, Step.GONE), (413, Step.SHORTEN), (400, Step.DROP),
    (401, Step.DROP), (403, Step.DROP), (301, Step.DROP), (307, Step.DROP), (199, Step.DROP), (408, Step.AGAIN), (425, Step.AGAIN),
    (429, Step.AGAIN), (500, Step.AGAIN), (503, Step.AGAIN), (0, Step.AGAIN)])
def test_steps(status: int, step: Step) -> None:
    """Each kind of answer."""
    assert after(status, "", 1, NOW).step is step


def test_too_large_once() -> None:
    """What has nothing to leave out is dropped."""
    assert after(413, "", 1, NOW, short=True) == Consequence(Step.DROP)


def test_pauses_grow_and_end() -> None:
    """After the last attempt it is dropped."""
    assert [after(503, "", number, NOW).pause for number in range(1, 5)] == list(PAUSES)
    assert after(503, "", LIMITS.push_attempts, NOW) == Consequence(Step.DROP)
    many = replace(LIMITS, push_attempts=100)
    assert after(503, "", 50, NOW, limits=many).pause == PAUSES[-1]


@pytest.mark.parametrize(("asked", "pause"), [
    ("90", 90.0), ("0", 30.0), ("5", 30.0), ("999999999999999999999", LIMITS.push_pause_most), ("86400", LIMITS.push_pause_most),
    ("-5", 30.0), ("soon", 30.0), ("", 30.0), ("1e9", 30.0), ("٣٣٣", 30.0),
    ("Tue, 01 Jan 2030 00:02:00 GMT", 120.0), ("Tue, 01 Jan 2019 00:02:00 GMT", 30.0),
    ("Tue, 01 Jan 2036 00:02:00 GMT", LIMITS.push_pause_most)])
def test_what_a_service_asks_for(asked: str, pause: float) -> None:
    """Longer than usual is granted, up to a bound; shorter is not, and nonsense is nothing."""
    assert after(429, asked, 1, NOW) == Consequence(Step.AGAIN, pause)
