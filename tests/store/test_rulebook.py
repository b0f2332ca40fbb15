"""Tests of mta.store.rulebook."""
import pytest

from mta.judge.rules import Actions, Conditions, Rule
from mta.store import mailboxes, rules
from mta.store.connection import Connection
from mta.store.database import Store
from mta.store.rulebook import Rulebook
from tests.store.population import add_account


class Counting(Rulebook):
    """Counts how often an account's rules had to be read."""

    def __init__(self, room: int = 100) -> None:
        super().__init__(room)
        self.reads = 0

    def _keep(self, account_id: int, version: int, found: tuple[Rule, ...]) -> None:
        self.reads += 1
        super()._keep(account_id, version, found)


def named(book: Rulebook, store: Store, account: int) -> list[str]:
    """The rules that the book has for an account."""
    return [rule.name for rule in store.read(lambda db: book.of(db, account))]


def add(store: Store, account: int, name: str, *, enabled: bool = True, mailbox: int | None = None) -> int:
    """One more rule of an account."""
    return store.write_now(lambda db: rules.add(db, account, Rule(name, Conditions(author="*"), Actions(mailbox), enabled)))


def test_read_once_and_again_after_a_change(store: Store) -> None:
    """Whoever changes them, it counts at once; what is switched off is left out."""
    ann, bob = add_account(store), add_account(store, "bob")
    book = Counting()
    assert (named(book, store, ann), named(book, store, ann), book.reads) == ([], [], 1)
    one = add(store, ann, "one")
    add(store, ann, "off", enabled=False)
    add(store, bob, "bob's")
    assert (named(book, store, ann), named(book, store, ann), book.reads) == (["one"], ["one"], 2)
    assert named(book, store, bob) == ["bob's"]
    store.write_now(lambda db: rules.remove(db, ann, one))
    assert named(book, store, ann) == []
    assert named(book, store, 99_999) == []


def test_a_mailbox_that_is_gone(store: Store) -> None:
    """A kept rule does not go on to name it."""
    ann, book = add_account(store), Rulebook()
    made = store.write_now(lambda db: mailboxes.add(db, store.clock, ann, "Lists"))
    add(store, ann, "one", mailbox=made)
    assert store.read(lambda db: book.of(db, ann))[0].actions == Actions(made)
    store.write_now(lambda db: mailboxes.remove(db, made))
    assert store.read(lambda db: book.of(db, ann))[0].actions == Actions(None, lost="Lists")


def test_what_is_taken_back_never_was(store: Store) -> None:
    """A change that fails leaves the version as it was, and the next one is seen."""
    ann, book = add_account(store), Rulebook()

    def fail(db: Connection) -> None:
        rules.add(db, ann, Rule("never", Conditions(), Actions()))
        raise RuntimeError

    assert named(book, store, ann) == []
    with pytest.raises(RuntimeError):
        store.write_now(fail)
    assert named(book, store, ann) == []
    add(store, ann, "real")
    assert named(book, store, ann) == ["real"]


def test_room_is_bounded(store: Store) -> None:
    """Who was asked for longest ago makes room, and is read again when needed; one with more rules than all the room is not kept."""
    ann, bob, book = add_account(store), add_account(store, "bob"), Counting(room=5)
    for account in (ann, bob):
        for name in ("a", "b"):
            add(store, account, name)
    assert [named(book, store, account) for account in (ann, bob, ann, ann)] == [["a", "b"]] * 4
    assert book.reads == 3
    for name in "cdef":
        add(store, bob, name)
    assert [len(named(book, store, bob)) for _ in range(2)] == [6, 6]
    assert named(book, store, ann) == ["a", "b"]
    assert book.reads == 6
