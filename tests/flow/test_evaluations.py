"""Evidence for DMARC reports: what is kept of mail that comes in, and what is not."""
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from mta.base.errors import NoRoom, TemporaryError
from mta.base.events import Event, Recorded
from mta.base.limits import LIMITS
from mta.base.reply import Reply
from mta.config.model import Reports
from mta.dns.answer import RecordType
from mta.dns.zone import Zone
from mta.flow import people, ruling
from mta.flow.evaluations import Gathering, Ride
from mta.flow.judging import Judging
from mta.flow.receive import ReceiveDesk
from mta.flow.world import World
from mta.judge.rules import Actions, Rule
from mta.judge.screen import LATER, Arrival, Judge, Reason, Verdict
from mta.report.evaluation import Evaluation, digest
from mta.store import evaluations
from mta.store.evaluations import Fresh, Kept
from tests.flow.outbox import FullAtFirst, facts, until
from tests.flow.post import Delivered, bring, letters, session

BY = "a test"
MESSAGE = b"From: Carl <carl@b.test>\r\nTo: ann@example.org\r\nSubject: Hello\r\nMessage-ID: <1@b.test>\r\n\r\nText\r\n"
GOOD, BAD = "192.0.2.1", "203.0.113.9"


@pytest.fixture
def asking(served: World, zone: Zone) -> World:
    """b.test says who sends for it, wants all else refused, and asks for reports."""
    zone.add('b.test TXT "v=spf1 ip4:192.0.2.1 -all"\n_dmarc.b.test TXT "v=DMARC1; p=reject; rua=mailto:agg@b.test"')
    return served


async def at_once(seconds: float) -> None:
    """Strangers do not wait in these tests."""


@pytest.fixture
async def desk(asking: World) -> AsyncIterator[ReceiveDesk]:
    """The desk of port 25, which judges."""
    desk = ReceiveDesk(asking, Judging(asking), pause=at_once)
    yield desk
    await desk.close()


def record(zone: Zone, text: str) -> None:
    """Another DMARC record."""
    zone.remove("_dmarc.b.test", RecordType.TXT)
    zone.add(f'_dmarc.b.test TXT "v=DMARC1; {text}"')


async def bringing(desk: ReceiveDesk, ip: str = GOOD, message: bytes = MESSAGE, sender: str | None = "carl@b.test",
                   to: tuple[str, ...] = ("ann@example.org",)) -> Delivered:
    """A message from b.test, or from somebody who says so."""
    return await bring(desk, list(to), message, sender, here=session(ip))


def rows(world: World) -> list[Kept]:
    """The evidence."""
    return world.store.read(lambda db: [
        row for one in evaluations.waiting(db) for row in evaluations.open_rows(db, one.policy_domain, one.hours, 1_000)])


def only(world: World) -> Evaluation:
    """What the one row says."""
    [row] = rows(world)
    found = Evaluation.unpack(row.facts)
    assert found is not None
    return found


async def test_mail_that_is_taken(desk: ReceiveDesk, asking: World) -> None:
    """A row for what passes, counted up for what is alike; domains only, no addresses."""
    for _ in range(3):
        await bringing(desk)
    [row] = rows(asking)
    assert (row.policy_domain, row.messages, row.optional, row.record) == ("b.test", 3, 0, "v=DMARC1; p=reject; rua=mailto:agg@b.test")
    assert only(asking) == Evaluation(
        GOOD, "none", False, True, "b.test", "b.test", "example.org", (), (), (("b.test", "pass"),))
    assert b"carl" not in row.facts
    assert b"ann" not in row.facts


