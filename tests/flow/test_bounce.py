"""Senders are told what became of their mail."""
import email
from collections.abc import Callable
from dataclasses import replace

import pytest

from mta.base.clock import SetClock
from mta.base.errors import Failure, Reach
from mta.base.events import Event, Recorded
from mta.flow import bounce
from mta.flow.world import World
from mta.report.dsn import Fate
from mta.store import queue
from mta.store.connection import Connection
from mta.store.queue import QueuedMessage
from tests.flow.outbox import CONTENT, deliver, facts, lone, put, waiting
from tests.flow.post import letters, source, written

NO = Failure(Reach.RECIPIENT, True, 550, "5.1.1", "No such user", "RCPT", "mx.b.test")


def given_up(world: World, ident: int) -> Callable[[Connection], None]:
    """A change that gives a recipient up."""
    def change(db: Connection) -> None:
        assert queue.failed(db, world.clock, ident, NO)
    return change


def nothing(db: Connection) -> None:
    """A change that changes nothing."""


async def told(world: World, **flags: object) -> tuple[QueuedMessage, list[QueuedMessage]]:
    """A message whose recipient failed, and the notices that were queued about it."""
    await put(world, "bob@b.test", **flags)    # type: ignore[arg-type]  # as the test says
    message, one = lone(waiting(world))
    await bounce.failed(world, message, [Fate(one.recipient, NO, world.clock.timestamp())], nothing)
    return message, [other for other, _ in waiting(world) if other.id != message.id]


async def test_a_bounce(served: World, recorded: Recorded) -> None:
    """Null sender, our own signature, the parts of RFC 3464, the message it is about."""
    message, notices = await told(served)

    notice = lone(notices)
    assert (notice.sender, notice.kind, notice.trace) == (None, "bounce", message.trace)
    parsed = email.message_from_bytes(written(served, notice))
    assert parsed["DKIM-Signature"]
    assert parsed["From"] == '"Mail server mx.example.org" <postmaster@mx.example.org>'
    assert (parsed["Auto-Submitted"], parsed["In-Reply-To"]) == ("auto-replied", "<1@example.org>")
    assert parsed.get_content_type() == "multipart/report"
    assert b"Subject: Hello" in written(served, notice)
    assert lone(facts(recorded, Event.NOTICE_SENT))["kind"] == "bounce"


async def test_it_arrives(served: World) -> None:
    """A sender of ours reads it in the inbox."""
    message, _ = await told(served)
    await served.store.write(lambda db: queue.failed(db, served.clock, 1, NO))
    await deliver(served)

    [letter] = letters(served, "ann")
    assert "Return-Path: <>" in source(served, letter).decode()
    assert letter.summary.subject == "Not delivered: Hello"
    assert message.id


async def test_notices_travel_as_their_message(served: World) -> None:
    """REQUIRETLS is asked for again, with the header alone (RFC 8689 §5); so is that it need not be (§6)."""
    required, [notice] = await told(served, tls_required="yes", content=b"Subject: Hello\r\n\r\nThe secret\r\n")
    assert (required.tls_required, notice.tls_required, notice.sender) == ("yes", "yes", None)
    text = written(served, notice)
    assert b"Subject: Hello" in text
    assert b"The secret" not in text
    assert b"\r\nTLS-Required" not in text
    await served.store.write(lambda db: [queue.failed(db, served.clock, one.id, NO) for _, one in waiting(served)])

    _, [notice] = await told(served, tls_required="no", content=b"Subject: Hello\r\nTLS-Required: No\r\n\r\nText\r\n")
    assert notice.tls_required == "no"
    assert email.message_from_bytes(written(served, notice))["TLS-Required"] == "No"


@pytest.mark.parametrize("tls_required", ["", "no"])
async def test_usual_notices(served: World, tls_required: str) -> None:
    """What the administrator grants a message, its notice does not claim; what the sender said and REQUIRETLS beat, neither."""
    content = CONTENT if tls_required else b"TLS-Required: No\r\n" + CONTENT
    _, [notice] = await told(served, tls_required=tls_required, content=content)

    assert notice.tls_required == ""
    assert "TLS-Required" not in email.message_from_bytes(written(served, notice))


async def test_a_delayed_one_too(served: World, clock: SetClock) -> None:
    """Not only what failed for good."""
    await put(served, "bob@b.test", tls_required="yes")
    message, one = lone(waiting(served))
    await bounce.delayed(served, message, [Fate(one.recipient, NO, clock.timestamp())], lambda db: queue.delay_noticed(db, [one.id]))

    assert [other.tls_required for other, _ in waiting(served)] == ["yes", "yes"]


