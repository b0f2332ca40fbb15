"""mta.smtp.session: octets, timers and endings; what needs a network runs on real sockets and both event loops."""
import asyncio
from dataclasses import replace

import pytest

from mta.base.events import Event
from mta.base.limits import LIMITS
from mta.base.names import Domain
from mta.base.reply import Reply
from mta.smtp.desk import Peer, Session
from mta.smtp.session import FULL
from tests.smtp.plaindesk import PlainDesk
from tests.smtp.talk import PATIENCE, serving, talking


async def test_a_message_over_a_socket() -> None:
    """Greeting to farewell, with everything noted on the way."""
    desk = PlainDesk()
    async with serving(desk) as here:
        client = await here.connect()
        await client.hello()
        await client.send(b"MAIL FROM:<bob@a.example>\r\nRCPT TO:<ann@example.test>\r\nDATA\r\n")
        assert [(await client.reply())[:3] for _ in range(3)] == ["250", "250", "354"]
        assert await client.ask("Subject: x\r\n\r\n..y\r\n.") == "250 2.0.0 Stored"
        assert (await client.ask("QUIT")).startswith("221")
        assert await client.reply() == ""

    (transaction, content), = desk.messages
    assert content == b"Subject: x\r\n\r\n.y\r\n"
    assert [str(recipient) for recipient in transaction.recipients] == ["ann@example.test"]
    assert transaction.session.peer.listener == "smtp"
    assert str(transaction.session.peer.ip) == "127.0.0.1"
    assert transaction.protocol == "ESMTP"
    assert [event for event, _, _ in desk.events] == [
        Event.SESSION_OPENED, Event.HELLO, Event.MAIL_FROM, Event.RECIPIENT_ACCEPTED, Event.SESSION_CLOSED]
    closed, = desk.noted(Event.SESSION_CLOSED)
    assert (closed["reason"], closed["messages"]) == ("quit", 1)


async def test_pipelined_replies_leave_together() -> None:
    """RFC 2920 §3.2: one write for a group, the go-ahead for DATA with it."""
    async with talking() as talk:
        await talk.hello()
        before = len(talk.transport.written)
        await talk.send(b"MAIL FROM:<>\r\nRCPT TO:<ann@example.test>\r\nRCPT TO:<x@example.test>\r\nDATA\r\n")
        assert [(await talk.reply())[:3] for _ in range(4)] == ["250", "250", "550", "354"]
        assert len(talk.transport.written) == before + 1


async def test_half_close_after_the_final_dot() -> None:
    """A client that closes its half while we store gets its answer: nothing is cancelled."""
    desk = PlainDesk()
    desk.gate.clear()
    async with serving(desk) as here:
        client = await here.connect()
        await client.hello()
        await client.send(b"MAIL FROM:<>\r\nRCPT TO:<ann@example.test>\r\nDATA\r\n")
        for _ in range(3):
            await client.reply()
        await client.send(b"x\r\n.\r\n")
        client.writer.write_eof()
        await asyncio.wait_for(desk.storing.wait(), PATIENCE)
        await asyncio.sleep(0.05)       # time for a wrong cancellation to happen
        desk.gate.set()
        assert await client.reply() == "250 2.0.0 Stored"
        assert await client.reply() == ""

    assert [content for _, content in desk.messages] == [b"x\r\n"]


@pytest.mark.parametrize("ending", ["reset", "closed"])
async def test_connection_lost_during_the_commit(ending: str) -> None:
    """What is being stored is stored, though nobody hears of it; a new session is served meanwhile."""
    desk = PlainDesk()
    desk.gate.clear()
    async with serving(desk) as here:
        client, other = await here.connect(), await here.connect()
        await client.hello()
        await client.send(b"MAIL FROM:<>\r\nRCPT TO:<ann@example.test>\r\nDATA\r\n")
        for _ in range(3):
            await client.reply()
        await client.send(b"x\r\n.\r\nNOOP\r\nMAIL FROM:<>\r\n")
        await asyncio.wait_for(desk.storing.wait(), PATIENCE)
        if ending == "reset":
            client.writer.transport.abort()
        else:
            client.writer.close()
        await other.hello()
        desk.gate.set()
        assert (await other.ask("QUIT")).startswith("221")

    assert [content for _, content in desk.messages] == [b"x\r\n"]
    assert not desk.bodies[0].abandoned
    assert Event.UNEXPECTED not in [event for event, _, _ in desk.events]