async def test_it_is_there_with_the_message(desk: ReceiveDesk, asking: World) -> None:
    """Both are in one commit: whoever sees the message sees the evidence, and a message that is not stored leaves none."""
    account = people.get_account(asking, "ann").id
    asking.store.write_now(lambda db: db.execute("UPDATE account SET quota = 1 WHERE id = ?", (account,)))
    answer = await bringing(desk)
    assert answer.reply is not None
    assert answer.reply.code == 452
    assert rows(asking) == []
    asking.store.write_now(lambda db: db.execute("UPDATE account SET quota = 0 WHERE id = ?", (account,)))
    whole, asking.store = asking.store, FullAtFirst(asking.store, [NoRoom("full")])    # type: ignore[assignment]
    assert (await bringing(desk)).reply == Reply(452, "4.3.1", "There is no room to store mail just now, please try again later")
    assert rows(asking) == []
    await bringing(desk)
    asking.store = whole
    assert len(rows(asking)) == len(letters(asking, "ann")) == 1


async def test_mail_that_the_policy_refuses(desk: ReceiveDesk, asking: World) -> None:
    """Is told as refused; it is written soon, and at the latest when the process ends."""
    for _ in range(2):
        answer = await bringing(desk, BAD)
        assert answer.reply is not None
        assert answer.reply.enhanced == "5.7.26"
    assert rows(asking) == []
    await desk.close()
    [row] = rows(asking)
    assert (row.messages, row.optional) == (2, 0)
    assert only(asking) == Evaluation(
        BAD, "reject", False, False, "b.test", "b.test", "example.org", (), (), (("b.test", "fail"),))


def refusing(reply: Reply) -> Any:
    """A Screen that finds everything to be junk."""
    async def screen(arrival: Arrival) -> Judge:
        return lambda recipient, account: Verdict("rejects", (Reason("It is junk.", key="refused-for-now"),), reply)
    return screen


@pytest.mark.parametrize("reply", [LATER, Reply(550, "5.7.1", "It looks like junk")], ids=["for now", "for good"])
async def test_junk_that_is_refused_teaches_nothing(asking: World, reply: Reply) -> None:
    """Whoever sends junk in a name of his own does not read in a report what became of it."""
    desk = ReceiveDesk(asking, refusing(reply))
    await bringing(desk)
    await desk.close()
    assert rows(asking) == []


async def test_one_of_two_takes_it(asking: World) -> None:
    """Then it was taken, and what became of that copy is told."""
    async def screen(arrival: Arrival) -> Judge:
        refused = Verdict("rejects", (Reason("It is junk.", key="refused-for-now"),), LATER)
        return lambda recipient, account: Verdict("inbox", (Reason("Fine."),)) if recipient.localpart == "bob" else refused

    people.add_domain(asking, "example.net", by=BY)
    people.add_address(asking, "bob", "bob@example.net", by=BY)
    desk = ReceiveDesk(asking, screen)
    await bringing(desk, to=("ann@example.org", "bob@example.net"))
    assert (only(asking).disposition, only(asking).envelope_to) == ("none", "example.net")
    assert rows(asking)[0].messages == 1


@pytest.mark.parametrize("published", [
    "p=reject", "p=reject; rua=https://b.test/reports", "p=nonsense", "p=reject; rua=nonsense"])
async def test_nobody_asked(desk: ReceiveDesk, asking: World, zone: Zone, published: str) -> None:
    """Without an address for mail nothing is kept."""
    record(zone, published)
    await bringing(desk)
    assert rows(asking) == []


async def test_nothing_is_known(desk: ReceiveDesk, asking: World, zone: Zone) -> None:
    """If the DNS does not answer there is nothing to tell."""
    zone.add("_dmarc.b.test TIMEOUT")
    await bringing(desk)
    assert rows(asking) == []


async def test_no_author(desk: ReceiveDesk, asking: World) -> None:
    """Mail in nobody's name concerns no owner."""
    await bringing(desk, message=MESSAGE.replace(b"<carl@b.test>", b"<carl>"))
    assert rows(asking) == []


async def test_switched_off(desk: ReceiveDesk, asking: World) -> None:
    """Then nothing is gathered."""
    asking.config = replace(asking.config, reports=Reports(dmarc=False))
    await bringing(desk)
    assert rows(asking) == []


async def test_a_null_sender(desk: ReceiveDesk, asking: World) -> None:
    """HELO stands for it; the envelope's domain is empty."""
    await bringing(desk, sender=None)
    found = only(asking)
    assert (found.envelope_from, found.spf_results) == ("", (("mail.else.example", "none"),))


