"""Reports about a single message: that it failed authentication, or that somebody took it for abuse.

Three parts: words for people, fields for programs, the message or its header.  Which of
them a sender leaves out differs; the fields are what counts.  One widespread program has
none, and writes what it knows as lines of text: those are read too.

Standards: RFC 5965 (the format and its fields), RFC 6591 (authentication failures), RFC
6692 (Source-Port), RFC 9991 §4 (what DMARC adds).
"""
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mta.base.errors import BadName
from mta.base.limits import LIMITS, Limits
from mta.base.names import Domain, IPAddress, ip_address
from mta.message import dates, envelope, header, mime
from mta.message.envelope import Envelope
from mta.message.header import Header
from mta.message.mime import Part
from mta.message.scan import Octets
from mta.message.text import decode_part, part_text
from mta.report.badreport import BadReport
from mta.report.unpacking import FEEDBACK

#: Types of parts that hold the message, or its header, that a report is about.
HEADERS: Final = ("text/rfc822-headers", "message/rfc822-headers", "message/global-headers", "text/rfc822-header")
#: RFC 5965 §3.1: how a report's fields can be told from other text.
NUMBER: Final = re.compile(r"[0-9]{1,9}")
#: The lines of a report that has no fields, and what they would be called there.
PROSE: Final = {"sender domain": "Reported-Domain", "sender ip address": "Source-IP", "received date": "Arrival-Date",
                "spf alignment": "spf", "dkim alignment": "dkim"}
PROSE_LINE: Final = re.compile(r"[ \t]{0,20}([A-Za-z ]{1,30}):[ \t]*([^\n]{0,200})")
#: What separates those lines from the header that follows them.
PROSE_HEADER: Final = re.compile(r"\n-{3,10} This is a copy of the headers[^\n]{0,200}\n\s*")


@dataclass(frozen=True, slots=True)
class FailureReport:
    """What a report says of one message; what it does not say is "" or None.

    kind is "auth-failure", "abuse" and the like (RFC 5965 §7.3).  failures are what failed
    ("dmarc", "dkim", "spf", …: RFC 6591 §3.1), unaligned the methods that gave no aligned
    identity (RFC 9991 §4), None if that is not said.  incidents is how many messages like
    this there were.  original is the message's own header as far as it came along.
    """

    kind: str
    version: str = ""
    user_agent: str = ""
    source_ip: IPAddress | None = None
    source_port: int | None = None
    arrival: float | None = None
    incidents: int = 1
    reported_domains: tuple[str, ...] = ()
    reported_uris: tuple[str, ...] = ()
    mail_from: str = ""
    recipients: tuple[str, ...] = ()
    envelope_id: str = ""
    reporting_mta: str = ""
    authentication_results: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()
    unaligned: frozenset[str] | None = None
    delivery_result: str = ""
    dkim_domain: str = ""
    dkim_identity: str = ""
    dkim_selector: str = ""
    spf_dns: tuple[str, ...] = ()
    original: Envelope = envelope.EMPTY
    problems: tuple[str, ...] = ()


def parse(message: Octets, limits: Limits = LIMITS, *, root: Part | None = None) -> FailureReport:
    """The report that message is; root saves looking for its parts again.  BadReport says why it is none."""
    if len(message) > limits.report_message:
        raise BadReport(f"the message has more than {limits.report_message} octets")
    root = root or mime.parse(message, limits)
    leaves = [part for part in _outer(root) if not part.children]
    fields = next((part for part in leaves if part.kind == FEEDBACK), None)
    if fields:
        octets = decode_part(message, fields)[:limits.header_octets].lstrip(b"\r\n")
        return _Reader(header.parse(octets, 0, limits), _original(message, leaves, limits), limits).report()
    for part in leaves:
        if part.kind == "text/plain" and (report := _prose(part_text(message, part, limits.header_octets), limits)):
            return report
    raise BadReport("the message has no part message/feedback-report")


def _outer(part: Part) -> Iterator[Part]:
    """The parts of the report itself, not those of the message that it is about."""
    yield part
    for child in part.children:
        yield from _outer(child)


def _original(message: Octets, leaves: list[Part], limits: Limits) -> Envelope:
    """What the message's own header says."""
    for part in leaves:
        if part.message:
            return part.message.envelope
        if part.kind in HEADERS:
            return envelope.read(header.parse(decode_part(message, part)[:limits.header_octets], 0, limits), limits)
    return envelope.EMPTY


