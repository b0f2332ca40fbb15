"""The administrator's functions about reports to others: what waits, what was sent to whom, and who gets none."""
import gzip

from mta.base.errors import BadName, UserError
from mta.base.names import Domain
from mta.flow import reporting, reportsender
from mta.flow.reporting import Preview, Shown
from mta.store import sentreports
from mta.store.sentreports import ReportKind
from web.api.sent_reports import (
    Evidence,
    ReportPreview,
    SendingPage,
    SentKind,
    SentReport,
    SentTo,
    Suppressed,
)
from web.call import Call

KINDS: tuple[ReportKind, ...] = ("dmarc", "tls")
#: Characters of a document that a page gets.
SHOWN = 200_000
DAY = 86_400.0
#: Days that an address is suppressed at most, unless for good.
LONGEST = 3_650


def sent_reports(call: Call) -> SendingPage:
    """What waits to be reported to others, and who gets no reports."""
    world = call.world
    settings, submitter = world.config.reports, reportsender.submitter(world)
    evidence = [
        Evidence(kind, _name(one.policy_domain), one.counted, one.optional, one.since, one.until)
        for kind in KINDS for one in reporting.waiting(world, kind)]
    suppressed = [_suppressed(one) for one in reporting.suppressions(world)]
    return SendingPage(
        settings.dmarc, settings.tls, submitter.unicode if submitter else "", reporting.next_planning(world), evidence, suppressed)


def sent_report_list(
    call: Call, kind: SentKind, domain: str | None = None, before: int | None = None, limit: int = 50,
) -> list[SentReport]:
    """Reports to others, sent or planned, the latest first, with ids below `before`; `domain` null is all."""
    return [_line(one) for one in reporting.listing(call.world, kind, domain=domain or "", before=before, limit=limit)]


def sent_report_preview(call: Call, kind: SentKind, domain: str) -> ReportPreview:
    """What would be sent about a domain now, and to whom; changes nothing.  user:notFound if nothing waits."""
    return _preview(call.wait(reporting.preview(call.world, kind, domain)))


def sent_report_send(call: Call, kind: SentKind, domain: str) -> int:
    """Have what waits about a domain sent now; the id of the report.  user:notFound, user:conflict if such reports are switched off."""
    return reporting.send(call.world, kind, domain, by=call.by)


def sent_report_forget(call: Call, kind: SentKind, domain: str) -> int:
    """Forget what waits about a domain and is of no report yet; how many messages or sessions that were."""
    return reporting.forget(call.world, kind, domain, by=call.by)


def sent_report_remove(call: Call, kind: SentKind, id: int) -> None:
    """Forget a report; if it has not been sent, it never is."""
    reporting.remove(call.world, kind, id, by=call.by)


def sent_report_suppress(call: Call, address: str, days: int | None = None, reason: str = "") -> SendingPage:
    """Send no reports to an address or https URL for some days (1 to 3,650), or for good (null)."""
    if days is not None and not 1 <= days <= LONGEST:
        raise UserError(f"an address is suppressed for 1 to {LONGEST} days, or for good")
    until = call.world.clock.timestamp() + days * DAY if days is not None else None
    reporting.suppress(call.world, address, until, reason, by=call.by)
    return sent_reports(call)


def sent_report_allow(call: Call, address: str) -> SendingPage:
    """Let an address have reports again."""
    reporting.allow(call.world, address, by=call.by)
    return sent_reports(call)


def _line(shown: Shown) -> SentReport:
    row = shown.report
    return SentReport(
        row.id, row.kind, _name(row.policy_domain), row.start, row.finish, row.state, row.due, row.settled, row.attempts, row.counted,
        row.text, row.trace, [SentTo(one.to.uri.removeprefix("mailto:"), one.fate, one.to.at, one.said) for one in shown.sent])


def _preview(found: Preview) -> ReportPreview:
    document = found.document
    text = gzip.decompress(document.content).decode() if document else ""
    unsigned = "" if found.submitter else "no DKIM key signs for this host or a domain above it"
    why_not = found.needless or found.asked.nobody or found.asked.temporary or unsigned
    return ReportPreview(
        _name(found.policy_domain), found.counted,
        [one.uri.removeprefix("mailto:") for one in found.asked.destinations if one.uri not in found.suppressed],
        [*found.asked.problems, *(f"{uri.removeprefix('mailto:')} is suppressed{f': {why}' if why else ''}"
                                  for uri, why in found.suppressed.items())],
        why_not, document.subject if document else "", document.file_name if document else "", text[:SHOWN], len(text) > SHOWN)


def _suppressed(one: sentreports.Suppression) -> Suppressed:
    return Suppressed(one.address, one.until, one.reason, one.created)


def _name(domain: str) -> str:
    """A domain for people; rows have A-labels of whatever a stranger's name was."""
    try:
        return Domain.parse(domain).unicode
    except BadName:
        return domain
