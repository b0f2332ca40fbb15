"""Reports to others: planned by the clock, sent once, to who asked, and never for their own sake."""
import asyncio
import email
import email.policy
import xml.etree.ElementTree as ET
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mta.auth import dkim as our_dkim
from mta.auth import dmarc, verify
from mta.auth.dmarc import DmarcResult
from mta.auth.status import Status
from mta.base.clock import SetClock
from mta.base.errors import TemporaryError
from mta.base.events import Event, Recorded
from mta.base.limits import LIMITS
from mta.base.names import Address, Domain
from mta.config.model import Config, Reports, Route, Transport
from mta.dns.answer import RecordType
from mta.dns.zone import Zone
from mta.flow import identify, people, reportout, upkeep
from mta.flow.posting import Poster
from mta.flow.published import quoted
from mta.flow.world import World
from mta.message import header
from mta.secure.protection import Demand
from mta.store import outgoing, schedule, sentreports
from tests.flow.outbox import facts
from tests.flow.post import queued, written
from tests.flow.reporter import (
    ME,
    RECORD,
    attachment,
    began,
    counts,
    day,
    deliveries,
    kept,
    mails,
    never,
    recipients,
    reports,
    run,
    see,
    told,
    without_keys,
)

BY = "a test"
ASKING = f'_dmarc.b.test TXT "{RECORD}"'


@pytest.fixture
def reporting(served: World, clock: SetClock, zone: Zone) -> World:
    """A reporter that started on 1 January 2030 at noon; b.test asks for reports."""
    zone.add(ASKING)
    began(served, clock, day(1, 12))
    return served


def changed(world: World, **settings: Any) -> None:
    """Another configuration."""
    given = {name: getattr(world.config, name) for name in Config.__dataclass_fields__}
    world.config = Config(**{**given, **settings})


# --- the way of a report -----------------------------------------------------------------------


def test_a_day_becomes_a_report(reporting: World, clock: SetClock, recorded: Recorded) -> None:
    """What came on one day is told soon after its end: rows merged over the hours, the evidence gone."""
    see(reporting, messages=2)
    clock.advance(3_600)
    see(reporting)
    see(reporting, source_ip="2001:db8::1", disposition="reject", dkim=False, spf=False)
    assert kept(reporting) == 3

    run(reporting, clock, day(2, 1))

    [report] = reports(reporting)
    assert (report.state, report.counted, report.start, report.finish) == ("sent", 4, day(1).timestamp(), day(2).timestamp())
    assert kept(reporting) == 0
    [mail] = mails(reporting)
    assert recipients([mail], reporting) == ["agg@b.test"]
    [read] = told(reporting)
    assert counts(read) == [("192.0.2.1", 3), ("2001:db8::1", 1)]
    assert (read.metadata.begin, read.metadata.end) == (day(1).timestamp(), day(2).timestamp() - 1)
    assert (read.metadata.org_name, read.metadata.email) == ("example.org", "postmaster@example.org")
    assert (str(read.policy.domain), read.policy.p, read.policy.discovery_method) == ("b.test", "reject", "treewalk")
    assert facts(recorded, Event.REPORT_SENT) == [
        {"kind": "dmarc", "domain": "b.test", "to": "agg@b.test", "counted": 4, "message_id": mail.message_id}]
    # Spread and jitter: not on the stroke of the hour, nor much later.
    assert day(2).timestamp() + 30 <= clock.timestamp()
    assert day(2).timestamp() + 30 <= mail.created <= day(2, 0, 50).timestamp()


