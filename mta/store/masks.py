"""Masked addresses: who has them, what came through them, and keys that make new ones.

A mask belongs to one account and is written and read like its other addresses, but says
nothing about whose it is.  One that is gone keeps its row: it is refused for good, and is
never given to anybody else.

All functions run inside a change of Store.write, or in a question of Store.read.
"""
import hashlib
from dataclasses import dataclass
from typing import Final, Literal

from mta.base.clock import Clock
from mta.base.errors import NotFound
from mta.base.names import Address, Domain
from mta.store.connection import Connection, one, value

State = Literal["on", "off", "gone"]


@dataclass(frozen=True, slots=True)
class Mask:
    """One mask; received and sent count messages, latest is when the last one came."""

    id: int
    account_id: int
    address: Address
    site: str
    note: str
    created: float
    state: State
    received: int
    sent: int
    latest: float | None


@dataclass(frozen=True, slots=True)
class Sender:
    """Who has written to a mask: the author's domain, and whether it stood by that."""

    domain: Domain
    proven: bool
    first: float
    latest: float
    messages: int


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a password manager; used is when it was last."""

    id: int
    label: str
    created: float
    used: float | None


SELECT: Final = """
    SELECT mask.id, account_id, localpart, name, site, note, mask.created, state, received, sent, latest
      FROM mask JOIN domain ON domain.id = mask.domain_id
