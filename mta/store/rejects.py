"""What is in the mailbox for rejects: found again when the message comes again, and bounded.

Read on: mta.flow.rejects keeps, mta.flow.deposit forgets what was accepted later.
"""
from mta.store import mailboxes, messages, threads
from mta.store.connection import Connection, one
from mta.store.mailboxes import MailboxRow


def same(db: Connection, rejects: MailboxRow, message_id: str, sha256: bytes, size: int) -> list[int]:
    """Ids of the messages in rejects that have this Message-ID (without <>); without one, of those with the same body.

    size is the body's.  The Message-ID is part of the body, so it decides where there is one.
    """
    if not rejects.total + rejects.deleted:
        return []
    if not message_id:
        return [id for id, in db.execute("""
            SELECT message.id FROM message JOIN body ON body.id = body_id
             WHERE mailbox_id = ? AND body.size = ? AND body.sha256 = ?""", (rejects.id, size, sha256))]
    thread = threads.find(db, rejects.account_id, message_id)
    if thread is None:
        return []
    return [id for id, in db.execute("""
        SELECT message.id FROM message JOIN message_detail ON message_id = message.id
         WHERE thread_id = ? AND mailbox_id = ? AND header_id = ?""", (thread, rejects.id, message_id))]


def forget(db: Connection, account_id: int, message_id: str, body_id: int) -> int:
    """The account has accepted a message: remove what was kept of it; gives how many went."""
    rejects = mailboxes.by_role(db, account_id, "rejects")
    if rejects is None or not rejects.total + rejects.deleted:
        return 0
    sha256, size = (b"", 0) if message_id else one(db, "SELECT sha256, size FROM body WHERE id = ?", (body_id,)) or (b"", 0)
    return len(messages.expunge(db, account_id, same(db, rejects, message_id, sha256, size), keep=False))


def make_room(db: Connection, rejects: MailboxRow, size: int, most: int, octets: int) -> int:
    """Remove the oldest until one of size more leaves at most so many messages and octets; gives how many went."""
    count, room = rejects.total + rejects.deleted - most + 1, rejects.size + size - octets
    if count <= 0 and room <= 0:
        return 0
    gone: list[int] = []
    for id, octets_of_it in db.execute(
            "SELECT id, size FROM message WHERE mailbox_id = ? ORDER BY received, id LIMIT ?", (rejects.id, max(count, most))):
        if len(gone) >= count and room <= 0:
            break
        gone.append(id)
        room -= octets_of_it
    return len(messages.expunge(db, rejects.account_id, gone, keep=False))


def expire(db: Connection, rejects: MailboxRow, before: float, limit: int) -> int:
    """Remove what came before that time (seconds since 1970), limit at most; gives how many went."""
    ids = [id for id, in db.execute(
        "SELECT id FROM message WHERE mailbox_id = ? AND received < ? ORDER BY received LIMIT ?", (rejects.id, before, limit))]
    return len(messages.expunge(db, rejects.account_id, ids, keep=False))
