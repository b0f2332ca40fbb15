"""The service worker keeps the shell of the webmail, and nothing of anybody's mail."""
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests import chromium
from tests.browser.conftest import letter, sign_in
from tests.serving import Server


@pytest.fixture
def trusting(server: Server) -> Iterator[Page]:
    """A page in a browser that believes the certificate: others let no worker in."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.WHOLE, args=["--disable-gpu", "--ignore-certificate-errors"])
        yield browser.new_context(ignore_https_errors=True, base_url=f"https://127.0.0.1:{server.https}").new_page()
        browser.close()


def test_the_shell_without_a_server(trusting: Page, server: Server) -> None:
    """With the server gone, the page comes and says so; back again, mail is there; of mail nothing was kept."""
    page = trusting
    server.send(letter("a secret in the shell"))
    page.goto("/webmail/")
    sign_in(page)
    expect(page.locator(".row", has_text="a secret in the shell")).to_be_visible()
    page.evaluate("() => navigator.serviceWorker.ready.then(() => undefined)")
    page.reload()
    page.reload()
    expect(page.locator(".row", has_text="a secret in the shell")).to_be_visible()
    kept = page.evaluate("""async () => {
        const shell = await caches.open('pillarbox-shell');
        return (await shell.keys()).map((one) => new URL(one.url).pathname).sort();
    }""")
    shell = {"/webmail/", *(f"/static/{name}" for name in ("webmail.js", "style.css", "reading.css", "icon.svg", "webmail.webmanifest"))}
    assert set(kept) <= shell
    assert {"/webmail/", "/static/webmail.js", "/static/style.css"} <= set(kept)
    page.context.set_offline(True)
    page.reload()
    expect(page.get_by_text("The server cannot be reached.")).to_be_visible()
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".row", has_text="a secret in the shell")).to_be_visible()

