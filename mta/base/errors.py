"""What can go wrong, by who has to do something about it.

PillarboxError
├── BadName          text that is not a domain, local part or address
├── UserError        the caller's doing: tell them what to change
│   ├── NotFound     what they named is not there
│   ├── LookupFailed the DNS does not tell what it takes to answer them
│   ├── Conflict     what they want stands against what is there
│   └── NotAllowed   they may not
├── SetupError       the operator's doing: configuration, disk, ports; one line, place and remedy
└── TemporaryError   nobody's doing: a full disk, a lock, a dead role; may work later

Expected failures of a delivery are values, not exceptions: see Failure.
"""
import enum
from dataclasses import dataclass
from typing import Final

#: The packages that this program consists of.
OURS: Final = frozenset(("mta", "web", "workers"))


class PillarboxError(Exception):
    """The parent of everything we raise on purpose."""


class BadName(PillarboxError, ValueError):
    """Text from outside that does not name anything."""


class UserError(PillarboxError):
    """The caller asked for something that cannot be; the text says what to change."""


class NotFound(UserError):
    """What the caller named does not exist."""


class LookupFailed(UserError):
    """The DNS did not answer what the caller wants to know; the text says which name and what the DNS said.  No fault of ours."""


class Conflict(UserError):
    """What the caller wants stands against what is already there."""


class NotAllowed(UserError):
    """The caller may not do this."""


class SetupError(PillarboxError):
    """The operator has to mend something; the text names the place and the remedy."""


class TemporaryError(PillarboxError):
    """It may work later; nothing was changed."""


class NoRoom(TemporaryError):
    """The disk or a quota is full."""


class BodyLost(FileNotFoundError):
    """The file of a message that we have is gone from the disk: nothing that anybody here did.  filename is that of the body."""

    def __str__(self) -> str:
        return f"the file {self.filename} of this message is gone from the disk; a backup may still have it"


def origin(problem: BaseException) -> str:
    """The module of ours in which problem came up, the innermost one; "unknown" if none was involved."""
    found, trace = "unknown", problem.__traceback__
    while trace is not None:
        module = str(trace.tb_frame.f_globals.get("__name__", ""))
        if module.partition(".")[0] in OURS:
            found = module
        trace = trace.tb_next
    return found


class Reach(enum.Enum):
    """How much of a delivery a failure spoils."""

    RECIPIENT = "this recipient"
    MESSAGE = "this message"
    HOST = "this host"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a delivery attempt did not succeed: the fact, without the consequence.

    code is the peer's three digits, or 0 if the failure is our own observation
    (no route, time-out); enhanced is like "5.1.1" or ""; text is one line for the
    sender's notice; during is where it happened, for the log ("connect", "RCPT", …).
    """

    reach: Reach
    lasting: bool
    code: int
    enhanced: str
    text: str
    during: str
    host: str = ""
