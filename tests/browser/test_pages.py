"""Every page there is: no violation of WCAG 2.2 AA, nothing wider than the screen, no error of a script, no call that fails."""
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.browser import plausible
from tests.browser.plausible import caller
from tests.browser.walk import Walk
from tests.serving import Server

pytestmark = [pytest.mark.xdist_group("pages"), pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A localserve with something in every page."""
    server = Server(tmp_path_factory.mktemp("pages") / "data")
    plausible.prepare(server.folder)
    yield server.start()
    server.stop()


@pytest.fixture(scope="module")
def filled(browser: Browser, server: Server) -> Server:
    """The same, after some months."""
    context = opened(browser, server)
    admin = caller(context.request, "admin", password="pillarbox")
    plausible.company(server, admin)
    plausible.owner(server, caller(context.request, "account", name="demo", password="pillarbox"))
    context.close()
    return server


def opened(browser: Browser, server: Server) -> BrowserContext:
    """A browser of somebody's own."""
    return browser.new_context(ignore_https_errors=True, base_url=f"https://127.0.0.1:{server.https}", locale="en-GB", timezone_id="UTC")


@pytest.fixture
def walk(browser: Browser, server: Server) -> Iterator[Walk]:
    """A walk whose problems fail the test, all at once."""
    context = opened(browser, server)
    walk = Walk(context)
    yield walk
    context.close()
    assert walk.problems == [], "\n".join(walk.problems)


def test_administration(walk: Walk, filled: Server) -> None:
    """All pages, each with something on it; every one can be reached."""
    caller(walk.context.request, "admin", password="pillarbox")
    assert walk.application("admin", "admin") == set()


def test_account(walk: Walk, filled: Server) -> None:
    """The same for the owner of an account that has everything."""
    caller(walk.context.request, "account", name="demo", password="pillarbox")
    assert walk.application("account", "account") == set()
