"""Every page there is: no violation of WCAG 2.2 AA, nothing wider than the screen, no error of a script, no call that fails."""
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser import plausible
from tests.browser.plausible import caller
from tests.browser.walk import CLIENT, Walk
from tests.serving import Server
from web import apidoc
from web.registry import APIS

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


def test_new_server(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What somebody sees on the first day: nothing is there yet, and each page says so."""
    fresh = Server(tmp_path_factory.mktemp("fresh") / "data").start()
    try:
        context = opened(browser, fresh)
        walk = Walk(context, each=0)
        caller(context.request, "admin", password="pillarbox")
        walk.application("admin", "new-admin")
        caller(context.request, "account", name="demo", password="pillarbox")
        walk.application("account", "new-account")
        context.close()
        assert walk.problems == [], "\n".join(walk.problems)
    finally:
        fresh.stop()


def test_everybody(walk: Walk) -> None:
    """What is there without signing in: entrances, the documentation of the API, and a page that is not there."""
    for app in sorted(file.stem for file in CLIENT.glob("*.html")):
        walk.address(f"/{app}/", f"entrance-{app}")
    # They are long, and all made alike: one is looked at on a phone.
    for path in apidoc.pages(APIS.values()):
        walk.address(path, f"documentation{path.replace('/', '-')}", *([] if path == "/api/account/" else [390]))


def test_webmail(walk: Walk, filled: Server) -> None:
    """The list, a message, an empty mailbox, and somebody who writes."""
    caller(walk.context.request, "webmail", name="demo", password="pillarbox")
    for width, page in walk.pages.items():
        page.goto("/webmail/")
        walk.settle(page)
        walk.view(page, f"webmail-list-{width}")
        page.locator(".row", has_text="Invoice 2041").first.click()
        expect(page.get_by_role("heading", name="Invoice 2041")).to_be_visible()
        walk.view(page, f"webmail-message-{width}")
        page.goto("/webmail/#write")
        page.keyboard.press("c")
        expect(page.get_by_label("Subject")).to_be_visible()
        walk.view(page, f"webmail-compose-{width}")
        page.close()
