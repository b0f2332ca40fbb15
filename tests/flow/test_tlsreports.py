"""TLS reports: a day, a policy domain, a document that a strict reader takes, a mail that arrives, a post."""
import asyncio
import email
import email.policy
import json

import pytest

from mta.auth import dkim as our_dkim
from mta.auth import verify
from mta.auth.status import Status
from mta.base.clock import SetClock
from mta.base.events import Event, Recorded
from mta.base.limits import LIMITS
from mta.base.names import Domain
from mta.config.model import Config, Reports
from mta.dns.answer import RecordType
from mta.dns.zone import Zone
from mta.flow import identify, people, reportout
from mta.flow.posting import Poster, Posting
from mta.flow.published import quoted
from mta.flow.tlsreports import TlsReports
from mta.flow.world import World
from mta.message import header
from mta.report import tlsrptjson
from mta.report.reportmail import Document
from mta.report.tlsrptjson import FailureDetail, TlsReport
from mta.secure.protection import Demand
from mta.secure.tlsresult import Outcome, Policy, PolicyKind, Result, Session, Verdict, failure, success
from mta.store import evidence, sentreports
from tests.flow.outbox import facts
from tests.flow.post import queued, written
from tests.flow.reporter import attachment, began, day, deliveries, mails, recipients, reports, run, without_keys

B, C, MX = Domain("b.test"), Domain("c.test"), Domain("mx.b.test")
STS = Policy(PolicyKind.STS, B, lines=("version: STSv1", "mode: enforce", "mx: mx.b.test", "max_age: 86400"), mx=("mx.b.test",))
TLSA = Policy(PolicyKind.TLSA, MX, is_host=True, lines=("3 1 1 00ff",), mx=("mx.b.test",))
NONE = Policy(PolicyKind.NONE, C)
EXPIRED = Verdict(Result.EXPIRED, "it ran out", "expired")


@pytest.fixture
def reporting(served: World, clock: SetClock, zone: Zone) -> World:
    """A reporter that started on 1 January 2030 at noon; b.test and its mail host ask for reports."""
    zone.add('_smtp._tls.b.test TXT "v=TLSRPTv1; rua=mailto:tls@b.test"\n_smtp._tls.mx.b.test TXT "v=TLSRPTv1; rua=mailto:host@b.test"')
    began(served, clock, day(1, 12))
    return served


def session(recipient: Domain = B) -> Session:
    """A session with mx.b.test."""
    return Session(recipient, "mx.b.test", "192.0.2.1", "192.0.2.9")


def see(world: World, *outcomes: Outcome) -> None:
    """Sessions that were set up now."""
    today = evidence.day_of(world.clock.timestamp())
    for outcome in outcomes:
        world.store.write_now(lambda db, outcome=outcome: evidence.note(db, {(today, outcome): 1}))    # type: ignore[misc]


def optional(policy: Policy) -> Outcome:
    """A session that was set up to send a report."""
    return Outcome(policy, session(), False, optional=True)


def kept(world: World) -> int:
    """Rows of evidence, whether of a report or not."""
    return len(world.store.read(lambda db: list(db.execute("SELECT 1 FROM tls_result"))))


def told(world: World) -> dict[str, TlsReport]:
    """The reports that wait in the queue, by whom they go to."""
    return {recipients([mail], world)[0]: tlsrptjson.parse(attachment(written(world, mail))[2]) for mail in mails(world, "tls_report")}


