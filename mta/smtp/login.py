"""AUTH: the exchange of one mechanism, carried in SMTP lines (RFC 4954).

Knows the messages (mta.base.sasl) and in which order they go; who may sign in is the
desk's to say.
"""
import base64
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from mta.base.errors import PillarboxError
from mta.base.reply import Reply
from mta.base.sasl import LOGIN_PROMPTS, MECHANISMS, BadExchange, Bindings, ScramServer, decode, parse_login, parse_plain
from mta.base.tokens import secret_text
from mta.smtp.desk import Desk, Login, Session

#: Sends a challenge and gives the answer, both before base64.
Ask = Callable[[bytes], Awaitable[bytes]]

CANCELLED: Final = Reply(501, "5.7.0", "Signing in was called off")
#: The code for a mechanism that we do not have; asking for one is no failed attempt.
UNKNOWN_MECHANISM: Final = 504
#: RFC 4954 §4: "=" is an initial response of no octets.
EMPTY: Final = "="


class Cancelled(PillarboxError):
    """The client sent "*" instead of an answer."""


def offered(bindings: Bindings) -> tuple[str, ...]:
    """The mechanisms that make sense on this connection, strongest first."""
    return MECHANISMS if bindings else MECHANISMS[1:]


def challenge_reply(challenge: bytes) -> Reply:
    """A challenge as SMTP carries it."""
    return Reply(334, "", base64.b64encode(challenge).decode())


def answer(line: bytes) -> bytes:
    """The octets of a client's answer; Cancelled or BadExchange."""
    if line == b"*":
        raise Cancelled
    return decode(line)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One AUTH command and whom to ask about it."""

    mechanism: str
    initial: bytes | None
    ask: Ask
    desk: Desk[Any]
    session: Session
    bindings: Bindings

    async def first(self, challenge: bytes) -> bytes:
        """The client's first message: the initial response, or the answer to challenge."""
        return await self.ask(challenge) if self.initial is None else self.initial


async def sign_in(argument: str, ask: Ask, desk: Desk[Any], session: Session, bindings: Bindings) -> Login | Reply:
    """Carry out AUTH's argument (mechanism and perhaps an initial response): who signed in, or the refusal."""
    words = argument.split()
    mechanism = words[0].upper() if words else ""
    if mechanism not in offered(bindings):
        return Reply(UNKNOWN_MECHANISM, "5.5.4", f"Use one of {' '.join(offered(bindings))}")
    if len(words) > 2:
        return Reply(501, "5.5.4", "AUTH takes a mechanism and at most one initial response")
    try:
        initial = None if len(words) < 2 else b"" if words[1] == EMPTY else decode(words[1].encode())
        return await EXCHANGES[mechanism](Attempt(mechanism, initial, ask, desk, session, bindings))
    except Cancelled:
        return CANCELLED
    except BadExchange as problem:
        return Reply(501, "5.5.2", f"Signing in went wrong: {problem}")


async def _plain(attempt: Attempt) -> Login | Reply:
    said = parse_plain(await attempt.first(b""))
    return await attempt.desk.check_password(attempt.session, said.name, said.password, attempt.mechanism)


async def _login(attempt: Attempt) -> Login | Reply:
    name = parse_login(await attempt.first(LOGIN_PROMPTS[0]))
    password = parse_login(await attempt.ask(LOGIN_PROMPTS[1]))
    return await attempt.desk.check_password(attempt.session, name, password, attempt.mechanism)


async def _scram(attempt: Attempt) -> Login | Reply:
    exchange = ScramServer(await attempt.first(b""), secret_text(18), attempt.bindings, plus=attempt.mechanism.endswith("-PLUS"))
    secrets = await attempt.desk.secrets(attempt.session, exchange.name)
    if isinstance(secrets, Reply):
        return secrets
    credential, last = exchange.verify(await attempt.ask(exchange.challenge(secrets)), secrets)
    # RFC 4954 §4: what the server says at the end goes in a challenge, answered by an empty line.
    if credential is not None and await attempt.ask(last):
        raise BadExchange("nothing was left to say")
    return await attempt.desk.scram_done(attempt.session, exchange.name, credential, attempt.mechanism)


EXCHANGES: Final = {"PLAIN": _plain, "LOGIN": _login, "SCRAM-SHA-256": _scram, "SCRAM-SHA-256-PLUS": _scram}
