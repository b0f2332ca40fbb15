"""Messages that were removed from their mailboxes and can be had back for a time.

They are of no mailbox, count for no quota and are found by no search.  What an account may
have of them is bounded by its quota, the oldest go first.  mta.store.messages puts them
here; deleted is filled in within a minute by stamp(), so that no remover needs a clock.

All functions run inside a change of Store.write, or in a question of Store.read.
"""
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from mta.base.clock import Clock
from mta.base.errors import NotFound
from mta.message.flags import Flags
from mta.store.connection import Connection, one, value


@dataclass(frozen=True, slots=True)
class Deleted:
    """One of them; deleted is None if that was within the last minute."""

    id: int
    account_id: int
    mailbox: str
    role: str | None
    deleted: float | None
    received: float
    flags: Flags
    keywords: tuple[str, ...]
    size: int
    body_id: int
    body_name: str
    body_size: int
    subject: str
    from_text: str
    trace: str
    mail_from: str
    rcpt_to: str
    remote_ip: str
    prefix: bytes
    structure: bytes
    reasons: bytes
    identity: bytes


KEEP: Final = """
    INSERT OR REPLACE INTO deleted_message
    SELECT message.id, message.account_id, mailbox.name, mailbox.role, NULL, received, flags, keywords, message.size, body_id, subject,
           from_text, trace, mail_from, rcpt_to, remote_ip, prefix, structure, reasons, identity
      FROM message JOIN message_detail ON message_id = message.id JOIN mailbox ON mailbox.id = mailbox_id
"""
SELECT: Final = """
    SELECT deleted_message.id, account_id, mailbox, role, deleted, received, flags, keywords, deleted_message.size, body_id, name,
           body.size, subject, from_text, trace, mail_from, rcpt_to, remote_ip, prefix, structure, reasons, identity
      FROM deleted_message JOIN body ON body.id = body_id
"""
#: A time after all others, for those whose time is not noted yet.
LATEST: Final = 1e12


def keep(db: Connection, ids: Iterable[int]) -> None:
    """Note messages that are about to be removed."""
    db.execute(f"{KEEP} WHERE message.id IN (SELECT value FROM json_each(?))", (json.dumps(list(ids)),))


def keep_mailbox(db: Connection, mailbox_id: int) -> None:
    """Note all messages of a mailbox that is about to be removed."""
    db.execute(f"{KEEP} WHERE mailbox_id = ?", (mailbox_id,))


def page(db: Connection, account_id: int, before: tuple[float, int] | None = None, limit: int = 100) -> list[Deleted]:
    """Those of an account, the last removed first; go on with before=(deleted or LATEST, id) of the last one."""
    return _rows(db, f"WHERE account_id = ? AND (coalesce(deleted, {LATEST}), deleted_message.id) < (?, ?) "
                 f"ORDER BY coalesce(deleted, {LATEST}) DESC, deleted_message.id DESC LIMIT ?",
                 account_id, *(before or (2 * LATEST, 0)), limit)


def get(db: Connection, account_id: int, id: int) -> Deleted:
    """One of them; NotFound."""
    found = _rows(db, "WHERE deleted_message.id = ? AND account_id = ?", id, account_id)
    if not found:
        raise NotFound(f"there is no deleted message {id}, or it is gone for good")
    return found[0]


def totals(db: Connection, account_id: int) -> tuple[int, int]:
    """How many an account has, and their octets."""
    row = one(db, "SELECT count(*), coalesce(sum(size), 0) FROM deleted_message WHERE account_id = ?", (account_id,))
    assert row is not None
    return int(row[0]), int(row[1])


def forget(db: Connection, account_id: int, ids: Iterable[int]) -> int:
    """Remove them for good, or because they were had back; returns how many."""
    db.execute("DELETE FROM deleted_message WHERE account_id = ? AND id IN (SELECT value FROM json_each(?))",
               (account_id, json.dumps(list(ids))))
    return db.changes()


def clear(db: Connection, account_id: int, limit: int) -> int:
    """Remove some of an account for good; returns how many went.  Call again until that is 0."""
    db.execute("DELETE FROM deleted_message WHERE id IN (SELECT id FROM deleted_message WHERE account_id = ? LIMIT ?)", (account_id, limit))
    return db.changes()


def unstamped(db: Connection) -> bool:
    """Whether there are some whose time is not noted."""
    return value(db, "SELECT 1 FROM deleted_message WHERE deleted IS NULL LIMIT 1") is not None


def stamp(db: Connection, clock: Clock, limit: int) -> int:
    """Note the time of those that were removed since the last call, at most limit; returns how many."""
    db.execute("UPDATE deleted_message SET deleted = ? WHERE id IN (SELECT id FROM deleted_message WHERE deleted IS NULL LIMIT ?)",
               (clock.timestamp(), limit))
    return db.changes()


def prune(db: Connection, clock: Clock, age: float, limit: int) -> int:
    """Remove for good those that are older than age seconds, at most limit; returns how many."""
    db.execute("DELETE FROM deleted_message WHERE id IN (SELECT id FROM deleted_message WHERE deleted < ? LIMIT ?)",
               (clock.timestamp() - age, limit))
    return db.changes()


def trim(db: Connection, limit: int) -> int:
    """Remove for good the oldest of accounts that have more of them than their quota, at most limit of each; returns how many."""
    gone = 0
    for account_id, quota, size in list(db.execute("""
            SELECT account.id, quota, sum(deleted_message.size) FROM account JOIN deleted_message ON account_id = account.id
             WHERE quota > 0 GROUP BY account.id HAVING sum(deleted_message.size) > quota""")):
        doomed, left = [], size
        for id, octets in db.execute(
                f"SELECT id, size FROM deleted_message WHERE account_id = ? ORDER BY coalesce(deleted, {LATEST}), id LIMIT ?",
                (account_id, limit)):
            if left <= quota:
                break
            doomed.append(id)
            left -= octets
        gone += forget(db, account_id, doomed)
    return gone


def _rows(db: Connection, where: str, *params: object) -> list[Deleted]:
    return [Deleted(*[*row[:6], Flags(row[6]), tuple(row[7].split()), *row[8:]]) for row in db.execute(SELECT + where, params)]
