"""Passwords and web sessions: what proves who someone is.

A password is kept as SCRAM-SHA-256 keys (RFC 5802 §3, RFC 7677) and serves every
mechanism.  All credentials of one account share salt and iterations, so that one SCRAM
exchange, and one PBKDF2, tries them all.  A name that does not exist gets a salt that
looks like any other and is always the same, and costs the same time.

The administrator's password belongs to no account.  Of a web session only the SHA-256 of
its secret is kept: who reads the database cannot take it over.

check_password, check_admin and scram keys take some 10 ms of processor time on purpose:
call them in a thread, and with a question of their own rather than within a change.
"""
import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

from mta.base.clock import Clock
from mta.base.errors import NotFound, UserError
from mta.base.limits import LIMITS
from mta.base.sasl import BadExchange, ScramSecrets, prepare, scram_keys
from mta.base.tokens import secret_octets
from mta.store import accounts
from mta.store.connection import Connection, one, value

#: RFC 7677 §4 asks for 4096 at least; this is about 10 ms on a small VPS.
ITERATIONS: Final = 30_000
SALT_OCTETS: Final = 16


@dataclass(frozen=True, slots=True)
class Checked:
    """Whose password it was, and which one."""

    account_id: int
    credential_id: int


@dataclass(frozen=True, slots=True)
class CredentialRow:
    """One password of an account, without anything secret; kind is "password" or "app"."""

    id: int
    account_id: int
    kind: str
    label: str
    created: float
    used: float | None


@dataclass(frozen=True, slots=True)
class SessionRow:
    """Someone signed in on the web; account_id is None for the administrator; credential_id is the app password it began with, if any."""

    id: int
    account_id: int | None
    csrf: str
    created: float
    seen: float
    expires: float
    ip: str
    agent: str
    credential_id: int | None = None


@dataclass(frozen=True, slots=True)
class Keys:
    """A password made ready for a change: hashing takes long, so it is done before."""

    salt: bytes
    iterations: int
    stored_key: bytes
    server_key: bytes


# --- passwords -----------------------------------------------------------------------------------


def set_password(db: Connection, clock: Clock, account_id: int, password: str, label: str = "password", kind: str = "password") -> int:
    """Give the account a password and return the credential's id.

    One with the same kind and label is replaced.  UserError if the password is empty, too
    long or has control characters, or if there are too many.
    """
    if accounts.get(db, account_id) is None:
        raise NotFound(f"there is no account {account_id}")
    db.execute("DELETE FROM credential WHERE account_id = ? AND kind = ? AND label = ?", (account_id, kind, label))
    if value(db, "SELECT count(*) FROM credential WHERE account_id = ?", (account_id,)) >= LIMITS.credentials:
        raise UserError(f"an account can have {LIMITS.credentials} passwords, no more")
    shared = one(db, "SELECT salt, iterations FROM credential WHERE account_id = ? LIMIT 1", (account_id,))
    keys = make_keys(password, *(shared or ()))
    return _insert(db, clock, account_id, kind, label, keys)


def make_keys(password: str, salt: bytes = b"", iterations: int = ITERATIONS) -> Keys:
    """Hash a password, with a new salt unless one is given; UserError if it cannot be one."""
    try:
        prepared = prepare(password)
    except BadExchange as problem:
        raise UserError(str(problem)) from None
    if not prepared or len(prepared.encode()) > LIMITS.password:
        raise UserError(f"a password needs 1 to {LIMITS.password} octets")
    salt = salt or secret_octets(SALT_OCTETS)
    return Keys(salt, iterations, *scram_keys(prepared, salt, iterations))


def remove(db: Connection, account_id: int, credential_id: int) -> None:
    """Take a password away from the account."""
    db.execute("DELETE FROM credential WHERE id = ? AND account_id = ?", (credential_id, account_id))
    if not db.changes():
        raise NotFound(f"there is no password {credential_id}")


def all(db: Connection, account_id: int) -> list[CredentialRow]:
    """The passwords of the account, without their secrets."""
    return [CredentialRow(*row) for row in db.execute(
        "SELECT id, account_id, kind, label, created, used FROM credential WHERE account_id = ? ORDER BY id", (account_id,))]


def scram_secrets(db: Connection, name: str) -> ScramSecrets:
    """What SCRAM needs for someone who signs in as name; for an unknown or disabled one there are no keys."""
    account = accounts.by_login(db, name)
    rows = list(db.execute("SELECT id, salt, iterations, stored_key, server_key FROM credential WHERE account_id = ? ORDER BY id",
                           (account.id,))) if account is not None else []
    if account is None or not rows:
        return ScramSecrets(_false_salt(db, name), ITERATIONS, (), None)
    _, salt, iterations, _, _ = rows[0]
    if not account.enabled:
        return ScramSecrets(salt, iterations, (), None)
    return ScramSecrets(salt, iterations, [(id, stored, server) for id, _, _, stored, server in rows], account.id)


def check_password(db: Connection, name: str, password: str) -> Checked | None:
    """Who signs in as name with this password, or None; takes as long for a name that does not exist."""
    return match(scram_secrets(db, name), password)


def match(secrets: ScramSecrets, password: str) -> Checked | None:
    """Which of the secrets' credentials has this password; pure reckoning, for a thread."""
    try:
        if len(password) > LIMITS.password:
            return None
        stored, _ = scram_keys(password, secrets.salt, secrets.iterations)
    except (BadExchange, UnicodeEncodeError):
        return None
    for id, stored_key, _ in secrets.keys:
        if hmac.compare_digest(stored, stored_key) and secrets.account_id is not None:
            return Checked(secrets.account_id, id)
    return None


