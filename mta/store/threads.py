"""Which messages belong together.

A message belongs to the thread that knows its Message-ID or one that it refers to
(References, In-Reply-To); so a thread comes out the same whether an answer arrives before
or after what it answers.  A message that ties several threads together joins them, within
bounds.  One that looks like a reply ("Re: …") but refers to nothing belongs to the latest
thread that began with the same base subject (RFC 5256 §2.1), within limits.thread_window.

Message-IDs are kept as 64-bit hashes.  A thread goes with its last message.
"""
from collections.abc import Sequence
from hashlib import blake2b

from mta.base.limits import LIMITS
from mta.message.subject import base_subject, is_reply
from mta.store import changes
from mta.store.connection import Connection, value


def place(db: Connection, account_id: int, received: float, message_id: str, references: Sequence[str], subject: str) -> int:
    """The thread of a message that is about to be added, made if there is none; returns its id.

    message_id may be ""; references are the Message-IDs that the message refers to,
    nearest last.
    """
    own = [message_id] if message_id else []
    # The nearest ancestors and the first one tell most.
    bounded = [*references[:1], *references[1:][-(LIMITS.thread_keys - 2):]] if references else []
    keys = list(dict.fromkeys(key_of(name) for name in (*own, *bounded)))
    found = _known(db, account_id, keys)
    # The one that knows the message itself first: it is found there by its Message-ID.
    threads = list(dict.fromkeys(found.values()))
    subject_key: int | None = None
    if not threads:
        base = base_subject(subject)
        subject_key = key_of(base) if base else None
        if subject_key is not None and not references and is_reply(subject):
            threads = _by_subject(db, account_id, subject_key, received)
    if threads:
        thread = threads[0] if len(threads) == 1 else _join(db, account_id, threads)
        db.execute("UPDATE thread SET latest = ? WHERE id = ? AND latest < ?", (received, thread, received))
    else:
        db.execute("INSERT INTO thread (account_id, subject_key, latest) VALUES (?, ?, ?)", (account_id, subject_key, received))
        thread = db.last_insert_rowid()
    for key in keys:
        if key not in found:
            db.execute("INSERT INTO thread_key (account_id, key, thread_id) VALUES (?, ?, ?)", (account_id, key, thread))
    return thread


def key_of(text: str) -> int:
    """A Message-ID or base subject as a signed 64-bit number."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big", signed=True)


def find(db: Connection, account_id: int, message_id: str) -> int | None:
    """The thread that knows a Message-ID."""
    found = value(db, "SELECT thread_id FROM thread_key WHERE account_id = ? AND key = ?", (account_id, key_of(message_id)))
    return None if found is None else int(found)


def forget_empty(db: Connection, threads: set[int]) -> None:
    """Remove those of the threads that have no message left."""
    db.executemany("DELETE FROM thread WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM message WHERE thread_id = ?1)",
                   ((thread,) for thread in threads))


def _known(db: Connection, account_id: int, keys: Sequence[int]) -> dict[int, int]:
    """Thread by key, for those keys that are known."""
    found = {}
    for key in keys:
        thread = value(db, "SELECT thread_id FROM thread_key WHERE account_id = ? AND key = ?", (account_id, key))
        if thread is not None:
            found[key] = thread
    return found


def _by_subject(db: Connection, account_id: int, subject_key: int, received: float) -> list[int]:
    thread = value(db, """
        SELECT id FROM thread WHERE account_id = ? AND subject_key = ? AND latest BETWEEN ? AND ?
         ORDER BY latest DESC LIMIT 1""",
        (account_id, subject_key, received - LIMITS.thread_window, received + LIMITS.thread_window))
    return [] if thread is None else [thread]


def _join(db: Connection, account_id: int, threads: Sequence[int]) -> int:
    """Move the messages of the smaller threads to the largest; threads too large to move stay apart.

    Returns where the first of them is now.
    """
    # Counting stops where it no longer matters: these are a stranger's references.
    sizes = {thread: int(value(db, "SELECT count(*) FROM (SELECT 1 FROM message WHERE thread_id = ? LIMIT ?)",
                               (thread, LIMITS.thread_moved + 1)))
             for thread in threads[:LIMITS.threads_joined]}
    into = min(sizes, key=lambda thread: (-sizes[thread], thread))
    left, home = LIMITS.thread_moved, threads[0]
    for thread, size in sorted(sizes.items(), key=lambda item: item[1]):
        if thread == into or size > left:
            continue
        left -= size
        _move(db, account_id, thread, into, size)
        home = into if thread == home else home
    return home


def _move(db: Connection, account_id: int, thread: int, into: int, size: int) -> None:
    rows = list(db.execute("SELECT id, mailbox_id, uid FROM message WHERE thread_id = ?", (thread,)))
    if rows:
        modseq = changes.take(db, account_id, size)
        facts = changes.pack({"thread": into})
        for number, (message, mailbox, uid) in enumerate(rows):
            db.execute("UPDATE message SET thread_id = ?, modseq = ? WHERE id = ?", (into, modseq + number, message))
            db.execute("UPDATE mailbox SET modseq = ? WHERE id = ?", (modseq + number, mailbox))
            db.execute(changes.INSERT, (account_id, modseq + number, "message_thread", mailbox, message, uid, facts))
    db.execute("UPDATE thread_key SET thread_id = ? WHERE thread_id = ?", (into, thread))
    db.execute("UPDATE thread SET latest = max(latest, (SELECT latest FROM thread WHERE id = ?)) WHERE id = ?", (thread, into))
    db.execute("DELETE FROM thread WHERE id = ?", (thread,))
