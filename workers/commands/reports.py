"""`pillarbox report …`: reports to others, what waits for them, and who gets none."""
import gzip
from argparse import Namespace
from dataclasses import replace

from mta.flow import reporting
from mta.flow.reporting import Preview, Shown
from mta.store.sentreports import ReportKind
from workers.commands import asking
from workers.commands.paper import Row
from workers.commands.site import Site

DAY = 86_400.0


def list_reports(site: Site, arguments: Namespace) -> list[Row]:
    """Reports, newest first."""
    shown = reporting.listing(site.world, _kind(arguments), domain=arguments.domain or "", limit=arguments.limit)
    return [_row(one) for one in shown]


def waiting(site: Site, arguments: Namespace) -> list[Row]:
    """Evidence that is of no report yet."""
    return [{"domain": one.policy_domain, "counted": one.counted, "optional": one.optional, "since": one.since, "until": one.until}
            for one in reporting.waiting(site.world, _kind(arguments))]


def show(site: Site, arguments: Namespace) -> list[Row]:
    """One report."""
    one = reporting.show(site.world, _kind(arguments), arguments.id)
    return [{**_row(one), "planned": one.report.planned, "attempts": one.report.attempts, "name": one.report.token,
             "trace": one.report.trace,
             "sent": [{"uri": sent.to.uri, "fate": sent.fate, "at": sent.to.at, "said": sent.said} for sent in one.sent]}]


def send(site: Site, arguments: Namespace) -> str | list[Row]:
    """Send what waits for a domain, or show what would be sent."""
    kind = _kind(arguments)
    if not arguments.dry_run:
        ident = reporting.send(site.world, kind, arguments.domain, by=site.by)
        return f"report {ident} will be sent within a minute, if the server runs; see `pillarbox report {kind} show {ident}`"
    found, _ = asking.ask(site, arguments, lambda dns: reporting.preview(replace(site.world, resolver=dns), kind, arguments.domain))
    return [_previewed(found)]


def remove(site: Site, arguments: Namespace) -> None:
    """Forget a report."""
    reporting.remove(site.world, _kind(arguments), arguments.id, by=site.by)


def forget(site: Site, arguments: Namespace) -> str:
    """Forget what waits for a domain."""
    gone = reporting.forget(site.world, _kind(arguments), arguments.domain, by=site.by)
    return f"{gone} {'messages' if _kind(arguments) == 'dmarc' else 'sessions'} forgotten"


# --- who gets none --------------------------------------------------------------------------------


def list_suppressed(site: Site, arguments: Namespace) -> list[Row]:
    """Addresses that get no reports now."""
    return [{"address": one.address, "until": one.until, "reason": one.reason, "created": one.created}
            for one in reporting.suppressions(site.world)]


def suppress(site: Site, arguments: Namespace) -> list[Row]:
    """Send no reports to an address."""
    until = site.clock.timestamp() + arguments.days * DAY if arguments.days else None
    one = reporting.suppress(site.world, arguments.address, until, arguments.reason, by=site.by)
    return [{"address": one.address, "until": one.until, "reason": one.reason, "created": one.created}]


def allow(site: Site, arguments: Namespace) -> None:
    """Let an address have reports again."""
    reporting.allow(site.world, arguments.address, by=site.by)


def _kind(arguments: Namespace) -> ReportKind:
    """Which reports: the second word of the verb."""
    return "dmarc" if arguments.verb.words.split()[1] == "dmarc" else "tls"


def _row(one: Shown) -> Row:
    report = one.report
    return {
        "id": report.id, "domain": report.policy_domain, "since": report.start, "until": report.finish, "state": report.state,
        "due": report.due, "settled": report.settled, "counted": report.counted,
        "to": [f"{sent.to.uri.removeprefix('mailto:')} ({sent.fate})" for sent in one.sent], "text": report.text}


def _previewed(found: Preview) -> Row:
    """What would be sent, to whom, or why not."""
    document = found.document
    return {
        "domain": found.policy_domain, "counted": found.counted, "needless": found.needless or None,
        "from": found.submitter.ascii if found.submitter else None, "to": [one.uri for one in found.asked.destinations],
        "suppressed": [f"{uri}: {reason}" for uri, reason in found.suppressed.items()], "problems": list(found.asked.problems),
        "why_not": found.asked.nobody or found.asked.temporary or (None if found.submitter else "no DKIM key signs for this host"),
        "subject": document.subject if document else None, "file": document.file_name if document else None,
        "document": gzip.decompress(document.content).decode() if document else None}
