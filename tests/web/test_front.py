"""web.front: the whole role over real sockets; the crowd of issue 2."""
import asyncio
import json
import os
import socket
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Any

import pytest
import uvloop

from mta.base.clock import SystemClock
from mta.base.metrics import Gauge
from mta.base.names import Domain
from mta.config.model import PAGES, Listener
from mta.flow import people
from mta.flow.world import World
from mta.net.tls import Certificates, self_signed
from tests.flow.conftest import BY
from tests.web.conftest import STATUS
from tests.web.letters import put
from tests.web.test_streams import heard
from tests.web.wires import Wire, dialled, listener
from web.front import run


def names(gauges: Sequence[Gauge]) -> bytes:
    """A page of counters, by name only."""
    return "\n".join(gauge.name for gauge in gauges).encode()


@dataclass
class Place:
    """A running front: ports by service, and the button of its doorbell."""

    http: int
    https: int
    metrics: int
    button: socket.socket
    trusting: ssl.SSLContext
    headers: dict[str, str] = field(default_factory=dict)

    async def call(self, wire: Wire, function: str, **arguments: Any) -> tuple[int, dict[str, str], Any]:
        """One call over a connection: status, headers, content."""
        body = json.dumps(arguments).encode()
        lines = {"Host": "localhost", "Content-Type": "application/json", "Content-Length": str(len(body)), **self.headers}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        await wire.say(f"POST /api/{function} HTTP/1.1\r\n{head}\r\n".encode() + body)
        status, headers, content = await wire.answer()
        return status, headers, json.loads(content)

    async def sign_in(self, wire: Wire) -> None:
        """Sign ann in; further calls are hers."""
        status, headers, content = await self.call(wire, "webmail/login", name="ann", password="ann's password")
        assert status == 200, content
        self.headers = {"Cookie": headers["set-cookie"].partition(";")[0], "X-Pillarbox-Csrf": content["result"]["csrf"]}


@asynccontextmanager
async def running(world: World, folder: Path, web: tuple[str, ...] = PAGES) -> AsyncIterator[Place]:
    """The role, on free ports of loopback."""
    sockets = {service: listener() for service in ("http", "https", "metrics")}
    ports = {service: sock.getsockname()[1] for service, sock in sockets.items()}
    certificate, key = self_signed([Domain.parse("localhost")], [], folder, SystemClock())
    bell, button = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    stop, ready = asyncio.Event(), asyncio.Event()
    here = Listener("here", ("127.0.0.1",), http=ports["http"], https=ports["https"], web=web)
    world.config = replace(world.config, listeners=(here,))
    role = asyncio.create_task(run(
        world, {service: [sock] for service, sock in sockets.items()}, Certificates([(certificate, key)]), bell.fileno(), stop, ready.set,
        status=lambda: STATUS, exposition=names))
    await asyncio.wait([role, asyncio.create_task(ready.wait())], return_when=asyncio.FIRST_COMPLETED)
    try:
        yield Place(**ports, button=button, trusting=ssl.create_default_context(cafile=str(certificate)))
    finally:
        stop.set()
        await role
        bell.close()
        button.close()


@pytest.fixture
def full(served: World, tmp_path: Path) -> World:
    """The server with an administrator."""
    people.set_admin_password(served, "admin's password", by=BY)
    return served


