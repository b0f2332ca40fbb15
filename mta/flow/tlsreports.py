"""TLS reports: to the owner of a domain or mail host, how our connections to it were protected.

A report covers a UTC day and one policy domain: that of the recipients for MTA-STS and for
having no policy, the mail host's own for DANE.  Who asks for it is looked up when it is
due, at _smtp._tls of the policy domain.

The mail says TLS-Required: No, so that a report about TLS that fails arrives all the same,
and its own sessions leave no evidence.  Those of DMARC reports, and of notices, which may
be about a report, are told of, but are no reason for a report: so no report is ever caused
by a report.

Standards: RFC 8460 §3 (the record), §4.4 (the document), §5.3 (the mail), §5.4 (https).

Read on: mta.flow.tlsevidence counts, mta.flow.reportout sends.
"""
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from mta.base.names import Domain
from mta.flow import reportsender
from mta.flow.reportkind import Asked, Case, Destination, Open, Ripe
from mta.flow.world import World
from mta.message.reporturi import ReportUri
from mta.report import mailing, reportmail, tlsrptjson
from mta.report.reportmail import Document
from mta.report.tlsrptjson import FailureDetail, PolicyResult, TlsReport
from mta.secure import tlsrpt
from mta.store import evidence, queue
from mta.store.connection import Connection
from mta.store.evidence import Detail, Kept
from mta.store.sentreports import ReportKind, ReportRow

DAY: Final = 86_400.0
#: Old rows that go in one change.
SLICE: Final = 200


class TlsReports:
    """The kind of reports that tell how connections were protected."""

    name: ReportKind = "tls"
    queued_as: queue.Kind = "tls_report"
    spread: float = 4 * 3_600.0
    begin: float = 210.0

    def enabled(self, world: World) -> bool:
        """As configured."""
        return world.config.reports.tls

    def waiting(self, db: Connection) -> list[Open]:
        """What is of no report yet, a day at a time."""
        return [
            Open(domain.ascii, _sessions(rows), sum(one.optional for one in rows), *_span(day))
            for domain, day in evidence.due(db, "9999") for rows in [evidence.results(db, domain, day)]]

    def ripe(self, db: Connection, now: float) -> list[Ripe]:
        """Days that are over; days that are to come were seen by a clock that was set back since, and are told as the last one."""
        today, last = evidence.day_of(now), evidence.day_of(now - DAY)
        return [_ripe(domain, day, min(day, last)) for domain, day in evidence.due(db, "9999") if day != today]

    def unripe(self, db: Connection, policy_domain: str, now: float) -> Ripe | None:
        """The first day that waits for a domain."""
        return next((_ripe(domain, day, day) for domain, day in evidence.due(db, "9999") if domain.ascii == policy_domain), None)

    def case(self, world: World, report: ReportRow) -> Case | None:
        """The evidence bound to a report."""
        rows = world.store.read(lambda db: evidence.taken(db, report.id))
        return TlsCase(world, report, tuple(rows)) if rows else None

    def draft(self, world: World, policy_domain: str, report: ReportRow) -> Case | None:
        """The evidence of one day that waits for a domain."""
        day = evidence.day_of(report.start)
        rows = world.store.read(lambda db: evidence.results(db, Domain(policy_domain), day))
        return TlsCase(world, report, tuple(rows)) if rows else None

    def clear(self, db: Connection, report_id: int) -> int:
        """Forget the evidence of a report."""
        return evidence.clear_taken(db, report_id)

    def forget(self, db: Connection, policy_domain: str) -> int:
        """Forget what waits for a domain."""
        gone = 0
        for domain, day in evidence.due(db, "9999"):
            if domain.ascii == policy_domain:
                gone += _sessions(evidence.results(db, domain, day))
                evidence.clear(db, domain, day)
        return gone

    def prune(self, world: World, before: float) -> int:
        """Forget what waits too long."""
        gone, day = 0, evidence.day_of(before)
        while world.store.read(lambda db: evidence.due(db, day)):
            gone += world.store.write_now(lambda db: evidence.prune(db, before, 0.0, SLICE))
        return gone


