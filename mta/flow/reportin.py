"""Reports of others about our domains and this host: recognised, read, filed.

A message to an address for reports (mta.store.reportaddresses) is filed as a report if

- somebody stands by it: DMARC passes for its author; for reports about TLS a DKIM
  signature of the author's domain, or of one above it in the same organisation, that
  covers the whole body, with a key that is for such reports (RFC 8460 §3);
- it carries a report that can be read, within bounds;
- that report is about a domain of ours, or one below, or this host, and its time is past.

It is read while its sender waits, in a thread, one at a time in each process: where the
mail goes and what is written on it depends on that, and a second for twenty thousand rows
is less than a sender has patience for.  The mail itself is kept, as read, in the mailbox
DMARC or TLSRPT; its rows are written in the commit that stores it.  Anything else stays
mail like other mail, with a field that says why it is no report; nothing is lost.

Read on: mta.report has the documents, mta.store.received the rows, mta.flow.reportview
what pages show.
"""
import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from mta.auth import orgdomain, verify
from mta.auth.identity import Identity
from mta.auth.status import Status
from mta.auth.verify import DkimResult
from mta.base.errors import BadName
from mta.base.events import Event
from mta.base.names import Address, Domain
from mta.flow import identify
from mta.flow.deposit import Filed, Happening
from mta.flow.identify import Writing
from mta.flow.world import World
from mta.judge.reason import Reason
from mta.message import header, mime
from mta.message.mime import Part
from mta.message.scan import Octets
from mta.report import arf, dmarcxml, tlsrptjson, unpacking
from mta.report.aggregate import AggregateReport, Published
from mta.report.arf import FailureReport
from mta.report.badreport import BadReport
from mta.report.tlsrptjson import PolicyResult, TlsReport
from mta.report.unpacking import Document, Kind
from mta.store import domains, received
from mta.store.bodies import SpooledBody
from mta.store.connection import Connection
from mta.store.queue import QueuedMessage
from mta.store.received import FOLDERS, Begun, NewPolicy, NewReport

#: What a key is for that may sign reports about TLS (RFC 8460 §3).
SERVICE: Final = "tlsrpt"
#: Kinds of our own mail that are reports.
OWN: Final = frozenset(("dmarc_report", "tls_report"))
FILED: Final = Reason("It is a report about your domains or this server; it was read and filed.", key="report-filed")
NOBODY: Final = "nobody stands by it: DMARC does not pass, and no DKIM signature is one for reports about TLS"
#: The field that says why a message is no report.
FIELD: Final = "X-Report-Not-Filed"
#: Characters of a line of that field, and of all of it.
LINE, LONGEST = 76, 600


