"""Chromium inside the lab: it is started there, and pages on which no script may fail sign in to the webmail."""
import contextlib
from collections.abc import Iterator

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.chromium import QUIET, SMALL
from tests.lab.conftest import US
from tests.lab.namespace import Namespace
from tests.lab.server import PASSWORD

#: What a page may report that is no fault of its own: nobody is signed in; what it asked about is gone meanwhile.
EXPECTED = ("status of 401",)


@contextlib.contextmanager
def launched(space: Namespace) -> Iterator[Browser]:
    """A headless one."""
    with space.entered(), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=SMALL, headless=True, args=QUIET)
        yield browser
        browser.close()


@contextlib.contextmanager
def watched(browser: Browser, expected: tuple[str, ...] = EXPECTED) -> Iterator[Page]:
    """A fresh page; any error that a script or the policy reports fails the test."""
    context = browser.new_context(ignore_https_errors=True, service_workers="block", viewport={"width": 1360, "height": 850})
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda problem: troubles.append(str(problem)))
    page.on("console", lambda message: troubles.append(message.text)
            if message.type == "error" and not any(word in message.text for word in expected) else None)
    yield page
    context.close()
    assert troubles == []


def sign_in(page: Page, account: str) -> None:
    """From the address of the webmail to its Inbox."""
    page.goto(f"https://{US}/webmail/")
    page.get_by_label("Account or address").fill(account)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Inbox")).to_be_visible()
