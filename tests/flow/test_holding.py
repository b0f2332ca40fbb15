"""Tests of mta.flow.holding: at the desk, junk for an alias with members elsewhere."""
from dataclasses import replace

import pytest

from mta.auth.identity import Identity
from mta.base.events import Event, Recorded
from mta.base.names import Address, Domain
from mta.base.reply import Reply
from mta.flow import people, preferences
from mta.flow.receive import ReceiveDesk
from mta.flow.world import World
from mta.judge import screen
from mta.judge.dnsbl import Listing
from mta.judge.evidence import Evidence
from mta.judge.screen import ACCEPTED, LATER, Arrival, Judge, Verdict
from tests.flow.post import SIMPLE, bring, letters, queued, session, spooled
from tests.judge.arrivals import identity

BY = "a test"
FAR, TEAM, CARLA = "far@example.org", "team@example.org", "carla@example.org"
PROVEN, DISOWNED = identity(), identity(spf="softfail", dmarc="fail", policy="reject")
FORGED = identity(spf="fail", dmarc="fail", policy="reject")
LISTED = (Listing(Domain("bl.example")),)


@pytest.fixture
def aliases(served: World) -> World:
    """far is only elsewhere, team also bob; ann gets what is for postmaster; carla is one more account."""
    people.add_alias(served, FAR, ["dora@far.example"], by=BY)
    people.add_alias(served, TEAM, ["bob@example.org", "dora@far.example"], by=BY)
    people.add_account(served, "carla", "carla's password", "Carla", address=CARLA, by=BY)
    return served


async def at_once(seconds: float) -> None:
    """The wait of a desk that slows a sender down, without waiting."""


def desk(world: World, who: Identity, *, listed: bool = False, list_like: bool = False, here: Verdict = ACCEPTED) -> ReceiveDesk:
    """A desk that finds that out of each message; accounts here give their verdict as told."""
    async def judging(arrival: Arrival) -> Judge:
        evidence = Evidence(who, listings=LISTED if listed else (), list_like=list_like)

        def judge(recipient: Address, account: int | None) -> Verdict:
            if account is not None:
                return here
            return screen.decide_onward(replace(evidence, postmaster=recipient.localpart == "postmaster"))
        return judge

    return ReceiveDesk(world, judging, pause=at_once)


async def answered(asked: ReceiveDesk, *recipients: str) -> Reply:
    """The answer to a message for them."""
    reply = (await bring(asked, recipients)).reply
    assert reply is not None
    return reply


def places(world: World) -> dict[str, list[str]]:
    """Where each account has copies."""
    return {name: [box for box in ("Inbox", "Junk", "Rejects") for _ in letters(world, name, box)] for name in ("ann", "bob", "carla")}


async def test_good_mail_is_passed_on(aliases: World) -> None:
    """And nobody here has more than he should."""
    assert (await answered(desk(aliases, PROVEN), FAR)).code == 250
    assert [str(recipient.recipient) for _, recipient in queued(aliases)] == ["dora@far.example"]
    assert places(aliases) == {"ann": [], "bob": [], "carla": []}


@pytest.mark.parametrize(("who", "listed", "code", "rejects"), [
    (PROVEN, True, 451, ["Rejects"]), (FORGED, False, 550, []), (FORGED, True, 550, []),
])
async def test_alone_it_is_refused(aliases: World, who: Identity, listed: bool, code: int, rejects: list[str]) -> None:
    """Whoever sent it hears so; what may be a mistake can be found by the postmaster; nothing goes on."""
    reply = await answered(desk(aliases, who, listed=listed), FAR)
    assert (reply.code, queued(aliases), spooled(aliases)) == (code, [], [])
    assert places(aliases) == {"ann": rejects, "bob": [], "carla": []}
    if code == 451:
        assert reply == LATER
    else:
        assert "else.example" in reply.text
    again = await answered(desk(aliases, who, listed=listed), FAR)
    assert (again.code, places(aliases)["ann"]) == (code, rejects)


async def test_what_was_refused_and_then_is_accepted_goes_on(aliases: World) -> None:
    """The sender is off the list when he comes again."""
    assert (await answered(desk(aliases, PROVEN, listed=True), FAR)).code == 451
    assert (await answered(desk(aliases, PROVEN), FAR)).code == 250
    assert len(queued(aliases)) == 1


async def test_postmaster_may_want_no_rejects(aliases: World) -> None:
    """Then nothing is kept: it was refused."""
    preferences.change(aliases, people.get_account(aliases, "ann").id, {"reject_days": 0}, by=BY)
    assert (await answered(desk(aliases, PROVEN, listed=True), FAR)).code == 451
    assert places(aliases) == {"ann": [], "bob": [], "carla": []}


