"""What follows from a push service's answer: the only place that decides it.

Standards: RFC 8030 §5, §7.2, §7.3, §8.4; RFC 9110 §10.2.3; RFC 6585 §4.
"""
import enum
from dataclasses import dataclass
from typing import Final

from mta.base.limits import LIMITS, Limits
from mta.message.dates import parse_date

#: Seconds before the second, third, … attempt; a service that asks for longer gets it.
PAUSES: Final = (30.0, 120.0, 600.0, 1_800.0)
#: Answers of the 4xx that mean "not now" (RFC 9110 §15.5.9, RFC 6585 §4).
LATER: Final = frozenset({408, 425, 429})


class Step(enum.Enum):
    """What to do next; the text is for the journal and the counters."""

    DONE = "taken"
    GONE = "gone"           # the subscription is no more
    SHORTEN = "too large"   # once more at once, without what is in the message
    AGAIN = "later"
    DROP = "dropped"        # this notice is not told; the subscription stays


@dataclass(frozen=True, slots=True)
class Consequence:
    """A step, and for AGAIN after how many seconds."""

    step: Step
    pause: float = 0.0


def after(status: int, retry_after: str, attempts: int, now: float, *, short: bool = False, limits: Limits = LIMITS) -> Consequence:
    """What follows from an answer; status 0 is none.  attempts counts this one, now is in seconds since 1970.

    short: what was refused had nothing in it that could be left out.
    """
    if 200 <= status < 300:
        return Consequence(Step.DONE)
    # RFC 8030 §7.3: 404 for a subscription that has expired; services say 410 for one that was ended.
    if status in (404, 410):
        return Consequence(Step.GONE)
    if status == 413 and not short:
        return Consequence(Step.SHORTEN)
    if status == 0 or status >= 500 or status in LATER:
        if attempts >= limits.push_attempts:
            return Consequence(Step.DROP)
        usual = PAUSES[min(attempts, len(PAUSES)) - 1]
        return Consequence(Step.AGAIN, min(max(usual, _asked(retry_after, now)), limits.push_pause_most))
    # Redirects are not followed: the address is a secret that a browser gave us, and only that.
    return Consequence(Step.DROP)


def _asked(retry_after: str, now: float) -> float:
    """Seconds that a Retry-After asks for (RFC 9110 §10.2.3), 0 if it asks for nothing that is understood."""
    text = retry_after.strip()
    if text.isascii() and text.isdecimal():
        return float(int(text[:9]))
    moment = parse_date(text) if text else None
    return max(0.0, moment - now) if moment is not None else 0.0
