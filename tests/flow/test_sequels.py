"""What follows by itself: planned before a message is stored, queued in the same commit, and never in its way."""
from typing import Any

import pytest

from mta.base.errors import TemporaryError, UserError
from mta.base.events import Event, Recorded
from mta.base.names import Address
from mta.dns.zone import Zone
from mta.flow import answers, forwarding, onward, people, ruling, vacation
from mta.flow.deliver import Delivery
from mta.flow.judging import Judging
from mta.flow.receive import ReceiveDesk
from mta.flow.world import World
from mta.judge.rules import Actions, Conditions, Rule
from mta.judge.screen import Arrival, Judge, Reason, Verdict
from mta.store import vacations
from mta.store.vacations import Vacation
from tests.flow import outbox
from tests.flow.away import account_id, confirmed
from tests.flow.outbox import FullAtFirst, facts
from tests.flow.post import SIMPLE, bring, letters, queued, written

BY = "a test"
AWAY = Vacation(True, text="I am away.")


async def test_one_commit_for_all(served: World, recorded: Recorded) -> None:
    """The message, an answer and a forwarded copy are there together; the trace tells of all."""
    vacation.change(served, account_id(served, "ann"), AWAY, by=BY)
    confirmed(served, "ann", "ann@far.example")
    answer = await bring(ReceiveDesk(served), ["ann@example.org"])

    assert answer.reply is not None
    assert answer.reply.positive
    assert len(letters(served, "ann")) == 1
    sent = {str(recipient.recipient): message for message, recipient in queued(served)}
    assert sent.keys() == {"carl@else.example", "ann@far.example"}
    assert sent["carl@else.example"].sender is None
    assert [one["recipient"] for one in facts(recorded, Event.ANSWERED)] == [Address.parse("carl@else.example")]
    assert [one["recipient"] for one in facts(recorded, Event.FORWARDED)] == [Address.parse("ann@far.example")]


async def test_nothing_follows_what_is_not_stored(served: World) -> None:
    """If the commit fails the message is refused for now, and nobody is answered or remembered."""
    vacation.change(served, account_id(served, "ann"), AWAY, by=BY)
    confirmed(served, "ann", "ann@far.example")
    store = served.store
    served.store = FullAtFirst(store, [TemporaryError("full")])    # type: ignore[assignment]  # as good as a store
    first = await bring(ReceiveDesk(served), ["ann@example.org"])
    served.store = store

    assert first.reply is not None
    assert not first.reply.positive
    assert queued(served) == []
    second = await bring(ReceiveDesk(served), ["ann@example.org"])
    assert second.reply is not None
    assert second.reply.positive
    assert len(queued(served)) == 2


@pytest.mark.parametrize("place", [(answers, "plan"), (answers, "write"), (onward, "plan"), (onward, "write")])
async def test_trouble_there_is_none_of_the_message(
        served: World, recorded: Recorded, monkeypatch: pytest.MonkeyPatch, place: tuple[Any, str]) -> None:
    """Whatever goes wrong is noted; the message is stored all the same."""
    def fail(*_: object, **__: object) -> None:
        raise UserError("stumbled")

    vacation.change(served, account_id(served, "ann"), AWAY, by=BY)
    confirmed(served, "ann", "ann@far.example")
    monkeypatch.setattr(*place, fail)
    answer = await bring(ReceiveDesk(served), ["ann@example.org"])

    assert answer.reply is not None
    assert answer.reply.positive
    assert len(letters(served, "ann")) == 1
    assert facts(recorded, Event.UNEXPECTED)[0]["where"] == "mta.flow.sequels"


async def test_a_disabled_account_does_nothing(served: World) -> None:
    """Its mail is kept coming, but it sends nothing."""
    vacation.change(served, account_id(served, "ann"), AWAY, by=BY)
    confirmed(served, "ann", "ann@far.example")
    people.set_account(served, "ann", enabled=False, by=BY)
    await bring(ReceiveDesk(served), ["ann@example.org"])

    assert len(letters(served, "ann")) == 1
    assert queued(served) == []


