"""Answers of strangers' web servers, and URLs that strangers wrote.

Invariant: whatever the octets and however they are cut, the exchange ends with one answer
of bounded size, or with one of the errors that it announces; how the network cuts the
octets makes no difference.
"""
import asyncio
from typing import cast

import h11
from hypothesis import example, given
from hypothesis import strategies as some

from mta.net.connect import Connection
from mta.net.https import BadUrl, Exchange, Place, Response, TooLarge
from tests.fuzz.effort import tries

TIME = tries(200)
MOST, HEAD = 200, 1_000
PIECES = some.sampled_from([
    b"HTTP/1.1 200 OK\r\n", b"HTTP/1.0 200\r\n", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 304 x\r\n", b"Content-Length: 5\r\n", b"Content-Length: ",
    b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: gzip, chunked\r\n", b"Content-Encoding: gzip\r\n", b"Connection: keep-alive\r\n",
    b"Upgrade: x\r\n", b"HTTP/1.1 101 Switching\r\n", b"\r\n", b"\n", b"abcde", b"5\r\nabcde\r\n", b"0\r\n\r\n", b"ffffffffffffffffffff\r\n", b"9" * 5_000, b" ",
    b": ", b"x" * 300, b"\0", b"\xff",
])
ANSWER = some.lists(some.one_of(PIECES, some.binary(max_size=4)), max_size=12).map(b"".join)


class Spoken:
    """A connection over which an answer comes in pieces of some size, and then ends."""

    def __init__(self, answer: bytes, size: int) -> None:
        self._pieces = [answer[at:at + size] for at in range(0, len(answer), size)]
        self.sent = b""

    async def read(self) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""

    def write(self, data: bytes) -> None:
        self.sent += data

    async def drain(self) -> None:
        pass


def outcome(answer: bytes, size: int, wanted: bool) -> Response | str:
    """The response, or the name of the error."""
    exchange = Exchange(cast(Connection, Spoken(answer, size)), MOST, HEAD, wanted=wanted)
    request = h11.Request(method="GET", target="/", headers=[("Host", "a.example"), ("Connection", "close")])
    try:
        return asyncio.run(exchange.run(request, b""))
    except (TooLarge, h11.RemoteProtocolError) as problem:
        return type(problem).__name__


@TIME
@given(ANSWER, some.integers(1, 50), some.booleans())
@example(b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5_000 + b"\r\n\r\n", 10_000, True)
@example(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde", 1, True)
def test_any_answer(answer: bytes, size: int, wanted: bool) -> None:
    """The invariant."""
    found = outcome(answer, size, wanted)
    if isinstance(found, Response):
        assert len(found.body) <= MOST
        assert 200 <= found.status <= 999
        assert found == outcome(answer, len(answer) + 1, wanted)


@TIME
@given(some.lists(some.one_of(some.sampled_from(["https://", "a.example", "/", "?", "#", "@", ":", "443", "[", "]", "::1", "%0d", "\\", "é", "192.0.2.1", "."]),
                              some.text(max_size=3)), max_size=10).map("".join))
@example("https://a.example/x?y#z")
def test_any_url(url: str) -> None:
    """A place is a name, a port and a path that can be asked for, or there is none."""
    try:
        place = Place.parse(url)
    except BadUrl:
        return
    assert place.path.startswith("/")
    assert place.path.isascii()
    assert place.path.isprintable()
    assert " " not in place.path
    assert place.port is None or 0 < place.port < 65_536
    h11.Request(method="GET", target=place.path, headers=[("Host", place.host.ascii)])
