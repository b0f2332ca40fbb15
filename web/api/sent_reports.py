"""Types of the administration's pages about reports to others; times are seconds since 1970."""
from typing import Literal

from msgspec import Struct

SentKind = Literal["dmarc", "tls"]
SentState = Literal["due", "sent", "needless", "unsent"]
ReportFate = Literal["waiting", "delivered", "failed", "dropped", "posted", "suppressed", "refused"]


class Evidence(Struct, frozen=True):
    """What waits to be reported about a domain: messages or sessions, and how many of them are no reason to write."""

    kind: SentKind
    domain: str
    counted: int
    optional: int
    since: float
    until: float


class SentTo(Struct, frozen=True):
    """What became of a report at an address or URL; `said` is what the other side answered last."""

    uri: str
    fate: ReportFate
    at: float
    said: str


class SentReport(Struct, frozen=True):
    """A report that is planned (`due`: when it is made or tried again) or settled; `text` says why it was not sent, or not yet.

    `counted` are messages or sessions that it tells of, known when it is settled.
    """

    id: int
    kind: SentKind
    domain: str
    start: float
    finish: float
    state: SentState
    due: float | None
    settled: float | None
    attempts: int
    counted: int
    text: str
    trace: str
    to: list[SentTo]


class Suppressed(Struct, frozen=True):
    """An address, or https URL, that gets no reports until a time, null: for good."""

    address: str
    until: float | None
    reason: str
    created: float


class SendingPage(Struct, frozen=True):
    """Reports to others: which kinds are sent, in whose name ("" if no key signs, and none leaves), what waits, and who gets none.

    `planned` is when what waits is looked through next, null if the server has not run yet.
    """

    dmarc: bool
    tls: bool
    submitter: str
    planned: float | None
    evidence: list[Evidence]
    suppressed: list[Suppressed]


class ReportPreview(Struct, frozen=True):
    """A report as it would leave now: to whom, and why not to others, or not at all ("" if nothing is in the way).

    `document` is "" if nobody would get it; `cut` says that only its beginning is here.
    """

    domain: str
    counted: int
    to: list[str]
    problems: list[str]
    why_not: str
    subject: str
    name: str
    document: str
    cut: bool
