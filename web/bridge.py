"""Bottle (WSGI) behind the asynchronous front, in a bounded pool of threads.

A thread is never a stranger's hostage: the request's body is complete before a thread
takes it up, and the thread is free again before the answer goes out.  (a2wsgi lets the
thread wait for both: eight slow clients stop all pages; and it hops between thread and
loop three times per answer where one will do.)

Bodies are held in memory within bounds; large files take another way (`web.upload`).
"""
import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, BinaryIO

from mta.base.limits import Limits
from mta.config.model import PAGES
from web.asgi import Answer, Receive, Scope, Send, cut, header, plain, reply

Environ = dict[str, Any]
Wsgi = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class GoneError(Exception):
    """The client has left."""


@dataclass(frozen=True, slots=True)
class Flow:
    """The body of a long answer: pieces that are made outside of the threads, while they are sent.

    WSGI servers know files (wsgi.file_wrapper); Bottle passes on what looks like one.
    """

    pieces: Iterator[bytes]

    def read(self, size: int = -1) -> bytes:
        """Never called: it is what Bottle recognises a file by."""
        raise io.UnsupportedOperation


def file_flow(file: BinaryIO, block: int = 256 * 1024) -> Flow:
    """A file as the body of an answer; it is closed at the end."""
    def pieces() -> Iterator[bytes]:
        with file:
            while piece := file.read(block):
                yield piece
    return Flow(pieces())


def wrapped(body: Any, block: int = 0) -> Flow:
    """What Bottle calls with a body that has a read method (PEP 3333, wsgi.file_wrapper)."""
    return body if isinstance(body, Flow) else file_flow(body)


class Bridge:
    """Runs a WSGI application as an ASGI one; `known(scope)` tells who may send long calls."""

    def __init__(self, app: Wsgi, limits: Limits, known: Callable[[Scope], Awaitable[bool]]) -> None:
        self._app, self._limits, self._known = app, limits, known
        self._threads = ThreadPoolExecutor(limits.http_threads, "page")
        self._inside = 0
        self.room = limits.http_calls_octets

    def close(self) -> None:
        """Take up nothing more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body, run the application in a thread, send what it answers."""
        try:
            answer = await self._answer(scope, receive)
        except GoneError:
            return cut(scope)
        await reply(scope, send, answer, self._limits.http_body_wait)

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        declared = header(scope, b"content-length")
        limit, held = self._limits.http_call_stranger, 0
        if header(scope, b"transfer-encoding") or int(declared or 0) > limit:
            if not await self._known(scope):
                return plain(413, "Too long for someone who is not signed in.")
            limit = int(declared) if declared else self._limits.http_call
            if limit > self._limits.http_call:
                return plain(413, "Too long.")
            if limit > self.room:
                return plain(503, "Too many long calls at once; try again in a minute.", ("Retry-After", "30"))
            held = limit
        self.room -= held
        try:
            body = await self._body(receive, limit)
            if body is None:
                return plain(413, "Too long.")
            if self._inside >= self._limits.http_waiting:
                return plain(503, "Too busy; try again in a minute.", ("Retry-After", "10"))
            self._inside += 1
            try:
                return await asyncio.get_running_loop().run_in_executor(self._threads, self._run, environ(scope, body))
            finally:
                self._inside -= 1
        finally:
            self.room += held

    async def _body(self, receive: Receive, limit: int) -> bytes | None:
        """The whole body, None if it is longer than limit; GoneError if the client leaves or dawdles."""
        body = bytearray()
        async for piece in pieces(receive, self._limits.http_body_wait):
            body += piece
            if len(body) > limit:
                return None
        return bytes(body)

    def _run(self, facts: Environ) -> Answer:
        """One request, in a thread."""
        heads: list[tuple[int, list[tuple[str, str]]]] = []

        def start(status: str, headers: list[tuple[str, str]], trouble: object = None) -> None:
            heads.append((int(status[:3]), headers))

        result = self._app(facts, start)
        if isinstance(result, Flow):
            return Answer(*heads[-1], pieces=result.pieces)
        try:
            body = b"".join(result)
        finally:
            getattr(result, "close", _nothing)()
        return Answer(*heads[-1], body=body)


async def pieces(receive: Receive, wait: float) -> AsyncIterator[bytes]:
    """The pieces of a request's body; GoneError if the client leaves or sends nothing for `wait` seconds."""
    more = True
    while more:
        try:
            async with asyncio.timeout(wait):
                message = await receive()
        except TimeoutError:
            raise GoneError from None
        if message["type"] == "http.disconnect":
            raise GoneError
        more = message.get("more_body", False)
        yield message.get("body", b"")


def environ(scope: Scope, body: bytes) -> Environ:
    """What WSGI (PEP 3333) calls a request, and which pages are offered where it came in."""
    server, client = scope.get("server") or ("", 0), scope.get("client") or ("", 0)
    facts: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server[0], "SERVER_PORT": str(server[1] or 0), "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0], "REMOTE_PORT": str(client[1]),
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0), "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": io.BytesIO(body), "wsgi.errors": io.StringIO(), "wsgi.file_wrapper": wrapped,
        "pillarbox.pages": scope.get("pages", PAGES),
        "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False,
    }
    for name, value in scope["headers"]:
        key = "CONTENT_TYPE" if name == b"content-type" else f"HTTP_{name.decode('latin-1').upper().replace('-', '_')}"
        text = value.decode("latin-1")
        # RFC 9110 §5.3 joins repeated fields by commas, RFC 6265 §5.4 cookies by semicolons.
        facts[key] = text if key not in facts else f"{facts[key]}{'; ' if key == 'HTTP_COOKIE' else ', '}{text}"
    facts.pop("HTTP_CONTENT_LENGTH", None)
    return facts


def _nothing() -> None:
    pass
