"""web.listening: accepting, TLS, limits, the end."""
import asyncio
import socket
import ssl
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from mta.base.events import Journal
from mta.base.limits import LIMITS
from tests.web.wires import certificate, dialled, fronted
from web.asgi import Answer, Receive, Scope, Send, reply

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    """Says how it was reached."""
    await reply(scope, send, Answer(200, [], scope["scheme"].encode()), 1.0)


async def test_plain_and_tls(journal: Journal, tmp_path: Path) -> None:
    """The application knows whether it was reached under TLS."""
    server, client = certificate(tmp_path)
    async with fronted(hello, journal) as (_, port), dialled(port) as wire:
        await wire.say(GET)
        assert (await wire.answer())[2] == b"http"
    async with fronted(hello, journal, context=server) as (_, port), dialled(port, client) as wire:
        await wire.say(GET)
        assert (await wire.answer())[2] == b"https"


async def test_a_client_that_sees_another_certificate(journal: Journal, tmp_path: Path) -> None:
    """Who is chosen for it before the handshake; everybody else sees the usual one, and what they sent is still there."""
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    usual, client = certificate(tmp_path / "one")
    other, chosen = certificate(tmp_path / "two")
    answers = [other, None]

    async def special(conn: socket.socket) -> ssl.SSLContext | None:
        return answers.pop(0)

    async with fronted(hello, journal, context=usual, special=special) as (_, port):
        for trusting in (chosen, client):
            async with dialled(port, trusting) as wire:
                await wire.say(GET)
                assert (await wire.answer())[2] == b"https"


async def test_a_handshake_that_does_not_come(journal: Journal, tmp_path: Path) -> None:
    """Silence and nonsense at the TLS port are cut in time, and give their place back."""
    server, client = certificate(tmp_path)
    limits = replace(LIMITS, http_header_wait=0.2)
    async with fronted(hello, journal, limits, server) as (front, port):
        async with dialled(port) as silent, dialled(port) as confused:
            await confused.say(GET)
            assert await silent.rest() == b""
            await confused.rest()
        async with dialled(port, client) as wire:
            await wire.say(GET)
            assert (await wire.answer())[0] == 200
            assert front.inside == 1


async def test_too_many_from_one_network(journal: Journal) -> None:
    """A network with its share of connections is closed the door on."""
    limits = replace(LIMITS, http_connections_per_ip=2)
    async with fronted(hello, journal, limits) as (_, port), dialled(port) as one, dialled(port) as two:
        async with dialled(port) as three:
            assert await three.rest() == b""
        for wire in (one, two):
            await wire.say(GET)
            assert (await wire.answer())[0] == 200


async def test_a_full_house_drops_the_silent(journal: Journal, tmp_path: Path) -> None:
    """Silent clients, in the handshake and after it, make room for one who asks."""
    server, client = certificate(tmp_path)
    limits = replace(LIMITS, http_connections=2)
    async with fronted(hello, journal, limits, server) as (front, port), dialled(port) as raw, dialled(port, client) as quiet:
        assert front.inside == 2
        async with dialled(port, client) as one, dialled(port, client) as two:
            assert await raw.rest() == b""
            assert await quiet.rest() == b""
            for wire in (one, two):
                await wire.say(GET)
                assert (await wire.answer())[0] == 200


async def test_the_end_lets_answers_out(journal: Journal) -> None:
    """Closing waits for an answer that is on its way, and for nothing else."""
    asked, go = asyncio.Event(), asyncio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        asked.set()
        await go.wait()
        await reply(scope, send, Answer(200, [], b"late"), 1.0)

    async with fronted(slow, journal) as (front, port), dialled(port) as idle, dialled(port) as wire:
        await wire.say(GET)
        await asked.wait()
        closing = asyncio.create_task(front.close(5.0))
        assert await idle.rest() == b""
        go.set()
        assert (await wire.answer())[2] == b"late"
        await closing
        assert front.inside == 0


async def test_an_end_that_takes_too_long(journal: Journal) -> None:
    """What does not end in time is ended."""
    asked = asyncio.Event()

    async def never(scope: Scope, receive: Receive, send: Send) -> None:
        asked.set()
        await asyncio.Event().wait()

    async with fronted(never, journal) as (front, port), dialled(port) as wire:
        await wire.say(GET)
        await asked.wait()
        await front.close(0.05)
        assert await wire.rest() == b""


async def test_tls_that_is_left_without_goodbye(journal: Journal, tmp_path: Path) -> None:
    """A client that vanishes in the middle of a handshake leaves nothing behind."""
    server, client = certificate(tmp_path)
    async with fronted(hello, journal, context=server) as (front, port):
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        half = client.wrap_bio(incoming, outgoing, server_hostname="localhost")
        with suppress(ssl.SSLWantReadError):
            half.do_handshake()
        async with dialled(port) as wire:
            await wire.say(outgoing.read()[:40])
        async with asyncio.timeout(5):
            await front.emptied()