@dataclass(frozen=True, slots=True)
class Vouching:
    """Which domain stands by a message: for reports in general, and for those about TLS."""

    dmarc: Domain | None = None
    tls: Domain | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What came of looking at a message: how it is to be filed, or why it is not."""

    filed: Filed | None = None
    problem: str = ""

    def field(self) -> bytes:
        """The field that says why it is not filed, b"" if it is."""
        return b"" if self.filed else _field(self.problem)

    def reason(self) -> Reason:
        """Why it is where it is, as far as that is because of this."""
        return Reason(f"It came to an address for reports, but was not filed as one: {self.problem}.", key="report-not-filed")


class Intake:
    """Reads reports; one for all sessions of a process."""

    def __init__(self, world: World) -> None:
        self._world, self._limits = world, world.config.limits
        self._turn = asyncio.Semaphore(1)

    async def look(self, body: SpooledBody, root: Part, who: Identity, writing: Writing, trace: str = "") -> Look:
        """Whether a message from a stranger is a report that is to be filed; TemporaryError if the store fails."""
        vouching = await self._vouching(who, writing)
        if vouching == Vouching():
            return Look(problem=NOBODY)
        if body.size > self._limits.report_message:
            return Look(problem=f"the message has more than {self._limits.report_message} octets")

        def read() -> tuple[list[NewReport], list[str]]:
            with body.view() as octets:
                return _read(self._world, octets, root, vouching, trace)

        async with self._turn:
            reports, problems = await asyncio.to_thread(read)
        return await self._taken(reports, problems)

    async def look_at_ours(self, message: QueuedMessage) -> Look:
        """Whether a message of our own that comes back to us is a report that we made."""
        if message.kind not in OWN or message.body_size > self._limits.report_message:
            return Look(problem="it is not a report that this server made")

        def read() -> tuple[list[NewReport], list[str]]:
            with self._world.store.bodies.view(message.body_name) as octets:
                author = identify.read(header.parse(octets), octets, self._limits).author.domain
                return _read(self._world, octets, mime.parse(octets, self._limits), Vouching(author, author), message.trace)

        async with self._turn:
            reports, problems = await asyncio.to_thread(read)
        return await self._taken(reports, problems)

    async def _vouching(self, who: Identity, writing: Writing) -> Vouching:
        dmarc = who.dmarc.author if who.dmarc.status is Status.PASS else None
        author = who.author.domain
        if author is None:
            return Vouching(dmarc)
        signer = _signer(who.dkim, author)
        if signer is None and any(one.record and SERVICE in one.record.services for one in who.dkim):
            # RFC 8460 §3: a key for reports alone counts for nothing else, so until now its signature did not.
            again = await verify.verify(
                writing.message, self._world.resolver, self._world.clock.timestamp(), self._limits, writing.hashes, SERVICE)
            signer = _signer(again, author)
        return Vouching(dmarc, author if signer else None)

    async def _taken(self, reports: list[NewReport], problems: list[str]) -> Look:
        """The reports, the rows of large ones written already; what could not be taken besides them is noted with the first."""
        if not reports:
            return Look(problem=problems[0] if problems else "it carries no report")
        first, *rest = reports
        # Part of the mail was no report: the person who looks at the others should know.
        whole = [replace(first, problems=(*first.problems, *(f"another document came with it: {text}" for text in problems))), *rest]
        ready = [await self._prepared(report) for report in whole]
        world = self._world

        def write(db: Connection, mails: Sequence[int]) -> list[Happening]:
            return [happening for report, begun in ready for happening in _file(db, world, report, begun, mails)]

        return Look(Filed(f"={FOLDERS[first.kind]}", (FILED,), write))

    async def _prepared(self, report: NewReport) -> tuple[NewReport, Begun | None]:
        """A report, with what was written of it already if it is large."""
        store, clock = self._world.store, self._world.clock
        if report.rows <= received.SLICE or store.read(lambda db: received.known(db, report)) is not None:
            return report, None
        begun = await store.write(lambda db: received.begin(db, clock, report))
        for number, some in received.slices(report):
            await store.write(lambda db, number=number, some=some: received.fill(db, begun, number, some))    # type: ignore[misc]  # a lambda with defaults
        return report, begun


# --- who stands by it ------------------------------------------------------------------------------


def _signer(results: Sequence[DkimResult], author: Domain) -> Domain | None:
    """The domain of a signature that reports about TLS may have (RFC 8460 §3); l= leaves room for another report."""
    return next((
        one.domain for one in results
        if one.status is Status.PASS and one.domain and one.record and one.record.serves(SERVICE) and not (one.partial or one.testing)
        and one.domain.covers(author) and orgdomain.related(one.domain, author)), None)


# --- reading ---------------------------------------------------------------------------------------


def _read(world: World, octets: Octets, root: Part, vouching: Vouching, trace: str) -> tuple[list[NewReport], list[str]]:
    """The reports in a message that can be taken, and why others cannot; whatever is in it, this does not fail."""
    reports, problems = [], []
    try:
        for document in _documents(octets, root, world):
            try:
                reports.append(_report(world, document, octets, root, vouching))
            except BadReport as problem:
                problems.append(f"it is a {document.kind.value}, but {problem}" if document.kind else str(problem))
    except BadReport as problem:
        problems.append(str(problem))
    except Exception as problem:    # a report that trips our parser must not cost the mail
        world.journal.note(Event.UNEXPECTED, trace, where=__name__, problem=repr(problem))
        problems.append("it could not be read, by a mistake of this server")
    return reports, problems


def _documents(octets: Octets, root: Part, world: World) -> list[Document]:
    try:
        return unpacking.documents(octets, world.config.limits, root=root)
    except BadReport:
        try:    # one that has no part for programs
            arf.parse(octets, world.config.limits, root=root)
        except BadReport:
            pass
        else:
            return [Document(Kind.FAILURE, b"")]
        raise


def _report(world: World, document: Document, octets: Octets, root: Part, vouching: Vouching) -> NewReport:
    """A document as it is kept; BadReport says why it is not."""
    limits = world.config.limits
    sender = vouching.tls if document.kind is Kind.TLS else vouching.dmarc
    if sender is None:
        raise BadReport("no DKIM signature of its author's domain is one for such reports" if document.kind is Kind.TLS else
                        "DMARC does not pass for its author")
    match document.kind:
        case Kind.DMARC:
            report = _of_dmarc(world, sender, dmarcxml.parse(document.octets, limits))
        case Kind.TLS:
            report = _of_tls(world, sender, tlsrptjson.parse(document.octets, limits))
        case Kind.FAILURE:
            return _of_failure(world, sender, arf.parse(octets, limits, root=root), octets)
    if report.finish > world.clock.timestamp() + limits.report_future:
        raise BadReport("its period ends in the future")
    if world.store.read(lambda db: received.rows_of_sender(db, sender)) + report.rows > limits.received_rows_per_sender:
        raise BadReport(f"there are {limits.received_rows_per_sender} rows of reports of {sender} already")
    return report


def _of_dmarc(world: World, sender: Domain, report: AggregateReport) -> NewReport:
    metadata, domain = report.metadata, report.policy.domain
    owner = _owner(world, domain)
    passed = sum(row.count for row in report.rows if row.passed)
    policy = NewPolicy(owner.id, domain, "dmarc", _published(report.policy), passed, report.messages - passed, report.rows)
    return NewReport("dmarc", sender, metadata.org_name, metadata.email, metadata.report_id, metadata.begin, metadata.end, (policy,),
                     metadata.errors, report.problems)


def _of_tls(world: World, sender: Domain, report: TlsReport) -> NewReport:
    policies, problems = [], list(report.problems)
    for result in report.policies:
        try:
            owner = _owner(world, result.domain, host_first=True)
        except BadReport as problem:
            problems.append(f"a policy is left out: {problem}")
            continue
        text = _policy_text(result)[:world.config.limits.report_policy]
        policies.append(NewPolicy(owner.id, result.domain, result.kind, text, result.successful, result.failed, result.failures))
    if not policies:
        raise BadReport(problems[-1].removeprefix("a policy is left out: "))
    return NewReport("tls", sender, report.organization, report.contact, report.report_id, report.begin, report.end, tuple(policies),
                     problems=tuple(problems[:world.config.limits.report_problems]))


def _of_failure(world: World, sender: Domain, report: FailureReport, octets: Octets) -> NewReport:
    author = report.original.from_[0].address.domain if report.original.from_ and report.original.from_[0].address else None
    owner, problem = None, BadReport("it does not say which domain it is about")
    for domain in _domains([*report.reported_domains, author.ascii if author else ""]):
        try:
            owner = _owner(world, domain)
            break
        except BadReport as unknown:
            problem = unknown
    if owner is None:
        raise problem
    now = world.clock.timestamp()
    at = min(max(report.arrival, 0.0), now) if report.arrival is not None else now
    # Such reports have no id; the mail's own does not come back for another one (RFC 5322 §3.6.4).
    ident = header.parse(octets, 0, world.config.limits).unfolded("message-id").strip("<> ")
    policy = NewPolicy(owner.id, owner.domain, "dmarc", "", 0, report.incidents, (report,))
    return NewReport("failure", sender, report.reporting_mta or report.user_agent or sender.unicode, "", ident or f"{at:.0f}", at, at,
                     (policy,), problems=report.problems)


def _domains(names: Sequence[str]) -> Iterator[Domain]:
    for name in names:
        try:
            yield Domain.parse(name)
        except BadName:
            continue


@dataclass(frozen=True, slots=True)
class _Owner:
    """Whose a policy is: the row of a domain of ours, None for the host."""

    id: int | None
    domain: Domain


def _owner(world: World, domain: Domain, *, host_first: bool = False) -> _Owner:
    """Whose a policy domain is; BadReport if it is neither ours, nor below one of ours, nor the host.

    The policy of MX hosts stands at their own names (RFC 7672 §2.2.1), and the host's name
    usually is no domain that takes mail.
    """
    host = _Owner(None, domain) if domain == world.config.hostname else None
    if host and host_first:
        return host
    names = [Domain(".".join(domain.labels[at:])) for at in range(len(domain.labels))]
    row = world.store.read(lambda db: next(filter(None, (domains.get(db, name) for name in names)), None))
    if row is not None:
        return _Owner(row.id, domain)
    if host is None:
        raise BadReport(f"it is about {domain}, which is not a domain of this server")
    return host


def _published(policy: Published) -> str:
    tags = {"p": policy.p, "sp": policy.sp, "np": policy.np, "adkim": policy.adkim, "aspf": policy.aspf, "fo": policy.fo,
            "t": "" if policy.testing is None else "y" if policy.testing else "n",
            "pct": "" if policy.pct is None else str(policy.pct)}
    return "; ".join(f"{name}={value}" for name, value in tags.items() if value)


def _policy_text(result: PolicyResult) -> str:
    return "\n".join(result.lines) or "\n".join(f"mx: {name}" for name in result.mx)


# --- writing ---------------------------------------------------------------------------------------


def _file(db: Connection, world: World, report: NewReport, begun: Begun | None, mails: Sequence[int]) -> Iterator[Happening]:
    """Write a report, unless the same one is there, and what brought it; what is to be told of that."""
    ident = received.known(db, report)
    if ident is None:
        if begun is not None and received.finish(db, begun):
            ident = begun.id
        else:
            ident = received.add(db, world.clock, report)
        yield from _told(report)
    else:
        yield Event.REPORT_REPEATED, {"kind": report.kind, "organization": report.organization, "report_id": report.report_id}
    received.link(db, ident, mails)


def _told(report: NewReport) -> Iterator[Happening]:
    names = list(dict.fromkeys(policy.domain.unicode for policy in report.policies))
    good, bad = (sum(getattr(policy, name) for policy in report.policies) for name in ("good", "bad"))
    yield Event.REPORT_RECEIVED, {"kind": report.kind, "organization": report.organization, "domain": names, "report_id": report.report_id,
                                  "good": good, "bad": bad}
    if report.kind == "tls" and bad:
        results = list(dict.fromkeys(
            item.result for policy in report.policies for item in policy.items if isinstance(item, tlsrptjson.FailureDetail)))
        yield Event.TLS_FAILURES_REPORTED, {
            "organization": report.organization, "domain": names, "sessions": bad, "results": results[:20]}


def told_not_filed(world: World, trace: str, recipients: Sequence[Address], look: Look) -> None:
    """Note for the trace why mail to addresses for reports is not filed."""
    for recipient in recipients:
        world.journal.note(Event.REPORT_NOT_FILED, trace, recipient=recipient, reason=look.problem)


def _field(problem: str) -> bytes:
    """The field with its CRLF, folded; what a stranger wrote in it is ASCII without control characters."""
    words = header.clean(problem)[:LONGEST].encode("ascii", "backslashreplace").decode().split()
    lines, line = [], f"{FIELD}:"
    for word in words:
        if len(line) + 1 + len(word) > LINE and line.strip():
            lines.append(line)
            line = "\t" + word
        else:
            line = f"{line} {word}"
    return "\r\n".join([*lines, line, ""]).encode()
