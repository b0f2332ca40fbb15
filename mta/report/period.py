"""Which time a report tells of: parts of a day in UTC.

A report covers a day, from midnight to midnight.  A record that still has ri= of RFC 7489
may shorten that, as a courtesy: to the longest part of a day, in whole hours, that is not
longer than what it asks for.  RFC 9989 knows the tag no more, so nobody may rely on it.

All here is in hours since 1970 UTC, of which each day has 24.
"""
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

DAY: Final = 24
HOUR: Final = 3_600
#: Hours into which a day can be cut evenly.
PARTS: Final = (24, 12, 8, 6, 4, 3, 2, 1)
#: RFC 7489 §6.3, ri: seconds.
RI: Final = re.compile(r";[ \t]*ri[ \t]*=[ \t]*([0-9]{1,10})[ \t]*(?:;|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Period:
    """The hours from start up to finish, which is not included; hours are those of them that something is known of."""

    start: int
    finish: int
    hours: tuple[int, ...]


def interval(record: str) -> int:
    """Hours between reports to the owner of a DMARC record: 24 unless ri= asks for fewer, never less than one."""
    found = RI.search(record)
    seconds = int(found[1]) if found else 0
    if not seconds:
        return DAY
    hours = -(-seconds // HOUR)
    return next((part for part in PARTS if part <= hours), 1)


def ripe(hours: Iterable[int], every: int, now: float) -> list[Period]:
    """The periods of every hours that have ended at now (seconds since 1970), of those with evidence.

    At most one for each day: where the server slept through several ends, or ri= became
    shorter, that is one report up to the last of them.  Hours that are still to come (a
    clock was set back) belong to the time that ends now.
    """
    this = int(now // HOUR)
    end = this - this % DAY % every
    days: dict[int, list[int]] = {}
    for hour in sorted(hours):
        if hour < end or hour > this:
            days.setdefault(min(hour, end - 1) // DAY, []).append(hour)
    periods = []
    for day, theirs in days.items():
        finish = min((day + 1) * DAY, end)
        first = min(theirs[0], finish - 1)
        periods.append(Period(first - first % DAY % every, finish, tuple(theirs)))
    return periods
