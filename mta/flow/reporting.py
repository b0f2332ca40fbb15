"""What people do with reports to others: look what waits and what was sent, see one before it leaves, send it now, forget it, stop it.

The admin pages and the command line end here alike.  Mistakes are UserErrors that say what
to do.

Read on: mta.flow.reportout sends.
"""
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from mta.base.errors import BadName, Conflict, NotFound, UserError
from mta.base.events import Event
from mta.base.limits import LIMITS
from mta.base.names import Address, Domain
from mta.flow import reportout, reportsender
from mta.flow.reportkind import Asked, Open
from mta.flow.reportout import KINDS
from mta.flow.world import World
from mta.message.reporturi import report_uri
from mta.net.https import BadUrl, Place
from mta.report.reportmail import Document
from mta.store import outgoing, queue, schedule, sentreports
from mta.store.connection import Connection
from mta.store.sentreports import DeliveryRow, ReportKind, ReportRow, Suppression

#: Rows of one page.
MOST = 1_000
#: How a report stands with one address, as far as is known.
Fate = Literal["waiting", "delivered", "failed", "dropped", "posted", "suppressed", "refused"]


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a report at one address; said is what the other side answered last."""

    to: DeliveryRow
    fate: Fate
    said: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One report, and what became of it."""

    report: ReportRow
    sent: list[Sent]


@dataclass(frozen=True, slots=True)
class Preview:
    """A report as it would leave now.

    document is the report, None if nobody would get it; why not stands in needless ("" if
    it is to be sent), in asked, and in suppressed.
    """

    policy_domain: str
    counted: int
    needless: str
    submitter: Domain | None
    asked: Asked
    suppressed: dict[str, str]
    document: Document | None


def waiting(world: World, kind: ReportKind) -> list[Open]:
    """What is of no report yet, by policy domain."""
    return world.store.read(KINDS[kind].waiting)


def listing(world: World, kind: ReportKind, *, domain: str = "", before: int | None = None, limit: int = 100) -> list[Shown]:
    """Reports that were planned or sent, newest first, with ids below before."""
    named = _domain(domain).ascii if domain else ""

    def question(db: Connection) -> list[Shown]:
        return [_shown(db, row) for row in sentreports.listing(
            db, kind, policy_domain=named, before=before, limit=max(1, min(limit, MOST)))]

    return world.store.read(question)


def show(world: World, kind: ReportKind, ident: int) -> Shown:
    """One report; NotFound."""
    return world.store.read(lambda db: _shown(db, _report(db, kind, ident)))


def next_planning(world: World) -> float | None:
    """When evidence is looked through next, seconds since 1970; None if the reporter never ran."""
    return world.store.read(lambda db: next((row.due for row in schedule.listing(db) if row.kind == reportout.PLANNING), None))


async def preview(world: World, kind: ReportKind, domain: str) -> Preview:
    """What would be sent about a domain now, of what is in no report yet; asks the DNS, changes nothing.  NotFound."""
    named, source = _domain(domain).ascii, KINDS[kind]
    ripe = world.store.read(lambda db: source.unripe(db, named, world.clock.timestamp()))
    if ripe is None:
        raise NotFound(f"nothing waits to be reported about {named}")
    row = ReportRow(0, kind, named, ripe.start, ripe.finish, "preview", "", 0.0, None, 0, "due", "", 0, None)
    case = source.draft(world, named, row)
    if case is None:
        raise NotFound(f"nothing waits to be reported about {named}")
    submitter, needless, asked = reportsender.submitter(world), case.needless(), await case.asked()
    held = {one.uri: found.reason for one in asked.destinations
            if (found := world.store.read(lambda db, one=one: sentreports.suppressed(db, world.clock, one.key)))}    # type: ignore[misc]
    sendable = submitter is not None and any(one.uri not in held for one in asked.destinations)
    document = case.document(submitter, asked.problems) if submitter and sendable else None
    return Preview(named, case.counted, needless, submitter, asked, held, document)


def send(world: World, kind: ReportKind, domain: str, *, by: str) -> int:
    """Have what waits about a domain sent without waiting for the end of its period; the id of the report.

    What is due and was put off is tried again instead, if nothing else waits.  NotFound;
    Conflict if such reports are switched off.
    """
    named, source = _domain(domain).ascii, KINDS[kind]
    if not source.enabled(world):
        raise Conflict(f"reports are switched off: set {kind} = true under [reports] in the configuration")

    def change(db: Connection) -> int:
        now = world.clock.timestamp()
        ripe = source.unripe(db, named, now)
        if ripe is not None:
            return reportout.bind(db, world, source, ripe, now)
        for row in sentreports.listing(db, kind, policy_domain=named, limit=MOST):
            if row.due is not None:
                sentreports.bring_forward(db, world.clock, row.id)
                schedule.bring_forward(db, world.clock, reportout.SENDING)
                return row.id
        raise NotFound(f"nothing waits to be reported about {named}")

    ident = world.store.write_now(change)
    _note(world, kind, named, "send", by)
    return ident


