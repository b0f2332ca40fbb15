"""The log of what people taught: one row for each time somebody filed a message as junk or good.

The last lesson about a message counts, "none" takes back what was taught before.  Rows are
written in the transaction of the move or flag that means them; learned.db is made from
them off that path (mta.flow.learning).  A message may be gone, its lesson stays.

prune() keeps the log from growing without end: what a later lesson replaced goes after a
while, and of very many lessons the oldest are taken back.
"""
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from mta.base.clock import Clock
from mta.message.flags import Flags
from mta.store.connection import Connection, value

Verdict = Literal["junk", "good", "none"]

COLUMNS: Final = "id, account_id, message_id, verdict, at, why"
NEWEST: Final = "SELECT max(id) FROM lesson WHERE message_id IN (SELECT value FROM json_each(?)) GROUP BY message_id"

#: A lesson of an account and verdict that no later one has replaced.
COUNTING: Final = """
    account_id = ? AND verdict = ? AND NOT EXISTS
    (SELECT 1 FROM lesson AS other WHERE other.message_id = one.message_id AND other.id > one.id)"""
#: Flags by which somebody has said already what it is, or that it is to go.
MARKED: Final = int(Flags.JUNK | Flags.NOT_JUNK | Flags.PHISHING | Flags.DELETED | Flags.DRAFT)


@dataclass(frozen=True, slots=True)
class Lesson:
    """One lesson: at in seconds since 1970; why for people, like "moved to Junk"."""

    id: int
    account_id: int
    message_id: int
    verdict: Verdict
    at: float
    why: str


def note(db: Connection, clock: Clock, account_id: int, verdicts: Mapping[int, Verdict], why: str) -> int:
    """Write down verdicts by message id; those that say nothing new are left out.  Gives how many were new."""
    known = {ident: lesson.verdict for ident, lesson in newest(db, verdicts).items()}
    new = [(ident, verdict) for ident, verdict in verdicts.items() if verdict != known.get(ident, "none")]
    now = clock.timestamp()
    db.executemany("INSERT INTO lesson (account_id, message_id, verdict, at, why) VALUES (?, ?, ?, ?, ?)",
                   ((account_id, ident, verdict, now, why) for ident, verdict in new))
    if new:
        db.touched.add("reporter")
    return len(new)


def newest(db: Connection, message_ids: Iterable[int]) -> dict[int, Lesson]:
    """The lesson that counts for each of the messages that has one ("none" is one too)."""
    rows = db.execute(f"SELECT {COLUMNS} FROM lesson WHERE id IN ({NEWEST})", (json.dumps(list(message_ids)),))
    return {lesson.message_id: lesson for lesson in (Lesson(*row) for row in rows)}


def since(db: Connection, position: int, limit: int) -> list[Lesson]:
    """The lessons after position, in their order."""
    return [Lesson(*row) for row in db.execute(f"SELECT {COLUMNS} FROM lesson WHERE id > ? ORDER BY id LIMIT ?", (position, limit))]


def last(db: Connection) -> int:
    """The id of the last lesson that was ever written; it never goes back."""
    return int(value(db, "SELECT seq FROM sqlite_sequence WHERE name = 'lesson'", default=0))


def counting(db: Connection, position: int = (1 << 62)) -> dict[int, Lesson]:
    """The lesson of every message that teaches something, as of a position in the log."""
    rows = db.execute(f"""
        SELECT {COLUMNS} FROM lesson WHERE verdict != 'none'
           AND id IN (SELECT max(id) FROM lesson WHERE id <= ? GROUP BY message_id)""", (position,))
    return {lesson.message_id: lesson for lesson in (Lesson(*row) for row in rows)}


def unspoken(db: Connection, mailbox_id: int, since: float, until: float, limit: int) -> list[int]:
    r"""Messages of a mailbox that were received from since until until, read, not marked, and taught nothing so far."""
    return [ident for ident, in db.execute("""
        SELECT id FROM message WHERE mailbox_id = ? AND received >= ? AND received < ? AND flags & ? = ?
           AND NOT EXISTS (SELECT 1 FROM lesson WHERE message_id = message.id) ORDER BY received LIMIT ?""",
        (mailbox_id, since, until, MARKED | int(Flags.SEEN), int(Flags.SEEN), limit))]


def forget_oldest(db: Connection, clock: Clock, account_id: int, keep: int, limit: int = 200) -> int:
    """Take back the oldest lessons of each verdict that an account has more than keep of; about limit at most, gives how many."""
    gone = 0
    for verdict in ("good", "junk"):
        more = int(value(db, f"SELECT count(*) FROM lesson AS one WHERE {COUNTING}", (account_id, verdict))) - keep
        if more > 0:
            rows = db.execute(f"SELECT message_id FROM lesson AS one WHERE {COUNTING} ORDER BY id LIMIT ?",
                              (account_id, verdict, min(more, limit)))
            gone += note(db, clock, account_id, dict.fromkeys((ident for ident, in rows), "none"), "there are many newer ones")
    return gone


def forget_replaced(db: Connection, before: float, position: int, limit: int = 200) -> int:
    """Remove rows from before a time that count no more, as was learned (up to position); at most limit, gives how many."""
    db.execute("""
        DELETE FROM lesson WHERE id IN (
            SELECT id FROM lesson AS one WHERE at < ?1 AND id <= ?2 AND (verdict = 'none' OR EXISTS
                   (SELECT 1 FROM lesson AS other WHERE other.message_id = one.message_id AND other.id > one.id AND other.id <= ?2))
             ORDER BY id LIMIT ?3)""", (before, position, limit))
    return db.changes()
