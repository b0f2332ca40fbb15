"""Types of forwarding."""
from typing import Literal

from msgspec import Struct

from web.api.whole import Whole


class ForwardChoices(Struct, frozen=True):
    """What is chosen for an address.

    `everything`: all mail goes there, else only what a rule forwards.  `keep`: where the
    copy here is.  `seal`: with an ARC seal, which says what we found out about the message.
    `attach`: what the other server would refuse goes as an attachment, else it stays here.
    """

    everything: bool
    keep: Literal["inbox", "archive"]
    seal: bool
    attach: bool


class ForwardTarget(Struct, frozen=True):
    """An address to forward to; nothing goes there before it is `confirmed`.

    `kept` counts what was not forwarded, `kept_why` says why the last one was not.  `version` goes back with a change.
    """

    id: Whole
    address: str
    confirmed: bool
    choices: ForwardChoices
    forwarded: Whole
    kept: Whole
    latest: float | None
    kept_why: str
    version: str
