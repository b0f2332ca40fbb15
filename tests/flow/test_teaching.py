"""Tests of mta.flow.teaching: what people do with their mail, and what it says."""
import pytest

from mta.base.clock import SetClock
from mta.base.errors import NotFound
from mta.base.limits import LIMITS
from mta.flow import filing, people, teaching
from mta.flow.world import World
from mta.store import lessons
from tests.flow.test_filing import put, role

BY = "a test"


@pytest.fixture
def ann(served: World) -> int:
    """Ann's account."""
    return people.get_account(served, "ann").id


def said(world: World) -> dict[int, str]:
    """What counts, by message."""
    return {ident: lesson.verdict for ident, lesson in world.store.read(lessons.counting).items()}


def place(world: World, account: int, name: str) -> int:
    """The id of a mailbox by its role, or of a new one of that name."""
    return role(world, account, name) if name.islower() else filing.add_mailbox(world, account, name).id


@pytest.mark.parametrize(("source", "target", "verdict"), [
    ("inbox", "junk", "junk"), ("archive", "junk", "junk"), ("trash", "junk", "junk"), ("rejects", "junk", "junk"),
    ("junk", "inbox", "good"), ("junk", "archive", "good"), ("junk", "Friends", "good"), ("junk", "trash", None),
    ("rejects", "inbox", "good"), ("rejects", "trash", None),
    ("inbox", "archive", "good"), ("inbox", "Friends", "good"), ("inbox", "trash", None),
    ("inbox", "Spam", "junk"), ("inbox", "A/Junk", "junk"),
    ("archive", "inbox", None), ("archive", "Friends", None), ("trash", "inbox", None), ("sent", "archive", None), ("drafts", "junk", None),
    ("junk", "Spam", None)])
def test_moving(served: World, ann: int, source: str, target: str, verdict: str | None) -> None:
    """The table of what a move teaches."""
    message = put(served, ann, mailbox=source)
    filing.move(served, ann, [message], place(served, ann, target))

    assert said(served).get(message) == verdict


@pytest.mark.parametrize(("source", "target", "verdict"), [
    ("inbox", "junk", "junk"), ("junk", "inbox", "good"), ("junk", "trash", None), ("inbox", "archive", "good"),
    ("archive", "Friends", None)])
def test_copying(served: World, ann: int, source: str, target: str, verdict: str | None) -> None:
    """Mail programs that cannot move copy, and remove the first one: the copy says the same as a move."""
    first, second = put(served, ann, mailbox=source), put(served, ann, "Other", mailbox=source)
    copies = filing.copy(served, ann, [second, first], place(served, ann, target))

    assert said(served) == dict.fromkeys(copies, verdict) if verdict else said(served) == {}


def test_a_copy_takes_the_word_of_its_original_back(served: World, ann: int) -> None:
    """Called junk, then copied out of Junk: nothing counts on both sides."""
    message = put(served, ann)
    filing.move(served, ann, [message], role(served, ann, "junk"))
    copies = filing.copy(served, ann, [message], role(served, ann, "inbox"))

    assert said(served) == {copies[0]: "good"}


def test_the_last_move_counts(served: World, ann: int) -> None:
    """To Junk and back is good; what nobody said of others is not touched."""
    first, second = put(served, ann), put(served, ann)
    filing.move(served, ann, [first, second], role(served, ann, "junk"))
    filing.move(served, ann, [first], role(served, ann, "inbox"))

    assert said(served) == {first: "good", second: "junk"}


def test_thrown_away_from_junk_it_stays_junk(served: World, ann: int) -> None:
    """Emptying Junk, or moving from there to Trash, changes no lesson."""
    first, second = put(served, ann), put(served, ann)
    filing.move(served, ann, [first, second], role(served, ann, "junk"))
    filing.move(served, ann, [first], role(served, ann, "trash"))
    filing.delete(served, ann, [second])

    assert said(served) == {first: "junk", second: "junk"}


