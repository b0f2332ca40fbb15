"""mta.flow.reportview: what pages show of reports."""
from dataclasses import replace

import pytest

from mta.base.errors import NotFound, UserError
from mta.base.names import Domain, ip_address
from mta.dns.answer import RecordType
from mta.dns.zone import Zone
from mta.flow import people, reportview
from mta.flow.receive import ReceiveDesk
from mta.flow.world import World
from mta.judge.sending import Sender
from mta.report.aggregate import DkimSeen, Override, Row, SpfSeen
from mta.report.tlsrptjson import FailureDetail
from mta.store import received
from mta.store.received import NewPolicy, NewReport
from tests.flow import reportmail
from tests.flow.reportmail import DAY, NOW, row
from tests.flow.test_reportin import filed, send

TODAY = NOW // DAY


@pytest.fixture
def zone() -> Zone:
    """A DNS with a reporter and some reverse names."""
    found = Zone(reportmail.ZONE)
    found.add("9.113.0.203.in-addr.arpa PTR mail.example.org\nmail.example.org A 203.0.113.9\n7.100.51.198.in-addr.arpa PTR liar.example")
    found.add("8.100.51.198.in-addr.arpa TIMEOUT")
    return found


def keep(world: World, *rows: Row, day: int = 1, ident: str = "", reporter: str = "reporter.example", policy: str = "p=none") -> int:
    """A DMARC report about the day so many days ago."""
    start = NOW - day * DAY
    row_of = people.domain(world, "example.org")
    good = sum(one.count for one in rows if one.passed)
    report = NewReport("dmarc", Domain(reporter), reporter.title(), "", ident or f"{reporter}{day}", start, start + DAY - 1, (
        NewPolicy(row_of.id, row_of.domain, "dmarc", policy, good, sum(one.count for one in rows) - good, rows),))
    return world.store.write_now(lambda db: received.add(db, world.clock, report))


def selector(world: World) -> str:
    """Of a key of ours."""
    return people.domain(world, "example.org").dkim[0].selector


def forwarded(world: World, *, whole: bool, ip: str = "192.0.2.77", count: int = 1) -> Row:
    """Mail that we signed and somebody else brought, unchanged or not."""
    return replace(row(ip, count, dkim="pass" if whole else "fail", spf="fail"), envelope_from="forwarder.example",
                   dkim_results=(DkimSeen("example.org", selector(world), "pass" if whole else "fail"),),
                   spf_results=(SpfSeen("forwarder.example", "pass"),))


def service(count: int = 5) -> Row:
    """Mail of a newsletter company that nobody set up."""
    return replace(row("198.18.0.1", count, dkim="fail", spf="fail"), envelope_from="bounce.letters.example",
                   dkim_results=(DkimSeen("letters.example", "k1", "pass"),), spf_results=(SpfSeen("bounce.letters.example", "pass"),))


def forged(count: int = 3, disposition: str = "none") -> Row:
    """Mail of somebody else."""
    return replace(row("198.51.100.7", count, dkim="fail", spf="fail", disposition=disposition), dkim_results=(),
                   spf_results=(SpfSeen("example.org", "fail"),))


def test_by_day(served: World) -> None:
    """What became of mail, each day; a day is that of the middle of a report's period."""
    keep(served, row(count=7), forged(2), forged(3, "quarantine"), forged(4, "reject"), day=1)
    keep(served, row(count=1), day=2)
    keep(served, row(count=100), day=31)
    found = reportview.dmarc(served, "example.org", 30)
    assert [(one.day - TODAY, one.passed, one.delivered, one.quarantined, one.rejected) for one in found.days] == [
        (-2, 1, 0, 0, 0), (-1, 7, 2, 3, 4)]
    assert (found.since, found.others) == (TODAY - 29, 0)