def test_the_mail(reporting: World, clock: SetClock, zone: Zone) -> None:
    """Subject, file name and id as prescribed and alike; signed by the domain of From, as another program sees it."""
    see(reporting)
    run(reporting, clock, day(2, 1))
    [mail], [report] = mails(reporting), reports(reporting)
    octets = written(reporting, mail)
    seen = email.message_from_bytes(octets, policy=email.policy.default)

    assert str(mail.sender) == "dmarc-report-sender@example.org"
    assert seen["From"] == "postmaster@example.org"
    assert seen["Subject"] == f"Report Domain: b.test Submitter: example.org Report-ID: <{report.token}>"
    assert seen["Auto-Submitted"] == "auto-generated"
    assert report.token.startswith("20300102")
    assert report.token.isalnum()
    name, kind, content = attachment(octets)
    assert name == f"example.org!b.test!{report.start:.0f}!{report.finish - 1:.0f}!{report.token}.xml.gz"
    assert kind == "application/gzip"
    assert ET.fromstring(content).find("{*}report_metadata/{*}report_id").text == report.token    # type: ignore[union-attr]
    assert "it was from b.test" in seen.get_body(("plain",)).get_content()    # type: ignore[union-attr]

    # As a server of theirs would see it: DKIM and DMARC pass, and that in strict alignment.
    for key in people.domain(reporting, "example.org").dkim:
        place = our_dkim.record_name(key.selector, Domain("example.org"))
        zone.add(f'{place.ascii} TXT {quoted(our_dkim.record_text(key.algorithm, key.public))}')
    zone.add('_dmarc.example.org TXT "v=DMARC1; p=reject; adkim=s; aspf=s"')
    found = asyncio.run(judged(octets, zone, mail.created))
    assert (found.status, found.aligned_dkim) == (Status.PASS, (Domain("example.org"),))


async def judged(octets: bytes, zone: Zone, now: float) -> DmarcResult:
    """What another server finds out about a mail, whose SPF says nothing."""
    writing = identify.read(header.parse(octets), octets)
    signatures = await verify.verify(writing.message, zone, now, LIMITS, writing.hashes)
    return await dmarc.evaluate_author(writing.author, None, signatures, zone)


def test_a_week(reporting: World, clock: SetClock) -> None:
    """A week of mail, with a restart each day and over the end of a month: a report a day, every message in just one."""
    clock.advance(day(28, 12) - clock.now())
    for hour in range(7 * 24):
        see(reporting, source_ip=f"192.0.2.{hour % 7}", messages=hour)
        if hour % 24 == 5:
            upkeep.begin(reporting, ME)
        run(reporting, clock, clock.now() + timedelta(hours=1))
    run(reporting, clock, clock.now() + timedelta(hours=13))

    read = told(reporting)
    assert [datetime.fromtimestamp(one.metadata.begin, UTC).strftime("%m-%d") for one in read] == [
        "01-28", "01-29", "01-30", "01-31", "02-01", "02-02", "02-03", "02-04"]
    assert [one.messages for one in read] == [
        sum(range(12)), *(sum(range(12 + 24 * number, 36 + 24 * number)) for number in range(6)), sum(range(156, 168))]
    assert all(Counter(row.count for row in one.rows).total() <= 7 for one in read)
    assert kept(reporting) == 0
    assert len({one.metadata.report_id for one in read}) == 8


@pytest.mark.parametrize(("ri", "each"), [
    (86_400, 24), (0, 24), (100_000, 24), (86_399, 24), (82_800, 12), (43_200, 12), (40_000, 12), (36_000, 8), (14_401, 4), (3_600, 1),
    (60, 1)])
