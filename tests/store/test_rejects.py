"""Tests of mta.store.rejects."""
import hashlib

import pytest

from mta.base.clock import SetClock
from mta.message.flags import Flags
from mta.store import accounts, bodies, mailboxes, messages, rejects
from mta.store.connection import Connection
from mta.store.database import Store
from mta.store.mailboxes import MailboxRow
from mta.store.messages import NewMessage

SIZE = 10


@pytest.fixture
def account(store: Store, clock: SetClock) -> int:
    """An account with its mailboxes."""
    return store.write_now(lambda db: accounts.add(db, clock, "ann"))


def place(store: Store, account: int) -> MailboxRow:
    """The mailbox for rejects."""
    row = store.read(lambda db: mailboxes.by_role(db, account, "rejects"))
    assert row is not None
    return row


def put(store: Store, clock: SetClock, account: int, message_id: str = "", text: bytes = b"x" * SIZE) -> tuple[int, int]:
    """A message in Rejects: its id, and its body's."""
    sink = store.bodies.sink()
    sink.write(text)
    body = sink.finish()

    def change(db: Connection) -> tuple[int, int]:
        row = mailboxes.by_role(db, account, "rejects")
        assert row is not None
        body_id = bodies.insert(db, body)
        return messages.add(db, clock, NewMessage(
            row.id, body_id, len(text), b"", clock.timestamp(), b"", Flags.SEEN, message_id=message_id)).id, body_id
    return store.write_now(change, [body])


def test_the_same_message(store: Store, clock: SetClock, account: int) -> None:
    """By its Message-ID, or by its octets if it has none."""
    named, _ = put(store, clock, account, "1@x")
    bare, body = put(store, clock, account, text=b"no name at all")
    row = place(store, account)
    digest = hashlib.sha256(b"no name at all").digest()

    def same(message_id: str, sha256: bytes = b"", size: int = 0) -> list[int]:
        return store.read(lambda db: rejects.same(db, row, message_id, sha256, size))

    assert (same("1@x"), same("2@x"), same("", digest, 14), same("", digest, 15)) == ([named], [], [bare], [])
    assert store.write_now(lambda db: rejects.forget(db, account, "", body)) == 1
    assert store.write_now(lambda db: rejects.forget(db, account, "1@x", body)) == 1
    assert store.write_now(lambda db: rejects.forget(db, account, "1@x", body)) == 0
    assert place(store, account).total == 0


def test_room_is_made(store: Store, clock: SetClock, account: int) -> None:
    """The oldest go, as many as have to."""
    ids = []
    for number in range(4):
        clock.advance(1)
        ids.append(put(store, clock, account, f"{number}@x")[0])

    def room(size: int, most: int, octets: int) -> int:
        return store.write_now(lambda db: rejects.make_room(db, place(store, account), size, most, octets))

    assert room(SIZE, 5, 5 * SIZE) == 0
    assert room(SIZE, 4, 100 * SIZE) == 1
    assert room(3 * SIZE, 100, 5 * SIZE) == 1
    row = place(store, account)
    assert [one.id for one in store.read(lambda db: messages.page(db, row.id))] == ids[:1:-1]


def test_what_is_old_goes(store: Store, clock: SetClock, account: int) -> None:
    """In slices."""
    for number in range(3):
        put(store, clock, account, f"{number}@x")
    clock.advance(100)
    put(store, clock, account, "new@x")
    before = clock.timestamp() - 50

    gone = [store.write_now(lambda db: rejects.expire(db, place(store, account), before, 2)) for _ in range(3)]
    assert gone == [2, 1, 0]
    assert place(store, account).total == 1
