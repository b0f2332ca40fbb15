"""What happened to an account, in order: for event streams, IMAP and anything that keeps a copy.

Every change has a modification sequence (modseq) of its own, and an account's modseqs
only grow, so a reader that has seen everything up to n asks for since(n) and misses
nothing.  Rows are written in the transaction of the change itself.

Kinds and their facts (mailbox is always given, message and uid for message kinds):

    message_added       (none; the message may have come by a move)
    message_removed     (none; the message may have gone by a move)
    message_flags       flags, keywords
    message_thread      thread
    mailbox_added       name, role
    mailbox_removed     (none; its messages went with it, without rows of their own)
    mailbox_renamed     name, old
    mailbox_role        role (or None)
    mailbox_keywords    keywords: all that were ever set in it
    mailbox_counts      total, unread, unseen, deleted, size

mailbox_counts is not stored in rows: only the newest counts matter, so since() makes one
entry for each mailbox whose counts differ since then.

Pruning (prune(), daily): the newest limits.changes_kept of an account always stay, the
others for limits.changes_age, and never more than limits.changes_most.  A reader that
asks for what has been forgotten is told so and starts anew.
"""
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import cbor2

from mta.base.clock import Clock
from mta.base.errors import NotFound
from mta.base.limits import LIMITS
from mta.store.connection import Connection, one, value

KINDS: Final = (
    "message_added", "message_removed", "message_flags", "message_thread",
    "mailbox_added", "mailbox_removed", "mailbox_renamed", "mailbox_counts", "mailbox_role", "mailbox_keywords",
)

INSERT: Final = "INSERT INTO change (account_id, modseq, kind, mailbox_id, message_id, uid, facts) VALUES (?, ?, ?, ?, ?, ?, ?)"


class Forgotten(NotFound):
    """The changes asked for have been pruned: read the whole state instead."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that happened."""

    account_id: int
    modseq: int
    kind: str
    mailbox_id: int | None
    message_id: int | None
    uid: int | None
    facts: dict[str, Any]


def since(db: Connection, account_id: int, modseq: int, limit: int = 500) -> list[Change]:
    """What happened after modseq, oldest first, about limit entries; continue from the last one's modseq.

    Forgotten if some of it has been pruned.
    """
    row = one(db, "SELECT forgotten_modseq FROM account WHERE id = ?", (account_id,))
    if row is None:
        raise NotFound(f"there is no account {account_id}")
    if modseq < row[0]:
        raise Forgotten(f"changes before {row[0]} are not kept any more")
    found = [
        Change(account_id, at, kind, mailbox_id, message_id, uid, cbor2.loads(facts) if facts is not None else {})
        for at, kind, mailbox_id, message_id, uid, facts in db.execute(
            """SELECT modseq, kind, mailbox_id, message_id, uid, facts FROM change
                WHERE account_id = ? AND modseq > ? ORDER BY modseq LIMIT ?""", (account_id, modseq, limit))
    ]
    # Counts that changed later than the last row belong to a later call.
    until = found[-1].modseq if len(found) == limit else None
    counts = [
        Change(account_id, at, "mailbox_counts", mailbox_id, None, None,
               {"total": total, "unread": unread, "unseen": unseen, "deleted": deleted, "size": size})
        for at, mailbox_id, total, unread, unseen, deleted, size in db.execute("""
            SELECT counts_modseq, id, total, unread, unseen, deleted, size FROM mailbox
             WHERE account_id = ?1 AND counts_modseq > ?2 AND (?3 IS NULL OR counts_modseq <= ?3)""", (account_id, modseq, until))
    ]
    return sorted(found + counts, key=lambda change: change.modseq) if counts else found


def latest(db: Connection, account_id: int) -> int:
    """The modseq of the newest change of the account; 0 if nothing ever happened."""
    return int(value(db, "SELECT modseq FROM account WHERE id = ?", (account_id,), 0))


def oldest(db: Connection, account_id: int) -> int:
    """The smallest modseq that since() still answers for."""
    return int(value(db, "SELECT forgotten_modseq FROM account WHERE id = ?", (account_id,), 0))


def take(db: Connection, account_id: int, number: int = 1) -> int:
    """Give out the next modseqs of the account, number of them; returns the first.  NotFound if there is no such account."""
    last = value(db, "UPDATE account SET modseq = modseq + ? WHERE id = ? RETURNING modseq", (number, account_id))
    if last is None:
        raise NotFound(f"there is no account {account_id}")
    return int(last) - number + 1


def note(db: Connection, account_id: int, modseq: int, kind: str, mailbox_id: int, facts: Mapping[str, Any] | None = None) -> None:
    """Write the row of a change to a mailbox under a modseq from take(), and ring for it."""
    db.execute(INSERT, (account_id, modseq, kind, mailbox_id, None, None, pack(facts) if facts is not None else None))
    db.touched |= {"web", "imap"}


def pack(facts: Mapping[str, Any]) -> bytes:
    """The facts of a change as they are stored."""
    return cbor2.dumps(facts)


def prune(db: Connection, clock: Clock, account_id: int, limit: int = 2_000) -> int:
    """Forget old changes, limit rows at most; returns how many went.  Call again until that is 0."""
    now, newest = clock.timestamp(), latest(db, account_id)
    marked = value(db, "SELECT max(at) FROM change_mark WHERE account_id = ?", (account_id,))
    if marked is None or marked <= now - 86_400.0:
        db.execute("INSERT INTO change_mark (account_id, at, modseq) VALUES (?, ?, ?)", (account_id, now, newest))
    mark = one(db, "SELECT at, modseq FROM change_mark WHERE account_id = ? AND at <= ? ORDER BY at DESC LIMIT 1",
               (account_id, now - LIMITS.changes_age))
    at, aged = mark or (0.0, 0)
    db.execute("DELETE FROM change_mark WHERE account_id = ? AND at < ?", (account_id, at))
    target = max(min(aged, newest - LIMITS.changes_kept), newest - LIMITS.changes_most)
    last = value(db, "SELECT max(modseq) FROM (SELECT modseq FROM change WHERE account_id = ? AND modseq <= ? ORDER BY modseq LIMIT ?)",
                 (account_id, target, limit))
    if last is None:
        return 0
    db.execute("DELETE FROM change WHERE account_id = ? AND modseq <= ?", (account_id, last))
    gone = db.changes()
    db.execute("UPDATE account SET forgotten_modseq = ? WHERE id = ?", (last, account_id))
    return gone