def note_used(db: Connection, clock: Clock, credential_id: int) -> None:
    """Remember when a password was last used."""
    db.execute("UPDATE credential SET used = ? WHERE id = ?", (clock.timestamp(), credential_id))


def set_admin_password(db: Connection, clock: Clock, password: str) -> None:
    """Replace the administrator's password; signs out everywhere."""
    keys = make_keys(password)
    db.execute("DELETE FROM credential WHERE kind = 'admin'")
    _insert(db, clock, None, "admin", "admin", keys)
    drop_sessions(db, None)


def has_admin(db: Connection) -> bool:
    """True once the administrator has a password."""
    return value(db, "SELECT 1 FROM credential WHERE kind = 'admin'") is not None


def check_admin(db: Connection, password: str) -> bool:
    """True if this is the administrator's password; takes as long if none is set."""
    row = one(db, "SELECT id, salt, iterations, stored_key, server_key FROM credential WHERE kind = 'admin'")
    if row is None:
        return match(ScramSecrets(_false_salt(db, ""), ITERATIONS, (), None), password) is not None
    id, salt, iterations, stored, server = row
    return match(ScramSecrets(salt, iterations, [(id, stored, server)], 0), password) is not None


def _insert(db: Connection, clock: Clock, account_id: int | None, kind: str, label: str, keys: Keys) -> int:
    db.execute("""
        INSERT INTO credential (account_id, kind, label, salt, iterations, stored_key, server_key, created)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
        (account_id, kind, label, keys.salt, keys.iterations, keys.stored_key, keys.server_key, clock.timestamp()))
    return db.last_insert_rowid()


def _false_salt(db: Connection, name: str) -> bytes:
    secret = value(db, "SELECT value FROM setting WHERE name = 'false_salt'")
    return hmac.digest(secret, name.lower().encode("utf-8", "surrogatepass"), "sha256")[:SALT_OCTETS]


# --- web sessions ------------------------------------------------------------------------------------


def add_session(db: Connection, clock: Clock, account_id: int | None, secret: str, csrf: str, ip: str, agent: str, lifetime: float,
                credential_id: int | None = None) -> int:
    """Sign someone in (None: the administrator) for lifetime seconds; the secret is what the cookie will hold."""
    now = clock.timestamp()
    db.execute("DELETE FROM web_session WHERE expires <= ?", (now,))
    db.execute("INSERT INTO web_session (secret, account_id, csrf, created, seen, expires, ip, agent, credential_id) "
               "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
               (_hash(secret), account_id, csrf, now, now, now + lifetime, ip, agent[:200], credential_id))
    return db.last_insert_rowid()


def session(db: Connection, clock: Clock, secret: str) -> SessionRow | None:
    """Who holds this secret, if the session has not ended."""
    row = one(db, """
        SELECT id, account_id, csrf, created, seen, expires, ip, agent, credential_id FROM web_session
         WHERE secret = ?1 AND expires > ?2
           AND (account_id IS NULL OR (SELECT enabled FROM account WHERE id = account_id AND removed IS NULL))
           AND NOT EXISTS (SELECT 1 FROM app_password WHERE app_password.credential_id = web_session.credential_id
                              AND app_password.expires <= ?2)""",
        (_hash(secret), clock.timestamp()))
    return SessionRow(*row) if row is not None else None


def touch_session(db: Connection, clock: Clock, secret: str, lifetime: float) -> None:
    """Note that the session is in use: it lives for another lifetime seconds from now."""
    now = clock.timestamp()
    db.execute("UPDATE web_session SET seen = ?1, expires = max(expires, ?1 + ?2) WHERE secret = ?3 AND expires > ?1",
               (now, lifetime, _hash(secret)))


def drop_session(db: Connection, secret: str) -> None:
    """Sign out."""
    db.execute("DELETE FROM web_session WHERE secret = ?", (_hash(secret),))


def drop_sessions(db: Connection, account_id: int | None) -> int:
    """Sign the account (None: the administrator) out everywhere; returns how many sessions that were."""
    db.execute("DELETE FROM web_session WHERE account_id IS ?", (account_id,))
    return db.changes()


def expire_sessions(db: Connection, clock: Clock) -> int:
    """Forget sessions that have run out; returns how many."""
    db.execute("DELETE FROM web_session WHERE expires <= ?", (clock.timestamp(),))
    return db.changes()


def end_session(db: Connection, account_id: int | None, id: int) -> None:
    """Sign one browser of the account (None: the administrator) out; NotFound if there is no such session."""
    db.execute("DELETE FROM web_session WHERE id = ? AND account_id IS ?", (id, account_id))
    if not db.changes():
        raise NotFound(f"there is no session {id}")


def end_any_session(db: Connection, id: int) -> None:
    """Sign one browser out, whoever's it is; NotFound if there is no such session."""
    db.execute("DELETE FROM web_session WHERE id = ?", (id,))
    if not db.changes():
        raise NotFound(f"there is no session {id}")


def all_sessions(db: Connection, clock: Clock) -> list[SessionRow]:
    """Where anybody is signed in, latest use first; the administrator's sessions have account_id None."""
    return [SessionRow(*row) for row in db.execute("""
        SELECT id, account_id, csrf, created, seen, expires, ip, agent, credential_id FROM web_session
         WHERE expires > ? ORDER BY seen DESC LIMIT 1000""", (clock.timestamp(),))]


def sessions(db: Connection, clock: Clock, account_id: int | None) -> list[SessionRow]:
    """Where the account (None: the administrator) is signed in, latest use first."""
    return [SessionRow(*row) for row in db.execute("""
        SELECT id, account_id, csrf, created, seen, expires, ip, agent, credential_id FROM web_session
         WHERE account_id IS ? AND expires > ? ORDER BY seen DESC""", (account_id, clock.timestamp()))]


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
