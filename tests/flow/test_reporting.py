"""What people do with reports to others."""
import asyncio
import gzip

import pytest

from mta.base.clock import SetClock
from mta.base.errors import Conflict, Failure, NotFound, Reach, UserError
from mta.base.events import Event, Recorded
from mta.base.names import Domain
from mta.base.reply import Reply
from mta.config.model import Config, Reports
from mta.dns.answer import RecordType
from mta.dns.zone import Zone
from mta.flow import reporting
from mta.flow.reportout import KINDS
from mta.flow.world import World
from mta.secure.tlsresult import Policy, PolicyKind, Session, success
from mta.store import evidence, queue
from tests.flow.outbox import facts
from tests.flow.post import queued
from tests.flow.reporter import RECORD, began, day, kept, mails, run, see, without_keys

BY = "a test"


@pytest.fixture
def world_with_mail(served: World, clock: SetClock, zone: Zone) -> World:
    """A reporter that started at noon, and a message from b.test, which asks for reports."""
    zone.add(f'_dmarc.b.test TXT "{RECORD}"\n_smtp._tls.b.test TXT "v=TLSRPTv1; rua=mailto:tls@b.test"')
    began(served, clock, day(1, 12))
    see(served, messages=2)
    return served


def seen_tls(world: World) -> None:
    """A session with b.test."""
    outcome = success(Policy(PolicyKind.NONE, Domain("b.test")), Session(Domain("b.test"), "mx.b.test"))
    world.store.write_now(lambda db: evidence.note(db, {(evidence.day_of(world.clock.timestamp()), outcome): 1}))


def test_what_waits(world_with_mail: World, clock: SetClock) -> None:
    """By domain, and when it is looked through."""
    [one] = reporting.waiting(world_with_mail, "dmarc")
    assert (one.policy_domain, one.counted, one.optional) == ("b.test", 2, 0)
    assert (one.since, one.until) == (day(1, 12).timestamp(), day(1, 13).timestamp())
    assert reporting.waiting(world_with_mail, "tls") == []
    assert reporting.next_planning(world_with_mail) is not None


def test_a_preview_changes_nothing(world_with_mail: World, zone: Zone) -> None:
    """The document and who would get it."""
    found = asyncio.run(reporting.preview(world_with_mail, "dmarc", "B.Test"))
    assert [one.uri for one in found.asked.destinations] == ["mailto:agg@b.test"]
    assert (found.counted, found.needless, str(found.submitter), found.suppressed) == (2, "", "example.org", {})
    assert found.document is not None
    assert b"<count>2</count>" in gzip.decompress(found.document.content)
    assert queued(world_with_mail) == []
    assert kept(world_with_mail) == 1
    assert reporting.listing(world_with_mail, "dmarc") == []


def test_a_preview_says_why_not(world_with_mail: World, zone: Zone) -> None:
    """Suppressed, no key, nobody asks, the DNS is silent."""
    reporting.suppress(world_with_mail, "agg@b.test", None, "no", by=BY)
    found = asyncio.run(reporting.preview(world_with_mail, "dmarc", "b.test"))
    assert (found.document, found.suppressed) == (None, {"mailto:agg@b.test": "no"})
    reporting.allow(world_with_mail, "agg@b.test", by=BY)
    without_keys(world_with_mail)
    found = asyncio.run(reporting.preview(world_with_mail, "dmarc", "b.test"))
    assert (found.document, found.submitter) == (None, None)
    zone.remove("_dmarc.b.test", RecordType.TXT)
    found = asyncio.run(reporting.preview(world_with_mail, "dmarc", "b.test"))
    assert found.asked.nobody == "b.test has no DMARC record any more"
    zone.add("_dmarc.b.test TIMEOUT")
    assert "does not say" in asyncio.run(reporting.preview(world_with_mail, "dmarc", "b.test")).asked.temporary
    with pytest.raises(NotFound):
        asyncio.run(reporting.preview(world_with_mail, "dmarc", "c.test"))
    with pytest.raises(UserError):
        asyncio.run(reporting.preview(world_with_mail, "dmarc", "no domain"))


