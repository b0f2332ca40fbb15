"""Tests of mta.flow.learning: from filing mail to judging the next."""
from collections.abc import Iterator

import pytest

from mta.base.errors import NotFound, TemporaryError
from mta.base.events import Event, Recorded
from mta.base.names import Address, Domain, ip_address
from mta.flow import deposit, filing, learning, people, teaching
from mta.flow.judging import Judging
from mta.flow.learning import Taught
from mta.flow.world import World
from mta.judge import junk, reputation
from mta.judge.facts import Facts
from mta.store import lessons, messages
from mta.store.learned import EVERYBODY, Learned
from mta.store.verify import problems, repair
from tests.flow.test_filing import put, role
from tests.flow.test_judging import ANN, arrival
from tests.judge.arrivals import identity

BY = "a test"


@pytest.fixture
def ann(served: World) -> int:
    """Ann's account."""
    return people.get_account(served, "ann").id


@pytest.fixture
def learned(served: World) -> Iterator[Learned]:
    """What is learned in this test."""
    learned = Learned(served.store.learned_db, served.clock)
    yield learned
    learned.close()


def letter(text: str, subject: str = "Hello") -> bytes:
    """A message."""
    return f"From: x@example.net\r\nSubject: {subject}\r\n\r\n{text}\r\n".encode()


def learn(world: World, learned: Learned) -> int:
    """Learn until nothing is left; how many lessons that were."""
    done = 0
    while step := learning.advance(world, learned):
        done += step
    return done


def trained(world: World, learned: Learned, account: int) -> None:
    """As many lessons as it takes to have an opinion."""
    for number in range(junk.LEAST_GOOD):
        deposit.file_in(world, account, letter(f"the minutes of meeting w{number} with the committee"), "archive")
    for number in range(junk.LEAST_JUNK):
        deposit.file_in(world, account, letter(f"cheap pills number x{number} without prescription"), "junk")
    for place, verdict in (("archive", "good"), ("junk", "junk")):
        mailbox = role(world, account, place)
        ids = [row.id for row in world.store.read(lambda db, mailbox=mailbox: messages.page(db, mailbox, limit=500))]    # type: ignore[misc]
        teaching.told(world, account, ids, verdict, by=BY)    # type: ignore[arg-type]  # both are verdicts
    learn(world, learned)


def test_taught_by_filing(served: World, learned: Learned, ann: int) -> None:
    """After enough lessons, the next message of either kind is told apart, with the words that decided; before them nothing is said."""
    reader, pills = learning.Reader(learned), arrival(served, identity(), letter("more cheap pills"))
    assert reader.read(pills) == []
    assert reader.content(ann, ["cheap", "pills"]) is None
    trained(served, learned, ann)
    minutes = arrival(served, identity(), letter("the minutes of the committee"))
    bad, good = (reader.content(ann, reader.read(one)) for one in (pills, minutes))

    assert bad is not None
    assert good is not None
    assert good.probability < 0.1 < junk.THRESHOLD < bad.probability
    assert "cheap pills" in bad.words
    assert "the minutes" in good.words
    assert len(bad.words) <= learning.TELLING
    assert reader.content(ann, []) is None


async def test_from_filing_to_the_next_verdict(served: World, learned: Learned, ann: int) -> None:
    """What was moved to Junk decides where the next one goes, with the words that told."""
    trained(served, learned, ann)
    judging = Judging(served, learned, learning.Reader(learned))
    bad, good = [(await judging(arrival(served, identity(), letter(text))))(ANN, ann) for text in ("cheap pills", "the minutes")]

    assert (bad.mailbox, good.mailbox) == ("junk", "inbox")
    assert "cheap pills" in next(reason.text for reason in bad.reasons if reason.key == "words-junk")
    assert "words-good" in {reason.key for reason in good.reasons}


