"""Event streams (server-sent events): what happens in an account, told to its open pages.

A stream starts at a modification sequence (`?since=` or, when a browser comes back,
Last-Event-ID) and misses nothing from there on.  Nothing is asked of the database for a
stream that waits: the doorbell rings after each commit, then each account that has
streams is asked once, and what is new goes to all of them as the same octets.  The net
below the doorbell looks once a second whether anybody committed anything.

Bounds: streams in total and per account; a page that does not keep up is told to read
everything again (`reset`) instead of being queued for.

Read on: feed.py (what an account's changes look like), site.py (who may come here).
"""
import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol, TypeVar
from urllib.parse import parse_qs

import msgspec

from mta.base.events import Event, Journal
from mta.base.limits import Limits
from web.api.webmail import Reset, SignedOut
from web.asgi import Receive, Scope, Send, cut, header, plain, reply

T = TypeVar("T")

#: Seconds between two looks at the database: a flood of commits is told in pieces of this length.
PAUSE = 0.05
#: Seconds after which we look even if no bell rang.
NET = 1.0
#: Pieces that wait for a client that does not keep up.
BACKLOG = 50
HEAD = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store"), (b"x-accel-buffering", b"no")]

encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Piece:
    """Octets for a stream, and the modseq it has reached with them."""

    text: bytes
    modseq: int


class Source(Protocol):
    """Where changes come from; every method blocks and is called in a thread."""

    def version(self) -> int:
        """A number that differs once anybody has committed anything."""
        ...

    def latest(self, accounts: list[int]) -> dict[int, int]:
        """The newest modseq of each account; one that is gone is left out."""
        ...

    def since(self, account: int, modseq: int) -> Piece | None:
        """The first of the changes after modseq as an event, None if there are none."""
        ...


def event(name: str, value: object, modseq: int | None = None) -> bytes:
    """One event as it is written to a stream."""
    ident = b"" if modseq is None else b"id: %d\n" % modseq
    return b"%sevent: %s\ndata: %s\n\n" % (ident, name.encode(), encode(value))


@dataclass(slots=True, eq=False)
class Stream:
    """One open page."""

    modseq: int
    pieces: list[bytes] = field(default_factory=list)
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    over: bool = False

    def push(self, piece: Piece) -> None:
        """Tell the page something new."""
        if piece.modseq <= self.modseq:
            return
        self.modseq = piece.modseq
        if len(self.pieces) >= BACKLOG:
            self.pieces = [event("reset", Reset(piece.modseq), piece.modseq)]
        else:
            self.pieces.append(piece.text)
        self.ready.set()

    def end(self) -> None:
        """No more."""
        self.over = True
        self.ready.set()


@dataclass(slots=True)
class Feed:
    """The streams of one account, and how far all of them have been told."""

    modseq: int
    streams: set[Stream] = field(default_factory=set)


