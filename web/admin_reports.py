"""The administrator's functions about reports of others: who sends as us, how connections to us did, and single reports."""
import msgspec

from mta.base.names import Domain
from mta.flow import records, reportaddresses, reportasked, reportview
from mta.flow.reportview import day_start
from mta.judge.sending import Sender
from mta.report import tlsadvice
from mta.store import receivedview
from mta.store.receivedview import ReportRow
from web.api.admin import DnsRecord
from web.api.reports import (
    DmarcDay,
    DmarcView,
    MailSource,
    PolicySeen,
    RawReport,
    Report,
    Reporter,
    ReportKind,
    ReportLine,
    ReportsAsked,
    ReportsPage,
    ReportTotal,
    SourceName,
    TlsDay,
    TlsFailure,
    TlsPolicy,
    TlsView,
    Verdict,
)
from web.call import Call

VERDICTS: dict[Sender, Verdict] = {
    Sender.YOURS: "yours", Sender.FORWARDER: "forwarder", Sender.SERVICE: "service", Sender.FORGED: "forged"}


def reports(call: Call, days: int = 30) -> ReportsPage:
    """What was told of each domain in the last days, and where reports about the host go."""
    world = call.world
    totals = [
        ReportTotal(_name(one.domain), one.messages, one.failed, one.sessions, one.failed_sessions, one.latest)
        for one in reportview.overview(world, days)]
    address = reportaddresses.of_host(world)
    return ReportsPage(totals, world.config.hostname.unicode, str(address) if address else "", world.config.reports.keep_days,
                       [DnsRecord(one.name, one.kind, one.value, one.why, one.optional) for one in records.asking_for_host(world)])


def report_host_address(call: Call, address: str) -> ReportsPage:
    """Have reports about TLS to the host sent to an address of ours, or nowhere ("")."""
    reportaddresses.set_for_host(call.world, address, by=call.by)
    return reports(call)


def report_dmarc(call: Call, domain: str, days: int = 30) -> DmarcView:
    """Who sends in the name of a domain ("" is the host), and whether its policy may be stricter."""
    view = reportview.dmarc(call.world, domain, days)
    sources = [MailSource(
        one.network, one.addresses, one.number, one.messages, one.dkim, one.spf, one.passed, one.delivered, one.quarantined, one.rejected,
        VERDICTS[one.verdict], one.why, {VERDICTS[sender]: number for sender, number in one.opinions.items()},
        [_name(name) for name in one.passes_as], day_start(one.first), day_start(one.last)) for one in view.sources]
    ready = view.readiness
    return DmarcView(
        domain, day_start(view.since),
        [DmarcDay(day_start(one.day), one.passed, one.delivered, one.quarantined, one.rejected) for one in view.days], sources,
        view.others, view.policy, ready.now, ready.next, ready.safe, ready.sentence, [_reporter(one) for one in view.reporters])


def report_tls(call: Call, domain: str, days: int = 30) -> TlsView:
    """How connections to a domain, or to the host (""), were protected."""
    view = reportview.tls(call.world, domain, days)
    failures = []
    for one in view.failures:
        said = tlsadvice.advice(one.result)
        failures.append(TlsFailure(
            one.result, said.what, said.todo, one.mx_host, one.reason, one.information, one.sessions, list(one.reporters),
            day_start(one.first), day_start(one.last)))
    return TlsView(
        domain, day_start(view.since), [TlsDay(day_start(one.day), one.good, one.bad) for one in view.days], failures,
        [TlsPolicy(one.kind, one.text, one.good, one.bad, day_start(one.last)) for one in view.policies],
        [_reporter(one) for one in view.reporters])


def report_names(call: Call, ips: list[str]) -> list[SourceName]:
    """The reverse names of addresses (at most 50), as far as they can be found within some seconds."""
    found = call.wait(reportview.names(call.world.resolver, ips))
    return [SourceName(one.ip, one.name, one.problem) for one in found]


def report_asked(call: Call, domain: str) -> list[ReportsAsked]:
    """Whether the DNS asks others to report on a domain, or on the host (""), as was chosen here; what the DNS does not say is told too."""
    found = call.wait(reportasked.asked(call.world, domain))
    return [ReportsAsked(one.kind, str(one.wanted or ""), one.record, list(one.named), list(one.problems)) for one in found]


def report_list(
    call: Call, kind: ReportKind | None = None, domain: str | None = None, before: int | None = None, limit: int = 50,
) -> list[ReportLine]:
    """Reports, the latest first, with ids below `before`; `domain` "" is the host, null all."""
    return [_line(one) for one in reportview.reports(call.world, kind, domain, before=before, limit=limit)]


def report_show(call: Call, id: int) -> Report:
    """One report with all that it tells."""
    whole = reportview.report(call.world, id)
    return Report(
        _line(whole.row), [text for ours, text in whole.remarks if not ours], [text for ours, text in whole.remarks if ours],
        [_policy(one) for one in whole.policies])


def report_raw(call: Call, id: int) -> RawReport:
    """The document of a report as it came; user:notFound if its mail has been removed."""
    raw = reportview.raw(call.world, id)
    return RawReport(raw.name, raw.text, raw.cut)


def report_remove(call: Call, id: int) -> None:
    """Forget a report; its mail goes too, if it is still where it was filed."""
    reportview.remove(call.world, id, by=call.by)


def _line(row: ReportRow) -> ReportLine:
    return ReportLine(
        row.id, row.kind, row.organization, _name(row.sender), row.contact, row.report_id, [_name(one) for one in row.domains], row.start,
        row.finish, row.received, row.good, row.bad, row.mail is not None)


def _policy(policy: receivedview.PolicyWhole) -> PolicySeen:
    """The rows have the names and, but for flags, the types of the structs."""
    return msgspec.convert({
        "domain": _name(policy.domain), "kind": policy.kind, "text": policy.text, "good": policy.good, "bad": policy.bad,
        "records": [{**one, "dkim": bool(one["dkim"]), "spf": bool(one["spf"])} for one in policy.records],
        "failures": policy.failures, "messages": policy.messages, "cut": policy.cut}, PolicySeen)


def _reporter(one: receivedview.Reporter) -> Reporter:
    return Reporter(one.organization, _name(one.sender), one.reports, one.counted)


def _name(domain: str) -> str:
    """A domain for people; rows have A-labels."""
    return Domain(domain).unicode if domain else ""