def test_a_missing_database_refuses_nobody(served: World, learned: Learned, ann: int) -> None:
    """The message is read all the same; who asks what it says hears of the trouble, and goes on without."""
    there = Learned(served.store.directory / "none.db", served.clock)
    reader = learning.Reader(there)

    assert "pills" in reader.read(arrival(served, identity(), letter("pills")))
    with pytest.raises(TemporaryError):
        reader.content(ann, ["pills"])
    there.close()


def test_new_accounts_share_what_others_taught(served: World, learned: Learned, ann: int) -> None:
    """Bob, who taught nothing, is helped by Ann's lessons."""
    trained(served, learned, ann)
    bob = people.get_account(served, "bob").id
    found = learning.Reader(learned).content(bob, ["cheap", "cheap pills", "pills"])

    assert found is not None
    assert found.probability > junk.THRESHOLD


def test_how_much_was_taught(served: World, learned: Learned, ann: int) -> None:
    """By the account itself, and by all whose lessons count for it."""
    bob = people.get_account(served, "bob").id
    assert learning.taught(learned, ann) == Taught(0, 0, 0, 0, enough=False)
    trained(served, learned, ann)
    both = junk.LEAST_GOOD, junk.LEAST_JUNK
    assert learning.taught(learned, ann) == Taught(*both, *both, enough=True)
    assert learning.taught(learned, bob) == Taught(0, 0, *both, enough=True)


def test_an_undone_lesson_leaves_nothing(served: World, learned: Learned, ann: int) -> None:
    """Junk, learned, taken back, learned: as if it had never been, though the message is gone by then."""
    message = put(served, ann, "cheap")
    filing.move(served, ann, [message], role(served, ann, "junk"))
    assert learn(served, learned) == 1
    assert learned.volume(ann).junk_lessons == 1
    filing.delete(served, ann, [message])
    teaching.told(served, ann, [message], "none", by=BY)
    learn(served, learned)

    assert learned.volume(ann) == learned.volume(EVERYBODY) == (0, 0, 0, 0)
    assert learned.words(ann, range(10)).counts == {}


def test_senders_stand_as_their_mail_was_filed(served: World, learned: Learned, ann: int) -> None:
    """Under the names that reputation will ask for when their next message comes."""
    facts = Facts(Address.parse("bob@shop.example"), True, (Domain("shop.example"),), None, "mx.shop.example", ip_address("192.0.2.7"))
    message = put(served, ann)
    served.store.write_now(lambda db: db.execute(
        "UPDATE message_detail SET identity = ? WHERE message_id = ?", (facts.pack(), message)).fetchall())
    filing.move(served, ann, [message], role(served, ann, "junk"))
    learn(served, learned)

    keys = reputation.keys(facts)
    assert len(keys) > 4
    assert learned.standings(ann, keys) == pytest.approx([(0.0, 1.0)] * len(keys))


def test_explained(served: World, learned: Learned, ann: int) -> None:
    """Probability, the words that counted, and what the message itself taught; of a file the same without that."""
    trained(served, learned, ann)
    message = deposit.file_in(served, ann, letter("more cheap pills")).id
    filing.move(served, ann, [message], role(served, ann, "junk"))
    found = learning.explain_stored(served, learned, ann, message)

    assert found.probability is not None
    assert found.probability >= found.threshold == junk.THRESHOLD
    assert {"cheap", "pills", "cheap pills"} <= {clue.feature for clue in found.clues}
    assert found.lesson is not None
    assert (found.lesson.verdict, found.lesson.why) == ("junk", "moved to Junk")
    assert learning.explain(served, learned, ann, letter("more cheap pills")).lesson is None
    with pytest.raises(NotFound):
        learning.explain_stored(served, learned, people.get_account(served, "bob").id, message)
    learn(served, learned)


