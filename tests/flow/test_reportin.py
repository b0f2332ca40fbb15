"""mta.flow.reportin: reports of others, from the mail to the rows."""
from dataclasses import replace
from pathlib import Path

import pytest

from mta.base.clock import SetClock
from mta.base.errors import Conflict, UserError
from mta.base.events import Recorded
from mta.base.names import Address
from mta.config.model import Config, Reports
from mta.dns.answer import RecordType
from mta.dns.zone import Zone
from mta.flow import filing, people, reportaddresses, reportin, upkeep
from mta.flow.reading import Letter
from mta.flow.receive import ReceiveDesk
from mta.flow.world import World
from mta.judge.screen import Arrival, Judge, Reason, Verdict
from mta.message import header
from mta.report.aggregate import Override
from mta.report.tlsrptjson import FailureDetail
from mta.store import mailboxes, received
from mta.store.connection import Connection, value
from tests.flow import reportmail
from tests.flow.outbox import put
from tests.flow.post import SIMPLE, Delivered, bring, letters, session, source
from tests.flow.reportmail import DAY, NOW, SENDER, aggregate, dmarc_mail, many, row, signed, tls_mail, tls_report
from tests.flow.test_destination import Office
from tests.message.vectors import crlf, need

BY = "a test"
DMARC_TO, TLS_TO = "dmarc-reports@example.org", "tls-reports@example.org"


@pytest.fixture
def zone() -> Zone:
    """A DNS in which mail from reporter.example passes DMARC."""
    return Zone(reportmail.ZONE)


@pytest.fixture
def desk(served: World) -> ReceiveDesk:
    """The desk of port 25."""
    return ReceiveDesk(served)


async def send(desk: ReceiveDesk, message: bytes, to: str = DMARC_TO, sender: str = SENDER) -> Delivered:
    """A message for an address for reports, which must be taken."""
    here = session()
    answer = await bring(desk, [to], message, sender, here=here)
    await desk.closed(here)
    assert answer.reply is not None
    assert answer.reply.code == 250
    return answer


def counted(world: World, table: str, where: str = "1") -> int:
    """Rows of a table."""
    return int(world.store.read(lambda db: value(db, f"SELECT count(*) FROM {table} WHERE {where}")))


def field_of(world: World, letter: Letter) -> str:
    """Why a message is no report, as its header says."""
    return header.parse(source(world, letter)).unfolded(reportin.FIELD.lower())


def filed(world: World, mailbox: str = "DMARC") -> list[Letter]:
    """What is in a mailbox of the postmaster's account; nothing, if there is no such mailbox."""
    account = people.get_account(world, "ann")
    here = world.store.read(lambda db: mailboxes.by_name(db, account.id, mailbox))
    return letters(world, "ann", mailbox) if here else []


# --- what is filed -------------------------------------------------------------------------------


