"""`pillarbox report received …`: what others report about mail in our name and about connections to us."""
from argparse import Namespace
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from mta.auth.advice import Finding
from mta.auth.status import Status
from mta.base.names import Domain
from mta.flow import people, reportaddresses, reportasked, reportview
from mta.flow.reportview import DmarcView, Source
from mta.report import tlsadvice
from mta.store.receivedview import ReportRow, ReportWhole
from workers.commands import asking
from workers.commands.paper import Row, safe, table, width
from workers.commands.site import Site

#: What people see of a source.
SOURCE = ("network", "name", "messages", "spf", "dkim", "passed", "delivered", "quarantined", "rejected", "verdict")


def list_reports(site: Site, arguments: Namespace) -> list[Row]:
    """Reports, the latest first."""
    domain = None if arguments.domain is None else _domain(site, arguments.domain)
    return [_row(row) for row in reportview.reports(site.world, arguments.kind, domain, limit=arguments.limit)]


def show(site: Site, arguments: Namespace) -> list[Row] | str:
    """One report, or its document."""
    if arguments.raw:
        return safe(reportview.raw(site.world, arguments.id).text)
    whole = reportview.report(site.world, arguments.id)
    if arguments.json:
        return [{**_row(whole.row), "errors": [text for ours, text in whole.remarks if not ours],
                 "problems": [text for ours, text in whole.remarks if ours], "policies": [asdict(policy) for policy in whole.policies]}]
    return safe("\n".join(_text(whole)))


def sources(site: Site, arguments: Namespace) -> list[Row] | str:
    """Who sends in a domain's name."""
    view = reportview.dmarc(site.world, arguments.domain, arguments.days)
    names = _names(site, arguments, view) if arguments.names else {}
    rows: list[Row] = [_source(one, names.get(one.addresses[0], "")) for one in view.sources]
    if arguments.json:
        return rows
    columns = [name for name in SOURCE if name != "name" or names]
    return safe("\n".join([view.readiness.sentence, "", *table([{name: row[name] for name in columns} for row in rows], width())]))


def failures(site: Site, arguments: Namespace) -> list[Row]:
    """Which connections failed."""
    rows: list[Row] = []
    for one in reportview.tls(site.world, _domain(site, arguments.domain), arguments.days).failures:
        said = tlsadvice.advice(one.result)
        rows.append({"result": one.result, "sessions": one.sessions, "host": one.mx_host, "reason": one.reason,
                     "information": one.information, "reporters": list(one.reporters), "meaning": said.what, "remedy": said.todo})
    return rows


def asked(site: Site, arguments: Namespace) -> int:
    """Whether the DNS asks for reports; 0 if it does."""
    domain = _domain(site, arguments.domain)
    found, questions = asking.ask(site, arguments, lambda resolver: reportasked.asked(site.world, domain, resolver))
    findings = [
        Finding(one.kind.lower(), Status.FAIL if one.problems else Status.PASS, text)
        for one in found for text in one.problems or (
            f"The DNS asks for reports to {one.wanted}." if one.wanted else "No reports are wanted.",)]
    return asking.told(arguments, findings, questions, ok=not any(one.problems for one in found))


def remove(site: Site, arguments: Namespace) -> None:
    """Forget a report."""
    reportview.remove(site.world, arguments.id, by=site.by)


def host_address(site: Site, arguments: Namespace) -> list[Row]:
    """Where reports about the host go."""
    world = site.world
    if arguments.address is not None:
        reportaddresses.set_for_host(world, arguments.address, by=site.by)
    address = reportaddresses.of_host(world)
    return [{"host": world.config.hostname.unicode, "tls_reports": str(address) if address else ""}]


def _domain(site: Site, typed: str) -> str:
    """A domain as reportview wants it: "" if the host is meant, and the host is no domain of ours."""
    hostname = site.world.config.hostname
    ours = {row.domain for row in people.all_domains(site.world)}
    return "" if typed.strip().lower() in (hostname.ascii, hostname.unicode) and hostname not in ours else typed


def _row(row: ReportRow) -> dict[str, Any]:
    return {
        "id": row.id, "kind": row.kind, "organization": row.organization, "sender": row.sender, "contact": row.contact,
        "report_id": row.report_id, "domains": [Domain(name).unicode for name in row.domains], "begin": _day(row.start),
        "end": _day(row.finish), "received": row.received, "good": row.good, "bad": row.bad}


def _day(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%SZ}"


def _source(one: Source, name: str) -> dict[str, Any]:
    return {
        "network": one.network, "name": name, "addresses": one.addresses, "number": one.number, "messages": one.messages, "spf": one.spf,
        "dkim": one.dkim, "passed": one.passed, "delivered": one.delivered, "quarantined": one.quarantined, "rejected": one.rejected,
        "verdict": one.verdict.value, "why": one.why, "passes_as": one.passes_as, "first": _day(reportview.day_start(one.first)),
        "last": _day(reportview.day_start(one.last))}


def _names(site: Site, arguments: Namespace, view: DmarcView) -> dict[str, str]:
    """The reverse names of the busiest sources."""
    wanted = [one.addresses[0] for one in view.sources[:reportview.NAMES]]
    found, _ = asking.ask(site, arguments, lambda resolver: reportview.names(resolver, wanted))
    return {one.ip: one.name for one in found}


def _text(whole: ReportWhole) -> list[str]:
    """A report for people."""
    row = whole.row
    lines = [f"{row.kind} report of {row.organization} ({row.contact or row.sender}), id {row.report_id}",
             f"{_day(row.start)} to {_day(row.finish)}, received {_day(row.received)}"]
    lines += [f"{'Odd' if ours else 'The reporter says'}: {text}" for ours, text in whole.remarks]
    for policy in whole.policies:
        lines += ["", f"{Domain(policy.domain).unicode} ({policy.kind}): {policy.good} good, {policy.bad} bad"]
        lines += [f"    {line}" for line in policy.text.split("\n") if line]
        for rows in (policy.records, policy.failures, policy.messages):
            if rows:
                lines += ["", *table([_shown(one) for one in rows], width())]
        if policy.cut:
            lines.append("… and more; --raw prints all of it.")
    return lines


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    """A row of a report without what is empty or only for programs; what checks came to in words."""
    shown = {name: value for name, value in row.items() if name not in ("id", "policy_id", "results")}
    if isinstance(row.get("results"), list):
        shown |= {"dkim": bool(row["dkim"]), "spf": bool(row["spf"])}
        shown["results"] = ", ".join(" ".join(filter(None, (one["kind"], one["domain"], one["selector"], one["result"], one["text"])))
                                     for one in row["results"])
    return shown
