"""One next hop while something is due for it."""
import asyncio
from collections.abc import Iterable, Sequence

import pytest

from mta.base.clock import SetClock
from mta.base.errors import TemporaryError
from mta.base.events import Event, Recorded
from mta.base.reply import Reply
from mta.dns.zone import Zone
from mta.flow import holdrules, queueing
from mta.flow.destination import CLAIM, Destination
from mta.flow.dialing import FRESH, Dialing
from mta.flow.ledger import Attempt, Ledger
from mta.flow.world import World
from mta.store import queue
from tests.flow.outbox import facts, history, lone, put, quick, waiting
from tests.flow.post import letters
from tests.peers import CLOSE, HANGUP, Server, listening


class Office:
    """A delivery that has one destination and notes what it is told."""

    def __init__(self, world: World, port: int = 25) -> None:
        self.world, self.dialing, self.ledger = world, Dialing(world, port), Ledger(world, self.settled)
        self.owner, self.stopping = "test", False
        self.held, self.returned, self.closed = set[int](), list[int](), asyncio.Event()

    def took(self, ids: Iterable[int]) -> set[int]:
        new = set(ids) - self.held
        self.held |= new
        return new

    def settled(self, ids: Sequence[int]) -> None:
        self.held.difference_update(ids)

    def give_back(self, ids: Sequence[int]) -> None:
        self.returned += ids
        self.held.difference_update(ids)
        self.world.store.write_now(lambda db: queue.release(db, ids, self.owner))

    def may_open(self, destination: Destination) -> bool:
        return True

    async def work(self, hop: str) -> Destination:
        """Work off one destination; returns when it has closed."""
        destination = Destination(self, hop, lambda _: self.closed.set())
        destination.open_lane()
        async with asyncio.timeout(20):
            await self.closed.wait()
            await self.ledger.close()
            await asyncio.gather(*destination.leaving)
        assert self.held == set()
        return destination


@pytest.fixture
def zone() -> Zone:
    """b.test on this machine."""
    return Zone("b.test A 127.0.0.1\nmany.test MX 1 a.many.test\nmany.test MX 2 b.many.test\n"
                "a.many.test A 127.0.0.1\nb.many.test A 127.0.0.1")


async def test_everything_that_is_due(served: World) -> None:
    """More than one claim's worth goes out, and nothing stays in hand."""
    for _ in range(CLAIM + 5):
        await put(served, "bob@b.test")
    async with listening(Server()) as server:
        await Office(served, server.port).work("b.test")

    assert len(server.mails) == CLAIM + 5
    assert waiting(served) == []


async def test_many_recipients_of_one_message(served: World) -> None:
    """A thousand recipients of one message are a few transactions, not a thousand."""
    await put(served, *(f"bob{number}@b.test" for number in range(1_000)))
    async with listening(Server()) as server:
        await Office(served, server.port).work("b.test")

    assert [len(mail.recipients) for mail in server.mails] == [100] * 10
    assert len(history(served)) == 1_000


async def test_hosts_that_fail_in_the_midst(served: World) -> None:
    """Two messages in a row that no host would finish, and the rest is put off without trying."""
    quick(served)
    for _ in range(30):
        await put(served, "bob@many.test")
    async with listening(Server({"DATA": CLOSE})) as server:
        await Office(served, server.port).work("many.test")

    assert server.verbs().count("DATA") == 4
    assert [one.attempts for _, one in waiting(served)] == [1] * 30


async def test_lanes_that_live_long_look_again(served: World, zone: Zone, clock: SetClock) -> None:
    """A new connection to a host goes by what the DNS says now, not by what it said when the lane began."""
    quick(served)
    for number in range(4):
        await put(served, f"bob{number}@b.test")
    async with listening(Server()) as server:
        def taken(_: str) -> str:
            clock.advance(FRESH + 1 if len(server.mails) == 2 else 0)
            return "250 2.0.0 Taken" if len(server.mails) % 2 else HANGUP + "250 2.0.0 Taken"

        server.answers = {".": taken}
        await Office(served, server.port).work("b.test")
    assert len(server.mails) == 4
    assert server.connections == 3
    assert zone.questions.count(("b.test", "MX")) == 2


