"""The words that pages and event streams share with the HTTP server: ASGI 3, in types.

Also the one place that every answer passes: `reply` sends an `Answer`, `dressed` adds the
headers that all our pages carry.
"""
import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any

from mta.base.clock import Clock

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

#: Nothing that is not ours, nothing inline, and nobody may frame us (but we our own message frames).
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; "
    "frame-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

#: What every answer carries unless it says something else.
USUAL: Mapping[str, str] = {
    "Content-Security-Policy": PAGE_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}

ENCODED = [(name.lower().encode(), value.encode()) for name, value in USUAL.items()]

#: Octets that are handed to a connection at once.
PIECE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer: body in memory, or pieces that are made, in threads, while they are sent.

    `reply` closes pieces; without a Content-Length among the headers they are sent in chunks.
    """

    status: int
    headers: Iterable[tuple[str, str]]
    body: bytes = b""
    pieces: Iterator[bytes] | None = None


def plain(status: int, text: str, *headers: tuple[str, str]) -> Answer:
    """An answer in plain text."""
    return Answer(status, (("Content-Type", "text/plain; charset=utf-8"), *headers), f"{text}\n".encode())


def dressed(send: Send, clock: Clock) -> Send:
    """The same way out, but every answer gets the usual headers where it does not say otherwise, and a date."""
    async def outgoing(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = [(name.lower(), value) for name, value in message["headers"]]
            names = {name for name, _ in given}
            date = formatdate(clock.timestamp(), usegmt=True).encode()
            message = {**message, "headers": [*given, *(pair for pair in ENCODED if pair[0] not in names), (b"date", date)]}
        await send(message)
    return outgoing


async def reply(scope: Scope, send: Send, answer: Answer, wait: float) -> None:
    """Send answer, piece by piece; a client that does not take a piece within `wait` seconds is cut off."""
    headers = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in answer.headers]
    # What answers HEAD says how long the answer to GET would be, and has no body.
    counted = any(name.lower() == b"content-length" for name, _ in headers)
    if answer.status not in (204, 304) and answer.pieces is None and not counted:
        headers.append((b"content-length", b"%d" % len(answer.body)))
    try:
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        async for piece in _pieces(answer):
            async with asyncio.timeout(wait):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    except TimeoutError:
        cut(scope)
    finally:
        if answer.pieces is not None:
            await asyncio.to_thread(getattr(answer.pieces, "close", _nothing))


async def _pieces(answer: Answer) -> AsyncIterator[bytes]:
    if answer.pieces is None:
        for at in range(0, len(answer.body), PIECE):
            yield answer.body[at:at + PIECE]
        return
    while (piece := await asyncio.to_thread(_next, answer.pieces)) is not None:
        for at in range(0, len(piece), PIECE):
            yield piece[at:at + PIECE]


def _next(pieces: Iterator[bytes]) -> bytes | None:
    return next(pieces, None)


def _nothing() -> None:
    pass


def cut(scope: Scope) -> None:
    """End the connection of a request at once."""
    end = scope.get("state", {}).get("cut")
    if end is not None:
        end()


def header(scope: Scope, name: bytes) -> str:
    """The value of a request header (name in lower case), "" if there is none; several are joined by commas."""
    return ",".join(value.decode("latin-1") for key, value in scope["headers"] if key == name)
