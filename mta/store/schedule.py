"""What the clock asks for: rows of (kind, subject, due).

huey ticks once a minute and says only that time has passed; what is due stands here.  A
run that was missed while the server was down is done once on return, not as often as it
was missed.  Work on a row is claimed with a lease like everything else.
"""
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from mta.base.clock import Clock
from mta.store import leases
from mta.store.connection import Connection, value


@dataclass(frozen=True, slots=True)
class Due:
    """Something to be done: kind says what, subject for whom or what ("" if there is only one)."""

    kind: str
    subject: str
    due: float
    failures: int
    last_done: float | None
    last_text: str


COLUMNS: Final = "kind, subject, due, failures, last_done, last_text"


def plan(db: Connection, kind: str, due: float, subject: str = "") -> None:
    """Have (kind, subject) done at due (seconds since 1970), unless it is planned already."""
    db.execute("INSERT OR IGNORE INTO schedule (kind, subject, due) VALUES (?, ?, ?)", (kind, subject, due))


def bring_forward(db: Connection, clock: Clock, kind: str, subject: str = "", *, at: float | None = None) -> None:
    """Have it done at once, or at that time (seconds since 1970), if it is not due before."""
    db.execute("INSERT INTO schedule (kind, subject, due) VALUES (?1, ?2, ?3) ON CONFLICT (kind, subject) DO UPDATE SET due = min(due, ?3)",
               (kind, subject, clock.timestamp() if at is None else at))
    db.touched.add("reporter")


def claim(db: Connection, clock: Clock, owner: str, limit: int = 1, kinds: Iterable[str] | None = None) -> list[Due]:
    """Take what is longest due (of kinds, or of any), at most limit rows; end each with done() or failed()."""
    now = clock.timestamp()
    wanted = None if kinds is None else set(kinds)
    rows = [Due(*row) for row in db.execute(
        f"SELECT {COLUMNS} FROM schedule WHERE due <= ? AND coalesce(claimed_until, 0) <= ? ORDER BY due", (now, now))]
    taken = [row for row in rows if wanted is None or row.kind in wanted][:limit]
    for row in taken:
        db.execute("UPDATE schedule SET claimed_by = ?, claimed_until = ? WHERE kind = ? AND subject = ?",
                   (owner, leases.until(clock), row.kind, row.subject))
    return taken


def renew(db: Connection, clock: Clock, kind: str, subject: str, owner: str) -> bool:
    """Keep the claim for another lease; False if it is lost."""
    db.execute("UPDATE schedule SET claimed_until = ? WHERE kind = ? AND subject = ? AND claimed_by = ?",
               (leases.until(clock), kind, subject, owner))
    return db.changes() > 0


def done(db: Connection, clock: Clock, kind: str, subject: str, owner: str, next_due: float | None, text: str = "") -> bool:
    """It is done; again at next_due, or never (None).  False if the claim is lost, and nothing is changed then."""
    if next_due is None:
        db.execute("DELETE FROM schedule WHERE kind = ? AND subject = ? AND claimed_by = ?", (kind, subject, owner))
    else:
        db.execute(
            "UPDATE schedule SET due = ?, claimed_by = NULL, claimed_until = NULL, failures = 0, last_done = ?, last_text = ? "
            "WHERE kind = ? AND subject = ? AND claimed_by = ?", (next_due, clock.timestamp(), text, kind, subject, owner))
    return db.changes() > 0


def failed(db: Connection, kind: str, subject: str, owner: str, next_due: float, text: str) -> bool:
    """It did not work, text says why; to be tried again at next_due.  False if the claim is lost."""
    db.execute(
        "UPDATE schedule SET due = ?, claimed_by = NULL, claimed_until = NULL, failures = failures + 1, last_text = ? "
        "WHERE kind = ? AND subject = ? AND claimed_by = ?", (next_due, text, kind, subject, owner))
    return db.changes() > 0


def release_all(db: Connection, role: str) -> int:
    """Give back what dead incarnations of role held; returns how many rows."""
    return leases.release_all(db, "schedule", role)


def next_due(db: Connection) -> float | None:
    """When the next row is due (perhaps long ago), or None."""
    return value(db, "SELECT min(max(due, coalesce(claimed_until, 0))) FROM schedule")    # type: ignore[no-any-return]  # a REAL


def listing(db: Connection) -> list[Due]:
    """All rows, for the overview."""
    return [Due(*row) for row in db.execute(f"SELECT {COLUMNS} FROM schedule ORDER BY due")]
