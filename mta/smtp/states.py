"""Where a session stands, and which verb may come when (RFC 5321 §4.1.4).

One table: what is absent from it is out of order.
"""
import enum
from collections.abc import Mapping
from typing import Final

from mta.base.errors import PillarboxError


class Phase(enum.Enum):
    """Where a session stands; the text is used in logs."""

    CONNECTED = "before EHLO"
    READY = "between messages"
    SENDER = "after MAIL"
    RECIPIENTS = "after RCPT"
    OVER = "after QUIT"


class Verb(enum.Enum):
    """The commands we know."""

    HELO, EHLO, STARTTLS, AUTH = "HELO", "EHLO", "STARTTLS", "AUTH"
    MAIL, RCPT, DATA, RSET = "MAIL", "RCPT", "DATA", "RSET"
    NOOP, VRFY, HELP, QUIT = "NOOP", "VRFY", "HELP", "QUIT"


VERBS: Final[Mapping[str, Verb]] = {verb.value: verb for verb in Verb}


class OutOfOrder(PillarboxError):
    """A verb that may not come now; the text says what has to come first."""

    def __init__(self, verb: Verb, phase: Phase) -> None:
        super().__init__(HINTS.get((verb, phase)) or f"{verb.value} cannot come {phase.value}")


def _anywhere(phase: Phase, rest: Phase) -> dict[Verb, Phase]:
    """Verbs that may come at any time; all but NOOP and its like end an open transaction."""
    return {Verb.HELO: Phase.READY, Verb.EHLO: Phase.READY, Verb.RSET: rest, Verb.QUIT: Phase.OVER,
            Verb.NOOP: phase, Verb.VRFY: phase, Verb.HELP: phase}


#: Where a *positive* reply leads.  A verb missing from its row came out of order
#: (RFC 5321 §4.1.4): 503, and no desk is asked.  DATA leads on however it ends.
MOVES: Final[Mapping[Phase, Mapping[Verb, Phase]]] = {
    Phase.CONNECTED: _anywhere(Phase.CONNECTED, Phase.CONNECTED),
    Phase.READY: {
        **_anywhere(Phase.READY, Phase.READY),
        # RFC 3207 §4.2: after the handshake nothing that was said before counts.
        Verb.STARTTLS: Phase.CONNECTED, Verb.AUTH: Phase.READY, Verb.MAIL: Phase.SENDER},
    Phase.SENDER: {**_anywhere(Phase.SENDER, Phase.READY), Verb.RCPT: Phase.RECIPIENTS},
    Phase.RECIPIENTS: {
        **_anywhere(Phase.RECIPIENTS, Phase.READY), Verb.RCPT: Phase.RECIPIENTS, Verb.DATA: Phase.READY},
    Phase.OVER: {},
}

_SAY_HELLO: Final = "Say EHLO first"
_TRANSACTION_OPEN: Final = "A message is under way; send RSET to give it up"
HINTS: Final[Mapping[tuple[Verb, Phase], str]] = {
    **{(verb, Phase.CONNECTED): _SAY_HELLO for verb in (Verb.STARTTLS, Verb.AUTH, Verb.MAIL, Verb.RCPT, Verb.DATA)},
    **{(verb, phase): _TRANSACTION_OPEN
       for verb in (Verb.STARTTLS, Verb.AUTH, Verb.MAIL) for phase in (Phase.SENDER, Phase.RECIPIENTS)},
    (Verb.RCPT, Phase.READY): "RCPT must follow MAIL",
    (Verb.DATA, Phase.READY): "DATA must follow MAIL and RCPT",
    (Verb.DATA, Phase.SENDER): "DATA needs a recipient that was accepted",
}


def after(phase: Phase, verb: Verb) -> Phase:
    """The phase a granted verb leads to; OutOfOrder if it may not come now."""
    try:
        return MOVES[phase][verb]
    except KeyError:
        raise OutOfOrder(verb, phase) from None
