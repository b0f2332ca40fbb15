"""Reports to others, written once for both kinds: gather, see what is due, find who asked, compose, send, forget.

Once an hour plan() binds evidence whose period has ended to reports, and spreads them over
some time, so that neither we nor those who get reports from everybody do all at once.
send_due() makes what is due.  A report is settled when each address that asked for it has
it or will not get it, and then its evidence goes.

Once only: what an address gets is written in the commit that queues its mail, so whoever
goes on after a crash sees it.  A report that is posted (https:) is written down after it
was taken; a crash just there posts it once more, under the same name.

No loops: reports leave no evidence that is a reason for a report (mta.flow.evaluations,
mta.flow.tlsreports), and no bounce goes anywhere but into a mailbox (mta.flow.bounce).

Evidence is kept for limits.evidence_age at most.  What cannot be sent because the DNS does
not answer is tried again until limits.report_age after the end of its period.

Read on: reportkind has the parts, dmarcreports and tlsreports are the two kinds.
"""
from collections.abc import Callable
from functools import partial
from typing import Final

from mta.base.errors import PillarboxError, TemporaryError
from mta.base.events import Event
from mta.base.limits import LIMITS
from mta.base.names import Domain
from mta.flow import reportsender, submit
from mta.flow.completion import Unfit
from mta.flow.dmarcreports import DmarcReports
from mta.flow.posting import Poster, Posting
from mta.flow.reportkind import Asked, Case, Destination, Kind, Ripe
from mta.flow.submit import SendRefused
from mta.flow.tlsreports import TlsReports
from mta.flow.world import World
from mta.report import reportmail
from mta.report.reportmail import Document
from mta.store import schedule, sentreports
from mta.store.connection import Connection
from mta.store.sentreports import Outcome, ReportKind, ReportRow, State

MINUTE, HOUR = 60.0, 3_600.0
#: Reports of one wake-up are at most this far apart.
APART: Final = 5 * MINUTE
#: Seconds after the full hour at which evidence is looked through: what was noted just before it is written by then.
JITTER: Final = (30.0, 89.0)
#: Seconds until a report that could not be sent is tried again, doubled each time up to the longest.
PAUSE: Final = 15 * MINUTE
LONGEST_PAUSE: Final = 4 * HOUR
#: A report is never put off for longer than this, seconds: the widest spread, and then some.
LATEST: Final = 6 * HOUR
#: The tasks of the clock.
PLANNING: Final = "plan-reports"
SENDING: Final = "send-reports"

KINDS: Final[dict[ReportKind, Kind]] = {"dmarc": DmarcReports(), "tls": TlsReports()}


class SentAlready(PillarboxError):
    """An address has the report, or it was removed meanwhile.  Never leaves this module."""


# --- planning -----------------------------------------------------------------------------------


def plan(world: World) -> str:
    """Bind what is ripe to reports, forget what is too old; says in a word what it did."""
    now, planned, gone = world.clock.timestamp(), 0, 0
    for kind in KINDS.values():
        gone += kind.prune(world, now - LIMITS.evidence_age)
        if kind.enabled(world):
            planned += _plan(world, kind, now)
    if gone:
        world.journal.note(Event.PRUNED, what="evidence", rows=gone)
    return f"{planned} reports, {gone} rows too old"


def _plan(world: World, kind: Kind, now: float) -> int:
    ripe = world.store.read(lambda db: kind.ripe(db, now))
    world.chance.shuffle(ripe)
    ripe = ripe[:LIMITS.reports_planned]    # what is left comes with the next hour
    apart = min(APART, kind.spread / max(len(ripe), 1))
    for number, one in enumerate(ripe):
        due = now + kind.begin + number * apart + world.chance.uniform(0.0, apart)
        world.store.write_now(partial(bind, world=world, kind=kind, ripe=one, due=due))
    return len(ripe)