async def test_a_cancelled_session_still_stores() -> None:
    """Even if the loop cancels the session's task, the message is seen through."""
    desk = PlainDesk()
    desk.gate.clear()
    async with talking(desk) as talk:
        await talk.hello()
        await talk.envelope()
        await talk.send(b"x\r\n.\r\n")
        await asyncio.wait_for(desk.storing.wait(), PATIENCE)
        task = talk.session._handler_coroutine
        assert task is not None
        task.cancel()
        await asyncio.wait([task])
        desk.gate.set()
        await asyncio.wait_for(talk.register.empty(), PATIENCE)

    assert [content for _, content in desk.messages] == [b"x\r\n"]


async def test_connection_lost_within_data() -> None:
    """Half a message is no message: nothing is stored, nothing stays behind, and an open DATA is no bare command line."""
    desk = PlainDesk()
    async with talking(desk) as talk:
        await talk.hello()
        await talk.envelope()
        await talk.send(b"x\r\n.\r")
        talk.transport.lose(ConnectionResetError())
        await talk.closed()

    assert desk.messages == []
    assert desk.sinks[0].abandoned
    closed, = desk.noted(Event.SESSION_CLOSED)
    assert closed["reason"] == "the connection was lost"


async def test_half_closed_within_data() -> None:
    """A client that closes its half before the final dot gets no message stored."""
    desk = PlainDesk()
    async with talking(desk) as talk:
        await talk.hello()
        await talk.envelope()
        await talk.send(b"x\r\n")
        talk.half_close()
        await talk.closed()

    assert desk.messages == []
    assert desk.sinks[0].abandoned


async def test_commands_before_a_half_close_are_answered() -> None:
    """What was sent before the end counts."""
    async with talking() as talk:
        await talk.send(b"EHLO a.example\r\nNOOP\r\n")
        talk.half_close()
        assert [(await talk.reply())[:3] for _ in range(3)] == ["220", "250", "250"]
        await talk.closed()


async def test_silence_before_the_first_mail() -> None:
    """Who has not said what they want gets less time, and is told."""
    desk = PlainDesk()
    async with serving(desk, limits=replace(LIMITS, greeting_wait=0.05)) as here:
        client = await here.connect()
        assert (await client.reply()).startswith("220")
        assert await client.reply() == "421 4.4.2 Nothing came for too long; connect again"
        assert await client.reply() == ""

    assert [facts["reason"] for facts in desk.noted(Event.SESSION_CLOSED)] == ["the client kept us waiting"]


async def test_a_trickling_command_line_is_no_progress() -> None:
    """The wait is for the whole line: an octet now and then does not prolong it."""
    async with serving(limits=replace(LIMITS, greeting_wait=0.1)) as here:
        client = await here.connect()
        await client.reply()

        async def trickle() -> None:
            while True:
                client.writer.write(b"N")
                await asyncio.sleep(0.01)

        task = asyncio.create_task(trickle())
        assert (await client.reply()).startswith("421 4.4.2")
        task.cancel()


async def test_silence_within_data() -> None:
    """The wait between chunks has its own bound."""
    desk = PlainDesk()
    async with talking(desk, limits=replace(LIMITS, chunk_wait=0.05)) as talk:
        await talk.hello()
        await talk.envelope()
        await talk.send(b"x\r\n")
        assert (await talk.reply()).startswith("421 4.4.2")
        await talk.closed()

    assert desk.messages == []


async def test_a_message_that_never_ends() -> None:
    """All of DATA has a bound, however steadily the octets drip."""
    desk = PlainDesk()
    async with talking(desk, limits=replace(LIMITS, data_wait=0.1)) as talk:
        await talk.hello()
        await talk.envelope()
        while not talk.transport.is_closing():
            await talk.send(b"x\r\n")
            await asyncio.sleep(0.01)
        assert (await talk.reply()).startswith("421 4.4.2")

    assert desk.sinks[0].abandoned


async def test_storing_is_not_timed() -> None:
    """While we work, no timer runs against the client."""
    desk = PlainDesk()
    desk.gate.clear()
    async with talking(desk, limits=replace(LIMITS, chunk_wait=0.02, data_wait=0.02, command_wait=5, greeting_wait=5)) as talk:
        await talk.hello()
        await talk.envelope()
        await talk.send(b"x\r\n.\r\n")
        await asyncio.wait_for(desk.storing.wait(), PATIENCE)
        await asyncio.sleep(0.1)
        desk.gate.set()
        assert await talk.reply() == "250 2.0.0 Stored"


async def test_a_client_that_does_not_read() -> None:
    """Replies that nobody takes hold the session up until the wait is over; then the connection is dropped."""
    desk = PlainDesk()
    async with talking(desk, limits=replace(LIMITS, greeting_wait=0.05)) as talk:
        assert (await talk.reply()).startswith("220")
        talk.session.pause_writing()
        talk.transport.unsent = 100_000
        await talk.send(b"EHLO a.example\r\n")
        await asyncio.wait_for(talk.register.empty(), PATIENCE)
        assert talk.transport.aborted


