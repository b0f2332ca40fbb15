"""web.connection: every wait of one HTTP connection has its bound."""
import asyncio
from dataclasses import replace

import pytest

from mta.base.events import Journal
from mta.base.limits import LIMITS
from tests.web.wires import dialled, fronted
from web.asgi import Answer, Receive, Scope, Send, reply

#: Short waits: the tests end on what the server does, not on a sleep of their own.
QUICK = replace(LIMITS, http_header_wait=0.2, http_idle=1.0, http_close_wait=0.3, http_body_wait=0.3)
GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    """Says hello at once, whatever comes."""
    await reply(scope, send, Answer(200, [], b"hello"), 1.0)


async def flood(scope: Scope, receive: Receive, send: Send) -> None:
    """Sends more than any buffer holds."""
    await reply(scope, send, Answer(200, [], bytes(50_000_000)), 0.3)


async def test_silence_is_cut(journal: Journal) -> None:
    """A client that says nothing is gone after the header time."""
    async with fronted(hello, journal, QUICK) as (front, port), dialled(port) as wire:
        assert await wire.rest() == b""
        assert front.inside == 0


async def test_a_trickling_head_is_cut(journal: Journal) -> None:
    """Octets that keep coming do not extend the time for a request's head."""
    async with fronted(hello, journal, QUICK) as (_, port), dialled(port) as wire:
        await wire.say(b"GET / HTTP/1.1\r\nHost: a\r\nX: ")

        async def trickle() -> None:
            while True:
                await wire.say(b"x")
                await asyncio.sleep(0.02)

        trickling = asyncio.create_task(trickle())
        assert await wire.rest() == b""
        trickling.cancel()
        await asyncio.gather(trickling, return_exceptions=True)


async def test_a_second_head_is_bounded_too(journal: Journal) -> None:
    """On a kept connection the next head has the same time from its first octet on."""
    async with fronted(hello, journal, QUICK) as (_, port), dialled(port) as wire:
        for _ in range(3):
            await wire.say(GET)
            assert (await wire.answer())[2] == b"hello"
        await wire.say(b"GET /")
        assert await wire.rest() == b""


async def test_a_kept_connection_is_closed_when_idle(journal: Journal) -> None:
    """Between requests a client may be silent for http_idle seconds, no longer."""
    async with fronted(hello, journal, QUICK) as (_, port), dialled(port) as wire:
        await wire.say(GET)
        await wire.answer()
        assert await wire.rest() == b""


async def test_pipelined_requests_are_answered_in_order(journal: Journal) -> None:
    """Requests that come in one packet each get their answer."""
    async with fronted(hello, journal, QUICK) as (_, port), dialled(port) as wire:
        await wire.say(GET * 5)
        for _ in range(5):
            assert (await wire.answer())[0] == 200


@pytest.mark.parametrize("end", [b"", b"\r\n\r\n"])
async def test_a_head_that_is_too_long(journal: Journal, end: bytes) -> None:
    """More header octets than we take end with 400 and the end of the connection, complete or not; with the usual headers."""
    async with fronted(hello, journal, QUICK) as (_, port), dialled(port) as wire:
        await wire.say(b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: " + b"x" * 2 * QUICK.http_header_octets + end)
        answer = await wire.rest()
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert b"content-security-policy: default-src 'none';" in answer
        assert b"x-content-type-options: nosniff" in answer


@pytest.mark.parametrize("rubbish", [b"\x16\x03\x01\x02\x00\x01\x00", b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", b"EHLO there\r\n\r\n"])
async def test_rubbish(journal: Journal, rubbish: bytes) -> None:
    """What is no HTTP (a TLS greeting, say) gets an error or silence, and the connection ends."""
    async with fronted(hello, journal, QUICK) as (_, port), dialled(port) as wire:
        await wire.say(rubbish)
        assert not (await wire.rest()).startswith(b"HTTP/1.1 2")


async def test_a_body_nobody_waits_for(journal: Journal) -> None:
    """An answer given before the body came does not let the body trickle for ever."""
    async with fronted(hello, journal, QUICK) as (_, port), dialled(port) as wire:
        await wire.say(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")
        assert (await wire.answer())[0] == 200

        async def trickle() -> None:
            while True:
                await wire.say(b"x")
                await asyncio.sleep(0.02)

        trickling = asyncio.create_task(trickle())
        assert await wire.rest() == b""
        trickling.cancel()
        await asyncio.gather(trickling, return_exceptions=True)


async def test_a_client_that_does_not_read(journal: Journal) -> None:
    """An answer that is not taken ends with the connection, and frees its memory."""
    async with fronted(flood, journal, QUICK) as (front, port), dialled(port) as wire:
        await wire.say(GET)
        async with asyncio.timeout(10):
            await front.emptied()
