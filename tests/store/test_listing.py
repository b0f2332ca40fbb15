"""Orders and conversations of a mailbox."""
import pytest

from mta.message.flags import Flags
from mta.store import listing, messages
from mta.store.database import Store
from tests.store.population import add_account, deliver, mailbox


@pytest.fixture
def place(store: Store) -> tuple[int, int]:
    """An account and its Inbox, with four messages in two threads."""
    account = add_account(store)
    inbox = mailbox(store, account)
    for number, (sender, subject, name, answers) in enumerate((
            ("zoe", "Alpha", "a1", ()), ("Bob", "beta", "b1", ()), ("ann", "Re: Alpha", "a2", ("a1",)),
            ("carl", "Re: Alpha", "a3", ("a2",)))):
        deliver(store, inbox, b"Subject: x\r\n\r\n" + b"x" * (100 - 7 * number), received=float(number), from_text=sender, subject=subject,
                message_id=name, references=answers, flags=Flags.SEEN if number == 3 else Flags.NONE,
                keywords=("Work",) if number == 1 else ())
    return account, inbox


@pytest.mark.parametrize(("order", "want"), [
    ("oldest", ["zoe", "Bob", "ann", "carl"]), ("largest", ["zoe", "Bob", "ann", "carl"]), ("smallest", ["carl", "ann", "Bob", "zoe"]),
    ("sender", ["ann", "Bob", "carl", "zoe"]), ("subject", ["zoe", "Bob", "carl", "ann"])])
def test_orders(store: Store, place: tuple[int, int], order: str, want: list[str]) -> None:
    """Each of them, and from any place on."""
    def names(skip: int) -> list[str]:
        return [row.from_text for row in store.read(lambda db: listing.page(db, *place, order, 10, skip))]

    assert names(0) == want
    assert names(2) == want[2:]


def test_conversations(store: Store, place: tuple[int, int]) -> None:
    """The newest message of each, with counts; page by page; what left the mailbox does not count."""
    account, inbox = place
    rows, told, after = store.read(lambda db: listing.conversations(db, account, inbox, None, 1))
    assert [row.from_text for row in rows] == ["carl"]
    assert (told[0].total, told[0].unread) == (3, 2)
    rows, told, end = store.read(lambda db: listing.conversations(db, account, inbox, after, 10))
    assert [(row.from_text, one.total) for row, one in zip(rows, told, strict=True)] == [("Bob", 1)]
    assert end is None
    archive = mailbox(store, account, "archive")
    store.write_now(lambda db: messages.move(db, store.clock, account, [4], archive))
    rows, told, _ = store.read(lambda db: listing.conversations(db, account, inbox, None, 10))
    assert [(row.from_text, one.total) for row, one in zip(rows, told, strict=True)] == [("ann", 2), ("Bob", 1)]


def test_a_conversation_that_came_at_one_time(store: Store) -> None:
    """Messages of the same second, as an import has them, are a conversation as any other."""
    account = add_account(store)
    inbox = mailbox(store, account)
    for number in range(4):
        deliver(store, inbox, received=7.0, message_id=f"m{number}", references=("m0",) if number else ())
    rows, told, after = store.read(lambda db: listing.conversations(db, account, inbox, None, 10))
    assert [(row.message_id, one.total) for row, one in zip(rows, told, strict=True)] == [("m3", 4)]
    assert after is None


def test_labels_and_unread(store: Store, place: tuple[int, int]) -> None:
    """Keywords of the account; messages that nobody has read."""
    account, inbox = place
    assert store.read(lambda db: listing.labels(db, account)) == ["Work"]
    assert len(store.read(lambda db: listing.unread(db, inbox, 10))) == 3
