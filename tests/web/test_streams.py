"""web.streams: nothing is missed, nothing is asked twice, nobody's slowness is anybody else's."""
import asyncio
import json
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from mta.base.events import Journal
from mta.base.limits import LIMITS, Limits
from tests.web.wires import Wire, dialled, fronted
from web.asgi import Scope, header
from web.streams import BACKLOG, Piece, Stream, Streams, event, start


class Changes:
    """A source whose accounts are at some modseq; every change is an event with its number."""

    def __init__(self) -> None:
        self.at = {1: 3, 2: 0}
        self.asked: list[tuple[int, int]] = []
        self.committed = 0

    def version(self) -> int:
        """See Source."""
        return self.committed

    def latest(self, accounts: list[int]) -> dict[int, int]:
        """See Source."""
        return {account: self.at[account] for account in accounts if account in self.at}

    def since(self, account: int, modseq: int) -> Piece | None:
        """Two changes at a time."""
        self.asked.append((account, modseq))
        until = min(self.at[account], modseq + 2)
        if until <= modseq:
            return None
        return Piece(event("changes", list(range(modseq + 1, until + 1)), until), until)


class House:
    """Streams over a source; the cookie is the account's number."""

    def __init__(self, journal: Journal, limits: Limits, source: "Changes | None" = None) -> None:
        self.source, self.signed_in = source or Changes(), {1, 2}
        self.streams = Streams(self.source, self.visitor, limits, journal)

    def visitor(self, scope: Scope) -> int | None:
        """The account in the cookie, while it is signed in."""
        given = header(scope, b"cookie")
        return int(given) if given and int(given) in self.signed_in else None

    def happen(self, account: int, number: int = 1, *, ring: bool = True) -> None:
        """Something is committed."""
        self.source.at[account] += number
        self.source.committed += 1
        if ring:
            self.streams.rung()


@asynccontextmanager
async def housed(journal: Journal, limits: Limits = LIMITS, source: Changes | None = None) -> AsyncIterator[tuple[House, int]]:
    """A house behind a front."""
    house = House(journal, limits, source)
    async with fronted(house.streams, journal, limits) as (_, port):
        watching = asyncio.create_task(house.streams.watch())
        try:
            yield house, port
        finally:
            house.streams.end()
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
    house.streams.close()


async def ask(wire: Wire, account: str, since: str = "?since=3", more: str = "") -> bytes:
    """Open a stream; its head."""
    await wire.say(f"GET /webmail/events{since} HTTP/1.1\r\nHost: a\r\nCookie: {account}\r\n{more}\r\n".encode())
    return await wire.reader.readuntil(b"\r\n\r\n")


async def heard(wire: Wire) -> list[tuple[str, object, int]]:
    """The next event: name, data, id (-1 if it has none); comments and retry are left out."""
    while True:
        async with asyncio.timeout(5):
            size = int(await wire.reader.readline(), 16)
            text = (await wire.reader.readexactly(size + 2)).decode()
        fields = dict(line.split(": ", 1) for line in text.strip().split("\n") if ": " in line)
        if "event" in fields:
            return [(fields["event"], json.loads(fields["data"]), int(fields.get("id", -1)))]


async def test_a_stream_begins_where_the_page_stands(journal: Journal) -> None:
    """What happened since then comes at once, piece by piece; a browser that returns says so by itself."""
    async with housed(journal) as (house, port), dialled(port) as one, dialled(port) as two:
        house.source.at[1] = 8
        head = await ask(one, "1")
        assert head.startswith(b"HTTP/1.1 200")
        assert b"text/event-stream" in head
        assert await heard(one) == [("changes", [4, 5], 5)]
        assert await heard(one) == [("changes", [6, 7], 7)]
        assert await heard(one) == [("changes", [8], 8)]
        await ask(two, "1", more="Last-Event-ID: 7\r\n")
        assert await heard(two) == [("changes", [8], 8)]