def bind(db: Connection, world: World, kind: Kind, ripe: Ripe, due: float) -> int:
    """A report of evidence, to be made at due; its id.  Inside a change."""
    report = sentreports.plan(db, world.clock, kind.name, ripe.policy_domain, ripe.start, ripe.finish, due)
    ripe.take(db, report)
    schedule.bring_forward(db, world.clock, SENDING, at=due)
    return report


def following_plan(world: World) -> float:
    """When to plan next: some time after the next full hour."""
    now = world.clock.timestamp()
    return now - now % HOUR + HOUR + world.chance.uniform(*JITTER)


def following_send(world: World) -> float:
    """When to send next: when something is due, or after the next planning."""
    due = world.store.read(sentreports.next_due)
    planned = following_plan(world)
    return planned if due is None else min(due, planned)


# --- sending --------------------------------------------------------------------------------------


async def send_due(world: World, stopping: Callable[[], bool] = lambda: False, poster: Poster | None = None) -> str:
    """Make and send what is due, some in one go; says how many those were."""
    done, until = 0, world.clock.monotonic() + LIMITS.reports_time
    await _follow_the_clock(world)
    while done < LIMITS.reports_in_a_row and world.clock.monotonic() < until and not stopping():
        report = world.store.read(lambda db: sentreports.due(db, world.clock))
        if report is None:
            break
        done += 1
        sending = Sending(world, KINDS[report.kind], report, poster or Poster(world))
        try:
            await sending.run()
        except TemporaryError:
            raise    # the store cannot be written: nothing else could be sent either
        except Exception as problem:    # a bug in one report must not hold up the others
            world.journal.note(Event.UNEXPECTED, where=__name__, problem=repr(problem))
            await sending.later(f"it could not be made ({type(problem).__name__})", report.counted)
    return f"{done} reports"


async def _follow_the_clock(world: World) -> None:
    """What is due later than can be was planned by a clock that has been set back since."""
    latest = world.clock.timestamp() + LATEST
    if (world.store.read(sentreports.last_due) or 0.0) > latest:
        await world.store.write(lambda db: sentreports.hurry(db, latest, world.clock.timestamp()))


