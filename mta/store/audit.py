"""The audit log: who changed what, when, and from where.

Functions run inside a change of Store.write, or in a question of Store.read.
"""
from dataclasses import dataclass
from typing import Final

from mta.base.clock import Clock
from mta.base.limits import LIMITS, Limits
from mta.store.connection import Connection

#: What an entry says while its change is being made; it stays so if the process died over it.
BEGUN: Final = "begun"


@dataclass(frozen=True, slots=True)
class Entry:
    """One change: who is "admin", an account or a user of this machine, origin an IP address or "command line".

    function is a name of the API ("admin/domain_add") or the words of a verb; outcome is BEGUN, "ok" or
    the code of the error.
    """

    id: int
    at: float
    who: str
    origin: str
    function: str
    arguments: str
    outcome: str


def begin(db: Connection, clock: Clock, who: str, origin: str, function: str, arguments: str) -> int:
    """A change is about to be made; the id of its entry."""
    db.execute("INSERT INTO audit (at, who, origin, function, arguments, outcome) VALUES (?, ?, ?, ?, ?, ?)",
               (clock.timestamp(), who, origin, function, arguments, BEGUN))
    return db.last_insert_rowid()


def finish(db: Connection, id: int, outcome: str) -> None:
    """What came of it."""
    db.execute("UPDATE audit SET outcome = ? WHERE id = ?", (outcome, id))


def listing(db: Connection, *, before: int | None = None, limit: int = 100, text: str = "", since: float = 0.0,
            who: str = "") -> list[Entry]:
    """The newest first; each word of text is in who, origin, function or arguments; who is exactly that one."""
    words = text.lower().split()[:LIMITS.search_words]
    wheres = "".join(" AND instr(lower(who || ' ' || origin || ' ' || function || ' ' || arguments || ' ' || outcome), ?)" for _ in words)
    rows = db.execute(
        f"SELECT id, at, who, origin, function, arguments, outcome FROM audit WHERE id < ? AND at >= ? AND (? = '' OR who = ?){wheres} "
        "ORDER BY id DESC LIMIT ?", (before if before is not None else 1 << 62, since, who, who, *words, limit))
    return [Entry(*row) for row in rows]


def prune(db: Connection, clock: Clock, limit: int, limits: Limits = LIMITS) -> int:
    """Forget up to limit entries that are old or too many; returns how many."""
    db.execute("DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < ? LIMIT ?)", (clock.timestamp() - limits.audit_age, limit))
    gone = db.changes()
    db.execute("DELETE FROM audit WHERE id IN (SELECT id FROM audit ORDER BY id DESC LIMIT ? OFFSET ?)", (limit, limits.audit_rows))
    return gone + db.changes()