async def test_a_ring_tells_everybody_once(journal: Journal) -> None:
    """After a commit each account is asked once, however many pages are open; others hear nothing."""
    async with housed(journal) as (house, port), dialled(port) as one, dialled(port) as two, dialled(port) as other:
        for wire, account, since in ((one, "1", "?since=3"), (two, "1", "?since=3"), (other, "2", "?since=0")):
            await ask(wire, account, since)
        async with asyncio.timeout(5):
            while house.streams.listening < 3:      # noqa: ASYNC110  # the other side of a socket
                await asyncio.sleep(0)
        house.source.asked.clear()
        house.happen(1)
        assert await heard(one) == await heard(two) == [("changes", [4], 4)]
        assert house.source.asked == [(1, 3)]
        house.happen(2)
        assert await heard(other) == [("changes", [1], 1)]


async def test_the_net_below_the_bell(journal: Journal) -> None:
    """A commit whose bell was lost is seen all the same."""
    async with housed(journal) as (house, port), dialled(port) as wire:
        await ask(wire, "1")
        house.happen(1, ring=False)
        assert await heard(wire) == [("changes", [4], 4)]


async def test_strangers(journal: Journal) -> None:
    """Who is not signed in is told so by an event, and the stream is over."""
    async with housed(journal) as (_, port), dialled(port) as wire:
        await ask(wire, "")
        assert (await heard(wire))[0][0] == "signed_out"
        assert await wire.reader.readline() == b"0\r\n"


async def test_only_get(journal: Journal) -> None:
    """A stream is asked for, not posted to."""
    async with housed(journal) as (_, port), dialled(port) as wire:
        await wire.say(b"POST /webmail/events HTTP/1.1\r\nHost: a\r\nCookie: 1\r\nContent-Length: 0\r\n\r\n")
        assert (await wire.answer())[0] == 405


async def test_a_session_that_ends(journal: Journal) -> None:
    """With the next heartbeat the page learns that it is signed out."""
    async with housed(journal, replace(LIMITS, event_heartbeat=0.1)) as (house, port), dialled(port) as wire:
        await ask(wire, "1")
        house.signed_in.remove(1)
        assert (await heard(wire))[0][0] == "signed_out"


async def test_nothing_more_for_who_was_signed_out(journal: Journal) -> None:
    """However much comes before the next heartbeat."""
    async with housed(journal) as (house, port), dialled(port) as wire:
        await ask(wire, "1")
        house.happen(1)
        assert (await heard(wire))[0][0] == "changes"
        house.signed_in.remove(1)
        house.happen(1)
        assert [one[0] for one in await heard(wire)] == ["signed_out"]
        assert await wire.reader.readline() == b"0\r\n"


async def test_signed_out_while_catching_up(journal: Journal) -> None:
    """The session ends between two pieces of what a page has missed."""
    class Ending(Changes):
        def since(self, account: int, modseq: int) -> Piece | None:
            if modseq > 3:
                house.signed_in.discard(1)
            return super().since(account, modseq)

    source = Ending()
    source.at[1] = 8
    async with housed(journal, source=source) as (house, port), dialled(port) as wire:
        await ask(wire, "1")
        assert await heard(wire) == [("changes", [4, 5], 5)]
        assert [one[0] for one in await heard(wire)] == ["signed_out"]
        assert await wire.reader.readline() == b"0\r\n"


async def test_heartbeats(journal: Journal) -> None:
    """In silence a comment says that the stream is alive."""
    async with housed(journal, replace(LIMITS, event_heartbeat=0.05)) as (_, port), dialled(port) as wire:
        await ask(wire, "1")
        async with asyncio.timeout(5):
            await wire.reader.readuntil(b":\n\n")


