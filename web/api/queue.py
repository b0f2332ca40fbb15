"""Types of the administration: what is done to many waiting recipients, and rules that hold mail."""
from typing import Literal

from msgspec import Struct

QueueState = Literal["", "active", "due", "waiting", "held"]
QueueAction = Literal["retry", "hold", "release", "drop", "fail", "transport", "tls", "schedule"]


class QueueStep(Struct, frozen=True):
    """What a step came to: how many recipients were changed, and where the next step begins (null: that was all)."""

    changed: int
    before: int | None


class QueueSource(Struct, frozen=True):
    """A waiting message as it will be sent; `cut`: it is longer."""

    text: str
    cut: bool


class HoldRule(Struct, frozen=True):
    """A rule that holds mail that fits all it names ("" is any): `host` is a mail host or the end of its name."""

    id: int
    account: str
    sender_domain: str
    recipient_domain: str
    host: str
    reason: str
    created: float
    by: str


class HoldAdded(Struct, frozen=True):
    """A new rule, and how many waiting recipients it holds."""

    rule: HoldRule
    held: int
