"""mta.smtp.conversation: what the dialogs cannot show: trace ids, events, the desk's view."""
import re
from dataclasses import replace

import pytest

from mta.base.errors import NoRoom
from mta.base.events import Event
from mta.base.limits import LIMITS
from mta.base.measures import Measure
from mta.base.names import Address
from mta.base.reply import Reply
from mta.smtp.conversation import showable
from mta.smtp.desk import Transaction
from mta.smtp.states import VERBS
from tests.smtp.plaindesk import PlainDesk
from tests.smtp.talk import TRACE, talking


async def test_trace_ids() -> None:
    """Every reply after MAIL carries its transaction's id, and every refusal some id; greeting, EHLO and NOOP before it do not."""
    desk = PlainDesk()
    async with talking(desk) as talk:
        session = desk.events[0][1] if desk.events else ""
        heard = []
        for command in ("", "NOOP", "BOGUS", "HELO a.example", "MAIL FROM:<bob>", "MAIL FROM:<>", "RCPT TO:<x@example.test>",
                        "RCPT TO:<ann@example.test>", "DATA", "x\r\n.", "NOOP", "MAIL FROM:<>", "BOGUS", "QUIT"):
            await talk.send(command.encode() + b"\r\n" if command else b"")
            found = TRACE.search(await talk.line())
            heard.append(found[1].removeprefix(session or desk.events[0][1]) if found else None)

    assert heard == [None, None, "", None, ".1", ".2", ".2", ".2", ".2", ".2", ".2", ".3", ".3", ".3"]
    traces = {event: trace.partition(".")[2] for event, trace, _ in desk.events}
    assert traces[Event.SESSION_OPENED] == traces[Event.HELLO] == traces[Event.SESSION_CLOSED] == ""
    assert traces[Event.RECIPIENT_ACCEPTED] == "2"
    assert re.fullmatch(r"[0-9a-z]{10}", desk.events[0][1])
    assert desk.messages[0][0].trace == desk.events[0][1] + ".2"


async def test_ehlo_and_help_stay_readable() -> None:
    """After MAIL the id stands in the first line, where EHLO has its greeting; none is glued to the last keyword."""
    async with talking() as talk:
        await talk.hello()
        await talk.ask("MAIL FROM:<>")
        for command, last in (("EHLO a.example", f"250 LIMITS MAILMAX={LIMITS.transactions} RCPTMAX={LIMITS.recipients}"),
                              ("HELP", f"214 2.0.0 It knows {' '.join(VERBS)}")):
            await talk.send(command.encode() + b"\r\n")
            lines = [await talk.line()]
            while lines[-1][3] == "-":
                lines.append(await talk.line())
            assert TRACE.search(lines[0])
            assert lines[-1] == last


async def test_what_the_desk_sees() -> None:
    """Session and transaction, as they are when the desk is asked."""
    seen: list[tuple[str, int, str, int]] = []

    class Curious(PlainDesk):
        async def recipient(self, transaction: Transaction, recipient: Address) -> Reply:
            session = transaction.session
            seen.append((session.hello, session.transactions, transaction.protocol, len(transaction.recipients)))
            return await super().recipient(transaction, recipient)

    async with talking(Curious()) as talk:
        await talk.reply()
        await talk.ask("EHLO  mail.a.example  and more")
        await talk.envelope("ann@example.test", "bob@example.test", "ann@example.test")
        await talk.ask("x\r\n.")
        await talk.ask("MAIL FROM:<> SMTPUTF8")
        await talk.ask("RCPT TO:<ann@example.test>")
        await talk.ask("RSET")
        await talk.ask("HELO old")
        await talk.ask("MAIL FROM:<>")
        await talk.ask("RCPT TO:<ann@example.test>")

    assert seen == [("mail.a.example", 1, "ESMTP", 0), ("mail.a.example", 1, "ESMTP", 1), ("mail.a.example", 1, "ESMTP", 2),
                    ("mail.a.example", 2, "UTF8SMTP", 0), ("old", 3, "SMTP", 0)]
    transaction, _ = talk.desk.messages[0]
    assert [str(recipient) for recipient in transaction.recipients] == ["ann@example.test", "bob@example.test"], "each recipient once"
    assert (transaction.session.accepted, transaction.session.unknown) == (1, 0)


async def test_passwords_stay_out_of_the_log() -> None:
    """Neither AUTH's argument nor a password on a line of its own is noted, in whatever disorder they come."""
    desk = PlainDesk(submission=True, auth="always")
    async with talking(desk) as talk:
        await talk.reply()
        for line in ("AUTH PLAIN AGFubkBleGFtcGxlLnRlc3QAc2VjcmV0", "c2VjcmV0LWFuZC1sb25n", "EHLO a.example",
                     "AUTH PLAIN AGFubkBleGFtcGxlLnRlc3QAc2VjcmV0", "AUTH LOGIN", "YW5uQGV4YW1wbGUudGVzdA==", "c2Vj\0cmV0"):
            await talk.ask(line)

    noted = repr(desk.events).lower()
    for secret in ("secret", "c2vj", "agfubk", "cmv0"):
        assert secret not in noted


