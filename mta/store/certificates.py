"""What is remembered of certificates beside their files: orders under way, failures, alarms, accounts at authorities."""
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from mta.base.clock import Clock
from mta.base.limits import LIMITS
from mta.store.connection import Connection, one

COLUMNS: Final = "label, order_url, failures, retry, wanted, problem, left_out, renew, renew_for, ask, alarmed"
FIELDS: Final = frozenset(COLUMNS.split(", ")) - {"label"}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A name that could not be had: why, how often in a row, and when it is tried again (seconds since 1970)."""

    problem: str
    failures: int
    retry: float


@dataclass(frozen=True, slots=True)
class Standing:
    """How one certificate stands; see the table in schema.sql."""

    label: str
    order_url: str = ""
    failures: int = 0
    retry: float = 0.0
    wanted: bool = False
    problem: str = ""
    left_out: Mapping[str, LeftOut] = field(default_factory=dict)
    renew: float | None = None
    renew_for: str = ""
    ask: float = 0.0
    alarmed: float | None = None


@dataclass(frozen=True, slots=True)
class AccountRow:
    """Our account at an authority; url "" until it is registered."""

    directory: str
    path: str
    url: str
    contact: str
    eab_kid: str
    created: float


def get(db: Connection, label: str) -> Standing:
    """How a certificate stands; as if nothing had happened yet if nothing has."""
    row = one(db, f"SELECT {COLUMNS} FROM certificate WHERE label = ?", (label,))
    return _standing(row) if row else Standing(label)


def all(db: Connection) -> list[Standing]:
    """All that something is remembered of, by label."""
    return [_standing(row) for row in db.execute(f"SELECT {COLUMNS} FROM certificate ORDER BY label")]


def change(db: Connection, label: str, **fields: Any) -> None:
    """Remember some of FIELDS."""
    unknown = fields.keys() - FIELDS
    if unknown:
        raise TypeError(f"a certificate has no {', '.join(sorted(unknown))} to change")
    db.execute("INSERT OR IGNORE INTO certificate (label) VALUES (?)", (label,))
    for name, new in fields.items():
        if name == "left_out":
            new = json.dumps({host: [out.problem, out.failures, out.retry] for host, out in new.items()})
        db.execute(f"UPDATE certificate SET {name} = ? WHERE label = ?", (int(new) if isinstance(new, bool) else new, label))


def forget_others(db: Connection, labels: Collection[str]) -> int:
    """Forget all but these; how many that were."""
    gone = [row.label for row in all(db) if row.label not in labels]
    db.executemany("DELETE FROM certificate WHERE label = ?", ((label,) for label in gone))
    return len(gone)


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt to get a certificate: issuer gave it, or is the authority that was asked; until is its end, None if there was none.

    problem says why there was none, or which names it lacks; next is when it is renewed or tried again.
    """

    at: float
    label: str
    issuer: str
    names: tuple[str, ...]
    until: float | None
    problem: str
    next: float | None


def attempted(db: Connection, what: Attempt) -> None:
    """Remember an attempt, and forget those of long ago."""
    db.execute("INSERT INTO certificate_event (at, label, issuer, names, until, problem, next) VALUES (?, ?, ?, ?, ?, ?, ?)",
               (what.at, what.label, what.issuer, " ".join(what.names), what.until, what.problem[:LIMITS.kept_text], what.next))
    db.execute("DELETE FROM certificate_event WHERE id <= ?", (db.last_insert_rowid() - LIMITS.certificate_events,))


def came(db: Connection, label: str, until: float) -> bool:
    """Whether it is remembered that a certificate with this end came."""
    return one(db, "SELECT 1 FROM certificate_event WHERE label = ? AND until = ?", (label, until)) is not None


def history(db: Connection, limit: int) -> list[Attempt]:
    """The last attempts, the newest first."""
    return [Attempt(at, label, issuer, tuple(names.split()), *rest) for at, label, issuer, names, *rest in db.execute(
        "SELECT at, label, issuer, names, until, problem, next FROM certificate_event ORDER BY at DESC, id DESC LIMIT ?", (limit,))]


def account(db: Connection, directory: str) -> AccountRow | None:
    """Our account at the authority with this directory."""
    row = one(db, "SELECT directory, path, url, contact, eab_kid, created FROM acme_account WHERE directory = ?", (directory,))
    return AccountRow(*row) if row else None


def add_account(db: Connection, clock: Clock, directory: str, path: str) -> AccountRow:
    """Note the key of an account to be; if another process was faster, its account is returned."""
    db.execute("INSERT OR IGNORE INTO acme_account (directory, path, created) VALUES (?, ?, ?)", (directory, path, clock.timestamp()))
    found = account(db, directory)
    assert found is not None
    return found


def registered(db: Connection, directory: str, url: str, contact: str, eab_kid: str) -> None:
    """The authority knows the account as url, with this contact and this key identifier."""
    db.execute("UPDATE acme_account SET url = ?, contact = ?, eab_kid = ? WHERE directory = ?", (url, contact, eab_kid, directory))


def _standing(row: tuple[Any, ...]) -> Standing:
    label, order_url, failures, retry, wanted, problem, left_out, *rest = row
    out = {host: LeftOut(*facts) for host, facts in json.loads(left_out).items()}
    return Standing(label, order_url, failures, retry, bool(wanted), problem, out, *rest)
