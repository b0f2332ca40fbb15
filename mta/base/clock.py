"""Time as an argument.

Whoever needs the time takes a Clock; a test hands in one that stands still.
"""
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time of day and measures waits."""

    def now(self) -> datetime:
        """The current time, always in UTC."""
        ...

    def timestamp(self) -> float:
        """Seconds since 1970-01-01 UTC, as the databases store them."""
        ...

    def monotonic(self) -> float:
        """Seconds from an arbitrary start that never jumps; only for measuring waits."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def timestamp(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()


class SetClock:
    """For tests: stands still until told to move."""

    def __init__(self, start: datetime = datetime(2030, 1, 1, tzinfo=UTC)) -> None:
        self._now = start
        self._monotonic = 1_000.0

    def now(self) -> datetime:
        return self._now

    def timestamp(self) -> float:
        return self._now.timestamp()

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, step: timedelta | float) -> None:
        """Move on by step (a timedelta, or seconds)."""
        if not isinstance(step, timedelta):
            step = timedelta(seconds=step)
        self._now += step
        self._monotonic += step.total_seconds()
