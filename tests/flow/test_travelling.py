"""mta.flow.travelling: what a page may say about the way to a recipient."""
from pathlib import Path

import pytest

from mta.base.clock import SetClock
from mta.base.errors import NoRoom
from mta.base.events import Event, Recorded
from mta.base.names import Domain
from mta.config.model import Transport
from mta.dns.zone import Zone
from mta.flow import people
from mta.flow.travelling import MOST, saw, ways
from mta.flow.world import World
from mta.net.tls import self_signed, server_context
from mta.secure.protection import Seen
from mta.store import seen
from tests.flow.outbox import FullAtFirst, deliver, facts, lone, put, quick
from tests.peers import FRIENDLY, Server, listening


@pytest.fixture
def ann(served: World) -> int:
    """Ann's account."""
    return people.get_account(served, "ann").id


def met(world: World, account: int, domain: str, starttls: bool, verified: str, requiretls: bool) -> None:
    """Mail of account was on its way there."""
    world.store.write_now(lambda db: seen.note(db, [account], Seen(Domain(domain), starttls, verified, requiretls, 1_000.0)))


@pytest.mark.parametrize(("starttls", "verified", "requiretls", "way", "promised"), [
    (False, "", False, "clear", False), (True, "", False, "encrypted", False), (True, "", True, "encrypted", False),
    (True, "dane", False, "verified", False), (True, "mta-sts", True, "verified", True),
])
def test_what_was_seen(served: World, ann: int, starttls: bool, verified: str, requiretls: bool, way: str, promised: bool) -> None:
    """REQUIRETLS is worth something only of a server that proved who it is (RFC 8689 §2)."""
    met(served, ann, "b.example", starttls, verified, requiretls)

    [found] = ways(served, ann, "Bob <bob@b.example>")

    assert (str(found.recipient), found.way, found.requiretls, found.at) == ("bob@b.example", way, promised, 1_000.0)


def test_whom_it_is_told(served: World, ann: int) -> None:
    """Mail for people here stays here; what others saw is not told."""
    met(served, people.get_account(served, "bob").id, "b.example", True, "dane", True)

    found = ways(served, ann, "bob@example.org, bob@b.example")

    assert [(one.way, one.requiretls, one.at) for one in found] == [("here", True, None), ("unknown", False, None)]


def test_what_people_type(served: World, ann: int) -> None:
    """Half an address is no recipient, the same one twice is one, and a thousand are too many."""
    met(served, ann, "xn--bcher-kva.example", True, "", False)

    assert [str(one.recipient) for one in ways(served, ann, "bob@, bob, a@bücher.example, <a@bücher.example>, ")] == ["a@bücher.example"]
    assert ways(served, ann, "a@bücher.example")[0].way == "encrypted"
    assert ways(served, ann, "") == []
    assert len(ways(served, ann, ", ".join(f"a{number}@b.example" for number in range(MOST + 10)))) == MOST


# --- what is seen on the way ---------------------------------------------------------------


@pytest.fixture
def zone() -> Zone:
    """b.example on this machine."""
    return Zone("b.example A 127.0.0.1\nrelay.example A 127.0.0.1\n")


async def test_delivery_sees(served: World, ann: int, tmp_path: Path, clock: SetClock) -> None:
    """Whether a connection was encrypted and what was offered, for the account whose mail it was, whatever became of that."""
    quick(served)
    pair = self_signed([Domain("mx.b.example")], [], tmp_path, clock)
    async with listening(Server(tls=server_context(*pair), offers=(*FRIENDLY, "REQUIRETLS"))) as server:
        await put(served, "bob@b.example")
        await put(served, "bob@b.example", account=ann)
        await deliver(served, server.port)
    assert len(server.mails) == 2
    [found] = ways(served, ann, "other@b.example")
    assert (found.way, found.requiretls, found.at) == ("encrypted", False, clock.timestamp())
    known = served.store.read(lambda db: seen.of(db, ann, [Domain("b.example")]))
    assert known[Domain("b.example")].requiretls
    assert ways(served, people.get_account(served, "bob").id, "bob@b.example")[0].way == "unknown"

    clock.advance(60)
    async with listening(Server({"RCPT": "550 5.1.1 No such user"})) as server:
        await put(served, "bob@b.example", account=ann)
        await deliver(served, server.port)
    assert ways(served, ann, "bob@b.example")[0].way == "clear"


async def test_a_smarthost_says_nothing_of_the_domain(served: World, ann: int) -> None:
    """What is known is of the connection to the relay."""
    async with listening(Server()) as server:
        quick(served, transports=(Transport("relay", "relay.example", server.port, "none"),))
        await put(served, "bob@b.example", account=ann, transport="relay")
        await deliver(served)
    assert len(server.mails) == 1
    assert ways(served, ann, "bob@b.example")[0].way == "unknown"


async def test_mail_goes_though_nothing_can_be_remembered(served: World, ann: int, recorded: Recorded) -> None:
    """A hint for a page is worth no delay."""
    served.store = FullAtFirst(served.store, [NoRoom("the disk is full")])    # type: ignore[assignment]  # it acts like one
    await saw(served, ann, Seen(Domain("b.example"), True, "", False, 1_000.0))

    assert lone(facts(recorded, Event.STORE_TROUBLE))["where"] == "mta.flow.travelling"
    assert ways(served, ann, "bob@b.example")[0].way == "unknown"