def remove(world: World, kind: ReportKind, ident: int, *, by: str) -> None:
    """Forget a report; if it has not been sent, what it would have told is told to nobody.  NotFound."""
    def change(db: Connection) -> str:
        row = _report(db, kind, ident)
        sentreports.remove(db, ident)
        return row.policy_domain

    _note(world, kind, world.store.write_now(change), "remove", by)


def forget(world: World, kind: ReportKind, domain: str, *, by: str) -> int:
    """Forget what waits about a domain and is of no report yet; how many messages or sessions that were.  NotFound."""
    named = _domain(domain).ascii

    def change(db: Connection) -> int:
        if not any(one.policy_domain == named for one in KINDS[kind].waiting(db)):
            raise NotFound(f"nothing waits to be reported about {named}")
        return KINDS[kind].forget(db, named)

    gone = world.store.write_now(change)
    _note(world, kind, named, "forget", by)
    return gone


# --- who gets none ------------------------------------------------------------------------------------


def suppressions(world: World, *, after: str = "", limit: int = MOST) -> list[Suppression]:
    """Addresses that get no reports now, in their order."""
    return world.store.read(lambda db: sentreports.suppressions(db, world.clock, after=after, limit=max(1, min(limit, MOST))))


def suppress(world: World, address: str, until: float | None, reason: str, *, by: str) -> Suppression:
    """Send no reports to an address or https URL until that time (seconds since 1970), or for good; UserError."""
    key, now = _key(address), world.clock.timestamp()
    if until is not None and until <= now:
        raise UserError("the time until which it is suppressed has passed")
    reason = " ".join(reason.split())
    if len(reason) > LIMITS.kept_text or not reason.isprintable():
        raise UserError(f"a reason is text of at most {LIMITS.kept_text} characters")

    def change(db: Connection) -> Suppression:
        known = sentreports.suppressed(db, world.clock, key)
        if known is None and sentreports.suppression_count(db) >= LIMITS.report_suppressions:
            raise UserError(f"there can be {LIMITS.report_suppressions} suppressed addresses; remove some first")
        sentreports.suppress(db, world.clock, key, until, reason)
        return replace(known, until=until, reason=reason) if known else Suppression(key, until, reason, now)

    found = world.store.write_now(change)
    _note(world, "", key, "suppress", by)
    return found


def allow(world: World, address: str, *, by: str) -> None:
    """Let an address have reports again; NotFound if it was not suppressed."""
    key = _key(address)
    if not world.store.write_now(lambda db: sentreports.allow(db, key)):
        raise NotFound(f"{key} is not suppressed")
    _note(world, "", key, "allow", by)


def _key(text: str) -> str:
    """An address or URL as it is kept; UserError if it is neither."""
    text = text.strip()
    if text.lower().startswith("https:"):
        try:
            Place.parse(text)
        except BadUrl as problem:
            raise UserError(f"{text} is no URL that reports are posted to: {problem}") from None
        return text
    uri = report_uri(text)
    try:
        # As a record has it, what is percent-encoded undone; or as people write it.
        return (uri.address if uri and uri.address else Address.parse(text)).ascii.lower()
    except BadName as problem:
        raise UserError(str(problem)) from None


# --- rows -----------------------------------------------------------------------------------------------


def _domain(text: str) -> Domain:
    try:
        return Domain.parse(text)
    except BadName as problem:
        raise UserError(str(problem)) from None


def _report(db: Connection, kind: ReportKind, ident: int) -> ReportRow:
    row = sentreports.get(db, ident)
    if row is None or row.kind != kind:
        raise NotFound(f"there is no {kind} report {ident}")
    return row


def _shown(db: Connection, row: ReportRow) -> Shown:
    deliveries = sentreports.deliveries(db, row.id)
    mails = _mails(db, row) if any(one.outcome == "queued" for one in deliveries) else {}
    return Shown(row, [_sent(one, mails) for one in deliveries])


def _sent(one: DeliveryRow, mails: dict[str, tuple[Fate, str]]) -> Sent:
    if one.outcome == "queued":
        # History is pruned after the report's own row at the latest; what is not there any more was delivered or given up long ago.
        fate, said = mails.get(one.message_id.strip("<>"), ("delivered", ""))
        return Sent(one, fate, said)
    return Sent(one, one.outcome, one.text)


def _mails(db: Connection, row: ReportRow) -> dict[str, tuple[Fate, str]]:
    """What became of the mails of a report, by Message-ID."""
    session, _, number = row.trace.partition(".")
    found: dict[str, tuple[Fate, str]] = {}
    for message, one in queue.by_trace(db, session, number):
        found[message.message_id.strip("<>")] = "waiting", _said([str(one.last_code or ""), one.last_enhanced, one.last_text])
    for past in outgoing.by_trace(db, session, number):
        found[past.message_id.strip("<>")] = past.outcome, _said([str(past.code or ""), past.enhanced, past.text])
    return found


def _said(parts: Sequence[str]) -> str:
    return " ".join(filter(None, parts))


def _note(world: World, kind: str, domain: str, action: str, by: str) -> None:
    world.journal.note(Event.REPORT_CHANGED, kind=kind, domain=domain, action=action, by=by)
