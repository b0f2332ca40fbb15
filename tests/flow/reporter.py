"""A reporter for tests: its two tasks about reports, done when they are due, on a clock that the test moves."""
import asyncio
import email
import email.policy
import gzip
from collections.abc import Iterable
from datetime import UTC, datetime

from mta.base.clock import SetClock
from mta.flow import people, upkeep
from mta.flow.reportout import SENDING
from mta.flow.world import World
from mta.report import dmarcxml
from mta.report.aggregate import AggregateReport
from mta.report.evaluation import Evaluation, digest
from mta.store import evaluations, leases, schedule, sentreports
from mta.store.evaluations import Fresh
from mta.store.queue import QueuedMessage
from mta.store.sentreports import DeliveryRow, ReportRow
from tests.flow.post import queued, written

ME = leases.incarnation("reporter")
TASKS = ("plan-reports", SENDING)
BY = "a test"
RECORD = "v=DMARC1; p=reject; rua=mailto:agg@b.test"


def never(seconds: float) -> bool:
    """The pause of a role that goes on."""
    return False


def began(world: World, clock: SetClock, at: datetime) -> None:
    """A reporter that starts at that time."""
    clock.advance(at - clock.now())
    upkeep.begin(world, ME)


def run(world: World, clock: SetClock, until: datetime) -> int:
    """Do the tasks about reports as they come due, until that time; how many runs that took."""
    runs = 0
    while True:
        rows = [row for row in world.store.read(schedule.listing) if row.kind in TASKS]
        due = min(row.due for row in rows)
        if due > until.timestamp():
            clock.advance(max(0.0, until.timestamp() - clock.timestamp()))
            return runs
        clock.advance(max(0.0, due - clock.timestamp()) + 0.001)
        for row in world.store.write_now(lambda db: schedule.claim(db, clock, ME, limit=9, kinds=TASKS)):
            assert upkeep.do(world, row, ME, never, asyncio.run)
            runs += 1


def day(number: int, hour: int = 0, minute: int = 0, month: int = 1) -> datetime:
    """A time in the month of the tests."""
    return datetime(2030, month, number, hour, minute, tzinfo=UTC)


def evaluation(**facts: object) -> Evaluation:
    """An evaluation of a message from b.test that passed, with some facts of it changed."""
    given: dict[str, object] = {
        "source_ip": "192.0.2.1", "disposition": "none", "dkim": True, "spf": True, "header_from": "b.test", "envelope_from": "b.test",
        "envelope_to": "example.org", "dkim_results": (("b.test", "s", "pass"),), "spf_results": (("b.test", "pass"),), **facts}
    return Evaluation(**given)    # type: ignore[arg-type]  # facts of the right types


def see(world: World, *, domain: str = "b.test", record: str = RECORD, messages: int = 1, optional: int = 0, **facts: object) -> None:
    """Evidence of mail that comes in now."""
    packed = evaluation(**facts).pack()
    fresh = Fresh(domain, digest(packed), packed, record, world.clock.timestamp(), messages, optional)
    assert world.store.write_now(lambda db: evaluations.add(db, fresh))


def kept(world: World) -> int:
    """Rows of evidence."""
    return world.store.read(lambda db: len(list(db.execute("SELECT id FROM dmarc_evaluation"))))


def reports(world: World, kind: sentreports.ReportKind = "dmarc") -> list[ReportRow]:
    """Reports, oldest first."""
    return world.store.read(lambda db: sentreports.listing(db, kind))[::-1]


def deliveries(world: World, report: ReportRow) -> list[DeliveryRow]:
    """What became of a report."""
    return world.store.read(lambda db: sentreports.deliveries(db, report.id))


def mails(world: World, kind: str = "dmarc_report") -> list[QueuedMessage]:
    """Reports that wait in the queue, oldest first."""
    return [message for message, _ in reversed(queued(world)) if message.kind == kind]


def attachment(mail: bytes) -> tuple[str, str, bytes]:
    """The name, type and unpacked content of the file in a mail."""
    _, part = email.message_from_bytes(mail, policy=email.policy.default).iter_parts()
    return part.get_filename() or "", part.get_content_type(), gzip.decompress(part.get_content())


def told(world: World, kind: str = "dmarc_report") -> list[AggregateReport]:
    """The reports that wait in the queue, read."""
    return [dmarcxml.parse(attachment(written(world, message))[2]) for message in mails(world, kind)]


def counts(report: AggregateReport) -> list[tuple[str, int]]:
    """Source and number of each row."""
    return [(str(row.source_ip), row.count) for row in report.rows]


def without_keys(world: World, domain: str = "example.org") -> None:
    """Let no key of a domain sign."""
    for key in people.domain(world, domain).dkim:
        people.set_signing(world, domain, key.selector, False, by=BY)


def recipients(messages: Iterable[QueuedMessage], world: World) -> list[str]:
    """Whom these go to."""
    ids = {message.id for message in messages}
    return sorted(str(one.recipient) for message, one in queued(world) if message.id in ids)