def test_who_sends(served: World) -> None:
    """Networks with a verdict each, the busiest first, and by what it was reached."""
    for day in (1, 2, 3):
        keep(served, row(count=50), row("203.0.113.10", 5, dkim="fail"), forwarded(served, whole=True, count=4),
             forwarded(served, whole=False, ip="192.0.3.1", count=2), service(8), forged(), day=day)
    found = reportview.dmarc(served, "example.org")

    assert [(one.network, one.messages, one.verdict) for one in found.sources] == [
        ("203.0.113.0/24", 165, Sender.YOURS), ("198.18.0.0/24", 24, Sender.SERVICE), ("192.0.2.0/24", 12, Sender.FORWARDER),
        ("198.51.100.0/24", 9, Sender.FORGED), ("192.0.3.0/24", 6, Sender.FORWARDER)]
    ours = found.sources[0]
    assert (ours.addresses, ours.number, ours.dkim, ours.spf, ours.passed) == (["203.0.113.9", "203.0.113.10"], 2, 150, 165, 165)
    assert (ours.first, ours.last) == (TODAY - 3, TODAY - 1)
    letters = found.sources[1]
    assert letters.passes_as == ["letters.example", "bounce.letters.example"]
    assert "let it sign with a key of your domain" in letters.why


def test_overrides_tell_forwarders(served: World) -> None:
    """What a receiver knows of lists and forwarders is believed."""
    keep(served, replace(forged(), reasons=(Override("mailing_list", ""),)))
    assert reportview.dmarc(served, "example.org").sources[0].verdict is Sender.FORWARDER


def test_a_stranger_of_one_day(served: World) -> None:
    """Who proves something else on one day alone is no service."""
    keep(served, service())
    assert reportview.dmarc(served, "example.org").sources[0].verdict is Sender.FORGED


@pytest.mark.parametrize(("failing", "policy", "want", "said"), [
    (0, "p=none", True, "It is safe to move to quarantine: of 700 messages that seem to be yours 0 (0.0%) fail DMARC, and 21 more are "
     "forged"),
    (1, "p=none", True, "It is safe to move to quarantine: of 707 messages that seem to be yours 7 (1.0%)"),
    (2, "p=none", False, "It is not safe yet to move to quarantine: of 714 messages that seem to be yours 14 (2.0%) fail DMARC (14 from "
     "services to set up)"),
    (1, "p=quarantine", False, "It is not safe yet to move to reject"),
    (0, "p=quarantine", True, "It is safe to move to reject"),
    (0, "p=reject", True, "The policy is as strict as it can be, and it hurts nobody"),
], ids=["clean", "few", "some", "stricter", "quarantine", "reject"])
def test_is_it_safe(served: World, failing: int, policy: str, want: bool, said: str) -> None:
    """With the numbers behind it: honest mail that would suffer counts, forged mail does not."""
    for day in range(1, 8):
        keep(served, row(count=100), forged(3), *([service(failing)] if failing else []), day=day, policy=policy)
    readiness = reportview.dmarc(served, "example.org").readiness
    assert readiness.safe is want
    assert said in readiness.sentence
    assert "on 7 days, told by 1 reporter" in readiness.sentence
    assert readiness.now == policy[2:]


def test_too_little_is_known(served: World) -> None:
    """Nobody is told that it is safe after a day, or from a few messages."""
    assert "Nobody has reported yet" in reportview.dmarc(served, "example.org").readiness.sentence
    keep(served, row(count=1_000))
    assert reportview.dmarc(served, "example.org").readiness.safe is None
    for day in range(2, 9):
        keep(served, row(), day=day, ident=f"d{day}")
    found = reportview.dmarc(served, "example.org")
    assert found.readiness.safe is True
    assert found.policy == "p=none"


def test_mail_of_this_server_that_fails(served: World) -> None:
    """It is ours, whatever others make of it, and a reason to look at the DNS."""
    served.config = replace(served.config, listeners=(replace(served.config.listeners[0], ips=("198.51.100.7",)),))
    keep(served, forged())
    [source] = reportview.dmarc(served, "example.org").sources
    assert source.verdict is Sender.YOURS
    assert "look at the DNS" in source.why


def test_looking_back(served: World) -> None:
    """Only so far, and only at what is ours."""
    for wrong in (0, 4_000):
        with pytest.raises(UserError, match="look back"):
            reportview.dmarc(served, "example.org", wrong)
    with pytest.raises(NotFound):
        reportview.tls(served, "else.example")


