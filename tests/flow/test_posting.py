"""Reports handed in at a web server."""
from pathlib import Path

import pytest

from mta.base.limits import LIMITS
from mta.base.measures import Measure
from mta.dns.zone import Zone
from mta.flow.posting import Poster, Posting
from mta.flow.world import World
from mta.net.https import Https
from mta.net.tls import client_context
from mta.report import reportmail
from mta.report.reportmail import Document
from tests.authority import Authority
from tests.measured import Measured
from tests.webserver import Webserver, page, serving

DOCUMENT = Document("Report", "a.json.gz", reportmail.pack(b"{}"), "application/tlsrpt+gzip", "A report.", "tlsrpt")
PLACE = "https://b.test/tls"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Whom the client believes."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def server(authority: Authority) -> Webserver:
    """A server that is b.test, to be run."""
    return Webserver({"b.test": authority.serving("b.test")})


async def posted(world: World, server: Webserver, authority: Authority, uri: str = PLACE) -> Posting:
    """What became of the document at a server that runs meanwhile."""
    async with serving(server):
        https = Https(Zone("b.test A 127.0.0.1"), client_context(verify=True, authorities=authority.file), private=True, port=server.port)
        return await Poster(world, https).post(uri, DOCUMENT)


async def test_taken(world: World, server: Webserver, authority: Authority) -> None:
    """The packed document is the body, its type the content type (RFC 8460 §5.4)."""
    server.answers["b.test/tls"] = page("", "201 Created")
    world.journal.add_meter(heard := Measured())
    assert await posted(world, server, authority) == Posting(True, False, "b.test answered 201")
    assert heard.labels(Measure.HTTPS_SECONDS) == [("report", "ok")]
    [(head, body)] = server.requests
    assert head.startswith("POST /tls HTTP/1.1\r\n")
    assert "content-type: application/tlsrpt+gzip" in head.lower()
    assert body == DOCUMENT.content


@pytest.mark.parametrize(("status", "lasting"), [
    ("404 Not Found", True), ("410 Gone", True), ("400 Bad Request", True), ("429 Too Many", False), ("408 Request Timeout", False),
    ("500 Internal Server Error", False), ("503 Service Unavailable", False), ("301 Moved", False)])
async def test_not_taken(world: World, server: Webserver, authority: Authority, status: str, lasting: bool) -> None:
    """What is meant is believed; what may pass is tried again; nobody is followed elsewhere."""
    server.answers["b.test/tls"] = page("", status, "Location: https://evil.test/")
    world.journal.add_meter(heard := Measured())
    assert await posted(world, server, authority) == Posting(False, lasting, f"b.test answered {status[:3]}")
    assert len(server.requests) == 1
    assert heard.labels(Measure.HTTPS_SECONDS) == [("report", "failed")]


async def test_an_answer_without_end(world: World, server: Webserver, authority: Authority) -> None:
    """It is not read."""
    server.answers["b.test/tls"] = page("x" * (LIMITS.report_answer + 1))
    found = await posted(world, server, authority)
    assert (found.taken, found.lasting) == (False, False)
    assert "too large" in found.text


async def test_a_stranger_in_its_place(world: World, server: Webserver, authority: Authority, tmp_path: Path) -> None:
    """Without a certificate that we believe nothing is handed over."""
    server.contexts["b.test"] = Authority(tmp_path).serving("b.test")
    found = await posted(world, server, authority)
    assert (found.taken, found.lasting) == (False, False)
    assert "certificate" in found.text
    assert server.requests == []


@pytest.mark.parametrize("uri", ["https://192.0.2.1/tls", "https://user@b.test/", "https://", "http://b.test/tls"])
async def test_what_is_no_place(world: World, uri: str) -> None:
    """It is refused for good, and nobody is asked."""
    found = await Poster(world).post(uri, DOCUMENT)
    assert (found.taken, found.lasting) == (False, True)


async def test_networks_of_ours_are_no_place(world: World, zone: Zone) -> None:
    """A record that points into our own network makes us connect to nothing there."""
    zone.add("b.test A 127.0.0.1")
    found = await Poster(world).post(PLACE, DOCUMENT)
    assert not found.taken
    assert "not of the public internet" in found.text
