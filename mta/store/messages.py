r"""Messages in mailboxes: adding, finding, flagging, moving, removing.

This module alone changes rows of message, and in the same transaction everything that
depends on them: the counts of the mailbox, the size of the account, UIDs, modification
sequences, the change log, threads.

A message keeps its id when it is moved; it gets a new UID (RFC 9051 §2.3.1.1) and is
logged as removed there and added here.  Copies share the body.  Every change of a message
takes a modseq of its own; message.modseq is that of its latest change.

All functions run inside a change of Store.write, or in a question of Store.read.
"""
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mta.base.clock import Clock
from mta.base.errors import NoRoom, NotFound, UserError
from mta.base.limits import LIMITS
from mta.message.flags import Flags
from mta.store import changes, mailboxes, threads
from mta.store import deleted as kept
from mta.store.connection import Connection, one

if TYPE_CHECKING:
    from mta.store.database import Store


@dataclass(slots=True)
class NewMessage:
    """A message about to be put into a mailbox; body_id is a row of body (mta.store.bodies.insert).

    prefix is what this copy has in front of the body; received in seconds since 1970;
    structure is CBOR of mta.message.structure; Message-IDs are without <>; reasons is a
    CBOR list or b"", identity mta.judge.facts or b"": who it is from.
    """

    mailbox_id: int
    body_id: int
    body_size: int
    prefix: bytes
    received: float
    structure: bytes
    flags: Flags = Flags.NONE
    keywords: tuple[str, ...] = ()
    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    subject: str = ""
    from_text: str = ""
    date: float | None = None
    trace: str = ""
    mail_from: str = ""
    rcpt_to: str = ""
    remote_ip: str = ""
    reasons: bytes = b""
    identity: bytes = b""


@dataclass(slots=True)
class MessageRow:
    """One message in a mailbox.  size is prefix and body together; created_modseq is when it came into the mailbox."""

    id: int
    account_id: int
    mailbox_id: int
    uid: int
    modseq: int
    created_modseq: int
    received: float
    flags: Flags
    keywords: tuple[str, ...]
    size: int
    body_id: int
    body_name: str
    body_size: int
    prefix: bytes
    structure: bytes
    message_id: str
    subject: str
    from_text: str
    date: float | None
    thread_id: int
    trace: str
    mail_from: str
    rcpt_to: str
    remote_ip: str
    reasons: bytes
    identity: bytes


SELECT: Final = """
    SELECT message.id, account_id, mailbox_id, uid, modseq, created_modseq, received, flags, keywords, message.size,
           body_id, body.name, body.size, prefix, structure, header_id, subject, from_text, date, thread_id,
           trace, mail_from, rcpt_to, remote_ip, reasons, identity
      FROM message JOIN message_detail ON message_id = message.id JOIN body ON body.id = body_id
"""
#: As plain integers, which are much faster to reckon with than members of an enum.
SEEN, DELETED = int(Flags.SEEN), int(Flags.DELETED)
IDS: Final = "(SELECT value FROM json_each(?))"


# --- finding ---------------------------------------------------------------------------------


def get(db: Connection, account_id: int, id: int) -> MessageRow | None:
    """The message with this id, if it is the account's."""
    return next(iter(_rows(db, "WHERE message.id = ? AND account_id = ?", id, account_id)), None)


def by_ids(db: Connection, account_id: int, ids: Iterable[int]) -> list[MessageRow]:
    """Those of the ids that exist and are the account's, in the order asked for."""
    wanted = list(dict.fromkeys(ids))
    found = {row.id: row for row in _rows(db, f"WHERE message.id IN {IDS} AND account_id = ?", json.dumps(wanted), account_id)}
    return [found[id] for id in wanted if id in found]


def owner(db: Connection, id: int) -> int | None:
    """The account whose message this is."""
    row = one(db, "SELECT account_id FROM message WHERE id = ?", (id,))
    return None if row is None else int(row[0])


def places(db: Connection, account_id: int, ids: Iterable[int]) -> dict[int, int]:
    """The mailbox of each of the ids that are the account's messages, in the order in which move() and copy() take them."""
    return {row.id: row.mailbox_id for row in _hot(db, account_id, ids)}


