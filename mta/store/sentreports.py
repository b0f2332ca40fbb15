"""Reports to others: when each is due, what became of it at each address, and who is to get none.

A report is a row from the moment it is planned; its evidence is bound to it (evaluations,
evidence).  It is made and sent when it is due, and settled when every address that asked
for it has it or will not get it.  What an address got is written in the commit that sends
it, so that a restart in the middle sends nothing twice.
"""
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final, Literal

from mta.base import tokens
from mta.base.clock import Clock
from mta.base.limits import LIMITS
from mta.store.connection import Connection, one, value

ReportKind = Literal["dmarc", "tls"]
#: "due" may mean that it was tried in vain; "needless": nothing in it was a reason to write; "unsent": given up.
State = Literal["due", "sent", "needless", "unsent"]
Outcome = Literal["queued", "posted", "suppressed", "refused"]
#: Characters of token: with the date in front 64 bits of chance, letters and digits alone.
TOKEN: Final = 13


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One report about policy_domain; start and finish (not included), due and settled are seconds since 1970."""

    id: int
    kind: ReportKind
    policy_domain: str
    start: float
    finish: float
    token: str
    trace: str
    planned: float
    due: float | None
    attempts: int
    state: State
    text: str
    counted: int
    settled: float | None


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """What became of a report at one address: message_id (with <>) is of the mail, "" if there was none."""

    report_id: int
    uri: str
    outcome: Outcome
    text: str
    message_id: str
    at: float


@dataclass(frozen=True, slots=True)
class Suppression:
    """An address that gets no reports until a time (seconds since 1970), None: for good."""

    address: str
    until: float | None
    reason: str
    created: float


COLUMNS: Final = ", ".join(field.name for field in fields(ReportRow))


# --- reports -----------------------------------------------------------------------------------


def plan(db: Connection, clock: Clock, kind: ReportKind, policy_domain: str, start: float, finish: float, due: float) -> int:
    """A report to be made at due; gives its id."""
    token = f"{clock.now():%Y%m%d}{tokens.short_id(TOKEN)}"
    db.execute(
        "INSERT INTO sent_report (kind, policy_domain, start, finish, token, trace, planned, due, state) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'due')",
        (kind, policy_domain, start, finish, token, f"{tokens.short_id()}.1", clock.timestamp(), due))
    return db.last_insert_rowid()


def next_due(db: Connection) -> float | None:
    """When the next report is due (perhaps long ago), or None."""
    return value(db, "SELECT min(due) FROM sent_report WHERE due IS NOT NULL")    # type: ignore[no-any-return]  # a REAL


def due_by_kind(db: Connection) -> dict[ReportKind, int]:
    """How many reports are not settled."""
    counts: dict[ReportKind, int] = {"dmarc": 0, "tls": 0}
    counts.update(db.execute("SELECT kind, count(*) FROM sent_report WHERE due IS NOT NULL GROUP BY kind"))
    return counts


def last_due(db: Connection) -> float | None:
    """When the last of them is due, or None."""
    return value(db, "SELECT max(due) FROM sent_report WHERE due IS NOT NULL")    # type: ignore[no-any-return]  # a REAL


def hurry(db: Connection, latest: float, due: float) -> None:
    """Have those that are due after latest made at due."""
    db.execute("UPDATE sent_report SET due = ? WHERE due > ?", (due, latest))


def due(db: Connection, clock: Clock) -> ReportRow | None:
    """The report that is longest due, or None."""
    return _report(one(db, f"SELECT {COLUMNS} FROM sent_report WHERE due <= ? ORDER BY due, id LIMIT 1", (clock.timestamp(),)))


def get(db: Connection, ident: int) -> ReportRow | None:
    """One report."""
    return _report(one(db, f"SELECT {COLUMNS} FROM sent_report WHERE id = ?", (ident,)))


def is_due(db: Connection, ident: int) -> bool:
    """Whether a report is neither settled nor removed."""
    return bool(value(db, "SELECT due IS NOT NULL FROM sent_report WHERE id = ?", (ident,)))


def listing(db: Connection, kind: ReportKind, *, policy_domain: str = "", before: int | None = None, limit: int = 100) -> list[ReportRow]:
    """Reports, newest first; before is the id of the last one already seen."""
    return [ReportRow(*row) for row in db.execute(
        f"SELECT {COLUMNS} FROM sent_report WHERE kind = ? AND id < ? AND (?3 = '' OR policy_domain = ?3) ORDER BY id DESC LIMIT ?4",
        (kind, before if before is not None else 1 << 62, policy_domain, limit))]


def defer(db: Connection, ident: int, until: float, text: str) -> bool:
    """To be tried again; text says why.  False if the report is settled or gone."""
    db.execute("UPDATE sent_report SET due = ?, attempts = attempts + 1, text = ? WHERE id = ? AND due IS NOT NULL", (until, text, ident))
    return db.changes() > 0


def bring_forward(db: Connection, clock: Clock, ident: int) -> bool:
    """To be tried now; False if the report is settled or gone."""
    db.execute("UPDATE sent_report SET due = min(due, ?) WHERE id = ? AND due IS NOT NULL", (clock.timestamp(), ident))
    return db.changes() > 0


def settle(db: Connection, clock: Clock, ident: int, state: State, text: str, counted: int) -> bool:
    """Done with it; False if it was settled already, or is gone."""
    db.execute(
        "UPDATE sent_report SET due = NULL, attempts = attempts + 1, state = ?, text = ?, counted = ?, settled = ? "
        "WHERE id = ? AND due IS NOT NULL", (state, text, counted, clock.timestamp(), ident))
    return db.changes() > 0


def remove(db: Connection, ident: int) -> bool:
    """Forget a report, and with it its evidence if it was not sent; False if there is none."""
    db.execute("DELETE FROM sent_report WHERE id = ?", (ident,))
    return db.changes() > 0


def prune(db: Connection, clock: Clock, age: float, limit: int, most: int = LIMITS.sent_reports) -> int:
    """Forget up to limit reports settled more than age seconds ago or beyond the most, and suppressions that have run out."""
    now = clock.timestamp()
    db.execute("DELETE FROM report_suppression WHERE until <= ?", (now,))
    gone = db.changes()
    last = value(db, "SELECT max(id) FROM sent_report") or 0
    db.execute("DELETE FROM sent_report WHERE id IN (SELECT id FROM sent_report WHERE settled < ? LIMIT ?)", (now - age, limit))
    gone += db.changes()
    db.execute("DELETE FROM sent_report WHERE id IN (SELECT id FROM sent_report WHERE id <= ? AND settled IS NOT NULL ORDER BY id LIMIT ?)",
               (last - most, limit))
    return gone + db.changes()


# --- addresses ----------------------------------------------------------------------------------


def deliver(db: Connection, clock: Clock, report_id: int, uri: str, outcome: Outcome, text: str = "", message_id: str = "") -> bool:
    """Write what became of a report at an address; False, and nothing is written, if that is known or the report is settled or gone."""
    if not is_due(db, report_id):
        return False
    db.execute("INSERT OR IGNORE INTO report_delivery (report_id, uri, outcome, text, message_id, at) VALUES (?, ?, ?, ?, ?, ?)",
               (report_id, uri, outcome, text, message_id, clock.timestamp()))
    return db.changes() > 0


def deliveries(db: Connection, report_id: int) -> list[DeliveryRow]:
    """What became of a report, in the order in which it happened."""
    return [DeliveryRow(*row) for row in db.execute(
        "SELECT report_id, uri, outcome, text, message_id, at FROM report_delivery WHERE report_id = ? ORDER BY at, uri", (report_id,))]


# --- who gets none -----------------------------------------------------------------------------


def suppress(db: Connection, clock: Clock, address: str, until: float | None, reason: str) -> None:
    """Send no reports to address, which is a mail address (key()) or an https URL."""
    db.execute(
        "INSERT INTO report_suppression (address, until, reason, created) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (address) DO UPDATE SET until = excluded.until, reason = excluded.reason", (address, until, reason, clock.timestamp()))


def suppressed(db: Connection, clock: Clock, address: str) -> Suppression | None:
    """The suppression of address that holds now."""
    row = one(db, "SELECT address, until, reason, created FROM report_suppression WHERE address = ? AND coalesce(until > ?, 1)",
              (address, clock.timestamp()))
    return Suppression(*row) if row else None


def allow(db: Connection, address: str) -> bool:
    """Let address have reports again; False if it was not suppressed."""
    db.execute("DELETE FROM report_suppression WHERE address = ?", (address,))
    return db.changes() > 0


def suppressions(db: Connection, clock: Clock, *, after: str = "", limit: int = 1_000) -> list[Suppression]:
    """The suppressions that hold now, by address; after is the last one already seen."""
    return [Suppression(*row) for row in db.execute(
        "SELECT address, until, reason, created FROM report_suppression WHERE address > ? AND coalesce(until > ?, 1) "
        "ORDER BY address LIMIT ?", (after, clock.timestamp(), limit))]


def suppression_count(db: Connection) -> int:
    """How many there are."""
    return int(value(db, "SELECT count(*) FROM report_suppression"))


def _report(row: Sequence[Any] | None) -> ReportRow | None:
    return ReportRow(*row) if row else None