def test_sent_before_its_time(world_with_mail: World, clock: SetClock, recorded: Recorded, rung: list[str]) -> None:
    """The reporter sends it at once; what comes later is told in another one."""
    rung.clear()
    ident = reporting.send(world_with_mail, "dmarc", "b.test", by=BY)
    assert "reporter" in rung
    run(world_with_mail, clock, day(1, 12, 1))
    assert len(mails(world_with_mail)) == 1
    [shown] = reporting.listing(world_with_mail, "dmarc", domain="b.test")
    assert (shown.report.id, shown.report.state, shown.report.counted) == (ident, "sent", 2)
    assert shown.report.finish <= clock.timestamp()
    assert [(sent.to.uri, sent.fate) for sent in shown.sent] == [("mailto:agg@b.test", "waiting")]
    assert facts(recorded, Event.REPORT_CHANGED) == [{"kind": "dmarc", "domain": "b.test", "action": "send", "by": BY}]

    see(world_with_mail)
    run(world_with_mail, clock, day(2, 1))
    assert [one.report.counted for one in reporting.listing(world_with_mail, "dmarc")] == [1, 2]
    with pytest.raises(NotFound):
        reporting.send(world_with_mail, "dmarc", "b.test", by=BY)


def test_tried_again_now(world_with_mail: World, clock: SetClock, zone: Zone) -> None:
    """A report that was put off need not wait when somebody knows that it will do now."""
    zone.add("_dmarc.b.test TIMEOUT")
    run(world_with_mail, clock, day(2, 1))
    [shown] = reporting.listing(world_with_mail, "dmarc")
    assert shown.report.state == "due"
    zone._spoilt.clear()
    assert reporting.send(world_with_mail, "dmarc", "b.test", by=BY) == shown.report.id
    run(world_with_mail, clock, day(2, 1, 1))
    assert reporting.show(world_with_mail, "dmarc", shown.report.id).report.state == "sent"


def test_switched_off(world_with_mail: World) -> None:
    """It says what to do."""
    given = {name: getattr(world_with_mail.config, name) for name in Config.__dataclass_fields__}
    world_with_mail.config = Config(**{**given, "reports": Reports(dmarc=False)})
    with pytest.raises(Conflict, match="dmarc = true under"):
        reporting.send(world_with_mail, "dmarc", "b.test", by=BY)


def test_what_became_of_it(world_with_mail: World, clock: SetClock) -> None:
    """Waiting, delivered or failed, with what the other side said."""
    run(world_with_mail, clock, day(2, 1))
    [shown] = reporting.listing(world_with_mail, "dmarc")
    assert shown.sent[0].fate == "waiting"
    [(_, one)] = queued(world_with_mail)
    world_with_mail.store.write_now(lambda db: queue.delivered(db, clock, one.id, Reply(250, "2.0.0", "Thanks"), "mx.b.test"))
    [sent] = reporting.show(world_with_mail, "dmarc", shown.report.id).sent
    assert (sent.fate, sent.said) == ("delivered", "250 2.0.0 Thanks")

    see(world_with_mail)
    run(world_with_mail, clock, day(3, 1))
    [(_, one)] = queued(world_with_mail)
    no = Failure(Reach.RECIPIENT, True, 550, "5.1.1", "No such user", "RCPT", "mx.b.test")
    world_with_mail.store.write_now(lambda db: queue.failed(db, clock, one.id, no))
    [sent] = reporting.listing(world_with_mail, "dmarc")[0].sent
    assert (sent.fate, sent.said) == ("failed", "550 5.1.1 No such user")