"""


def all(db: Connection, account_id: int) -> list[Mask]:
    """The masks of an account, the newest first, without those that are gone."""
    return [_mask(row) for row in db.execute(f"{SELECT} WHERE account_id = ? AND state != 'gone' ORDER BY mask.id DESC", (account_id,))]


def get(db: Connection, account_id: int, id: int) -> Mask:
    """One of them; NotFound."""
    row = one(db, f"{SELECT} WHERE mask.id = ? AND account_id = ? AND state != 'gone'", (id, account_id))
    if row is None:
        raise NotFound(f"there is no masked address {id}")
    return _mask(row)


def retired(db: Connection, domain_id: int, localpart: str) -> bool:
    """Whether a mask of an account that is gone had this local part."""
    return value(db, "SELECT 1 FROM retired_address WHERE domain_id = ? AND localpart = ?", (domain_id, localpart.lower())) is not None


def find(db: Connection, domain_id: int, localpart: str) -> tuple[int, int, State] | None:
    """Id, account and state of the mask with this local part, gone or not."""
    row = one(db, "SELECT id, account_id, state FROM mask WHERE domain_id = ? AND localpart = ?", (domain_id, localpart.lower()))
    return None if row is None else (row[0], row[1], row[2])


def number(db: Connection, account_id: int) -> int:
    """How many an account has."""
    return int(value(db, "SELECT count(*) FROM mask WHERE account_id = ? AND state != 'gone'", (account_id,), 0))


def made_since(db: Connection, account_id: int, since: float) -> int:
    """How many were made for an account since then, gone or not."""
    return int(value(db, "SELECT count(*) FROM mask WHERE account_id = ? AND created > ?", (account_id, since), 0))


def add(db: Connection, clock: Clock, account_id: int, domain_id: int, localpart: str, site: str, note: str) -> int:
    """A new mask, which is on; its id.  The local part must be free."""
    db.execute("INSERT INTO mask (account_id, domain_id, localpart, site, note, created, state) VALUES (?, ?, ?, ?, ?, ?, 'on')",
               (account_id, domain_id, localpart, site, note, clock.timestamp()))
    db.touched |= {"web"}
    return db.last_insert_rowid()


def change(db: Connection, account_id: int, id: int, *, state: State | None = None, site: str | None = None,
           note: str | None = None) -> None:
    """Change what is given; NotFound.  One that is gone stays gone."""
    get(db, account_id, id)
    db.execute("UPDATE mask SET state = coalesce(?, state), site = coalesce(?, site), note = coalesce(?, note) WHERE id = ?",
               (state, site, note, id))
    db.touched |= {"web"}


def count(db: Connection, clock: Clock, id: int, author: Domain | None, proven: bool, most: int) -> None:
    """A message came through it, from somebody at author (None: nobody can tell); at most so many domains are remembered."""
    now = clock.timestamp()
    db.execute("UPDATE mask SET received = received + 1, latest = ? WHERE id = ?", (now, id))
    if author is None:
        return
    known = one(db, "SELECT 1 FROM mask_sender WHERE mask_id = ? AND domain = ? AND proven = ?", (id, author.ascii, int(proven)))
    if known is None and int(value(db, "SELECT count(*) FROM mask_sender WHERE mask_id = ?", (id,), 0)) >= most:
        return
    db.execute(
        "INSERT INTO mask_sender (mask_id, domain, proven, first, latest, messages) VALUES (?1, ?2, ?3, ?4, ?4, 1) "
        "ON CONFLICT DO UPDATE SET latest = excluded.latest, messages = messages + 1", (id, author.ascii, int(proven), now))


def count_sent(db: Connection, id: int) -> None:
    """A message was written in its name."""
    db.execute("UPDATE mask SET sent = sent + 1 WHERE id = ?", (id,))


def senders(db: Connection, id: int) -> list[Sender]:
    """Who wrote to it, those first who did so first."""
    return [Sender(Domain(domain), bool(proven), first, latest, messages) for domain, proven, first, latest, messages in db.execute(
        "SELECT domain, proven, first, latest, messages FROM mask_sender WHERE mask_id = ? ORDER BY first, domain", (id,))]


# --- what the administrator chose ------------------------------------------------------------


def allowed(db: Connection, domain_id: int) -> bool:
    """Whether masks may be made at a domain."""
    return bool(value(db, "SELECT allowed FROM mask_domain WHERE domain_id = ?", (domain_id,), 1))


def allow(db: Connection, domain_id: int, yes: bool) -> None:
    """Let masks be made at a domain, or not; those there are stay."""
    db.execute("INSERT OR REPLACE INTO mask_domain (domain_id, allowed) VALUES (?, ?)", (domain_id, int(yes)))


def limit(db: Connection, account_id: int, usual: int) -> int:
    """How many masks an account may have."""
    return int(value(db, "SELECT most FROM mask_limit WHERE account_id = ?", (account_id,), usual))


def set_limit(db: Connection, account_id: int, most: int | None) -> None:
    """So many, or as many as everybody (None)."""
    db.execute("DELETE FROM mask_limit WHERE account_id = ?", (account_id,))
    if most is not None:
        db.execute("INSERT INTO mask_limit (account_id, most) VALUES (?, ?)", (account_id, most))


# --- keys ------------------------------------------------------------------------------------------


def keys(db: Connection, account_id: int) -> list[Key]:
    """The keys of an account."""
    rows = db.execute("SELECT id, label, created, used FROM mask_key WHERE account_id = ? ORDER BY id", (account_id,))
    return [Key(*row) for row in rows]


def add_key(db: Connection, clock: Clock, account_id: int, label: str, secret: str) -> int:
    """A new key; its id."""
    db.execute("INSERT INTO mask_key (account_id, label, secret, created) VALUES (?, ?, ?, ?)",
               (account_id, label, _hash(secret), clock.timestamp()))
    return db.last_insert_rowid()


def remove_key(db: Connection, account_id: int, id: int) -> None:
    """Let a key open nothing any more; NotFound."""
    db.execute("DELETE FROM mask_key WHERE id = ? AND account_id = ?", (id, account_id))
    if not db.changes():
        raise NotFound(f"there is no key {id}")


def holder(db: Connection, secret: str) -> tuple[int, int] | None:
    """Id of the key, and the account whose it is; None if it is no key (any more) or the account is switched off."""
    row = one(db, "SELECT mask_key.id, account_id FROM mask_key JOIN account ON account.id = account_id "
              "WHERE secret = ? AND enabled AND removed IS NULL",
              (_hash(secret),))
    return None if row is None else (row[0], row[1])


def use_key(db: Connection, clock: Clock, id: int) -> None:
    """It was used now."""
    db.execute("UPDATE mask_key SET used = ? WHERE id = ?", (clock.timestamp(), id))


def _mask(row: tuple[object, ...]) -> Mask:
    id, account_id, localpart, domain, *rest = row
    return Mask(id, account_id, Address(str(localpart), Domain(str(domain))), *rest)  # type: ignore[arg-type]  # as the columns are


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