def test_a_day_becomes_reports(reporting: World, clock: SetClock) -> None:
    """One for each policy domain: the recipients' and the mail host's are apart; equal policies and failures are merged."""
    see(reporting, success(STS, session()), success(STS, session(C)), failure(STS, session(), EXPIRED), failure(STS, session(C), EXPIRED))
    see(reporting, success(TLSA, session()), failure(TLSA, session(C), Verdict(Result.VALIDATION_FAILURE, "no match", "dane-no-match")))
    run(reporting, clock, day(2, 0, 3))
    assert mails(reporting, "tls_report") == []
    run(reporting, clock, day(2, 5))

    read = told(reporting)
    assert set(read) == {"tls@b.test", "host@b.test"}
    [sts] = read["tls@b.test"].policies
    assert (sts.kind, sts.domain, sts.successful, sts.failed, sts.lines, sts.mx) == ("sts", B, 2, 2, STS.lines, STS.mx)
    assert sts.failures == (FailureDetail(
        "certificate-expired", 2, "192.0.2.9", "mx.b.test", receiving_ip="192.0.2.1", reason="expired", information="it ran out"),)
    [tlsa] = read["host@b.test"].policies
    assert (tlsa.kind, tlsa.domain, tlsa.successful, tlsa.failed, tlsa.lines) == ("tlsa", MX, 1, 1, TLSA.lines)
    assert (read["tls@b.test"].begin, read["tls@b.test"].end) == (day(1).timestamp(), day(2).timestamp() - 1)
    assert kept(reporting) == 0
    assert {(row.policy_domain, row.state, row.counted) for row in reports(reporting, "tls")} == {
        ("b.test", "sent", 4), ("mx.b.test", "sent", 2)}


def test_the_mail(reporting: World, clock: SetClock, zone: Zone) -> None:
    """multipart/report with its fields, all of them signed; it travels without TLS if it must; the JSON is as RFC 8460 §4.4 has it."""
    see(reporting, success(STS, session()), failure(STS, session(), EXPIRED))
    run(reporting, clock, day(2, 5))
    [mail], [report] = mails(reporting, "tls_report"), reports(reporting, "tls")
    octets = written(reporting, mail)
    seen = email.message_from_bytes(octets, policy=email.policy.default)
    assert seen.get_content_type() == "multipart/report"
    assert seen["Content-Type"].params["report-type"] == "tlsrpt"
    assert (seen["TLS-Report-Domain"], seen["TLS-Report-Submitter"], seen["TLS-Required"]) == ("b.test", "example.org", "No")
    assert seen["Subject"] == f"Report Domain: b.test Submitter: example.org Report-ID: <{report.token}@example.org>"
    assert mail.demand is Demand.TLS_REPORT

    name, kind, content = attachment(octets)
    assert name == f"example.org!b.test!{report.start:.0f}!{report.finish - 1:.0f}!{report.token}.json.gz"
    assert kind == "application/tlsrpt+gzip"
    document = json.loads(content)
    assert document["organization-name"] == "example.org"
    assert document["date-range"] == {"start-datetime": "2030-01-01T00:00:00Z", "end-datetime": "2030-01-01T23:59:59Z"}
    assert document["contact-info"] == "postmaster@example.org"
    assert document["report-id"] == f"{report.token}@example.org"
    assert document["policies"][0]["summary"] == {"total-successful-session-count": 1, "total-failure-session-count": 1}

    for key in people.domain(reporting, "example.org").dkim:
        place = our_dkim.record_name(key.selector, Domain("example.org"))
        zone.add(f"{place.ascii} TXT {quoted(our_dkim.record_text(key.algorithm, key.public))}")
    writing = identify.read(header.parse(octets), octets)
    signatures = asyncio.run(verify.verify(writing.message, zone, mail.created, LIMITS, writing.hashes))
    assert signatures
    for one in signatures:
        assert one.status is Status.PASS
        assert one.signature is not None
        assert {"tls-report-domain", "tls-report-submitter"} <= set(one.signature.names)


def test_reports_cause_no_reports(reporting: World, clock: SetClock) -> None:
    """Sessions set up for reports alone are told to nobody; beside others they are counted."""
    see(reporting, optional(STS), optional(STS))
    run(reporting, clock, day(2, 5))
    [report] = reports(reporting, "tls")
    assert (report.state, report.text) == ("needless", "all connections were made to send reports or notices")
    assert queued(reporting) == []
    assert kept(reporting) == 0

    see(reporting, optional(STS), success(STS, session()))
    run(reporting, clock, day(3, 5))
    assert told(reporting)["tls@b.test"].successful == 2