async def test_names(served: World) -> None:
    """Those that lead back; others have a reason instead; a stranger's page of addresses is bounded."""
    found = await reportview.names(served.resolver, ["203.0.113.9", "198.51.100.7", "198.51.100.8", "2001:db8::1"])
    assert [(one.name, bool(one.problem)) for one in found] == [("mail.example.org", False), ("", True), ("", True), ("", True)]
    assert await reportview.names(served.resolver, []) == []
    with pytest.raises(UserError):
        await reportview.names(served.resolver, ["x"])
    with pytest.raises(UserError, match="at most"):
        await reportview.names(served.resolver, ["192.0.2.1"] * 51)


async def test_connections(served: World, zone: Zone) -> None:
    """By day, by failure, by policy; the host apart from the domains."""
    failures = (FailureDetail("certificate-expired", 4, reason="X"), FailureDetail("certificate-expired", 1, reason="X"),
                FailureDetail("tlsa-invalid", 2, mx_host="mx.example.org"))
    for ident, domain in (("a", "example.org"), ("b", "mx.example.org")):
        message, record = reportmail.signed(reportmail.tls_mail(reportmail.tls_report(*failures, domain=domain, ident=ident)))
        zone.add(record)
        await send(ReceiveDesk(served), message, "tls-reports@example.org")
        zone.remove("rep._domainkey.reporter.example", RecordType.TXT)
    for name in ("example.org", ""):
        found = reportview.tls(served, name)
        assert [(one.day - TODAY, one.good, one.bad) for one in found.days] == [(-1, 10, 7)]
        assert [(one.result, one.sessions, one.reporters) for one in found.failures] == [
            ("certificate-expired", 5, ("Reporter Inc.",)), ("tlsa-invalid", 2, ("Reporter Inc.",))]
        assert [(one.kind, one.text) for one in found.policies] == [("sts", "version: STSv1\nmode: enforce")]
    totals = reportview.overview(served)
    assert [(one.domain, one.sessions, one.failed_sessions, one.messages) for one in totals] == [("", 17, 7, 0), ("example.org", 17, 7, 0)]
    assert [one.report_id for one in reportview.reports(served, "tls", "")] == ["b"]
    assert [one.report_id for one in reportview.reports(served, domain="example.org")] == ["a"]
    assert [one.report_id for one in reportview.reports(served, limit=1)] == ["b"]


async def test_one_report(served: World) -> None:
    """Whole, its document as it came, and gone with its mail."""
    await send(ReceiveDesk(served), reportmail.dmarc_mail(reportmail.aggregate(row(count=2), forged())))
    [line] = reportview.reports(served, "dmarc")
    whole = reportview.report(served, line.id)
    assert (line.good, line.bad, line.domains) == (2, 3, ("example.org",))
    [policy] = whole.policies
    assert [(one["ip"], one["messages"]) for one in policy.records] == [("198.51.100.7", 3), ("203.0.113.9", 2)]
    assert policy.records[0]["results"] == [{"kind": "spf", "domain": "example.org", "selector": "mfrom", "result": "fail", "text": ""}]
    raw = reportview.raw(served, line.id)
    assert raw.name == "r1.xml"
    assert raw.text.startswith("<?xml")
    assert "<org_name>Reporter</org_name>" in raw.text

    reportview.remove(served, line.id, by="a test")
    assert filed(served) == []
    for missing in (reportview.report, reportview.raw):
        with pytest.raises(NotFound):
            missing(served, line.id)


def test_its_mail_is_gone(served: World) -> None:
    """Then the rows are all there is."""
    with pytest.raises(NotFound, match="has been removed"):
        reportview.raw(served, keep(served, row()))


def test_networks() -> None:
    """What is counted together."""
    assert reportview.network("192.0.2.77") == "192.0.2.0/24"
    assert reportview.network(str(ip_address("2001:db8:1:2::3"))) == "2001:db8:1::/48"
