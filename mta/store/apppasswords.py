"""App passwords: made by us, each for one program, good for what it was made for and for so long.

The password itself is a credential like any other (mta.store.credentials); here is what
it may be used for.  Functions run inside a change of Store.write, or in a question of
Store.read.
"""
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal, get_args

from mta.base.clock import Clock
from mta.base.errors import NotFound, TemporaryError, UserError
from mta.base.limits import LIMITS
from mta.store import twofactors
from mta.store.connection import Connection, one, value
from mta.store.credentials import Keys

Scope = Literal["imap", "smtp", "webmail"]
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)
#: Seconds of use that may go unnoted, if it comes from the same address: a mail program signs in all day.
NOTED: Final = 600.0


@dataclass(frozen=True, slots=True)
class AppPassword:
    """One app password without its secret; used_from is the IP address of its last use, used_for the service."""

    id: int
    label: str
    scopes: tuple[Scope, ...]
    created: float
    expires: float | None
    used: float | None
    used_from: str
    used_for: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What a password may be used for now: kind is "password" (the account's own) or "app"; two_factor: the account has that."""

    kind: str
    label: str
    scopes: tuple[Scope, ...]
    expired: bool
    two_factor: bool


def all(db: Connection, account_id: int) -> list[AppPassword]:
    """Those of an account, the oldest first."""
    rows = db.execute("""
        SELECT credential.id, label, imap, smtp, webmail, created, expires, used, used_from, used_for
          FROM credential JOIN app_password ON credential_id = credential.id WHERE account_id = ? ORDER BY credential.id""", (account_id,))
    return [AppPassword(id, label, _scopes(flags), created, expires, used, used_from, used_for)
            for id, label, *flags, created, expires, used, used_from, used_for in rows]


def salt(db: Connection, account_id: int) -> tuple[bytes, int] | None:
    """Salt and iterations that the account's passwords share; None if it has none yet."""
    return one(db, "SELECT salt, iterations FROM credential WHERE account_id = ? LIMIT 1", (account_id,))


def add(db: Connection, clock: Clock, account_id: int, label: str, scopes: Collection[str], expires: float | None, keys: Keys) -> int:
    """A new one; its id.  TemporaryError if the account's salt has changed since keys were made."""
    if value(db, "SELECT 1 FROM credential WHERE account_id = ? AND kind = 'app' AND label = ?", (account_id, label)):
        raise UserError(f"there is an app password called {label!r} already")
    if value(db, "SELECT count(*) FROM credential WHERE account_id = ?", (account_id,)) >= LIMITS.credentials:
        raise UserError(f"an account can have {LIMITS.credentials} passwords, no more; revoke one that is not needed")
    if (salt(db, account_id) or (keys.salt, keys.iterations)) != (keys.salt, keys.iterations):
        raise TemporaryError("the account's password was changed at this moment; try again")
    db.execute("""
        INSERT INTO credential (account_id, kind, label, salt, iterations, stored_key, server_key, created)
        VALUES (?, 'app', ?, ?, ?, ?, ?, ?)""",
        (account_id, label, keys.salt, keys.iterations, keys.stored_key, keys.server_key, clock.timestamp()))
    id = db.last_insert_rowid()
    db.execute("INSERT INTO app_password (credential_id, imap, smtp, webmail, expires) VALUES (?, ?, ?, ?, ?)",
               (id, *(int(scope in scopes) for scope in SCOPES), expires))
    return id


def remove(db: Connection, account_id: int, id: int) -> str:
    """Let one open nothing any more, and end the webmail sessions that began with it; its label.  NotFound."""
    label = value(db, "SELECT label FROM credential WHERE id = ? AND account_id = ? AND kind = 'app'", (id, account_id))
    if label is None:
        raise NotFound(f"there is no app password {id}")
    db.execute("DELETE FROM credential WHERE id = ?", (id,))
    return str(label)


def standing(db: Connection, clock: Clock, account_id: int, credential_id: int) -> Standing:
    """What a password of the account may be used for; NotFound if it is gone."""
    row = one(db, """
        SELECT kind, label, imap, smtp, webmail, expires
          FROM credential LEFT JOIN app_password ON credential_id = id WHERE id = ? AND account_id = ?""", (credential_id, account_id))
    if row is None:
        raise NotFound("the password was revoked at this moment")
    kind, label, *flags, expires = row
    return Standing(kind, label, _scopes(flags), expires is not None and expires <= clock.timestamp(), twofactors.is_on(db, account_id))


def note_used(db: Connection, clock: Clock, credential_id: int, ip: str, service: str) -> None:
    """Remember when and from where it was used last."""
    now = clock.timestamp()
    db.execute("""UPDATE app_password SET used_from = ?2, used_for = ?3 WHERE credential_id = ?1 AND (used_from != ?2 OR used_for != ?3)""",
               (credential_id, ip, service))
    db.execute("UPDATE credential SET used = ? WHERE id = ?", (now, credential_id))


def is_noted(db: Connection, clock: Clock, credential_id: int, ip: str, service: str) -> bool:
    """Whether such a use was noted a moment ago."""
    return value(db, """
        SELECT 1 FROM credential LEFT JOIN app_password ON credential_id = id
         WHERE id = ? AND used > ? AND coalesce(used_from, ?3) = ?3 AND coalesce(used_for, ?4) = ?4""",
        (credential_id, clock.timestamp() - NOTED, ip, service)) is not None


def _scopes(flags: Collection[int | None]) -> tuple[Scope, ...]:
    return tuple(scope for scope, flag in zip(SCOPES, flags, strict=True) if flag)
