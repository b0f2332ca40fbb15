"""mta.smtp.transfer: from the first octet of a message to the desk's answer, whatever goes wrong."""
import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from mta.base.errors import NoRoom, TemporaryError
from mta.base.events import Event
from mta.base.limits import LIMITS
from mta.base.reply import Reply
from mta.smtp.transfer import trouble_reply
from tests.smtp.plaindesk import MemoryBody, MemorySink, PlainDesk
from tests.smtp.talk import talking

ATTACKS = json.loads((Path(__file__).parent.parent / "vectors" / "smtp-wire-attacks" / "wire.json").read_text())["smuggling"]
TRICKS = sorted({attack["octets"] for attack in ATTACKS["inbound_end_of_data"]} | set(ATTACKS["outbound_end_of_data"]))


@pytest.mark.parametrize("trick", TRICKS, ids=repr)
async def test_smuggling(trick: str) -> None:
    """No trick makes two messages of one, nor a command of content: one reply, a 5xx, at the real end."""
    desk = PlainDesk()
    async with talking(desk) as talk:
        await talk.hello()
        await talk.envelope()
        before = len(talk.transport.written)
        await talk.send(b"Subject: x\r\n\r\nline" + trick.encode("latin-1")
                        + b"MAIL FROM:<evil@a.example>\r\nRCPT TO:<ann@example.test>\r\nDATA\r\nSubject: smuggled\r\n")
        for _ in range(5):
            await asyncio.sleep(0)
        assert len(talk.transport.written) == before
        assert (await talk.ask("\r\n.")).startswith("554 5.6.0 ")
        assert await talk.ask("NOOP") == "250 2.0.0 Yes"

    assert desk.messages == []


def test_troubles_of_ours_are_temporary() -> None:
    """A full disk has its own code (RFC 5321 §4.2.3)."""
    assert (trouble_reply(NoRoom("full")).code, trouble_reply(NoRoom("full")).enhanced) == (452, "4.3.1")
    assert trouble_reply(TemporaryError("secret path")).code == 451
    assert "secret" not in trouble_reply(TemporaryError("secret path")).text


@pytest.mark.parametrize(("problem", "code"), [(NoRoom("disk"), "452 4.3.1"), (TemporaryError("lock"), "451 4.3.0")])
async def test_trouble_while_reading(problem: Exception, code: str) -> None:
    """The message is read to its end, the reply belongs there, and the session goes on."""
    desk = PlainDesk()
    desk.sink_trouble = problem
    async with talking(desk) as talk:
        await talk.hello()
        await talk.envelope()
        await talk.send(b"x\r\n")
        await talk.send(b"MAIL FROM:<x>\r\n.\r\n")
        assert (await talk.reply()).startswith(code)
        assert await talk.ask("NOOP") == "250 2.0.0 Yes"

    assert desk.messages == []
    assert desk.sinks[0].abandoned
    assert [str(facts["reply"])[:9] for facts in desk.noted(Event.MESSAGE_REFUSED)] == [code]


@pytest.mark.parametrize(("problem", "code"), [(NoRoom("disk"), "452 4.3.1"), (RuntimeError("bug"), "451 4.3.0")])
async def test_trouble_at_the_desk(problem: Exception, code: str) -> None:
    """Whatever message() raises, the client hears 4xx, the body does not stay behind, and the session goes on."""
    desk = PlainDesk()
    desk.trouble = problem
    async with talking(desk) as talk:
        await talk.hello()
        await talk.envelope()
        assert (await talk.ask("x\r\n.")).startswith(code)
        await talk.envelope()
        desk.trouble = None
        assert (await talk.ask("y\r\n.")).startswith("250 ")

    assert [body.abandoned for body in desk.bodies] == [True, False]
    assert len(desk.noted(Event.UNEXPECTED)) == isinstance(problem, RuntimeError)


async def test_no_place_for_a_message() -> None:
    """If there is no room before the message starts, DATA itself is refused and may be repeated."""
    class Full(PlainDesk):
        def sink(self) -> MemorySink:
            if not self.sinks and not self.events.count(("asked",)):  # type: ignore[arg-type]  # a mark of this test's own
                self.events.append(("asked",))  # type: ignore[arg-type]
                raise NoRoom("disk")
            return super().sink()

    async with talking(Full()) as talk:
        await talk.hello()
        await talk.send(b"MAIL FROM:<>\r\nRCPT TO:<ann@example.test>\r\nDATA\r\n")
        assert [(await talk.reply())[:3] for _ in range(3)] == ["250", "250", "452"]
        assert (await talk.ask("DATA")).startswith("354")
        assert (await talk.ask("x\r\n.")).startswith("250")


async def test_a_sink_that_fails_at_its_end() -> None:
    """finish() may find the disk full as well."""
    class Late(PlainDesk):
        def sink(self) -> MemorySink:
            class LateSink(MemorySink):
                def finish(self) -> MemoryBody:
                    raise NoRoom("disk")
            self.sinks.append(LateSink(None))
            return self.sinks[-1]

    async with talking(Late()) as talk:
        await talk.hello()
        await talk.envelope()
        assert (await talk.ask("x\r\n.")).startswith("452 4.3.1")


async def test_a_refused_message_that_does_not_end() -> None:
    """Reading on has a bound; then the refusal is said and the connection closed."""
    desk = PlainDesk(max_size=1_000)
    async with talking(desk, limits=replace(LIMITS, refused_message=5_000)) as talk:
        await talk.hello()
        await talk.envelope()
        for _ in range(7):
            await talk.send(b"x" * 998 + b"\r\n")
        assert (await talk.reply()).startswith("552 5.3.4")
        await talk.closed()

    assert desk.sinks[0].abandoned
    closed, = desk.noted(Event.SESSION_CLOSED)
    assert closed["reason"] == "a refused message did not end"


async def test_the_desk_hears_nothing_of_a_refused_message() -> None:
    """A smuggling attempt reaches neither sink nor desk."""
    desk = PlainDesk()
    async with talking(desk) as talk:
        await talk.hello()
        await talk.envelope()
        assert await talk.ask("a\nb\r\n.") == "554 5.6.0 The message has an LF without CR; lines must end with CR LF"
        refused, = desk.noted(Event.MESSAGE_REFUSED)
        assert (refused["sender"], refused["recipients"], refused["octets"]) == ("bob@a.example", ["ann@example.test"], 5)
        assert desk.bodies == []
        assert desk.sinks[0].pieces == []


async def test_a_desk_that_hangs_up_after_a_message() -> None:
    """421 from the desk ends the session, once it was said."""
    class Tired(PlainDesk):
        async def message(self, transaction: object, body: MemoryBody) -> Reply:
            return Reply(421, "4.7.0", "Enough")

    async with talking(Tired()) as talk:
        await talk.hello()
        await talk.envelope()
        assert (await talk.ask("x\r\n.")).startswith("421 4.7.0 Enough")
        await talk.closed()
