"""SMTP from the client's side: one conversation with one server.

Trusted with: talking to hostile servers, and the password of a smarthost.  Opens nothing:
the connection is a Wire, the message an iterable of octets.  Expected failures are values
(Failure) that say what happened and how far it reaches; mta.judge.route decides what
follows.  After a failure that leaves the conversation in doubt the wire is closed and
`usable` is False.

Standards: RFC 5321 §3 §4.2 §4.5.3.2, RFC 2920 (PIPELINING), RFC 3207 (STARTTLS), RFC 4954
(AUTH), RFC 1870 (SIZE), RFC 6152 (8BITMIME), RFC 6531 (SMTPUTF8), RFC 8689 (REQUIRETLS),
RFC 9422 (LIMITS).

Read on: peer.py reads what a server offers, replies.py reads its replies, letter.py makes
the octets of a message.
"""
import asyncio
import contextlib
import ssl
from base64 import b64decode, b64encode
from collections.abc import Callable

from mta.base import saslclient
from mta.base.clock import Clock
from mta.base.errors import Failure, Reach
from mta.base.limits import LIMITS, Limits
from mta.base.measures import Measure, answer
from mta.base.names import Address, Domain
from mta.base.reply import Reply
from mta.smtp.alerts import reason_code
from mta.smtp.letter import Letter, stuffed
from mta.smtp.peer import Offers
from mta.smtp.replies import Garbled, Replies, spoken
from mta.smtp.wire import Secured, Wire

Outcome = Reply | Failure
#: Rounds of challenge and response; SCRAM takes two.
AUTH_ROUNDS = 8


