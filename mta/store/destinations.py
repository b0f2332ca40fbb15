"""What became of attempts to deliver, counted by day and destination: what the page of destinations is made of.

A destination is the operator of the mail host that was asked (the organisational domain of
its name) and the domain of the recipient.  A row is what was alike on one day; there are at
most LIMITS.destination_rows of a day, what is more counts for all domains together, and
rows go after LIMITS.destination_days.
"""
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from mta.base.clock import Clock
from mta.base.limits import LIMITS
from mta.store.connection import Connection, value

Outcome = Literal["sent", "deferred", "refused"]
DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class Tally:
    """Attempts of some days that ended alike; latest is the time of the last, reply what was heard then."""

    operator: str
    domain: str
    outcome: Outcome
    cause: str
    attempts: int
    latest: float
    reply: str


def count(db: Connection, clock: Clock, operator: str, domain: str, outcome: Outcome, cause: str = "", reply: str = "") -> None:
    """Count one attempt; domain is the recipient's in A-labels."""
    now = clock.timestamp()
    day = int(now // DAY)
    reply = reply[:LIMITS.kept_text]
    if _again(db, day, operator, domain, outcome, cause, now, reply):
        return
    if value(db, "SELECT count(*) FROM destination_count WHERE day = ?", (day,)) >= LIMITS.destination_rows:
        operator = domain = ""
        if _again(db, day, operator, domain, outcome, cause, now, reply):
            return
    db.execute(
        "INSERT INTO destination_count (day, operator, domain, outcome, cause, attempts, latest, reply) "
        "VALUES (?, ?, ?, ?, ?, 1, ?, ?)", (day, operator, domain, outcome, cause, now, reply))


def tallies(db: Connection, clock: Clock, days: int, text: str = "") -> list[Tally]:
    """What the last so many days came to; text is part of the operator or domain.

    Most attempts first within the order of operator and domain.
    """
    first = int(clock.timestamp() // DAY) - days + 1
    return [_tally(row) for row in db.execute(
        "SELECT operator, domain, outcome, cause, sum(attempts), max(latest), reply FROM destination_count "
        "WHERE day >= ?1 AND (instr(operator, ?2) OR instr(domain, ?2) OR ?2 = '') "
        "GROUP BY operator, domain, outcome, cause ORDER BY operator, domain, sum(attempts) DESC", (first, text.lower()))]


def by_day(db: Connection, clock: Clock, days: int, operator: str) -> dict[int, dict[str, int]]:
    """Attempts of one operator for each of the last so many days (days since 1970) and outcome; days without any are missing."""
    first = int(clock.timestamp() // DAY) - days + 1
    found: dict[int, dict[str, int]] = {}
    for day, outcome, attempts in db.execute(
            "SELECT day, outcome, sum(attempts) FROM destination_count WHERE day >= ? AND operator = ? GROUP BY day, outcome",
            (first, operator)):
        found.setdefault(day, {})[outcome] = attempts
    return found


def prune(db: Connection, clock: Clock, days: int, limit: int) -> int:
    """Forget up to limit rows that are older than so many days."""
    before = int(clock.timestamp() // DAY) - days
    db.execute(
        "DELETE FROM destination_count WHERE (day, operator, domain, outcome, cause) IN "
        "(SELECT day, operator, domain, outcome, cause FROM destination_count WHERE day <= ? LIMIT ?)", (before, limit))
    return db.changes()


def _again(db: Connection, day: int, operator: str, domain: str, outcome: str, cause: str, now: float, reply: str) -> bool:
    db.execute(
        "UPDATE destination_count SET attempts = attempts + 1, latest = max(latest, ?), reply = ? "
        "WHERE day = ? AND operator = ? AND domain = ? AND outcome = ? AND cause = ?", (now, reply, day, operator, domain, outcome, cause))
    return db.changes() > 0


def _tally(row: Sequence[object]) -> Tally:
    return Tally(*row)    # type: ignore[arg-type]  # the types of the columns
