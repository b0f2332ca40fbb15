"""Addresses that mail of an account is forwarded to, and how they were confirmed.

Nobody gets forwarded mail who did not want it: a code is mailed to an address, and only
who reads mail there can tell it.  Of a code the SHA-256 is kept.  How many codes were
mailed is counted apart from the addresses, so that removing one and adding it again does
not let it be bombed.

All functions run inside a change of Store.write, or in a question of Store.read.
"""
import hashlib
import hmac
from dataclasses import dataclass, fields
from typing import Final, Literal

from mta.base.clock import Clock
from mta.base.errors import NotFound
from mta.base.names import Address
from mta.store.connection import Connection, one, value

Keep = Literal["inbox", "archive"]
DAY: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Target:
    """One address.

    confirmed is when it was, None for not yet; everything: all mail goes there, not only
    what a rule forwards; keep is where the copy here goes; seal: with our ARC seal; attach:
    what the other side would refuse travels as an attachment.  kept counts what was not
    forwarded, kept_why says why the last one was not.
    """

    id: int
    address: Address
    created: float
    confirmed: float | None
    everything: bool
    keep: Keep
    seal: bool
    attach: bool
    forwarded: int
    kept: int
    latest: float | None
    kept_why: str


COLUMNS: Final = ", ".join(field.name for field in fields(Target))


def all(db: Connection, account_id: int) -> list[Target]:
    """The addresses of an account, the oldest first."""
    return [_target(row) for row in db.execute(f"SELECT {COLUMNS} FROM forward_target WHERE account_id = ? ORDER BY id", (account_id,))]


def busy(db: Connection, account_id: int) -> bool:
    """Whether anything may follow by itself when mail comes: a vacation is on, or an address is confirmed."""
    return bool(value(db, "SELECT EXISTS (SELECT 1 FROM vacation WHERE account_id = ?1 AND enabled) OR EXISTS "
                      "(SELECT 1 FROM forward_target WHERE account_id = ?1 AND confirmed IS NOT NULL)", (account_id,)))


def get(db: Connection, account_id: int, id: int) -> Target:
    """One of them; NotFound."""
    row = one(db, f"SELECT {COLUMNS} FROM forward_target WHERE id = ? AND account_id = ?", (id, account_id))
    if row is None:
        raise NotFound(f"there is no address {id} to forward to")
    return _target(row)


def add(db: Connection, clock: Clock, account_id: int, address: Address, everything: bool, keep: Keep, seal: bool, attach: bool) -> int:
    """An address that is still to be confirmed; its id."""
    db.execute("INSERT INTO forward_target (account_id, address, created, everything, keep, seal, attach) VALUES (?, ?, ?, ?, ?, ?, ?)",
               (account_id, address.ascii, clock.timestamp(), int(everything), keep, int(seal), int(attach)))
    return db.last_insert_rowid()


def change(db: Connection, account_id: int, id: int, everything: bool, keep: Keep, seal: bool, attach: bool) -> None:
    """Other choices for an address; NotFound."""
    db.execute("UPDATE forward_target SET everything = ?, keep = ?, seal = ?, attach = ? WHERE id = ? AND account_id = ?",
               (int(everything), keep, int(seal), int(attach), id, account_id))
    if not db.changes():
        raise NotFound(f"there is no address {id} to forward to")


def remove(db: Connection, account_id: int, id: int) -> None:
    """Forward there no longer; NotFound.  Rules that name it forward nowhere then."""
    db.execute("DELETE FROM forward_target WHERE id = ? AND account_id = ?", (id, account_id))
    if not db.changes():
        raise NotFound(f"there is no address {id} to forward to")


def set_code(db: Connection, clock: Clock, account_id: int, id: int, code: str, lifetime: float) -> None:
    """A code is mailed to an address; an earlier one is void."""
    row = get(db, account_id, id)
    db.execute("UPDATE forward_target SET code = ?, code_expires = ?, tries = 0 WHERE id = ?",
               (_hash(code), clock.timestamp() + lifetime, id))
    db.execute("INSERT INTO forward_code (account_id, address, at) VALUES (?, ?, ?)",
               (account_id, row.address.ascii.lower(), clock.timestamp()))


def codes_of_a_day(db: Connection, clock: Clock, account_id: int, address: Address) -> tuple[int, int]:
    """How many codes were mailed within 24 hours: for the account, and to the address by whomever."""
    since = clock.timestamp() - DAY
    return (int(value(db, "SELECT count(*) FROM forward_code WHERE at > ? AND account_id = ?", (since, account_id), 0)),
            int(value(db, "SELECT count(*) FROM forward_code WHERE at > ? AND address = ?", (since, address.ascii.lower()), 0)))


def confirm(db: Connection, clock: Clock, account_id: int, id: int, code: str, most: int) -> bool:
    """Whether that was the code of the address, which is confirmed then; a wrong one counts, after too many none is right."""
    row = one(db, "SELECT code, code_expires, tries FROM forward_target WHERE id = ? AND account_id = ?", (id, account_id))
    if row is None:
        raise NotFound(f"there is no address {id} to forward to")
    kept, expires, tries = row
    now = clock.timestamp()
    if kept is None or now >= expires or tries >= most:
        return False
    if not hmac.compare_digest(kept, _hash(code)):
        db.execute("UPDATE forward_target SET tries = tries + 1 WHERE id = ?", (id,))
        return False
    db.execute("UPDATE forward_target SET confirmed = ?, code = NULL WHERE id = ?", (now, id))
    return True


def count(db: Connection, clock: Clock, id: int, kept_why: str = "") -> None:
    """A message was forwarded there, or was kept for that reason."""
    if kept_why:
        db.execute("UPDATE forward_target SET kept = kept + 1, kept_why = ? WHERE id = ?", (kept_why, id))
    else:
        db.execute("UPDATE forward_target SET forwarded = forwarded + 1, latest = ? WHERE id = ?", (clock.timestamp(), id))


def prune(db: Connection, clock: Clock, limit: int) -> int:
    """Forget up to limit codes that are no longer counted; how many."""
    db.execute("DELETE FROM forward_code WHERE id IN (SELECT id FROM forward_code WHERE at < ? LIMIT ?)",
               (clock.timestamp() - DAY, limit))
    return db.changes()


def _target(row: tuple[object, ...]) -> Target:
    id, address, created, confirmed, everything, keep, seal, attach, *rest = row
    return Target(id, Address.parse(str(address)), created, confirmed, bool(everything), keep,  # type: ignore[arg-type]  # as the columns are
                  bool(seal), bool(attach), *rest)  # type: ignore[arg-type]  # as the columns are


def _hash(code: str) -> bytes:
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).digest()
