"""Connections to other servers, over real sockets on loopback, on both loops."""
import asyncio
import dataclasses
import ssl
from collections.abc import Iterator
from contextlib import asynccontextmanager
from ipaddress import ip_address as ip
from pathlib import Path
from typing import Any, NoReturn

import pytest
import uvloop

from mta.base.clock import SystemClock
from mta.base.limits import LIMITS
from mta.base.names import Address, Domain
from mta.net.connect import READ_ROOM, Connection, connect, is_ours, usual_source
from mta.net.tls import client_context, self_signed, server_context, tls_server_end_point
from mta.smtp.client import Client
from mta.smtp.letter import Letter
from mta.smtp.wire import Wire
from tests.peers import Server, listening

HOME = ip("127.0.0.1")


@pytest.fixture(params=["asyncio", "uvloop"])
def loop(request: pytest.FixtureRequest) -> Iterator[asyncio.Runner]:
    """Each of the loops that roles run on."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop if request.param == "uvloop" else None) as runner:
        yield runner
        runner.run(asyncio.sleep(0.01))     # transports that were closed end within the next turns of the loop


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A self-signed certificate for peer.test and 127.0.0.1, and its key."""
    return self_signed([Domain("peer.test")], [HOME], tmp_path_factory.mktemp("tls"), SystemClock())


@pytest.fixture
def trusting(pair: tuple[Path, Path]) -> ssl.SSLContext:
    """A client's context that knows that certificate."""
    context = client_context(verify=True)
    context.load_verify_locations(pair[0])
    return context


@asynccontextmanager
async def echo(answer: bytes = b"", count: int = 1, silent: bool = False) -> Any:
    """A server that sends answer, then everything back in capitals; yields its port."""
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            for _ in range(count):
                writer.write(answer)
            while not silent and (octets := await reader.read(65_536)):
                writer.write(octets.upper())
                await writer.drain()
            if silent:
                await asyncio.sleep(3_600)
        finally:
            writer.transport.abort()

    talks: list[asyncio.Task[None]] = []
    server = await asyncio.start_server(lambda reader, writer: talks.append(asyncio.ensure_future(serve(reader, writer))), "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for talk in talks:
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)


def test_a_connection_is_a_wire() -> None:
    """What the SMTP client needs is there."""
    wire: Wire = Connection()
    assert wire.pending == 0


def test_octets_go_both_ways(loop: asyncio.Runner) -> None:
    """Written, drained, read; and the end is an empty read."""
    async def talk() -> None:
        async with echo(b"hello ") as port:
            wire = await connect(HOME, port, wait=5)
            wire.write(b"world")
            await wire.drain()
            said = b""
            while len(said) < 11:
                said += await wire.read()
            assert said == b"hello WORLD"
            assert wire.bindings() == {}
            wire.close()
            wire.close()
            wire.write(b"lost")
            with pytest.raises(OSError, match="lost"):
                await wire.drain()
    loop.run(talk())


def test_a_peer_that_floods_is_held_up(loop: asyncio.Runner) -> None:
    """What nobody reads stays bounded, and all of it arrives once it is read."""
    async def talk() -> None:
        async with echo(b"x" * 65_536, count=64) as port:
            wire = await connect(HOME, port, wait=5)
            for _ in range(50):
                await asyncio.sleep(0.001)
            assert 0 < wire.pending <= READ_ROOM + 256 * 1024
            total = 0
            while total < 64 * 65_536:
                total += len(await wire.read())
            wire.close()
    loop.run(talk())


async def pour(wire: Wire) -> NoReturn:
    """Write without end."""
    while True:
        wire.write(b"x" * 1_000_000)
        await wire.drain()


def test_a_peer_that_does_not_read_holds_us_up(loop: asyncio.Runner) -> None:
    """Draining waits, and the one who waits sets the bound."""
    async def talk() -> None:
        async with echo(silent=True) as port:
            wire = await connect(HOME, port, wait=5)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(pour(wire), 0.2)
            wire.close()
    loop.run(talk())


def test_nobody_there(loop: asyncio.Runner) -> None:
    """A refused connection and an unreachable source are OSErrors."""
    async def talk() -> None:
        async with echo() as port:
            pass
        with pytest.raises(OSError):    # noqa: PT011  the system's words differ
            await connect(HOME, port, wait=5)
        async with echo() as port:
            with pytest.raises(OSError):    # noqa: PT011  the system's words differ
                await connect(HOME, port, ip("192.0.2.1"), wait=5)
    loop.run(talk())


def test_the_source_address(loop: asyncio.Runner) -> None:
    """A peer sees the address we were told to send from."""
    async def talk() -> None:
        seen: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            seen.set_result(writer.get_extra_info("peername")[0])
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        wire = await connect(HOME, server.sockets[0].getsockname()[1], ip("127.0.0.9"), wait=5)
        assert await seen == "127.0.0.9"
        wire.close()
        server.close()
    loop.run(talk())


