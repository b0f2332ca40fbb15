"""DKIM keys that take the place of others: where each change stands (mta.flow.rotation).

A row goes with its new key, and when the change is over.  One key takes the place of at
most one other, and is itself replaced by at most one.
"""
from dataclasses import dataclass
from typing import Final

import apsw

from mta.base.clock import Clock
from mta.base.errors import Conflict
from mta.store.connection import Connection

COLUMNS: Final = "new_key_id, old_key_id, begun, looked, problem, switched, expires"


@dataclass(frozen=True, slots=True)
class Rotation:
    """One change: begun, the DNS looked at, signing switched, the old key of no use any more (seconds since 1970, None: not yet)."""

    new_key_id: int
    old_key_id: int | None
    begun: float
    looked: float | None
    problem: str
    switched: float | None
    expires: float | None


def all(db: Connection) -> list[Rotation]:
    """Every change that is not over, oldest first."""
    return [Rotation(*row) for row in db.execute(f"SELECT {COLUMNS} FROM dkim_rotation ORDER BY begun, new_key_id")]


def of_domain(db: Connection, domain_id: int) -> list[Rotation]:
    """Those of one domain."""
    return [Rotation(*row) for row in db.execute(
        f"SELECT {COLUMNS} FROM dkim_rotation JOIN dkim_key ON dkim_key.id = new_key_id WHERE domain_id = ? ORDER BY begun, new_key_id",
        (domain_id,))]


def begin(db: Connection, clock: Clock, new_key_id: int, old_key_id: int | None) -> None:
    """Remember that a key is to take the place of another; Conflict if that one is being replaced already."""
    if old_key_id is not None and any(one.old_key_id == old_key_id or one.new_key_id == old_key_id for one in all(db)):
        raise Conflict("this key is being changed already; let that come to its end, or give it up first")
    try:
        db.execute("INSERT INTO dkim_rotation (new_key_id, old_key_id, begun) VALUES (?, ?, ?)",
                   (new_key_id, old_key_id, clock.timestamp()))
    except apsw.ConstraintError as problem:
        raise Conflict(f"the key cannot take another's place: {problem}") from None


def looked(db: Connection, clock: Clock, new_key_id: int, problem: str) -> None:
    """The DNS was asked; problem says what it lacks, "" if nothing."""
    db.execute("UPDATE dkim_rotation SET looked = ?, problem = ? WHERE new_key_id = ?", (clock.timestamp(), problem, new_key_id))


def switched(db: Connection, clock: Clock, new_key_id: int, expires: float) -> bool:
    """The new key signs from now on; False if somebody was quicker, or gave it up."""
    db.execute("UPDATE dkim_rotation SET switched = ?, expires = ? WHERE new_key_id = ? AND switched IS NULL",
               (clock.timestamp(), expires, new_key_id))
    return db.changes() > 0


def end(db: Connection, new_key_id: int) -> None:
    """The change is over, or given up."""
    db.execute("DELETE FROM dkim_rotation WHERE new_key_id = ?", (new_key_id,))
