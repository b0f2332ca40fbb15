"""Tests of mta.store.lessons."""
import pytest

from mta.base.clock import SetClock
from mta.message.flags import Flags
from mta.store import lessons
from mta.store.database import Store
from mta.store.learned import Learned, Teaching
from mta.store.lessons import Verdict
from tests.store.population import add_account, deliver, mailbox


@pytest.fixture
def account(store: Store) -> int:
    """An account."""
    return add_account(store)


def say(store: Store, account: int, verdicts: dict[int, Verdict], why: str = "because") -> int:
    """Write lessons down."""
    return store.write_now(lambda db: lessons.note(db, store.clock, account, verdicts, why))


def learn(store: Store) -> int:
    """Follow the log, as if messages had no words; gives the position."""
    learned = Learned(store.learned_db, store.clock)
    since = learned.position()
    learned.learn([Teaching(each.id, each.account_id, each.message_id, None if each.verdict == "none" else each.verdict == "junk", each.at)
                   for each in store.read(lambda db: lessons.since(db, since, 100))], since)
    position = learned.position()
    learned.close()
    return position


def test_the_last_one_counts(store: Store, account: int) -> None:
    """Each is written down in its order; asked for a message, the last is given."""
    say(store, account, {7: "junk", 8: "good"})
    say(store, account, {7: "good"}, "moved out of Junk")

    assert [(each.message_id, each.verdict) for each in store.read(lambda db: lessons.since(db, 0, 10))] == [
        (7, "junk"), (8, "good"), (7, "good")]
    assert {ident: (each.verdict, each.why) for ident, each in store.read(lambda db: lessons.newest(db, [7, 8, 9])).items()} == {
        7: ("good", "moved out of Junk"), 8: ("good", "because")}
    learn(store)


def test_nothing_new_is_not_written(store: Store, account: int, rung: list[str]) -> None:
    """The same again, or taking back what never was, is no lesson and rings nobody; a new one rings the reporter."""
    rung.clear()
    assert say(store, account, {7: "junk"}) == 1
    assert rung == ["reporter"]
    rung.clear()
    assert say(store, account, {7: "junk", 8: "none"}) == 0
    assert rung == []
    assert say(store, account, {7: "none"}) == 1
    learn(store)


def test_the_log_is_followed_in_slices(store: Store, account: int) -> None:
    """From a position on, so many at most; the last id never goes back."""
    assert store.read(lessons.last) == 0
    say(store, account, {7: "junk", 8: "junk", 9: "junk"})
    first = store.read(lambda db: lessons.since(db, 0, 2))
    assert [each.message_id for each in first] == [7, 8]
    assert [each.message_id for each in store.read(lambda db: lessons.since(db, first[-1].id, 2))] == [9]
    assert store.read(lessons.last) == first[-1].id + 1
    store.write_now(lambda db: db.execute("DELETE FROM lesson").fetchall())
    assert store.read(lessons.last) == first[-1].id + 1


def test_what_counts_as_of_a_position(store: Store, account: int) -> None:
    """Later lessons are not looked at; what was taken back does not count."""
    say(store, account, {7: "junk", 8: "good"})
    then = store.read(lessons.last)
    say(store, account, {7: "none", 9: "good"})

    assert set(store.read(lambda db: lessons.counting(db, then))) == {7, 8}
    assert set(store.read(lessons.counting)) == {8, 9}
    learn(store)


def test_of_very_many_the_oldest_are_taken_back(store: Store, clock: SetClock, account: int) -> None:
    """Of each kind the newest stay, and what was replaced is not counted."""
    for message in range(1, 7):
        say(store, account, {message: "good"})
    say(store, account, {1: "junk"})

    assert store.write_now(lambda db: lessons.forget_oldest(db, clock, account, 3)) == 2
    assert {ident: each.verdict for ident, each in store.read(lessons.counting).items()} == {1: "junk", 4: "good", 5: "good", 6: "good"}
    assert store.write_now(lambda db: lessons.forget_oldest(db, clock, account, 3)) == 0
    learn(store)


def test_replaced_rows_go_once_they_are_old_and_learned(store: Store, clock: SetClock, account: int) -> None:
    """Nothing that counts goes, nothing that is new, nothing that was not learned."""
    say(store, account, {7: "junk", 8: "good", 9: "good"})
    say(store, account, {7: "good", 8: "none"})
    later = clock.timestamp() + 1
    assert store.write_now(lambda db: lessons.forget_replaced(db, later, 0)) == 0
    position = learn(store)
    assert store.write_now(lambda db: lessons.forget_replaced(db, clock.timestamp(), position)) == 0
    assert store.write_now(lambda db: lessons.forget_replaced(db, later, position)) == 3
    assert {ident: each.verdict for ident, each in store.read(lessons.counting).items()} == {7: "good", 9: "good"}


def test_an_account_takes_its_lessons_along(store: Store, account: int) -> None:
    """They are rows of the account."""
    say(store, account, {7: "junk"})
    store.write_now(lambda db: db.execute("DELETE FROM account").fetchall())
    assert store.read(lessons.counting) == {}


def test_what_nobody_spoke_of(store: Store, clock: SetClock, account: int) -> None:
    """Read messages of a time that taught nothing and bear no mark."""
    inbox, now = mailbox(store, account), clock.timestamp()
    rows = [deliver(store, inbox, flags=flags, received=now - age) for flags, age in (
        (Flags.SEEN, 10), (Flags.NONE, 10), (Flags.SEEN, 30), (Flags.SEEN, 1), (Flags.SEEN | Flags.JUNK, 10), (Flags.SEEN, 11))]
    say(store, account, {rows[5].id: "junk"})

    assert store.read(lambda db: lessons.unspoken(db, inbox, now - 20, now - 5, 10)) == [rows[0].id]
    learn(store)
