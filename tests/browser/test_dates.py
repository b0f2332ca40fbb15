"""Dates are written as the browser's language has them, days of reports by UTC."""
import re

import pytest
from playwright.sync_api import Browser, expect

from tests.serving import Server

#: By language: how a moment looks in a table.
MOMENTS = {
    "de-DE": r"\d{2}\.\d{2}\.\d{4}, \d{2}:\d{2}",
    "en-US": r"[A-Z][a-z]{2} \d{1,2}, \d{4}, \d{1,2}:\d{2}\s[AP]M",
    "ja-JP": r"\d{4}/\d{2}/\d{2} \d{1,2}:\d{2}",
}


@pytest.mark.parametrize("language", [*MOMENTS])
def test_as_the_language_has_them(browser: Browser, server: Server, language: str) -> None:
    """The sign-ins of an account, for one, where the one that just was is there at once."""
    context = browser.new_context(
        ignore_https_errors=True, service_workers="block", base_url=f"https://127.0.0.1:{server.https}", locale=language, timezone_id="UTC")
    page = context.new_page()
    page.goto("/account/#signins")
    page.get_by_label("Account or address").fill("demo")
    page.get_by_label("Password").fill("pillarbox")
    page.get_by_role("button", name="Sign in").click()
    when = page.locator("main td time").first
    expect(when).to_have_text(re.compile(f"^{MOMENTS[language]}$"))
    expect(when).to_have_attribute("datetime", re.compile(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$"))
    context.close()