async def test_too_many(journal: Journal) -> None:
    """Streams are bounded in total and per account, and places come back."""
    limits = replace(LIMITS, event_streams=3, event_streams_per_account=2)
    async with housed(journal, limits) as (house, port), dialled(port) as a, dialled(port) as b, dialled(port) as c, dialled(port) as d:
        for wire in (a, b):
            await ask(wire, "1")
        async with asyncio.timeout(5):
            while house.streams.listening < 2:      # noqa: ASYNC110  # the other side of a socket
                await asyncio.sleep(0)
        assert (await ask(c, "1")).startswith(b"HTTP/1.1 503")
        assert (await ask(d, "2", "?since=0")).startswith(b"HTTP/1.1 200")
        await a.close()
        async with asyncio.timeout(5):
            while house.streams.open > 2:           # noqa: ASYNC110  # the other side of a socket
                await asyncio.sleep(0.01)
        async with dialled(port) as again:
            assert (await ask(again, "1")).startswith(b"HTTP/1.1 200")


async def test_an_account_that_goes(journal: Journal) -> None:
    """The streams of an account that was removed end."""
    async with housed(journal) as (house, port), dialled(port) as wire:
        await ask(wire, "1")
        async with asyncio.timeout(5):
            while not house.streams.listening:      # noqa: ASYNC110  # the other side of a socket
                await asyncio.sleep(0)
        del house.source.at[1]
        house.streams.rung()
        async with asyncio.timeout(5):
            await wire.reader.readuntil(b"0\r\n\r\n")


async def test_coming_while_others_are_asked_for(journal: Journal) -> None:
    """A page that comes while the database is asked about the others is not taken for one whose account is gone."""
    asking, go = threading.Event(), threading.Event()

    class Slow(Changes):
        """Takes its time to answer."""

        def latest(self, accounts: list[int]) -> dict[int, int]:
            """See Source."""
            known = super().latest(accounts)
            asking.set()
            go.wait(5)
            return known

    async with housed(journal, source=Slow()) as (house, port), dialled(port) as one, dialled(port) as two:
        await ask(one, "1")
        await asyncio.to_thread(asking.wait, 5)
        await ask(two, "2", "?since=0")
        async with asyncio.timeout(5):
            while house.streams.listening < 2:      # noqa: ASYNC110  # the other side of a socket
                await asyncio.sleep(0)
        go.set()
        house.happen(1)
        assert await heard(one) == [("changes", [4], 4)]
        house.happen(2)
        assert await heard(two) == [("changes", [1], 1)]


async def test_the_end(journal: Journal) -> None:
    """When the server stops, streams end as if they were complete, and the browsers come back."""
    async with housed(journal) as (house, port), dialled(port) as wire:
        await ask(wire, "1")
        async with asyncio.timeout(5):
            while not house.streams.listening:      # noqa: ASYNC110  # the other side of a socket
                await asyncio.sleep(0)
        house.streams.end()
        async with asyncio.timeout(5):
            await wire.reader.readuntil(b"0\r\n\r\n")


def test_a_page_that_does_not_keep_up() -> None:
    """Instead of an endless backlog it is told to read everything again; nothing comes twice."""
    stream = Stream(0)
    for number in range(1, BACKLOG + 2):
        stream.push(Piece(b"x", number))
        stream.push(Piece(b"x", number))
    assert len(stream.pieces) == 1
    assert b"event: reset" in stream.pieces[0]
    assert stream.modseq == BACKLOG + 1


@pytest.mark.parametrize(("query", "last", "wanted"), [
    (b"since=5", "", 5), (b"since=5", "7", 7), (b"", "", 0), (b"since=-1", "", 0), (b"since=x", "", 0), (b"since=" + b"9" * 30, "", 0),
    ("since=\u0665".encode(), "", 0),
])
def test_where_a_stream_starts(query: bytes, last: str, wanted: int) -> None:
    """Nonsense starts at the beginning."""
    assert start({"query_string": query, "headers": [(b"last-event-id", last.encode())] if last else []}) == wanted