def page(db: Connection, mailbox_id: int, before: tuple[float, int] | None = None, limit: int = 50, *, skip: int = 0) -> list[MessageRow]:
    """Messages of a mailbox, newest first; go on with before=(received, id) of the last one, or skip some."""
    if skip:
        # Skipping is counting in the index; only what is left is looked up.
        after = before or (float("inf"), 0)
        return _rows(db, """
            WHERE message.id IN (SELECT id FROM message WHERE mailbox_id = ? AND (received, id) < (?, ?)
                                  ORDER BY received DESC, id DESC LIMIT ? OFFSET ?)
            ORDER BY received DESC, message.id DESC""", mailbox_id, *after, limit, skip)
    if before is None:
        return _rows(db, "WHERE mailbox_id = ? ORDER BY received DESC, message.id DESC LIMIT ?", mailbox_id, limit)
    return _rows(db, "WHERE mailbox_id = ? AND (received, message.id) < (?, ?) ORDER BY received DESC, message.id DESC LIMIT ?",
                 mailbox_id, *before, limit)


def newest(db: Connection, account_id: int, limit: int, without: Sequence[str] = ()) -> list[MessageRow]:
    """The newest messages of an account, newest first, but for those in mailboxes with these roles."""
    return _rows(db, """
        WHERE message.id IN (
                SELECT id FROM message WHERE mailbox_id IN (
                        SELECT id FROM mailbox WHERE account_id = ? AND (role IS NULL OR role NOT IN (SELECT value FROM json_each(?))))
                 ORDER BY received DESC, id DESC LIMIT ?)
        ORDER BY received DESC, message.id DESC""", account_id, json.dumps(list(without)), limit)


def by_uids(db: Connection, mailbox_id: int, first: int = 1, last: int | None = None, limit: int = 1_000) -> list[MessageRow]:
    """Messages of a mailbox with first <= UID <= last, by UID."""
    return _rows(db, "WHERE mailbox_id = ? AND uid BETWEEN ? AND ? ORDER BY uid LIMIT ?",
                 mailbox_id, first, 2**32 if last is None else last, limit)


def by_message_id(db: Connection, account_id: int, message_id: str) -> list[MessageRow]:
    """The account's messages with this Message-ID (without <>), oldest first."""
    found = threads.find(db, account_id, message_id) if message_id else None
    if found is None:
        return []
    return _rows(db, "WHERE thread_id = ? AND header_id = ? ORDER BY received, message.id", found, message_id)


def thread(db: Connection, account_id: int, thread_id: int, limit: int = 1_000) -> list[MessageRow]:
    """The messages of a thread, oldest first; of a very long one the newest."""
    rows = _rows(db, "WHERE thread_id = ? AND account_id = ? ORDER BY received DESC, message.id DESC LIMIT ?", thread_id, account_id, limit)
    return rows[::-1]


# --- changing ----------------------------------------------------------------------------------


def add(db: Connection, clock: Clock, message: NewMessage, *, skip_quota: bool = False) -> MessageRow:
    """Put a message into a mailbox; NoRoom if the account's quota would be exceeded (then nothing has changed)."""
    size = len(message.prefix) + message.body_size
    account_id, modseq = _charge(db, message.mailbox_id, size, skip_quota)
    keywords = _keywords(db, account_id, message.mailbox_id, message.keywords)
    if keywords:
        modseq = changes.take(db, account_id)    # learning them may have taken some
    uid, body_name = _enter(db, message.mailbox_id, modseq, int(message.flags), size, message.body_id)
    references = (*message.references, *message.in_reply_to)
    thread_id = threads.place(db, account_id, message.received, message.message_id, references, message.subject)
    db.execute("""
        INSERT INTO message (account_id, mailbox_id, uid, modseq, created_modseq, received, flags, keywords, size, body_id, thread_id)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (account_id, message.mailbox_id, uid, modseq, modseq, message.received, int(message.flags), " ".join(keywords), size,
         message.body_id, thread_id))
    id = db.last_insert_rowid()
    db.execute("""
        INSERT INTO message_detail
               (message_id, header_id, subject, from_text, date, trace, mail_from, rcpt_to, remote_ip, prefix, structure, reasons, identity)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (id, message.message_id, message.subject, message.from_text, message.date, message.trace, message.mail_from, message.rcpt_to,
         message.remote_ip, message.prefix, message.structure, message.reasons, message.identity))
    db.execute(changes.INSERT, (account_id, modseq, "message_added", message.mailbox_id, id, uid, None))
    db.touched |= {"web", "imap", "reporter"}
    return MessageRow(
        id, account_id, message.mailbox_id, uid, modseq, modseq, message.received, message.flags, keywords, size,
        message.body_id, body_name, message.body_size, message.prefix, message.structure, message.message_id, message.subject,
        message.from_text, message.date, thread_id, message.trace, message.mail_from, message.rcpt_to, message.remote_ip, message.reasons,
        message.identity)


