"""`sendmail -bs`: SMTP on standard input and output, as mail programs speak it with a program instead of a port.

The caller is a program of this machine that does as it is told, and we pass on what it
says: each message goes to the running server as any other that sendmail takes, which
knows who calls and judges everything.  So a recipient is taken at once and judged after
the final dot (RFC 5321 §4.2.5: the reply to DATA speaks for all).
"""
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from mta.base.errors import BadName, PillarboxError
from mta.base.limits import LIMITS
from mta.base.names import Domain
from mta.base.reply import Reply
from mta.smtp import grammar
from mta.smtp.grammar import BadSyntax

#: Octets of a message passed on at a time.
CHUNK: Final = 64 * 1024
#: What an exit status means in SMTP; any other is final as well.
CODES: Final = {65: (554, "5.6.0"), 67: (550, "5.1.1"), 75: (451, "4.3.0"), 77: (550, "5.7.1")}
NOWHERE: Final = Domain.parse("localhost")
OFFERS: Final = "ENHANCEDSTATUSCODES\nPIPELINING\n8BITMIME\nSMTPUTF8"


class Broken(PillarboxError):
    """The caller went away in the middle of a message."""


@dataclass(slots=True)
class Transaction:
    """What the caller has said of a message: sender None if not yet anything, "<>" for nobody."""

    sender: str | None = None
    recipients: list[str] = field(default_factory=list)

    def forget(self) -> None:
        """Begin anew."""
        self.sender, self.recipients = None, []


#: Gives a message to the server: exit status as sysexits(3), and what it says.
Exchange = Callable[[Transaction, Iterator[bytes]], tuple[int, str]]


def converse(exchange: Exchange, commands: BinaryIO, replies: BinaryIO) -> None:
    """Take messages until QUIT or the end of commands."""
    transaction = Transaction()
    _say(replies, Reply(220, "", "sendmail ESMTP"))
    while line := commands.readline(LIMITS.command_line):
        try:
            verb, argument = grammar.command(line.rstrip(b"\r\n"))
        except BadSyntax as problem:
            _say(replies, Reply(500, "5.5.2", str(problem)))
            continue
        if verb == "DATA" and transaction.recipients:
            _say(replies, Reply(354, "", "Go ahead; end with a line that has only a dot"))
            _say(replies, _send(exchange, transaction, _text(commands)))
            transaction = Transaction()
        elif verb == "QUIT":
            return _say(replies, Reply(221, "2.0.0", "Goodbye"))
        else:
            _say(replies, _answer(transaction, verb, argument))


def _answer(transaction: Transaction, verb: str, argument: str) -> Reply:
    """The reply to a command that sends nothing."""
    try:
        match verb:
            case "EHLO":
                transaction.forget()
                return Reply(250, "", f"sendmail\n{OFFERS}")
            case "HELO" | "RSET" | "NOOP":
                if verb != "NOOP":
                    transaction.forget()
                return Reply(250, "2.0.0", "OK")
            case "MAIL":
                path, words = grammar.path(argument, "FROM")
                # Other parameters change nothing that matters; this one must not be taken and then not kept to (RFC 8689 §2).
                if any(word.partition("=")[0].upper() == "REQUIRETLS" for word in words):
                    return Reply(555, "5.5.4", "REQUIRETLS is offered on the submission ports alone, under TLS")
                transaction.forget()
                transaction.sender = _spec(path) if path else "<>"
                return Reply(250, "2.1.0", "Sender noted")
            case "RCPT" if transaction.sender is None:
                return Reply(503, "5.5.1", "RCPT must follow MAIL")
            case "RCPT":
                path, _ = grammar.path(argument, "TO")
                if path is None or len(transaction.recipients) >= LIMITS.recipients:
                    return Reply(550, "5.1.3", "That is nobody") if path is None else Reply(452, "4.5.3", "Too many recipients")
                transaction.recipients.append(_spec(path))
                return Reply(250, "2.1.5", "Recipient noted")
            case "DATA":
                return Reply(503, "5.5.1", "DATA must follow RCPT")
            case "VRFY":
                return Reply(252, "2.5.0", "Send a message and see")
            case _:
                return Reply(502, "5.5.1", "There is no such command here")
    except BadSyntax as problem:
        return Reply(501, "5.5.4", str(problem))


def _spec(path: grammar.Path) -> str:
    """The address of a path; postmaster needs no domain."""
    try:
        return str(path.at(NOWHERE)) if path.domain else path.localpart
    except BadName as problem:
        raise BadSyntax(str(problem)) from None


def _send(exchange: Exchange, transaction: Transaction, text: Iterator[bytes]) -> Reply:
    status, said = exchange(transaction, text)
    for _ in text:    # what was refused before its end is still read to its end
        pass
    return Reply(*CODES.get(status, (554, "5.0.0")), said) if status else Reply(250, "2.0.0", "The message is queued")


def _text(commands: BinaryIO) -> Iterator[bytes]:
    """The lines of a message up to the final dot, in pieces.  Broken if that does not come."""
    waiting: list[bytes] = []
    size = 0
    while line := commands.readline():
        text = line.removesuffix(b"\n").removesuffix(b"\r")
        if text == b".":
            return (yield b"".join(waiting))
        waiting += text.removeprefix(b"."), b"\r\n"
        size += len(text)
        if size > CHUNK:
            yield b"".join(waiting)
            waiting, size = [], 0
    raise Broken("the input ended before the message did")


def _say(replies: BinaryIO, reply: Reply) -> None:
    replies.write(reply.wire())
    replies.flush()