class _Reader:
    """From the fields to the report."""

    def __init__(self, fields: Header, original: Envelope, limits: Limits) -> None:
        self.fields, self.original, self.limits = fields, original, limits

    def report(self) -> FailureReport:
        kind = self.word("Feedback-Type")
        if not kind:
            raise BadReport("its fields do not say what kind of report it is (Feedback-Type)")
        problems = []
        source = self.one("Source-IP")
        source_ip = _address(source)
        if source and source_ip is None:
            problems.append(f"{source[:60]!r} is no IP address")
        arrival = self.one("Arrival-Date") or self.one("Received-Date")
        seconds = dates.parse_date(arrival) if arrival else None
        if arrival and seconds is None:
            problems.append(f"{arrival[:60]!r} is no date")
        domains = tuple(map(_name, self.all("Reported-Domain")))
        return FailureReport(
            kind, self.one("Version"), self.one("User-Agent"), source_ip, self.number("Source-Port"), seconds,
            self.number("Incidents") or 1, domains, self.all("Reported-URI"), self.one("Original-Mail-From"),
            self.all("Original-Rcpt-To"), self.one("Original-Envelope-Id"), _mta(self.one("Reporting-MTA")),
            self.all("Authentication-Results"), self.words("Auth-Failure"), self.unaligned(), self.word("Delivery-Result"),
            _name(self.one("DKIM-Domain")), self.one("DKIM-Identity"), self.one("DKIM-Selector"), self.all("SPF-DNS"),
            self.original, tuple(problems))

    def all(self, name: str) -> tuple[str, ...]:
        """The values of every field of that name, the first of them if they are many."""
        fields = self.fields.all(name)[:self.limits.report_results]
        return tuple(filter(None, (field.text()[:self.limits.report_text] for field in fields)))

    def one(self, name: str) -> str:
        return next(iter(self.all(name)), "")

    def word(self, name: str) -> str:
        return dates.without_comments(self.one(name)).strip().lower()

    def words(self, name: str) -> tuple[str, ...]:
        """The words of a list, with commas between them."""
        return tuple(filter(None, (word.strip() for word in self.word(name).split(","))))

    def number(self, name: str) -> int | None:
        found = NUMBER.fullmatch(self.word(name))
        return int(found[0]) if found else None

    def unaligned(self) -> frozenset[str] | None:
        # RFC 9991 §4 lists what failed, or "none"; RFC 7489 §7.3.1 meant the same.
        words = self.words("Identity-Alignment")
        return frozenset(words) - {"none"} if words else None


def _prose(text: str, limits: Limits) -> FailureReport | None:
    """The report in lines like "Sender IP Address: 192.0.2.1", None if they are not there."""
    head = PROSE_HEADER.search(text)
    lines = [PROSE_LINE.fullmatch(line) for line in text[:head.start() if head else len(text)].split("\n")[:limits.report_results]]
    said = {PROSE[name]: line[2].strip() for line in lines if line and (name := line[1].strip().lower()) in PROSE}
    source_ip = _address(said.get("Source-IP", ""))
    if source_ip is None or "Reported-Domain" not in said:
        return None
    original = header.parse(text[head.end():].encode("utf-8", "replace"), 0, limits) if head else None
    return FailureReport(
        "auth-failure", source_ip=source_ip, arrival=dates.parse_date(said.get("Arrival-Date", "")),
        reported_domains=(_name(said["Reported-Domain"]),), failures=("dmarc",),
        unaligned=frozenset(method for method in ("spf", "dkim") if said.get(method, "").lower() == "no"),
        authentication_results=tuple(field.text()[:limits.report_text] for field in original.all("Authentication-Results")[:10])
        if original else (),
        original=envelope.read(original, limits) if original else envelope.EMPTY,
        problems=("it has no fields for programs; this was taken from its text",))


def _address(text: str) -> IPAddress | None:
    try:
        return ip_address(text.strip().removeprefix("[").removesuffix("]").removeprefix("IPv6:"))
    except BadName:
        return None


def _name(text: str) -> str:
    """A domain as it is compared, or what stands in its place."""
    try:
        return Domain.parse(text).ascii
    except BadName:
        return text.lower()


def _mta(text: str) -> str:
    """The name in "dns; mx.example.org"."""
    kind, semicolon, name = text.partition(";")
    return name.strip() if semicolon else kind.strip()
