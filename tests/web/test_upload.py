"""web.upload: files on their way to disk, bounded and checked."""
import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from mta.base.clock import SetClock
from mta.base.events import Journal
from mta.base.limits import LIMITS, Limits
from mta.store.uploads import Uploads
from tests.web.wires import Wire, dialled, fronted
from web.asgi import Scope, header
from web.rpc import SignedOutError
from web.upload import UploadDoor


async def visitor(scope: Scope) -> int:
    """The account in the cookie."""
    if not header(scope, b"cookie"):
        raise SignedOutError("Nobody is signed in.")
    return int(header(scope, b"cookie"))


@asynccontextmanager
async def opened(tmp_path: Path, clock: SetClock, journal: Journal, limits: Limits = LIMITS) -> AsyncIterator[tuple[Uploads, int]]:
    """A door for uploads behind a front."""
    uploads = Uploads(tmp_path, clock, limits)
    door = UploadDoor(uploads, visitor, limits, lambda scope, problem: None)
    async with fronted(door, journal, limits) as (_, port):
        yield uploads, port


async def send(wire: Wire, body: bytes, *, cookie: str = "1", name: str = "a%20plan.pdf", length: int | None = None) -> None:
    """Begin an upload."""
    await wire.say((
        f"POST /webmail/upload?name={name} HTTP/1.1\r\nHost: a\r\nCookie: {cookie}\r\nContent-Type: application/pdf\r\n"
        f"Content-Length: {len(body) if length is None else length}\r\n\r\n").encode() + body)


async def answer(wire: Wire) -> tuple[int, Any]:
    """Status and content of the answer."""
    status, _, body = await wire.answer()
    return status, json.loads(body)


async def test_a_file(tmp_path: Path, clock: SetClock, journal: Journal) -> None:
    """A file is kept for its account under a name of ours."""
    body = bytes(range(256)) * 4_000
    async with opened(tmp_path, clock, journal) as (uploads, port), dialled(port) as wire:
        await send(wire, body)
        status, content = await answer(wire)
        assert status == 200
        kept = content["result"]
        assert (kept["name"], kept["kind"], kept["size"]) == ("a plan.pdf", "application/pdf", len(body))
        with uploads.open(1, kept["upload"]) as file:
            assert file.read() == body


async def test_strangers(tmp_path: Path, clock: SetClock, journal: Journal) -> None:
    """Who is not signed in sends nothing, and nothing is written."""
    async with opened(tmp_path, clock, journal) as (_, port), dialled(port) as wire:
        await send(wire, b"", cookie="", length=1_000_000)
        status, content = await answer(wire)
        assert (status, content["error"]["code"]) == (401, "user:signedOut")
    assert not (tmp_path / "uploads").exists()


async def test_too_large(tmp_path: Path, clock: SetClock, journal: Journal) -> None:
    """What says that it is too large is refused at once, what turns out so while it comes, and nothing stays."""
    limits = replace(LIMITS, http_body=1_000)
    async with opened(tmp_path, clock, journal, limits) as (_, port), dialled(port) as one, dialled(port) as two:
        await send(one, b"", length=1_001)
        assert (await answer(one))[1]["error"]["code"] == "user:error"
        await two.say(b"POST /webmail/upload HTTP/1.1\r\nHost: a\r\nCookie: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
                      b"3e9\r\n" + bytes(1_001) + b"\r\n0\r\n\r\n")
        assert (await answer(two))[0] == 507
    assert list((tmp_path / "uploads" / "1").iterdir()) == []


async def test_half_a_file(tmp_path: Path, clock: SetClock, journal: Journal) -> None:
    """A file that does not come whole leaves nothing behind."""
    async with opened(tmp_path, clock, journal, replace(LIMITS, http_body_wait=0.1)) as (_, port), dialled(port) as wire:
        await send(wire, bytes(500_000), length=1_000_000)
        assert not (await wire.rest()).startswith(b"HTTP/1.1 200")
    assert list((tmp_path / "uploads" / "1").iterdir()) == []


async def test_many_at_once(tmp_path: Path, clock: SetClock, journal: Journal) -> None:
    """Of one account only so many files come at the same time; of others theirs."""
    limits = replace(LIMITS, uploads_at_once=1)
    async with opened(tmp_path, clock, journal, limits) as (_, port), dialled(port) as one, dialled(port) as two, dialled(port) as other:
        await send(one, b"x", length=2)
        folder = tmp_path / "uploads" / "1"
        async with asyncio.timeout(5):
            while not folder.exists() or not list(folder.iterdir()):   # noqa: ASYNC110  # the other side of a socket
                await asyncio.sleep(0.01)
        await send(two, b"y")
        assert (await answer(two))[1]["error"]["code"] == "user:tooMany"
        await send(other, b"z", cookie="2")
        assert (await answer(other))[0] == 200
        await one.say(b"x")
        assert (await answer(one))[0] == 200
        await send(two, b"y")
        assert (await answer(two))[0] == 200


async def test_only_post(tmp_path: Path, clock: SetClock, journal: Journal) -> None:
    """There is nothing to get here."""
    async with opened(tmp_path, clock, journal) as (_, port), dialled(port) as wire:
        await wire.say(b"GET /webmail/upload HTTP/1.1\r\nHost: a\r\nCookie: 1\r\n\r\n")
        assert (await answer(wire))[0] == 404
