"""Rows of import: what is to be brought in from elsewhere, how far that has come, what could not be taken.

Somebody claims a row, takes batches of messages and notes in the transaction that stores
them how far he has come (advance); so whoever is ended at any point goes on where the
last batch ended.  A row that is no longer the claimer's, or was stopped by its owner,
refuses the next batch (Halted).
"""
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import cbor2

from mta.base.clock import Clock
from mta.base.errors import Conflict, NotFound, PillarboxError
from mta.base.limits import LIMITS
from mta.store import leases
from mta.store.connection import Connection, one, value

Kind = Literal["upload", "path", "imap"]
State = Literal["coming", "waiting", "running", "stopped", "done"]

COLUMNS: Final = """
    id, account_id, kind, source, options, state, created, latest, problem, octets, total, added, known, changed, skipped, position, secret
"""


class Halted(PillarboxError):
    """The import is not ours to go on with: somebody stopped it, or took it over."""


@dataclass(frozen=True, slots=True)
class Options:
    """What was chosen: everything into one mailbox ("" = where it belongs), whether the junk filter learns from it.

    The others are those of another server.  size is that of an upload; format what it is said to be.
    """

    mailbox: str = ""
    train: bool = False
    format: str = "auto"
    size: int = 0
    path: str = ""
    host: str = ""
    port: int = 993
    security: str = "tls"
    user: str = ""


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One import; octets of total are done (for IMAP: messages)."""

    id: int
    account_id: int
    kind: Kind
    source: str
    options: Options
    state: State
    created: float
    latest: float
    problem: str
    octets: int
    total: int
    added: int
    known: int
    changed: int
    skipped: int
    position: tuple[Any, ...]
    secret: bytes | None


@dataclass(slots=True)
class Progress:
    """What a batch came to; skips are (place, reason)."""

    octets: int = 0
    added: int = 0
    known: int = 0
    changed: int = 0
    skips: Sequence[tuple[str, str]] = ()
    position: tuple[Any, ...] | None = None


def add(db: Connection, clock: Clock, account_id: int, kind: Kind, source: str, options: Options, state: State,
        secret: bytes | None = None) -> int:
    """A new import; its id.  The oldest ones that are over are forgotten beyond limits.imports_kept."""
    now = clock.timestamp()
    facts = cbor2.dumps({name: getattr(options, name) for name in Options.__slots__})
    db.execute("INSERT INTO import (account_id, kind, source, options, state, created, latest, secret) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
               (account_id, kind, source, facts, state, now, now, secret))
    id = db.last_insert_rowid()
    db.execute("""
        DELETE FROM import WHERE account_id = ?1 AND state IN ('done', 'stopped') AND id NOT IN (
            SELECT id FROM import WHERE account_id = ?1 ORDER BY id DESC LIMIT ?2)""", (account_id, LIMITS.imports_kept))
    db.touched |= {"web", "reporter"}
    return id


def get(db: Connection, account_id: int, id: int) -> ImportRow:
    """The account's import; NotFound."""
    row = one(db, f"SELECT {COLUMNS} FROM import WHERE id = ? AND account_id = ?", (id, account_id))
    if row is None:
        raise NotFound(f"there is no import {id}")
    return _row(row)


def all(db: Connection, account_id: int) -> list[ImportRow]:
    """The account's imports, the newest first."""
    return [_row(row) for row in db.execute(f"SELECT {COLUMNS} FROM import WHERE account_id = ? ORDER BY id DESC", (account_id,))]


def skips(db: Connection, id: int) -> list[tuple[str, str]]:
    """What an import could not take: (place, reason), the first ones."""
    return [(place, reason) for place, reason in
            db.execute("SELECT place, reason FROM import_skip WHERE import_id = ? ORDER BY number", (id,))]


def ids(db: Connection) -> set[int]:
    """All there are, of everybody."""
    return {id for id, in db.execute("SELECT id FROM import")}


def remove(db: Connection, account_id: int, id: int) -> None:
    """Forget an import that does not run; what it brought stays.  NotFound, Conflict."""
    if get(db, account_id, id).state == "running":
        raise Conflict("the import is running: stop it first")
    db.execute("DELETE FROM import WHERE id = ?", (id,))
    db.touched |= {"web"}