async def test_a_subdomain(desk: ReceiveDesk, asking: World, zone: Zone) -> None:
    """It is told to the owner of the policy, under its own name."""
    await bringing(desk, message=MESSAGE.replace(b"<carl@b.test>", b"<carl@news.b.test>"))
    assert rows(asking)[0].policy_domain == "b.test"
    assert (only(asking).header_from, only(asking).spf) == ("news.b.test", True)


OVERRIDES = {
    "p=none": ("p=none", b"", "none", ()),
    "as asked": ("p=quarantine", b"", "quarantine", ()),
    "a test": ("p=quarantine; t=y", b"", "none", ("policy_test_mode",)),
    "a test of reject": ("p=reject; t=y", b"", "quarantine", ("policy_test_mode",)),
    "a list": ("p=reject", b"List-Id: <list.b.test>\r\n", "quarantine", ("mailing_list",)),
}


@pytest.mark.parametrize("case", OVERRIDES)
async def test_overrides(desk: ReceiveDesk, asking: World, zone: Zone, case: str) -> None:
    """What is not done as the policy asks has its reason (RFC 9990 §3.1.6)."""
    published, field, disposition, kinds = OVERRIDES[case]
    record(zone, f"{published}; rua=mailto:agg@b.test")
    await bringing(desk, BAD, field + MESSAGE)
    found = only(asking)
    assert (found.disposition, tuple(kind for kind, _ in found.reasons)) == (disposition, kinds)
    assert all(comment for _, comment in found.reasons)


@pytest.mark.parametrize(("rule", "kind"), [
    ({"accept": True}, "local_policy"), ({"forwarder": True}, "trusted_forwarder"), ({"mailing_list": True}, "mailing_list")],
    ids=["accept", "forwarder", "list"])
async def test_rules_of_an_account(desk: ReceiveDesk, asking: World, rule: dict[str, Any], kind: str) -> None:
    """A rule that lets mail in is a reason too."""
    ann = people.get_account(asking, "ann").id
    ruling.add(asking, ann, Rule("let in", ruling.conditions(network="203.0.113.0/24"), Actions(**rule)), by=BY)
    await bringing(desk, BAD)
    found = only(asking)
    assert (found.disposition, [one for one, _ in found.reasons]) == ("none", [kind])


async def test_postmaster_gets_it_all_the_same(desk: ReceiveDesk, asking: World) -> None:
    """Mail to postmaster is never refused, and that is local policy."""
    await bringing(desk, BAD, to=("postmaster@example.org",))
    assert (only(asking).disposition, [kind for kind, _ in only(asking).reasons]) == ("quarantine", ["local_policy"])


@pytest.mark.parametrize("head", [
    b"Subject: Report Domain: example.org Submitter: b.test Report-ID: <1>\r\n", b"TLS-Report-Domain: example.org\r\n",
    b"Content-Type: multipart/report; report-type=tlsrpt; boundary=x\r\n",
    b"Content-Type: multipart/report; report-type=feedback-report; boundary=x\r\n"], ids=["dmarc", "tls", "tlsrpt", "arf"])
async def test_reports_of_others_are_optional(desk: ReceiveDesk, asking: World, head: bytes) -> None:
    """They are counted, and are no reason to write."""
    await bringing(desk, message=head + MESSAGE.replace(b"Subject: Hello\r\n", b""))
    [row] = rows(asking)
    assert (row.messages, row.optional) == (1, 1)


async def test_a_bounce_is_not(desk: ReceiveDesk, asking: World) -> None:
    """Other multipart/reports are mail like all."""
    await bringing(desk, message=b"Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n" + MESSAGE)
    assert rows(asking)[0].optional == 0


# --- what comes back about our own reports ---------------------------------------------------------------


