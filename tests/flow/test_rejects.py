"""Tests of mta.flow.rejects, as the desk of port 25 uses it."""
from collections.abc import Callable
from dataclasses import replace

import pytest

from mta.base.clock import SetClock
from mta.base.events import Recorded
from mta.base.limits import LIMITS
from mta.flow import people, preferences, reading, rejects
from mta.flow.receive import ReceiveDesk
from mta.flow.world import World
from mta.judge.screen import ACCEPTED, LATER, Arrival, Judge, Reason, Verdict
from mta.message.flags import Flags
from mta.store import mailboxes
from tests.flow.post import SIMPLE, bring, letters, spooled

BY, DAY = "a test", 86_400.0
REFUSED = Verdict("rejects", (Reason("Refused by a test.", -9.0, "test"),), LATER, keep_reject=True, flags=Flags.SEEN)


@pytest.fixture
def desk(served: World) -> Callable[[Verdict], ReceiveDesk]:
    """A desk at which everybody has this verdict."""
    def make(verdict: Verdict) -> ReceiveDesk:
        async def screen(arrival: Arrival) -> Judge:
            return lambda recipient, account: verdict
        return ReceiveDesk(served, screen)
    return make


def numbered(number: int, more: bytes = b"") -> bytes:
    """Another message."""
    return SIMPLE.replace(b"<1@", b"<%d@" % number) + more


async def test_what_is_refused_for_now_is_kept(desk: Callable[[Verdict], ReceiveDesk], served: World, recorded: Recorded) -> None:
    """As read, with its reasons, once, however often it comes; the peer hears 451, and the trace has the reasons."""
    for _ in range(3):
        assert (await bring(desk(REFUSED), ["ann@example.org", "bob@example.org"])).reply == LATER

    [letter] = letters(served, "ann", "Rejects")
    assert (letter.summary.flags, [reason.key for reason in letter.reasons]) == (("\\Seen",), ["test"])
    assert len(letters(served, "bob", "Rejects")) == 1
    row = reading.mailbox_named(served, people.get_account(served, "ann").id, "Rejects")
    assert (row.total, row.unread) == (1, 0)
    assert recorded.keys().count("judge.refused") == 6
    assert recorded.keys().count("smtp.refused_message") == 3
    assert spooled(served) == []


async def test_a_later_copy_replaces_it(desk: Callable[[Verdict], ReceiveDesk], served: World) -> None:
    """Once the message is accepted there is nothing to be looked for in Rejects; other messages stay."""
    await bring(desk(REFUSED), ["ann@example.org"])
    await bring(desk(REFUSED), ["ann@example.org"], numbered(2))
    await bring(desk(ACCEPTED), ["ann@example.org"])

    assert len(letters(served, "ann")) == 1
    assert [letter.summary.message_id for letter in letters(served, "ann", "Rejects")] == ["2@else.example"]


async def test_without_a_message_id(desk: Callable[[Verdict], ReceiveDesk], served: World) -> None:
    """Then the octets tell that it is the same."""
    bare = b"From: c@else.example\r\n\r\nx\r\n"
    for text in (bare, bare, bare + b"y\r\n"):
        await bring(desk(REFUSED), ["ann@example.org"], text)
    assert len(letters(served, "ann", "Rejects")) == 2
    await bring(desk(ACCEPTED), ["ann@example.org"], bare)

    assert len(letters(served, "ann", "Rejects")) == 1


async def test_what_is_refused_for_good_is_not_kept(desk: Callable[[Verdict], ReceiveDesk], served: World) -> None:
    """Nor what is too large to be a sign-up mail, nor what a full account has no room for."""
    await bring(desk(replace(REFUSED, keep_reject=False)), ["ann@example.org"])
    await bring(desk(REFUSED), ["ann@example.org"], SIMPLE + b"x" * rejects.LARGEST)
    people.set_account(served, "ann", quota=1_000, by=BY)
    answer = await bring(desk(REFUSED), ["ann@example.org"], SIMPLE + b"x" * 1_000)

    assert answer.reply == LATER
    assert letters(served, "ann", "Rejects") == []
    assert spooled(served) == []


async def test_it_is_bounded(desk: Callable[[Verdict], ReceiveDesk], served: World, clock: SetClock) -> None:
    """The oldest make room for the newest."""
    for number in range(12):
        clock.advance(1)
        await bring(desk(REFUSED), ["ann@example.org"], numbered(number, b"x" * (rejects.LARGEST - 1_000)))

    kept = letters(served, "ann", "Rejects")
    assert sum(letter.summary.size for letter in kept) <= LIMITS.rejects_octets
    assert kept[0].summary.message_id == "11@else.example"
    assert 8 <= len(kept) <= 10


async def test_pruning(desk: Callable[[Verdict], ReceiveDesk], served: World, clock: SetClock) -> None:
    """After two weeks it goes, or after as many days as the account wants."""
    await bring(desk(REFUSED), ["ann@example.org", "bob@example.org"])
    clock.advance(14 * DAY - 10)
    await bring(desk(REFUSED), ["ann@example.org"], numbered(2))
    assert rejects.prune(served, 100) == 0
    clock.advance(20)

    assert rejects.prune(served, 100) == 2
    assert rejects.prune(served, 100) == 0
    assert len(letters(served, "ann", "Rejects")) == 1
    preferences.change(served, people.get_account(served, "ann").id, {"reject_days": 0}, by=BY)
    assert rejects.prune(served, 100) == 1


async def test_a_mailbox_for_it_must_be_there(desk: Callable[[Verdict], ReceiveDesk], served: World) -> None:
    """Whoever removed Rejects wants nothing kept."""

    ann = people.get_account(served, "ann").id
    row = served.store.read(lambda db: mailboxes.by_role(db, ann, "rejects"))
    assert row is not None
    served.store.write_now(lambda db: mailboxes.remove(db, row.id))

    assert (await bring(desk(REFUSED), ["ann@example.org"])).reply == LATER
    assert letters(served, "ann") == []