def test_removed(world_with_mail: World, clock: SetClock, zone: Zone) -> None:
    """A report that is due goes with its evidence; one of the other kind is not found."""
    zone.add("_dmarc.b.test TIMEOUT")
    run(world_with_mail, clock, day(2, 1))
    [shown] = reporting.listing(world_with_mail, "dmarc")
    with pytest.raises(NotFound):
        reporting.remove(world_with_mail, "tls", shown.report.id, by=BY)
    reporting.remove(world_with_mail, "dmarc", shown.report.id, by=BY)
    assert kept(world_with_mail) == 0
    with pytest.raises(NotFound):
        reporting.show(world_with_mail, "dmarc", shown.report.id)


def test_forgotten(world_with_mail: World) -> None:
    """Of either kind."""
    seen_tls(world_with_mail)
    assert reporting.forget(world_with_mail, "dmarc", "b.test", by=BY) == 2
    assert reporting.forget(world_with_mail, "tls", "b.test", by=BY) == 1
    for kind in KINDS:
        assert reporting.waiting(world_with_mail, kind) == []
        with pytest.raises(NotFound):
            reporting.forget(world_with_mail, kind, "b.test", by=BY)


def test_tls_before_its_time(world_with_mail: World, clock: SetClock) -> None:
    """The same for the other kind."""
    seen_tls(world_with_mail)
    found = asyncio.run(reporting.preview(world_with_mail, "tls", "b.test"))
    assert found.document is not None
    assert b"no-policy-found" in gzip.decompress(found.document.content)
    reporting.send(world_with_mail, "tls", "b.test", by=BY)
    run(world_with_mail, clock, day(1, 12, 1))
    assert len(mails(world_with_mail, "tls_report")) == 1


def test_suppressions(served: World, clock: SetClock, recorded: Recorded) -> None:
    """Addresses in any form, URLs; what is neither is said."""
    until = clock.timestamp() + 86_400
    assert reporting.suppress(served, "mailto:Agg@B.test", until, "bounces\nall the time", by=BY).address == "agg@b.test"
    assert reporting.suppress(served, "https://b.test/Tls", None, "", by=BY).address == "https://b.test/Tls"
    assert [(one.address, one.until, one.reason) for one in reporting.suppressions(served)] == [
        ("agg@b.test", until, "bounces all the time"), ("https://b.test/Tls", None, "")]
    assert reporting.suppress(served, "agg@b.test", None, "for good", by=BY).created == clock.timestamp()
    assert len(reporting.suppressions(served)) == 2
    reporting.allow(served, "AGG@b.test", by=BY)
    assert [one.address for one in reporting.suppressions(served)] == ["https://b.test/Tls"]
    assert [fact["action"] for fact in facts(recorded, Event.REPORT_CHANGED)] == ["suppress", "suppress", "suppress", "allow"]


def test_a_suppression_as_a_record_writes_it(served: World) -> None:
    """One address is one, whatever is percent-encoded."""
    assert reporting.suppress(served, "mailto:a%2Cb%21c@b.test", None, "", by=BY).address == '"a,b!c"@b.test'
    reporting.allow(served, "mailto:%22a%2Cb%21c%22@b.test", by=BY)
    assert reporting.suppressions(served) == []


@pytest.mark.parametrize(("address", "until", "reason"), [
    ("nobody", None, ""), ("https://192.0.2.1/", None, ""), ("http://b.test/", None, ""), ("agg@b.test", 1.0, ""),
    ("agg@b.test", None, "x" * 1_001), ("agg@b.test", None, "\x07")])
def test_what_cannot_be_suppressed(served: World, address: str, until: float | None, reason: str) -> None:
    """It says why."""
    with pytest.raises(UserError):
        reporting.suppress(served, address, until, reason, by=BY)
    assert reporting.suppressions(served) == []


def test_what_was_not_suppressed(served: World) -> None:
    """Cannot be allowed."""
    with pytest.raises(NotFound):
        reporting.allow(served, "agg@b.test", by=BY)
