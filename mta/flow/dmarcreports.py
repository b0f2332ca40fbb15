"""DMARC reports: to a domain's owner, what mail came in its name and whether it was its own.

A report covers a day, or a part of one as a courtesy to records that still have ri=
(mta.report.period).  The record is looked up again when the report is due: who asked then
may not ask any more, and the report tells of the policy as it counted last.

Standards: RFC 9990 §3 (the report), §4 (external destinations); RFC 9989 §4.7 (rua).

Read on: mta.flow.evaluations says what is kept, mta.flow.reportout sends.
"""
import asyncio
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from mta import VERSION
from mta.auth import dmarcrecord, orgdomain, reportaddress
from mta.auth.dmarcrecord import DmarcRecord
from mta.auth.reportaddress import Addressee, Refused
from mta.auth.treewalk import Questions, look, trouble
from mta.base.errors import TemporaryError
from mta.base.limits import LIMITS
from mta.base.names import Domain
from mta.flow import reportsender, teaching
from mta.flow.reportkind import Asked, Case, Destination, Open, Ripe
from mta.flow.world import World
from mta.report import dmarcxml, mailing, period, reportmail
from mta.report.aggregate import AggregateReport, Metadata, Published
from mta.report.evaluation import Evaluation
from mta.report.period import HOUR
from mta.report.reportmail import Document
from mta.store import evaluations, outgoing, queue
from mta.store.connection import Connection
from mta.store.evaluations import Kept, Waiting
from mta.store.learned import Learned
from mta.store.sentreports import ReportKind, ReportRow

#: Slices of old rows.
SLICE: Final = 1_000
#: How much good mail makes an organisation known: as much as one that somebody kept some months ago.
KNOWN: Final = 0.5


class DmarcReports:
    """The kind of reports that tell what DMARC came to."""

    name: ReportKind = "dmarc"
    queued_as: queue.Kind = "dmarc_report"
    spread: float = 45 * 60.0
    begin: float = 0.0
    #: Rows of one report.
    rows: int = LIMITS.sent_report_rows

    def enabled(self, world: World) -> bool:
        """As configured."""
        return world.config.reports.dmarc

    def waiting(self, db: Connection) -> list[Open]:
        """What is of no report yet."""
        return [Open(one.policy_domain, one.messages, one.optional, one.hours[0] * HOUR, (one.hours[-1] + 1) * HOUR)
                for one in evaluations.waiting(db)]

    def ripe(self, db: Connection, now: float) -> list[Ripe]:
        """The periods that have ended, each as long as the owner's record asks for."""
        return [
            _ripe(one, found.hours, found.start * HOUR, found.finish * HOUR)
            for one in evaluations.waiting(db) for found in period.ripe(one.hours, period.interval(one.record), now)]

    def unripe(self, db: Connection, policy_domain: str, now: float) -> Ripe | None:
        """All that waits for a domain."""
        for one in evaluations.waiting(db, policy_domain):
            start = one.hours[0] * HOUR
            return _ripe(one, one.hours, start, max(now, start + 1))
        return None

    def case(self, world: World, report: ReportRow) -> Case | None:
        """The evidence bound to a report."""
        rows = world.store.read(lambda db: evaluations.rows(db, report.id, self.rows))
        more = world.store.read(lambda db: evaluations.total(db, report.id)) - sum(row.messages for row in rows)
        return DmarcCase(world, report, tuple(rows), more) if rows else None

    def draft(self, world: World, policy_domain: str, report: ReportRow) -> Case | None:
        """The evidence that waits for a domain."""
        def question(db: Connection) -> list[Kept]:
            return [row for one in evaluations.waiting(db, policy_domain)
                    for row in evaluations.open_rows(db, policy_domain, one.hours, self.rows)]

        rows = world.store.read(question)
        return DmarcCase(world, report, tuple(rows), 0) if rows else None

    def clear(self, db: Connection, report_id: int) -> int:
        """Forget the evidence of a report."""
        return evaluations.clear(db, report_id)

    def forget(self, db: Connection, policy_domain: str) -> int:
        """Forget what waits for a domain."""
        return evaluations.forget(db, policy_domain)

    def prune(self, world: World, before: float) -> int:
        """Forget what waits too long."""
        gone = 0
        while ids := world.store.read(lambda db: evaluations.old(db, before, SLICE)):
            gone += world.store.write_now(lambda db, ids=ids: evaluations.remove(db, ids))    # type: ignore[misc]
        return gone


