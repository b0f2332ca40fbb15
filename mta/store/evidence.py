"""How sessions with other servers were protected, counted until it is reported (RFC 8460).

Counts are kept by policy domain, UTC day, recipient domain and policy, the ways to fail
beside them.  However much mail there is, and however oddly a server behaves: what is
kept for one day and domain is bounded, and what is beyond the bounds is still counted,
without its details.

Days are texts like "2030-01-31".  Functions take the connection of a change or question
first and never commit.

What a report tells of is bound to it (take()); what is counted later for the same day is of
no report yet and gets into the next one.

Read on: mta.flow.tlsevidence gathers, mta.flow.tlsreports reads and clears.
"""
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from mta.base.limits import LIMITS, Limits
from mta.base.names import Domain
from mta.secure.tlsresult import Outcome, Policy, PolicyKind
from mta.store.connection import Connection, value

#: How many sessions came to an outcome on a day.
Counted = Mapping[tuple[str, Outcome], int]
#: What stands for the details that there was no room for.
MORE: Final = "more"


@dataclass(frozen=True, slots=True)
class Detail:
    """A number of sessions that had the same to tell; result is a result type of RFC 8460 §4.3."""

    result: str
    sessions: int
    sending_ip: str
    mx_host: str
    mx_ip: str
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of one policy on one day, for mail to one domain; details may tell of successes too.

    optional is how many of the sessions are no reason to send a report.
    """

    policy: Policy
    day: str
    recipient: Domain
    successes: int
    failures: int
    details: tuple[Detail, ...]
    optional: int = 0


def day_of(timestamp: float) -> str:
    """The UTC day of seconds since 1970."""
    return datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%d")


def note(db: Connection, counted: Counted, limits: Limits = LIMITS) -> int:
    """Add what was counted; returns how many sessions there was no room for at all."""
    lost = 0
    for (day, outcome), sessions in counted.items():
        row = _row(db, day, outcome, limits)
        if row is None:
            lost += sessions
            continue
        column = "failures" if outcome.failed else "successes"
        db.execute(f"UPDATE tls_result SET {column} = {column} + ?1, optional = optional + ?2 WHERE id = ?3",
                   (sessions, sessions if outcome.optional else 0, row))
        if outcome.result is not None:
            _detail(db, row, outcome, sessions, limits)
    return lost


def due(db: Connection, before: str) -> list[tuple[Domain, str]]:
    """The policy domains with counts of days before that one that are of no report yet, and those days, oldest first."""
    found = db.execute(
        "SELECT DISTINCT policy_domain, day FROM tls_result WHERE day < ? AND report_id IS NULL ORDER BY day, policy_domain", (before,))
    return [(Domain(name), day) for name, day in found]


def results(db: Connection, policy_domain: Domain, day: str) -> list[Kept]:
    """All that was counted for a policy domain on a day and is of no report yet."""
    return _results(db, "policy_domain = ? AND day = ? AND report_id IS NULL", policy_domain.ascii, day)


def take(db: Connection, policy_domain: Domain, day: str, report_id: int) -> int:
    """Bind what is of no report yet to one; how many rows that are."""
    db.execute("UPDATE tls_result SET report_id = ? WHERE policy_domain = ? AND day = ? AND report_id IS NULL",
               (report_id, policy_domain.ascii, day))
    return db.changes()


def taken(db: Connection, report_id: int) -> list[Kept]:
    """All that is bound to a report."""
    return _results(db, "report_id = ?", report_id)


def clear_taken(db: Connection, report_id: int) -> int:
    """Forget what is bound to a report."""
    db.execute("DELETE FROM tls_result WHERE report_id = ?", (report_id,))
    return db.changes()


def days(db: Connection, limit: int = 1_000) -> list[tuple[Domain, str, int, int]]:
    """For a look: (policy domain, day, successes, failures) of no report yet, the newest days first."""
    found = db.execute("SELECT policy_domain, day, sum(successes), sum(failures) FROM tls_result WHERE report_id IS NULL "
                       "GROUP BY policy_domain, day "
                       "ORDER BY day DESC, policy_domain LIMIT ?", (limit,))
    return [(Domain(name), day, successes, failures) for name, day, successes, failures in found]


def clear(db: Connection, policy_domain: Domain, day: str) -> int:
    """Forget what will never be reported; how many rows that were."""
    db.execute("DELETE FROM tls_result WHERE policy_domain = ? AND day = ? AND report_id IS NULL", (policy_domain.ascii, day))
    return db.changes()


def prune(db: Connection, now: float, age: float, limit: int) -> int:
    """Forget up to limit rows of days that ended more than age seconds ago and are of no report; how many."""
    db.execute("DELETE FROM tls_result WHERE id IN (SELECT id FROM tls_result WHERE day < ? AND report_id IS NULL LIMIT ?)",
               (day_of(now - age), limit))
    return db.changes()


def _row(db: Connection, day: str, outcome: Outcome, limits: Limits) -> int | None:
    """The row that counts for this outcome, made if there is room; of too many policies on one day the last one stands for all."""
    policy, recipient = outcome.policy, outcome.session.recipient
    key = (policy.domain.ascii, day, recipient.ascii)
    lines, mx = "\n".join(policy.lines)[:limits.tls_policy], "\n".join(policy.mx)[:limits.tls_policy]
    found = value(
        db, "SELECT id FROM tls_result WHERE policy_domain = ? AND day = ? AND recipient_domain = ? AND kind = ? AND policy = ? AND mx = ? "
            "AND report_id IS NULL",
        (*key, policy.kind.value, lines, mx))
    if found is not None:
        return int(found)
    others = list(db.execute(
        "SELECT id FROM tls_result WHERE policy_domain = ? AND day = ? AND recipient_domain = ? AND kind = ? AND report_id IS NULL "
        "ORDER BY id LIMIT ?",
        (*key, policy.kind.value, limits.tls_policies)))
    if len(others) >= limits.tls_policies:
        return int(others[-1][0])
    # Counting all rows would cost what is to be bounded; ids that are not given out twice tell as much.
    # Both in one question would make SQLite look at all rows.
    if (value(db, "SELECT (SELECT max(id) FROM tls_result) - (SELECT min(id) FROM tls_result)", ()) or 0) >= limits.tls_results:
        return None
    db.execute(
        "INSERT INTO tls_result (policy_domain, day, recipient_domain, is_host, kind, policy, mx) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (*key, policy.is_host, policy.kind.value, lines, mx))
    return db.last_insert_rowid()


DETAIL: Final = (
    "INSERT INTO tls_failure (result_id, type, sending_ip, mx_host, mx_ip, reason, text, sessions) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT DO UPDATE SET sessions = sessions + excluded.sessions")


def _detail(db: Connection, row: int, outcome: Outcome, sessions: int, limits: Limits) -> None:
    session = outcome.session
    key = (row, str(outcome.result), session.sending_ip, session.mx_host, session.mx_ip, outcome.reason, outcome.text)
    known = value(db, "SELECT 1 FROM tls_failure WHERE result_id = ? AND type = ? AND sending_ip = ? AND mx_host = ? AND mx_ip = ? "
                      "AND reason = ? AND text = ?", key)
    if known is None and value(db, "SELECT count(*) FROM tls_failure WHERE result_id = ?", (row,)) >= limits.tls_details:
        key = (row, str(outcome.result), "", "", "", MORE, "")
    db.execute(DETAIL, (*key, sessions))


def _results(db: Connection, where: str, *terms: object) -> list[Kept]:
    rows = list(db.execute(
        "SELECT id, policy_domain, day, is_host, kind, policy, mx, recipient_domain, successes, failures, optional FROM tls_result "
        f"WHERE {where} ORDER BY kind, recipient_domain, id", terms))
    return [Kept(Policy(PolicyKind(kind), Domain(name), bool(is_host), tuple(policy.splitlines()), tuple(mx.splitlines())), day,
                 Domain(recipient), successes, failures, _details(db, ident), optional)
            for ident, name, day, is_host, kind, policy, mx, recipient, successes, failures, optional in rows]


def _details(db: Connection, row: int) -> tuple[Detail, ...]:
    found = db.execute("SELECT type, sessions, sending_ip, mx_host, mx_ip, reason, text FROM tls_failure WHERE result_id = ? "
                       "ORDER BY sessions DESC, type, mx_host, mx_ip, sending_ip, reason, text", (row,))
    return tuple(Detail(*each) for each in found)
