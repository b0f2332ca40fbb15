"""Messages that demand different things of one next hop, from the queue to the server: mta.flow.destination and dialing together."""
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from mta.base.clock import SystemClock
from mta.base.events import Event, Recorded
from mta.base.names import Domain
from mta.config.model import Tls, Transport
from mta.dns.zone import Zone
from mta.flow.deliver import Delivery
from mta.flow.destination import CLAIM
from mta.flow.policies import Found
from mta.flow.world import World
from mta.net.tls import ServerContext, self_signed, server_context
from mta.store import queue, seen
from mta.store.connection import value
from mta.store.queue import QueuedRecipient
from tests.flow.outbox import delivering, facts, history, put, quick, settled, until, waiting
from tests.flow.protected import ENFORCED, FOUND, LEAF, OTHER, OWN, Says, believing, context, promises, server
from tests.peers import CLOSE, Server, listening


@pytest.fixture
def zone() -> Zone:
    """b.test and its mail host, on this machine."""
    return Zone("b.test MX 10 mx.b.test\nmx.b.test A 127.0.0.1")


@pytest.fixture(autouse=True)
def trusting(served: World, tmp_path: Path) -> None:
    """The authority of these tests is believed."""
    believing(served, tmp_path)


@pytest.fixture
def good(tmp_path: Path) -> ServerContext:
    """A certificate by an authority."""
    return context(LEAF, tmp_path / "good")


@pytest.fixture
def own(tmp_path: Path) -> ServerContext:
    """A certificate by nobody."""
    return context(OWN, tmp_path / "own")


@asynccontextmanager
async def working(world: World, peer: Server, found: Found = FOUND["none"]) -> AsyncIterator[Delivery]:
    """A delivery to peer that knows that policy."""
    async with delivering(world, peer.port) as delivery:
        delivery.dialing.policies = Says(found)
        yield delivery


async def deliver(world: World, peer: Server, found: Found = FOUND["none"]) -> None:
    """Work off what is due now."""
    async with working(world, peer, found) as delivery:
        await settled(delivery, world)


def outcomes(world: World) -> dict[str, str]:
    """What became of each recipient: an enhanced code for what waits or failed."""
    done = {row.recipient: row.outcome if row.outcome == "delivered" else row.enhanced for row in history(world)}
    left = {one.recipient: f"waits {one.last_enhanced}" for one in left_over(world)}
    return {recipient.localpart: outcome for recipient, outcome in (done | left).items() if recipient.domain == Domain("b.test")}


def left_over(world: World) -> list[QueuedRecipient]:
    """All that waits."""
    return [one for _, one in world.store.read(lambda db: queue.listing(db, world.clock, limit=1_000))]


async def queue_all(world: World, **demands: dict[str, Any]) -> None:
    """A message for each name, with what it asks for."""
    for name, options in demands.items():
        await put(world, f"{name}@b.test", **options)


EVERY: dict[str, dict[str, Any]] = {
    "usual": {}, "secret": {"tls_required": "yes"}, "open": {"tls_required": "no"},
    "report": {"kind": "dmarc_report", "sender": "ann@example.org"},
    "tls": {"kind": "tls_report", "sender": "ann@example.org"}}


async def test_a_plain_server(served: World) -> None:
    """Everything goes but what may not go in the clear; REQUIRETLS bounces, since nobody vouches for the host."""
    await queue_all(served, **EVERY)
    async with listening(server()) as peer:
        await deliver(served, peer)
    assert outcomes(served) == {"usual": "delivered", "open": "delivered", "tls": "delivered", "report": "waits 4.7.5", "secret": "5.7.30"}
    assert len(peer.mails) == 3


async def test_a_server_that_has_everything(served: World, zone: Zone, good: ServerContext) -> None:
    """One connection serves all, in whatever order they come, and only who asked for REQUIRETLS gets it."""
    await queue_all(served, **EVERY)
    async with listening(server(good, "REQUIRETLS")) as peer:
        promises(zone, peer.port, LEAF)
        await deliver(served, peer, ENFORCED)
    assert set(outcomes(served).values()) == {"delivered"}
    assert peer.connections == 1
    assert [("REQUIRETLS" in mail.mail, "secret" in mail.recipients[0]) for mail in peer.mails].count((True, True)) == 1
    assert sum("REQUIRETLS" in mail.mail for mail in peer.mails) == 1


async def test_a_server_that_breaks_its_promise(served: World, zone: Zone, own: ServerContext) -> None:
    """Only what does not mind goes out, and the rest waits: none bounces."""
    await queue_all(served, **EVERY)
    async with listening(server(own, "REQUIRETLS")) as peer:
        promises(zone, peer.port, OTHER)
        await deliver(served, peer)
    assert outcomes(served) == {
        "usual": "waits 4.7.5", "secret": "waits 4.7.5", "open": "delivered", "report": "waits 4.7.5", "tls": "delivered"}
    assert sorted(mail.recipients[0] for mail in peer.mails) == ["RCPT TO:<open@b.test>", "RCPT TO:<tls@b.test>"]


