"""Tests of mta.flow.judging: what is gathered for whom; what follows from it is tested in tests/judge/test_screen.py."""
import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from mta.auth.arc import ArcResult
from mta.auth.identity import Identity
from mta.auth.status import Status
from mta.base.clock import SetClock
from mta.base.errors import TemporaryError
from mta.base.events import Event, Recorded
from mta.base.measures import Measure
from mta.base.names import Address, Domain
from mta.config.model import Judge as Settings
from mta.dns.zone import Zone
from mta.flow import blocklists, filing, people, preferences, ruling
from mta.flow.judging import Judging
from mta.flow.receive import ReceiveDesk
from mta.flow.world import World
from mta.judge.evidence import Content
from mta.judge.facts import unpack
from mta.judge.reputation import Key
from mta.judge.rules import Actions, Rule
from mta.judge.screen import FIRST_TIME_DELAY, Arrival, Verdict
from mta.message import header, structure
from mta.smtp.desk import Transaction
from mta.store import messages, outgoing
from tests.flow.post import SIMPLE, bring, letters, session
from tests.judge.arrivals import identity
from tests.measured import Measured

BY = "a test"
ANN, BOB, TEAM = (Address.parse(f"{name}@example.org") for name in ("ann", "bob", "team"))
CARL = Address.parse("carl@else.example")


@dataclass
class Counted:
    """A standing."""

    good: float
    junk: float


@dataclass
class Earlier:
    """What accounts think of senders; remembers what it was asked."""

    known: dict[tuple[int, str], Counted] = field(default_factory=dict)
    asked: list[tuple[int, int]] = field(default_factory=list)

    def standings(self, account_id: int, keys: Sequence[Key]) -> Sequence[Counted]:
        self.asked.append((account_id, len(keys)))
        return [self.known.get((account_id, subject), Counted(0, 0)) for _, subject in keys]


@dataclass
class Reader:
    """Whether words are junk, by account; counts how often it had to read."""

    junk: dict[int, float] = field(default_factory=dict)
    reads: int = 0

    def read(self, arrival: Arrival) -> Sequence[str]:
        self.reads += 1
        return ["word"]

    def content(self, account_id: int, words: Sequence[str]) -> Content | None:
        assert words == ["word"]
        return Content(self.junk[account_id]) if account_id in self.junk else None


class Broken:
    """Counts that cannot be read."""

    def standings(self, account_id: int, keys: Sequence[Key]) -> Sequence[Counted]:
        raise TemporaryError("learned.db is broken")

    def read(self, arrival: Arrival) -> Sequence[str]:
        return ()

    def content(self, account_id: int, words: Sequence[str]) -> Content | None:
        raise TemporaryError("learned.db is broken")


@pytest.fixture
def ann(served: World) -> int:
    """Ann's account."""
    return people.get_account(served, "ann").id


@pytest.fixture
def bob(served: World) -> int:
    """Bob's account."""
    return people.get_account(served, "bob").id


def arrival(served: World, who: Identity, text: bytes = SIMPLE) -> Arrival:
    """A message that has come."""
    sink = served.store.bodies.sink()
    sink.write(text)
    transaction = Transaction(session(str(who.ip)), "trace.1", who.sender)
    return Arrival(transaction, header.parse(text), structure.analyse(text), sink.finish(), who)


def keys(verdict: Verdict) -> set[str]:
    """The keys of its reasons."""
    return {reason.key for reason in verdict.reasons}


async def test_nothing_is_known(served: World, ann: int) -> None:
    """Without lists, standings and words a proven sender is let in."""
    verdict = (await Judging(served)(arrival(served, identity())))(ANN, ann)

    assert (verdict.mailbox, verdict.refusal, keys(verdict)) == ("inbox", None, {"nothing-against", "proven", "first-time"})


async def test_each_account_for_itself(served: World, ann: int, bob: int) -> None:
    """What one taught does not count for the other; the message is read once, and each account asked one question."""
    earlier = Earlier({(bob, "carl@else.example|proven"): Counted(0, 2)})
    reader = Reader({ann: 0.99})
    judge = await Judging(served, earlier, reader)(arrival(served, identity(dkim=["else.example"])))

    assert keys(judge(ANN, ann)) == {"junk", "words-junk", "proven", "first-time"}
    assert keys(judge(BOB, bob)) == {"junk", "sender-bad", "proven"}
    assert judge(TEAM, None).mailbox == "inbox"
    assert reader.reads == 1
    assert earlier.asked == [(ann, 9), (bob, 9)]


async def test_whom_the_account_wrote_to(served: World, ann: int, bob: int, clock: SetClock) -> None:
    """Known to the one who did, not to the other."""
    served.store.write_now(lambda db: outgoing.remember(db, clock, ann, [Address.parse("Carl@else.example")]))
    judge = await Judging(served, words=Reader({ann: 0.999, bob: 0.999}))(arrival(served, identity()))

    assert (judge(ANN, ann).mailbox, judge(BOB, bob).mailbox) == ("inbox", "junk")
    assert "known-sender" in keys(judge(ANN, ann))