class Over(Exception):
    """The conversation cannot go on; failure says why.  Never leaves this module."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.text)
        self.failure = failure


class Client:
    """A conversation over wire with the server called host, to which we are hello.

    The methods are awaited one after another.  offers are the extensions of the server,
    secured the facts of the encryption or None, transactions the number of those begun.
    clock and measure are there to count and time the answers.
    """

    def __init__(self, wire: Wire, host: str, hello: Domain, limits: Limits = LIMITS, *, clock: Clock | None = None,
                 measure: Callable[..., object] | None = None) -> None:
        self._clock, self._measure = clock, measure
        self.offers = Offers()
        self.secured: Secured | None = None
        #: Why a handshake failed, in a word for reports; "" if none did.
        self.handshake_problem = ""
        self.transactions = 0
        self.usable = True
        self._wire, self._host, self._hello, self._limits = wire, host, hello, limits
        self._replies = Replies(wire, limits)
        self._unclean = False       # the server may still remember a transaction

    # --- Before the first message ---------------------------------------------------------

    async def greet(self) -> Failure | None:
        """Hear the banner and introduce ourselves; None if the server will talk to us."""
        try:
            banner = await self._reply("banner", self._limits.reply_wait)
            self._expect(banner, "banner", 220)
            await self._introduce()
        except Over as over:
            return self._end(over.failure)
        return None

    async def start_tls(self, context: ssl.SSLContext, server_name: str) -> Failure | None:
        """STARTTLS, the handshake, and a new introduction (RFC 3207 §4).

        If the server only declines, the conversation goes on in the clear and stays usable.
        """
        try:
            reply = await self._ask(b"STARTTLS\r\n", "STARTTLS")
            if reply.code != 220:
                return self._failure(Reach.HOST, reply, "STARTTLS")
            # RFC 3207 §6: what someone in the middle slipped in behind the 220 would be
            # taken for the server's encrypted answer.
            if self._replies.pending:
                return self._end(self._observed("4.7.5", "octets were injected ahead of the TLS handshake", "STARTTLS"))
            if failure := await self.encrypt(context, server_name):
                return failure
            await self._introduce()
        except Over as over:
            return self._end(over.failure)
        return None

    async def encrypt(self, context: ssl.SSLContext, server_name: str) -> Failure | None:
        """The TLS handshake; by itself for servers that expect it at once (RFC 8314 §3)."""
        try:
            async with asyncio.timeout(self._limits.tls_handshake):
                self.secured = await self._wire.start_tls(context, server_name)
        except TimeoutError as problem:
            self.handshake_problem = reason_code(problem)
            return self._end(self._observed("4.7.5", "the TLS handshake took too long", "STARTTLS"))
        except OSError as problem:
            self.handshake_problem = reason_code(problem)
            return self._end(self._observed("4.7.5", f"the TLS handshake failed: {spoken(tls_problem(problem))}", "STARTTLS"))
        return None

    async def sign_in(self, username: str, password: str, *, clear: bool = False) -> Failure | None:
        """AUTH with the strongest mechanism both sides have (RFC 4954).

        clear allows the password to go over a connection that is not encrypted.  A refused
        password is no lasting failure: our operator can mend it, and the mail waits.
        """
        mechanism = saslclient.choose(
            self.offers.mechanisms, username, password, self._wire.bindings(), clear=clear or self.secured is not None)
        if mechanism is None:
            return self._end(self._observed("4.7.0", "the server offers no way to sign in that we may use", "AUTH"))
        try:
            reply = await self._authenticate(mechanism)
        except Over as over:
            return self._end(over.failure)
        except saslclient.Refused as problem:
            return self._end(self._observed("4.7.8", str(problem), "AUTH"))
        if reply.code == 235:
            return None if mechanism.done else self._end(self._observed("4.7.8", "the server did not prove that it knows us", "AUTH"))
        return self._end(Failure(Reach.HOST, False, reply.code, reply.enhanced, spoken(reply.text), "AUTH", self._host))

    async def _introduce(self) -> None:
        """EHLO, or HELO for a server that does not know it (RFC 5321 §3.2)."""
        name = self._hello.ascii.encode()
        reply = await self._ask(b"EHLO " + name + b"\r\n", "EHLO")
        if reply.positive:
            self._expect(reply, "EHLO", 250)
            self.offers = Offers.read(reply.lines[1:])
            return
        if not reply.lasting:
            raise Over(self._failure(Reach.HOST, reply, "EHLO"))
        self.offers = Offers()
        self._expect(await self._ask(b"HELO " + name + b"\r\n", "HELO"), "HELO", 250)

    async def _authenticate(self, mechanism: saslclient.Mechanism) -> Reply:
        """The rounds of one mechanism, up to the reply that ends them."""
        first = mechanism.begin()
        line = f"AUTH {mechanism.name}".encode()
        if first is not None:
            line += b" " + (b64encode(first) or b"=")
        reply = await self._ask(line + b"\r\n", "AUTH")
        for _ in range(AUTH_ROUNDS):
            if reply.code != 334:
                return reply
            try:
                challenge = b64decode(reply.text.strip(), validate=True)
            except ValueError:
                raise saslclient.Refused("the server's challenge is not base64") from None
            # SCRAM computes for a while; the other conversations of this loop go on.
            answer = await asyncio.to_thread(mechanism.answer, challenge)
            reply = await self._ask(b64encode(answer) + b"\r\n", "AUTH")
        raise saslclient.Refused("the server asks without end")

    # --- Messages ----------------------------------------------------------------------------

    async def send(self, letter: Letter) -> list[Outcome]:
        """Send letter; for each of its recipients, in order, the server's last word or the failure.

        A positive Reply means that the server has taken responsibility for that recipient.
        Takes several transactions where the server limits their recipients.
        """
        if failure := self._objection(letter):
            return [failure] * len(letter.recipients)
        outcomes: list[Outcome | None] = [self._recipient_objection(recipient) for recipient in letter.recipients]
        most = self.offers.recipients
        try:
            while batch := self._batch(letter, outcomes, most):
                # A server that leaves any undecided has told how many it takes.
                most = max(1, await self._transaction(letter, batch, outcomes))
        except Over as over:
            self._end(over.failure)
            return [outcome or over.failure for outcome in outcomes]
        return [outcome for outcome in outcomes if outcome]

    async def quit(self) -> None:
        """Take leave, and close; never fails."""
        try:
            if self.usable:
                with contextlib.suppress(Over):     # all replies that matter are in
                    await self._ask(b"QUIT\r\n", "QUIT", self._limits.quit_wait)
        finally:
            self.close()

    def close(self) -> None:
        """Hang up without a word."""
        self.usable = False
        self._wire.close()

    def _objection(self, letter: Letter) -> Failure | None:
        """Why this server cannot take letter at all, as far as its offers tell."""
        offers = self.offers
        if offers.most_octets and letter.size > offers.most_octets:
            return self._refused(f"the message has {letter.size} octets, the server takes {offers.most_octets}", "5.3.4")
        # RFC 6531 §3.2, RFC 6152 §3: what the server did not offer may not be sent.
        if letter.sender and letter.sender.needs_smtputf8 and not offers.smtputf8:
            return self._refused(f"the server cannot handle the internationalised sender address {letter.sender}", "5.6.7")
        if letter.smtputf8 and not offers.smtputf8:
            return self._refused("the header of the message is internationalised (SMTPUTF8), which the server cannot handle", "5.6.9")
        if letter.eight_bit and not offers.eight_bit:
            return self._refused("the message has 8-bit text, which the server cannot handle", "5.6.3")
        # RFC 8689 §4.2.1: a certificate that was checked, and a server that promises to go on so.  §5: a notice must
        # not be lost for want of either.
        if letter.requiretls and letter.sender is not None and not self._promises_tls:
            return self._refused("the sender insists on protected transport (REQUIRETLS), which the server does not offer", "5.7.30")
        return None

    @property
    def _promises_tls(self) -> bool:
        """Whether REQUIRETLS can be asked for here: offered by a server that is who it should be."""
        return self.offers.requiretls and self.secured is not None and self.secured.verified

    def _recipient_objection(self, recipient: Address) -> Failure | None:
        if recipient.needs_smtputf8 and not self.offers.smtputf8:
            return Failure(Reach.RECIPIENT, True, 0, "5.6.7",
                           f"the server cannot handle the internationalised address {recipient}", "RCPT", self._host)
        return None

    def _refused(self, text: str, enhanced: str) -> Failure:
        return Failure(Reach.MESSAGE, True, 0, enhanced, text, "MAIL", self._host)

    def _batch(self, letter: Letter, outcomes: list[Outcome | None], most: int) -> list[int]:
        """Which recipients, by number, go into the next transaction (RFC 9422 §4)."""
        batch: list[int] = []
        domains: set[Domain] = set()
        for index, recipient in enumerate(letter.recipients):
            if outcomes[index] is None and len(batch) < most:
                domains.add(recipient.domain)
                if len(domains) > self.offers.recipient_domains:
                    break
                batch.append(index)
        return batch

    async def _transaction(self, letter: Letter, batch: list[int], outcomes: list[Outcome | None]) -> int:
        """One transaction for the recipients of batch; returns how many were granted.

        Leaves those undecided that the server had no more room for.  With PIPELINING the
        commands leave together; then all of them are answered, whatever the first ones
        were told (RFC 2920 §3.1).
        """
        pipelined, wait = self.offers.pipelining, self._limits.reply_wait
        mail = self._mail_line(letter)
        recipients = [f"RCPT TO:<{letter.recipients[index].ascii}>\r\n".encode() for index in batch]
        reset = b"RSET\r\n" if self._unclean else b""
        if pipelined:
            self._wire.write(b"".join((reset, mail, *recipients, b"DATA\r\n")))

        async def ask(line: bytes, during: str) -> Reply:
            if not pipelined:
                self._wire.write(line)
            return await self._reply(during, wait)

        if reset:
            await ask(reset, "RSET")
        self._unclean = True
        self.transactions += 1
        refusal = self._verdict(Reach.MESSAGE, await ask(mail, "MAIL"), "MAIL")
        accepted: list[int] = []
        if refusal is not None:
            for index in batch:
                outcomes[index] = refusal
        if refusal is None or pipelined:
            for index, line in zip(batch, recipients, strict=True):
                reply = await ask(line, "RCPT")
                if refusal is None:
                    self._note_recipient(index, reply, accepted, outcomes)
        if accepted or pipelined:
            await self._data(letter, await ask(b"DATA\r\n", "DATA"), accepted, outcomes)
        return len(accepted)

    def _note_recipient(self, index: int, reply: Reply, accepted: list[int], outcomes: list[Outcome | None]) -> None:
        """File the answer to one RCPT: granted, refused, or to be asked again in the next transaction."""
        verdict = self._verdict(Reach.RECIPIENT, reply, "RCPT")
        if verdict is None:
            accepted.append(index)
        # RFC 5321 §4.5.3.1.10: "too many recipients" is 452, of old 552; those who say so
        # take the rest in another transaction.
        elif accepted and reply.code in (452, 552) and reply.enhanced in ("", "4.5.3", "5.5.3"):
            outcomes[index] = None
        else:
            outcomes[index] = verdict

    async def _data(self, letter: Letter, reply: Reply, accepted: list[int], outcomes: list[Outcome | None]) -> None:
        """What follows the answer to DATA; decides for all who were accepted."""
        if reply.code == 354 and accepted:
            outcome = await self._content(letter)
        elif reply.code == 354:
            # RFC 2920 §3.1: a server that wants a message for nobody gets an empty one.
            self._wire.write(b".\r\n")
            await self._reply("message", self._limits.data_reply_wait)
            return
        elif reply.positive and accepted:
            raise Over(self._failure(Reach.HOST, reply, "DATA"))
        else:
            outcome = self._failure(Reach.MESSAGE, reply, "DATA")
        for index in accepted:
            outcomes[index] = outcome

    async def _content(self, letter: Letter) -> Outcome:
        """Send the message itself; the server's verdict on it."""
        try:
            async with asyncio.timeout(self._limits.data_wait):
                complete = await self._stream(letter)
        except TimeoutError:
            raise Over(self._observed("4.4.2", "the server takes the message too slowly", "message")) from None
        if not complete:
            # A server that answers before the end means to refuse, and cannot be made to listen on.
            early = await self._reply("message", self._limits.data_reply_wait)
            raise Over(self._failure(Reach.MESSAGE, early, "message"))
        # From here on a silent server may have taken the message: asking the next host
        # would be the surest way to deliver it twice (RFC 1047), so Reach.MESSAGE.
        reply = await self._reply("message", self._limits.data_reply_wait, Reach.MESSAGE)
        refusal = self._verdict(Reach.MESSAGE, reply, "message")
        if refusal is None:
            self._unclean = False
            return Reply(reply.code, reply.enhanced, spoken(reply.text))
        return refusal

    async def _stream(self, letter: Letter) -> bool:
        """Write the message and its end; False if the server answered before the end or hung up."""
        pieces = stuffed(letter.content())
        while True:
            try:
                piece = next(pieces, None)
            except OSError as problem:
                raise Over(Failure(Reach.MESSAGE, False, 0, "4.3.0", f"our own copy of the message cannot be read: {problem.strerror}",
                                   "message", self._host)) from None
            if piece is None:
                return True
            if self._replies.pending:
                return False
            self._wire.write(piece)
            try:
                async with asyncio.timeout(self._limits.chunk_wait):
                    await self._wire.drain()
            except TimeoutError:
                raise
            except OSError:
                return False

    def _mail_line(self, letter: Letter) -> bytes:
        offers = self.offers
        words = [f"MAIL FROM:<{letter.sender.ascii if letter.sender else ''}>"]
        if offers.size:
            words.append(f"SIZE={letter.size}")
        if letter.eight_bit:
            words.append("BODY=8BITMIME")
        if offers.smtputf8 and (letter.smtputf8 or any(one.needs_smtputf8 for one in (letter.sender, *letter.recipients) if one)):
            words.append("SMTPUTF8")
        if letter.requiretls and self._promises_tls:
            words.append("REQUIRETLS")
        return " ".join(words).encode() + b"\r\n"

    # --- Questions and answers ------------------------------------------------------------------

    async def _ask(self, line: bytes, during: str, wait: float | None = None) -> Reply:
        self._wire.write(line)
        return await self._reply(during, self._limits.reply_wait if wait is None else wait)

    async def _reply(self, during: str, wait: float, reach: Reach = Reach.HOST) -> Reply:
        """The next reply; Over if there is none or the server takes leave (421, RFC 5321 §3.8)."""
        if self._clock is None or self._measure is None:
            return await self._hear(during, wait, reach)
        began, result = self._clock.monotonic(), "none"
        try:
            reply = await self._hear(during, wait, reach)
            result = answer(reply.code)
            return reply
        except Over as over:
            result = answer(over.failure.code)
            raise
        finally:
            self._measure(Measure.DELIVERY_COMMANDS, 1, during, result)
            self._measure(Measure.DELIVERY_COMMAND_SECONDS, self._clock.monotonic() - began, during)

    async def _hear(self, during: str, wait: float, reach: Reach) -> Reply:
        try:
            reply = await self._replies.next(wait)
        except TimeoutError:
            raise Over(self._observed("4.4.2", f"no answer within {wait:.0f} seconds", during, reach)) from None
        except EOFError:
            raise Over(self._observed("4.4.2", "the server closed the connection", during, reach)) from None
        except OSError as problem:
            text = f"the connection broke: {spoken(problem.strerror or str(problem))}"
            raise Over(self._observed("4.4.2", text, during, reach)) from None
        except Garbled as problem:
            raise Over(self._observed("4.5.0", f"the server does not speak SMTP: {spoken(str(problem))}", during, reach)) from None
        if reply.code == 421:
            raise Over(self._failure(Reach.HOST, reply, during))
        return reply

    def _expect(self, reply: Reply, during: str, code: int) -> None:
        """Over unless reply has that code."""
        if reply.code != code:
            raise Over(self._failure(Reach.HOST, reply, during))

    def _verdict(self, reach: Reach, reply: Reply, during: str) -> Failure | None:
        """None if reply grants what was asked, the Failure if it refuses; Over if it makes no sense."""
        if 200 <= reply.code < 300:
            return None
        if reply.positive:
            raise Over(self._failure(Reach.HOST, reply, during))
        return self._failure(reach, reply, during)

    def _failure(self, reach: Reach, reply: Reply, during: str) -> Failure:
        """What reply means for us; a positive one out of place is a passing trouble of that host."""
        if reply.positive:
            return Failure(Reach.HOST, False, reply.code, "4.5.0", f"unexpected answer: {spoken(str(reply))}", during, self._host)
        return Failure(reach, reply.lasting, reply.code, reply.enhanced, spoken(reply.text), during, self._host)

    def _observed(self, enhanced: str, text: str, during: str, reach: Reach = Reach.HOST) -> Failure:
        """A passing failure that no reply tells of."""
        return Failure(reach, False, 0, enhanced, text, during, self._host)

    def _end(self, failure: Failure) -> Failure:
        self.close()
        return failure


def tls_problem(problem: OSError) -> str:
    """OpenSSL's reason in words that can be looked up."""
    if isinstance(problem, ssl.SSLCertVerificationError):
        return f"certificate not accepted: {problem.verify_message}"
    if isinstance(problem, ssl.SSLError) and problem.reason:
        return problem.reason.lower().replace("_", " ")
    return problem.strerror or str(problem) or type(problem).__name__