@dataclass(frozen=True, slots=True)
class TlsCase:
    """The evidence of one report."""

    world: World
    report: ReportRow
    rows: tuple[Kept, ...]

    @property
    def counted(self) -> int:
        """Sessions."""
        return _sessions(self.rows)

    def needless(self) -> str:
        """Sessions that were set up to send reports or notices are no reason to write."""
        if all(one.optional >= one.successes + one.failures for one in self.rows):
            return "all connections were made to send reports or notices"
        return ""

    async def asked(self) -> Asked:
        """Who asks for reports, by the record as it is now."""
        found = await tlsrpt.lookup(Domain(self.report.policy_domain), self.world.resolver)
        if found.temporary:
            return Asked(temporary=found.problem)
        if found.record is None or not found.record.rua:
            return Asked(nobody=found.problem or f"the TLSRPT record of {found.domain} names no address")
        return Asked(tuple(map(_destination, found.record.rua)), found.record.problems)

    def document(self, submitter: Domain, problems: tuple[str, ...]) -> Document:
        """The report, its policies merged over the domains that mail went to."""
        report, domain = self.report, Domain(self.report.policy_domain)
        ident = f"{report.token}@{submitter.ascii}"
        whole = TlsReport(
            submitter.ascii, reportsender.author(submitter).ascii, ident, int(report.start), int(report.finish) - 1, _policies(self.rows))
        name = mailing.file_name(submitter, domain, whole.begin, whole.end, "json.gz", report.token)
        return Document(
            mailing.subject(domain, submitter, ident), name, reportmail.pack(tlsrptjson.write(whole)), "application/tlsrpt+gzip",
            _text(whole, submitter, domain), "tlsrpt",
            (("TLS-Report-Domain", domain.ascii), ("TLS-Report-Submitter", submitter.ascii), ("TLS-Required", "No")))


def _destination(uri: ReportUri) -> Destination:
    return Destination(f"mailto:{uri.address.ascii}", uri.address) if uri.address else Destination(uri.uri)


def _sessions(rows: Iterable[Kept]) -> int:
    return sum(one.successes + one.failures for one in rows)


def _span(day: str) -> tuple[float, float]:
    """Begin and end of a day, seconds since 1970."""
    begin = datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC)
    return begin.timestamp(), (begin + timedelta(days=1)).timestamp()


def _ripe(domain: Domain, day: str, told_as: str) -> Ripe:
    return Ripe(domain.ascii, *_span(told_as), lambda db, report_id: evidence.take(db, domain, day, report_id))


def _policies(rows: Iterable[Kept]) -> tuple[PolicyResult, ...]:
    """One for each policy, failures that are alike counted together."""
    together: dict[object, list[Kept]] = {}
    for row in rows:
        together.setdefault(row.policy, []).append(row)
    return tuple(
        PolicyResult(
            theirs[0].policy.kind.value, theirs[0].policy.domain, sum(one.successes for one in theirs), sum(one.failures for one in theirs),
            theirs[0].policy.lines, theirs[0].policy.mx, _failures(detail for one in theirs for detail in one.details))
        for theirs in together.values())


def _failures(details: Iterable[Detail]) -> tuple[FailureDetail, ...]:
    counts: dict[tuple[str, ...], int] = {}
    for one in details:
        key = one.result, one.sending_ip, one.mx_host, one.mx_ip, one.reason, one.text
        counts[key] = counts.get(key, 0) + one.sessions
    return tuple(
        FailureDetail(result, count, sending_ip, mx_host, receiving_ip=mx_ip, reason=reason, information=text)
        for (result, sending_ip, mx_host, mx_ip, reason, text), count in counts.items())


def _text(whole: TlsReport, submitter: Domain, domain: Domain) -> str:
    begin = f"{datetime.fromtimestamp(whole.begin, UTC):%Y-%m-%d}"
    return (
        f"This is a report from {submitter.ascii} about how its connections to mail servers of {domain.ascii}\nwere protected (TLSRPT).\n\n"
        f"Day: {begin} UTC\nSessions: {whole.successful} without trouble, {whole.failed} that failed\n\n"
        f"The attached file is for programs.  Reports are sent because the TXT record of\n_smtp._tls.{domain.ascii} asks for them.\n")