async def test_answers_to_our_reports(desk: ReceiveDesk, asking: World) -> None:
    """A server that could not deliver a report tells so later: read, in a mailbox of the postmaster's, and no reason to write."""
    for localpart, mailbox in (("dmarc-report-sender", "DMARC"), ("tls-report-sender", "TLSRPT"), ("TLS-Report-Sender", "TLSRPT")):
        answer = await bringing(desk, sender=None, to=(f"{localpart}@example.org",))
        assert answer.reply is not None
        assert answer.reply.positive
        assert letters(asking, "ann", mailbox)[0].summary.flags == ("\\Seen",)
    assert letters(asking, "ann") == []
    assert len(letters(asking, "ann", "TLSRPT")) == 2
    assert all(row.optional == row.messages for row in rows(asking))


async def test_nobody_writes_there(desk: ReceiveDesk, asking: World) -> None:
    """The address takes notices only, so it is no way into the mailbox for strangers."""
    answer = await bringing(desk, to=("dmarc-report-sender@example.org",))
    assert answer.refused["dmarc-report-sender@example.org"].code == 550


# --- gathering --------------------------------------------------------------------------------------------


def fresh(number: int = 0, messages: int = 1) -> Fresh:
    """Some evidence."""
    packed = Evaluation(f"192.0.2.{number}", "reject", False, False, "b.test", "b.test", "example.org").pack()
    return Fresh("b.test", digest(packed), packed, "v=DMARC1; p=reject", 1_893_456_000.0, messages)


async def test_gathered_and_written(served: World) -> None:
    """Many in one change, a moment later, without being told."""
    gathering = Gathering(served, 0.01)
    for number in range(250):
        gathering.note(fresh(number % 125))
    await until(lambda: sum(row.messages for row in rows(served)) == 250)
    gathering.note(fresh(1))
    await gathering.close()
    assert sum(row.messages for row in rows(served)) == 251


async def test_too_much_is_dropped_and_told(served: World, recorded: Recorded) -> None:
    """What waits is bounded; what is alike is counted on."""
    gathering = Gathering(served, 60.0)
    for number in range(LIMITS.evaluations_waiting + 3):
        packed = Evaluation(f"2001:db8::{number:x}", "reject", False, False, "b.test", "", "example.org").pack()
        gathering.note(Fresh("b.test", digest(packed), packed, "", 1_893_456_000.0))
    await gathering.close()
    assert facts(recorded, Event.EVALUATIONS_DROPPED) == [{"messages": 3}]
    assert served.store.read(evaluations.waiting)[0].messages == LIMITS.evaluations_waiting


async def test_a_store_that_cannot_be_written(served: World, recorded: Recorded) -> None:
    """It is said, and mail goes on."""
    gathering = Gathering(served, 60.0)
    gathering.note(fresh(messages=4))
    served.store = FullAtFirst(served.store, [TemporaryError("the disk is full")])    # type: ignore[assignment]
    await gathering.flush()
    assert facts(recorded, Event.STORE_TROUBLE) == [{"where": "evaluations", "problem": "the disk is full"}]
    assert facts(recorded, Event.EVALUATIONS_DROPPED) == [{"messages": 4}]
    gathering.note(fresh())
    await gathering.close()
    assert rows(served)[0].messages == 1


def test_kept_within_a_change(served: World) -> None:
    """A Ride is what rides in the commit of a message."""
    ride = Ride(fresh(messages=2))
    served.store.write_now(ride)
    assert ride.kept
    assert rows(served)[0].messages == 2


async def test_no_room_for_more(desk: ReceiveDesk, asking: World, recorded: Recorded) -> None:
    """The message is taken all the same, and that it will be missing in a report is said."""
    asking.store.write_now(lambda db: [db.execute(
        "INSERT INTO dmarc_evaluation (id, policy_domain, hour, digest, facts, record, messages, optional, latest) "
        "VALUES (?, 'c.test', 0, ?, x'', '', 1, 0, 0)", (ident, ident.to_bytes(16))) for ident in (1, 1 + LIMITS.evaluations)])
    answer = await bringing(desk)
    assert answer.reply is not None
    assert answer.reply.positive
    assert {row.policy_domain for row in rows(asking)} == {"c.test"}
    await desk.close()
    assert facts(recorded, Event.EVALUATIONS_DROPPED) == [{"messages": 1}]
