"""Which messages belong together."""
from itertools import permutations

import pytest

from mta.base.clock import SetClock
from mta.base.limits import LIMITS
from mta.store import changes, messages, threads
from mta.store.connection import value
from mta.store.database import Store
from mta.store.messages import MessageRow
from tests.store.population import add_account, deliver, mailbox

DAY = 86_400.0


@pytest.fixture
def account(store: Store) -> int:
    """The account of these tests."""
    return add_account(store)


@pytest.fixture
def inbox(store: Store, account: int) -> int:
    """Its Inbox."""
    return mailbox(store, account)


def now(store: Store, row: MessageRow) -> int:
    """The thread of a message as it is now."""
    return int(store.read(lambda db: value(db, "SELECT thread_id FROM message WHERE id = ?", (row.id,))))


#: A conversation: Message-ID, what it refers to.  c does not name a, only b; d names all.
CONVERSATION = {"a@x": (), "b@x": ("a@x",), "c@x": ("b@x",), "d@x": ("a@x", "b@x", "c@x")}


@pytest.mark.parametrize("order", list(permutations(CONVERSATION)), ids="".join)
def test_any_order_gives_one_thread(store: Store, inbox: int, order: tuple[str, ...]) -> None:
    """Answers may come before what they answer."""
    rows = [deliver(store, inbox, message_id=name, references=CONVERSATION[name]) for name in order]

    assert len({now(store, row) for row in rows}) == 1


def test_in_reply_to_is_enough(store: Store, inbox: int) -> None:
    """A mail program that writes no References still answers."""
    first = deliver(store, inbox, message_id="a@x", subject="Plans")
    second = deliver(store, inbox, message_id="b@x", in_reply_to=("a@x",), subject="Something else")

    assert now(store, first) == now(store, second)


def test_joining_is_logged(store: Store, account: int, inbox: int) -> None:
    """Messages that change their thread have a change each, so that nobody shows them in the old one."""
    first, second = deliver(store, inbox, message_id="a@x"), deliver(store, inbox, message_id="b@x")
    before = store.read(lambda db: changes.latest(db, account))
    third = deliver(store, inbox, message_id="c@x", references=("a@x", "b@x"))
    logged = [change for change in store.read(lambda db: changes.since(db, account, before)) if change.kind == "message_thread"]

    assert [(change.message_id, change.uid, change.facts) for change in logged] == [(second.id, 2, {"thread": first.thread_id})]
    assert third.thread_id == first.thread_id == now(store, second)
    assert [row.id for row in store.read(lambda db: messages.thread(db, account, first.thread_id))] == [first.id, second.id, third.id]
    assert store.read(lambda db: value(db, "SELECT count(*) FROM thread")) == 1


@pytest.mark.parametrize(("subject", "together"), [
    ("Re: Plans", True), ("RE: [list] plans ", True), ("AW: Plans", True), ("Fwd: Plans", True),
    ("Plans", False), ("Re: Other plans", False), ("Re:", False),
])
def test_by_subject(store: Store, inbox: int, subject: str, together: bool) -> None:
    """Without references a reply belongs to what had its subject (RFC 5256 §2.1); what is no reply does not."""
    first = deliver(store, inbox, message_id="a@x", subject="Plans")
    second = deliver(store, inbox, message_id="b@x", subject=subject)

    assert (first.thread_id == second.thread_id) is together


def test_references_go_before_the_subject(store: Store, inbox: int) -> None:
    """Who refers to something we do not have does not answer what merely has the same subject."""
    first = deliver(store, inbox, message_id="a@x", subject="Invoice")
    second = deliver(store, inbox, message_id="b@x", references=("unknown@x",), subject="Re: Invoice")

    assert first.thread_id != second.thread_id