async def test_a_visit(full: World, tmp_path: Path) -> None:
    """Page, sign-in, list, event stream with a new message, metrics: everything over its socket."""
    async with running(full, tmp_path) as place, dialled(place.https, place.trusting) as wire, \
            dialled(place.https, place.trusting) as stream, dialled(place.metrics) as counters:
        await wire.say(b"GET /webmail/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
        status, headers, body = await wire.answer()
        assert (status, body[:15]) == (200, b"<!doctype html>")
        assert "default-src 'none'" in headers["content-security-policy"]
        for path in (b"/webmail/", b"/static/style.css", b"/nothing", b"/api/"):
            await wire.say(b"HEAD %s HTTP/1.1\r\nHost: localhost\r\n\r\n" % path)
            assert int((await wire.reader.readuntil(b"\r\n\r\n")).split()[1]) == (404 if path == b"/nothing" else 200)
        await place.sign_in(wire)
        assert place.headers["Cookie"].startswith("__Host-pillarbox=")
        _, _, state = await place.call(wire, "webmail/state")
        await stream.say((f"GET /webmail/events?since={state['result']['modseq']} HTTP/1.1\r\nHost: localhost\r\n"
                          f"Cookie: {place.headers['Cookie']}\r\n\r\n").encode())
        await stream.reader.readuntil(b"\r\n\r\n")
        id = await asyncio.to_thread(put, full)
        place.button.send(b"!")
        [(name, data, _)] = await heard(stream)
        assert name == "changes"
        assert isinstance(data, dict)
        assert data["changes"][0]["message"]["id"] == id
        status, _, seen = await place.call(wire, "webmail/message", id=id)
        assert seen["result"]["text"].strip() == "Text of Hello"
        await counters.say(b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
        page = (await counters.answer())[2]
        assert b"pillarbox_web_event_streams" in page
        assert b"pillarbox_certificate_until_seconds" in page


async def test_an_upload_and_a_long_call(full: World, tmp_path: Path) -> None:
    """Files go in with cookie and token; without them nothing does."""
    async with running(full, tmp_path) as place, dialled(place.https, place.trusting) as wire:
        upload = b"POST /webmail/upload?name=x.bin HTTP/1.1\r\nHost: localhost\r\nContent-Length: 200000\r\n"
        await place.sign_in(wire)
        cookie, token = (f"{name}: {place.headers[name]}\r\n".encode() for name in ("Cookie", "X-Pillarbox-Csrf"))
        await wire.say(upload + cookie + token + b"\r\n" + bytes(200_000))
        assert json.loads((await wire.answer())[2])["result"]["size"] == 200_000
        await wire.say(upload + cookie + b"\r\n" + bytes(200_000))
        assert (await wire.answer())[0] == 401
        status, _, content = await place.call(wire, "webmail/search", query="x" * 100_000)
        assert (status, content.get("error", {}).get("code", "user:")[:5]) != (413, "")


async def test_plain_http_leads_to_tls(full: World, tmp_path: Path) -> None:
    """From elsewhere, that is; loopback may stay, and localserve is on loopback alone."""
    async with running(full, tmp_path) as place, dialled(place.http) as wire:
        await wire.say(b"GET /webmail/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert (await wire.answer())[0] == 200


async def test_a_listener_for_everybody_alone(full: World, tmp_path: Path) -> None:
    """Documents are there, and nothing that one signs in to: neither page nor call, stream or upload; with TLS and without."""
    paths = {b"GET /mail/config-v1.1.xml?emailaddress=ann@example.org": 200, b"GET /healthz": 200, b"GET /": 200, b"GET /webmail/": 404,
             b"GET //admin/": 404, b"POST /api/admin/login": 404, b"GET /webmail/events": 404, b"POST /webmail/upload": 404,
             b"GET /%77ebmail/": 404, b"GET /static/admin.js": 404, b"GET /api/": 404}
    async with running(full, tmp_path, web=()) as place:
        for port, trusting in ((place.https, place.trusting), (place.http, None)):
            async with dialled(port, trusting) as wire:
                for path, wanted in paths.items():
                    await wire.say(path + b" HTTP/1.1\r\nHost: mx.example.org\r\nContent-Length: 0\r\n\r\n")
                    assert (path, (await wire.answer())[0]) == (path, wanted)


async def test_the_webmail_alone(full: World, tmp_path: Path) -> None:
    """It works, and knows that it is alone."""
    async with running(full, tmp_path, web=("webmail",)) as place, dialled(place.https, place.trusting) as wire:
        await place.sign_in(wire)
        status, _, content = await place.call(wire, "webmail/state")
        assert (status, content["result"]["pages"]) == (200, ["webmail"])
        for path in (b"/account/", b"/admin/"):
            await wire.say(b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n" % path)
            assert (await wire.answer())[0] == 404


async def test_the_end(full: World, tmp_path: Path) -> None:
    """Told to stop, the role ends its streams and connections at once."""
    async with AsyncExitStack() as stack:
        place = await stack.enter_async_context(running(full, tmp_path))
        async with dialled(place.https, place.trusting) as wire, dialled(place.https, place.trusting) as stream:
            await place.sign_in(wire)
            await stream.say(f"GET /webmail/events HTTP/1.1\r\nHost: a\r\nCookie: {place.headers['Cookie']}\r\n\r\n".encode())
            await stream.reader.readuntil(b"\r\n\r\n")
            async with asyncio.timeout(4):
                await stack.aclose()
            assert (await stream.rest()).endswith(b"0\r\n\r\n")
            assert await wire.rest() == b""


async def test_the_crowd(full: World, tmp_path: Path) -> None:
    """200 open event streams and 200 clients that say nothing at the TLS port: a page is there within 100 ms, events come to all."""
    async with running(full, tmp_path) as place, AsyncExitStack() as stack:
        async def enter(tls: ssl.SSLContext | None) -> Wire:
            return await stack.enter_async_context(dialled(place.https, tls))

        wire = await enter(place.trusting)
        await place.sign_in(wire)
        streams = [await enter(place.trusting) for _ in range(200)]
        for stream in streams:
            await stream.say(f"GET /webmail/events HTTP/1.1\r\nHost: a\r\nCookie: {place.headers['Cookie']}\r\n\r\n".encode())
            await stream.reader.readuntil(b"\r\n\r\n")
        for _ in range(200):
            await enter(None)
        loop, took = asyncio.get_running_loop(), []
        for _ in range(11):
            began = loop.time()
            status, _, _ = await place.call(wire, "webmail/mailboxes")
            took.append(loop.time() - began)
            assert status == 200
        print(f"a page took {median(took) * 1000:.1f} ms (at most {max(took) * 1000:.1f}), process {os.getpid()}")
        assert median(took) < 0.1
        await asyncio.to_thread(put, full)
        place.button.send(b"!")
        for stream in streams:
            while (await heard(stream))[0][0] != "changes":
                pass


def test_on_the_roles_own_loop(full: World, tmp_path: Path) -> None:
    """The role runs on uvloop, whose sockets and TLS are not asyncio's."""
    uvloop.run(test_a_visit(full, tmp_path))
    uvloop.run(test_the_end(full, tmp_path))
    uvloop.run(test_the_crowd(full, tmp_path))
