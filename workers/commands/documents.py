"""`pillarbox dmarc parse` and `tlsrpt parse`: what a report says, for people and for programs."""
import dataclasses
import ipaddress
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mta.base.errors import UserError
from mta.base.limits import LIMITS
from mta.base.names import Address, Domain
from mta.message.envelope import Envelope
from mta.report import arf, dmarcxml, tlsrptjson, unpacking
from mta.report.aggregate import AggregateReport
from mta.report.arf import FailureReport
from mta.report.badreport import BadReport
from mta.report.tlsrptjson import TlsReport
from mta.report.unpacking import Document, Kind
from workers.commands.paper import Row, safe, table, width
from workers.commands.site import Site

Report = AggregateReport | TlsReport | FailureReport
NAMES: dict[type[Report], str] = {AggregateReport: "dmarc", TlsReport: "tls", FailureReport: "failure"}


def dmarc_parse(site: Site, arguments: Namespace) -> list[Row] | str:
    """The DMARC reports in a file, aggregate or about one message; UserError says why there are none."""
    return _shown(arguments, (Kind.DMARC, Kind.FAILURE))


def tlsrpt_parse(site: Site, arguments: Namespace) -> list[Row] | str:
    """The reports about TLS in a file; UserError says why there are none."""
    return _shown(arguments, (Kind.TLS,))


def _shown(arguments: Namespace, kinds: tuple[Kind, ...]) -> list[Row] | str:
    octets = _octets(arguments.file)
    try:
        reports = list(_reports(octets, kinds))
    except BadReport as problem:
        raise UserError(f"{arguments.file}: {problem}") from None
    if arguments.json:
        return [{"report": NAMES[type(report)], **plain(report)} for report in reports]
    return safe("\n\n".join("\n".join(text(report)) for report in reports))


def _octets(file: str) -> bytes:
    """What is in file, as far as a report may be long."""
    most = LIMITS.report_unpacked + 1
    if file == "-":
        return sys.stdin.buffer.read(most)
    with Path(file).open("rb") as opened:
        return opened.read(most)


def _reports(octets: bytes, kinds: tuple[Kind, ...]) -> Iterator[Report]:
    """The reports of those kinds; BadReport if there are none, or one cannot be read."""
    try:
        documents = unpacking.in_file(octets)
    except BadReport:
        if Kind.FAILURE not in kinds:
            raise
        try:    # one that has no part for programs
            yield arf.parse(octets)
            return
        except BadReport:
            pass
        raise
    wanted = [document for document in documents if document.kind in kinds]
    if not wanted:
        raise BadReport(f"it is no {kinds[0].value}, but looks like a {documents[0].kind.value}")
    for document in wanted:
        yield _report(document, octets)


def _report(document: Document, octets: bytes) -> Report:
    readers: dict[Kind, Callable[[], Report]] = {
        Kind.DMARC: lambda: dmarcxml.parse(document.octets), Kind.TLS: lambda: tlsrptjson.parse(document.octets),
        Kind.FAILURE: lambda: arf.parse(octets)}
    return readers[document.kind]()


# --- for programs ----------------------------------------------------------------------------------


def plain(value: Any) -> Any:
    """value as JSON has it: names and addresses as text, dataclasses as objects."""
    match value:
        case Domain() | Address() | ipaddress.IPv4Address() | ipaddress.IPv6Address():
            return str(value)
        case Envelope():
            return {"date": value.date, "from": [one.spec for one in value.from_], "to": [one.spec for one in value.to],
                    "subject": value.subject, "message_id": value.message_id}
        case frozenset():
            return sorted(value)
        case tuple() | list():
            return [plain(one) for one in value]
        case _ if dataclasses.is_dataclass(value):
            return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        case _:
            return value


# --- for people ------------------------------------------------------------------------------------


def text(report: Report) -> Iterator[str]:
    """report in lines."""
    match report:
        case AggregateReport():
            yield from _aggregate(report)
        case TlsReport():
            yield from _tls(report)
        case FailureReport():
            yield from _failure(report)
    for problem in report.problems:
        yield f"Odd: {problem}."


def _aggregate(report: AggregateReport) -> Iterator[str]:
    metadata, policy = report.metadata, report.policy
    passed = sum(row.count for row in report.rows if row.passed)
    yield f"DMARC report of {metadata.org_name} ({metadata.email or 'no address'}) about {policy.domain}, id {metadata.report_id}"
    yield _period(metadata.begin, metadata.end)
    tags = {"p": policy.p, "sp": policy.sp, "np": policy.np, "adkim": policy.adkim, "aspf": policy.aspf, "fo": policy.fo,
            "t": "" if policy.testing is None else "y" if policy.testing else "n"}
    yield "The policy found: " + "; ".join(f"{name}={value}" for name, value in tags.items() if value)
    yield f"{report.messages} message{'' if report.messages == 1 else 's'}: {passed} passed, {report.messages - passed} failed."
    for error in metadata.errors:
        yield f"The reporter says: {error}"
    yield ""
    yield from _table([{
        "source": str(row.source_ip), "messages": row.count, "disposition": row.disposition, "dkim": row.dkim, "spf": row.spf,
        "from": row.header_from, "sender": row.envelope_from or "", "signed by": ", ".join(f"{one.domain} ({one.result})" for one in
                                                                                    row.dkim_results),
        "spf of": ", ".join(f"{one.domain} ({one.result})" for one in row.spf_results),
        "why": ", ".join(": ".join(filter(None, (one.kind, one.comment))) for one in row.reasons)} for row in report.rows])


def _tls(report: TlsReport) -> Iterator[str]:
    yield f"Report about TLS of {report.organization} ({report.contact or 'no address'}), id {report.report_id}"
    yield _period(report.begin, report.end)
    for policy in report.policies:
        yield ""
        yield f"Policy {policy.kind} of {policy.domain}: {policy.successful} sessions succeeded, {policy.failed} failed."
        yield from (f"    {line}" for line in policy.lines)
        if policy.failures:
            yield ""
            yield from _table([{
                "failure": one.result, "sessions": one.count, "from": one.sending_ip, "to": one.mx_host or one.mx_helo,
                "address": one.receiving_ip, "reason": one.reason, "information": one.information} for one in policy.failures])


def _failure(report: FailureReport) -> Iterator[str]:
    yield f"Report about one message ({report.kind}{', ' + ', '.join(report.failures) if report.failures else ''})"
    facts = {
        "about": ", ".join(report.reported_domains), "came from": str(report.source_ip or ""),
        "arrived": _time(report.arrival) if report.arrival is not None else "", "incidents": str(report.incidents),
        "sender": report.mail_from, "recipients": ", ".join(report.recipients), "delivery": report.delivery_result,
        "not aligned": ", ".join(sorted(report.unaligned or ())), "reported by": report.reporting_mta or report.user_agent,
        "results": "; ".join(report.authentication_results), "author": report.original.from_text, "subject": report.original.subject,
        "message id": report.original.message_id}
    yield from (f"{name + ':':<13}{value}" for name, value in facts.items() if value)


def _table(rows: list[Row]) -> list[str]:
    """rows without the columns that none of them fills."""
    filled = [name for name in rows[0] if any(row[name] != "" for row in rows)]
    return table([{name: row[name] for name in filled} for row in rows], width())


def _period(begin: int, end: int) -> str:
    return f"{_time(begin)} to {_time(end)}"


def _time(seconds: float) -> str:
    """A moment; twelve digits of seconds reach beyond the years that there are words for."""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%SZ}"
    except (ValueError, OverflowError, OSError):
        return f"second {seconds:.0f}"