async def test_what_the_account_chose(served: World, ann: int) -> None:
    """The filter off, another threshold, no rejects, no waiting."""
    reader, stranger = Reader({ann: 0.95}), identity(spf="none", dmarc="none")
    judging = Judging(served, words=reader)
    assert (await judging(arrival(served, identity())))(ANN, ann).mailbox == "junk"
    assert (await judging(arrival(served, stranger)))(ANN, ann).delay == FIRST_TIME_DELAY

    preferences.change(served, ann, {"threshold": 0.97, "slow_first_time": False}, by=BY)
    assert (await judging(arrival(served, identity())))(ANN, ann).mailbox == "inbox"
    assert (await judging(arrival(served, stranger)))(ANN, ann).delay == 0.0
    preferences.change(served, ann, {"junk_filter": False, "reject_days": 0}, by=BY)
    verdict = (await judging(arrival(served, identity(spf="fail", dmarc="none", iprev="fail"))))(ANN, ann)
    assert "words-junk" not in keys(verdict)
    assert not verdict.keep_reject


async def test_block_lists(served: World, ann: int, bob: int, zone: Zone) -> None:
    """Asked once for all recipients."""
    zone.add("2.0.0.127.bl.example A 127.0.0.2\n1.2.0.192.bl.example A 127.0.0.3")
    served.config = replace(served.config, judge=Settings(dnsbl=("bl.example",)))
    await blocklists.watch(served)
    zone.questions.clear()
    judge = await Judging(served)(arrival(served, identity()))

    assert [judge(BOB, bob).mailbox, judge(ANN, ann).mailbox] == ["junk", "junk"]
    assert "block-list" in keys(judge(ANN, ann))
    assert len(zone.questions) == 1


async def test_marks_of_a_list_and_sealers(served: World, ann: int) -> None:
    """A list is not bounced; a trusted sealer who saw the author proven is believed, another is not."""
    forged = identity(spf="fail", dmarc="fail", policy="reject")
    listed = b"List-Id: <l.lists.example>\r\n" + SIMPLE
    judging = Judging(served)
    assert (await judging(arrival(served, forged)))(ANN, ann).refusal is not None
    verdict = (await judging(arrival(served, forged, listed)))(ANN, ann)
    assert (verdict.refusal, verdict.mailbox) == (None, "junk")

    sealed = replace(forged, arc=ArcResult(
        Status.PASS, 1, (Domain("lists.example"),), ("lists.example; dmarc=pass header.from=else.example",), whole=True))
    assert (await judging(arrival(served, sealed)))(ANN, ann).refusal is not None
    served.config = replace(served.config, judge=Settings(arc_sealers=("lists.example",)))
    verdict = (await Judging(served)(arrival(served, sealed)))(ANN, ann)
    assert (verdict.refusal, verdict.mailbox, verdict.forwarded) == (None, "inbox", True)


async def test_rules(served: World, ann: int, bob: int) -> None:
    """An account's own; a forwarder's way says nothing of the sender, for the verdict and for what is asked."""
    verified = ruling.conditions(verified="else.example")
    ruling.add(served, ann, Rule("from there", verified, Actions(keywords=("there",), forwarder=True)), by=BY)
    earlier = Earlier({(ann, "192.0.2.1/32"): Counted(0, 9), (bob, "192.0.2.1/32"): Counted(0, 9)})
    judge = await Judging(served, earlier)(arrival(served, identity(dkim=["else.example"])))

    assert (judge(ANN, ann).keywords, judge(ANN, ann).forwarded, judge(ANN, ann).mailbox) == (("there",), True, "inbox")
    assert "network-bad" in keys(judge(BOB, bob))
    assert (judge(BOB, bob).keywords, judge(BOB, bob).forwarded) == ((), False)


async def test_a_rule_without_its_mailbox(served: World, ann: int) -> None:
    """It still fits, the message goes to the Inbox, and the reasons say why."""
    made = filing.add_mailbox(served, ann, "Lists").id
    ruling.add(served, ann, Rule("Talk", ruling.conditions(verified="else.example"), Actions(made)), by=BY)
    judging = Judging(served)
    assert (await judging(arrival(served, identity())))(ANN, ann).mailbox == f"#{made}"
    filing.remove_mailbox(served, ann, made)
    verdict = (await judging(arrival(served, identity())))(ANN, ann)
    assert verdict.mailbox == "inbox"
    assert "Your rule “Talk” would file it into Lists, but that mailbox is gone." in [reason.text for reason in verdict.reasons]
    again = filing.add_mailbox(served, ann, "Lists").id
    assert (await judging(arrival(served, identity())))(ANN, ann).mailbox == f"#{again}"