# --- who works on it ---------------------------------------------------------------------------


def claim(db: Connection, clock: Clock, owner: str, kinds: Sequence[Kind], id: int | None = None) -> ImportRow | None:
    """Take the import that waits longest, or the one with id; None if there is none."""
    now = clock.timestamp()
    marks = ", ".join("?" * len(kinds))
    row = one(db, f"""
        SELECT id, account_id FROM import
         WHERE state IN ('waiting', 'running') AND coalesce(claimed_until, 0) <= ? AND kind IN ({marks}) AND (? IS NULL OR id = ?)
         ORDER BY id LIMIT 1""", (now, *kinds, id, id))
    if row is None:
        return None
    db.execute("UPDATE import SET state = 'running', problem = '', claimed_by = ?, claimed_until = ?, latest = ? WHERE id = ?",
               (owner, leases.until(clock), now, row[0]))
    db.touched |= {"web"}
    return get(db, row[1], row[0])


def any_waiting(db: Connection, clock: Clock, kinds: Sequence[Kind]) -> bool:
    """Whether claim() would find one."""
    marks = ", ".join("?" * len(kinds))
    return value(db, f"""
        SELECT 1 FROM import WHERE state IN ('waiting', 'running') AND coalesce(claimed_until, 0) <= ? AND kind IN ({marks}) LIMIT 1""",
        (clock.timestamp(), *kinds)) is not None


def release_all(db: Connection, role: str, problem: str = "") -> int:
    """Give back what dead incarnations of role held; how many.  With a problem they stop: nobody goes on with them by himself."""
    owners = {owner for owner, in db.execute(
        "SELECT DISTINCT claimed_by FROM import WHERE state = 'running' AND claimed_by IS NOT NULL")}
    freed = 0
    for owner in leases.dead(owners, role):
        db.execute("""
            UPDATE import SET claimed_by = NULL, claimed_until = NULL, problem = ?1,
                   state = CASE WHEN ?1 = '' THEN state ELSE 'stopped' END, secret = CASE WHEN ?1 = '' THEN secret ELSE NULL END
             WHERE claimed_by = ?2""", (problem, owner))
        freed += db.changes()
    return freed


def advance(db: Connection, clock: Clock, id: int, owner: str, progress: Progress) -> None:
    """Note what a batch came to and keep the claim; Halted if there is none any more."""
    db.execute("""
        UPDATE import SET octets = octets + ?, added = added + ?, known = known + ?, changed = changed + ?, skipped = skipped + ?,
               position = coalesce(?, position), claimed_until = ?, latest = ?
         WHERE id = ? AND state = 'running' AND claimed_by = ?""",
        (progress.octets, progress.added, progress.known, progress.changed, len(progress.skips),
         None if progress.position is None else cbor2.dumps(list(progress.position)), leases.until(clock), clock.timestamp(), id, owner))
    if not db.changes():
        raise Halted(f"import {id} was stopped")
    if progress.skips:
        room = LIMITS.import_skips - int(value(db, "SELECT count(*) FROM import_skip WHERE import_id = ?", (id,)))
        first = LIMITS.import_skips - room
        db.executemany("INSERT INTO import_skip (import_id, number, place, reason) VALUES (?, ?, ?, ?)",
                       ((id, first + place, where[:LIMITS.kept_text], why[:LIMITS.kept_text])
                        for place, (where, why) in enumerate(progress.skips[:max(room, 0)])))
    db.touched |= {"web"}


def begin(db: Connection, id: int, owner: str, total: int) -> None:
    """A reading begins anew, of so much: what was counted is forgotten.  Halted."""
    db.execute("""
        UPDATE import SET octets = 0, total = ?, added = 0, known = 0, changed = 0, skipped = 0, position = x''
         WHERE id = ? AND state = 'running' AND claimed_by = ?""", (total, id, owner))
    if not db.changes():
        raise Halted(f"import {id} was stopped")
    db.execute("DELETE FROM import_skip WHERE import_id = ?", (id,))


