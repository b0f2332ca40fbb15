"""What was imported ever, so that nothing comes twice: rows of imported, import_folder and import_uid.

A message is known again by its content (and so by its Message-ID) together with the
mailbox that it was imported into; where a message stands in several places and is wanted
once (labels of Gmail), by its content alone.  The row remembers the flags as the source
had them, so that a later run takes up what changed there and leaves alone what its owner
changed here.
"""
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

from mta.message.flags import Flags
from mta.store.connection import Connection, one, value


@dataclass(frozen=True, slots=True)
class Known:
    """A message that was imported: its id here (it may be gone), flags and keywords of the source."""

    message_id: int
    flags: Flags
    keywords: tuple[str, ...]


def key_of(sha256: bytes, mailbox: str) -> bytes:
    """What a message with this content is known by in a mailbox; "" stands for all of them."""
    return blake2b(sha256 + mailbox.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def get(db: Connection, account_id: int, key: bytes) -> Known | None:
    """The message with that key, if it was imported."""
    row = one(db, "SELECT message_id, flags, keywords FROM imported WHERE account_id = ? AND key = ?", (account_id, key))
    return None if row is None else Known(row[0], Flags(row[1]), tuple(row[2].split()))


def note(db: Connection, account_id: int, key: bytes, known: Known) -> None:
    """Remember a message, or what its flags are at the source now."""
    db.execute("INSERT OR REPLACE INTO imported (account_id, key, message_id, flags, keywords) VALUES (?, ?, ?, ?, ?)",
               (account_id, key, known.message_id, int(known.flags), " ".join(known.keywords)))


def forget(db: Connection, account_id: int, limit: int) -> int:
    """Forget some of what an account imported, limit at most; how many.  For accounts that go."""
    db.execute("DELETE FROM imported WHERE account_id = ?1 AND key IN (SELECT key FROM imported WHERE account_id = ?1 LIMIT ?2)",
               (account_id, limit))
    gone = db.changes()
    db.execute("""
        DELETE FROM import_uid WHERE (folder_id, uid) IN (
            SELECT folder_id, uid FROM import_uid WHERE folder_id IN (SELECT id FROM import_folder WHERE account_id = ?1) LIMIT ?2)""",
        (account_id, limit))
    return gone + db.changes()


# --- mailboxes of other servers -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FolderRow:
    """A mailbox of another server; all UIDs up to uid were looked at."""

    id: int
    uidvalidity: int
    uid: int


def folder(db: Connection, account_id: int, source: str, name: str, uidvalidity: int) -> FolderRow:
    """The mailbox as it is remembered; if uidvalidity is another, its UIDs mean other messages now (RFC 9051 §2.3.1.1)."""
    row = one(db, "SELECT id, uidvalidity, uid FROM import_folder WHERE account_id = ? AND source = ? AND name = ?",
              (account_id, source, name))
    if row is not None and row[1] == uidvalidity:
        return FolderRow(*row)
    if row is not None:
        # What is remembered of its UIDs is replaced as they are looked at again, from the first one on.
        db.execute("UPDATE import_folder SET uidvalidity = ?, uid = 0 WHERE id = ?", (uidvalidity, row[0]))
        return FolderRow(row[0], uidvalidity, 0)
    db.execute("INSERT INTO import_folder (account_id, source, name, uidvalidity, uid) VALUES (?, ?, ?, ?, 0)",
               (account_id, source, name, uidvalidity))
    return FolderRow(db.last_insert_rowid(), uidvalidity, 0)


def took(db: Connection, folder_id: int, uid: int, key: bytes | None) -> None:
    """A UID was looked at: it is the message with that key, or nothing that could be taken."""
    if key is not None:
        db.execute("INSERT OR REPLACE INTO import_uid (folder_id, uid, key) VALUES (?, ?, ?)", (folder_id, uid, key))
    db.execute("UPDATE import_folder SET uid = max(uid, ?) WHERE id = ?", (uid, folder_id))


def keys(db: Connection, folder_id: int, uids: Iterable[int]) -> dict[int, bytes]:
    """The keys of those UIDs that were taken."""
    found = {}
    for uid in uids:
        key = value(db, "SELECT key FROM import_uid WHERE folder_id = ? AND uid = ?", (folder_id, uid))
        if key is not None:
            found[uid] = key
    return found
