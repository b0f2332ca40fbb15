"""Destinations: what is counted of deliveries, how it is summed up, and that it stays small."""
import dataclasses

import pytest

from mta.base.clock import SetClock
from mta.base.errors import Failure, Reach
from mta.base.limits import LIMITS
from mta.base.names import Address
from mta.base.reply import Reply
from mta.flow import destinations as flow
from mta.flow.ledger import Attempt, Ledger
from mta.flow.world import World
from mta.store import destinations, queue
from mta.store.verify import problems
from tests.flow.outbox import put

TAKEN = Reply(250, "2.0.0", "Taken")
GREY = Failure(Reach.RECIPIENT, False, 450, "4.2.0", "Greylisted, come back later", "RCPT", "mx.b.test")
BLOCKED = Failure(Reach.HOST, True, 550, "5.7.1", "part of their network is on our block list (S3150)", "MAIL", "mx1.mail.outlook.com")
NO = Failure(Reach.RECIPIENT, True, 550, "5.1.1", "No such user", "RCPT", "mx.b.test")


async def attempt(world: World, recipient: str, outcome: Reply | Failure, host: str) -> None:
    """One attempt, written by a ledger as in a delivery."""
    await put(world, recipient)
    domain = Address.parse(recipient).domain.ascii
    taken = await world.store.write(lambda db: queue.claim(db, world.clock, domain, "test", 10))
    ledger = Ledger(world, lambda ids: None)
    await ledger.note([Attempt(message, one, outcome, host) for message, recipients in taken for one in recipients])
    await ledger.close()


async def test_what_servers_said(served: World, clock: SetClock) -> None:
    """Each outcome counts for the operator of the host, with its cause and the last words."""
    for recipient, outcome, host in (
            ("bob@b.test", TAKEN, "mx.b.test"), ("bob@b.test", GREY, "mx.b.test"), ("cy@b.test", NO, "mx.b.test"),
            ("dee@hotmail.com", BLOCKED, "mx1.mail.outlook.com"), ("eve@live.com", BLOCKED, "mx1.mail.outlook.com"),
            ("fay@nowhere.test", Failure(Reach.HOST, False, 0, "4.4.1", "no connection", "connect", ""), "")):
        await attempt(served, recipient, outcome, host)
        clock.advance(10)

    found = {one.operator: one for one in flow.summary(served)}
    assert set(found) == {"b.test", "outlook.com", ""}
    assert [(one.sent, one.deferred, one.refused) for one in (found["b.test"], found["outlook.com"], found[""])] == [
        (1, 1, 1), (0, 0, 2), (0, 1, 0)]
    outlook = found["outlook.com"]
    assert (outlook.name, [part.domain for part in outlook.domains]) == ("Microsoft (Outlook, 365)", ["hotmail.com", "live.com"])
    [reason] = outlook.reasons
    assert (reason.explanation.name, reason.attempts, reason.outcome) == ("microsoft-s3150", 2, "refused")
    assert "S3150" in reason.reply
    assert {why.explanation.name for why in found["b.test"].reasons} == {"greylisting", "no-such-user"}
    assert [one.operator for one in flow.summary(served, text="HOTMAIL")] == ["outlook.com"]
    assert flow.summary(served, text="nobody") == []
    assert problems(served.store) == []


async def test_trouble_that_is_ours_is_told(served: World) -> None:
    """Three refusals that are to be mended here are a warning; wrong addresses never are."""
    for number in range(3):
        await attempt(served, f"p{number}@b.test", NO, "mx.b.test")
    assert flow.trouble(served) == []
    for number in range(3):
        await attempt(served, f"p{number}@hotmail.com", BLOCKED, "mx1.mail.outlook.com")
    assert flow.trouble(served) == ["Microsoft (Outlook, 365): Outlook: the network is blocked, 3 times in two days."]


async def test_days(served: World, clock: SetClock) -> None:
    """By day, oldest first, days without any as nothing; what is old goes."""
    await attempt(served, "bob@b.test", TAKEN, "mx.b.test")
    clock.advance(2 * 86_400)
    await attempt(served, "bob@b.test", NO, "mx.b.test")
    assert [day[1:] for day in flow.history(served, "b.test", 3)] == [(1, 0, 0), (0, 0, 0), (0, 0, 1)]
    clock.advance(29.5 * 86_400)
    gone = served.store.write_now(lambda db: destinations.prune(db, clock, 31, 100))
    assert gone == 1
    assert [one.refused for one in flow.summary(served, days=31)] == [1]


async def test_it_is_bounded(served: World, clock: SetClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many domains somebody writes to, a day has so many rows, and no attempt is lost."""
    few = dataclasses.replace(LIMITS, destination_rows=10)
    monkeypatch.setattr(destinations, "LIMITS", few)
    for number in range(30):
        served.store.write_now(lambda db, number=number: destinations.count(    # type: ignore[misc]  # a lambda with a default
            db, clock, f"o{number}.test", f"d{number}.test", "sent"))
    rows = served.store.read(lambda db: destinations.tallies(db, clock, 1))
    assert len(rows) == 11
    assert sum(row.attempts for row in rows) == 30


def test_operators() -> None:
    """The organisational domain, and nothing for an IP address or no name."""
    assert flow.operator_of("a.b.mail.protection.outlook.com") == "outlook.com"
    assert [flow.operator_of(host) for host in ("192.0.2.1", "[::1]", "", "..")] == [""] * 4
