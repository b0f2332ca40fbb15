"""mta.flow.routing: which way mail takes, before and after it failed."""
from dataclasses import replace

import pytest

from mta.base.errors import Failure, NotFound, Reach, UserError
from mta.config.model import Route, Transport
from mta.flow import routing, waymaking
from mta.flow.ledger import Attempt, Ledger
from mta.flow.queueing import send_by
from mta.flow.world import World
from mta.store import queue
from tests.flow.outbox import delivering, history, put, settled, waiting

BUSY = Failure(Reach.HOST, False, 421, "4.3.2", "Busy", "banner", "mx.b.test")


async def fail_once(world: World, hop: str) -> None:
    """What waits for hop is tried in vain."""
    taken = await world.store.write(lambda db: queue.claim(db, world.clock, hop, "test", 100))
    ledger = Ledger(world, lambda ids: None)
    await ledger.note([Attempt(message, one, BUSY, "mx.b.test") for message, recipients in taken for one in recipients])
    await ledger.close()


def hops(world: World) -> list[str]:
    """The next hops of all that waits."""
    return [one.next_hop for _, one in waiting(world)]


async def test_after_failures_it_goes_another_way(served: World) -> None:
    """A route may ask for failed attempts; what somebody gave a transport keeps it."""
    served.config = replace(served.config, transports=(Transport("relay", "relay.test"),), routes=(Route(attempts=2, transport="relay"),))
    await put(served, "bob@b.test")
    await fail_once(served, "b.test")
    assert hops(served) == ["b.test"]
    served.clock.advance(10_000)    # type: ignore[attr-defined]  # a SetClock
    await fail_once(served, "b.test")
    assert hops(served) == ["transport:relay"]

    [(_, one)] = waiting(served)
    send_by(served, [one.id], "direct", by="admin")
    served.clock.advance(10_000)    # type: ignore[attr-defined]
    await fail_once(served, "b.test")
    assert hops(served) == ["b.test"]


async def test_what_waits_follows_a_change(served: World) -> None:
    """At once, there and back; mail for here is not touched."""
    for number in range(3):
        await put(served, f"x{number}@b.test", "bob@example.org")
    made = await waymaking.save_route(served, "fail", recipient_domain="b.test", by="admin")
    assert sorted(set(hops(served))) == ["example.org", "transport:fail"]
    await waymaking.remove_route(served, made.id, by="admin")
    assert sorted(set(hops(served))) == ["b.test", "example.org"]


async def test_the_way_to_nowhere(served: World) -> None:
    """What a route gives up is not tried: its sender is told why."""
    await waymaking.save_route(served, "fail", recipient_domain="b.test", by="admin")
    await put(served, "bob@b.test")
    async with delivering(served) as delivery:
        await settled(delivery, served)
    assert [(row.outcome, row.enhanced, row.text) for row in history(served)][:1] == [
        ("failed", "5.7.1", "the administrator of this server lets no mail go this way")]


async def test_a_trial(served: World) -> None:
    """What a message would do, with the number of the route that says so."""
    served.config = replace(served.config, transports=(Transport("relay", "relay.test"),),
                            routes=(Route(transport="direct", account="bob"), Route(transport="relay", attempts=1)))
    await waymaking.save_route(served, "fail", sender_domain="example.org", recipient_domain="b.test", by="admin")

    def tried(recipient: str, **more: object) -> tuple[str, int, bool]:
        found = routing.trial(served, recipient, **more)    # type: ignore[arg-type]
        return found.next_hop, found.number, found.in_file

    assert tried("bob@example.org") == ("", 0, False)
    assert tried("bob@b.test") == ("b.test", 0, False)
    assert tried("bob@b.test", sender="ann@example.org") == ("transport:fail", 1, False)
    assert tried("bob@b.test", attempts=1) == ("transport:relay", 2, True)
    assert tried("bob@b.test", attempts=1, account="bob") == ("b.test", 1, True)
    for error, wrong in ((UserError, {"recipient": "nobody"}), (UserError, {"sender": "x@"}), (NotFound, {"account": "carl"})):
        with pytest.raises(error):
            routing.trial(served, **{"recipient": "bob@b.test", **wrong})    # type: ignore[arg-type]  # only texts
