"""Mail that was sent and waits in the queue for its time, with the draft that it was.

All functions run inside a change of Store.write, or in a question of Store.read.
"""
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mta.base.clock import Clock
from mta.store.connection import Connection, one, value


@dataclass(frozen=True, slots=True)
class Delayed:
    """One such message: when it goes (seconds since 1970), its draft's body, its copy in Sent, what of it is in the queue."""

    id: int
    at: float
    body_id: int
    copy: int | None
    queued: tuple[int, ...]
    recipients: int
    subject: str
    sent_to: str


COLUMNS: Final = "id, at, body_id, copy_id, queued, recipients, subject, sent_to"


def add(db: Connection, account_id: int, new: Delayed) -> int:
    """Remember one; its id (that of new is not looked at)."""
    db.execute(
        "INSERT INTO delayed_mail (account_id, at, body_id, copy_id, queued, recipients, subject, sent_to) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (account_id, new.at, new.body_id, new.copy, " ".join(map(str, new.queued)), new.recipients, new.subject, new.sent_to))
    return db.last_insert_rowid()


def get(db: Connection, account_id: int, id: int) -> Delayed | None:
    """One of an account's."""
    found = one(db, f"SELECT {COLUMNS} FROM delayed_mail WHERE account_id = ? AND id = ?", (account_id, id))
    return None if found is None else _row(*found)


def by_queued(db: Connection, account_id: int, queued: Sequence[int]) -> int | None:
    """The newest one with these rows of the queue."""
    return value(db, "SELECT max(id) FROM delayed_mail WHERE account_id = ? AND queued = ?",  # type: ignore[no-any-return]
                 (account_id, " ".join(map(str, queued))))


def waiting(db: Connection, clock: Clock, account_id: int, limit: int) -> list[Delayed]:
    """Those of an account whose time is still to come, the next one first."""
    return [_row(*found) for found in db.execute(
        f"SELECT {COLUMNS} FROM delayed_mail WHERE account_id = ? AND at > ? ORDER BY at, id LIMIT ?",
        (account_id, clock.timestamp(), limit))]


def remove(db: Connection, id: int) -> None:
    """Forget one: it was had back."""
    db.execute("DELETE FROM delayed_mail WHERE id = ?", (id,))


def prune(db: Connection, clock: Clock, limit: int) -> int:
    """Forget up to limit whose time has come: their drafts are of no use any more."""
    db.execute("DELETE FROM delayed_mail WHERE id IN (SELECT id FROM delayed_mail WHERE at < ? LIMIT ?)", (clock.timestamp(), limit))
    return db.changes()


def _row(id: int, at: float, body_id: int, copy: int | None, queued: str, recipients: int, subject: str, sent_to: str) -> Delayed:
    return Delayed(id, at, body_id, copy, tuple(map(int, queued.split())), recipients, subject, sent_to)
