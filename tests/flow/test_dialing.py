"""From a next hop to a server that talks to us."""
import asyncio
import dataclasses
from base64 import b64encode
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from mta.base.clock import SetClock, SystemClock
from mta.base.errors import Failure, Reach
from mta.base.events import Event, Recorded
from mta.base.measures import Measure
from mta.base.names import Domain
from mta.config.model import Listener, Transport
from mta.dns.zone import Zone
from mta.flow.dialing import Dialing, Hosts
from mta.flow.opening import said
from mta.flow.world import World
from mta.net.tls import client_context, self_signed, server_context
from mta.smtp.client import Client
from tests.flow.outbox import facts, lone, quick
from tests.measured import Measured
from tests.peers import CLOSE, SILENCE, Server, listening

HOME = ip_address("127.0.0.1")


@pytest.fixture
def zone() -> Zone:
    """b.test on this machine, and names of ours."""
    return Zone("b.test MX 10 mx.b.test\nmx.b.test A 127.0.0.1\nrelay.test A 127.0.0.1\n"
                "1.2.0.192.in-addr.arpa PTR mx.example.org\nmx.example.org A 192.0.2.1")


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for mx.b.test and relay.test, and its key."""
    return self_signed([Domain("mx.b.test"), Domain("relay.test")], [HOME], tmp_path_factory.mktemp("tls"), SystemClock())


async def dial(world: World, hop: str = "b.test", port: int = 25, trust: Path | None = None) -> Client | Failure:
    """What dialling a next hop comes to; trust is a certificate that is believed."""
    dialing = Dialing(world, port)
    if trust is not None:
        dialing.opening.context(True).load_verify_locations(trust)
    hosts = await dialing.hosts(hop)
    return await hosts.client() if isinstance(hosts, Hosts) else hosts


async def relayed(world: World, server: Server, tls: str, trust: Path | None = None, **more: Any) -> Client | Failure:
    """The same for a transport to server."""
    transport = dataclasses.replace(Transport("out", "relay.test", server.port, tls), **more)    # type: ignore[arg-type]  # one of the four
    quick(world, transports=(transport,))
    return await dial(world, "transport:out", trust=trust)


# --- TLS -----------------------------------------------------------------------------------


async def test_opportunistic_tls(world: World, recorded: Recorded, pair: tuple[Path, Path]) -> None:
    """Whoever offers STARTTLS is encrypted, whatever the certificate, and it is noted."""
    async with listening(Server(tls=server_context(*pair))) as server:
        client = await dial(world, port=server.port)
        assert isinstance(client, Client)
        assert client.secured is not None
        await client.quit()
    noted = lone(facts(recorded, Event.DELIVERY_TLS))
    assert (noted["host"], noted["version"], noted["verified"]) == ("mx.b.test", "TLSv1.3", False)


@pytest.mark.parametrize("answer", ["454 4.7.0 Not now", "220 Go\r\n250 injected", CLOSE])
async def test_opportunistic_tls_that_fails(world: World, recorded: Recorded, pair: tuple[Path, Path], answer: str) -> None:
    """Where nobody promised encryption, the mail goes on in the clear, and it is noted (RFC 7435 §3)."""
    quick(world)
    async with listening(Server({"STARTTLS": answer}, tls=server_context(*pair))) as server:
        client = await dial(world, port=server.port)
        assert isinstance(client, Client)
        assert client.secured is None
        assert client.usable
        await client.quit()
    noted = lone(facts(recorded, Event.DELIVERY_TLS_FAILED))
    assert noted["declined"] == answer.startswith("454")
    assert server.connections == (1 if answer.startswith("454") else 2)
    assert facts(recorded, Event.HOST_SKIPPED) == []


async def test_a_handshake_that_fails(world: World, recorded: Recorded) -> None:
    """A server with broken TLS gets the mail in the clear over a second connection."""
    quick(world)
    async with listening(Server({"STARTTLS": "220 Go", "\x16": "500 What?"}, offers=("STARTTLS",))) as server:
        client = await dial(world, port=server.port)
        assert isinstance(client, Client)
        await client.quit()
    assert server.connections == 2
    assert "TLS handshake" in lone(facts(recorded, Event.DELIVERY_TLS_FAILED))["problem"]


async def test_a_transport_insists(world: World, pair: tuple[Path, Path]) -> None:
    """starttls and implicit want a certificate for the name; without one nothing is sent, and the mail waits."""
    async with listening(Server(tls=server_context(*pair))) as server:
        client = await relayed(world, server, "starttls", pair[0])
        assert isinstance(client, Client)
        assert client.secured is not None
        assert client.secured.verified
        await client.quit()

        unknown = await relayed(world, server, "starttls")
        assert isinstance(unknown, Failure)
        assert not unknown.lasting
        assert "certificate" in unknown.text
    async with listening(Server()) as server:
        without = await relayed(world, server, "starttls", pair[0])
        assert isinstance(without, Failure)
        assert "does not offer the encryption" in without.text
        assert not without.lasting
    assert server.verbs() == ["EHLO"]


async def test_a_transport_with_tls_at_once(world: World, pair: tuple[Path, Path]) -> None:
    """implicit shakes hands before the banner; a server that expects otherwise is a failure that may pass."""
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 relay\r\n")
        for answer in (b"250 relay\r\n", b"221 bye\r\n"):
            await reader.readline()
            writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=server_context(*pair))
    port = server.sockets[0].getsockname()[1]
    client = await relayed(world, Server(port=port), "implicit", pair[0])
    assert isinstance(client, Client)
    await client.quit()
    server.close()
    async with listening(Server()) as plain:
        failure = await relayed(world, plain, "implicit", pair[0])
    assert isinstance(failure, Failure)
    assert not failure.lasting


# --- signing in ------------------------------------------------------------------------------


async def test_signing_in(world: World, pair: tuple[Path, Path], tmp_path: Path) -> None:
    """With the password of the file, and never in the clear unless the operator wrote tls = none."""
    password = tmp_path / "password"
    password.write_text("sécret\n")
    expected = b64encode("\0ann\0sécret".encode()).decode()
    answers = {"AUTH PLAIN": "535 5.7.8 No", f"AUTH PLAIN {expected}": "235 2.7.0 Welcome"}
    given: dict[str, Any] = {"username": "ann", "password_file": password}
    async with listening(Server(answers, offers=("AUTH PLAIN",), tls=server_context(*pair))) as server:
        client = await relayed(world, server, "starttls", pair[0], **given)
        assert isinstance(client, Client)
        await client.quit()
    async with listening(Server(answers, offers=("AUTH PLAIN",))) as server:
        client = await relayed(world, server, "none", **given)
        assert isinstance(client, Client)
        await client.quit()
        refused = await relayed(world, server, "opportunistic", **given)
        assert isinstance(refused, Failure)
        password.write_text("wrong")
        wrong = await relayed(world, server, "none", **given)
        assert isinstance(wrong, Failure)
        assert (wrong.code, wrong.lasting, wrong.during) == (535, False, "AUTH")
        password.unlink()
        missing = await relayed(world, server, "none", **given)
        assert isinstance(missing, Failure)
        assert "cannot be read" in missing.text


# --- whom, and from where ------------------------------------------------------------------------


async def test_names_of_transports(world: World) -> None:
    """A smarthost without address, and a transport that is gone: the operator can mend both, the mail waits."""
    quick(world, transports=(Transport("out", "nowhere.test"),))
    for hop in ("transport:out", "transport:gone"):
        failure = await dial(world, hop)
        assert isinstance(failure, Failure)
        assert not failure.lasting
        assert failure.enhanced.startswith("4")


@pytest.mark.parametrize("answers", [{"BANNER": "554 5.7.1 Never"}, {"EHLO": "550 No", "HELO": "550 5.7.1 No"}])
async def test_a_smarthost_that_turns_us_away(world: World, answers: dict[str, str]) -> None:
    """For good, it says; but all our mail goes there, and the operator can mend it: the mail waits, with the words kept."""
    async with listening(Server(answers)) as server:
        failure = await relayed(world, server, "none")

    assert isinstance(failure, Failure)
    assert not failure.lasting
    assert (failure.code // 100, failure.enhanced) == (5, "5.7.1")


async def test_the_conclusion_of_all_hosts(world: World, zone: Zone) -> None:
    """Hosts without address and hosts that refuse for good end it; one that is only silent does not."""
    zone.add("dead.test MX 10 a.dead.test")
    zone.add("dead.test MX 20 b.dead.test")
    failure = await dial(world, "dead.test")
    assert isinstance(failure, Failure)
    assert (failure.lasting, failure.enhanced) == (True, "5.4.4")

    quick(world)
    zone.add("b.dead.test A 127.0.0.1")
    for banner, lasting in (("554 5.7.1 Never", True), (SILENCE, False)):
        async with listening(Server({"BANNER": banner})) as server:
            failure = await dial(world, "dead.test", server.port)
        assert isinstance(failure, Failure)
        assert failure.lasting == lasting


async def test_destinations_are_counted(world: World, zone: Zone) -> None:
    """By whether DNSSEC vouches for their hosts, and what policy they have; a domain that is not there has no hosts."""
    zone.add("dead.test MX 10 a.dead.test")
    world.journal.add_meter(heard := Measured())
    await dial(world, "dead.test")
    await dial(world, "nowhere.test")
    assert heard.labels(Measure.DESTINATIONS) == [("unsigned", "none"), ("none", "none")]


async def test_not_more_hosts_than_the_limit(world: World, zone: Zone, recorded: Recorded) -> None:
    """A domain with a hundred addresses costs ten attempts."""
    for number in range(1, 101):
        zone.add(f"many.test A 127.0.1.{number}")
    async with listening(Server()) as server:
        pass
    assert isinstance(await dial(world, "many.test", server.port), Failure)
    assert len(facts(recorded, Event.HOST_SKIPPED)) == 10


async def test_a_refused_address_is_tried_last(world: World, zone: Zone, clock: SetClock) -> None:
    """Of a host's addresses the one that answered comes first the next time, until the refusal is old."""
    zone.add("pair.test A 127.0.0.2")
    zone.add("pair.test A 127.0.0.3")
    async with listening(Server({"BANNER": "421 Busy"}), "127.0.0.2") as bad, listening(Server(), "127.0.0.3", bad.port) as good:
        dialing = Dialing(world, bad.port)
        for _ in range(2):
            hosts = await dialing.hosts("pair.test")
            assert isinstance(hosts, Hosts)
            client = await hosts.client()
            assert isinstance(client, Client)
            await client.quit()
        assert (bad.connections, good.connections) == (1, 2)
        clock.advance(601)
        hosts = await dialing.hosts("pair.test")
        assert isinstance(hosts, Hosts)
        client = await hosts.client()
        assert isinstance(client, Client)
        await client.quit()
        assert bad.connections == 2


