"""Types of the answer that an account gives while its owner is away."""
from msgspec import Struct

from web.api.webmail import Summary


class VacationAnswer(Struct, frozen=True):
    """The answer of an account.

    `first_day` and `last_day` (both included) are like "2030-01-31" in `zone` (like
    "Europe/Berlin"), "" for no bound.  `subject` "" is that of the message, with "Auto:"
    in front.  `active`: mail that comes now is answered; it does not count when it is sent.
    `version` "" overwrites what somebody else changed meanwhile.
    """

    enabled: bool
    first_day: str
    last_day: str
    zone: str
    subject: str
    text: str
    active: bool
    version: str = ""


class TriedAnswer(Struct, frozen=True):
    """A stored message, and why it would have had no answer; "" if it would have had one, and `doubt` is what could not be found out."""

    message: Summary
    why: str
    doubt: str