def measure(db: Connection, id: int, owner: str, total: int) -> None:
    """So much is to be looked at from here on; what was counted stays.  Halted."""
    db.execute("UPDATE import SET octets = 0, total = ? WHERE id = ? AND state = 'running' AND claimed_by = ?", (total, id, owner))
    if not db.changes():
        raise Halted(f"import {id} was stopped")


def end(db: Connection, clock: Clock, id: int, owner: str, state: State, problem: str = "") -> bool:
    """It is done, or stopped for a reason; False if it is not ours any more."""
    # The password goes whatever the end: whoever wants to go on gives it once more.
    db.execute("""
        UPDATE import SET state = ?1, problem = ?2, latest = ?3, claimed_by = NULL, claimed_until = NULL, secret = NULL,
               octets = CASE WHEN ?1 = 'done' THEN max(octets, total) ELSE octets END
         WHERE id = ?4 AND state = 'running' AND claimed_by = ?5""", (state, problem, clock.timestamp(), id, owner))
    db.touched |= {"web"}
    return db.changes() > 0


def stop(db: Connection, clock: Clock, account_id: int, id: int, problem: str) -> ImportRow:
    """Its owner wants no more of it; whoever works on it learns so with his next batch.  NotFound, Conflict."""
    row = get(db, account_id, id)
    if row.state in ("done", "stopped"):
        raise Conflict("the import does not run")
    db.execute("""
        UPDATE import SET state = 'stopped', problem = ?, latest = ?, claimed_by = NULL, claimed_until = NULL, secret = NULL
         WHERE id = ?""", (problem, clock.timestamp(), id))
    db.touched |= {"web", "reporter"}
    return row


def resume(db: Connection, clock: Clock, account_id: int, id: int, *, secret: bytes | None = None, anew: bool = False) -> None:
    """Have it go on where it was, or read everything once more (anew).  NotFound, Conflict if it runs."""
    row = get(db, account_id, id)
    if row.state in ("waiting", "running"):
        raise Conflict("the import runs already")
    db.execute("UPDATE import SET state = 'waiting', problem = '', latest = ?, secret = ? WHERE id = ?", (clock.timestamp(), secret, id))
    if anew or row.state == "done":
        db.execute("""
            UPDATE import SET octets = 0, total = 0, added = 0, known = 0, changed = 0, skipped = 0, position = x'' WHERE id = ?""", (id,))
        db.execute("DELETE FROM import_skip WHERE import_id = ?", (id,))
    db.touched |= {"web", "reporter"}


def unclaimed(db: Connection, clock: Clock, account_id: int, kind: Kind, source: str) -> ImportRow | None:
    """The newest import of a source that was broken off or stopped and that nobody works on now."""
    row = one(db, f"""
        SELECT {COLUMNS} FROM import WHERE account_id = ? AND kind = ? AND source = ? AND state != 'done'
           AND (state != 'running' OR coalesce(claimed_until, 0) <= ? OR claimed_by IS NULL) ORDER BY id DESC LIMIT 1""",
        (account_id, kind, source, clock.timestamp()))
    return None if row is None else _row(row)


def arrived(db: Connection, clock: Clock, account_id: int, id: int) -> None:
    """All of an upload is there: it waits for its turn.  NotFound, Conflict."""
    if get(db, account_id, id).state != "coming":
        raise Conflict("nothing is expected for this import")
    db.execute("UPDATE import SET state = 'waiting', latest = ? WHERE id = ?", (clock.timestamp(), id))
    db.touched |= {"web", "reporter"}


def forsaken(db: Connection, before: float) -> list[tuple[int, int]]:
    """Uploads that nobody went on with since: (account, id)."""
    return [(account, id) for account, id in db.execute(
        "SELECT account_id, id FROM import WHERE state = 'coming' AND latest < ?", (before,))]


def _row(row: tuple[Any, ...]) -> ImportRow:
    options = cbor2.loads(row[4])
    known = {name: options[name] for name in Options.__slots__ if name in options}
    position = tuple(cbor2.loads(row[15])) if row[15] else ()
    return ImportRow(*[*row[:4], Options(**known), *row[5:15], position, row[16]])