class Streams:
    """All event streams of this process; `visitor(scope)` names the account that is signed in, or None (it blocks)."""

    def __init__(self, source: Source, visitor: Callable[[Scope], int | None], limits: Limits, journal: Journal) -> None:
        self._source, self._visitor, self._limits, self._journal = source, visitor, limits, journal
        self._feeds: dict[int, Feed] = {}
        self._all: set[Stream] = set()
        self._rung = asyncio.Event()
        self._threads = ThreadPoolExecutor(2, "events")

    @property
    def open(self) -> int:
        """How many streams there are."""
        return len(self._all)

    @property
    def listening(self) -> int:
        """How many of them have been told everything up to now."""
        return sum(len(feed.streams) for feed in self._feeds.values())

    def rung(self) -> None:
        """Something was committed."""
        self._rung.set()

    async def watch(self) -> None:
        """Tell the streams what happens, until cancelled."""
        seen = -1
        while True:
            try:
                seen = await self._look(seen)
            except Exception as problem:      # a busy disk must not silence the pages for good
                self._journal.note(Event.UNEXPECTED, where="web.streams", problem=f"{type(problem).__name__}: {problem}")
                await asyncio.sleep(NET)
            await asyncio.sleep(PAUSE)

    def end(self) -> None:
        """End all streams; the browsers come back to whoever listens then."""
        for stream in self._all:
            stream.end()

    def close(self) -> None:
        """After the end: no more threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _look(self, seen: int) -> int:
        """Wait for a commit, then tell each account's streams what is new."""
        try:
            async with asyncio.timeout(NET if self._feeds else None):
                await self._rung.wait()
        except TimeoutError:
            version = await self._ask(self._source.version)
            if version == seen:
                return seen
            seen = version
        self._rung.clear()
        if not self._feeds:
            return seen
        asked = list(self._feeds.items())      # who comes meanwhile has just been told everything
        latest = await self._ask(self._source.latest, [account for account, _ in asked])
        for account, feed in asked:
            if account not in latest:
                for stream in feed.streams:
                    stream.end()
            while feed.streams and feed.modseq < latest.get(account, 0):
                piece = await self._ask(self._source.since, account, feed.modseq)
                if piece is None:
                    break
                feed.modseq = piece.modseq
                for stream in feed.streams:
                    stream.push(piece)
        return seen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """GET /webmail/events."""
        if scope["method"] != "GET":
            return await reply(scope, send, plain(405, "Events are asked for with GET.", ("Allow", "GET")), self._limits.http_body_wait)
        account = await self._ask(self._visitor, scope)
        if account is None:
            return await self._goodbye(send)
        feed = self._feeds.get(account)
        if self.open >= self._limits.event_streams or (feed and len(feed.streams) >= self._limits.event_streams_per_account):
            return await reply(scope, send, plain(503, "Too many pages are open.", ("Retry-After", "60")), self._limits.http_body_wait)
        stream = Stream(start(scope))
        leaving = asyncio.create_task(_leaving(receive, stream))
        self._all.add(stream)
        try:
            await send({"type": "http.response.start", "status": 200, "headers": HEAD})
            await self._send(send, b"retry: 2000\n\n")
            await self._catch_up(account, stream, scope, send)
            await self._follow(account, stream, scope, send)
        except TimeoutError:
            cut(scope)      # the client does not take what it asked for
        finally:
            self._all.discard(stream)
            self._leave(account, stream)
            leaving.cancel()

    async def _catch_up(self, account: int, stream: Stream, scope: Scope, send: Send) -> None:
        """Tell what happened up to now, then let the stream be told with the others."""
        while not stream.over:
            piece = await self._ask(self._source.since, account, stream.modseq)
            feed = self._feeds.get(account)
            if piece is None and (feed is None or feed.modseq <= stream.modseq):
                self._feeds.setdefault(account, Feed(stream.modseq)).streams.add(stream)
                self._rung.set()    # the watch may sleep without a net while there are no streams
                return
            if piece is not None:
                if not await self._welcome(account, stream, scope, send):
                    return
                stream.modseq = piece.modseq
                await self._send(send, piece.text)

    async def _follow(self, account: int, stream: Stream, scope: Scope, send: Send) -> None:
        """Pass on what comes, as long as the session is there; in silence say that we are."""
        while not stream.over:
            silence = False
            try:
                async with asyncio.timeout(self._limits.event_heartbeat):
                    await stream.ready.wait()
            except TimeoutError:
                silence = True
            if not await self._welcome(account, stream, scope, send):
                break
            if silence:
                await self._send(send, b":\n\n")
            stream.ready.clear()
            pieces, stream.pieces = stream.pieces, []
            for piece in pieces:
                await self._send(send, piece)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _welcome(self, account: int, stream: Stream, scope: Scope, send: Send) -> bool:
        """Whether the session is still there, which ends the stream if it is not.

        Asked before anything is told: whoever was signed out elsewhere is to see nothing more, however much comes.
        """
        if stream.over or await self._ask(self._visitor, scope) == account:
            return True
        await self._send(send, event("signed_out", SignedOut("The session has ended.")))
        stream.end()
        return False

    async def _goodbye(self, send: Send) -> None:
        """For someone who is not signed in: a stream that says so (a browser would try for ever after an error)."""
        await send({"type": "http.response.start", "status": 200, "headers": HEAD})
        await send({"type": "http.response.body", "body": event("signed_out", SignedOut("Nobody is signed in.")), "more_body": False})

    async def _send(self, send: Send, text: bytes) -> None:
        async with asyncio.timeout(self._limits.http_body_wait):
            await send({"type": "http.response.body", "body": text, "more_body": True})

    def _leave(self, account: int, stream: Stream) -> None:
        feed = self._feeds.get(account)
        if feed is not None:
            feed.streams.discard(stream)
            if not feed.streams:
                del self._feeds[account]

    async def _ask(self, question: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, question, *arguments)


def start(scope: Scope) -> int:
    """The modseq that a client has seen already; a browser that comes back says so itself."""
    given = header(scope, b"last-event-id") or parse_qs(scope["query_string"].decode("latin-1")).get("since", ["0"])[0]
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0


async def _leaving(receive: Receive, stream: Stream) -> None:
    """End the stream when its client goes."""
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.end()
