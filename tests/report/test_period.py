"""Periods of reports: parts of a UTC day, whatever clocks do."""
import pytest

from mta.report.period import DAY, HOUR, PARTS, Period, interval, ripe

#: A midnight, in hours since 1970.
MIDNIGHT = 20_000 * DAY


@pytest.mark.parametrize(("text", "hours"), [
    ("v=DMARC1; p=none", 24), ("v=DMARC1; p=none; ri=3600", 1), ("v=DMARC1;ri=7200;p=none", 2),
    ("v=DMARC1; p=none; RI = 21600 ; sp=none", 6),
    ("v=DMARC1; p=none; ri=0", 24), ("v=DMARC1; p=none; ri=x", 24), ("v=DMARC1; p=none; ri=", 24), ("v=DMARC1; p=none; ri=99999999999", 24),
    ("v=DMARC1; p=none; ri=18000", 4), ("v=DMARC1; p=none; ri=18001", 6), ("v=DMARC1; p=none; xri=60", 24), ("v=DMARC1; p=none; ri=1", 1),
    ("ri=60", 24), ("", 24)])
def test_interval(text: str, hours: int) -> None:
    """What ri= asks for, rounded up to hours, then down to a part of a day; a day if it asks for nothing that can be read."""
    assert interval(text) == hours
    assert hours in PARTS


CASES: dict[str, tuple[list[int], int, int, list[tuple[int, int, tuple[int, ...]]]]] = {
    "nothing": ([], 24, 5, []),
    "today is not over": ([0, 5, 22], 24, 23, []),
    "the day is over": ([0, 5, 23], 24, 24, [(0, 24, (0, 5, 23))]),
    "long after": ([0, 5, 23, 24], 24, 27, [(0, 24, (0, 5, 23))]),
    "two days": ([3, 30], 24, 50, [(0, 24, (3,)), (24, 48, (30,))]),
    "an hour": ([4, 5], 1, 5, [(4, 5, (4,))]),
    "six hours": ([5, 6, 7], 6, 12, [(0, 12, (5, 6, 7))]),
    "six hours, in time": ([6, 7, 11, 12], 6, 12, [(6, 12, (6, 7, 11))]),
    "asleep over several ends": ([1, 9, 13], 4, 14, [(0, 12, (1, 9))]),
    "to come": ([10, 99], 24, 24, [(0, 24, (10, 99))]),
    "only to come": ([99], 24, 25, [(0, 24, (99,))]),
    "only to come, by hours": ([99], 1, 7, [(6, 7, (99,))]),
}


@pytest.mark.parametrize("case", CASES)
def test_ripe(case: str) -> None:
    """Periods that have ended, at most one a day; what a clock saw that was ahead belongs to the last."""
    hours, every, now, wanted = CASES[case]
    found = ripe([MIDNIGHT + hour for hour in hours], every, (MIDNIGHT + now) * HOUR + 59)
    assert found == [
        Period(MIDNIGHT + start, MIDNIGHT + finish, tuple(MIDNIGHT + hour for hour in theirs)) for start, finish, theirs in wanted]
