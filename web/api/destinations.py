"""Types of the administration: what other servers mean, and how mail does at each destination."""
from typing import Literal

from msgspec import Struct


class Meaning(Struct, frozen=True):
    """What a reply of another server means.

    `name` and `title` are of the known cause ("" if it is none), `side` says who can mend it,
    `what` and `todo` are for the sender, `step` for the administrator, with a form or page at `link` ("" if there is none).
    """

    name: str
    title: str
    side: Literal["here", "there", "sender", "nobody"]
    what: str
    todo: str
    step: str
    link: str


class RefusalReason(Struct, frozen=True):
    """Why attempts were put off or refused, how often, and the last reply that said so."""

    outcome: Literal["deferred", "refused"]
    meaning: Meaning
    attempts: int
    latest: float
    reply: str


class DestinationDomain(Struct, frozen=True):
    """Attempts for recipients of one domain ("" for all the others)."""

    domain: str
    sent: int
    deferred: int
    refused: int


class Destination(Struct, frozen=True):
    """An operator of mail hosts ("": no host was reached): attempts by what came of them, why, and for which domains, at most 100."""

    operator: str
    name: str
    sent: int
    deferred: int
    refused: int
    reasons: list[RefusalReason]
    domains: list[DestinationDomain]


class DestinationDay(Struct, frozen=True):
    """Attempts of one day (UTC) that begins at `day`."""

    day: float
    sent: int
    deferred: int
    refused: int
