"""Links by which a telephone fetches a profile without signing in: secret, for one use, and soon over.

Only the SHA-256 of a secret is kept, as for sessions.  A link goes with its account, at its
use, when its time is over, and when there are too many of the account.
"""
import hashlib

from mta.base.clock import Clock
from mta.store.connection import Connection, one


def add(db: Connection, clock: Clock, account_id: int, address: str, secret: str, lifetime: float, most: int) -> None:
    """A new link to the profile for an address; of an account at most that many stay, the newest."""
    db.execute("INSERT INTO profile_link (secret, account_id, address, expires) VALUES (?, ?, ?, ?)",
               (_hash(secret), account_id, address, clock.timestamp() + lifetime))
    db.execute("DELETE FROM profile_link WHERE account_id = ?1 AND id NOT IN "
               "(SELECT id FROM profile_link WHERE account_id = ?1 ORDER BY id DESC LIMIT ?2)", (account_id, most))


def known(db: Connection, clock: Clock, secret: str) -> bool:
    """Whether a link works: a question only, so that who guesses makes us write nothing."""
    return one(db, "SELECT 1 FROM profile_link WHERE secret = ? AND expires > ?", (_hash(secret), clock.timestamp())) is not None


def take(db: Connection, clock: Clock, secret: str) -> tuple[int, str] | None:
    """Use a link up: account and address, None if it does not work (any more)."""
    row = one(db, "DELETE FROM profile_link WHERE secret = ? AND expires > ? RETURNING account_id, address",
              (_hash(secret), clock.timestamp()))
    return (row[0], row[1]) if row is not None else None


def expire(db: Connection, clock: Clock) -> int:
    """Forget links whose time is over; returns how many."""
    db.execute("DELETE FROM profile_link WHERE expires <= ?", (clock.timestamp(),))
    return db.changes()


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
