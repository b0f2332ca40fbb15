"""mta.net.https: one question to a web server, good and bad ones."""
import asyncio
from collections.abc import Coroutine, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pytest
import uvloop

from mta.base.limits import LIMITS
from mta.base.names import Domain, ip_address
from mta.dns.zone import Zone
from mta.net.https import BadUrl, Https, HttpsError, Place, Response, Trouble, is_public
from mta.net.tls import client_context
from tests.authority import Authority
from tests.webserver import CUT, SILENCE, Webserver, page, serving

T = TypeVar("T")
HOST = Domain("www.example.org")
ZONE = "www.example.org A 127.0.0.1\nother.example.org A 127.0.0.1\n"


@pytest.fixture(params=["asyncio", "uvloop"])
def runner(request: pytest.FixtureRequest) -> Iterator[asyncio.Runner]:
    """Both loops: the roles' and the command line's."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop if request.param == "uvloop" else None) as runner:
        yield runner
        runner.run(asyncio.sleep(0.01))     # transports that were closed end within the next turns of the loop


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Whom the client believes."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def server(authority: Authority) -> Webserver:
    """A server that is www.example.org, to be run."""
    return Webserver({"www.example.org": authority.serving("www.example.org")})


async def asked(server: Webserver, authority: Authority, work: Any, zone: Zone | None = None, **options: Any) -> Any:
    """What work(client) comes to while the server runs: the result, or the HttpsError."""
    async with serving(server):
        options = {"private": True, "port": server.port, **options}
        client = Https(zone or Zone(ZONE), client_context(verify=True, authorities=authority.file), **options)
        try:
            return await work(client)
        except HttpsError as problem:
            return problem


def got(path: str = "/", host: Domain = HOST, **options: Any) -> Any:
    """GET of path."""
    def work(client: Https) -> Coroutine[Any, Any, Response]:
        return client.get(Place(host, path), **options)
    return work


def test_get(runner: asyncio.Runner, server: Webserver, authority: Authority) -> None:
    """Asked for by name, with what a polite client says; status, headers and body come back."""
    server.answers["www.example.org/a?b=c"] = page("Hello", "200 OK", "X-Twice: 1", "X-Twice: 2", kind="Text/Plain; charset=utf-8")
    found = runner.run(asked(server, authority, got("/a?b=c")))

    assert (found.status, found.body, found.media_type, found.header("x-twice"), found.header("x")) == (
        200, b"Hello", "text/plain", "1, 2", "")
    [(head, body)] = server.requests
    lines = head.lower().split("\r\n")
    assert (lines[0], body) == ("get /a?b=c http/1.1", b"")
    assert {f"host: www.example.org:{server.port}", "connection: close", "accept-encoding: identity"} <= set(lines)
    assert server.asked == ["www.example.org"]


def test_post(runner: asyncio.Runner, server: Webserver, authority: Authority) -> None:
    """A body, larger than any buffer, arrives as it was; the answer counts."""
    server.answers["www.example.org"] = page("", "201 Created")
    body = bytes(range(256)) * 4_096
    found = runner.run(asked(server, authority, lambda client: client.post(Place(HOST, "/in"), body, "application/tlsrpt+gzip")))

    assert found.status == 201
    [(head, arrived)] = server.requests
    assert (head.split("\r\n")[0], arrived == body) == ("POST /in HTTP/1.1", True)
    assert "content-type: application/tlsrpt+gzip" in head.lower()


def test_the_body_after_a_post_need_not_be_whole(runner: asyncio.Runner, server: Webserver, authority: Authority) -> None:
    """What counts is that it was taken."""
    server.answers["www.example.org"] = b"HTTP/1.0 200 OK\r\n\r\nthanks"
    assert runner.run(asked(server, authority, lambda client: client.post(Place(HOST, "/"), b"x", "text/plain"))).body == b"thanks"


def test_an_answer_before_all_was_read(runner: asyncio.Runner, server: Webserver, authority: Authority) -> None:
    """A server that refuses a long body at once is heard."""
    server.answers["www.example.org"], server.hasty = page("no", "413 Content Too Large"), True
    found = runner.run(asked(server, authority, lambda client: client.post(Place(HOST, "/"), b"x" * 8_000_000, "text/plain")))
    assert found.status == 413


@pytest.mark.parametrize(("answer", "body"), [
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;name=x\r\nabc\r\n2\r\nde\r\n0\r\nX: y\r\n\r\n", b"abcde"),
    (b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", b"ok"),
    (b"HTTP/1.0 404 Not Found\r\n\r\nuntil the end", b"until the end"),
    (b"HTTP/1.1 302 Found\r\nLocation: https://other.example.org/\r\nContent-Length: 0\r\n\r\n", b""),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc" + CUT, b"abc"),
], ids=["chunks", "hints", "end", "redirect", "cut-behind"])
def test_answers(runner: asyncio.Runner, server: Webserver, authority: Authority, answer: bytes, body: bytes) -> None:
    """Every form of a body; what an end or a redirect cannot do."""
    server.answers["www.example.org"] = answer
    found = runner.run(asked(server, authority, got()))

    assert isinstance(found, Response), found
    assert found.body == body
    assert len(server.requests) == 1


@pytest.mark.parametrize(("answer", "trouble", "said"), [
    (page("x" * 65_537), Trouble.TOO_LARGE, "65537 octets"),
    (b"HTTP/1.1 500 Oh\r\n\r\n" + b"x" * 65_537, Trouble.TOO_LARGE, "more than 65536"),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"4000\r\n" + b"x" * 0x4000 + b"\r\n4000\r\n" + b"x" * 0x4000
     + b"\r\n4000\r\n" + b"x" * 0x4000 + b"\r\n4000\r\n" + b"x" * 0x4000 + b"\r\n1\r\nx\r\n0\r\n\r\n", Trouble.TOO_LARGE, "more than"),
    (b"HTTP/1.1 200 O\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1;%0990d\r\nx\r\n" % 0 * 999, Trouble.TOO_LARGE, "far"),
    (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000, Trouble.PROTOCOL, ""),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", Trouble.TOO_LARGE, "99999999999999999999 octets"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde", Trouble.PROTOCOL, ""),
    (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nabcde", Trouble.PROTOCOL, "packed"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", Trouble.PROTOCOL, ""),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc" + CUT, Trouble.PROTOCOL, ""),
    (b"HTTP/1.1 200 OK\r\n\r\nperhaps half of it", Trouble.PROTOCOL, "how long"),
    (b"220 mx.example.org ESMTP\r\n", Trouble.PROTOCOL, ""),
    (b"", Trouble.PROTOCOL, ""),
], ids=[
    "length", "end", "chunks", "chunk-names", "header", "huge", "two-lengths", "packed", "short", "cut", "unsized", "smtp", "nothing"])
def test_bad_answers(
        runner: asyncio.Runner, server: Webserver, authority: Authority, answer: bytes, trouble: Trouble, said: str) -> None:
    """Bounded, and never half of it."""
    server.answers["www.example.org"] = answer
    found = runner.run(asked(server, authority, got()))

    assert isinstance(found, HttpsError), found
    assert (found.trouble, said in str(found)) == (trouble, True), str(found)
    assert str(found).startswith(f"www.example.org: {trouble.value}")


def test_a_bound_of_ones_own(runner: asyncio.Runner, server: Webserver, authority: Authority) -> None:
    """The caller may want less."""
    server.answers["www.example.org"] = page("abcde")
    assert runner.run(asked(server, authority, got(most=5))).body == b"abcde"
    assert runner.run(asked(server, authority, got(most=4))).trouble is Trouble.TOO_LARGE


@pytest.mark.parametrize(("case", "trouble"), [
    ("expired", Trouble.EXPIRED), ("early", Trouble.CERTIFICATE), ("other", Trouble.OTHER_NAME), ("own", Trouble.CERTIFICATE),
    ("stranger", Trouble.CERTIFICATE), ("unknown", Trouble.TLS), ("common", Trouble.OTHER_NAME)])
def test_certificates(runner: asyncio.Runner, authority: Authority, tmp_path: Path, case: str, trouble: Trouble) -> None:
    """One sound certificate, for just the name that was asked for."""
    name = "www.example.org"
    contexts: dict[str, Any] = {
        "expired": lambda: authority.serving(name, starts=-9, ends=-1), "early": lambda: authority.serving(name, starts=1),
        "other": lambda: authority.serving("example.org", "*.www.example.org"), "own": lambda: authority.serving(name, own=True),
        "stranger": lambda: Authority(tmp_path).serving(name), "unknown": None,
        "common": lambda: authority.serving(name, "x.example.org", common_only=True)}
    server = Webserver({name: contexts[case]()} if contexts[case] else {}, {name: page("secret")})
    found = runner.run(asked(server, authority, got()))

    assert isinstance(found, HttpsError), found
    assert (found.trouble, found.trouble.is_certificate) == (trouble, trouble is not Trouble.TLS), str(found)
    assert server.requests == []


def test_the_system_does_not_know_it(runner: asyncio.Runner, server: Webserver) -> None:
    """Without the extra authorities nobody believes it."""
    async def work() -> None:
        async with serving(server):
            await Https(Zone(ZONE), private=True, port=server.port).get(Place(HOST, "/"))
    with pytest.raises(HttpsError, match="not to be trusted") as problem:
        runner.run(work())
    assert problem.value.trouble is Trouble.CERTIFICATE


@pytest.mark.parametrize(("zone", "options", "trouble"), [
    ("www.example.org TIMEOUT", {}, Trouble.DNS), ("www.example.org BOGUS", {}, Trouble.DNS), ("", {}, Trouble.NO_ADDRESS),
    ("www.example.org TXT x", {}, Trouble.NO_ADDRESS), ("www.example.org A 127.0.0.1", {"private": False}, Trouble.NOT_PUBLIC),
    ("www.example.org AAAA ::1\nwww.example.org A 10.0.0.1", {"private": False}, Trouble.NOT_PUBLIC),
    ("www.example.org A 127.0.0.1", {"port": 1}, Trouble.UNREACHABLE),
])
def test_no_way_there(
        runner: asyncio.Runner, server: Webserver, authority: Authority, zone: str, options: dict[str, Any], trouble: Trouble) -> None:
    """Names without a usable address, and nobody at home; nobody is asked."""
    found = runner.run(asked(server, authority, got(), Zone(zone), **options))

    assert isinstance(found, HttpsError), found
    assert found.trouble is trouble
    assert server.asked == []


def test_the_next_address(runner: asyncio.Runner, server: Webserver, authority: Authority) -> None:
    """One that does not answer is passed over, one whose question failed too."""
    server.answers["www.example.org"] = page("here")
    for zone in ("www.example.org A 127.0.0.9\nwww.example.org A 127.0.0.1", "www.example.org A 127.0.0.1\nwww.example.org TIMEOUT AAAA",
                 "www.example.org A 127.0.0.1\nwww.example.org AAAA ::1"):
        assert runner.run(asked(server, authority, got(), Zone(zone))).body == b"here"


def test_time(runner: asyncio.Runner, server: Webserver, authority: Authority) -> None:
    """One time for all of it."""
    server.answers["www.example.org"] = SILENCE
    found = runner.run(asked(server, authority, got(), limits=replace(LIMITS, https_wait=0.2)))

    assert isinstance(found, HttpsError)
    assert found.trouble is Trouble.TIMEOUT


@pytest.mark.parametrize(("url", "place"), [
    ("https://www.example.org/a/b?c=d#e", Place(HOST, "/a/b?c=d")), ("HTTPS://WWW.example.org.:8443", Place(HOST, "/", 8443)),
    ("https://xn--bcher-kva.example/", Place(Domain("xn--bcher-kva.example"), "/")),
])
def test_urls(url: str, place: Place) -> None:
    """Host, port, path and query."""
    assert Place.parse(url) == place


@pytest.mark.parametrize("url", [
    "http://www.example.org/", "www.example.org", "https:///x", "https://a b/", "https://user@www.example.org/", "https://u:p@a.example/",
    "https://192.0.2.1/", "https://[::1]/", "https://a.example:0/", "https://a.example:99999/", "https://a.example:x/", "",
    "https://a.example/\r\nX: y", "https://a.example/é", "https://a..example/", "https://a.example/" + "x" * 2_000, "mailto:a@b.example"])
def test_what_is_no_url(url: str) -> None:
    """Of strangers' choice: anything may stand there."""
    with pytest.raises(BadUrl):
        Place.parse(url)


@pytest.mark.parametrize(("ip", "public"), [
    ("203.0.112.1", True), ("2a00:1450::1", True), ("8.8.8.8", True), ("127.0.0.1", False), ("10.1.2.3", False), ("172.16.0.1", False),
    ("192.168.1.1", False), ("169.254.169.254", False), ("100.64.0.1", False), ("0.0.0.0", False), ("224.0.0.1", False),
    ("255.255.255.255", False), ("240.0.0.1", False), ("::1", False), ("::", False), ("fe80::1", False), ("fd00::1", False),
    ("ff02::1", False),
    ("64:ff9b::7f00:1", False), ("64:ff9b::808:808", True), ("2002:7f00:1::", False), ("2002:808:808::", True), ("::ffff:10.0.0.1", False),
    ("2001:0:808:808:0:0:80ff:fffe", False), ("192.0.2.1", False), ("2001:db8::1", False),
])
def test_the_public_internet(ip: str, public: bool) -> None:
    """Not this machine, not what lies behind it, however it is written."""
    assert is_public(ip_address(ip)) is public
