"""What contents an account has, so that nothing is brought to it twice.  Inside a question of Store.read."""
import hashlib

from mta.store.connection import Connection


def marks(db: Connection, account_id: int) -> set[bytes]:
    """A mark for each content that the account has, in whatever mailbox (mark())."""
    return {mark(bytes(sha256), bytes(prefix)) for sha256, prefix in db.execute("""
        SELECT sha256, prefix FROM message JOIN message_detail ON message_id = message.id JOIN body ON body.id = body_id
         WHERE account_id = ?""", (account_id,))}


def mark(sha256: bytes, prefix: bytes) -> bytes:
    """What tells one content from another: the body's SHA-256, and what this copy has in front of it."""
    return hashlib.sha256(sha256 + prefix).digest()


def bodies_of(db: Connection, account_id: int) -> set[bytes]:
    """The SHA-256 of every body that the account has a message of, or had one that can be had back."""
    return {bytes(sha256) for sha256, in db.execute("""
        SELECT sha256 FROM body WHERE id IN (SELECT body_id FROM message WHERE account_id = ?1
                                             UNION SELECT body_id FROM deleted_message WHERE account_id = ?1)""", (account_id,))}
