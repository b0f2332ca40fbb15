"""Every page there is: no violation of WCAG 2.2 AA, nothing wider than the screen, no error of a script, no call that fails."""
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser import plausible
from tests.browser.plausible import caller
from tests.browser.walk import Walk, axe
from tests.clientpackages import CLIENT
from tests.serving import Server
from web import apidoc
from web.registry import APIS

pytestmark = [pytest.mark.xdist_group("pages"), pytest.mark.timeout(600)]


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
    """A browser of somebody's own; Chromium takes no service worker from a server whose certificate nobody signed."""
    return browser.new_context(
        ignore_https_errors=True, service_workers="block", base_url=f"https://127.0.0.1:{server.https}", locale="en-GB", timezone_id="UTC")


@pytest.fixture
def walk(browser: Browser, server: Server) -> Iterator[Walk]:
    """A walk whose problems fail the test, all at once."""
    context = opened(browser, server)
    walk = Walk(context, tabbed=True)
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


def test_the_menu_on_a_phone(browser: Browser, server: Server) -> None:
    """It is folded away; by keyboard it opens, closes, and closes when a page was chosen."""
    context = opened(browser, server)
    caller(context.request, "admin", password="pillarbox")
    page = context.new_page()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/admin/")
    menu, pages = page.get_by_role("button", name="Menu"), page.get_by_role("navigation", name="Pages")
    expect(menu).to_have_attribute("aria-expanded", "false")
    expect(pages).to_be_hidden()
    menu.press("Enter")
    expect(pages).to_be_visible()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    assert list(axe(page)) == []
    page.keyboard.press("Escape")
    expect(pages).to_be_hidden()
    expect(menu).to_be_focused()
    menu.click()
    pages.get_by_role("link", name="Security").click()
    expect(page.get_by_role("heading", name="Security")).to_be_visible()
    expect(pages).to_be_hidden()
    page.goto("/admin/#domain/localhost")
    page.get_by_role("navigation", name="On this page").get_by_role("button", name="DKIM keys").click()
    expect(page.get_by_role("heading", name="DKIM keys")).to_be_focused()
    expect(page.get_by_role("heading", name="DKIM keys")).to_be_in_viewport()
    context.close()


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


def test_dialogs_of_the_administration(walk: Walk, filled: Server) -> None:
    """What opens above a page is looked at like a page."""
    caller(walk.context.request, "admin", password="pillarbox")
    waiting = f"queued/{filled.json('queue', 'list')[0]['id']}"
    for key, opener in (("domain/example.org", "Add an alias"), ("domain/example.org", "Remove this domain"),
                        (waiting, "Drop…"), (waiting, "Require TLS…"), ("sent", "Preview…")):
        dialog(walk, "admin", key, opener)


def test_dialogs_of_an_account(walk: Walk, filled: Server) -> None:
    """The same for the owner of an account."""
    caller(walk.context.request, "account", name="demo", password="pillarbox")
    for key, opener in (("identities", "New identity"), ("rules", "New rule"), ("masks", "Note something")):
        dialog(walk, "account", key, opener)


def dialog(walk: Walk, app: str, key: str, opener: str) -> None:
    """Open it, look at it, close it by Escape: one is where one was."""
    walk.where = f"{app} #{key} {opener}"
    for width, page in walk.pages.items():
        page.goto(f"/{app}/#{key}")
        walk.settle(page)
        button = page.get_by_role("main").get_by_role("button", name=opener).first
        button.press("Enter")
        expect(page.get_by_role("dialog")).to_be_visible()
        walk.settle(page)
        walk.view(page, f"dialog-{app}-{opener.replace(' ', '-').strip('…')}-{width}")
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(button).to_be_focused()
