"""web.asgi: every answer has the usual headers, and leaves in pieces."""
import asyncio
import io
from pathlib import Path

from mta.base.clock import SetClock
from web.asgi import PIECE, Answer, Message, Scope, cut, dressed, header, plain, reply
from web.bridge import file_flow


class Out:
    """Collects what is sent; stops taking after `most` messages."""

    def __init__(self, most: int = 1_000_000) -> None:
        self.messages: list[Message] = []
        self._most = most

    async def __call__(self, message: Message) -> None:
        if len(self.messages) >= self._most:
            await asyncio.Event().wait()
        self.messages.append(message)

    @property
    def headers(self) -> dict[bytes, bytes]:
        """The headers of the answer."""
        return dict(self.messages[0]["headers"])

    @property
    def body(self) -> bytes:
        """The body of the answer."""
        return b"".join(message["body"] for message in self.messages[1:])


def scope() -> tuple[Scope, list[str]]:
    """A request's scope, and the list that says whether its connection was cut."""
    said: list[str] = []
    return {"headers": [(b"cookie", b"a=1"), (b"x", b"1"), (b"x", b"2")], "state": {"cut": lambda: said.append("cut")}}, said


async def test_usual_headers(clock: SetClock) -> None:
    """Policy, nosniff and the rest are on every answer, with a date; an answer may say otherwise."""
    out = Out()
    await reply(scope()[0], dressed(out, clock), plain(200, "hello", ("Content-Security-Policy", "sandbox")), 1.0)
    assert out.headers[b"content-security-policy"] == b"sandbox"
    assert out.headers[b"x-content-type-options"] == b"nosniff"
    assert out.headers[b"cross-origin-opener-policy"] == b"same-origin"
    assert out.headers[b"referrer-policy"] == b"no-referrer"
    assert out.headers[b"cache-control"] == b"no-store"
    assert out.headers[b"date"] == b"Tue, 01 Jan 2030 00:00:00 GMT"
    assert out.headers[b"content-length"] == b"6"
    assert out.body == b"hello\n"


async def test_no_policy_allows_inline(clock: SetClock) -> None:
    """Our pages' policy has nothing unsafe in it."""
    out = Out()
    await reply(scope()[0], dressed(out, clock), plain(200, ""), 1.0)
    policy = out.headers[b"content-security-policy"]
    assert policy.startswith(b"default-src 'none'; script-src 'self'; ")
    assert b"unsafe" not in policy
    assert b"frame-ancestors 'none'" in policy


async def test_pieces() -> None:
    """A large answer leaves in pieces, from memory and from a file, which is closed."""
    body = bytes(range(256)) * (PIECE // 100)
    out = Out()
    await reply(scope()[0], out, Answer(200, [], body), 1.0)
    assert out.body == body
    assert len(out.messages) > 3

    out, file = Out(), io.BytesIO(body)
    await reply(scope()[0], out, Answer(200, [], pieces=file_flow(file).pieces), 1.0)
    assert out.body == body
    assert b"content-length" not in out.headers
    assert file.closed


async def test_a_client_that_does_not_take_it(tmp_path: Path) -> None:
    """It is cut off after a while, and the file is closed."""
    facts, said = scope()
    file = io.BytesIO(bytes(10_000_000))
    await reply(facts, Out(most=2), Answer(200, [], pieces=file_flow(file).pieces), 0.05)
    assert said == ["cut"]
    assert file.closed


async def test_no_body_no_length() -> None:
    """204 and 304 have no length."""
    out = Out()
    await reply(scope()[0], out, Answer(304, []), 1.0)
    assert b"content-length" not in out.headers


def test_request_headers() -> None:
    """A header is found by its name; several are joined; one that is not there is empty."""
    facts, _ = scope()
    assert header(facts, b"cookie") == "a=1"
    assert header(facts, b"x") == "1,2"
    assert header(facts, b"y") == ""
    cut({})