async def test_a_dmarc_report(desk: ReceiveDesk, served: World, recorded: Recorded) -> None:
    """Every word of it is in rows; the mail is kept, as read, out of the Inbox; nobody waits."""
    lists = replace(
        row("198.51.100.7", 3, dkim="fail", spf="fail", disposition="quarantine"), reasons=(Override("mailing_list", "a list"),))
    await send(desk, dmarc_mail(aggregate(row(count=7), lists)))

    assert letters(served, "ann") == []
    [letter] = filed(served)
    assert letter.summary.flags == ("\\Seen",)
    assert letter.reasons == (reportin.FILED,)
    assert field_of(served, letter) == ""

    def rows(db: Connection) -> list[list[tuple[object, ...]]]:
        return [list(db.execute(question)) for question in (
            "SELECT kind, sender, organization, contact, report_id, start, finish, row_count, complete FROM received_report",
            "SELECT domain, kind, text, day, good, bad, domain_id IS NULL FROM received_policy",
            "SELECT ip, messages, disposition, dkim, spf, header_from, envelope_from, envelope_to FROM received_record ORDER BY id",
            "SELECT record_id, kind, domain, selector, result, text FROM received_result ORDER BY record_id, position",
            "SELECT message_id FROM received_mail")]

    report, policy, records, results, mails = served.store.read(rows)
    assert report == [("dmarc", "reporter.example", "Reporter", "dmarc@reporter.example", "r1", NOW - DAY, NOW - 1, 2, 1)]
    assert policy == [("example.org", "dmarc", "p=quarantine; sp=quarantine; np=quarantine; adkim=r; aspf=r; fo=0; t=n",
                       (NOW - DAY) // DAY, 7, 3, 0)]
    assert records == [("203.0.113.9", 7, "none", 1, 1, "example.org", "example.org", None),
                       ("198.51.100.7", 3, "quarantine", 0, 0, "example.org", "example.org", None)]
    assert results == [(1, "dkim", "example.org", "20300101r", "pass", ""), (1, "spf", "example.org", "mfrom", "pass", ""),
                       (2, "dkim", "example.org", "20300101r", "fail", ""), (2, "spf", "example.org", "mfrom", "fail", ""),
                       (2, "reason", "", "", "mailing_list", "a list")]
    assert mails == [(letter.summary.id,)]
    [told] = [record for record in recorded.records if record.event.key == "report.received"]
    assert (told.facts["good"], told.facts["bad"], told.facts["domain"]) == (7, 3, ["example.org"])


async def test_a_tls_report(desk: ReceiveDesk, served: World, zone: Zone, recorded: Recorded) -> None:
    """Signed, as RFC 8460 §3 wants it: policies and failures are in rows, and failures are told."""
    failure = FailureDetail("certificate-expired", 4, "198.51.100.1", "mx.example.org", "", "192.0.2.25", "X509_EXPIRED", "see https://x.example")
    message, record = signed(tls_mail(tls_report(failure)))
    zone.add(record)
    await send(desk, message, TLS_TO)

    assert len(filed(served, "TLSRPT")) == 1
    assert served.store.read(lambda db: list(db.execute("SELECT domain, kind, text, good, bad FROM received_policy"))) == [
        ("example.org", "sts", "version: STSv1\nmode: enforce", 10, 4)]
    assert served.store.read(lambda db: list(db.execute(
        "SELECT result, sessions, sending_ip, mx_host, mx_helo, receiving_ip, reason, information FROM received_failure"))) == [
        ("certificate-expired", 4, "198.51.100.1", "mx.example.org", "", "192.0.2.25", "X509_EXPIRED", "see https://x.example")]
    [told] = [record for record in recorded.records if record.event.key == "report.tls_failures"]
    assert (told.facts["sessions"], told.facts["results"]) == (4, ["certificate-expired"])


@pytest.mark.parametrize("to", ["tls-reports@mx.example.org", "TLS-Reports@MX.example.org", TLS_TO])
async def test_a_report_about_the_host(desk: ReceiveDesk, served: World, zone: Zone, to: str) -> None:
    """Policies of the host's own name, which is no domain that takes mail, are its own; they may come with a domain's."""
    message, record = signed(tls_mail(tls_report(domain="mx.example.org", kind="tlsa", more=("example.org", "foreign.example"))))
    zone.add(record)
    await send(desk, message, to)

    assert served.store.read(lambda db: list(db.execute("SELECT domain, kind, domain_id IS NULL FROM received_policy ORDER BY id"))) == [
        ("mx.example.org", "tlsa", 1), ("example.org", "no-policy-found", 0)]
    assert served.store.read(lambda db: list(db.execute("SELECT ours, text FROM received_remark"))) == [
        (1, "a policy is left out: it is about foreign.example, which is not a domain of this server")]


async def test_keys_that_are_for_reports_alone(desk: ReceiveDesk, served: World, zone: Zone) -> None:
    """RFC 8460 §3: s=tlsrpt is for these reports and no other mail; a key for mail alone is not."""
    message, record = signed(tls_mail(tls_report(ident="only")), services="tlsrpt")
    zone.add(record)
    await send(desk, message, TLS_TO)

    [letter] = filed(served, "TLSRPT")
    assert "dkim=permerror" in source(served, letter).decode()
    assert counted(served, "received_report") == 1

    other, record = signed(tls_mail(tls_report(ident="mail")), "reporter.example", services="email")
    zone.remove("rep._domainkey.reporter.example", RecordType.TXT)
    zone.add(record)
    await send(desk, other, TLS_TO)
    [letter] = letters(served, "ann")
    assert field_of(served, letter) == "it is a TLS report, but no DKIM signature of its author's domain is one for such reports"


async def test_a_signature_of_a_part_or_of_others(desk: ReceiveDesk, served: World, zone: Zone) -> None:
    """Another organisation's signature vouches for nothing; that of the domain above does."""
    message, record = signed(tls_mail(author="x@mail.reporter.example"), "other.example")
    zone.add(record)
    zone.add('mail.reporter.example TXT "v=spf1 ip4:192.0.2.1 -all"')
    await send(desk, message, TLS_TO, "x@mail.reporter.example")
    assert len(letters(served, "ann")) == 1

    message, record = signed(tls_mail(author="x@mail.reporter.example"))
    zone.add(record)
    await send(desk, message, TLS_TO, "x@mail.reporter.example")
    assert len(filed(served, "TLSRPT")) == 1
    assert served.store.read(lambda db: value(db, "SELECT sender FROM received_report")) == "mail.reporter.example"


async def test_a_failure_report(desk: ReceiveDesk, served: World) -> None:
    """RFC 9991: about one message, with what its header said."""
    message = (
        b"From: noreply@reporter.example\r\nTo: dmarc-reports@example.org\r\nSubject: FW: Hello\r\nMessage-ID: <f1@reporter.example>\r\n"
        b"MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=feedback-report; boundary=cut\r\n\r\n"
        b"--cut\r\nContent-Type: text/plain\r\n\r\nIt failed.\r\n--cut\r\nContent-Type: message/feedback-report\r\n\r\n"
        b"Feedback-Type: auth-failure\r\nUser-Agent: Reporter/1\r\nVersion: 1\r\nSource-IP: 203.0.113.77\r\nIncidents: 3\r\n"
        b"Original-Mail-From: <bad@spam.example>\r\nArrival-Date: Mon, 31 Dec 2029 12:00:00 +0000\r\nAuth-Failure: dmarc\r\n"
        b"Reported-Domain: news.example.org\r\nDelivery-Result: reject\r\n\r\n--cut\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        b"From: Boss <boss@news.example.org>\r\nSubject: Pay now\r\nMessage-ID: <m1@spam.example>\r\n\r\n--cut--\r\n")
    await send(desk, message)

    assert len(filed(served)) == 1
    assert served.store.read(lambda db: list(db.execute(
        "SELECT received_message.kind, ip, arrival, incidents, failures, mail_from, header_from, subject, header_id, delivery, domain, bad "
        "FROM received_message JOIN received_policy ON received_policy.id = policy_id"))) == [
        ("auth-failure", "203.0.113.77", NOW - DAY / 2, 3, "dmarc", "<bad@spam.example>", "Boss", "Pay now", "<m1@spam.example>", "reject",
         "news.example.org", 3)]


async def test_one_that_came_before(desk: ReceiveDesk, served: World, recorded: Recorded) -> None:
    """Counts once; each mail of it is kept, and the same name by another sender is another report."""
    await send(desk, dmarc_mail())
    await send(desk, dmarc_mail())
    assert (counted(served, "received_report"), counted(served, "received_mail"), len(filed(served))) == (1, 2, 2)
    assert recorded.keys().count("report.repeated") == 1

    await send(desk, dmarc_mail(aggregate(ident="r2")))
    assert counted(served, "received_report") == 2


async def test_a_large_one(desk: ReceiveDesk, served: World) -> None:
    """Its rows are written in slices before the mail; one that is there already is not written again."""
    await send(desk, dmarc_mail(many(received.SLICE * 2 + 5)))
    await send(desk, dmarc_mail(many(received.SLICE * 2 + 5)))
    assert counted(served, "received_record") == received.SLICE * 2 + 5
    assert served.store.read(lambda db: list(db.execute("SELECT row_count, complete FROM received_report"))) == [
        (received.SLICE * 2 + 5, 1)]


async def test_reports_to_ourselves(served: World) -> None:
    """What this server reports about mail in its own users' names comes to itself: filed without a check, by the road of local mail."""
    await put(served, DMARC_TO, sender=None, content=dmarc_mail(author="postmaster@example.org"), kind="dmarc_report")
    await put(served, DMARC_TO, sender=None, content=dmarc_mail(aggregate(ident="r2")), kind="mail", trace="0123456789.2")
    await Office(served).work("example.org")

    assert served.store.read(lambda db: list(db.execute("SELECT sender, report_id FROM received_report"))) == [("example.org", "r1")]
    [letter] = filed(served)
    assert letter.summary.flags == ("\\Seen",)
    assert len(letters(served, "ann")) == 1


# --- what stays mail -------------------------------------------------------------------------------


@pytest.mark.parametrize(("message", "sender", "why"), [
    (dmarc_mail(author="x@nowhere.example"), "x@nowhere.example", "nobody stands by it"),
    (SIMPLE.replace(b"carl@else.example", SENDER.encode()), SENDER, "the message has no part that could be a report"),
    (tls_mail(), SENDER, "it is a TLS report, but no DKIM signature of its author's domain is one for such reports"),
    (dmarc_mail(aggregate(domain="else.example")), SENDER, "it is a DMARC aggregate report, but it is about else.example, which is not a "
     "domain of this server"),
    (dmarc_mail(aggregate(begin=NOW - 1_000)), SENDER, "it is a DMARC aggregate report, but its period ends in the future"),
    (reportmail.mail(b"<feedback><nonsense/></feedback>", "x.xml", "text/xml"), SENDER,
     "it is a DMARC aggregate report, but it does not say"),
    (reportmail.mail(b"\x1f\x8bbroken", "x.xml.gz"), SENDER, "it cannot be unpacked"),
    (reportmail.mail(b"\xff\xd8 picture", "x.zip", "application/zip"), SENDER, "it is neither XML nor JSON"),
], ids=["not-proven", "no-report", "not-signed", "foreign", "future", "nonsense", "broken", "picture"])
async def test_what_is_not_filed(desk: ReceiveDesk, served: World, recorded: Recorded, message: bytes, sender: str, why: str) -> None:
    """It is in the Inbox like any mail, with a field, a reason and an event that say why; no row is written."""
    await send(desk, message, sender=sender)

    [letter] = letters(served, "ann")
    assert why in field_of(served, letter)
    assert letter.reasons[-1].key == "report-not-filed"
    assert counted(served, "received_report") == 0
    [told] = [record for record in recorded.records if record.event.key == "report.not_filed"]
    assert why in str(told.facts["reason"])


async def test_a_mistake_of_ours_costs_no_mail(
    desk: ReceiveDesk, served: World, recorded: Recorded, monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever happens while a report is read: the mail is kept, and somebody is told."""
    def stumble(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("mta.report.dmarcxml.parse", stumble)
    await send(desk, dmarc_mail())
    [letter] = letters(served, "ann")
    assert field_of(served, letter) == "it could not be read, by a mistake of this server"
    assert recorded.keys().count("unexpected") == 1


async def test_a_field_is_one_field(desk: ReceiveDesk, served: World) -> None:
    """Whatever a stranger wrote into the report: folded ASCII in lines that are not too long."""
    message = reportmail.mail(("<feedback><report_metadata><org_name>a</org_name><report_id>1</report_id><date_range><begin>1</begin>"
                               "<end>2</end></date_range></report_metadata>"
                               "<policy_published><domain>böse\r\nX-Evil: 1 " + "w" * 900 + "</domain>"
                               "</policy_published></feedback>").encode(), "x.xml", "text/xml")
    await send(desk, message)
    [letter] = letters(served, "ann")
    top = header.parse(source(served, letter))
    assert top.get("x-evil") is None
    assert field_of(served, letter).isascii()
    assert len(top.all(reportin.FIELD.lower())) == 1


async def test_others_are_not_read(desk: ReceiveDesk, served: World) -> None:
    """A report to an address that is not for reports is mail, and nothing is said of it."""
    answer = await bring(desk, ["bob@example.org"], dmarc_mail(), SENDER)
    assert answer.reply is not None
    [letter] = letters(served, "bob")
    assert field_of(served, letter) == ""
    assert counted(served, "received_report") == 0


async def test_junk_does_not_matter(served: World) -> None:
    """A report that somebody stands by is filed, whatever is thought of the network it comes from."""
    async def strict(arrival: Arrival) -> Judge:
        return lambda recipient, account: Verdict("junk", (Reason("a test"),))

    await send(ReceiveDesk(served, strict), dmarc_mail())
    assert len(filed(served)) == 1
    assert letters(served, "ann", "Junk") == []


async def test_an_inventor_has_his_bound(config: Config, served: World) -> None:
    """Who sends reports without end fills his share, and no more."""
    small = replace(served, config=Small(**{name: getattr(config, name) for name in config.__slots__}))
    desk = ReceiveDesk(small)
    await send(desk, dmarc_mail(aggregate(row("192.0.2.1"), row("192.0.2.2"))))
    await send(desk, dmarc_mail(aggregate(row("192.0.2.1"), row("192.0.2.2"), ident="r2")))
    [letter] = letters(served, "ann")
    assert "there are 3 rows of reports of reporter.example already" in field_of(served, letter)


class Small(Config):
    """A configuration with a small bound."""

    __slots__ = ()

    @property
    def limits(self):    # type: ignore[no-untyped-def]
        """Three rows for each sender."""
        return replace(Config.limits.fget(self), received_rows_per_sender=3)    # type: ignore[attr-defined]


async def test_no_report_for_a_report(desk: ReceiveDesk, served: World, zone: Zone) -> None:
    """Mail to an address for reports is evidence like other mail, but no reason to write a report about it."""
    zone.remove("_dmarc.reporter.example", RecordType.TXT)
    zone.add('_dmarc.reporter.example TXT "v=DMARC1; p=reject; rua=mailto:agg@reporter.example"')
    await send(desk, SIMPLE.replace(b"carl@else.example", SENDER.encode()))
    await send(desk, SIMPLE.replace(b"carl@else.example", SENDER.encode()), "bob@example.org")
    assert served.store.read(lambda db: value(db, "SELECT sum(messages) || '/' || sum(optional) FROM dmarc_evaluation")) == "2/1"


# --- addresses ---------------------------------------------------------------------------------------


async def test_whose_account(desk: ReceiveDesk, served: World) -> None:
    """An address for reports that somebody has is his; a suffix does not matter; other mail to it is ordinary."""
    reportaddresses.set_for_domain(served, "example.org", dmarc="Bob@example.org", by=BY)
    await send(desk, dmarc_mail(), "bob+dmarc@example.org")
    await send(desk, SIMPLE, "bob@example.org", "carl@else.example")

    assert [letter.summary.subject for letter in letters(served, "bob")] == ["Hello"]
    assert len(letters(served, "bob", "DMARC")) == 1
    assert (await bring(desk, [DMARC_TO])).refused[DMARC_TO].code == 550


async def test_at_another_domain(desk: ReceiveDesk, served: World) -> None:
    """A domain of which nothing is here but its reports: they come to another's address; it takes postmaster and nobody else."""
    people.add_domain(served, "only.example", by=BY)
    reportaddresses.set_for_domain(served, "only.example", dmarc="reports@example.org", tls="", by=BY)
    await send(desk, dmarc_mail(aggregate(domain="only.example")), "reports@example.org")

    assert served.store.read(lambda db: value(db, "SELECT domain FROM received_policy")) == "only.example"
    for address in ("ann@only.example", "dmarc-reports@only.example", "tls-reports@only.example", "abuse@only.example"):
        assert (await bring(desk, [address])).refused[address].code == 550
    answer = await bring(desk, ["postmaster@only.example"])
    assert answer.reply is not None
    assert answer.reply.positive


async def test_a_domain_with_its_report_addresses_alone(desk: ReceiveDesk, served: World) -> None:
    """It takes those and postmaster, and refuses every other recipient."""
    people.add_domain(served, "bare.example", by=BY)
    await send(desk, dmarc_mail(aggregate(domain="bare.example")), "dmarc-reports@bare.example")
    assert counted(served, "received_report") == 1
    for address in ("ann@bare.example", "hostmaster@bare.example", "reports@bare.example"):
        assert (await bring(desk, [address])).refused[address].enhanced == "5.1.1"
    for address in ("tls-reports@bare.example", "PostMaster@bare.example"):
        answer = await bring(desk, [address])
        assert answer.reply is not None
        assert answer.reply.positive


def test_choosing_addresses(served: World) -> None:
    """At a domain of ours or at the host, in ASCII; nowhere is a choice too; what needs an address stays."""
    people.add_domain(served, "only.example", by=BY)
    for wrong, said in (("ann", "is no address"), ("ann@else.example", "is neither a domain"), ("änn@example.org", "ASCII")):
        with pytest.raises(UserError, match=said):
            reportaddresses.set_for_domain(served, "only.example", dmarc=wrong, by=BY)
    assert reportaddresses.of_domain(served, "only.example").dmarc == Address.parse("dmarc-reports@only.example")
    chosen = reportaddresses.set_for_domain(served, "only.example", dmarc="", tls="R@Example.org", by=BY)
    assert (chosen.dmarc, chosen.tls) == (None, Address.parse("r@example.org"))

    assert reportaddresses.of_host(served) == Address.parse("tls-reports@mx.example.org")
    assert reportaddresses.set_for_host(served, "t@only.example", by=BY) == reportaddresses.of_host(served)
    with pytest.raises(Conflict, match="reports about this host"):
        people.remove_domain(served, "only.example", by=BY)
    assert reportaddresses.set_for_host(served, "", by=BY) is None
    people.remove_domain(served, "only.example", by=BY)
    assert counted(served, "report_address", "domain_id IS NOT NULL") == 2


# --- what becomes of them ----------------------------------------------------------------------------


async def test_a_domain_takes_its_reports_along(desk: ReceiveDesk, served: World, zone: Zone) -> None:
    """What is told of other domains in the same report stays; a report about nothing else goes, and its mail."""
    people.add_domain(served, "only.example", by=BY)
    await send(desk, dmarc_mail(aggregate(domain="only.example")))
    await send(desk, dmarc_mail(aggregate(domain="example.org", ident="r2")))
    message, record = signed(tls_mail(tls_report(FailureDetail("certificate-expired", 2), domain="only.example", more=("example.org",))))
    zone.add(record)
    await send(desk, message, TLS_TO)
    people.remove_domain(served, "only.example", by=BY)

    assert served.store.read(lambda db: sorted(db.execute("SELECT domain, kind FROM received_policy"))) == [
        ("example.org", "dmarc"), ("example.org", "no-policy-found")]
    assert (counted(served, "received_report"), counted(served, "received_failure"), len(filed(served))) == (2, 0, 1)
    assert len(filed(served, "TLSRPT")) == 1


async def test_old_ones_go(served: World, clock: SetClock, config: Config) -> None:
    """With their mail, if it lies where it was filed and nobody marked it."""
    short = replace(served, config=replace(config, reports=Reports(keep_days=30)))
    desk = ReceiveDesk(short)
    for ident in ("plain", "marked", "moved", "large"):
        await send(desk, dmarc_mail(many(received.SLICE + 5) if ident == "large" else aggregate(ident=ident)))
    account = people.get_account(served, "ann").id
    by_subject = {letter.summary.subject.partition("<")[2].partition(".")[0]: letter.summary.id for letter in filed(served)}
    filing.flag(served, account, [by_subject["marked"]], ["\\Flagged"])
    filing.archive(served, account, [by_subject["moved"]])
    clock.advance(30 * DAY - 10)
    await send(desk, dmarc_mail(aggregate(ident="young")))
    assert upkeep.prune_received(short, lambda seconds: False) == "0 rows"
    clock.advance(60)
    upkeep.prune_received(short, lambda seconds: False)

    assert served.store.read(lambda db: list(db.execute("SELECT report_id FROM received_report"))) == [("young",)]
    assert sorted(letter.summary.subject.partition("<")[2].partition(".")[0] for letter in filed(served)) == ["marked", "young"]
    assert len(letters(served, "ann", "Archive")) == 1
    assert counted(served, "received_result") == 2


async def test_too_many_go(desk: ReceiveDesk, served: World, clock: SetClock) -> None:
    """The oldest first, until there are no more than there may be."""
    for ident in ("a", "b", "c"):
        await send(desk, dmarc_mail(aggregate(ident=ident)))
        clock.advance(1)
    while served.store.write_now(lambda db: received.prune(db, clock, 1e9, 2, 9)):
        pass
    assert served.store.read(lambda db: sorted(db.execute("SELECT report_id FROM received_report"))) == [("b",), ("c",)]


async def test_half_of_a_report_goes(served: World, clock: SetClock) -> None:
    """What was begun and never came with its mail is removed a day later."""
    big = many(received.SLICE + 1)
    new = received.NewReport("dmarc", Address.parse(SENDER).domain, "o", "", "half", NOW - DAY, NOW - 1, (
        received.NewPolicy(1, big.policy.domain, "dmarc", "", len(big.rows), 0, big.rows),))
    begun = served.store.write_now(lambda db: received.begin(db, clock, new))
    served.store.write_now(lambda db: received.fill(db, begun, 0, big.rows[:10]))
    assert served.store.read(lambda db: received.known(db, new)) is None
    assert served.store.write_now(lambda db: received.prune(db, clock, 1e9, 1_000_000, 9)) == 0
    clock.advance(DAY + 1)
    while served.store.write_now(lambda db: received.prune(db, clock, 1e9, 1_000_000, 9)):
        pass
    assert counted(served, "received_report") == 0


# --- reports of the whole world --------------------------------------------------------------------------


SAMPLES = ("dmarc-reports-mail-auth", "dmarc-reports-mail-dmarc", "dmarc-reports-parsedmarc", "dmarc-failure-reports", "arf-mail-auth",
           "tlsrpt-mail-auth", "tlsrpt-parsedmarc")


@pytest.mark.parametrize("folder", SAMPLES)
async def test_samples_through_the_whole_intake(served: World, zone: Zone, folder: str) -> None:
    """Each comes as mail, signed by its author, for domains that are ours: filed with all its messages or sessions, or kept as mail."""
    for name in ("example.com", "stalw.art", "twlnet.com", "example.de", "cardinalhealth.ca", "company-y.example", "example.net",
                 "cardinal.com"):
        people.add_domain(served, name, by=BY)
    desk, files = ReceiveDesk(served), sorted(path for path in need(folder).rglob("*") if path.is_file() and path.name != "SOURCE.txt")
    total, known = 0, {"reporter.example"}
    for number, path in enumerate(files):
        message = as_mail(path, number)
        if message is None:
            continue
        total += 1
        before = counted(served, "received_mail")
        author = header.parse(message).unfolded("from").strip("<>")
        domain = author.rpartition("@")[2]
        message, record = signed(message, domain)
        zone.add(record)
        if domain not in known:
            known.add(domain)
            zone.add(f'_dmarc.{domain} TXT "v=DMARC1; p=none"')
        await send(desk, message, sender=author)
        zone.remove(f"rep._domainkey.{domain}", RecordType.TXT)
        assert letters(served, "ann") == [], path.name
        assert counted(served, "received_mail") == before + 1, path.name
    assert total == len(filed(served)) + len(filed(served, "TLSRPT"))
    # Those of one folder that are the same report in several forms count once.
    assert 0 < counted(served, "received_report") <= total
    assert counted(served, "received_policy") >= counted(served, "received_report")


def as_mail(path: Path, number: int) -> bytes | None:
    """The sample as a message that one could get; None if it is no report but what somebody found in one."""
    octets = path.read_bytes()
    if path.suffix == ".eml":
        message = crlf(octets)
        top = header.parse(message)
        # What would be changed or refused on its way: signatures that are too old to count.
        skip = [field for field in top.fields if field.lower in ("dkim-signature", "x-google-dkim-signature")]
        for field in reversed(skip):
            message = message[:field.start] + message[field.end:]
        return message
    if path.with_suffix(".eml").exists() or (path.with_suffix(".xml").exists() and path.suffix == ".json"):
        return None
    kind = {".json": "application/tlsrpt+json", ".xml": "text/xml", ".zip": "application/zip"}.get(path.suffix, "application/gzip")
    return reportmail.mail(octets, f"n{number}{path.suffix}", kind)
