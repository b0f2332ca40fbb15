"""DMARC reports: what they hold, and two servers that report to one another."""
import asyncio
import gzip
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

import pytest

from mta.auth import dkim
from mta.base.clock import SetClock
from mta.base.events import Journal
from mta.base.limits import LIMITS
from mta.base.names import Address, Domain, IPAddress, ip_address
from mta.base.reply import Reply
from mta.base.tokens import CHANCE
from mta.config.model import Config
from mta.dns.zone import Zone
from mta.flow import people, reportout, submit
from mta.flow.dmarcreports import DmarcReports
from mta.flow.judging import Judging
from mta.flow.published import quoted
from mta.flow.receive import ReceiveDesk
from mta.flow.world import World
from mta.report import dmarcxml
from mta.report.aggregate import AggregateReport
from mta.secure.protection import Demand
from mta.secure.tlsresult import Outcome, Policy, PolicyKind, Session
from mta.store import evidence, queue
from mta.store.bell import Bell
from mta.store.database import Store
from mta.store.learned import Learned, Teaching
from mta.store.verify import problems
from tests.flow.post import bring, queued, session, written
from tests.flow.reporter import attachment, began, counts, day, reports, run, see, told

BY = "a test"


@pytest.fixture
def reporting(served: World, clock: SetClock, zone: Zone) -> World:
    """A reporter that started on 1 January 2030 at noon; b.test asks for reports."""
    zone.add('_dmarc.b.test TXT "v=DMARC1; p=reject; sp=quarantine; adkim=s; fo=1; rua=mailto:agg@b.test; wrong"')
    began(served, clock, day(1, 12))
    return served


def test_what_it_holds(reporting: World, clock: SetClock) -> None:
    """The policy as it counted last, with what is wrong in it; rows with all their facts."""
    record = "v=DMARC1; p=reject; sp=quarantine; adkim=s; fo=1; rua=mailto:agg@b.test; ruf=mailto:agg@b.test; wrong"
    see(reporting, record="v=DMARC1; p=none; rua=mailto:agg@b.test")
    clock.advance(60)
    see(reporting, record=record, source_ip="2001:db8::1", disposition="quarantine", dkim=False, spf=False, header_from="news.b.test",
        envelope_from="", reasons=(("mailing_list", "it came by a mailing list"),),
        dkim_results=(("b.test", "s", "fail"), ("c.test", "t", "pass")), spf_results=(("c.test", "softfail"),))
    run(reporting, clock, day(2, 1))
    [read] = told(reporting)
    policy = read.policy
    assert (policy.p, policy.sp, policy.np, policy.adkim, policy.aspf, policy.testing) == (
        "reject", "quarantine", "quarantine", "s", "r", False)
    assert any("'wrong' is no tag" in error for error in read.metadata.errors)
    assert read.metadata.generator.startswith("Pillarbox/")
    row = next(row for row in read.rows if str(row.source_ip) == "2001:db8::1")
    assert (row.disposition, row.dkim, row.spf, row.header_from, row.envelope_to) == (
        "quarantine", "fail", "fail", "news.b.test", "example.org")
    assert not row.envelope_from
    assert [(one.kind, one.comment) for one in row.reasons] == [("mailing_list", "it came by a mailing list")]
    assert [(one.domain, one.selector, one.result) for one in row.dkim_results] == [("b.test", "s", "fail"), ("c.test", "t", "pass")]
    assert [(one.domain, one.result, one.scope) for one in row.spf_results] == [("c.test", "softfail", "mfrom")]


class Few(DmarcReports):
    """Small ones."""

    rows = 2


def test_more_than_a_report_holds(reporting: World, clock: SetClock) -> None:
    """The rows that tell most are in it, and how much is left out is said; all evidence goes."""
    for number in range(1, 6):
        see(reporting, source_ip=f"192.0.2.{number}", messages=number)
    kind = Few()
    ripe = reporting.store.read(lambda db: kind.unripe(db, "b.test", clock.timestamp()))
    assert ripe is not None
    ident = reporting.store.write_now(lambda db: reportout.bind(db, reporting, kind, ripe, clock.timestamp()))
    [row] = reports(reporting)
    assert row.id == ident
    case = kind.case(reporting, row)
    assert case is not None
    assert case.counted == 15
    read = dmarcxml.parse(gzip.decompress(case.document(Domain("example.org"), ()).content))
    assert counts(read) == [("192.0.2.5", 5), ("192.0.2.4", 4)]
    assert any("6 messages are left out" in error for error in read.metadata.errors)