def test_ri_is_honoured_as_a_courtesy(reporting: World, clock: SetClock, zone: Zone, ri: int, each: int) -> None:
    """Parts of a day that divide it, by UTC, never below an hour (RFC 7489 §6.3)."""
    record = f"{RECORD}; ri={ri}"
    zone.remove("_dmarc.b.test", RecordType.TXT)
    zone.add(f'_dmarc.b.test TXT "{record}"')
    run(reporting, clock, day(2))
    for _ in range(24):
        see(reporting, record=record)
        run(reporting, clock, clock.now() + timedelta(hours=1))
    run(reporting, clock, day(3, 1))

    spans = [(row.finish - row.start) / 3_600 for row in reports(reporting)]
    assert spans == [each] * (24 // each)
    assert sum(one.messages for one in told(reporting)) == 24


def test_nothing_waits_for_nobody(reporting: World, clock: SetClock) -> None:
    """Without evidence the reporter plans once an hour and sends nothing."""
    runs = run(reporting, clock, day(3, 12))
    assert reports(reporting) == []
    assert 48 * 2 - 4 <= runs <= 48 * 2 + 4


def test_many_reports_are_spread(reporting: World, clock: SetClock, zone: Zone) -> None:
    """Those who get reports from everybody do not get all of ours in one second, and we do not make all in one."""
    for number in range(30):
        zone.add(f'_dmarc.b{number}.test TXT "v=DMARC1; p=none; rua=mailto:agg@b{number}.test"')
        see(reporting, domain=f"b{number}.test", record=f"v=DMARC1; p=none; rua=mailto:agg@b{number}.test")
    run(reporting, clock, day(2, 2))
    times = sorted(mail.created for mail in mails(reporting))
    assert len(times) == 30
    assert times[-1] - times[0] > 30 * 60
    assert times[-1] < day(2, 0, 50).timestamp()
    assert max(Counter(int(time // 60) for time in times).values()) <= 4


# --- who is asked, who is told -------------------------------------------------------------------


CASES = {
    "same organisation": ("rua=mailto:agg@mail.b.test", "", ["agg@mail.b.test"]),
    "two addresses": ("rua=mailto:one@b.test,mailto:two@b.test", "", ["one@b.test", "two@b.test"]),
    "one address twice": ("rua=mailto:one@b.test,mailto:one%40b.test", "", ["one@b.test"]),
    "size is read and not obeyed": ("rua=mailto:agg@b.test!1", "", ["agg@b.test"]),
    "external, agreed": ("rua=mailto:agg@c.test", 'b.test._report._dmarc.c.test TXT "v=DMARC1;"', ["agg@c.test"]),
    "external, agreed to all": ("rua=mailto:agg@c.test", '*._report._dmarc.c.test TXT "v=DMARC1"', ["agg@c.test"]),
    "external, not agreed": ("rua=mailto:agg@c.test", "", []),
    "external, replaced": (
        "rua=mailto:agg@c.test", 'b.test._report._dmarc.c.test TXT "v=DMARC1; rua=mailto:other@c.test"', ["other@c.test"]),
    "external, replaced elsewhere": (
        "rua=mailto:agg@c.test", 'b.test._report._dmarc.c.test TXT "v=DMARC1; rua=mailto:victim@d.test"', []),
    "one of ours and one not agreed": ("rua=mailto:agg@c.test,mailto:agg@b.test", "", ["agg@b.test"]),
    "no mail": ("rua=https://b.test/reports", "", []),
    "asks no more": ("", "", []),
}


@pytest.mark.parametrize("case", CASES)
def test_addressees(reporting: World, clock: SetClock, zone: Zone, case: str) -> None:
    """The record as it is now decides; who did not agree gets nothing, and the owner reads why in the report."""
    rua, more, wanted = CASES[case]
    zone.remove("_dmarc.b.test", RecordType.TXT)
    zone.add(f'_dmarc.b.test TXT "v=DMARC1; p=reject; {rua}"\n{more}')
    see(reporting)
    run(reporting, clock, day(2, 1))

    [report] = reports(reporting)
    assert recipients(mails(reporting), reporting) == wanted
    assert [one.outcome for one in deliveries(reporting, report)] == ["queued"] * len(wanted)
    assert report.state == ("sent" if wanted else "unsent")
    assert bool(report.text) is not bool(wanted)
    assert kept(reporting) == 0
    if case == "one of ours and one not agreed":
        assert any("c.test does not agree" in error for error in told(reporting)[0].metadata.errors)


def test_the_record_has_gone(reporting: World, clock: SetClock, zone: Zone, recorded: Recorded) -> None:
    """Who asks for nothing any more gets nothing."""
    see(reporting)
    zone.remove("_dmarc.b.test", RecordType.TXT)
    run(reporting, clock, day(2, 1))
    [report] = reports(reporting)
    assert (report.state, report.text) == ("unsent", "b.test has no DMARC record any more")
    assert facts(recorded, Event.REPORT_UNSENT)[0]["reason"] == report.text
    assert mails(reporting) == []


def test_a_suppressed_address(reporting: World, clock: SetClock, zone: Zone) -> None:
    """It gets nothing as long as that holds, others do; when the time is up it gets the next report."""
    zone.remove("_dmarc.b.test", RecordType.TXT)
    zone.add('_dmarc.b.test TXT "v=DMARC1; p=reject; rua=mailto:Agg@b.test,mailto:two@b.test"')
    reporting.store.write_now(lambda db: sentreports.suppress(db, clock, "agg@b.test", day(2, 12).timestamp(), "they asked us to stop"))
    see(reporting)
    run(reporting, clock, day(2, 1))
    [report] = reports(reporting)
    assert {one.uri: (one.outcome, one.text) for one in deliveries(reporting, report)} == {
        "mailto:Agg@b.test": ("suppressed", "they asked us to stop"), "mailto:two@b.test": ("queued", "")}
    assert report.state == "sent"

    see(reporting)
    run(reporting, clock, day(3, 1))
    assert recipients(mails(reporting), reporting) == ["Agg@b.test", "two@b.test", "two@b.test"]


def test_all_suppressed(reporting: World, clock: SetClock) -> None:
    """Then the report is not sent, and says so."""
    reporting.store.write_now(lambda db: sentreports.suppress(db, clock, "agg@b.test", None, "no"))
    see(reporting)
    run(reporting, clock, day(2, 1))
    [report] = reports(reporting)
    assert (report.state, report.text) == ("unsent", "mailto:agg@b.test: suppressed no")


# --- what is no reason to write --------------------------------------------------------------------


def test_optional_alone_sends_nothing(reporting: World, clock: SetClock) -> None:
    """Reports of others are told of, but are no reason for a report; so two servers do not write to one another for ever."""
    see(reporting, messages=3, optional=3)
    run(reporting, clock, day(2, 1))
    [report] = reports(reporting)
    assert (report.state, report.counted) == ("needless", 3)
    assert mails(reporting) == []
    assert kept(reporting) == 0

    see(reporting, messages=3, optional=3)
    see(reporting, source_ip="192.0.2.9")
    run(reporting, clock, day(3, 1))
    assert counts(told(reporting)[0]) == [("192.0.2.1", 3), ("192.0.2.9", 1)]


def test_forgeries_in_an_unknown_name(reporting: World, clock: SetClock) -> None:
    """What was refused as forged is a reason only if somebody here has to do with the name."""
    see(reporting, disposition="reject", dkim=False, spf=False)
    run(reporting, clock, day(2, 1))
    assert reports(reporting)[0].state == "needless"

    ann = people.get_account(reporting, "ann").id
    reporting.store.write_now(lambda db: outgoing.remember(db, clock, ann, [Address.parse("bob@mail.b.test")]))
    see(reporting, disposition="reject", dkim=False, spf=False)
    run(reporting, clock, day(3, 1))
    assert reports(reporting)[1].state == "sent"


@pytest.mark.parametrize("name", ["xb.test", "b.test.example", "b-test"])
def test_another_name_is_not_it(reporting: World, clock: SetClock, name: str) -> None:
    """Who wrote to a name that only looks alike has nothing to do with it."""
    ann = people.get_account(reporting, "ann").id
    reporting.store.write_now(lambda db: outgoing.remember(db, clock, ann, [Address.parse(f"bob@{name}")]))
    assert not reporting.store.read(lambda db: outgoing.known_domain(db, Domain("b.test")))


def test_without_a_key_no_report(reporting: World, clock: SetClock) -> None:
    """A report that would not pass DMARC is not sent."""
    without_keys(reporting)
    see(reporting)
    run(reporting, clock, day(2, 1))
    [report] = reports(reporting)
    assert report.state == "unsent"
    assert "no DKIM key signs for mx.example.org or a domain above it" in report.text
    assert queued(reporting) == []


def test_the_hosts_own_key(reporting: World, clock: SetClock) -> None:
    """If the host's name is a domain of ours with a key, reports come from there."""
    people.add_domain(reporting, "mx.example.org", by=BY)
    see(reporting)
    run(reporting, clock, day(2, 1))
    [mail] = mails(reporting)
    assert mail.header_from == "postmaster@mx.example.org"
    assert str(mail.sender) == "dmarc-report-sender@mx.example.org"


def test_a_way_without_signature(reporting: World, clock: SetClock) -> None:
    """Where a transport lets no signature through, no report goes."""
    changed(reporting, transports=(Transport("relay", "relay.test", dkim="none"),), routes=(Route(transport="relay"),))
    see(reporting)
    run(reporting, clock, day(2, 1))
    [report] = reports(reporting)
    assert report.state == "unsent"
    assert "No DKIM key signs for example.org on the way" in deliveries(reporting, report)[0].text
    assert queued(reporting) == []


def test_switched_off(reporting: World, clock: SetClock) -> None:
    """Nothing is planned, what was planned is not sent, and evidence goes by age."""
    see(reporting)
    run(reporting, clock, day(2, 0, 0))
    reportout.plan(reporting)
    changed(reporting, reports=Reports(dmarc=False))
    see(reporting)
    run(reporting, clock, day(2, 2))
    assert [(row.state, row.text) for row in reports(reporting)] == [("unsent", "such reports are switched off in the configuration")]
    assert kept(reporting) == 1
    run(reporting, clock, day(5))
    assert kept(reporting) == 0
    assert len(reports(reporting)) == 1


# --- trouble ------------------------------------------------------------------------------------


def test_the_dns_is_silent_for_a_while(reporting: World, clock: SetClock, zone: Zone, recorded: Recorded) -> None:
    """The evidence stays, the report is tried again, and is sent once when the DNS answers."""
    see(reporting)
    zone.add("_dmarc.b.test TIMEOUT")
    run(reporting, clock, day(2, 5))
    [report] = reports(reporting)
    assert report.state == "due"
    assert report.attempts >= 3
    assert "the DNS does not say" in report.text
    assert kept(reporting) == 1
    assert facts(recorded, Event.REPORT_LATER)

    zone._spoilt.clear()    # the DNS answers again
    run(reporting, clock, day(2, 12))
    assert reports(reporting)[0].state == "sent"
    assert counts(told(reporting)[0]) == [("192.0.2.1", 1)]
    assert kept(reporting) == 0


def test_the_dns_is_silent_for_good(reporting: World, clock: SetClock, zone: Zone) -> None:
    """A day after its period a report is given up, and its evidence is not kept for longer than two."""
    see(reporting)
    zone.add("_dmarc.b.test TIMEOUT")
    run(reporting, clock, day(3, 5))
    [report] = reports(reporting)
    assert report.state == "unsent"
    assert report.text.startswith("given up: the DNS does not say")
    assert kept(reporting) == 0
    assert report.settled is not None
    assert report.settled < day(3, 4, 30).timestamp()


def test_one_address_cannot_be_asked_about(reporting: World, clock: SetClock, zone: Zone) -> None:
    """The other has the report at once, and has it once; the first when its owner could be asked."""
    zone.remove("_dmarc.b.test", RecordType.TXT)
    zone.add('_dmarc.b.test TXT "v=DMARC1; p=reject; rua=mailto:agg@b.test,mailto:agg@c.test"\n'
             "b.test._report._dmarc.c.test TIMEOUT")
    see(reporting)
    run(reporting, clock, day(2, 2))
    assert recipients(mails(reporting), reporting) == ["agg@b.test"]
    assert reports(reporting)[0].state == "due"
    assert kept(reporting) == 1

    zone._spoilt.clear()
    zone.add('b.test._report._dmarc.c.test TXT "v=DMARC1"')
    run(reporting, clock, day(2, 12))
    assert recipients(mails(reporting), reporting) == ["agg@b.test", "agg@c.test"]
    first, second = mails(reporting)
    assert attachment(written(reporting, first)) == attachment(written(reporting, second))
    assert first.message_id != second.message_id
    assert reports(reporting)[0].state == "sent"


def test_old_evidence_goes(reporting: World, clock: SetClock) -> None:
    """What the server slept through for two days is told to nobody; the rest is told, once, by days."""
    for _ in range(5):
        see(reporting, source_ip=f"192.0.2.{clock.now().day}")
        clock.advance(86_400)
    run(reporting, clock, day(6, 14))
    read = sorted(told(reporting), key=lambda one: one.metadata.begin)
    assert [counts(one) for one in read] == [[("192.0.2.4", 1)], [("192.0.2.5", 1)]]
    assert [(row.finish - row.start) / 3_600 for row in reports(reporting)] == [24, 24]


def test_late_evidence_is_not_lost(reporting: World, clock: SetClock) -> None:
    """What is written about an hour that was reported already gets into a report of its own, with a name of its own."""
    see(reporting)
    run(reporting, clock, day(2, 1))
    clock.advance(day(1, 12) - clock.now())
    see(reporting, messages=5)
    clock.advance(day(2, 1) - clock.now())
    run(reporting, clock, day(2, 3))
    read = told(reporting)
    assert [one.messages for one in read] == [1, 5]
    assert read[0].metadata.report_id != read[1].metadata.report_id
    assert len({attachment(written(reporting, mail))[0] for mail in mails(reporting)}) == 2


def test_a_clock_that_was_ahead(reporting: World, clock: SetClock) -> None:
    """A clock that was a month ahead and is set back: what was planned then is done now, what was seen then is told."""
    clock.advance(timedelta(days=31))
    see(reporting, messages=2)
    reportout.plan(reporting)
    upkeep.begin(reporting, ME)
    run(reporting, clock, clock.now() + timedelta(hours=2))
    clock.advance(-timedelta(days=31))
    see(reporting, source_ip="192.0.2.2")

    upkeep.EachMinute(reporting, free=lambda path: 1 << 40)()
    run(reporting, clock, day(2, 1))

    assert sum(one.messages for one in told(reporting)) == 3
    assert kept(reporting) == 0
    assert all(row.due <= clock.timestamp() + 25 * 3_600 for row in reporting.store.read(schedule.listing) if "reports" in row.kind)


def test_a_report_that_was_planned_ahead(reporting: World, clock: SetClock) -> None:
    """A report that is due in a month, because the clock was wrong, is made now."""
    see(reporting)
    clock.advance(timedelta(days=31))
    see(reporting)
    clock.advance(86_400)
    reportout.plan(reporting)
    assert len(reports(reporting)) == 1
    clock.advance(-timedelta(days=31))
    asyncio.run(reportout.send_due(reporting))
    assert [row.state for row in reports(reporting)] == ["sent"]


# --- restarts -----------------------------------------------------------------------------------


class Dies:
    """A store that fails after so many writes, once they are on disk: what a kill just then would leave."""

    def __init__(self, world: World, after: int) -> None:
        self._store, self.left = world.store, after

    async def write(self, change: Any, bodies: Any = ()) -> Any:
        """As Store.write, and the last one does not return."""
        done = await self._store.write(change, bodies)
        self._count()
        return done

    def write_now(self, change: Any, bodies: Any = ()) -> Any:
        """As Store.write_now."""
        done = self._store.write_now(change, bodies)
        self._count()
        return done

    def _count(self) -> None:
        self.left -= 1
        if self.left <= 0:
            raise TemporaryError("killed")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


@pytest.mark.parametrize("after", range(1, 8))
def test_sent_once_whenever_it_is_killed(reporting: World, clock: SetClock, zone: Zone, after: int) -> None:
    """Killed after any of its writes, the next reporter goes on: every address gets each report once, no message is told twice."""
    zone.remove("_dmarc.b.test", RecordType.TXT)
    zone.add('_dmarc.b.test TXT "v=DMARC1; p=reject; rua=mailto:one@b.test,mailto:two@b.test"')
    see(reporting, messages=3)
    see(reporting, source_ip="192.0.2.2")
    clock.advance(day(2, 0, 1) - clock.now())
    whole = reporting.store
    reporting.store = Dies(reporting, after)    # type: ignore[assignment]
    try:
        reportout.plan(reporting)
        clock.advance(3_600)
        for _ in range(3):
            asyncio.run(reportout.send_due(reporting))
    except TemporaryError:
        killed = True
    else:
        killed = False
    reporting.store = whole
    assert killed is (after <= 4), "the report takes four writes: planned, two mails, settled"

    run(reporting, clock, day(2, 6))
    assert recipients(mails(reporting), reporting) == ["one@b.test", "two@b.test"]
    assert {one.messages for one in told(reporting)} == {4}
    assert len({one.metadata.report_id for one in told(reporting)}) == 1
    assert kept(reporting) == 0


def test_two_reporters_at_once(reporting: World, clock: SetClock) -> None:
    """Even if two of them send the same report, it leaves once."""
    see(reporting)
    clock.advance(day(2, 0, 1) - clock.now())
    reportout.plan(reporting)
    clock.advance(3_600)

    async def both() -> None:
        await asyncio.gather(*(reportout.send_due(reporting) for _ in range(3)))

    asyncio.run(both())
    assert len(mails(reporting)) == 1
    assert reports(reporting)[0].state == "sent"


def test_removed_while_it_is_made(reporting: World, clock: SetClock) -> None:
    """Somebody removes the report while it is sent: it does not leave, and nothing of it stays."""
    see(reporting)
    clock.advance(day(2, 0, 1) - clock.now())
    reportout.plan(reporting)
    [report] = reports(reporting)
    sending = reportout.Sending(reporting, reportout.KINDS["dmarc"], report, Poster(reporting))
    reporting.store.write_now(lambda db: sentreports.remove(db, report.id))
    asyncio.run(sending.run())
    assert queued(reporting) == []
    assert kept(reporting) == 0


def test_one_report_that_cannot_be_made_holds_up_no_other(reporting: World, clock: SetClock, zone: Zone, recorded: Recorded) -> None:
    """A bug in one report is noted, and the next one is sent."""
    zone.add('_dmarc.c.test TXT "v=DMARC1; p=none; rua=mailto:agg@c.test"')
    see(reporting, domain="c.test", record="v=DMARC1; p=none; rua=mailto:agg@c.test")
    see(reporting)
    reporting.store.write_now(lambda db: db.execute("UPDATE dmarc_evaluation SET facts = x'8101' WHERE policy_domain = 'b.test'"))
    run(reporting, clock, day(2, 1))
    assert recipients(mails(reporting), reporting) == ["agg@c.test"]
    assert facts(recorded, Event.UNEXPECTED)
    assert {row.policy_domain: row.state for row in reports(reporting)} == {"b.test": "due", "c.test": "sent"}
    run(reporting, clock, day(3, 6))
    assert {row.policy_domain: row.state for row in reports(reporting)} == {"b.test": "unsent", "c.test": "sent"}
    assert kept(reporting) == 0


# --- afterwards ----------------------------------------------------------------------------------


def test_what_was_sent_is_forgotten_in_time(reporting: World, clock: SetClock) -> None:
    """Rows of reports go after some months, with what became of them."""
    see(reporting)
    run(reporting, clock, day(2, 1))
    clock.advance(91 * 86_400)
    assert "1 rows" in str(upkeep.BY_KIND["prune-reports"].work(reporting, never))
    assert reports(reporting) == []
    assert reporting.store.read(lambda db: list(db.execute("SELECT 1 FROM report_delivery"))) == []


def test_a_report_never_travels_in_the_clear(reporting: World, clock: SetClock) -> None:
    """It names people's servers: the connection needs TLS."""
    see(reporting)
    run(reporting, clock, day(2, 1))
    assert mails(reporting)[0].demand is Demand.DMARC_REPORT
