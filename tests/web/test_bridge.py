"""web.bridge: threads are nobody's hostage, bodies are bounded."""
import asyncio
import io
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from mta.base.events import Journal
from mta.base.limits import LIMITS
from tests.web.wires import dialled, fronted
from web.asgi import Scope
from web.bridge import Bridge, environ


def echo(facts: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """Answers what it was sent; /file answers a file."""
    if facts["PATH_INFO"] == "/file":
        start("200 OK", [("Content-Length", "300000")])
        flow: Iterable[bytes] = facts["wsgi.file_wrapper"](io.BytesIO(b"f" * 300_000))
        return flow
    start("200 OK", [("X-Cookie", facts.get("HTTP_COOKIE", ""))])
    return [facts["wsgi.input"].read()]


async def stranger(scope: Scope) -> bool:
    """Nobody is known."""
    return False


async def friend(scope: Scope) -> bool:
    """Everybody is known."""
    return True


async def test_an_answer(journal: Journal) -> None:
    """A body goes in and comes out; a file too."""
    async with fronted(Bridge(echo, LIMITS, stranger), journal) as (_, port), dialled(port) as wire:
        await wire.say(b"POST /x HTTP/1.1\r\nHost: a\r\nCookie: a=1\r\nContent-Length: 5\r\n\r\nhello")
        status, headers, body = await wire.answer()
        assert (status, headers["x-cookie"], body) == (200, "a=1", b"hello")
        await wire.say(b"GET /file HTTP/1.1\r\nHost: a\r\n\r\n")
        assert (await wire.answer())[2] == b"f" * 300_000


async def test_slow_senders_hold_no_thread(journal: Journal) -> None:
    """However many clients send their body slowly, a page is answered at once."""
    limits = replace(LIMITS, http_threads=1)
    async with fronted(Bridge(echo, limits, stranger), journal, limits) as (_, port):
        slow = [dialled(port) for _ in range(5)]
        wires = [await one.__aenter__() for one in slow]
        for wire in wires:
            await wire.say(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe")
        async with dialled(port) as quick:
            await quick.say(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            assert (await quick.answer())[0] == 200
        for wire, one in zip(wires, slow, strict=True):
            await wire.say(b"llo")
            assert (await wire.answer())[2] == b"hello"
            await one.__aexit__(None, None, None)


async def test_a_body_that_stops_coming(journal: Journal) -> None:
    """A client that stops in the middle of its body is cut off."""
    limits = replace(LIMITS, http_body_wait=0.1)
    async with fronted(Bridge(echo, limits, stranger), journal, limits) as (_, port), dialled(port) as wire:
        await wire.say(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe")
        assert not (await wire.rest()).startswith(b"HTTP/1.1 200")


async def test_long_bodies(journal: Journal) -> None:
    """A stranger's call is short; a known caller's may be long, within bounds."""
    limits = replace(LIMITS, http_call_stranger=10, http_call=100, http_calls_octets=150)

    async def asked(known: Any, head: bytes, body: bytes) -> int:
        async with fronted(Bridge(echo, limits, known), journal, limits) as (_, port), dialled(port) as wire:
            await wire.say(b"POST / HTTP/1.1\r\nHost: a\r\n" + head + b"\r\n\r\n" + body)
            return (await wire.answer())[0]

    assert await asked(stranger, b"Content-Length: 10", bytes(10)) == 200
    assert await asked(stranger, b"Content-Length: 11", b"") == 413
    assert await asked(stranger, b"Transfer-Encoding: chunked", b"") == 413
    assert await asked(friend, b"Content-Length: 100", bytes(100)) == 200
    assert await asked(friend, b"Content-Length: 101", b"") == 413
    assert await asked(friend, b"Transfer-Encoding: chunked", b"64\r\n" + bytes(100) + b"\r\n0\r\n\r\n") == 200
    assert await asked(friend, b"Transfer-Encoding: chunked", b"65\r\n" + bytes(101) + b"\r\n0\r\n\r\n") == 413


async def test_many_long_bodies(journal: Journal) -> None:
    """All long calls together have a bound; who comes too much gets 503 and may come back."""
    limits = replace(LIMITS, http_call_stranger=10, http_call=100, http_calls_octets=150)
    bridge = Bridge(echo, limits, friend)
    async with fronted(bridge, journal, limits) as (_, port), dialled(port) as first, dialled(port) as second:
        await first.say(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nx")
        async with asyncio.timeout(5):
            while bridge.room == 150:   # noqa: ASYNC110  # the other side of a socket
                await asyncio.sleep(0)
        await second.say(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n")
        assert (await second.answer())[0] == 503
        await first.say(bytes(99))
        assert (await first.answer())[0] == 200
        assert bridge.room == 150


async def test_too_many_at_once(journal: Journal) -> None:
    """Behind a certain number of pages that wait, further ones are told to come back."""
    go, limits = threading.Event(), replace(LIMITS, http_threads=1, http_waiting=1)
    inside = asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow(facts: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        loop.call_soon_threadsafe(inside.set)
        go.wait(10)
        start("200 OK", [])
        return []

    async with fronted(Bridge(slow, limits, stranger), journal, limits) as (_, port), dialled(port) as first, dialled(port) as second:
        await first.say(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        await inside.wait()
        await second.say(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert (await second.answer())[0] == 503
        go.set()
        assert (await first.answer())[0] == 200


def test_wsgi_names() -> None:
    """A request as WSGI calls it: paths as Latin-1, cookies joined by semicolons, other fields by commas."""
    facts = environ({
        "method": "GET", "path": "/ü", "query_string": b"a=b", "http_version": "1.1", "scheme": "https", "server": ("127.0.0.1", 443),
        "client": ("192.0.2.1", 5), "headers": [
            (b"cookie", b"a=1"), (b"cookie", b"b=2"), (b"x-y", b"1"), (b"x-y", b"2"), (b"content-type", b"text/plain"),
            (b"content-length", b"9")],
    }, b"body")
    assert facts["PATH_INFO"] == "/Ã¼"
    assert facts["HTTP_COOKIE"] == "a=1; b=2"
    assert facts["HTTP_X_Y"] == "1, 2"
    assert (facts["CONTENT_TYPE"], facts["CONTENT_LENGTH"]) == ("text/plain", "4")
    assert (facts["REMOTE_ADDR"], facts["wsgi.url_scheme"], facts["QUERY_STRING"]) == ("192.0.2.1", "https", "a=b")
