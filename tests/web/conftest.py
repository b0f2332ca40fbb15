"""A small server with its pages, and a browser without a screen that calls them in process."""
import asyncio
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest

from mta.base.errors import TemporaryError
from mta.flow import people
from mta.flow.login import Logins
from mta.flow.world import World
from mta.net.challenges import Answers
from mta.store.events import TraceSink
from mta.store.search import SearchIndex
from mta.store.uploads import Uploads
from tests.flow import conftest as flows
from web.app import make_app
from web.bridge import Environ, Flow, Wsgi, environ
from web.call import House
from web.calls import Calls
from web.files import Files
from web.guard import Guard
from web.view import Views

config, served, world, zone = flows.config, flows.served, flows.world, flows.zone

STATUS: dict[str, Any] = {
    "version": "0.1.0", "ready": True, "roles": [
        {"role": "web", "number": 0, "pid": 7, "ready": True, "uptime": 60.0, "falls": 0, "memory": 9_000_000},
        {"role": "delivery", "number": 0, "pid": None, "ready": False, "uptime": 0.0, "falls": 2, "memory": 0}]}


@dataclass
class Shown:
    """What a browser got: headers by their names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass
class Browser:
    """Keeps cookies and the CSRF token, as a page does."""

    app: Wsgi
    scheme: str = "https"
    ip: str = "192.0.2.9"
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""

    def request(self, method: str, target: str, body: bytes = b"", headers: Mapping[str, str] = {}) -> Shown:
        """One request."""
        url = urlsplit(target)
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {"host": "mx.example.org", "user-agent": "Test/1", "cookie": cookie}
        facts: Environ = environ({
            "method": method, "path": url.path, "query_string": url.query.encode(), "http_version": "1.1", "scheme": self.scheme,
            "server": ("127.0.0.1", 443), "client": (self.ip, 5_000),
            "headers": [(name.lower().encode(), value.encode()) for name, value in {**sent, **headers}.items()]}, body)
        heads: list[tuple[str, list[tuple[str, str]]]] = []
        result = self.app(facts, lambda status, headers, trouble=None: heads.append((status, headers)))
        content = b"".join(result.pieces if isinstance(result, Flow) else result)
        status, pairs = heads[-1]
        for name, value in pairs:
            if name.lower() == "set-cookie":
                pair, *attributes = value.split("; ")
                key, _, secret = pair.partition("=")
                if "Max-Age=0" in attributes:
                    self.cookies.pop(key, None)
                else:
                    self.cookies[key] = secret
        return Shown(int(status[:3]), {name.lower(): value for name, value in pairs}, content)

    def ask(self, function: str, headers: Mapping[str, str] = {}, **arguments: Any) -> Shown:
        """One call, whatever comes of it."""
        given = {"Content-Type": "application/json", "Origin": f"{self.scheme}://mx.example.org", "X-Pillarbox-Csrf": self.token, **headers}
        return self.request("POST", f"/api/{function}", json.dumps(arguments).encode(), given)

    def call(self, function: str, **arguments: Any) -> Any:
        """The result of a call that must succeed."""
        shown = self.ask(function, **arguments)
        assert shown.status == 200, shown.body
        result = shown.json["result"]
        if isinstance(result, dict) and isinstance(result.get("csrf"), str):
            self.token = result["csrf"]
        return result

    def refused(self, function: str, **arguments: Any) -> dict[str, str]:
        """The error of a call that must not succeed."""
        shown = self.ask(function, **arguments)
        assert shown.status >= 400, shown.body
        error: dict[str, str] = shown.json["error"]
        return error


@pytest.fixture
def elsewhere() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop that runs in another thread, as the front's does for the pages."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture
def told() -> Callable[[], Mapping[str, Any]]:
    """What the supervisor says."""
    return lambda: {**STATUS, "old": 0.0}


@pytest.fixture
def sink(served: World) -> Iterator[TraceSink]:
    """Where the journal's events are kept for the trace; `flush` writes them."""
    sink = TraceSink(served.store.trace_db, served.clock)
    served.journal.add_sink(sink)
    yield sink
    sink.close()


@pytest.fixture
def house(served: World, elsewhere: asyncio.AbstractEventLoop, told: Callable[[], Mapping[str, Any]]) -> Iterator[House]:
    """The house of the calls."""
    people.set_admin_password(served, "admin's password", by=flows.BY)
    store = served.store
    index = SearchIndex(store.search_db)
    yield House(served, Guard(served, Logins(served)), Uploads(store.directory, served.clock), index, elsewhere, told)
    index.close()


@pytest.fixture(scope="session")
def files() -> Files:
    """The files of the pages; pressing them takes longer than most tests."""
    return Files()


@pytest.fixture
def app(house: House, files: Files) -> Wsgi:
    """The Bottle application."""
    calls = Calls(house)
    application: Wsgi = make_app(calls, Views(calls), files, Answers(house.world.store.directory))
    return application


@pytest.fixture
def stranger(app: Wsgi) -> Browser:
    """A browser in which nobody is signed in."""
    return Browser(app)


@pytest.fixture
def ann(app: Wsgi) -> Browser:
    """A browser in which ann is signed in."""
    browser = Browser(app)
    browser.call("webmail/login", name="ann", password="ann's password")
    return browser


@pytest.fixture
def admin(app: Wsgi) -> Browser:
    """A browser in which the administrator is signed in."""
    browser = Browser(app)
    browser.call("admin/login", password="admin's password")
    return browser


def silent() -> Mapping[str, Any]:
    """A supervisor that does not answer."""
    raise TemporaryError("no server answers")
