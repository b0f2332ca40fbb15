"""MTA-STS policies of other domains: what was fetched, how long it holds, what went wrong.

A row without a policy is there for a while after a failure, so that nobody tries again at
once.  mta.flow.policies decides; here is only what is remembered.
"""
from dataclasses import dataclass
from typing import Final

from mta.base.names import Domain
from mta.secure.mtasts import Mode, Policy
from mta.store.connection import Connection, value

#: Use is noted to the day: a write for every message would be one too many.
USED_STEP: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """What is known of one domain; times are seconds since 1970, see schema.sql."""

    domain: Domain
    policy: Policy | None
    record_id: str
    fetched: float
    valid_until: float
    renew_at: float
    used: float
    failures: int
    failed_id: str
    paused_until: float
    problem: str
    problem_text: str

    def live(self, now: float) -> bool:
        """Whether there is a policy that has not run out."""
        return self.policy is not None and now < self.valid_until


SELECT: Final = ("SELECT domain, mode, max_age, mx, record_id, fetched, valid_until, renew_at, used, failures, failed_id, paused_until, "
                 "problem, problem_text FROM mtasts_policy")


def get(db: Connection, domain: Domain) -> PolicyRow | None:
    """What is known of domain, or None."""
    return next(iter(_rows(db, "WHERE domain = ?", domain.ascii)), None)


def all(db: Connection) -> list[PolicyRow]:
    """Every row, by domain."""
    return _rows(db, "ORDER BY domain")


def keep(db: Connection, domain: Domain, policy: Policy, record_id: str, now: float, valid_until: float, renew_at: float) -> None:
    """Remember a policy that was just fetched; what went wrong before is forgotten."""
    db.execute("""
        INSERT INTO mtasts_policy (domain, mode, max_age, mx, record_id, fetched, valid_until, renew_at, used)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?6)
        ON CONFLICT (domain) DO UPDATE SET mode = ?2, max_age = ?3, mx = ?4, record_id = ?5, fetched = ?6, valid_until = ?7, renew_at = ?8,
            failures = 0, failed_id = '', paused_until = 0, problem = '', problem_text = ''
    """, (domain.ascii, policy.mode.value, policy.max_age, " ".join(policy.mx), record_id, now, valid_until, renew_at))


def failed(db: Connection, domain: Domain, failed_id: str, problem: str, text: str, now: float, paused_until: float) -> None:
    """Remember that the policy for the record failed_id could not be had; one that is there stays."""
    db.execute("""
        INSERT INTO mtasts_policy (domain, renew_at, used, failures, failed_id, paused_until, problem, problem_text)
        VALUES (?1, ?2, ?3, 1, ?4, ?2, ?5, ?6)
        ON CONFLICT (domain) DO UPDATE SET
            failures = failures + 1, failed_id = ?4, paused_until = ?2, renew_at = ?2, problem = ?5, problem_text = ?6
    """, (domain.ascii, paused_until, now, failed_id, problem, text))


def use(db: Connection, domain: Domain, now: float) -> None:
    """Mail goes to domain."""
    db.execute("UPDATE mtasts_policy SET used = max(used, ?) WHERE domain = ?", (now, domain.ascii))


def due(db: Connection, now: float, limit: int) -> list[PolicyRow]:
    """What the clock has to look after, the longest due first."""
    return _rows(db, "WHERE renew_at <= ? ORDER BY renew_at LIMIT ?", now, limit)


def put_off(db: Connection, domain: Domain, renew_at: float) -> None:
    """Look after it again at renew_at."""
    db.execute("UPDATE mtasts_policy SET renew_at = ? WHERE domain = ?", (renew_at, domain.ascii))


def forget(db: Connection, domain: Domain) -> None:
    """Know nothing of domain any more."""
    db.execute("DELETE FROM mtasts_policy WHERE domain = ?", (domain.ascii,))


def prune(db: Connection, unused_before: float, most: int, limit: int) -> int:
    """Forget what was not used since, and beyond most rows what was used the longest ago; at most limit rows, returns how many."""
    excess = int(value(db, "SELECT count(*) FROM mtasts_policy")) - most
    db.execute("DELETE FROM mtasts_policy WHERE domain IN (SELECT domain FROM mtasts_policy WHERE used < ? ORDER BY used LIMIT ?)",
               (unused_before, limit))
    gone = db.changes()
    if excess > gone:
        db.execute("DELETE FROM mtasts_policy WHERE domain IN (SELECT domain FROM mtasts_policy ORDER BY used, domain LIMIT ?)",
                   (min(excess, limit) - gone,))
        gone += db.changes()
    return gone


def _rows(db: Connection, where: str, *params: object) -> list[PolicyRow]:
    return [
        PolicyRow(Domain(domain), Policy(Mode(mode), max_age, tuple(mx.split())) if mode else None, *rest)
        for domain, mode, max_age, mx, *rest in db.execute(f"{SELECT} {where}", params)]