def set_flags(db: Connection, account_id: int, ids: Iterable[int], add: Flags = Flags.NONE, remove: Flags = Flags.NONE,
              add_keywords: Sequence[str] = (), remove_keywords: Sequence[str] = ()) -> list[int]:
    """Set and clear flags and keywords; returns the ids of the messages that differ now.  UserError for too many keywords."""
    add_names = check_keywords(add_keywords)
    gone_names = {name.lower() for name in remove_keywords}
    updates: list[tuple[_Hot, int, str]] = []
    setting, keeping = int(add), ~int(remove)
    for row in _hot(db, account_id, ids):
        flags = (row.flags | setting) & keeping
        names = {name.lower(): name for name in row.keywords.split()}
        if add_names or gone_names:
            new = mailboxes.learn_keywords(db, account_id, row.mailbox_id, [name for name in add_names if name.lower() not in names])
            names = {low: name for low, name in names.items() if low not in gone_names} | {name.lower(): name for name in new}
            if len(names) > LIMITS.keywords_per_message:
                raise UserError(f"a message can have {LIMITS.keywords_per_message} keywords, no more")
        keywords = " ".join(sorted(names.values()))
        if flags != row.flags or keywords != row.keywords:
            updates.append((row, flags, keywords))
    if not updates:
        return []
    first = changes.take(db, account_id, len(updates))
    tally = _Tally()
    for modseq, (row, flags, keywords) in enumerate(updates, first):
        db.execute("UPDATE message SET flags = ?, keywords = ?, modseq = ? WHERE id = ?", (flags, keywords, modseq, row.id))
        facts = changes.pack({"flags": flags, "keywords": keywords.split()})
        db.execute(changes.INSERT, (account_id, modseq, "message_flags", row.mailbox_id, row.id, row.uid, facts))
        tally.count(row.mailbox_id, row.flags, -1, row.size, modseq)
        tally.count(row.mailbox_id, flags, +1, row.size, modseq)
    tally.write(db)
    db.touched |= {"web", "imap"}
    return [row.id for row, _, _ in updates]


def move(db: Connection, clock: Clock, account_id: int, ids: Iterable[int], mailbox_id: int) -> list[MessageRow]:
    """Move messages to another mailbox of the account, in the order of their UIDs; returns them as they are now."""
    _own(db, account_id, mailbox_id)
    rows = [row for row in _hot(db, account_id, ids) if row.mailbox_id != mailbox_id]
    if rows:
        for names in {row.keywords for row in rows if row.keywords}:
            mailboxes.learn_keywords(db, account_id, mailbox_id, names.split())
        modseq = changes.take(db, account_id, 2 * len(rows))
        uid = _take_uids(db, mailbox_id, len(rows))
        tally = _Tally()
        for row in rows:
            db.execute(changes.INSERT, (account_id, modseq, "message_removed", row.mailbox_id, row.id, row.uid, None))
            tally.count(row.mailbox_id, row.flags, -1, row.size, modseq)
            modseq += 1
            db.execute("UPDATE message SET mailbox_id = ?1, uid = ?2, modseq = ?3, created_modseq = ?3 WHERE id = ?4",
                       (mailbox_id, uid, modseq, row.id))
            db.execute(changes.INSERT, (account_id, modseq, "message_added", mailbox_id, row.id, uid, None))
            tally.count(mailbox_id, row.flags, +1, row.size, modseq)
            modseq, uid = modseq + 1, uid + 1
        tally.write(db)
        db.touched |= {"web", "imap"}
    return by_ids(db, account_id, [row.id for row in rows])


def copy(db: Connection, clock: Clock, account_id: int, ids: Iterable[int], mailbox_id: int) -> list[MessageRow]:
    """Copy messages to a mailbox of the account, in the order of their UIDs; returns the copies.  NoRoom if the quota forbids."""
    _own(db, account_id, mailbox_id)
    new = []
    for row in _hot(db, account_id, ids):
        _, modseq = _charge(db, mailbox_id, row.size, False)
        if row.keywords:
            mailboxes.learn_keywords(db, account_id, mailbox_id, row.keywords.split())
            modseq = changes.take(db, account_id)
        uid, _ = _enter(db, mailbox_id, modseq, row.flags, row.size, 0)
        db.execute("""
            INSERT INTO message (account_id, mailbox_id, uid, modseq, created_modseq, received, flags, keywords, size, body_id, thread_id)
            SELECT account_id, ?2, ?3, ?4, ?4, received, flags, keywords, size, body_id, thread_id FROM message WHERE id = ?1""",
            (row.id, mailbox_id, uid, modseq))
        id = db.last_insert_rowid()
        db.execute("""
            INSERT INTO message_detail
            SELECT ?2, header_id, subject, from_text, date, trace, mail_from, rcpt_to, remote_ip, prefix, structure, reasons, identity
              FROM message_detail WHERE message_id = ?1""", (row.id, id))
        db.execute(changes.INSERT, (account_id, modseq, "message_added", mailbox_id, id, uid, None))
        new.append(id)
    db.touched |= {"web", "imap", "reporter"}
    return by_ids(db, account_id, new)