class Sending:
    """One report that is due."""

    def __init__(self, world: World, kind: Kind, report: ReportRow, poster: Poster) -> None:
        self.world, self.kind, self.report, self._poster = world, kind, report, poster
        self._before = {one.uri for one in world.store.read(lambda db: sentreports.deliveries(db, report.id))}

    async def run(self) -> None:
        """Send it, put it off, or give it up."""
        world, report = self.world, self.report
        if not self.kind.enabled(world):
            return await self._settle("unsent", "such reports are switched off in the configuration", 0)
        case = self.kind.case(world, report)
        if case is None:
            return await self._settle("needless", "its evidence is gone", 0)
        if why := case.needless():
            return await self._settle("needless", why, case.counted)
        submitter = reportsender.submitter(world)
        if submitter is None:
            host = world.config.hostname
            return await self._settle(
                "unsent", f"no DKIM key signs for {host} or a domain above it, and a report without a signature is worth nothing",
                case.counted)
        return await self._send(case, submitter, await case.asked())

    async def _send(self, case: Case, submitter: Domain, asked: Asked) -> None:
        if asked.nobody and not self._before:
            return await self._settle("unsent", asked.nobody, case.counted)
        problems = [asked.temporary] if asked.temporary else []
        wanted = [one for one in asked.destinations[:LIMITS.report_addresses] if one.uri not in self._before]
        if wanted:
            document = case.document(submitter, asked.problems)
            problems += [problem for one in wanted if (problem := await self._deliver(document, submitter, one, case.counted))]
        if problems:
            return await self.later("; ".join(problems), case.counted)
        return await self._conclude(case.counted, "")

    async def later(self, why: str, counted: int) -> None:
        """Try again after a while; if the time for it is up, settle it with what was done."""
        world, report = self.world, self.report
        now = world.clock.timestamp()
        if now >= report.finish + LIMITS.report_age:
            return await self._conclude(counted, f"given up: {why}")
        pause = min(PAUSE * 2.0 ** min(report.attempts, 10), LONGEST_PAUSE)
        due = now + pause * world.chance.uniform(0.9, 1.1)
        if await world.store.write(lambda db: sentreports.defer(db, report.id, due, why[:LIMITS.kept_text])):
            world.journal.note(
                Event.REPORT_LATER, report.trace, kind=self.kind.name, domain=report.policy_domain, reason=why, due=due)
        return None

    async def _deliver(self, document: Document, submitter: Domain, to: Destination, counted: int) -> str:
        """Send it to one address; what stands in the way for now, "" if that is settled."""
        held = self.world.store.read(lambda db: sentreports.suppressed(db, self.world.clock, to.key))
        if held is not None:
            await self._note(to, "suppressed", held.reason)
            return ""
        if to.address is None:
            return await self._post(document, to, counted)
        return await self._mail(document, submitter, to, counted)

    async def _mail(self, document: Document, submitter: Domain, to: Destination, counted: int) -> str:
        world, report = self.world, self.report
        assert to.address is not None
        message_id = f"<{report.token}.{len(self._before) + 1}@{submitter.ascii}>"
        mail = reportmail.write(document, reportsender.author(submitter), to.address, world.clock.timestamp(), message_id)

        def also(db: Connection) -> None:
            if not sentreports.deliver(db, world.clock, report.id, to.uri, "queued", "", message_id):
                raise SentAlready

        try:
            await submit.send(
                world, None, mail, reportsender.sender(self.kind.name, submitter), [to.address], report.trace, kind=self.kind.queued_as,
                also=also, must_sign=True)
        except SentAlready:
            return ""
        except (SendRefused, Unfit) as refused:
            await self._note(to, "refused", str(refused))
            return ""
        self._before.add(to.uri)
        self._tell(to.address.ascii, counted, message_id)
        return ""

    async def _post(self, document: Document, to: Destination, counted: int) -> str:
        outcome = await self._poster.post(to.uri, document)
        match outcome:
            case Posting(taken=True):
                await self._note(to, "posted", outcome.text)
                self._tell(to.uri, counted, "")
            case Posting(lasting=True):
                await self._note(to, "refused", outcome.text)
            case _:
                return f"{to.uri}: {outcome.text}"
        return ""

    async def _note(self, to: Destination, outcome: Outcome, text: str) -> None:
        self._before.add(to.uri)
        await self.world.store.write(
            lambda db: sentreports.deliver(db, self.world.clock, self.report.id, to.uri, outcome, text[:LIMITS.kept_text]))

    def _tell(self, to: str, counted: int, message_id: str) -> None:
        self.world.journal.note(
            Event.REPORT_SENT, self.report.trace, kind=self.kind.name, domain=self.report.policy_domain, to=to, counted=counted,
            message_id=message_id)

    async def _conclude(self, counted: int, text: str) -> None:
        """Settle it by what became of it at each address."""
        done = self.world.store.read(lambda db: sentreports.deliveries(db, self.report.id))
        if any(one.outcome in ("queued", "posted") for one in done):
            await self._settle("sent", text, counted)
        else:
            await self._settle("unsent", text or "; ".join(f"{one.uri}: {one.outcome} {one.text}".strip() for one in done), counted)

    async def _settle(self, state: State, text: str, counted: int) -> None:
        world, report, kind = self.world, self.report, self.kind

        def change(db: Connection) -> bool:
            if not sentreports.settle(db, world.clock, report.id, state, text[:LIMITS.kept_text], counted):
                return False
            kind.clear(db, report.id)
            return True

        if not await world.store.write(change):
            return
        if state == "unsent":
            world.journal.note(Event.REPORT_UNSENT, report.trace, kind=kind.name, domain=report.policy_domain, reason=text)
        elif state == "needless":
            world.journal.note(Event.REPORT_NEEDLESS, report.trace, kind=kind.name, domain=report.policy_domain, reason=text)
