"""Tests of mta.store.learned."""
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from mta.base.clock import SetClock
from mta.judge import junk
from mta.store import learned as learning
from mta.store.connection import connect
from mta.store.database import Store
from mta.store.learned import EVERYBODY, HALF_LIFE, OWN, PLENTY, Learned, Standing, Teaching

ANN, BOB = 1, 2
BOBS_ADDRESS = ("address", "bob@example.net|proven")


@pytest.fixture
def learned(store: Store, clock: SetClock) -> Iterator[Learned]:
    """An empty memory, whose counts agree with its lessons at the end of each test; the log is not asked."""
    learned = Learned(store.learned_db, clock)
    yield learned
    with closing(connect(store.learned_db)) as db:
        assert list(learning.disagreements(db)) == []
        for table in ("taught", "word", "volume", "standing", "position"):
            db.execute(f"DELETE FROM {table}")
    learned.close()


def teach(learned: Learned, message: int, junk: bool | None, words: list[int] | None, account: int = ANN, at: float = 0.0,
          standings: list[tuple[str, str]] | None = None) -> None:
    """One lesson, the next of the log."""
    since = learned.position()
    assert learned.learn([Teaching(since + 1, account, message, junk, at, words, standings or [])], since)


def content(store: Store) -> dict[str, list[Any]]:
    """Every row but the position."""
    with closing(connect(store.learned_db)) as db:
        return {table: sorted(db.execute(f"SELECT * FROM {table}")) for table in ("taught", "word", "volume", "standing")}


def test_words_are_counted(learned: Learned) -> None:
    """For the account and for everybody, as often as the lesson weighs; a word twice in a message counts once."""
    teach(learned, 1, True, [10, 11, 11])
    teach(learned, 2, False, [11, 0xFFFFFFFF])
    bad, good = junk.JUNK_WEIGHTS[1], junk.GOOD_WEIGHTS[0]    # the second would have been taken for junk: it has a word of the first
    known = learned.words(ANN, [10, 11, 12, 0xFFFFFFFF])

    assert known.counts == {10: (0, bad), 11: (good, bad), 0xFFFFFFFF: (good, 0)}
    assert (known.good, known.junk, known.good_lessons, known.junk_lessons) == (good, bad, 1, 1)
    assert learned.volume(EVERYBODY) == learned.volume(ANN)


def test_a_lesson_is_taken_back_exactly(store: Store, learned: Learned) -> None:
    """Whatever came before and after, nothing of it is left: counts, weights, standings."""
    teach(learned, 1, True, [10, 11], standings=[BOBS_ADDRESS], at=1e9)
    before = content(store)
    teach(learned, 2, False, [11, 12], standings=[BOBS_ADDRESS, ("ip", "192.0.2.1")], at=2e9)
    teach(learned, 2, None, None)
    after = content(store)

    assert [(*row[:-3], row[-1]) for row in after.pop("standing")] == [(*row[:-3], row[-1]) for row in before.pop("standing")]
    assert after == before
    teach(learned, 1, None, None)
    assert content(store) == {"taught": [], "word": [], "standing": [], "volume": [(0, 0, 0, 0, 0), (1, 0, 0, 0, 0)]}


def test_a_later_lesson_replaces(learned: Learned) -> None:
    """A message that was called junk and now good is only good."""
    teach(learned, 1, True, [10], standings=[BOBS_ADDRESS])
    teach(learned, 1, False, [10], standings=[BOBS_ADDRESS])

    assert learned.words(ANN, [10]).counts[10][1] == 0
    assert learned.volume(ANN)[2:] == (1, 0)
    assert learned.standings(ANN, [BOBS_ADDRESS])[0].junk == 0


def test_a_message_that_is_gone_is_known_from_before(learned: Learned) -> None:
    """It can change sides, or be taken back; one that was never read teaches nothing."""
    teach(learned, 1, True, [10])
    teach(learned, 1, False, None)
    teach(learned, 2, False, None)

    assert learned.words(ANN, [10]).counts[10][0] > 0
    assert learned.volume(ANN)[2:] == (1, 0)


def test_needed_lessons_weigh_more(learned: Learned) -> None:
    """What the filter knows by now counts once, what contradicts it many times."""
    words = list(range(100, 160))
    for message in range(1, 20):
        teach(learned, message, True, words)
    before = learned.volume(ANN).junk
    teach(learned, 50, True, words)
    assert learned.volume(ANN).junk == before + junk.JUNK_WEIGHTS[2]
    teach(learned, 51, False, words)
    assert learned.volume(ANN).good == junk.GOOD_WEIGHTS[0]