@pytest.mark.parametrize(("good", "junk", "state"), [(1, 0, "sent"), (0, 1, "needless"), (1, 3, "needless")])
def test_good_mail_makes_a_name_known(reporting: World, clock: SetClock, good: int, junk: int, state: str) -> None:
    """Forgeries of who sent good mail are told of; of who sent none, or mostly junk, they are not."""
    ann = people.get_account(reporting, "ann").id
    with closing(Learned(reporting.store.learned_db, clock)) as learned:
        since = learned.position()
        lessons = [Teaching(since + number + 1, ann, number + 1, number >= good, clock.timestamp(), [number], [("org", "b.test|proven")])
                   for number in range(good + junk)]
        assert learned.learn(lessons, since)
    see(reporting, disposition="reject", dkim=False, spf=False)
    run(reporting, clock, day(2, 1))
    assert reports(reporting)[0].state == state
    with closing(Learned(reporting.store.learned_db, clock)) as learned:    # the log of lessons knows nothing of these
        since = learned.position()
        assert learned.learn([Teaching(since + number + 1, ann, number + 1, None, 0.0) for number in range(good + junk)], since)


# --- two servers -----------------------------------------------------------------------------------------


@dataclass
class Server:
    """A server in the same world as another one; got has the reports that came, by day."""

    world: World
    domain: str
    ip: IPAddress
    got: list[AggregateReport] = field(default_factory=list)
    tls: int = 0


@pytest.fixture
def pair(tmp_path: Path, empty_data: Path, clock: SetClock) -> Iterator[list[Server]]:
    """one.test and two.test, whose mail hosts are mx.one.test and mx.two.test; both ask for reports of both kinds, to postmaster."""
    zone, servers = Zone(), []
    for number, name in enumerate(("one", "two"), 1):
        domain, ip = f"{name}.test", f"192.0.2.{number}"
        shutil.copytree(empty_data, tmp_path / name)
        store = Store.open(tmp_path / name, clock)
        journal = Journal("test", clock, stream=StringIO())
        config = Config(hostname=Domain.parse(f"mx.{domain}"), data=store.directory, run=tmp_path / "run", user="", postmaster="ann")
        world = World(config, clock, CHANCE, store, zone, journal, Bell(store.directory, lambda role: None, journal))
        people.add_domain(world, domain, by=BY)
        people.add_account(world, "ann", None, "Ann", address=f"ann@{domain}", by=BY)
        zone.add(f'{domain} TXT "v=spf1 ip4:{ip} -all"\n_dmarc.{domain} TXT "v=DMARC1; p=reject; rua=mailto:postmaster@{domain}"\n'
                 f'_smtp._tls.{domain} TXT "v=TLSRPTv1; rua=mailto:postmaster@{domain}"\n_smtp._tls.mx.{domain} TXT "v=TLSRPTv1; '
                 f'rua=mailto:postmaster@{domain}"')
        for key in people.domain(world, domain).dkim:
            zone.add(f"{dkim.record_name(key.selector, Domain(domain)).ascii} TXT {quoted(dkim.record_text(key.algorithm, key.public))}")
        servers.append(Server(world, domain, ip_address(ip)))
    yield servers
    for server in servers:
        assert problems(server.world.store) == []
        server.world.store.close()


async def carry(sender: Server, receiver: Server) -> int:
    """Take what waits at one server to the other, as delivery does: what the session was is noted, unless it was for a TLS report."""
    desk, carried, world = ReceiveDesk(receiver.world, Judging(receiver.world)), 0, sender.world
    policy = Policy(PolicyKind.NONE, Domain(receiver.domain))
    for message, one in queued(world):
        octets = written(world, message)
        assert message.sender is not None
        answer = await bring(desk, [one.recipient.ascii], octets, message.sender.ascii, here=session(str(sender.ip)))
        assert answer.reply is not None
        assert answer.reply.positive, answer
        await world.store.write(lambda db, one=one: queue.delivered(db, world.clock, one.id, Reply(250, "2.0.0", "Thanks"), "mx"))    # type: ignore[misc]
        if message.demand is not Demand.TLS_REPORT:
            outcome = Outcome(
                policy, Session(policy.domain, f"mx.{receiver.domain}"), False, optional=message.demand is Demand.DMARC_REPORT)
            today = evidence.day_of(world.clock.timestamp())
            await world.store.write(lambda db, outcome=outcome, today=today: evidence.note(db, {(today, outcome): 1}))    # type: ignore[misc]
        if message.kind == "dmarc_report":
            receiver.got.append(dmarcxml.parse(attachment(octets)[2]))
        receiver.tls += message.kind == "tls_report"
        carried += 1
    await desk.close()
    return carried