async def test_the_source(world: World) -> None:
    """Mail leaves from the address we listen on."""
    quick(world, listeners=(Listener("lab", ("127.0.0.9",), smtp=25),))
    seen: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.set_result(writer.get_extra_info("peername")[0])
        writer.write(b"220 x\r\n")
        await reader.readline()
        writer.write(b"250 x\r\n")
        await reader.readline()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    client = await dial(world, port=server.sockets[0].getsockname()[1])
    assert isinstance(client, Client)
    await client.quit()
    assert await seen == "127.0.0.9"
    server.close()


def test_what_is_ours(world: World) -> None:
    """An address we listen on, at that port; all of them where the listener says all, but not all of 127/8."""
    quick(world, listeners=(Listener("one", ("127.0.0.9",), smtp=2525), Listener("all", ("0.0.0.0",), smtp=25)))
    dialing = Dialing(world)
    wanted = {("127.0.0.9", 2525): True, ("127.0.0.9", 25): False, ("127.0.0.1", 25): True, ("192.0.2.1", 25): False,
              ("127.0.0.1", 2525): False, ("2001:db8::1", 25): False}
    assert {key: dialing.is_own(ip_address(key[0]), key[1]) for key in wanted} == wanted


def test_facts_in_one_line() -> None:
    """Code, enhanced code and text, as far as there are any."""
    failure = Failure(Reach.HOST, False, 0, "", "text", "x")
    assert said(failure) == "text"
    assert said(dataclasses.replace(failure, code=450, enhanced="4.2.0")) == "450 4.2.0 text"


def test_the_contexts_are_shared(world: World) -> None:
    """One that verifies and one that does not."""
    dialing = Dialing(world)
    assert dialing.opening.context(True) is dialing.opening.context(True) is not dialing.opening.context(False)
    assert client_context(verify=False).verify_mode is dialing.opening.context(False).verify_mode