async def test_nobody_is_told(served: World, recorded: Recorded) -> None:
    """No notice about a notice, nor without a sender, nor about our own reports."""
    assert bounce.wanted((await told(served))[0])
    for flags in ({"sender": None}, {"kind": "dmarc_report"}, {"kind": "tls_report"}, {"kind": "bounce", "sender": None},
                  {"kind": "delayed", "sender": None}):
        await served.store.write(lambda db: [queue.failed(db, served.clock, one.id, NO) for _, one in waiting(served)])
        recorded.records.clear()
        message, notices = await told(served, **flags)
        assert not bounce.wanted(message)
        assert notices == []
        assert facts(recorded, Event.NOTICE_SENT) == []


async def test_a_delay(served: World, clock: SetClock) -> None:
    """The other kind, with the same commit for what the queue remembers."""
    await put(served, "bob@b.test")
    message, one = lone(waiting(served))
    await bounce.delayed(served, message, [Fate(one.recipient, NO, clock.timestamp())], lambda db: queue.delay_noticed(db, [one.id]))

    rows = waiting(served)
    assert rows[0][1].delay_noticed
    assert b"Not delivered yet" in written(served, rows[1][0])


async def test_a_body_that_is_gone(served: World) -> None:
    """Then the notice has what there is of the header."""
    await put(served, "bob@b.test", prefix=b"X-Prefix: here\r\n")
    message, one = lone(waiting(served))
    path = served.store.bodies.path(message.body_name)
    kept = path.read_bytes()
    path.unlink()
    await bounce.failed(served, message, [Fate(one.recipient, NO, 1.0)], nothing)
    path.write_bytes(kept)

    assert b"X-Prefix: here" in written(served, waiting(served)[1][0])


@pytest.mark.parametrize(("kind", "mailbox"), [("dmarc_report", "DMARC"), ("tls_report", "TLSRPT")])
async def test_a_report_that_failed(served: World, recorded: Recorded, kind: str, mailbox: str) -> None:
    """Nobody is bothered: the notice lies, as read, where the postmaster looks for it, in the commit that gives the report up."""
    await put(served, "agg@b.test", kind=kind)
    message, one = lone(waiting(served))
    await bounce.failed(
        served, message, [Fate(one.recipient, NO, served.clock.timestamp())], given_up(served, one.id))

    assert waiting(served) == []
    [letter] = letters(served, "ann", mailbox)
    assert letter.summary.flags == ("\\Seen",)
    assert letter.summary.subject == "Not delivered: Hello"
    assert letters(served, "ann") == []
    text = source(served, letter)
    assert b"agg@b.test" in text
    assert b"550 5.1.1 No such user" in text
    assert facts(recorded, Event.REPORT_FAILED) == [
        {"kind": kind, "recipient": one.recipient, "reply": "550 5.1.1 No such user"}]
    assert facts(recorded, Event.NOTICE_SENT) == []


async def test_no_room_for_it(served: World) -> None:
    """What is worth so little does not break a quota; the report is given up all the same."""
    served.store.write_now(lambda db: db.execute("UPDATE account SET quota = 1"))
    await put(served, "agg@b.test", kind="dmarc_report")
    message, one = lone(waiting(served))
    await bounce.failed(
        served, message, [Fate(one.recipient, NO, served.clock.timestamp())], given_up(served, one.id))
    assert waiting(served) == []
    assert letters(served, "ann", "DMARC") == []


async def test_no_postmaster_for_it(served: World) -> None:
    """Without an account of that name the history is all that remembers it."""
    served.config = replace(served.config, postmaster="nobody")
    await put(served, "agg@b.test", kind="dmarc_report")
    message, one = lone(waiting(served))
    await bounce.failed(
        served, message, [Fate(one.recipient, NO, served.clock.timestamp())], given_up(served, one.id))
    assert waiting(served) == []


async def test_a_report_that_waits_bothers_nobody(served: World, clock: SetClock) -> None:
    """No notice that it is late."""
    await put(served, "agg@b.test", kind="dmarc_report")
    message, one = lone(waiting(served))
    await bounce.delayed(served, message, [Fate(one.recipient, NO, clock.timestamp())], nothing)
    assert len(waiting(served)) == 1
