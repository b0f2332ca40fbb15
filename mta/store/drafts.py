"""Which drafts are versions of one, and who wrote the last.

A draft that is kept again is another message.  Its lineage stays, so that a page which
comes back with an old version finds out that there is a newer one, and whether that is its
own: an answer that got lost, or somebody else's.

All functions run inside a change of Store.write, or in a question of Store.read.
"""
from dataclasses import dataclass

from mta.store.connection import Connection, one, value


@dataclass(frozen=True, slots=True)
class Version:
    """The newest version of a draft: the message that it is, and the page that wrote it."""

    message: int
    writer: str


def newest(db: Connection, account_id: int, lineage: str) -> Version | None:
    """The version that is kept of a lineage; None if it was sent, thrown away, or never kept."""
    found = one(db, "SELECT message_id, writer FROM draft_version WHERE account_id = ? AND lineage = ?", (account_id, lineage))
    return None if found is None else Version(*found)


def lineage_of(db: Connection, message: int) -> str:
    """The lineage of a draft; "" if no page of ours wrote it."""
    return str(value(db, "SELECT lineage FROM draft_version WHERE message_id = ?", (message,), ""))


def note(db: Connection, account_id: int, message: int, lineage: str, writer: str) -> None:
    """This message is the newest version of a lineage now."""
    db.execute("INSERT OR REPLACE INTO draft_version (message_id, account_id, lineage, writer) VALUES (?, ?, ?, ?)",
               (message, account_id, lineage, writer))
