"""Evidence for DMARC reports: what was found out about mail, until its domain is told.

Messages that are alike within an hour are one row that counts them, so a large sender
costs a few rows a day, and each message one step in one index.  Rows of hours that a
report tells of are bound to it (take()); what comes later for the same hour, because it
was written late or a clock was set back, is of no report yet and gets into the next one.

How much a stranger can make us keep is bounded: no more than limits.evaluations rows may
come within the time that rows are kept.  Rows that are there go on counting.
"""
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mta.base.limits import LIMITS
from mta.store.connection import Connection, value

HOUR: Final = 3_600


@dataclass(frozen=True, slots=True)
class Fresh:
    """Evidence to be kept: facts are packed (mta.report.evaluation) and told apart by digest, at is in seconds since 1970.

    record is the DMARC record's text; optional says how many of the messages are no
    reason for a report.
    """

    policy_domain: str
    digest: bytes
    facts: bytes
    record: str
    at: float
    messages: int = 1
    optional: int = 0


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept: as Fresh, hour counts from 1970."""

    policy_domain: str
    hour: int
    facts: bytes
    record: str
    messages: int
    optional: int
    latest: float


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for one policy domain: hours in order, messages and how many of them are optional, the last record."""

    policy_domain: str
    hours: tuple[int, ...]
    messages: int
    optional: int
    record: str


COUNT: Final = """
    UPDATE dmarc_evaluation SET messages = messages + ?4, optional = optional + ?5, record = ?6, latest = max(latest, ?7)
     WHERE policy_domain = ?1 AND hour = ?2 AND digest = ?3 AND report_id IS NULL"""
KEEP: Final = """
    INSERT INTO dmarc_evaluation (policy_domain, hour, digest, messages, optional, record, latest, facts) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
COLUMNS: Final = "policy_domain, hour, facts, record, messages, optional, latest"


def add(db: Connection, fresh: Fresh, most: int = LIMITS.evaluations) -> bool:
    """Count evidence; False if there are so many rows that no new one may be made."""
    hour = int(fresh.at // HOUR)
    known = (fresh.policy_domain, hour, fresh.digest, fresh.messages, fresh.optional, fresh.record, fresh.at)
    db.execute(COUNT, known)
    if db.changes():
        return True
    # Ids go up: their span is at least the number of rows.  Two questions, since SQLite looks at all rows to answer both in one.
    if value(db, "SELECT coalesce((SELECT max(id) FROM dmarc_evaluation) - (SELECT min(id) FROM dmarc_evaluation) + 1, 0)") >= most:
        return False
    db.execute(KEEP, (*known, fresh.facts))
    return True


def waiting(db: Connection, policy_domain: str = "") -> list[Waiting]:
    """What is of no report yet, by policy domain (or of one alone)."""
    rows: dict[str, list[tuple[int, int, int]]] = {}
    for domain, *counts in db.execute(
            "SELECT policy_domain, hour, sum(messages), sum(optional) FROM dmarc_evaluation "
            "WHERE report_id IS NULL AND (?1 = '' OR policy_domain = ?1) GROUP BY policy_domain, hour ORDER BY policy_domain, hour",
            (policy_domain,)):
        rows.setdefault(domain, []).append((counts[0], counts[1], counts[2]))
    return [
        Waiting(domain, tuple(hour for hour, _, _ in theirs), sum(messages for _, messages, _ in theirs),
                sum(optional for _, _, optional in theirs), _last_record(db, domain))
        for domain, theirs in rows.items()]


def open_rows(db: Connection, policy_domain: str, hours: Sequence[int], limit: int) -> list[Kept]:
    """What is of no report yet in these hours, as rows() gives it."""
    wanted = set(hours)
    rows = [Kept(*row) for row in db.execute(
        f"SELECT {COLUMNS} FROM dmarc_evaluation WHERE policy_domain = ? AND report_id IS NULL ORDER BY messages DESC, id",
        (policy_domain,))]
    return [row for row in rows if row.hour in wanted][:limit]


def take(db: Connection, policy_domain: str, hours: Sequence[int], report_id: int) -> int:
    """Bind what is of no report yet in these hours to a report; how many rows that are."""
    taken = 0
    for hour in hours:
        db.execute("UPDATE dmarc_evaluation SET report_id = ? WHERE policy_domain = ? AND hour = ? AND report_id IS NULL",
                   (report_id, policy_domain, hour))
        taken += db.changes()
    return taken


def rows(db: Connection, report_id: int, limit: int) -> list[Kept]:
    """The evidence of a report: the limit rows with the most messages."""
    return [Kept(*row) for row in db.execute(
        f"SELECT {COLUMNS} FROM dmarc_evaluation WHERE report_id = ? ORDER BY messages DESC, id LIMIT ?", (report_id, limit))]


def total(db: Connection, report_id: int) -> int:
    """How many messages the evidence of a report tells of."""
    return int(value(db, "SELECT coalesce(sum(messages), 0) FROM dmarc_evaluation WHERE report_id = ?", (report_id,)))


def clear(db: Connection, report_id: int) -> int:
    """Forget the evidence of a report."""
    db.execute("DELETE FROM dmarc_evaluation WHERE report_id = ?", (report_id,))
    return db.changes()


def forget(db: Connection, policy_domain: str) -> int:
    """Forget what waits for a domain and is of no report yet; how many messages it told of."""
    told = value(db, "SELECT coalesce(sum(messages), 0) FROM dmarc_evaluation WHERE policy_domain = ? AND report_id IS NULL",
                 (policy_domain,))
    db.execute("DELETE FROM dmarc_evaluation WHERE policy_domain = ? AND report_id IS NULL", (policy_domain,))
    return int(told)


def old(db: Connection, before: float, limit: int) -> list[int]:
    """Ids of rows from hours that ended before that time (seconds since 1970); a question of its own, since it goes through all rows."""
    return [ident for ident, in db.execute(
        "SELECT id FROM dmarc_evaluation WHERE hour < ? AND report_id IS NULL LIMIT ?", (int(before // HOUR), limit))]


def remove(db: Connection, ids: Sequence[int]) -> int:
    """Forget these rows."""
    db.executemany("DELETE FROM dmarc_evaluation WHERE id = ? AND report_id IS NULL", ((ident,) for ident in ids))
    return len(ids)


def _last_record(db: Connection, policy_domain: str) -> str:
    return str(value(db, "SELECT record FROM dmarc_evaluation WHERE policy_domain = ? AND report_id IS NULL ORDER BY latest DESC LIMIT 1",
                     (policy_domain,), ""))
