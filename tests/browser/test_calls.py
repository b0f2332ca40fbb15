"""What was called in Chromium, and what was not: the pure part of the proof, and that a page of a test is heard."""
import pytest
from playwright.sync_api import expect

from tests.browser import calls
from tests.browser.conftest import SCREEN, Opener
from web.rpc import Api, make_api

ANSWERED = {"x-content-type-options": "nosniff"}


def api() -> Api:
    """Two functions."""
    def one(call: object) -> None:
        """The first."""

    def two(call: object) -> None:
        """The second."""

    return make_api("small", "A small one", open=(), closed=(one, two))


@pytest.mark.parametrize(("method", "url", "headers", "found"), [
    ("POST", "https://127.0.0.1:8443/api/admin/queue", ANSWERED, "admin/queue"),
    ("POST", "https://127.0.0.1:8443/api/admin/queue?again", ANSWERED, "admin/queue"),
    ("POST", "https://127.0.0.1:8443/api/admin/queue", {}, ""),
    ("GET", "https://127.0.0.1:8443/api/admin/queue", ANSWERED, ""),
    ("POST", "https://127.0.0.1:8443/api/admin/", ANSWERED, ""),
    ("POST", "https://127.0.0.1:8443/webmail/upload", ANSWERED, ""),
])
def test_what_is_a_call(method: str, url: str, headers: dict[str, str], found: str) -> None:
    """Only what the server itself answered."""
    assert calls.called(method, url, headers) == found


@pytest.mark.parametrize(("heard", "unasked", "verdict"), [
    ({"small/one", "small/two"}, {}, ""),
    ({"small/one"}, {"small/two": "for programs"}, ""),
    (set(), {}, "no page called small/one, small/two"),
    ({"small/one", "small/two"}, {"small/two": "for programs"}, "tests/browser/calls.py excepts without need small/two"),
    ({"small/one"}, {"small/too": "a slip"}, "no page called small/two; tests/browser/calls.py excepts without need small/too"),
])
def test_the_verdict(heard: set[str], unasked: dict[str, str], verdict: str) -> None:
    """Every function by name, and no exception that is none."""
    assert calls.uncalled(heard, [api()], unasked) == verdict


def test_a_page_is_heard(opened: Opener) -> None:
    """What it asks by itself, and not what the test asks beside it."""
    before = set(calls.HEARD)
    calls.HEARD.clear()
    page = opened(SCREEN)
    page.request.post("/api/account/state", data={})
    page.goto("/admin/")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    assert {"admin/state"} == calls.HEARD
    calls.HEARD.update(before)
