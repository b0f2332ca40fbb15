"""A whole server and a browser for all tests of the folder; each test has a page of its own, on which no script may fail."""
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests import chromium
from tests.browser import calls
from tests.serving import Server

SCREEN, PHONE = (1360, 850), (390, 844)
#: What a browser reports of calls that the server refused on purpose.
REFUSED = ("status of 400", "status of 401", "status of 403", "status of 409", "status of 502", "ERR_")
#: The same, but only of functions: something is gone, which a page may be late to know; nothing can be said now.
UNABLE = ("status of 404", "status of 503")

#: A notice that comes now stays for a minute: how fast somebody gets to what it offers is the machine's doing.  And as usual again.
STAYING = """() => {
  window.usual = setTimeout;
  window.setTimeout = (what, after, ...more) => usual(what, after >= 6_000 ? 60_000 : after, ...more);
}"""
AS_USUAL = "() => { window.setTimeout = usual; }"

Opener = Callable[[tuple[int, int]], Page]


@pytest.hookimpl(tryfirst=True)    # before xdist writes the groups into the ids
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without Chromium the tests are skipped by name; those of a module share its server and browser, which take longer than a test."""
    for item in items:
        if "tests/browser/" in str(item.path):
            item.add_marker(chromium.NEEDED)
            if not any(item.iter_markers("xdist_group")):
                item.add_marker(pytest.mark.xdist_group(item.path.stem))


@pytest.fixture(autouse=True, scope="session")
def _heard() -> Iterator[None]:
    """What pages call is noted."""
    with calls.listening():
        yield


def refused(message: ConsoleMessage) -> bool:
    """Whether it tells of an answer that a test may have wanted."""
    known = (*REFUSED, *UNABLE) if "/api/" in message.location["url"] else REFUSED
    return any(word in message.text for word in known)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A localserve, where what is sent goes at once."""
    server = Server(tmp_path_factory.mktemp("browser") / "data").start()
    server.command("account", "set", "demo", "--undo-seconds", "0")
    yield server
    server.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium that asks nothing of the outside."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.SMALL, headless=True, args=chromium.QUIET)
        yield browser
        browser.close()


@pytest.fixture
def opened(browser: Browser, server: Server) -> Iterator[Opener]:
    """Opens a page of a size, in a browser of its own; any error of a script or of the policy fails the test."""
    troubles: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" and not refused(message):
            troubles.append(message.text)

    def watch(page: Page) -> None:
        page.on("pageerror", lambda problem: troubles.append(str(problem)))
        page.on("console", hear)

    contexts = []

    def open_page(size: tuple[int, int] = SCREEN) -> Page:
        context = browser.new_context(
            ignore_https_errors=True, service_workers="block", viewport={"width": size[0], "height": size[1]},
            base_url=f"https://127.0.0.1:{server.https}")
        contexts.append(context)
        context.on("page", watch)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.fixture
def page(opened: Opener) -> Page:
    """The webmail, signed in."""
    page = opened(SCREEN)
    page.goto("/webmail/")
    sign_in(page)
    return page


def sign_in(page: Page) -> None:
    """Fill in the form of the webmail."""
    page.get_by_label("Account or address").fill("demo")
    page.get_by_label("Password").fill("pillarbox")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Inbox")).to_be_visible()


def letter(subject: str, more: str = "", text: str = "Good day.") -> bytes:
    """A message to the demo account."""
    return f"From: Carla Night <carla@example.net>\r\nTo: demo@localhost\r\nSubject: {subject}\r\n{more}\r\n{text}\r\n".encode()
