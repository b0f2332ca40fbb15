"""The web pages under strangers' bytes: no answer is a failure of ours, no connection stays.

Invariants: whatever a request line, a cookie or a body holds, the answer is no 5xx and
nothing is raised; whatever octets come in on a connection, it answers or ends in time.
"""
import asyncio
from dataclasses import replace
from io import StringIO

from hypothesis import example, given
from hypothesis import strategies as st

from mta.base.clock import SystemClock
from mta.base.events import Journal
from mta.base.limits import LIMITS
from tests.fuzz.effort import tries
from tests.web import conftest as pages
from tests.web.conftest import Browser
from tests.web.wires import dialled, fronted
from web.asgi import Answer, Receive, Scope, Send, reply

config, served, world, zone = pages.config, pages.served, pages.world, pages.zone
elsewhere, files, told, house, app, stranger, ann = pages.elsewhere, pages.files, pages.told, pages.house, pages.app, pages.stranger, pages.ann
FEW = tries(150)
PARTS = st.sampled_from([
    "webmail", "api", "static", "message", "part", "html", "1", "-1", "9" * 30, "..", ".", "", "state", "login", "\0", "%"])
PATHS = st.lists(PARTS | st.text(max_size=8), max_size=6).map(lambda parts: "/" + "/".join(parts))


@FEW
@example(f"/webmail/message/{'9' * 30}/html", "GET", "", b"")
@given(PATHS, st.sampled_from(["GET", "POST", "HEAD", "PUT", "X"]), st.text(max_size=60), st.binary(max_size=60))
def test_any_request(ann: Browser, path: str, method: str, cookie: str, body: bytes) -> None:
    """Any path, method, cookie and body."""
    stray = cookie.encode("latin-1", "replace").decode("latin-1")
    held = "; ".join(f"{name}={value}" for name, value in ann.cookies.items())
    headers = {"cookie": f"{stray}; {held}", "content-type": "application/json"}
    assert ann.request(method, path, body, headers).status < 500


@FEW
@example("message", b'{"id": 9999999999999999999}')
@example("message", b'{"id": 99999999999999999999999999}')
@example("message", b'{"id": -9999999999999999999}')
@example("page", b'{"mailbox_id": 1, "before": {"received": 1e300, "id": 9223372036854775807}}')
@example("flags", b'{"ids": [9223372036854775808], "add": [], "remove": []}')
@example("search", b'{"query": "\\"\\u0000 in:"}')
@given(st.sampled_from(["state", "login", "page", "send", "flags", "search"]), st.binary(max_size=80) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["ids", "draft", "query", "id", "name", "from"]), inner),
).map(lambda value: repr(value).replace("'", '"').encode("utf-8", "replace")))
def test_any_arguments(ann: Browser, function: str, body: bytes) -> None:
    """Any octets, and any JSON, as the arguments of a call."""
    headers = {"content-type": "application/json", "x-pillarbox-csrf": ann.token}
    assert ann.request("POST", f"/api/webmail/{function}", body, headers).status < 500


@tries(40)
@given(st.lists(st.sampled_from([
    b"GET / HTTP/1.1\r\n", b"Host: a\r\n", b"\r\n", b"Content-Length: 5\r\n", b"Content-Length: -1\r\n", b"Transfer-Encoding: chunked\r\n",
    b"hello", b"5\r\nhello\r\n", b"0\r\n\r\n", b"\x00", b"Expect: 100-continue\r\n", b"Upgrade: websocket\r\nConnection: upgrade\r\n",
    b"Connection: close\r\n", b"GET http://b/ HTTP/1.0\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
]) | st.binary(max_size=20), max_size=12))
def test_any_octets(pieces: list[bytes]) -> None:
    """Any octets on a connection."""
    async def hello(scope: Scope, receive: Receive, send: Send) -> None:
        await reply(scope, send, Answer(200, [], b"hello"), 1.0)

    async def converse() -> None:
        limits = replace(LIMITS, http_header_wait=0.05, http_idle=1.0, http_body_wait=0.05, http_close_wait=0.05)
        journal = Journal("test", SystemClock(), stream=StringIO())
        async with fronted(hello, journal, limits) as (front, port), dialled(port) as wire:
            await wire.say(b"".join(pieces))
            wire.writer.write_eof()
            await wire.rest()
            async with asyncio.timeout(5):
                await front.emptied()

    asyncio.run(converse())