@pytest.mark.parametrize(("line", "shown"), [
    (b"MAIL FROM:<x>", "MAIL FROM:<x>"), (b"mail from:<\xc3\xbc>", "mail from:<ü>"), (b"NOOP \x1b[2J", "NOOP \\x1b[2J"),
    (b"NOOP " + b"x" * 500, "NOOP " + "x" * 95), (b"VRFY \xff", "VRFY \ufffd"), (b"auth PLAIN secret", "AUTH"), (b"bdat 5", "BDAT"),
    (b"c2VjcmV0", "(no command)"), (b"c2VjcmVhhhhh", "(no command)"), (b"", "(no command)"), (b"X\0Y", "(no command)"),
])
def test_refused_commands_are_shown_safely(line: bytes, shown: str) -> None:
    """What goes to the log is short and printable, whatever the client sent."""
    assert showable(line) == shown
    assert shown.isprintable()


async def test_one_connection_carries_so_many_messages() -> None:
    """RFC 9422 MAILMAX: the one too many gets 421, and the client connects again."""
    async with talking(limits=replace(LIMITS, transactions=2)) as talk:
        await talk.hello()
        for _ in range(2):
            await talk.envelope()
            await talk.ask("x\r\n.")
        assert (await talk.ask("MAIL FROM:<>")).startswith("421 4.7.0 2 messages")
        await talk.closed()


async def test_a_recipient_too_many() -> None:
    """RCPTMAX: 452, and the accepted ones get the message."""
    async with talking(PlainDesk(submission=True, auth="always"), limits=replace(LIMITS, recipients=2)) as talk:
        await talk.hello()
        await talk.ask("AUTH PLAIN AGFubkBleGFtcGxlLnRlc3QAY29ycmVjdCBob3JzZQ==")
        await talk.ask("MAIL FROM:<ann@example.test>")
        replies = [(await talk.ask(f"RCPT TO:<u{number}@elsewhere.example>"))[:9] for number in range(15)]
        assert replies == ["250 2.1.5"] * 2 + ["452 4.5.3"] * 13
        await talk.ask("DATA")
        assert (await talk.ask("x\r\n.")).startswith("250")

    assert len(talk.desk.messages[0][0].recipients) == 2


async def test_no_room_at_the_desk() -> None:
    """TemporaryError from any question is 4xx without an event: it was expected."""
    class Full(PlainDesk):
        async def mail(self, transaction: Transaction) -> Reply:
            raise NoRoom("disk")

    async with talking(Full()) as talk:
        await talk.hello()
        assert (await talk.ask("MAIL FROM:<>")).startswith("452 4.3.1")
        assert talk.desk.noted(Event.UNEXPECTED) == []


async def test_commands_are_counted_and_timed() -> None:
    """Each by what it was and how it was answered; what is no command is one kind; a client that goes without a word too."""
    desk = PlainDesk()
    async with talking(desk) as talk:
        await talk.hello()
        for command in ("BOGUS", "DATA", "MAIL FROM:<bob>", "MAIL FROM:<>", "RCPT TO:<ann@example.test>", "DATA", "x\r\n.", "AUTH PLAIN"):
            await talk.ask(command)
        desk.trouble = NoRoom("full")
        for command in ("MAIL FROM:<>", "RCPT TO:<ann@example.test>", "DATA", "x\r\n."):
            await talk.ask(command)
        open_now = [value for measure, value, _ in desk.measured if measure is Measure.SESSIONS]
        await talk.send(b"NOOP\r\nQUIT\r\n")
        await talk.reply()
        await talk.reply()

    counted = [labels for measure, _, labels in desk.measured if measure is Measure.COMMANDS]
    listener = counted[0][0]
    assert [(command, result) for _, command, result in counted] == [
        ("EHLO", "ok"), ("other", "refused"), ("DATA", "refused"), ("MAIL", "refused"), ("MAIL", "ok"), ("RCPT", "ok"), ("DATA", "ok"),
        ("AUTH", "refused"), ("MAIL", "ok"), ("RCPT", "ok"), ("DATA", "deferred"), ("NOOP", "ok"), ("QUIT", "ok")]
    assert listener == "smtp"
    timed = [(value, labels) for measure, value, labels in desk.measured if measure is Measure.COMMAND_SECONDS]
    assert [labels for _, labels in timed] == [(command,) for _, command, _ in counted]
    assert all(value >= 0 for value, _ in timed)
    assert open_now == [1]
    assert [value for measure, value, _ in desk.measured if measure is Measure.SESSIONS] == [1, 0]


async def test_a_browser_is_counted_as_gone() -> None:
    """What ends the session in the middle of a command has no result."""
    desk = PlainDesk()
    async with talking(desk) as talk:
        await talk.reply()
        await talk.send(b"GET / HTTP/1.1\r\n")
        await talk.reply()
    assert [labels[1:] for measure, _, labels in desk.measured if measure is Measure.COMMANDS] == [("other", "none")]
