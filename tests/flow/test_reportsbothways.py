"""What mta.flow.reportout sends mta.flow.reportin takes: the numbers are those of the evidence, message by message."""
import asyncio

import pytest

from mta.base.clock import SetClock
from mta.dns.answer import RecordType
from mta.dns.zone import Zone
from mta.flow import people, reportview, vacation
from mta.flow.published import quoted
from mta.flow.receive import ReceiveDesk
from mta.flow.world import World
from mta.store.vacations import Vacation
from tests.flow import reportmail
from tests.flow.away import confirmed
from tests.flow.post import SIMPLE, bring, queued, session, written
from tests.flow.reporter import began, day, mails, run, see
from tests.flow.reportmail import aggregate, dmarc_mail
from tests.flow.test_destination import Office
from tests.flow.test_reportin import filed, send

BY = "a test"


@pytest.fixture
def both(served: World, clock: SetClock, zone: Zone) -> World:
    """A server that reports, and has the domain that it reports about; its own keys are in the DNS."""
    people.add_domain(served, "b.test", by=BY)
    for key in people.domain(served, "example.org").dkim:
        name, text = people.dkim_record(people.domain(served, "example.org"), key)
        zone.add(f"{name.ascii} TXT {quoted(text)}")
    zone.add('_dmarc.b.test TXT "v=DMARC1; p=reject; rua=mailto:dmarc-reports@b.test"\n_dmarc.example.org TXT "v=DMARC1; p=reject"')
    began(served, clock, day(1, 12))
    record = "v=DMARC1; p=reject; rua=mailto:dmarc-reports@b.test"
    see(served, record=record, messages=3)
    see(served, record=record, messages=2, source_ip="2001:db8::1", disposition="reject", dkim=False, spf=False,
        dkim_results=(("b.test", "s", "fail"),), spf_results=(("x.test", "pass"),))
    run(served, clock, day(2, 1))
    return served


def check(world: World) -> None:
    """What was seen is what is told."""
    [line] = reportview.reports(world, "dmarc", "b.test")
    assert (line.good, line.bad, line.start, line.finish) == (3, 2, day(1).timestamp(), day(2).timestamp() - 1)
    [policy] = reportview.report(world, line.id).policies
    assert policy.text.startswith("p=reject")
    assert [(one["ip"], one["messages"], one["disposition"], one["dkim"], one["spf"]) for one in policy.records] == [
        ("192.0.2.1", 3, "none", 1, 1), ("2001:db8::1", 2, "reject", 0, 0)]
    assert [(one["kind"], one["domain"], one["result"]) for one in policy.records[1]["results"] if one["kind"] != "reason"] == [
        ("dkim", "b.test", "fail"), ("spf", "x.test", "pass")]
    assert reportview.raw(world, line.id).text.startswith("<?xml")


def test_to_ourselves(both: World) -> None:
    """By the road of local mail."""
    asyncio.run(Office(both).work("b.test"))
    assert queued(both) == []
    assert len(filed(both)) == 1
    check(both)


async def deliver(world: World, message: bytes) -> None:
    """Bring a report as another server would."""
    here = session()
    desk = ReceiveDesk(world)
    answer = await bring(desk, ["dmarc-reports@b.test"], message, "dmarc-report-sender@example.org", here=here)
    await desk.closed(here)
    assert answer.reply is not None
    assert answer.reply.positive


def test_to_another_server(both: World, zone: Zone) -> None:
    """By its signature alone, which is all that counts there; without its key it is no report."""
    [mail] = mails(both)
    message = written(both, mail)
    asyncio.run(deliver(both, message))
    check(both)
    for key in people.domain(both, "example.org").dkim:
        zone.remove(people.dkim_record(people.domain(both, "example.org"), key)[0].ascii, RecordType.TXT)
    asyncio.run(deliver(both, message.replace(b"Report-ID: <", b"Report-ID: <x")))
    assert len(filed(both)) == 1


async def test_nothing_goes_back_to_who_reports(served: World, zone: Zone) -> None:
    """However its owner answers and forwards: two servers would write to each other's addresses for reports for ever."""
    zone.add(reportmail.ZONE)
    desk = ReceiveDesk(served)
    ann = people.get_account(served, "ann").id
    vacation.change(served, ann, Vacation(True, text="I am away."), by=BY)
    confirmed(served, "ann", "far@else.example", everything=True)
    await send(desk, dmarc_mail(aggregate()))
    assert len(filed(served)) == 1
    assert queued(served) == []
    # One that cannot be read, from somebody who says nothing of being a program, is mail like other mail, and not answered.
    await send(desk, b"From: Rae <rae@reporter.example>\r\nTo: dmarc-reports@example.org\r\nSubject: Report Domain: x\r\n\r\nNone.\r\n",
               sender="rae@reporter.example")
    assert queued(served) == []
    # Where our own reports come from is no address to write to, and what servers send back there stops.
    for to in ("dmarc-report-sender@example.org", "tls-report-sender@example.org"):
        answer = await bring(desk, [to], SIMPLE, "rae@reporter.example")
        assert answer.refused[to].code == 550
        answer = await bring(desk, [to], SIMPLE, None)
        assert answer.reply is not None
        assert answer.reply.code == 250
    assert queued(served) == []
    await bring(desk, ["ann@example.org"])
    assert sorted(str(row.recipient) for _, row in queued(served)) == ["carl@else.example", "far@else.example"]