def test_a_week(reporting: World, clock: SetClock) -> None:
    """A report for each day, each session in just one."""
    for number in range(7):
        see(reporting, *[success(STS, session())] * (number + 1))
        run(reporting, clock, day(number + 2, 12))
    found = [tlsrptjson.parse(attachment(written(reporting, mail))[2]) for mail in mails(reporting, "tls_report")]
    assert [one.successful for one in found] == list(range(1, 8))
    assert len({one.report_id for one in found}) == 7


def test_today_is_not_over(reporting: World, clock: SetClock) -> None:
    """What is counted while a report is made belongs to the next one."""
    see(reporting, success(STS, session()))
    run(reporting, clock, day(2, 0, 2))
    see(reporting, failure(STS, session(), EXPIRED))
    run(reporting, clock, day(2, 5))
    assert (told(reporting)["tls@b.test"].successful, told(reporting)["tls@b.test"].failed) == (1, 0)
    assert kept(reporting) == 1


def test_nobody_asked(reporting: World, clock: SetClock, recorded: Recorded) -> None:
    """A domain without a TLSRPT record gets nothing, and the evidence goes."""
    see(reporting, success(NONE, session(C)))
    run(reporting, clock, day(2, 5))
    [report] = reports(reporting, "tls")
    assert report.state == "unsent"
    assert "c.test asks for no reports about TLS" in report.text
    assert kept(reporting) == 0


def test_the_dns_is_silent(reporting: World, clock: SetClock, zone: Zone) -> None:
    """Evidence stays as long as it may, and goes then."""
    zone.add("_smtp._tls.b.test SERVFAIL")
    see(reporting, success(STS, session()))
    run(reporting, clock, day(2, 12))
    assert reports(reporting, "tls")[0].state == "due"
    assert kept(reporting) == 1
    run(reporting, clock, day(3, 6))
    assert reports(reporting, "tls")[0].state == "unsent"
    assert kept(reporting) == 0


def test_without_a_key(reporting: World, clock: SetClock) -> None:
    """A report that is not signed would not be believed (RFC 8460 §3), so it is not sent."""
    without_keys(reporting)
    see(reporting, success(STS, session()))
    run(reporting, clock, day(2, 5))
    assert reports(reporting, "tls")[0].state == "unsent"
    assert queued(reporting) == []


def test_switched_off(reporting: World, clock: SetClock) -> None:
    """DMARC reports have a switch of their own."""
    given = {name: getattr(reporting.config, name) for name in Config.__dataclass_fields__}
    reporting.config = Config(**{**given, "reports": Reports(tls=False)})
    see(reporting, success(STS, session()))
    run(reporting, clock, day(2, 12))
    assert reports(reporting, "tls") == []
    run(reporting, clock, day(5))
    assert kept(reporting) == 0


def test_a_day_to_come(reporting: World, clock: SetClock) -> None:
    """What a clock saw that was ahead is told as the last day that is over."""
    clock.advance(86_400 * 30)
    see(reporting, success(STS, session()))
    clock.advance(-86_400 * 30)
    run(reporting, clock, day(2, 5))
    rows = reports(reporting, "tls")
    assert [row.state for row in rows] == ["sent"]
    assert all(row.finish <= day(2).timestamp() for row in rows)


# --- https ----------------------------------------------------------------------------------------


class Answers(Poster):
    """A web server's answers, one after the other."""

    def __init__(self, world: World, *answers: Posting) -> None:
        super().__init__(world)
        self.answers, self.posted = list(answers), list[tuple[str, Document]]()

    async def post(self, uri: str, document: Document) -> Posting:
        """The next answer."""
        self.posted.append((uri, document))
        return self.answers.pop(0)


TAKEN, NOT_NOW, NEVER = Posting(True, False, "answered 201"), Posting(False, False, "answered 503"), Posting(False, True, "answered 404")


def planned(world: World, clock: SetClock, zone: Zone) -> None:
    """A report that is due, to a web server and to an address."""
    zone.remove("_smtp._tls.b.test", RecordType.TXT)
    zone.add('_smtp._tls.b.test TXT "v=TLSRPTv1; rua=https://b.test/tls,mailto:tls@b.test"')
    see(world, success(STS, session()))
    clock.advance(day(2, 0, 1) - clock.now())
    reportout.plan(world)
    clock.advance(5 * 3_600)


