"""web.site: requests find their way, failures end well, plain HTTP leads to TLS."""
import pytest

from mta.base.clock import SetClock
from mta.base.events import Event, Journal, Recorded
from mta.base.limits import LIMITS
from tests.web.test_asgi import Out
from web.asgi import Answer, Message, Receive, Scope, Send, reply
from web.site import Site, ToTls


def request(path: str, host: str = "mx.example.org", client: str = "192.0.2.1") -> Scope:
    """A request's scope."""
    headers = [(b"host", host.encode())]
    return {"path": path, "raw_path": path.encode(), "method": "GET", "headers": headers, "client": (client, 1), "state": {}}


async def silence() -> Message:
    """Nothing more comes."""
    return {"type": "http.disconnect"}


async def page(scope: Scope, receive: Receive, send: Send) -> None:
    """A page."""
    await reply(scope, send, Answer(200, [], b"page"), 1.0)


async def native(scope: Scope, receive: Receive, send: Send) -> None:
    """Something else."""
    await reply(scope, send, Answer(200, [], b"native"), 1.0)


async def broken(scope: Scope, receive: Receive, send: Send) -> None:
    """Fails at once."""
    raise ZeroDivisionError("secret")


async def half(scope: Scope, receive: Receive, send: Send) -> None:
    """Fails in the middle of its answer."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    raise ZeroDivisionError("secret")


@pytest.fixture
def site(clock: SetClock, journal: Journal) -> Site:
    """A site with a native application and two broken ones."""
    return Site(page, {"/native": native, "/broken": broken, "/half": half}, clock, journal, LIMITS)


async def test_ways(site: Site) -> None:
    """A path that has an application of its own goes there, all others to the pages."""
    for path, body in (("/native", b"native"), ("/", b"page"), ("/native/x", b"page")):
        out = Out()
        await site(request(path), silence, out)
        assert out.body == body
        assert b"content-security-policy" in out.headers


async def test_failures(site: Site, recorded: Recorded) -> None:
    """A failure is a short page without secrets, and an event with them."""
    out = Out()
    await site(request("/broken"), silence, out)
    assert out.messages[0]["status"] == 500
    assert b"secret" not in out.body
    [failure] = [record for record in recorded.records if record.event is Event.WEB_ERROR]
    assert failure.facts == {"ip": "192.0.2.1", "path": "/broken", "where": "web.site", "problem": "ZeroDivisionError: secret"}


async def test_half_an_answer(site: Site) -> None:
    """An answer that cannot be finished ends with its connection, so that nobody takes it for a whole one."""
    out, said, scope = Out(), [], request("/half")
    scope["state"]["cut"] = lambda: said.append("cut")
    await site(scope, silence, out)
    assert said == ["cut"]
    assert len(out.messages) == 1


async def test_requests_are_noted(site: Site, recorded: Recorded) -> None:
    """Who asked for what, and what they got; files are not worth a line."""
    await site(request("/webmail/message/1/html"), silence, Out())
    await site(request("/static/webmail.js"), silence, Out())
    [noted] = [record for record in recorded.records if record.event is Event.WEB_REQUEST]
    assert {"path": "/webmail/message/1/html", "status": 200, "method": "GET"}.items() <= noted.facts.items()


@pytest.mark.parametrize(("path", "host", "port", "wanted"), [
    ("/webmail/", "mx.example.org", 443, "https://mx.example.org/webmail/"),
    ("/", "mx.example.org:80", 443, "https://mx.example.org/"),
    ("/admin/", "mx.example.org:1080", 1443, "https://mx.example.org:1443/admin/"),
    ("/api/webmail/login", "[2001:db8::1]:80", 443, "https://[2001:db8::1]/api/webmail/login"),
    ("/account", "[2001:db8::1]", 444, "https://[2001:db8::1]:444/account"),
])
async def test_to_tls(site: Site, clock: SetClock, path: str, host: str, port: int, wanted: str) -> None:
    """Where there is TLS, nothing that needs a password is served without it."""
    out = Out()
    await ToTls(site, port, clock, LIMITS)(request(path, host), silence, out)
    assert out.messages[0]["status"] == 308
    assert out.headers[b"location"].decode() == wanted


async def test_to_tls_with_the_query(site: Site, clock: SetClock) -> None:
    """What is asked for goes along; slashes lead nobody around it."""
    scope, out = request("//profile.mobileconfig"), Out()
    scope["query_string"] = b"link=x&y"
    await ToTls(site, 443, clock, LIMITS)(scope, silence, out)
    assert out.headers[b"location"] == b"https://mx.example.org//profile.mobileconfig?link=x&y"


@pytest.mark.parametrize(("path", "client"), [("/healthz", "192.0.2.1"), ("/robots.txt", "192.0.2.1"), ("/webmail/", "127.0.0.1")])
async def test_what_stays(site: Site, clock: SetClock, path: str, client: str) -> None:
    """Public pages stay, and so does who comes over loopback (a proxy on this machine)."""
    out = Out()
    await ToTls(site, 443, clock, LIMITS)(request(path, client=client), silence, out)
    assert out.body == b"page"