def test_subjects_have_a_window(store: Store, inbox: int, clock: SetClock) -> None:
    """An old conversation with the same subject is another one; each answer keeps it young."""
    first = deliver(store, inbox, message_id="a@x", subject="Plans")
    clock.advance(LIMITS.thread_window - DAY)
    second = deliver(store, inbox, message_id="b@x", subject="Re: Plans")
    clock.advance(LIMITS.thread_window - DAY)
    third = deliver(store, inbox, message_id="c@x", subject="Re: Plans")
    clock.advance(LIMITS.thread_window + DAY)
    late = deliver(store, inbox, message_id="d@x", subject="Re: Plans")

    assert first.thread_id == second.thread_id == third.thread_id != late.thread_id


def test_accounts_do_not_share_threads(store: Store, inbox: int) -> None:
    """The same message in two accounts is in two threads."""
    other = mailbox(store, add_account(store, "bob"))
    first = deliver(store, inbox, message_id="a@x", subject="Plans")
    rows = [deliver(store, other, message_id="a@x", subject="Plans"), deliver(store, other, subject="Re: Plans")]

    assert first.thread_id not in {row.thread_id for row in rows}


def test_messages_without_anything(store: Store, inbox: int) -> None:
    """Neither an empty Message-ID nor an empty subject brings messages together."""
    rows = [deliver(store, inbox, message_id="", subject=subject) for subject in ("", "Re: ", "", "Re:")]

    assert len({row.thread_id for row in rows}) == 4


def test_a_thread_goes_with_its_last_message(store: Store, account: int, inbox: int) -> None:
    """Then nothing of it is left, and a later answer begins a new one."""
    rows = [deliver(store, inbox, message_id="a@x"), deliver(store, inbox, message_id="b@x", references=("a@x",))]
    store.write_now(lambda db: messages.expunge(db, account, [rows[0].id]))
    assert store.read(lambda db: threads.find(db, account, "a@x")) == rows[1].thread_id
    store.write_now(lambda db: messages.expunge(db, account, [rows[1].id]))

    assert store.read(lambda db: threads.find(db, account, "a@x")) is None
    assert store.read(lambda db: value(db, "SELECT count(*) FROM thread_key")) == 0
    assert deliver(store, inbox, message_id="c@x", references=("a@x",)).thread_id > rows[1].thread_id


def test_a_stranger_cannot_make_us_work(store: Store, account: int, inbox: int) -> None:
    """References are bounded, and so are the threads and messages that one message joins."""
    rows = [deliver(store, inbox, message_id=f"{number}@x") for number in range(LIMITS.threads_joined + 3)]
    deliver(store, inbox, message_id="greedy@x", references=tuple(f"{number}@x" for number in range(len(rows))))
    assert len({now(store, row) for row in rows}) == 4

    deliver(store, inbox, message_id="many@x", references=tuple(f"m{number}@x" for number in range(1_000)))
    found = store.read(lambda db: [number for number in range(1_000) if threads.find(db, account, f"m{number}@x") is not None])
    assert found == [0, *range(1_000 - len(found) + 1, 1_000)]
    assert len(found) < LIMITS.thread_keys


def test_threads_too_large_to_move_stay_apart(store: Store, account: int, inbox: int) -> None:
    """A message that would join two of them is put where its Message-ID is known, and found there."""
    first = deliver(store, inbox, message_id="a@x")
    second = deliver(store, inbox, message_id="b@x", references=("wanted@x",))
    for row in (first, second):
        store.write_now(lambda db, row=row: [messages.copy(db, store.clock, account, [row.id], inbox)    # type: ignore[misc]
                                             for _ in range(LIMITS.thread_moved + 1)])
    wanted = deliver(store, inbox, message_id="wanted@x", references=("a@x",))

    assert now(store, first) != now(store, second) == wanted.thread_id
    assert store.read(lambda db: messages.by_message_id(db, account, "wanted@x")) == [wanted]
    assert len(store.read(lambda db: messages.thread(db, account, wanted.thread_id, limit=10))) == 10


def test_keys_are_numbers_that_sqlite_takes() -> None:
    """64 bits with a sign, whatever the text, a broken one included."""
    numbers = [threads.key_of(text) for text in ("", "a@x", "ü", "\udc80", "x" * 100_000)]

    assert len(set(numbers)) == 5
    assert all(-2**63 <= number < 2**63 for number in numbers)