def expunge(db: Connection, account_id: int, ids: Iterable[int], *, keep: bool = True) -> list[int]:
    """Remove messages; returns the ids of those that were there.

    keep: they can be had back for a time (mta.store.deleted); else their bodies go with the next sweep.
    """
    rows = _hot(db, account_id, ids)
    if not rows:
        return []
    if keep:
        kept.keep(db, (row.id for row in rows))
    first, tally = changes.take(db, account_id, len(rows)), _Tally()
    for modseq, row in enumerate(rows, first):
        db.execute("DELETE FROM message WHERE id = ?", (row.id,))
        db.execute(changes.INSERT, (account_id, modseq, "message_removed", row.mailbox_id, row.id, row.uid, None))
        db.execute("INSERT INTO unsearchable VALUES (?)", (row.id,))
        tally.count(row.mailbox_id, row.flags, -1, row.size, modseq)
    tally.write(db)
    threads.forget_empty(db, {row.thread_id for row in rows})
    db.execute("UPDATE account SET size = size - ?, messages = messages - ? WHERE id = ?",
               (sum(row.size for row in rows), len(rows), account_id))
    db.touched |= {"web", "imap", "reporter"}
    return [row.id for row in rows]


def clear(db: Connection, mailbox_id: int, limit: int = 200, *, keep: bool = True) -> int:
    """Remove the first messages of a mailbox as expunge() does, limit at most; how many went.  Call again until that is 0."""
    rows = list(db.execute("SELECT id, account_id FROM message WHERE mailbox_id = ? ORDER BY uid LIMIT ?", (mailbox_id, limit)))
    return len(expunge(db, rows[0][1], [row[0] for row in rows], keep=keep)) if rows else 0


def check_keywords(names: Iterable[str]) -> list[str]:
    """The names without doubles (any case), in order of name; UserError if one cannot be a keyword (RFC 9051 §9, an atom)."""
    unique = {name.lower(): name for name in names}
    for name in unique.values():
        if not name or len(name) > LIMITS.keyword or not name.isascii() or any(char <= " " or char in '(){%*"\\]\x7f' for char in name):
            raise UserError(f"{name!r} cannot be a keyword: it needs 1 to {LIMITS.keyword} ASCII characters, "
                            'without spaces and ( ) { ] % * " \\')
    return sorted(unique.values())


# --- content -------------------------------------------------------------------------------------


def content(store: "Store", row: MessageRow) -> bytes:
    """The whole message, prefix first.  Large ones are better read with open_content()."""
    return row.prefix + store.bodies.read(row.body_name)


def part(store: "Store", row: MessageRow, start: int, length: int) -> bytes:
    """length octets of the message (prefix and body) from offset start on."""
    ahead = row.prefix[start:start + length]
    left = length - len(ahead)
    return ahead + store.bodies.read(row.body_name, max(0, start - len(row.prefix)), left) if left > 0 else ahead


def open_content(store: "Store", row: MessageRow) -> io.BufferedReader:
    """The message as a file to read from and seek in."""
    return io.BufferedReader(_Content(row.prefix, store.bodies.open(row.body_name), row.size), 64 * 1024)


class _Content(io.RawIOBase):
    """Prefix and body as one file."""

    def __init__(self, prefix: bytes, body: io.BufferedIOBase | Any, size: int) -> None:
        self._prefix, self._body, self._size, self._at = prefix, body, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise ValueError("before the start of the message")
        self._at = start + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        ahead = self._prefix[self._at:self._at + len(buffer)]
        if ahead:
            buffer[:len(ahead)] = ahead
            number = len(ahead)
        else:
            self._body.seek(self._at - len(self._prefix))
            number = self._body.readinto(buffer)
        self._at += number
        return int(number)

    def close(self) -> None:
        self._body.close()
        super().close()


# --- bookkeeping -----------------------------------------------------------------------------------


@dataclass(slots=True)
class _Hot:
    """What changes of a message need to know of it."""

    id: int
    mailbox_id: int
    uid: int
    flags: int
    keywords: str
    size: int
    thread_id: int