async def test_last_words_that_nobody_takes() -> None:
    """A closed connection whose buffer does not drain is dropped after a while."""
    async with talking(limits=replace(LIMITS, farewell=0.02)) as talk:
        talk.transport.close = lambda: None  # type: ignore[method-assign]  # as a transport with unsent octets does
        await talk.send(b"QUIT\r\n")
        await asyncio.wait_for(talk.transport.closed.wait(), PATIENCE)
        assert talk.transport.aborted


async def test_input_is_bounded() -> None:
    """While the conversation is busy, no more is read than fits; then all of it is answered."""
    desk = PlainDesk()
    desk.gate.clear()
    async with talking(desk, limits=replace(LIMITS, idle_commands=100_000)) as talk:
        await talk.hello()
        await talk.envelope()
        await talk.send(b"x\r\n.\r\n")
        await asyncio.wait_for(desk.storing.wait(), PATIENCE)
        await talk.send(b"NOOP\r\n" * (FULL // 6 + 1))
        assert not talk.transport.is_reading()
        desk.gate.set()
        assert await talk.reply() == "250 2.0.0 Stored"
        for _ in range(FULL // 6 + 1):
            assert await talk.reply() == "250 2.0.0 Yes"
        assert talk.transport.is_reading()


async def test_too_many_sessions() -> None:
    """One more than there may be is turned away without troubling the desk."""
    desk = PlainDesk()
    async with serving(desk, limits=replace(LIMITS, sessions=2)) as here:
        clients = [await here.connect() for _ in range(2)]
        for client in clients:
            assert (await client.reply()).startswith("220")
        late = await here.connect()
        assert (await late.reply()).startswith("421 4.3.2")
        assert await late.reply() == ""
        assert desk.open == 2
        await clients[0].ask("QUIT")
        assert await clients[0].reply() == ""
        assert (await (await here.connect()).reply()).startswith("220")

    assert [facts["reason"] for facts in desk.noted(Event.SESSION_REFUSED)] == ["too many sessions"]


async def test_stopping() -> None:
    """Who is between commands is told to come back; a DATA under way finishes first."""
    desk = PlainDesk()
    async with serving(desk) as here:
        idle, busy = await here.connect(), await here.connect()
        await idle.hello()
        await busy.hello()
        await busy.send(b"MAIL FROM:<>\r\nRCPT TO:<ann@example.test>\r\nDATA\r\n")
        for _ in range(3):
            await busy.reply()
        stopped = asyncio.create_task(here.register.stop())

        assert await idle.reply() == "421 4.3.2 The server is about to stop; connect again in a moment"
        assert await idle.reply() == ""
        assert not stopped.done()
        await busy.send(b"x\r\n.\r\nNOOP\r\n")
        assert await busy.reply() == "250 2.0.0 Stored"
        assert (await busy.reply()).startswith("421 4.3.2")
        await asyncio.wait_for(stopped, PATIENCE)

    assert [content for _, content in desk.messages] == [b"x\r\n"]


async def test_a_desk_that_is_broken() -> None:
    """What the desk raises is ours to mend: the client hears 4xx, the log hears the rest, the process goes on."""
    class Broken(PlainDesk):
        async def opened(self, peer: Peer) -> Reply | None:
            raise RuntimeError("opened")

        async def closed(self, session: Session) -> None:
            raise RuntimeError("closed")

    desk = Broken()
    async with talking(desk) as talk:
        assert (await talk.reply()).startswith("451 4.3.0")
        await talk.closed()

    assert [str(facts["problem"]) for facts in desk.noted(Event.UNEXPECTED)] == ["RuntimeError: opened", "RuntimeError: closed"]


async def test_a_desk_that_does_not_know_its_name() -> None:
    """Even what may not go wrong ends one session only."""
    class Nameless(PlainDesk):
        @property
        def hostname(self) -> Domain:  # type: ignore[override]  # broken on purpose
            raise RuntimeError("nameless")

    desk = Nameless()
    async with talking(desk) as talk:
        await talk.closed()

    closed, = desk.noted(Event.SESSION_CLOSED)
    assert closed["reason"] == "a problem of ours"
    assert [facts["problem"] for facts in desk.noted(Event.UNEXPECTED)] == ["RuntimeError: nameless"]


async def test_gone_before_we_looked() -> None:
    """A connection that has ended before its session began leaves nothing behind."""
    desk = PlainDesk()
    async with talking(desk) as talk:
        talk.transport.known["peername"] = None
        await talk.closed()
    async with talking(desk) as talk:
        talk.session.connection_lost(None)
        await asyncio.sleep(0)

    assert desk.events == []
