"""The host's keys: which are in use, which come next, which go.

The private half of each is the file at path, below the data directory.  Of each algorithm
one key is in use; besides, one may be made ahead and published before it is used, and one
may be on its way out (RFC 7671 §8.1).
"""
from dataclasses import dataclass
from typing import Final, Literal

from mta.base.clock import Clock
from mta.store.connection import Connection

State = Literal["next", "current", "old"]
#: In the order in which certificates are offered.
ALGORITHMS: Final = ("ec", "rsa")
SELECT: Final = "SELECT id, algorithm, path, digest, state, created, listed, ttl FROM host_key"


@dataclass(frozen=True, slots=True)
class HostKey:
    """One key; digest is what its TLSA record has (3 1 1), listed since when our DNS has that, None if it has not been seen there."""

    id: int
    algorithm: str
    path: str
    digest: str
    state: State
    created: float
    listed: float | None
    ttl: float


def all(db: Connection) -> list[HostKey]:
    """All keys: those in use, then those to come, then those that go."""
    rows = (HostKey(*row) for row in db.execute(SELECT))
    return sorted(rows, key=lambda row: (("current", "next", "old").index(row.state), row.algorithm))


def add(db: Connection, clock: Clock, algorithm: str, path: str, digest: str, state: State) -> bool:
    """Note a key whose file exists already; False, and nothing is changed, if there is one of that algorithm in that state."""
    db.execute("INSERT OR IGNORE INTO host_key (algorithm, path, digest, state, created) VALUES (?, ?, ?, ?, ?)",
               (algorithm, path, digest, state, clock.timestamp()))
    return db.changes() > 0


def saw(db: Connection, id: int, at: float | None, ttl: float) -> None:
    """The DNS lists a key, since at at the latest, for ttl seconds; or, at None, no longer does."""
    db.execute("UPDATE host_key SET listed = CASE WHEN ?1 IS NULL THEN NULL ELSE coalesce(listed, ?1) END, "
               "ttl = CASE WHEN ?1 IS NULL THEN 0 ELSE max(ttl, ?2) END WHERE id = ?3", (at, ttl, id))


def switch(db: Connection) -> int:
    """Let the next keys be those in use, and those that were be old; how many were switched."""
    coming = [row.algorithm for row in all(db) if row.state == "next"]
    for algorithm in coming:
        db.execute("UPDATE host_key SET state = 'old' WHERE algorithm = ? AND state = 'current'", (algorithm,))
        db.execute("UPDATE host_key SET state = 'current' WHERE algorithm = ? AND state = 'next'", (algorithm,))
    return len(coming)


def remove(db: Connection, id: int) -> None:
    """Forget a key that is not in use; the caller removes its file after the commit."""
    db.execute("DELETE FROM host_key WHERE id = ? AND state != 'current'", (id,))