def test_throwing_away_and_archiving(served: World, ann: int) -> None:
    """The button for Trash says nothing, that for Archive says good."""
    first, second = put(served, ann), put(served, ann)
    filing.delete(served, ann, [first])
    filing.archive(served, ann, [second])

    assert said(served) == {second: "good"}


@pytest.mark.parametrize(("added", "removed", "verdict"), [
    (["$Junk"], [], "junk"), (["$NotJunk"], [], "good"), (["Junk"], [], "junk"), (["NonJunk"], ["$Junk"], "good"),
    (["$Junk", "$NotJunk"], [], None), (["\\Flagged", "work"], [], None), (["\\Answered"], [], "good"), (["$Forwarded"], [], None)])
def test_flags(served: World, ann: int, added: list[str], removed: list[str], verdict: str | None) -> None:
    """Mail programs say it with flags, old ones with keywords; both at once say nothing (RFC 9051 §2.3.2)."""
    message = put(served, ann)
    filing.flag(served, ann, [message], added, removed)

    assert said(served).get(message) == verdict


def test_a_mark_that_is_removed(served: World, ann: int) -> None:
    """It takes back what it taught; setting it twice teaches once."""
    message = put(served, ann)
    filing.flag(served, ann, [message], ["$Junk"])
    filing.flag(served, ann, [message], ["$Junk"])
    assert [lesson.verdict for lesson in served.store.read(lambda db: lessons.since(db, 0, 9))] == ["junk"]
    filing.flag(served, ann, [message], [], ["$Junk"])
    assert said(served) == {}


def test_an_answer_to_junk_says_nothing(served: World, ann: int) -> None:
    """One may have written in anger."""
    message = put(served, ann, mailbox="junk")
    filing.flag(served, ann, [message], ["\\Answered"])

    assert said(served) == {}


def test_nobody_teaches_with_others_mail(served: World, ann: int) -> None:
    """What is not the account's own is not moved, and no lesson."""
    bob = people.get_account(served, "bob").id
    message = put(served, bob)
    filing.move(served, ann, [message], role(served, ann, "junk"))
    filing.flag(served, ann, [message], ["$Junk"])
    for verdict in ("junk", "none"):
        with pytest.raises(NotFound):
            teaching.told(served, ann, [message], verdict, by=BY)

    assert said(served) == {}


def test_telling_and_taking_back(served: World, ann: int) -> None:
    """Outright, and even when the message is gone; again is no lesson."""
    message = put(served, ann, mailbox="junk")
    assert teaching.told(served, ann, [message], "junk", by=BY) == 1
    assert teaching.told(served, ann, [message], "junk", by=BY) == 0
    filing.delete(served, ann, [message])
    assert teaching.told(served, ann, [message], "none", by=BY) == 1
    assert said(served) == {}


def test_what_is_kept_is_good(served: World, ann: int, clock: SetClock) -> None:
    """Read and still in the Inbox after a week; not what is unread, younger, elsewhere, or was spoken of."""
    kept, unread, spoken, moved = (put(served, ann) for _ in range(4))
    filing.flag(served, ann, [kept, spoken, moved], ["\\Seen"])
    filing.flag(served, ann, [spoken], ["$Junk"])
    filing.move(served, ann, [moved], role(served, ann, "trash"))
    clock.advance(LIMITS.kept_for + 1)
    filing.flag(served, ann, [put(served, ann)], ["\\Seen"])

    assert teaching.kept(served, ann) == 1
    assert teaching.kept(served, ann) == 0
    assert said(served) == {kept: "good", spoken: "junk"}
    clock.advance(LIMITS.kept_until + 1)
    filing.flag(served, ann, [unread], ["\\Seen"])
    assert teaching.kept(served, ann) == 0


def test_why_is_written_down(served: World, ann: int) -> None:
    """A person can be told later where a lesson is from."""
    message = put(served, ann)
    filing.move(served, ann, [message], role(served, ann, "junk"))

    assert served.store.read(lambda db: lessons.newest(db, [message]))[message].why == "moved to Junk"