async def test_mail_of_our_own_users(served: World) -> None:
    """It takes the same road: bob's message to ann is answered and forwarded when it is delivered here."""
    vacation.change(served, account_id(served, "ann"), AWAY, by=BY)
    confirmed(served, "ann", "ann@far.example")
    content = b"From: bob@example.org\r\nTo: ann@example.org\r\nSubject: Hello\r\nMessage-ID: <1@example.org>\r\n\r\nText\r\n"
    await outbox.put(served, "ann@example.org", sender="bob@example.org", content=content, account=account_id(served, "bob"),
                     prefix=b"DKIM-Signature: x\r\n")
    async with outbox.delivering(served) as delivery:
        await _until_here(served, delivery)
        await outbox.settled(delivery, served)

    [message] = letters(served, "bob")
    assert message.summary.subject == "Auto: Hello"
    assert message.text.strip() == "I am away."
    # far.example does not exist: whose forwarding it was is told, not who wrote.
    assert len(letters(served, "bob")) == 1
    notice, came = letters(served, "ann")
    assert came.summary.subject == "Hello"
    assert [reason.key for reason in came.reasons][-1] == "forwarded"
    assert notice.summary.subject == "Not forwarded: Hello"
    assert "could not be forwarded to a recipient" in notice.text
    assert "You have a copy of it here" in notice.text
    assert notice.reasons[-1].key == "forward-notice"
    assert queued(served) == []


async def _until_here(world: World, delivery: Delivery) -> None:
    await outbox.until(lambda: bool(letters(world, "bob")) or delivery.wake() is not None)    # type: ignore[func-returns-value]


async def test_vacation_against_vacation(served: World) -> None:
    """Two who are away write to each other once: an answer is never answered."""
    for name in ("ann", "bob"):
        vacation.change(served, account_id(served, name), AWAY, by=BY)
    content = b"From: bob@example.org\r\nTo: ann@example.org\r\nSubject: Hello\r\nMessage-ID: <1@example.org>\r\n\r\nText\r\n"
    await outbox.put(served, "ann@example.org", sender="bob@example.org", content=content, account=account_id(served, "bob"))
    async with outbox.delivering(served) as delivery:
        await _until_here(served, delivery)
        await outbox.settled(delivery, served)

    assert [len(letters(served, name)) for name in ("ann", "bob")] == [1, 1]
    assert queued(served) == []


async def test_forwarding_in_a_circle(served: World) -> None:
    """Ann forwards to bob and bob to ann: each has the message, ann twice, and there it ends."""
    confirmed(served, "ann", "bob@example.org")
    confirmed(served, "bob", "ann@example.org")
    content = b"From: carl@else.example\r\nTo: ann@example.org\r\nSubject: Round\r\nMessage-ID: <1@else.example>\r\n\r\nText\r\n"
    await bring(ReceiveDesk(served), ["ann@example.org"], content)
    async with outbox.delivering(served) as delivery:
        await outbox.until(lambda: len(letters(served, "ann")) == 2 or delivery.wake() is not None)    # type: ignore[func-returns-value]
        await outbox.settled(delivery, served)

    assert [len(letters(served, name)) for name in ("ann", "bob")] == [2, 1]
    assert queued(served) == []
    assert "goes in a circle" in letters(served, "ann")[0].reasons[-1].text


async def test_rules_answer_and_forward(served: World) -> None:
    """A rule forwards to a confirmed address that gets not everything, and gives an answer of its own."""
    confirmed(served, "ann", "ann@far.example", everything=False)
    await bring(ReceiveDesk(served), ["ann@example.org"])
    assert queued(served) == []
    ann = account_id(served, "ann")
    desk = ReceiveDesk(served, Judging(served))
    ruling.add(served, ann, Rule("far", Conditions(author="carl@*"), Actions(forward="ann@far.example", reply="It was received.")), by=BY)
    await bring(desk, ["ann@example.org"])

    sent = {str(recipient.recipient): message for message, recipient in queued(served)}
    assert sent.keys() == {"carl@else.example", "ann@far.example"}
    assert b"It was received." in written(served, sent["carl@else.example"])
    await bring(desk, ["ann@example.org"])
    assert sorted(str(one.recipient) for _, one in queued(served)) == ["ann@far.example", "ann@far.example", "carl@else.example"]


async def test_nothing_follows_junk(served: World, zone: Zone) -> None:
    """Nobody is answered and nothing forwarded for what is put into Junk."""
    async def strict(arrival: Arrival) -> Judge:
        return lambda recipient, account: Verdict("junk", (Reason("It is junk."),))

    vacation.change(served, account_id(served, "ann"), AWAY, by=BY)
    confirmed(served, "ann", "ann@far.example")
    await bring(ReceiveDesk(served, strict), ["ann@example.org"])

    assert len(letters(served, "ann", "Junk")) == 1
    assert queued(served) == []


async def test_answers_are_remembered_with_the_message(served: World) -> None:
    """The row that says whom we answered is in the commit of the message; its body is in the queue."""
    ann = account_id(served, "ann")
    vacation.change(served, ann, AWAY, by=BY)
    assert forwarding.all_targets(served, ann) == []
    await bring(ReceiveDesk(served), ["ann@example.org"], SIMPLE)

    carl = Address.parse("Carl@else.example")
    assert served.store.read(lambda db: vacations.answered(db, served.clock, ann, vacations.VACATION, carl, 60.0))