@dataclass(frozen=True, slots=True)
class DmarcCase:
    """The evidence of one report; more is how many messages are of rows that there was no room for."""

    world: World
    report: ReportRow
    rows: tuple[Kept, ...]
    more: int

    @property
    def counted(self) -> int:
        """Messages."""
        return sum(row.messages for row in self.rows) + self.more

    def needless(self) -> str:
        """Reports of others are no reason to write, nor is what was refused as forged in the name of somebody unknown here."""
        reasons = [row for row in self.rows if row.messages > row.optional]
        if not reasons:
            return "all that came in its name were reports of others"
        if any(_disposition(row) != "reject" for row in reasons):
            return ""
        if _known(self.world, Domain(self.report.policy_domain)):
            return ""
        return "all that came in its name was refused as forged, and nobody here has anything to do with it"

    async def asked(self) -> Asked:
        """Who asks for reports, by the record as it is now."""
        domain = Domain(self.report.policy_domain)
        async with asyncio.TaskGroup() as group:
            place = await look(domain, Questions(self.world.resolver, group))
        if place.answer.temporary:
            return Asked(temporary=trouble(place.answer))
        if place.record is None or not place.record.usable:
            return Asked(nobody=place.problem or f"{domain} has no DMARC record any more")
        if not place.record.rua:
            return Asked(nobody=f"the DMARC record of {domain} names no address for reports any more")
        found = await reportaddress.addressees(domain, place.record, self.world.resolver)
        return _asked(place.record, found)

    def document(self, submitter: Domain, problems: tuple[str, ...]) -> Document:
        """The report, its rows merged over the hours."""
        report, domain = self.report, Domain(self.report.policy_domain)
        record = _record(self.rows)
        left_out = (f"{self.more} messages are left out: the report would be too large",) if self.more else ()
        metadata = Metadata(
            submitter.ascii, reportsender.author(submitter).ascii, report.token, int(report.start), int(report.finish) - 1,
            errors=(*record.problems, *problems, *left_out), generator=f"Pillarbox/{VERSION}")
        whole = AggregateReport(metadata, Published.of(domain, record), tuple(
            one.row(count) for one, count in _merged(self.rows).items()))
        name = mailing.file_name(submitter, domain, metadata.begin, metadata.end, "xml.gz", report.token)
        return Document(
            mailing.subject(domain, submitter, report.token), name, reportmail.pack(dmarcxml.write(whole)), "application/gzip",
            _text(whole, submitter))


def _ripe(one: Waiting, hours: Sequence[int], start: float, finish: float) -> Ripe:
    return Ripe(one.policy_domain, start, finish, lambda db, report_id: evaluations.take(db, one.policy_domain, hours, report_id))


def _asked(record: DmarcRecord, found: Iterable[Addressee | Refused]) -> Asked:
    destinations = [Destination(f"mailto:{one.address.ascii}", one.address) for one in found if isinstance(one, Addressee)]
    refused = [one for one in found if isinstance(one, Refused)]
    problems = tuple(f"{one.asked.uri}: {one.why}" for one in refused if not one.temporary)
    temporary = "; ".join(one.why for one in refused if one.temporary)
    nobody = "" if destinations or temporary else "; ".join(problems) or f"no address in {record.text[:200]!r} can be used"
    return Asked(tuple(destinations), problems, temporary, nobody)


def _disposition(row: Kept) -> str:
    found = Evaluation.unpack(row.facts)
    return found.disposition if found else ""


def _known(world: World, domain: Domain) -> bool:
    """Whether somebody here has written to the organisation, or kept good mail of it."""
    organization = orgdomain.organization(domain)
    if world.store.read(lambda db: outgoing.known_domain(db, organization)):
        return True
    names = [("org", f"{organization.ascii}|proven"), ("org", f"{organization.ascii}|unproven")]
    with closing(Learned(world.store.learned_db, world.clock)) as learned:
        try:
            standings = [one for account in teaching.all_accounts(world) for one in learned.standings(account, names)]
        except TemporaryError:
            return False    # what was learned is made anew; it can only add a reason
    return any(one.good >= KNOWN and one.good > one.junk for one in standings)


def _record(rows: Sequence[Kept]) -> DmarcRecord:
    """The record as it counted last (RFC 9990 §3.3)."""
    text = max(rows, key=lambda row: row.latest).record
    return dmarcrecord.parse(text) or DmarcRecord(text)


def _merged(rows: Iterable[Kept]) -> dict[Evaluation, int]:
    """How many messages were like each evaluation, most first."""
    counts: dict[bytes, int] = {}
    for row in rows:
        counts[row.facts] = counts.get(row.facts, 0) + row.messages
    ordered = sorted(counts.items(), key=lambda each: -each[1])
    return {found: count for facts, count in ordered if (found := Evaluation.unpack(facts))}


def _text(whole: AggregateReport, submitter: Domain) -> str:
    begin, end = (f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S}" for at in (whole.metadata.begin, whole.metadata.end))
    failed = sum(row.count for row in whole.rows if not row.passed)
    return (
        f"This is a DMARC aggregate report from {submitter.ascii} about mail that said it was from {whole.policy.domain.ascii}.\n\n"
        f"Period: {begin} to {end} UTC\nMessages: {whole.messages}, of which {failed} did not pass DMARC\n\n"
        "The attached file is for programs.  Reports are sent because the DMARC record of the domain asks for\nthem (rua=).\n")
