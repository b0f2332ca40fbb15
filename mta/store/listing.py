"""A mailbox in other orders than newest first, and by conversations.

Newest first has an index (mta.store.messages.page); the others go through the rows of the
mailbox each time, which takes some tens of milliseconds for a hundred thousand.
"""
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from mta.message.flags import Flags
from mta.store import messages
from mta.store.connection import Connection
from mta.store.messages import MessageRow

#: Orders by name; those of the second kind need what does not change of a message.
BY_ROW: Final[Mapping[str, str]] = {"oldest": "received, id", "largest": "size DESC, id DESC", "smallest": "size, id"}
BY_DETAIL: Final[Mapping[str, str]] = {"sender": "from_text COLLATE NOCASE, id DESC", "subject": "subject COLLATE NOCASE, id DESC"}
ORDERS: Final = ("newest", *BY_ROW, *BY_DETAIL)
#: Rows that one page of conversations looks at; those of one that goes on and on are passed over.
EXAMINED: Final = 5_000
SEEN: Final = int(Flags.SEEN)


@dataclass(frozen=True, slots=True)
class Conversation:
    """A thread as far as it is in the mailbox: how many messages, and how many of them nobody has read."""

    thread_id: int
    total: int
    unread: int


def page(db: Connection, account_id: int, mailbox_id: int, order: str, limit: int, skip: int) -> list[MessageRow]:
    """Messages of a mailbox in one of ORDERS but the first; skip some."""
    if order in BY_ROW:
        found = db.execute(
            f"SELECT id FROM message WHERE mailbox_id = ? ORDER BY {BY_ROW[order]} LIMIT ? OFFSET ?", (mailbox_id, limit, skip))
    else:
        found = db.execute(
            "SELECT id FROM message JOIN message_detail ON message_id = id WHERE mailbox_id = ? "
            f"ORDER BY {BY_DETAIL[order]} LIMIT ? OFFSET ?", (mailbox_id, limit, skip))
    return messages.by_ids(db, account_id, [ident for ident, in found])


def conversations(
    db: Connection, account_id: int, mailbox_id: int, before: tuple[float, int] | None, limit: int,
) -> tuple[list[MessageRow], list[Conversation], tuple[float, int] | None]:
    """The newest message of each thread of a mailbox, newest first, its conversation beside it, and where to go on (None: that was all)."""
    heads: list[int] = []
    told: list[Conversation] = []
    passed: set[int] = set()
    place = before or (float("inf"), 0)
    examined = 0
    rows = db.execute("SELECT id, received, thread_id FROM message WHERE mailbox_id = ? AND (received, id) < (?, ?) "
                      "ORDER BY received DESC, id DESC LIMIT ?", (mailbox_id, *place, EXAMINED))
    for ident, received, thread in rows:
        examined += 1
        place = received, ident
        if thread in passed:
            continue
        passed.add(thread)
        total, unread, newest = _known(db, mailbox_id, thread)
        if newest == ident:
            heads.append(ident)
            told.append(Conversation(thread, total, unread))
            if len(heads) == limit:
                break
    done = examined < EXAMINED and len(heads) < limit
    return messages.by_ids(db, account_id, heads), told, None if done else place


def labels(db: Connection, account_id: int) -> list[str]:
    """Every keyword that was ever set in a mailbox of the account, by name."""
    return [name for name, in db.execute(
        "SELECT DISTINCT keyword.name FROM keyword JOIN mailbox ON mailbox.id = mailbox_id WHERE account_id = ? "
        "ORDER BY lower(keyword.name) LIMIT 1000",
        (account_id,))]


def unread(db: Connection, mailbox_id: int, limit: int) -> list[int]:
    """Some messages of a mailbox that nobody has read."""
    return [ident for ident, in db.execute(
        "SELECT id FROM message WHERE mailbox_id = ? AND flags & ? = 0 LIMIT ?", (mailbox_id, SEEN, limit))]


def _known(db: Connection, mailbox_id: int, thread: int) -> tuple[int, int, int]:
    """How many messages of a thread are in a mailbox, how many unread, and the newest."""
    # Of several that came at the same time (an import) it is the one that the list has first: else the conversation would be passed over.
    total, new, newest = next(iter(db.execute("""
        SELECT count(*), sum(flags & ?1 = 0),
               (SELECT id FROM message WHERE thread_id = ?2 AND mailbox_id = ?3 ORDER BY received DESC, id DESC LIMIT 1)
          FROM message WHERE thread_id = ?2 AND mailbox_id = ?3""", (SEEN, thread, mailbox_id))))
    return total, new or 0, newest
