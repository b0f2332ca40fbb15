"""What was asked of backups in the browser: one to be compared with its hashes, or mail to be brought back; and what came of it."""
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from mta.base.clock import Clock
from mta.base.errors import NotFound, UserError
from mta.base.limits import LIMITS
from mta.store.connection import Connection, value

Kind = Literal["verify", "restore"]
State = Literal["waiting", "running", "stopped", "done", "failed"]
COLUMNS: Final = "id, kind, backup, account, mailbox, messages, target, by, created, state, ended, done, total, added, problems"
#: Sentences of one job that are kept.
SAID: Final = 20


@dataclass(frozen=True, slots=True)
class Job:
    """A row; see schema.sql."""

    id: int
    kind: Kind
    backup: str
    account: str
    mailbox: str
    messages: tuple[int, ...]
    target: str
    by: str
    created: float
    state: State
    ended: float | None
    done: int
    total: int
    added: int
    problems: tuple[str, ...]


def add(db: Connection, clock: Clock, kind: Kind, backup: str, by: str, *, account: str = "", mailbox: str = "",
        messages: Sequence[int] = (), target: str = "") -> int:
    """Ask for something; the same that waits already is not asked for twice.  UserError if too much waits."""
    ids = " ".join(map(str, messages))
    same = value(db, "SELECT id FROM backup_job WHERE state IN ('waiting', 'running') AND kind = ? AND backup = ? AND account = ? "
                     "AND mailbox = ? AND messages = ? AND target = ?", (kind, backup, account, mailbox, ids, target))
    if same is not None:
        return int(same)
    if value(db, "SELECT count(*) FROM backup_job WHERE state IN ('waiting', 'running')") >= LIMITS.backup_jobs_waiting:
        raise UserError("much is being done with backups already; wait until some of it has ended")
    db.execute("DELETE FROM backup_job WHERE ended IS NOT NULL AND id <= (SELECT max(id) FROM backup_job) - ?", (LIMITS.backup_jobs,))
    db.execute("INSERT INTO backup_job (kind, backup, account, mailbox, messages, target, by, created, state) "
               "VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'waiting')", (kind, backup, account, mailbox, ids, target, by, clock.timestamp()))
    return db.last_insert_rowid()


def get(db: Connection, id: int) -> Job:
    """One job.  NotFound."""
    found = _rows(db, "WHERE id = ?", id)
    if not found:
        raise NotFound(f"there is no such work on a backup ({id})")
    return found[0]


def listing(db: Connection, limit: int) -> list[Job]:
    """The newest first."""
    return _rows(db, "ORDER BY id DESC LIMIT ?", limit)


def next_open(db: Connection) -> Job | None:
    """The oldest that is not over; only one process works on them, so that one that runs was left over."""
    found = _rows(db, "WHERE state IN ('waiting', 'running') ORDER BY id LIMIT 1")
    return found[0] if found else None


def verdicts(db: Connection) -> dict[str, Job]:
    """The last comparison of each backup that came to an end, by its name."""
    return {job.backup: job for job in _rows(db, "WHERE kind = 'verify' AND state IN ('done', 'failed') ORDER BY id")}


def progress(db: Connection, id: int, done: int, total: int, added: int = 0) -> bool:
    """How far it has come; False if somebody stopped it."""
    db.execute("UPDATE backup_job SET state = 'running', done = ?, total = ?, added = ? WHERE id = ? AND state IN ('waiting', 'running')",
               (done, total, added, id))
    return db.changes() > 0


def end(db: Connection, clock: Clock, id: int, state: State, problems: Sequence[str] = ()) -> bool:
    """It is over; False if it was already."""
    said = [" ".join(one.split())[:LIMITS.kept_text] for one in problems[:SAID]]
    if len(problems) > SAID:
        said[-1] = f"and {len(problems) - SAID + 1} more"
    db.execute("UPDATE backup_job SET state = ?, ended = ?, problems = ? WHERE id = ? AND state IN ('waiting', 'running')",
               (state, clock.timestamp(), "\n".join(said), id))
    return db.changes() > 0


def _rows(db: Connection, where: str, *params: object) -> list[Job]:
    found = []
    for row in db.execute(f"SELECT {COLUMNS} FROM backup_job {where}", params):
        facts: list[Any] = list(row)
        facts[5], facts[-1] = tuple(map(int, facts[5].split())), tuple(facts[-1].splitlines())
        found.append(Job(*facts))
    return found
