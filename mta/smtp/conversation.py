"""One SMTP session from greeting to farewell: which verb may come, what it does, what we answer.

Knows the order (states.py) and the words; octets come from a channel, decisions from a
desk.  No reply is guessed: whatever goes wrong on our side is a 4xx, an event, and never
the end of the process.

Standards: RFC 5321 §4.1, RFC 3207 (STARTTLS), RFC 4954 (AUTH), RFC 2034 (enhanced codes).

Read on: envelope.py for MAIL and RCPT, transfer.py for DATA, login.py for AUTH,
session.py for the connection underneath.
"""
import traceback
from collections.abc import Awaitable, Callable
from typing import Any, Final

from mta.base import measures
from mta.base.clock import Clock
from mta.base.errors import TemporaryError, origin
from mta.base.events import Event
from mta.base.limits import Limits
from mta.base.measures import Measure
from mta.base.names import Address
from mta.base.reply import Reply
from mta.smtp import login
from mta.smtp.channel import Channel, Gone
from mta.smtp.desk import Desk, Login, Session, Transaction
from mta.smtp.envelope import SIGN_IN_FIRST, START_TLS_FIRST, read_mail, read_rcpt
from mta.smtp.grammar import BadSyntax, command, hello_name
from mta.smtp.inbox import BadLine, Trouble
from mta.smtp.offers import offers
from mta.smtp.parameters import Refused
from mta.smtp.patience import Patience
from mta.smtp.register import Register
from mta.smtp.states import VERBS, OutOfOrder, Phase, Verb, after
from mta.smtp.transfer import GO_AHEAD, receive, trouble_reply

#: Commands of standards that we do not offer: 502 rather than 500 (RFC 5321 §4.2.4).
NOT_OFFERED: Final = frozenset({"EXPN", "SEND", "SOML", "SAML", "TURN", "ETRN", "ATRN", "BDAT", "BURL"})
#: A browser was made to talk to us; every further line of it would be a command.
HTTP_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE", "PRI"})
#: Characters of a refused command that go to the log, and of one that we do not know.
SHOWN: Final = 100
LONGEST_VERB: Final = 10