async def test_subject_pass(served: World, ann: int, clock: SetClock) -> None:
    """Off unless the account wants it; what the refusal offers lets the next message in, for that sender alone."""
    earlier, bad = Earlier({(ann, "192.0.2.1/32"): Counted(0, 9)}), Reader({ann: 0.999})
    judging = Judging(served, earlier, bad)
    served.journal.add_meter(heard := Measured())
    refusal = (await judging(arrival(served, identity())))(ANN, ann).refusal
    assert refusal is not None
    assert refusal.code == 451
    assert heard.labels(Measure.SUBJECT_PASSES) == []

    preferences.change(served, ann, {"subject_pass": True}, by=BY)
    refusal = (await judging(arrival(served, identity())))(ANN, ann).refusal
    assert refusal is not None
    assert refusal.code == 550
    [token] = re.findall(r"\(pass:\w+\)", refusal.text)
    again = SIMPLE.replace(b"Subject: Hello", f"Subject: Re: Hello {token}".encode())
    assert (await judging(arrival(served, identity(), again)))(ANN, ann).refusal is None
    assert (await judging(arrival(served, identity(author="eve@else.example"), again)))(ANN, ann).refusal is not None
    assert (await judging(arrival(served, identity(), again)))(Address.parse("ann+x@example.org"), ann).refusal is not None
    assert heard.labels(Measure.SUBJECT_PASSES) == [("given",), ("good",), ("bad",), ("given",), ("bad",), ("given",)]
    preferences.change(served, ann, {"subject_pass": False}, by=BY)
    assert (await judging(arrival(served, identity(), again)))(ANN, ann).refusal is not None


async def test_trouble_of_ours_refuses_nobody(served: World, ann: int, recorded: Recorded) -> None:
    """What cannot be read says nothing, and is noted."""
    verdict = (await Judging(served, Broken(), Broken())(arrival(served, identity())))(ANN, ann)

    assert verdict.mailbox == "inbox"
    assert [record.event for record in recorded.records].count(Event.STORE_TROUBLE) == 2


async def test_postmaster(served: World, ann: int) -> None:
    """Mail for postmaster is never refused, whatever it is."""
    judge = await Judging(served)(arrival(served, identity(spf="fail", dmarc="fail", policy="reject")))

    assert judge(ANN, ann).refusal is not None
    assert judge(Address.parse("PostMaster@example.org"), ann).refusal is None


async def test_a_stop_ends_the_waiting(served: World) -> None:
    """A stranger who is being held when the server stops has his message taken at once: its clock stands still."""
    held, began = asyncio.Event(), served.clock.monotonic()

    async def pause(seconds: float) -> None:
        held.set()
        await asyncio.Event().wait()

    desk = ReceiveDesk(served, Judging(served), pause)
    bringing = asyncio.create_task(bring(desk, ["ann@example.org"]))
    await held.wait()
    assert letters(served, "ann") == []
    desk.stop()
    answer = await bringing
    assert answer.reply is not None
    assert (answer.reply.code, len(letters(served, "ann")), served.clock.monotonic()) == (250, 1, began)
    again = await bring(desk, ["bob@example.org"], SIMPLE.replace(b"<1@", b"<2@"), here=session(trace="0123456780"))
    assert again.reply is not None
    assert again.reply.code == 250


async def test_the_whole_way(served: World, ann: int, zone: Zone) -> None:
    """At the desk: forged mail is refused for good, strangers wait, and what is stored says whose way counts."""
    zone.add("bank.example TXT \"v=spf1 -all\"\n_dmarc.bank.example TXT \"v=DMARC1; p=reject\"")
    waits: list[float] = []

    async def pause(seconds: float) -> None:
        waits.append(seconds)

    desk = ReceiveDesk(served, Judging(served), pause)
    forged = SIMPLE.replace(b"carl@else.example>", b"info@bank.example>")
    answer = await bring(desk, ["ann@example.org"], forged, "info@bank.example")
    assert answer.reply is not None
    assert (answer.reply.code, answer.reply.enhanced) == (550, "5.7.26")
    assert waits == []

    await bring(desk, ["ann@example.org", "bob@example.org"], here=session(trace="0123456780"))
    assert waits == [FIRST_TIME_DELAY]
    [letter] = letters(served, "ann")
    assert {reason.key for reason in letter.reasons} >= {"nothing-against", "first-time"}
    ruling.add(served, ann, Rule("mine", ruling.conditions(network="192.0.2.1"), Actions(forwarder=True)), by=BY)
    await bring(desk, ["ann@example.org", "bob@example.org"], SIMPLE.replace(b"<1@", b"<2@"), here=session(trace="0123456781"))
    for name, account, ip in (("ann", ann, None), ("bob", people.get_account(served, "bob").id, "192.0.2.1")):
        newest = letters(served, name)[0].summary.id
        row = served.store.read(lambda db, account=account, newest=newest: messages.get(db, account, newest))    # type: ignore[misc]  # defaults
        assert row is not None
        facts = unpack(row.identity)
        assert facts is not None
        assert (str(facts.ip) if facts.ip else None) == ip