def test_posted_as_well(reporting: World, clock: SetClock, zone: Zone, recorded: Recorded) -> None:
    """The same document goes by both ways."""
    planned(reporting, clock, zone)
    poster = Answers(reporting, TAKEN)
    asyncio.run(reportout.send_due(reporting, poster=poster))
    [report] = reports(reporting, "tls")
    assert {one.uri: one.outcome for one in deliveries(reporting, report)} == {
        "https://b.test/tls": "posted", "mailto:tls@b.test": "queued"}
    [(uri, document)] = poster.posted
    assert uri == "https://b.test/tls"
    assert document.media_type == "application/tlsrpt+gzip"
    assert attachment(written(reporting, mails(reporting, "tls_report")[0]))[0] == document.file_name
    assert [one["to"] for one in facts(recorded, Event.REPORT_SENT)] == ["https://b.test/tls", "tls@b.test"]
    assert report.state == "sent"


def test_posted_later(reporting: World, clock: SetClock, zone: Zone) -> None:
    """A server that is down is asked again under the same name; the mail leaves once meanwhile."""
    planned(reporting, clock, zone)
    poster = Answers(reporting, NOT_NOW, NOT_NOW, TAKEN)
    for _ in range(5):
        asyncio.run(reportout.send_due(reporting, poster=poster))
        clock.advance(2 * 3_600)
    assert len(poster.posted) == 3
    assert len({document.file_name for _, document in poster.posted}) == 1
    assert len({document.content for _, document in poster.posted}) == 1
    assert len(mails(reporting, "tls_report")) == 1
    assert reports(reporting, "tls")[0].state == "sent"


def test_posted_in_vain(reporting: World, clock: SetClock, zone: Zone) -> None:
    """A server that does not want it is not asked again; one that stays down is given up after a day."""
    planned(reporting, clock, zone)
    asyncio.run(reportout.send_due(reporting, poster=Answers(reporting, NEVER)))
    [report] = reports(reporting, "tls")
    assert ("https://b.test/tls", "refused", "answered 404") in [
        (one.uri, one.outcome, one.text) for one in deliveries(reporting, report)]
    assert report.state == "sent"

    see(reporting, success(STS, session()))
    clock.advance(day(3, 0, 1) - clock.now())
    reportout.plan(reporting)
    for _ in range(20):
        clock.advance(2 * 3_600)
        asyncio.run(reportout.send_due(reporting, poster=Answers(reporting, NOT_NOW)))
    report = reports(reporting, "tls")[1]
    assert (report.state, report.text) == ("sent", "given up: https://b.test/tls: answered 503")
    assert kept(reporting) == 0


def test_a_suppressed_place(reporting: World, clock: SetClock, zone: Zone) -> None:
    """A URL can be suppressed like an address."""
    planned(reporting, clock, zone)
    reporting.store.write_now(lambda db: sentreports.suppress(db, clock, "https://b.test/tls", None, "no"))
    poster = Answers(reporting)
    asyncio.run(reportout.send_due(reporting, poster=poster))
    assert poster.posted == []
    assert len(mails(reporting, "tls_report")) == 1


# --- what waits -------------------------------------------------------------------------------------


def test_what_waits(reporting: World, clock: SetClock) -> None:
    """By domain and day; a domain can be forgotten, or reported before its day is over."""
    see(reporting, success(STS, session()), optional(STS), success(TLSA, session()))
    kind = TlsReports()
    waiting = reporting.store.read(kind.waiting)
    assert [(one.policy_domain, one.counted, one.optional, one.since, one.until) for one in waiting] == [
        ("b.test", 2, 1, day(1).timestamp(), day(2).timestamp()), ("mx.b.test", 1, 0, day(1).timestamp(), day(2).timestamp())]
    assert reporting.store.write_now(lambda db: kind.forget(db, "b.test")) == 2
    ripe = reporting.store.read(lambda db: kind.unripe(db, "mx.b.test", clock.timestamp()))
    assert ripe is not None
    assert ripe.policy_domain == "mx.b.test"
    assert reporting.store.read(lambda db: kind.unripe(db, "b.test", clock.timestamp())) is None


