"""What our users sent: what became of it, to whom they have written, and how much today.

History rows are made by mta.store.queue when a recipient is delivered, given up or
dropped; they go after LIMITS.outgoing_age.  Known recipients and the counts of 24 hours
are what the limits on submission are asked from, so that a stolen password cannot make
this server a source of spam; they commit with the message they count.
"""
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final, Literal

from mta.base.clock import Clock
from mta.base.names import Address, Domain
from mta.store.connection import Connection, value

Outcome = Literal["delivered", "failed", "dropped"]
DAY: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class OutgoingRow:
    """What became of one recipient; size in octets, code and text are the other server's."""

    id: int
    queue_message_id: int
    account_id: int | None
    sender: Address | None
    recipient: Address
    kind: str
    message_id: str
    subject: str
    trace: str
    size: int
    queued: float
    finished: float
    attempts: int
    outcome: Outcome
    code: int
    enhanced: str
    text: str
    host: str
    during: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What an account sent in the last 24 hours; oldest is when the first of it was sent."""

    messages: int
    recipients: int
    first_time: int
    oldest: float | None


COLUMNS: Final = ", ".join(field.name for field in fields(OutgoingRow))


def record(db: Connection, clock: Clock, message_id: int, recipient: str, attempts: int, outcome: Outcome,
           last: tuple[int, str, str, str, str]) -> None:
    """Write the history row of a recipient of queue message message_id; last is code, enhanced, text, host, during."""
    db.execute(
        "INSERT INTO outgoing (queue_message_id, account_id, sender, recipient, kind, message_id, subject, trace, size, queued, finished, "
        "attempts, outcome, code, enhanced, text, host, during) "
        "SELECT id, account_id, sender, ?, kind, message_id, subject, trace, length(prefix) + body_size, created, ?, ?, ?, ?, ?, ?, ?, ? "
        "FROM queue_message WHERE id = ?",
        (recipient, clock.timestamp(), attempts, outcome, *last, message_id))


def listing(db: Connection, *, before: int | None = None, limit: int = 100, account_id: int | None = None, trace: str = "",
            text: str = "", outcome: Outcome | None = None) -> list[OutgoingRow]:
    """History rows, newest first; before is the id of the last one already seen, text is looked for in the addresses."""
    wheres, terms = ["id < :before"], {
        "before": before if before is not None else 1 << 62, "limit": limit, "account_id": account_id, "trace": trace,
        "text": text.lower(), "outcome": outcome}
    if account_id is not None:
        wheres.append("account_id = :account_id")
    if trace:
        wheres.append("trace = :trace")
    if text:
        wheres.append("(instr(lower(recipient), :text) OR instr(lower(coalesce(sender, '')), :text))")
    if outcome is not None:
        wheres.append("outcome = :outcome")
    rows = db.execute(f"SELECT {COLUMNS} FROM outgoing WHERE {' AND '.join(wheres)} ORDER BY id DESC LIMIT :limit", terms)
    return [_row(row) for row in rows]


def by_trace(db: Connection, session: str, number: str = "") -> list[OutgoingRow]:
    """What became of the recipients of a session, or of its message number, oldest first."""
    return [_row(row) for row in db.execute(
        f"SELECT {COLUMNS} FROM outgoing WHERE trace = ?1 || ?2 OR (?2 = '' AND trace > ?1 || '.' AND trace < ?1 || '/') "
        "ORDER BY id LIMIT 1000", (session, f".{number}" if number else ""))]


def prune(db: Connection, clock: Clock, age: float, limit: int) -> int:
    """Forget up to limit history rows that finished more than age seconds ago, and counts older than a day."""
    now = clock.timestamp()
    db.execute("DELETE FROM sent WHERE id IN (SELECT id FROM sent WHERE at < ? LIMIT ?)", (now - DAY, limit))
    gone = db.changes()
    db.execute("DELETE FROM outgoing WHERE id IN (SELECT id FROM outgoing WHERE finished < ? LIMIT ?)", (now - age, limit))
    return gone + db.changes()


# --- limits -----------------------------------------------------------------------------------


def usage(db: Connection, clock: Clock, account_id: int) -> Usage:
    """What account_id sent in the last 24 hours."""
    [row] = db.execute(
        "SELECT count(*), coalesce(sum(recipients), 0), coalesce(sum(first_time), 0), min(at) FROM sent WHERE account_id = ? AND at > ?",
        (account_id, clock.timestamp() - DAY))
    return Usage(*row)


def known(db: Connection, account_id: int, address: Address) -> bool:
    """True if account_id has written to address before."""
    return bool(value(db, "SELECT 1 FROM known_recipient WHERE account_id = ? AND address = ?", (account_id, address.ascii)))


def known_domain(db: Connection, domain: Domain) -> bool:
    """True if anybody has written to domain or to one below it; looks at all recipients, so not for each message."""
    return bool(value(
        db, "SELECT 1 FROM known_recipient WHERE address LIKE '%@' || ?1 ESCAPE '\\' OR address LIKE '%@%.' || ?1 ESCAPE '\\' LIMIT 1",
        (domain.ascii.replace("_", "\\_"),)))


def remember(db: Connection, clock: Clock, account_id: int, recipients: Iterable[Address]) -> int:
    """Count a message that account_id sends to recipients now; returns how many of them are new to it."""
    addresses = {recipient.ascii.lower(): recipient for recipient in recipients}.values()
    new = [address for address in addresses if not known(db, account_id, address)]
    now = clock.timestamp()
    db.execute("INSERT INTO sent (account_id, at, recipients, first_time) VALUES (?, ?, ?, ?)", (account_id, now, len(addresses), len(new)))
    db.executemany(
        "INSERT INTO known_recipient (account_id, address, first, latest, messages) VALUES (?1, ?2, ?3, ?3, 1) "
        "ON CONFLICT (account_id, address) DO UPDATE SET latest = excluded.latest, messages = messages + 1",
        ((account_id, address.ascii, now) for address in addresses))
    return len(new)


def completions(db: Connection, account_id: int, start: str, limit: int = 10) -> list[str]:
    """Addresses account_id has written to that contain start, those it writes to most first."""
    return [address for address, in db.execute(
        "SELECT address FROM known_recipient WHERE account_id = ? AND instr(lower(address), ?) ORDER BY messages DESC, latest DESC LIMIT ?",
        (account_id, start.lower(), limit))]


def _row(row: Sequence[Any]) -> OutgoingRow:
    ident, queued, account_id, sender, recipient, *rest = row
    return OutgoingRow(ident, queued, account_id, sender and Address.parse(sender), Address.parse(recipient), *rest)