@pytest.mark.parametrize("first", ["secret", "open", "usual"])
async def test_one_kind_never_decides_for_another(served: World, zone: Zone, own: ServerContext, first: str) -> None:
    """Whichever is tried first, many of each: what fails for one demand is neither held against the others nor a way around for them."""
    names = [first, *(name for name in EVERY if name != first)]
    for number in range(CLAIM // 2):
        await queue_all(served, **{f"{name}{number}": EVERY[name] for name in names})
    async with listening(server(own)) as peer:
        promises(zone, peer.port, OTHER)
        await deliver(served, peer, ENFORCED)
    found = outcomes(served)
    for name in EVERY:
        wanted = "delivered" if name in ("open", "tls") else "waits 4.7.5"
        assert {found[f"{name}{number}"] for number in range(CLAIM // 2)} == {wanted}


async def test_requiretls_without_the_promise(served: World, zone: Zone, good: ServerContext, recorded: Recorded) -> None:
    """5.7.30 for that message, told to its sender; the usual one goes over the same host."""
    await queue_all(served, secret={"tls_required": "yes"}, usual={})
    async with listening(server(good)) as peer:
        promises(zone, peer.port, LEAF)
        await deliver(served, peer)
    assert outcomes(served) == {"secret": "5.7.30", "usual": "delivered"}
    assert len(facts(recorded, Event.REQUIRETLS_REFUSED)) == 1
    assert served.store.read(lambda db: value(db, "SELECT count(*) FROM message")) == 1     # ann has the notice


async def test_a_notice_goes_anyway(served: World, zone: Zone, own: ServerContext, good: ServerContext) -> None:
    """RFC 8689 §5: the null return path; with REQUIRETLS where that is offered by who it should be, and without elsewhere."""
    for tls, offers, asked in ((None, (), False), (own, ("REQUIRETLS",), False), (good, ("REQUIRETLS",), True)):
        await put(served, "bob@b.test", sender=None, kind="bounce", tls_required="yes")
        async with listening(server(tls, *offers)) as peer:
            await deliver(served, peer, ENFORCED if tls is good else FOUND["none"])
        assert [("REQUIRETLS" in mail.mail) for mail in peer.mails] == [asked]
        assert waiting(served) == []


async def test_forged_records_delay_and_do_not_bounce(served: World, zone: Zone, good: ServerContext) -> None:
    """Not in the clear, not to an unproven server, not a bounce; but what does not mind goes."""
    await queue_all(served, **EVERY)
    async with listening(server(good, "REQUIRETLS")) as peer:
        promises(zone, peer.port)
        zone.add(f"_{peer.port}._tcp.mx.b.test BOGUS")
        await deliver(served, peer)
    assert outcomes(served) == {
        "usual": "waits 4.7.5", "secret": "waits 4.7.5", "report": "waits 4.7.5", "open": "delivered", "tls": "delivered"}


async def test_a_policy_in_doubt_delays_and_does_not_bounce(served: World, good: ServerContext) -> None:
    """As above."""
    await queue_all(served, **EVERY)
    async with listening(server(good)) as peer:
        await deliver(served, peer, FOUND["trouble"])
    assert outcomes(served) == {
        "usual": "waits 4.7.5", "secret": "waits 4.7.5", "report": "waits 4.7.5", "open": "delivered", "tls": "delivered"}


async def test_a_connection_that_fell_back_is_not_used_for_stricter_mail(served: World, own: ServerContext) -> None:
    """Usual mail goes in the clear after broken TLS; a report of ours that comes next must not follow it."""
    for name, options in (("usual1", {}), ("report", EVERY["report"]), ("usual2", {})):
        await put(served, f"{name}@b.test", **options)
    async with listening(server(own, STARTTLS=CLOSE)) as peer:
        await deliver(served, peer)
    assert outcomes(served) == {"usual1": "delivered", "usual2": "delivered", "report": "waits 4.7.5"}


async def test_a_host_that_fails_a_shared_connection(served: World, zone: Zone, good: ServerContext, tmp_path: Path) -> None:
    """Usual mail on a connection that was opened for REQUIRETLS goes on by its own rules when that host fails."""
    zone.add("b.test MX 20 two.b.test\ntwo.b.test A 127.0.0.2")
    await put(served, "secret@b.test", tls_required="yes")
    await put(served, "usual@b.test")
    failing: dict[str, str] = {"RCPT TO:<usual": "421 4.3.0 Ouch"}
    async with listening(Server(failing, offers=("REQUIRETLS",), tls=good), "127.0.0.1") as one, listening(
            server(), "127.0.0.2", one.port) as two:
        promises(zone, one.port, LEAF)
        # The second host has no TLSA records and no TLS: good enough for usual mail, and for that alone.
        async with working(served, one) as delivery:
            await settled(delivery, served)
    assert outcomes(served) == {"secret": "delivered", "usual": "delivered"}
    assert [mail.recipients for mail in two.mails] == [["RCPT TO:<usual@b.test>"]]


async def test_what_an_account_is_told_of_a_domain(served: World, zone: Zone, good: ServerContext) -> None:
    """For the page on which people write: as the connection really was."""
    account = served.store.read(lambda db: value(db, "SELECT id FROM account WHERE name = 'ann'"))
    await put(served, "bob@b.test")
    served.store.write_now(lambda db: db.execute("UPDATE queue_message SET account_id = ?", (account,)))
    async with listening(server(good, "REQUIRETLS")) as peer:
        promises(zone, peer.port, LEAF)
        await deliver(served, peer)
    found = served.store.read(lambda db: seen.of(db, account, [Domain("b.test")]))[Domain("b.test")]
    assert (found.starttls, found.verified, found.requiretls) == (True, "dane", True)


async def test_evidence_is_written_when_a_delivery_ends(served: World, good: ServerContext) -> None:
    """Once for a connection, however many messages it carried."""
    for number in range(5):
        await put(served, f"bob{number}@b.test")
    async with listening(server(good)) as peer:
        await deliver(served, peer, ENFORCED)
    assert served.store.read(lambda db: [*db.execute("SELECT kind, successes, failures FROM tls_result")]) == [("sts", peer.connections, 0)]


@pytest.mark.parametrize(("given", "optional"), [({}, 0), ({"sender": None}, 1), ({"kind": "dmarc_report"}, 1)],
                         ids=["mail", "notice", "report"])
@pytest.mark.parametrize("found", [ENFORCED, FOUND["other"]], ids=["delivered", "not even tried"])
async def test_what_is_a_reason_for_a_report(
        served: World, good: ServerContext, found: Found, given: dict[str, Any], optional: int) -> None:
    """Not a report, and not what has no sender: it may be a notice about a report."""
    await put(served, "bob@b.test", **given)
    async with listening(server(good)) as peer:
        await deliver(served, peer, found)
    assert served.store.read(lambda db: [*db.execute("SELECT successes + failures, optional FROM tls_result")]) == [(1, optional)]


@pytest.mark.parametrize(("tls", "mode", "offers", "wanted"), [
    (True, "starttls", ("REQUIRETLS",), "delivered"), (True, "starttls", (), "5.7.30"), (True, "opportunistic", ("REQUIRETLS",), "5.7.30"),
    (False, "none", ("REQUIRETLS",), "5.7.30")], ids=["verified", "not offered", "not verified", "in the clear"])
async def test_a_smarthost_and_requiretls(
        served: World, tmp_path: Path, tls: bool, mode: Any, offers: tuple[str, ...], wanted: str) -> None:
    """Only over a transport that is verified and offers it; else 5.7.30 at once, and usual mail goes as the transport says."""
    # Who relays our mail is judged by OpenSSL, and so by the time of this machine.
    pair = self_signed([Domain("mx.b.test")], [], tmp_path / "relay", SystemClock())
    async with listening(server(server_context(*pair) if tls else None, *offers)) as peer:
        quick(served, transports=(Transport("out", "mx.b.test", peer.port, mode),), tls=Tls(ca_file=pair[0]))
        await queue_all(served, secret={"tls_required": "yes", "transport": "out"}, usual={"transport": "out"})
        await deliver(served, peer)
    assert outcomes(served) == {"secret": wanted, "usual": "delivered"}
    assert ["REQUIRETLS" in mail.mail for mail in peer.mails if "secret" in mail.recipients[0]] == [True] * (wanted == "delivered")


async def test_nothing_is_lost_when_lanes_end(served: World, zone: Zone, own: ServerContext) -> None:
    """A delivery that is stopped in the midst of giving up gives everything back."""
    for number in range(30):
        await queue_all(served, **{f"{name}{number}": options for name, options in EVERY.items()})
    async with listening(server(own)) as peer:
        promises(zone, peer.port, OTHER)
        async with working(served, peer) as delivery:
            delivery.wake()
            await until(lambda: peer.connections >= 2)
    there = {one.recipient.localpart for one in left_over(served)} | {row.recipient.localpart for row in history(served)}
    assert len(there) == 150
    assert all(one.claimed_by is None for one in left_over(served))
    assert all(row.outcome == "delivered" for row in history(served))
