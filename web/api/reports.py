"""Types of the administration's pages about reports of others; times are seconds since 1970, a day is its beginning (UTC)."""
from typing import Literal

from msgspec import Struct

from web.api.admin import DnsRecord

Verdict = Literal["yours", "forwarder", "service", "forged"]
ReportKind = Literal["dmarc", "tls", "failure"]


class ReportTotal(Struct, frozen=True):
    """What was told of a domain of ours, or of the host ("") in some days: messages and those that failed DMARC, sessions alike."""

    domain: str
    messages: int
    failed: int
    sessions: int
    failed_sessions: int
    latest: float | None


class ReportsPage(Struct, frozen=True):
    """All domains; `host_address` is where reports about the host are to be sent ("" nowhere), `kept` how many days they stay."""

    totals: list[ReportTotal]
    host: str
    host_address: str
    kept: int
    records: list[DnsRecord]


class DmarcDay(Struct, frozen=True):
    """Messages of a day: passed DMARC, or failed and were delivered, quarantined, rejected."""

    day: float
    passed: int
    delivered: int
    quarantined: int
    rejected: int


class MailSource(Struct, frozen=True):
    """A network that mail in the domain's name came from.

    `addresses` are the busiest of `number`; `dkim` and `spf` are messages that passed so
    for the domain, `opinions` how many messages have each verdict.
    """

    network: str
    addresses: list[str]
    number: int
    messages: int
    dkim: int
    spf: int
    passed: int
    delivered: int
    quarantined: int
    rejected: int
    verdict: Verdict
    why: str
    opinions: dict[str, int]
    passes_as: list[str]
    first: float
    last: float


class Reporter(Struct, frozen=True):
    """Who reports: its name, the domain that vouches for the mail, reports, and messages or sessions they tell of."""

    organization: str
    sender: str
    reports: int
    counted: int


class DmarcView(Struct, frozen=True):
    """Who sends in the name of a domain, since a day.

    `safe` says whether the policy may become `next` ("" if there is no stricter one), null
    if too little is known; `others` are messages of sources that are not listed.
    """

    domain: str
    since: float
    days: list[DmarcDay]
    sources: list[MailSource]
    others: int
    policy: str
    now: str
    next: str
    safe: bool | None
    sentence: str
    reporters: list[Reporter]


class TlsDay(Struct, frozen=True):
    """Sessions of a day."""

    day: float
    good: int
    bad: int


class TlsFailure(Struct, frozen=True):
    """Sessions that failed in one way, what that means and what one can do."""

    result: str
    meaning: str
    remedy: str
    host: str
    reason: str
    information: str
    sessions: int
    reporters: list[str]
    first: float
    last: float


class TlsPolicy(Struct, frozen=True):
    """A policy as reporters found it."""

    kind: str
    text: str
    good: int
    bad: int
    last: float


class TlsView(Struct, frozen=True):
    """How connections to a domain or the host ("") did, since a day."""

    domain: str
    since: float
    days: list[TlsDay]
    failures: list[TlsFailure]
    policies: list[TlsPolicy]
    reporters: list[Reporter]


class SourceName(Struct, frozen=True):
    """The reverse name of an address, "" if it has none that leads back; `problem` says why."""

    ip: str
    name: str
    problem: str


class ReportsAsked(Struct, frozen=True):
    """What the DNS says of one kind of reports: its record, the places it names, and what is wrong in sentences.

    `wanted` is the address that was chosen here, "" if none; without `problems` all is well.
    """

    kind: str
    wanted: str
    record: str
    named: list[str]
    problems: list[str]


class ReportLine(Struct, frozen=True):
    """A report in a list; `raw` says whether the document can still be shown."""

    id: int
    kind: ReportKind
    organization: str
    sender: str
    contact: str
    report_id: str
    domains: list[str]
    start: float
    finish: float
    received: float
    good: int
    bad: int
    raw: bool


class CheckSeen(Struct, frozen=True):
    """What a check came to, or (kind "reason") why another thing was done than the policy asks for."""

    kind: Literal["dkim", "spf", "reason"]
    domain: str
    selector: str
    result: str
    text: str


class RecordSeen(Struct, frozen=True):
    """Messages of one kind."""

    ip: str
    messages: int
    disposition: str
    dkim: bool
    spf: bool
    header_from: str
    envelope_from: str | None
    envelope_to: str | None
    results: list[CheckSeen]


class FailureSeen(Struct, frozen=True):
    """Sessions that failed in one way."""

    result: str
    sessions: int
    sending_ip: str
    mx_host: str
    mx_helo: str
    receiving_ip: str
    reason: str
    information: str


class MessageSeen(Struct, frozen=True):
    """The message that a failure report is about."""

    kind: str
    ip: str
    arrival: float | None
    incidents: int
    failures: str
    mail_from: str
    header_from: str
    subject: str
    header_id: str
    delivery: str
    results: str


class PolicySeen(Struct, frozen=True):
    """A policy in a report; `cut` says that there are more rows than these."""

    domain: str
    kind: str
    text: str
    good: int
    bad: int
    records: list[RecordSeen]
    failures: list[FailureSeen]
    messages: list[MessageSeen]
    cut: bool


class Report(Struct, frozen=True):
    """A report with all that it tells: `errors` are what the reporter says went wrong, `problems` what was odd about the report."""

    line: ReportLine
    errors: list[str]
    problems: list[str]
    policies: list[PolicySeen]


class RawReport(Struct, frozen=True):
    """The document as it came; `cut` says that only its beginning is here."""

    name: str
    text: str
    cut: bool