async def forge(receiver: Server, name: str, count: int) -> None:
    """Mail in a name that is not the sender's."""
    desk = ReceiveDesk(receiver.world, Judging(receiver.world))
    for number in range(count):
        text = f"From: Boss <boss@{name}>\r\nSubject: Hello\r\nMessage-ID: <{number}@{name}>\r\n\r\nText\r\n".encode()
        answer = await bring(desk, [f"ann@{receiver.domain}"], text, f"boss@{name}", here=session("203.0.113.9"))
        assert answer.reply is not None
        assert answer.reply.enhanced == "5.7.26"
    await desk.close()


async def write_to(sender: Server, receiver: Server, count: int) -> None:
    """Mail from ann to ann."""
    account = people.get_account(sender.world, "ann").id
    author = Address.parse(f"ann@{sender.domain}")
    for _ in range(count):
        text = f"From: <{author.ascii}>\r\nTo: <ann@{receiver.domain}>\r\nSubject: Hello\r\n\r\nText\r\n".encode()
        await submit.send(sender.world, account, text, author, [Address.parse(f"ann@{receiver.domain}")], "trace.1")
        await carry(sender, receiver)


def test_two_servers(pair: list[Server], clock: SetClock) -> None:
    """Three days of mail, good and forged: each is told by the other just what happened, message by message.  Then three days of
    silence, in which no report is caused by a report."""
    one, two = pair
    for server in pair:
        began(server.world, clock, day(1, 12))
    asyncio.run(write_to(one, two, 1))      # so that two.test is somebody whom one.test knows
    asyncio.run(write_to(two, one, 1))
    happened: dict[str, list[tuple[int, int]]] = {one.domain: [], two.domain: []}
    passed = {one.domain: 1, two.domain: 1}
    for number in range(1, 8):
        forged = {one.domain: 0, two.domain: 0}
        if number <= 3:
            for sender, receiver, good, bad in ((one, two, number, 2 * number), (two, one, 3, number - 1)):
                asyncio.run(write_to(sender, receiver, good))
                asyncio.run(forge(receiver, sender.domain, bad))
                passed[sender.domain] += good
                forged[sender.domain] = bad
        for domain in happened:
            happened[domain].append((passed[domain], forged[domain]))
        passed = {one.domain: 0, two.domain: 0}
        for hour in range(1, 13):
            at = day(number + 1, hour)
            for server in pair:
                now = clock.now()
                run(server.world, clock, at)
                clock.advance(now - clock.now())
            clock.advance(at - clock.now())
            carried = asyncio.run(carry(one, two)) + asyncio.run(carry(two, one))
            # Reports of the third day leave on the fourth, those about its DMARC reports' sessions would on the fifth.
            assert carried == 0 or number <= 3, f"on day {number} {carried} mails were sent because of reports"
            for sender, kinds in ((one, two), (two, one)):
                assert queued(sender.world) == [], kinds
    for server in pair:
        read = sorted(server.got, key=lambda report: report.metadata.begin)
        wanted = happened[server.domain][:3]
        assert len(read) == 3
        # Reports of the other kind came in that day too, and are counted as what they are: mail that passed.
        assert [sum(row.count for row in report.rows if not row.passed) for report in read] == [bad for _, bad in wanted]
        extra = [sum(row.count for row in report.rows if row.passed) - good for report, (good, _) in zip(read, wanted, strict=True)]
        assert extra[0] == 0
        assert all(0 <= number <= 4 for number in extra)
        assert all({row.disposition for row in report.rows if not row.passed} <= {"reject"} for report in read)
        assert server.tls == 3
    assert LIMITS.report_age < 3 * 86_400