def test_a_lost_database_is_learned_again(served: World, learned: Learned, ann: int) -> None:
    """From the log, to the same sums; a message that is gone meanwhile counts for nothing."""
    trained(served, learned, ann)
    before, words = learned.volume(ann), learned.words(ann, range(0, 1 << 32, 1 << 22))
    learned.mend(())
    assert learned.volume(ann) == (0, 0, 0, 0)
    assert learn(served, learned) == junk.LEAST_GOOD + junk.LEAST_JUNK

    assert learned.volume(ann) == before
    assert learned.words(ann, range(0, 1 << 32, 1 << 22)) == words
    gone = served.store.read(lambda db: lessons.since(db, 0, 1))[0].message_id
    served.store.write_now(lambda db: messages.expunge(db, ann, [gone]))
    learned.mend(())
    learn(served, learned)
    assert learned.volume(ann).good_lessons == before.good_lessons - 1


def test_an_older_log_is_followed_from_its_beginning(served: World, learned: Learned, ann: int, recorded: Recorded) -> None:
    """After pillarbox.db came from a backup, what was learned from lessons it does not have is forgotten."""
    first, second = put(served, ann), put(served, ann)
    filing.flag(served, ann, [first, second], ["$Junk"])
    learn(served, learned)
    served.store.write_now(lambda db: [
        db.execute("DELETE FROM lesson WHERE message_id = ?", (second,)).fetchall(),
        db.execute("UPDATE sqlite_sequence SET seq = 1 WHERE name = 'lesson'").fetchall()])
    learn(served, learned)

    assert learned.volume(ann).junk_lessons == 1
    assert Event.LEARNED_ANEW in [record.event for record in recorded.records]
    assert learn(served, learned) == 0


def test_an_account_that_goes_takes_its_lessons_from_everybody(served: World, learned: Learned) -> None:
    """Nobody is judged by what somebody taught who is gone."""
    bob = people.get_account(served, "bob").id
    filing.flag(served, bob, [put(served, bob) for _ in range(60)], ["$Junk"])
    learn(served, learned)
    people.remove_account(served, "bob", for_good=True, by=BY)
    learn(served, learned)

    assert learned.volume(EVERYBODY) == (0, 0, 0, 0)
    assert learned.accounts() == []


def test_a_lost_file_does_not_stop_it(served: World, learned: Learned, ann: int, recorded: Recorded) -> None:
    """A message whose content is gone teaches nothing; the next one does."""
    lost, second = put(served, ann), put(served, ann)
    row = served.store.read(lambda db: messages.get(db, ann, lost))
    assert row is not None
    path = served.store.bodies.path(row.body_name)
    content = path.read_bytes()
    path.unlink()
    filing.flag(served, ann, [lost, second], ["$Junk"])
    learn(served, learned)

    assert learned.volume(ann).junk_lessons == 1
    assert Event.STORE_TROUBLE in [record.event for record in recorded.records]
    path.write_bytes(content)


def test_an_old_structure_is_read_anew(served: World, learned: Learned, ann: int) -> None:
    """A row whose packed structure is of another version is analysed again."""
    message = put(served, ann)
    served.store.write_now(lambda db: db.execute(
        "UPDATE message_detail SET structure = x'8100' WHERE message_id = ?", (message,)).fetchall())
    filing.flag(served, ann, [message], ["$Junk"])
    learn(served, learned)

    assert learned.volume(ann).junk_lessons == 1


def test_verified_against_the_log(served: World, learned: Learned, ann: int) -> None:
    """What was learned and what the log says are compared; a repair makes it anew, and the reporter learns the log again."""
    first, second = put(served, ann), put(served, ann)
    filing.flag(served, ann, [first, second], ["$Junk"])
    learn(served, learned)
    served.store.write_now(lambda db: [
        db.execute("UPDATE lesson SET verdict = 'good' WHERE message_id = ?", (first,)).fetchall(),
        db.execute("DELETE FROM lesson WHERE message_id = ?", (second,)).fetchall()])

    assert problems(served.store) == [
        f"message {first} counts as junk, the last lesson about it says good",
        f"message {second} counts as junk, but there is no lesson about it"]
    assert repair(served.store) == ["counted anew what the junk filter learned; the reporter learns the log of lessons again"]
    assert problems(served.store) == []
    learn(served, learned)
    assert learned.volume(ann)[2:] == (1, 0)