class Conversation:
    """One session; run() it once."""

    def __init__(self, channel: Channel, desk: Desk[Any], session: Session, register: Register, limits: Limits, clock: Clock) -> None:
        self._channel, self._desk, self._session, self._register, self._limits = channel, desk, session, register, limits
        self._clock = clock
        self._phase = Phase.CONNECTED
        self._patience = Patience(limits)
        self._transaction: Transaction | None = None
        self._recipients: set[Address] = set()
        # The id of the session; from the first MAIL on, that of the last transaction.
        self._trace = session.peer.session
        self._mails = 0

    async def run(self, *, implicit_tls: bool) -> str:
        """Talk until it is over; why it was, for the log."""
        try:
            await self._greet(implicit_tls)
            while self._phase is not Phase.OVER:
                await self._turn()
        except Gone as end:
            if end.last_words:
                self._channel.say(self._marked(end.last_words))
            return str(end)
        except Exception as problem:
            self._problem("session", problem)
            return "a problem of ours"
        return "quit"

    async def closed(self) -> None:
        """Tell the desk that the connection is gone."""
        try:
            await self._desk.closed(self._session)
        except Exception as problem:
            self._problem("closing", problem)

    # --- one turn -------------------------------------------------------------------------

    async def _greet(self, implicit_tls: bool) -> None:
        """The first word is ours (RFC 5321 §3.1); Gone if whoever it is may not stay."""
        peer, desk = self._session.peer, self._desk
        try:
            refusal = await desk.opened(peer)
        except Exception as problem:
            refusal = self._problem("opening", problem)
        if refusal:
            desk.note(Event.SESSION_REFUSED, peer.session, ip=peer.ip, reason=refusal.text, reply=str(refusal))
            # Under implicit TLS nothing can be said before the handshake, which we save ourselves.
            raise Gone("refused", None if implicit_tls else refusal)
        if implicit_tls:
            await self._handshake()
        self._channel.say(Reply(220, "", f"{desk.hostname.ascii} ESMTP Pillarbox"))

    async def _turn(self) -> None:
        """One command and its answer."""
        shown = ""
        try:
            line = await self._channel.next_line(self._wait)
            shown = showable(line)
            reply = await self._obey(line, shown)
        except Gone:
            raise
        except BadLine as bad:
            if bad.trouble is Trouble.TLS:
                raise Gone("spoke TLS where SMTP was expected") from None
            reply = self._bad(Reply(500, "5.5.2", str(bad)), shown)
            if bad.trouble is Trouble.FLOOD:
                raise Gone("sent no end of line", reply) from None
        except (BadSyntax, OutOfOrder, Refused) as problem:
            reply = self._bad(_explained(problem), shown)
        except Exception as problem:
            reply = self._bad(self._problem("command", problem), shown)
        if reply is None:
            return
        last_words = self._patience.last_words(reply)
        if last_words or reply.code == 421:
            raise Gone("we hung up: " + (last_words or reply).lines[0], last_words or reply)
        self._channel.say(self._marked(reply))

    async def _obey(self, line: bytes, shown: str) -> Reply | None:
        """Carry out one command line; None if that has been answered."""
        word, argument = command(line)
        verb, began, result = VERBS.get(word), self._clock.monotonic(), "none"
        try:
            reply = await self._obey_verb(verb, word, argument, shown)
            result = measures.answer(reply.code) if reply else "ok"
        except Gone:
            raise
        except (BadSyntax, OutOfOrder, Refused) as problem:
            result = measures.answer(_explained(problem).code)
            raise
        except Exception:
            result = "deferred"     # a trouble of ours is told as 451
            raise
        finally:
            name = verb.value if verb else "other"
            self._desk.measure(Measure.COMMANDS, 1, self._session.peer.listener, name, result)
            self._desk.measure(Measure.COMMAND_SECONDS, self._clock.monotonic() - began, name)
        return reply

    async def _obey_verb(self, verb: Verb | None, word: str, argument: str, shown: str) -> Reply | None:
        if verb is None:
            return self._bad(_unknown(word, argument), shown)
        following = after(self._phase, verb)
        self._patience.recipient() if verb is Verb.RCPT else self._patience.command()
        reply = await ACTIONS[verb](self, argument)
        if reply is None or reply.positive:
            self._enter(following)
        elif verb not in (Verb.MAIL, Verb.RCPT, Verb.DATA):
            self._bad(reply, shown)
        return reply

    def _enter(self, phase: Phase) -> None:
        self._phase = phase
        if phase not in (Phase.SENDER, Phase.RECIPIENTS):
            self._transaction = None

    def _bad(self, reply: Reply, shown: str) -> Reply:
        """Note a command that led nowhere; what is for a time, or our fault, is not held against the client."""
        if reply.lasting:
            self._patience.bad_command()
        self._desk.note(Event.COMMAND_REFUSED, self._trace, ip=self._session.peer.ip, command=shown, reply=str(reply))
        return reply

    def _problem(self, where: str, problem: Exception) -> Reply:
        """The reply for a trouble of ours, noted unless it was expected."""
        if isinstance(problem, TemporaryError):
            return trouble_reply(problem)
        place = traceback.extract_tb(problem.__traceback__)[-1]
        self._desk.note(Event.UNEXPECTED, self._trace, where=f"{origin(problem)} {where} {place.name}:{place.lineno}",
                        problem=f"{type(problem).__name__}: {problem}")
        return trouble_reply(TemporaryError())

    def _marked(self, reply: Reply) -> Reply:
        """With the trace id: every reply since the first MAIL, and every refusal, so that a postmaster can ask about it."""
        if reply.positive and not self._mails:
            return reply
        # RFC 5321 §4.1.1.1: the first line of EHLO's answer ends in a greeting, the others are keywords.
        return reply.traced_first(self._trace) if reply.positive else reply.traced(self._trace)

    @property
    def _wait(self) -> float:
        """Seconds for the next command: few for somebody who has not shown yet what they want."""
        known = self._session.transactions or self._session.account
        return self._limits.command_wait if known else self._limits.greeting_wait

    # --- the verbs --------------------------------------------------------------------------

    async def _helo(self, argument: str) -> Reply:
        self._introduce(hello_name(argument), extended=False)
        return Reply(250, "", self._desk.hostname.ascii)

    async def _ehlo(self, argument: str) -> Reply:
        self._introduce(hello_name(argument), extended=True)
        mechanisms: tuple[str, ...] = ()
        if not self._session.account and self._desk.auth_offered(self._session):
            mechanisms = login.offered(self._channel.bindings())
        lines = offers(max_size=self._desk.max_size, start_tls=self._channel.can_start_tls and not self._session.account,
                       mechanisms=mechanisms, limits=self._limits,
                       requiretls=self._desk.requiretls and self._session.tls is not None)
        return Reply(250, "", "\n".join([self._desk.hostname.ascii, *lines]))

    def _introduce(self, name: str, *, extended: bool) -> None:
        session = self._session
        session.hello, session.extended = name, extended
        self._desk.note(Event.HELLO, session.peer.session, ip=session.peer.ip, name=name, protocol=session.protocol)

    async def _starttls(self, argument: str) -> Reply | None:
        if argument:
            return _no_argument("STARTTLS")
        if self._session.tls:
            return Reply(503, "5.5.1", "TLS is on already")
        if self._session.account:
            return Reply(503, "5.5.1", "STARTTLS comes before signing in")
        if not self._channel.can_start_tls:
            return Reply(502, "5.5.1", "TLS is not offered here")
        # RFC 3207 §4.2: what was sent ahead may have been put there by someone in between.
        dropped = self._channel.drop_input()
        if dropped:
            self._desk.note(Event.INJECTED, self._session.peer.session, ip=self._session.peer.ip, octets=dropped)
        self._channel.say(self._marked(Reply(220, "2.0.0", "Ready to start TLS")))
        await self._handshake()
        self._session.hello, self._session.extended = "", False
        return None

    async def _handshake(self) -> None:
        peer = self._session.peer
        try:
            self._session.tls = facts = await self._channel.start_tls()
        except Gone as failure:
            self._desk.note(Event.TLS_FAILED, peer.session, ip=peer.ip, problem=str(failure))
            raise
        self._desk.note(Event.TLS_STARTED, peer.session, ip=peer.ip, version=facts.version, cipher=facts.cipher)

    async def _auth(self, argument: str) -> Reply:
        session = self._session
        if session.account:
            return Reply(503, "5.5.1", "You have signed in already")
        if not self._desk.auth_offered(session):
            if self._desk.submission and not session.tls:
                return Reply(538, "5.7.11", "Signing in needs TLS: send STARTTLS first")
            return Reply(503, "5.5.1", "Nobody can sign in here; use the submission ports 465 or 587")
        outcome = await login.sign_in(argument, self._ask, self._desk, session, self._channel.bindings())
        if isinstance(outcome, Login):
            session.account = outcome
            return Reply(235, "2.7.0", "You have signed in")
        if outcome.lasting and outcome is not login.CANCELLED and outcome.code != login.UNKNOWN_MECHANISM:
            self._patience.failed_login()
        return outcome

    async def _ask(self, challenge: bytes) -> bytes:
        self._channel.say(login.challenge_reply(challenge))
        return login.answer(await self._channel.next_line(self._wait))

    async def _mail(self, argument: str) -> Reply:
        desk, session = self._desk, self._session
        if desk.submission and not session.account:
            return START_TLS_FIRST if self._channel.can_start_tls and not desk.auth_offered(session) else SIGN_IN_FIRST
        if session.transactions >= self._limits.transactions:
            return Reply(421, "4.7.0", f"{session.transactions} messages are enough for one connection; open another")
        self._mails += 1
        self._trace = f"{session.peer.session}.{self._mails}"
        transaction = read_mail(argument, desk, session, self._trace)
        reply = await desk.mail(transaction)
        sender = str(transaction.sender or "<>")
        if reply.positive:
            self._transaction = transaction
            self._recipients.clear()
            session.transactions += 1
            desk.note(Event.MAIL_FROM, self._trace, ip=session.peer.ip, sender=sender)
        else:
            desk.note(Event.MAIL_REFUSED, self._trace, ip=session.peer.ip, sender=sender, reply=str(reply))
        return reply

    async def _rcpt(self, argument: str) -> Reply:
        desk, session, transaction = self._desk, self._session, self._open_transaction
        recipient = read_rcpt(argument, desk, transaction, self._limits)
        reply = await desk.recipient(transaction, recipient)
        facts = {"ip": session.peer.ip, "sender": str(transaction.sender or "<>"), "recipient": str(recipient)}
        if not reply.positive:
            desk.note(Event.RECIPIENT_REFUSED, self._trace, reply=str(reply), **facts)
            if reply.lasting:
                session.unknown += 1
                self._patience.unknown_recipient()
        elif recipient not in self._recipients:
            self._recipients.add(recipient)
            transaction.recipients.append(recipient)
            desk.note(Event.RECIPIENT_ACCEPTED, self._trace, **facts)
        return reply

    async def _data(self, argument: str) -> Reply:
        if argument:
            return _no_argument("DATA")
        transaction = self._open_transaction
        sink = self._desk.sink()
        self._channel.say(self._marked(GO_AHEAD))
        # RFC 5321 §4.1.1.4: however this ends, the transaction is over.
        self._enter(Phase.READY)
        reply = await receive(self._channel, self._desk, transaction, sink, self._limits, self._register)
        if reply.positive:
            self._session.accepted += 1
            self._patience.progress()
        return reply

    @property
    def _open_transaction(self) -> Transaction:
        assert self._transaction is not None, "states.py lets neither RCPT nor DATA come without one"
        return self._transaction

    async def _rset(self, argument: str) -> Reply:
        return _no_argument("RSET") if argument else Reply(250, "2.0.0", "Forgotten")

    async def _noop(self, _argument: str) -> Reply:
        return Reply(250, "2.0.0", "Yes")

    async def _vrfy(self, argument: str) -> Reply:
        if not argument:
            return Reply(501, "5.5.4", "VRFY takes an address")
        # RFC 5321 §3.5.3: whom we have is learnt by sending to them.
        return Reply(252, "2.5.0", "Addresses are not confirmed here; send the message and see")

    async def _help(self, _argument: str) -> Reply:
        return Reply(214, "2.0.0", f"This is an SMTP server, see RFC 5321\nIt knows {' '.join(VERBS)}")

    async def _quit(self, argument: str) -> Reply:
        return _no_argument("QUIT") if argument else Reply(221, "2.0.0", "Goodbye")