def test_smtp_over_tls(loop: asyncio.Runner, pair: tuple[Path, Path], trusting: ssl.SSLContext) -> None:
    """STARTTLS with a verified certificate, a second EHLO, a large message, channel bindings."""
    content = b"Subject: x\r\n\r\n" + (b"y" * 98 + b"\r\n") * 20_000

    async def talk() -> None:
        async with listening(Server(tls=server_context(*pair))) as server:
            wire = await connect(HOME, server.port)
            client = Client(wire, "peer.test", Domain("us.test"))
            assert await client.greet() is None
            offered = [client.offers.start_tls]
            assert await client.start_tls(trusting, "peer.test") is None
            offered.append(client.offers.start_tls)
            assert client.secured is not None
            assert client.secured.verified
            assert client.secured.version == "TLSv1.3"
            assert offered == [True, False]
            end_point = tls_server_end_point(ssl.PEM_cert_to_DER_cert(pair[0].read_text()))
            assert wire.bindings() == {"tls-server-end-point": end_point}
            outcome, = await client.send(Letter(
                Address.parse("a@b.test"), [Address.parse("c@d.test")], len(content), lambda: iter([content])))
            assert not hasattr(outcome, "reach"), outcome
            await client.quit()
            assert server.mails[0].content == content
    loop.run(talk())


@pytest.mark.parametrize("answer", ["454 4.7.0 Not now", "500 5.5.1 What?", "502 Never"])
def test_starttls_declined(loop: asyncio.Runner, pair: tuple[Path, Path], answer: str) -> None:
    """Then the conversation goes on in the clear, if the caller wants it to."""
    async def talk() -> None:
        async with listening(Server({"STARTTLS": answer}, tls=server_context(*pair))) as server:
            client = Client(await connect(HOME, server.port), "peer.test", Domain("us.test"))
            await client.greet()
            failure = await client.start_tls(client_context(verify=False), "peer.test")
            assert failure is not None
            assert failure.during == "STARTTLS"
            assert client.usable
            assert client.secured is None
            await client.quit()
    loop.run(talk())


@pytest.mark.parametrize("name", ["other.test", "peer.test"])
def test_certificates_that_do_not_fit(loop: asyncio.Runner, pair: tuple[Path, Path], name: str, trusting: ssl.SSLContext) -> None:
    """A wrong name or an unknown issuer end the conversation of who insists."""
    context = trusting if name == "other.test" else client_context(verify=True)

    async def talk() -> None:
        async with listening(Server(tls=server_context(*pair))) as server:
            client = Client(await connect(HOME, server.port), "peer.test", Domain("us.test"))
            await client.greet()
            failure = await client.start_tls(context, name)
            assert failure is not None
            assert "certificate not accepted" in failure.text
            assert (failure.during, failure.lasting) == ("STARTTLS", False)
            assert not client.usable
    loop.run(talk())


def test_whoever_takes_any_certificate(loop: asyncio.Runner, pair: tuple[Path, Path]) -> None:
    """Opportunistic TLS encrypts without verifying, and says so."""
    async def talk() -> None:
        async with listening(Server(tls=server_context(*pair))) as server:
            client = Client(await connect(HOME, server.port), "peer.test", Domain("us.test"))
            await client.greet()
            assert await client.start_tls(client_context(verify=False), "whatever.test") is None
            assert client.secured is not None
            assert not client.secured.verified
            await client.quit()
    loop.run(talk())


def test_injection_ahead_of_the_handshake(loop: asyncio.Runner, pair: tuple[Path, Path]) -> None:
    """Replies slipped in behind the 220 end the conversation (RFC 3207 §6)."""
    async def talk() -> None:
        async with listening(Server({"STARTTLS": "220 Go\r\n250-evil.test\r\n250 AUTH PLAIN"})) as server:
            client = Client(await connect(HOME, server.port), "peer.test", Domain("us.test"))
            await client.greet()
            failure = await client.start_tls(client_context(verify=False), "peer.test")
            assert failure is not None
            assert "injected" in failure.text
            assert not client.usable
    loop.run(talk())


def test_a_handshake_that_goes_nowhere(loop: asyncio.Runner) -> None:
    """Rubbish, silence and closing instead of a handshake are failures that may pass."""
    limits = dataclasses.replace(LIMITS, tls_handshake=0.2, reply_wait=0.5)

    async def talk(answer: str) -> None:
        async with listening(Server({"STARTTLS": "220 Go", "\x16\x03": answer})) as server:
            client = Client(await connect(HOME, server.port), "peer.test", Domain("us.test"), limits)
            await client.greet()
            failure = await client.start_tls(client_context(verify=False), "peer.test")
            assert failure is not None
            assert (failure.lasting, failure.during) == (False, "STARTTLS")
            assert not client.usable
    for answer in ("SILENCE", "CLOSE", "500 What?"):
        loop.run(talk(answer))


def test_tls_at_once(loop: asyncio.Runner, pair: tuple[Path, Path], trusting: ssl.SSLContext) -> None:
    """Implicit TLS (RFC 8314 §3): the handshake comes before the banner."""
    async def talk() -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"220 hello\r\n")
            await reader.readline()
            writer.write(b"250 peer.test\r\n")
            await reader.readline()
            writer.write(b"221 bye\r\n")
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=server_context(*pair))
        client = Client(await connect(HOME, server.sockets[0].getsockname()[1]), "peer.test", Domain("us.test"))
        assert await client.encrypt(trusting, "127.0.0.1") is None
        assert await client.greet() is None
        await client.quit()
        server.close()
    loop.run(talk())


def test_addresses_of_this_machine() -> None:
    """Loopback is ours, an address of nobody is not, and a source is an address of ours."""
    assert is_ours(HOME)
    assert not is_ours(ip("192.0.2.1"))
    for version in (4, 6):
        source = usual_source(version)
        assert source is None or is_ours(source)
