"""web.offers: what a listener does not offer cannot be reached there."""
import socket
from dataclasses import replace

import pytest

from mta.base.clock import SetClock
from mta.base.limits import LIMITS
from mta.base.names import Domain
from mta.config.model import PAGES, Config, Listener
from tests.web.test_asgi import Out
from tests.web.test_site import page, request, silence
from web.offers import Offered, listener_of, page_of, secure_port

CONFIG = Config(hostname=Domain("mx.example.org"))


@pytest.mark.parametrize(("path", "belongs"), [
    ("/webmail", "webmail"), ("/webmail/", "webmail"), ("/webmail/events", "webmail"), ("/webmail/upload", "webmail"),
    ("/api/webmail/login", "webmail"), ("/account/", "account"), ("/api/account/state", "account"), ("/admin/", "admin"),
    ("//admin/", "admin"), ("///api/admin/login", "admin"), ("/api/", ""), ("/api", ""), ("/static/admin.js", ""), ("/favicon.ico", ""),
    ("/", None), ("", None), ("/healthz", None), ("/.well-known/acme-challenge/x", None), ("/mail/config-v1.1.xml", None),
    ("/profile.mobileconfig", None), ("/administration", None), ("/api/alias/random/new", "account"), ("/api/v1/aliases", "account"),
    ("/api/user_info", "account"), ("/api/v9/aliases", ""),
])
def test_what_a_path_belongs_to(path: str, belongs: str | None) -> None:
    """A page, all pages, or everybody."""
    assert page_of(path) == belongs


async def ask(pages: tuple[str, ...], path: str, clock: SetClock) -> tuple[int, bytes, dict[bytes, bytes]]:
    """What a listener with these pages answers."""
    out = Out()
    await Offered(page, pages, clock, LIMITS)(request(path), silence, out)
    return out.messages[0]["status"], out.body, out.headers


@pytest.mark.parametrize("pages", [(), ("webmail",), ("account", "admin"), PAGES], ids=["none", "one", "two", "all"])
async def test_only_what_is_offered(pages: tuple[str, ...], clock: SetClock) -> None:
    """The rest is not there; what is for everybody always is."""
    for path in ("/webmail/", "/api/webmail/login", "/account/", "/api/account/login", "/admin/", "//admin/", "/api/admin/login"):
        status, body, headers = await ask(pages, path, clock)
        assert (status, body == b"page") == ((200, True) if page_of(path) in pages else (404, False))
        assert (b"content-security-policy" in headers) == (status == 404)
    assert (await ask(pages, "/static/style.css", clock))[0] == (200 if pages else 404)
    for path in ("/healthz", "/mail/config-v1.1.xml", "/.well-known/mta-sts.txt"):
        assert (await ask(pages, path, clock))[1] == b"page"


async def test_pages_know_of_one_another(clock: SetClock) -> None:
    """So that none leads to another that is not there."""
    scope = request("/webmail/")
    await Offered(page, ("account", "webmail"), clock, LIMITS)(scope, silence, Out())
    assert scope["pages"] == ["webmail", "account"]


@pytest.mark.parametrize(("pages", "status", "leads"), [
    (PAGES, 200, None), (("admin",), 302, b"/admin/"), (("admin", "account"), 302, b"/account/"), ((), 200, None)])
async def test_the_entrance(pages: tuple[str, ...], status: int, leads: bytes | None, clock: SetClock) -> None:
    """Leads to the first page that is offered."""
    found = await ask(pages, "/", clock)
    assert (found[0], found[2].get(b"location")) == (status, leads)


def test_whose_socket_it_is() -> None:
    """By address and port; a socket that no listener names belongs to none."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
        mine, other = Listener("mine", ("127.0.0.1",), http=port), Listener("other", ("192.0.2.1",), http=port, https=443)
        config = replace(CONFIG, listeners=(other, mine))
        assert listener_of(config, sock, "http") == mine
        assert listener_of(config, sock, "https") is None
        assert listener_of(CONFIG, sock, "http") is None


@pytest.mark.parametrize("family", ["::", "0.0.0.0"])
def test_all_addresses(family: str) -> None:
    """Wildcards are told as they are written."""
    with socket.create_server((family, 0), family=socket.AF_INET6 if ":" in family else socket.AF_INET) as sock:
        both = Listener("public", ("0.0.0.0", "::"), https=sock.getsockname()[1])
        assert listener_of(replace(CONFIG, listeners=(both,)), sock, "https") == both


def test_where_pages_are_under_tls() -> None:
    """At the same listener, else at another that has all of them; else they stay where they are."""
    outside = Listener("outside", ("192.0.2.1",), https=443, web=("webmail",))
    inside = Listener("inside", ("10.0.0.1",), http=80)
    for more, port in ((replace(inside, https=8443), 8443), (inside, 0), (replace(inside, web=("webmail",)), 443)):
        assert secure_port(replace(CONFIG, listeners=(outside, more)), more) == port