ACTIONS: Final[dict[Verb, Callable[[Conversation, str], Awaitable[Reply | None]]]] = {
    Verb.HELO: Conversation._helo, Verb.EHLO: Conversation._ehlo, Verb.STARTTLS: Conversation._starttls, Verb.AUTH: Conversation._auth,
    Verb.MAIL: Conversation._mail, Verb.RCPT: Conversation._rcpt, Verb.DATA: Conversation._data, Verb.RSET: Conversation._rset,
    Verb.NOOP: Conversation._noop, Verb.VRFY: Conversation._vrfy, Verb.HELP: Conversation._help, Verb.QUIT: Conversation._quit,
}


def showable(line: bytes) -> str:
    """A command line as it may be logged: short, printable, and never what may be a password.

    After an AUTH that was refused, the next "command" of a careless client is its password.
    """
    text = line[:SHOWN].decode("utf-8", "replace")
    word = text.partition(" ")[0].upper()
    if word not in VERBS:
        return word if word.isalpha() and word.isascii() and len(word) <= LONGEST_VERB else "(no command)"
    if VERBS[word] is Verb.AUTH:
        return "AUTH"
    return text if text.isprintable() else ascii(text)[1:-1][:SHOWN]


def _explained(problem: BadSyntax | OutOfOrder | Refused) -> Reply:
    if isinstance(problem, Refused):
        return problem.reply
    if isinstance(problem, OutOfOrder):
        return Reply(503, "5.5.1", str(problem))
    return Reply(501, "5.5.4", str(problem))


def _unknown(word: str, argument: str) -> Reply:
    """RFC 5321 §4.2.4; a browser's request ends the session, since its body would be read as commands."""
    if word in HTTP_METHODS and " HTTP/" in f" {argument.upper()}":
        raise Gone("spoke HTTP where SMTP was expected", Reply(421, "4.7.0", "This is SMTP, not HTTP"))
    if word in NOT_OFFERED:
        return Reply(502, "5.5.1", f"{word} is not offered here")
    return Reply(500, "5.5.1", "That is no command of SMTP")


def _no_argument(verb: str) -> Reply:
    return Reply(501, "5.5.4", f"{verb} takes no argument")
