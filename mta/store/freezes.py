"""Accounts that may not send for now, and what of theirs waits in the queue because of that.

Functions run inside a change of Store.write, or in a question of Store.read.
"""
from dataclasses import dataclass
from typing import Final

from mta.base.clock import Clock
from mta.store import queue
from mta.store.connection import Connection, one, value

HOUR, DAY = 3_600.0, 86_400.0
COLUMNS: Final = "account_id, since, reason, by, lifted"


@dataclass(frozen=True, slots=True)
class Freeze:
    """The latest freeze of an account; lifted None: it still stands."""

    account_id: int
    since: float
    reason: str
    by: str
    lifted: float | None


@dataclass(frozen=True, slots=True)
class Sending:
    """What an account sent within the last hour: recipients, and those of them that it never wrote to before."""

    account_id: int
    recipients: int
    first_time: int


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual: recipients of the busiest hour of a month, and of how many it is known what became; of those of a day who failed."""

    busiest: int
    known: int
    finished: int
    failed: int


def get(db: Connection, account_id: int) -> Freeze | None:
    """The latest freeze of an account, lifted or not."""
    row = one(db, f"SELECT {COLUMNS} FROM freeze WHERE account_id = ?", (account_id,))
    return None if row is None else Freeze(*row)


def standing(db: Connection, account_id: int) -> Freeze | None:
    """The freeze that stands, if one does."""
    found = get(db, account_id)
    return found if found is not None and found.lifted is None else None


def all(db: Connection) -> list[Freeze]:
    """Those that stand, the oldest first."""
    return [Freeze(*row) for row in db.execute(f"SELECT {COLUMNS} FROM freeze WHERE lifted IS NULL ORDER BY since")]


def add(db: Connection, clock: Clock, account_id: int, reason: str, by: str) -> None:
    """Freeze an account, in place of an earlier time."""
    db.execute(f"INSERT OR REPLACE INTO freeze ({COLUMNS}) VALUES (?, ?, ?, ?, NULL)", (account_id, clock.timestamp(), reason, by))
    db.touched |= {"web"}


def lift(db: Connection, clock: Clock, account_id: int) -> bool:
    """Let it send again; False if it was not frozen."""
    db.execute("UPDATE freeze SET lifted = ? WHERE account_id = ? AND lifted IS NULL", (clock.timestamp(), account_id))
    db.touched |= {"web"}
    return bool(db.changes())


def hold(db: Connection, account_id: int, limit: int) -> int:
    """Hold up to limit recipients of the account that wait in the queue; how many."""
    ids = [row[0] for row in db.execute("""
        SELECT r.id FROM queue_recipient r JOIN queue_message m ON m.id = r.message_id
         WHERE m.account_id = ? AND NOT r.held LIMIT ?""", (account_id, limit))]
    db.executemany("INSERT OR IGNORE INTO frozen_recipient (recipient_id, account_id) VALUES (?, ?)", ((id, account_id) for id in ids))
    return queue.hold(db, ids)


def release(db: Connection, account_id: int, limit: int) -> int:
    """Let go up to limit of what was held by hold(); how many."""
    ids = [row[0] for row in db.execute("SELECT recipient_id FROM frozen_recipient WHERE account_id = ? LIMIT ?", (account_id, limit))]
    queue.release_hold(db, ids)
    db.executemany("DELETE FROM frozen_recipient WHERE recipient_id = ?", ((id,) for id in ids))
    return len(ids)


def drop(db: Connection, clock: Clock, account_id: int, limit: int, by: str) -> int:
    """Give up to limit of what was held by hold() up, telling nobody; how many."""
    ids = [row[0] for row in db.execute("SELECT recipient_id FROM frozen_recipient WHERE account_id = ? LIMIT ?", (account_id, limit))]
    queue.drop(db, clock, ids, by)
    queue.release_hold(db, ids)    # what is being tried at this moment ends by itself
    db.executemany("DELETE FROM frozen_recipient WHERE recipient_id = ?", ((id,) for id in ids))
    return len(ids)


def waiting(db: Connection, account_id: int) -> int:
    """How much of the account waits because of its freeze."""
    return int(value(db, "SELECT count(*) FROM frozen_recipient WHERE account_id = ?", (account_id,), 0))


def busy(db: Connection, clock: Clock, least: int) -> list[Sending]:
    """The accounts that sent to at least so many recipients within the last hour."""
    return [Sending(*row) for row in db.execute("""
        SELECT account_id, sum(recipients), sum(first_time) FROM sent WHERE at > ? GROUP BY account_id HAVING sum(recipients) >= ?""",
        (clock.timestamp() - HOUR, least))]


def usual(db: Connection, clock: Clock, account_id: int) -> Usual:
    """What is usual for an account, from what became of its mail of the last 30 days; today's is no measure of itself."""
    now = clock.timestamp()
    [(known, busiest)] = db.execute("""
        SELECT coalesce(sum(n), 0), coalesce(max(n), 0) FROM (
            SELECT count(*) AS n FROM outgoing WHERE account_id = ?1 AND finished > ?2 AND queued < ?3
             GROUP BY CAST(queued / 3600 AS INTEGER))""",
        (account_id, now - 30 * DAY, now - DAY))
    [(finished, failed)] = db.execute(
        "SELECT count(*), coalesce(sum(outcome = 'failed'), 0) FROM outgoing WHERE account_id = ? AND finished > ?",
        (account_id, now - DAY))
    return Usual(busiest, known, finished, failed)