@pytest.mark.parametrize(("who", "listed", "row"), [
    (PROVEN, True, "junk"), (DISOWNED, False, "disowned"), (FORGED, False, "forged"), (DISOWNED, True, "refused-for-now")])
async def test_taken_for_somebody_else_it_is_kept(aliases: World, recorded: Recorded, who: Identity, listed: bool, row: str) -> None:
    """In the postmaster's Junk, with the reasons; nobody's answer says that it was lost."""
    assert (await answered(desk(aliases, who, listed=listed), FAR, CARLA)).code == 250
    assert (places(aliases), queued(aliases)) == ({"ann": ["Junk"], "bob": [], "carla": ["Inbox"]}, [])
    [kept] = letters(aliases, "ann", "Junk")
    assert (kept.reasons[0].key, kept.reasons[-1].key) == (row, "not-passed-on")
    assert kept.rcpt_to == FAR
    [told] = [record.facts for record in recorded.records if record.event is Event.JUDGED]
    assert (str(told["recipient"]), told["reply"]) == (FAR, "not passed on to members elsewhere")


async def test_members_here_have_it_anyway(aliases: World) -> None:
    """The postmaster is not asked; their copy says that the others have it not."""
    assert (await answered(desk(aliases, PROVEN, listed=True), TEAM)).code == 250
    assert (places(aliases), queued(aliases)) == ({"ann": [], "bob": ["Inbox"], "carla": []}, [])
    [letter] = letters(aliases, "bob")
    assert letter.reasons[-1].text == f"It was not passed on to the members of {TEAM} elsewhere: no junk goes to other servers."


async def test_what_members_here_refuse_too_is_refused(aliases: World) -> None:
    """In the Rejects of those who are here, and not the postmaster's."""
    asked = desk(aliases, PROVEN, listed=True, here=replace(ACCEPTED, mailbox="rejects", refusal=LATER, keep_reject=True))
    assert await answered(asked, TEAM) == LATER
    assert places(aliases) == {"ann": [], "bob": ["Rejects"], "carla": []}


async def test_two_aliases_and_the_postmaster_himself(aliases: World) -> None:
    """One copy for each account, with every reason."""
    people.add_alias(aliases, "farther@example.org", ["emil@far.example"], by=BY)
    assert (await answered(desk(aliases, PROVEN, listed=True), FAR, "farther@example.org", "ann@example.org")).code == 250
    assert places(aliases) == {"ann": ["Inbox"], "bob": [], "carla": []}
    assert [reason.key for reason in letters(aliases, "ann")[0].reasons] == ["nothing-against", "not-passed-on", "not-passed-on"]


@pytest.mark.parametrize("list_like", [True, False], ids=["list", "no list"])
async def test_a_policy_alone_bounces_nobody(aliases: World, list_like: bool) -> None:
    """Though nobody else takes it: the message is kept, and a list keeps its member (RFC 9989 §7.4)."""
    assert (await answered(desk(aliases, DISOWNED, list_like=list_like), FAR)).code == 250
    assert (places(aliases), queued(aliases)) == ({"ann": ["Junk"], "bob": [], "carla": []}, [])


async def test_postmaster_elsewhere(aliases: World) -> None:
    """Mail for postmaster is not refused (RFC 5321 §4.5.1), nor is junk of his passed on."""
    people.add_alias(aliases, "postmaster@example.org", ["dora@far.example"], by=BY)
    assert (await answered(desk(aliases, FORGED, listed=True), "postmaster@example.org")).code == 250
    assert (places(aliases), queued(aliases)) == ({"ann": ["Junk"], "bob": [], "carla": []}, [])


async def test_nobody_to_keep_it(aliases: World) -> None:
    """Then it is not taken at all."""
    aliases.config = replace(aliases.config, postmaster="nobody")
    assert await answered(desk(aliases, PROVEN, listed=True), FAR, CARLA) == LATER
    assert places(aliases) == {"ann": [], "bob": [], "carla": []}
    assert (await bring(desk(aliases, PROVEN, listed=True), [FAR], SIMPLE, here=session(trace="0123456780"))).reply == LATER


async def test_quota_of_the_postmaster(aliases: World) -> None:
    """Nothing is lost for want of his room."""
    people.set_account(aliases, "ann", quota=10, by=BY)
    assert (await answered(desk(aliases, PROVEN, listed=True), FAR, CARLA)).code == 250
    assert places(aliases)["ann"] == ["Junk"]