def test_beginners_are_helped(learned: Learned) -> None:
    """Who taught little is judged by everybody's lessons, his own more than once."""
    teach(learned, 1, True, [10], account=ANN)
    teach(learned, 2, False, [10, 11], account=BOB)
    shared, bob = learned.words(EVERYBODY, [10, 11]), learned.words(BOB, [10, 11])
    own = learned.volume(BOB)

    assert bob.counts[11] == (shared.counts[11][0] + (OWN - 1) * own.good, 0)
    assert bob.counts[10][1] == shared.counts[10][1]
    assert (bob.good_lessons, bob.junk_lessons) == (1, 1)
    assert bob.good == shared.good + (OWN - 1) * own.good


def test_who_taught_plenty_is_judged_by_himself(store: Store, learned: Learned) -> None:
    """Others' lessons count no more then."""
    since = learned.position()
    learned.learn([Teaching(number + 1, ANN, number + 1, number % 2 == 0, 0.0, [10 + number % 2]) for number in range(2 * PLENTY)], since)
    teach(learned, 5_000, True, [99], account=BOB)

    assert learned.words(ANN, [10, 11, 99]).counts.keys() == {10, 11}
    assert learned.words(BOB, [10, 11, 99]).counts.keys() == {10, 11, 99}


def test_standings_fade(learned: Learned, clock: SetClock) -> None:
    """A fresh lesson counts one, after a half-life half; names that nobody taught about have nothing; order is as asked."""
    teach(learned, 1, True, [10], at=clock.timestamp(), standings=[BOBS_ADDRESS, ("domain", "example.net|proven")])
    teach(learned, 2, False, [11], at=clock.timestamp(), standings=[BOBS_ADDRESS])
    clock.advance(HALF_LIFE)
    teach(learned, 3, False, [12], at=clock.timestamp(), standings=[BOBS_ADDRESS])

    unknown, address, domain = learned.standings(ANN, [("ip", "192.0.2.1"), BOBS_ADDRESS, ("domain", "example.net|proven")])
    assert unknown == Standing(0.0, 0.0)
    assert address == pytest.approx((1.5, 0.5))
    assert domain == pytest.approx((0.0, 0.5))
    assert learned.standings(BOB, [BOBS_ADDRESS]) == [Standing(0.0, 0.0)]
    assert learned.standings(ANN, []) == []


def test_a_sender_is_forgotten_with_the_last_lesson(store: Store, learned: Learned) -> None:
    """Rounding leaves nothing behind, however far apart the lessons were."""
    for message, at in ((1, 4e9), (2, 1.8e9), (3, 1e9)):
        teach(learned, message, True, [10], at=at, standings=[BOBS_ADDRESS])
    for message in (1, 2, 3):
        teach(learned, message, None, None)
    assert content(store)["standing"] == []


def test_only_from_the_position_on(store: Store, learned: Learned) -> None:
    """Who comes second with the same slice of the log changes nothing."""
    teach(learned, 1, True, [10])
    before = content(store)

    assert not learned.learn([Teaching(1, ANN, 1, True, 0.0, [10])], 0)
    assert content(store) == before
    assert learned.position() == 1


def test_an_account_that_is_gone_is_forgotten(store: Store, learned: Learned) -> None:
    """In slices, for everybody too; others keep theirs."""
    for message in range(1, 6):
        teach(learned, message, True, [10, message])
    teach(learned, 6, False, [10], account=BOB)
    assert learned.accounts() == [ANN, BOB]
    assert [learned.forget(ANN, 2) for _ in range(4)] == [2, 2, 1, 0]

    assert learned.accounts() == [BOB]
    assert learned.words(EVERYBODY, [10, 1, 2]).counts.keys() == {10}


def test_mended_from_its_lessons(store: Store, learned: Learned) -> None:
    """Wrong sums are found and made anew from the lessons that the log knows; the log is followed again."""
    teach(learned, 1, True, [10, 11], standings=[BOBS_ADDRESS])
    teach(learned, 2, False, [11])
    whole = content(store)
    teach(learned, 3, True, [12])
    with closing(connect(store.learned_db)) as db:
        db.execute("UPDATE word SET junk = junk + 1 WHERE key = 1 << 32 | 10")
        db.execute("UPDATE volume SET good = 77 WHERE account_id = 0")
        db.execute("UPDATE standing SET junk = junk + 1")
        assert list(learning.disagreements(db)) == [
            "the words of account 1 are counted wrongly", "the lessons of account 0 are counted wrongly",
            "1 standings of senders are reckoned wrongly"]
        db.execute("DELETE FROM word WHERE key >> 32 = 1")
        assert "the words of account 1 are not counted" in list(learning.disagreements(db))
    learned.mend({1, 2})

    assert content(store) == whole
    assert learned.position() == 0


def test_many_words_are_found(learned: Learned) -> None:
    """As many as a message can have, in one question."""
    teach(learned, 1, True, list(range(0, 4_000, 2)))
    assert len(learned.words(ANN, list(range(2_000))).counts) == 1_000