class _Tally:
    """Collects what a change does to the counts of mailboxes, and writes it once."""

    def __init__(self) -> None:
        self._deltas: dict[int, list[int]] = {}

    def count(self, mailbox_id: int, flags: int, sign: int, size: int, modseq: int) -> None:
        """One message with flags more (sign 1) or less (sign -1)."""
        delta = self._deltas.setdefault(mailbox_id, [0] * 6)
        for place, number in enumerate(_counts(flags)):
            delta[place] += sign * number
        delta[4] += sign * size
        delta[5] = modseq

    def write(self, db: Connection) -> None:
        """Bring the counts up to date."""
        for mailbox_id, (total, unread, unseen, deleted, size, modseq) in self._deltas.items():
            counted = any((total, unread, unseen, deleted, size))
            db.execute("""
                UPDATE mailbox SET total = total + ?1, unread = unread + ?2, unseen = unseen + ?3, deleted = deleted + ?4, size = size + ?5,
                       modseq = ?6, counts_modseq = CASE WHEN ?7 THEN ?6 ELSE counts_modseq END WHERE id = ?8""",
                (total, unread, unseen, deleted, size, modseq, counted, mailbox_id))


def _counts(flags: int) -> tuple[int, int, int, int]:
    r"""What one message adds to total, unread, unseen and deleted."""
    deleted, unseen = int(bool(flags & DELETED)), int(not flags & SEEN)
    return 1 - deleted, unseen * (1 - deleted), unseen, deleted


def _charge(db: Connection, mailbox_id: int, size: int, skip_quota: bool) -> tuple[int, int]:
    """Account for one more message: the account's id and a new modseq.  NoRoom if the quota forbids, NotFound without mailbox."""
    row = one(db, """
        UPDATE account SET modseq = modseq + 1, messages = messages + 1, size = size + ?2
         WHERE id = (SELECT account_id FROM mailbox WHERE id = ?1) AND (?3 OR quota = 0 OR size + ?2 <= quota)
        RETURNING id, modseq""", (mailbox_id, size, skip_quota))
    if row is None:
        if mailboxes.get(db, mailbox_id) is None:
            raise NotFound(f"there is no mailbox {mailbox_id}")
        raise NoRoom("the mailbox is full")
    return row


def _enter(db: Connection, mailbox_id: int, modseq: int, flags: int, size: int, body_id: int) -> tuple[int, str]:
    """Count one more message in the mailbox: its UID, and the name of the body by the way."""
    row = one(db, """
        UPDATE mailbox SET uidnext = uidnext + 1, modseq = ?2, counts_modseq = ?2, total = total + ?3, unread = unread + ?4,
               unseen = unseen + ?5, deleted = deleted + ?6, size = size + ?7
         WHERE id = ?1 RETURNING uidnext - 1, (SELECT name FROM body WHERE id = ?8)""",
        (mailbox_id, modseq, *_counts(flags), size, body_id))
    assert row is not None
    return row


def _take_uids(db: Connection, mailbox_id: int, number: int) -> int:
    row = one(db, "UPDATE mailbox SET uidnext = uidnext + ?2 WHERE id = ?1 RETURNING uidnext - ?2", (mailbox_id, number))
    assert row is not None
    return int(row[0])


def _keywords(db: Connection, account_id: int, mailbox_id: int, names: Sequence[str]) -> tuple[str, ...]:
    if not names:
        return ()
    unique = check_keywords(names)
    if len(unique) > LIMITS.keywords_per_message:
        raise UserError(f"a message can have {LIMITS.keywords_per_message} keywords, no more")
    return tuple(sorted(mailboxes.learn_keywords(db, account_id, mailbox_id, unique)))


def _own(db: Connection, account_id: int, mailbox_id: int) -> None:
    row = mailboxes.get(db, mailbox_id)
    if row is None or row.account_id != account_id:
        raise NotFound(f"there is no mailbox {mailbox_id}")


def _hot(db: Connection, account_id: int, ids: Iterable[int]) -> list[_Hot]:
    """The rows of those ids that are the account's, by mailbox and UID."""
    return [
        _Hot(*row)
        for row in list(db.execute(
            f"""SELECT id, mailbox_id, uid, flags, keywords, size, thread_id FROM message
                 WHERE id IN {IDS} AND account_id = ? ORDER BY mailbox_id, uid""", (json.dumps(list(ids)), account_id)))
    ]


def _rows(db: Connection, where: str, *params: object) -> list[MessageRow]:
    return [
        MessageRow(*[*row[:7], Flags(row[7]), tuple(row[8].split()) if row[8] else (), *row[9:]])
        for row in db.execute(SELECT + where, params)
    ]