async def test_one_message_that_breaks_connections(served: World) -> None:
    """The others get through."""
    quick(served)
    for number in range(10):
        await put(served, f"bob{number}@many.test")
    async with listening(Server({"RCPT TO:<bob3@": HANGUP + "421 4.3.0 Ouch"})) as server:
        await Office(served, server.port).work("many.test")

    assert len(server.mails) == 9
    assert str(lone(waiting(served))[1].recipient) == "bob3@many.test"


async def test_stumbling(served: World, recorded: Recorded) -> None:
    """A message that we cannot handle waits like any other; it is not tried again and again."""
    await put(served, "bob@example.org")
    await put(served, "ann@example.org", sender="bob@example.org")
    path = served.store.bodies.path(waiting(served)[0][0].body_name)
    kept = path.read_bytes()
    path.unlink()
    await Office(served).work("example.org")
    path.write_bytes(kept)

    one = lone(waiting(served))[1]
    assert (one.attempts, one.last_enhanced, str(one.recipient)) == (1, "4.3.0", "bob@example.org")
    assert len(facts(recorded, Event.UNEXPECTED)) == 1
    assert len(letters(served, "ann")) == 1


async def test_stopping(served: World) -> None:
    """What is in the heap goes back untried."""
    for _ in range(20):
        await put(served, "bob@b.test")
    async with listening(Server()) as server:
        office = Office(served, server.port)

        def enough(_: str) -> str:
            office.stopping = True
            return "250 2.0.0 Taken"

        server.answers = {".": enough}
        await office.work("b.test")

    assert len(server.mails) == 1
    assert len(office.returned) == 19
    assert all(one.claimed_by is None and one.attempts == 0 for _, one in waiting(served))


async def test_what_another_has_deposited_is_not_deposited_twice(served: World) -> None:
    """A lease that ran out while the machine slept costs nobody a second copy, and loses nothing of the rest."""
    await put(served, "ann@example.org")
    office = Office(served)
    destination = Destination(office, "example.org", lambda _: office.closed.set())
    [(message, recipients)] = served.store.write_now(lambda db: queue.claim(db, served.clock, "example.org", "test", CLAIM))
    await destination._deposit(message, recipients)
    with pytest.raises(TemporaryError, match="not in the queue any more"):
        await destination._deposit(message, recipients)
    await office.ledger.close()

    assert len(letters(served, "ann")) == 1


async def test_what_is_noted(served: World) -> None:
    """The outcome goes to the ledger with the host that gave it."""
    noted: list[Attempt] = []

    class Watched(Ledger):
        async def note(self, attempts: Sequence[Attempt]) -> None:
            noted.extend(attempts)
            await super().note(attempts)

    await put(served, "bob@b.test")
    async with listening(Server()) as server:
        office = Office(served, server.port)
        office.ledger = Watched(served, office.settled)
        await office.work("b.test")

    attempt = lone(noted)
    assert (attempt.outcome, attempt.host) == (Reply(250, "2.0.0", "Taken"), "b.test")


async def test_a_rule_about_the_mail_host(served: World, recorded: Recorded) -> None:
    """What goes to a held host is held before that host is asked; other mail of the same destination is not."""
    holdrules.add(served, host="many.test", sender_domain="example.org", by="admin")
    await put(served, "bob@many.test", "cy@many.test")
    await put(served, "dee@many.test", sender="ann@other.test")
    async with listening(Server()) as server:
        office = Office(served, server.port)
        await office.work("many.test")

    assert [mail.recipients for mail in server.mails] == [["RCPT TO:<dee@many.test>"]]
    assert {str(one.recipient) for _, one in queueing.listing(served, held=True)} == {"bob@many.test", "cy@many.test"}
    assert all(one.claimed_by is None for _, one in queueing.listing(served))
    assert {fact["action"] for fact in facts(recorded, Event.QUEUE_CHANGED)} == {"hold"}
