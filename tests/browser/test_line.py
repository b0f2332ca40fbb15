"""A bad line: calls are made again, being offline is said, and what happened meanwhile is told from where one was."""
import os
import re
import signal

from playwright.sync_api import Page, Request, Route, expect

from tests.browser.conftest import letter
from tests.serving import Server


def test_back_online_only_what_is_new_is_told(page: Page, server: Server) -> None:
    """The stream breaks and is refused for a while: that is said; then it goes on after the last change, and nothing is read anew."""
    server.send(letter("before the line broke"))
    expect(page.locator(".row", has_text="before the line broke")).to_be_visible()
    expect(page.locator(".offline")).to_be_hidden()
    refused: list[Request] = []

    def refuse(route: Route) -> None:
        refused.append(route.request)
        route.fulfill(status=502, body="the proxy has lost us")

    page.route(re.compile("/webmail/events"), refuse)
    [web] = server.pids("web")
    heard: list[Request] = []

    def hear(request: Request) -> None:
        heard.append(request)

    os.kill(web, signal.SIGKILL)
    expect(page.locator(".offline")).to_be_visible()
    server.until("event=supervisor.role_fell")
    while not refused:
        page.wait_for_timeout(50)
    server.send(letter("while the line was broken"))
    page.on("request", hear)
    page.unroute(re.compile("/webmail/events"))
    expect(page.locator(".row", has_text="while the line was broken")).to_be_visible(timeout=60_000)
    expect(page.locator(".offline")).to_be_hidden()
    # What was asked just before the refusing ended was refused as well.
    asked = [one.url.partition("127.0.0.1")[2].partition("/")[2] for one in heard if one not in refused]
    assert len(asked) == 1, asked
    assert re.fullmatch(r"webmail/events\?since=[1-9]\d*", asked[0])


def test_what_may_be_said_twice_is_said_again(page: Page, server: Server) -> None:
    """A flag that gets lost on the way is set all the same, without a word."""
    server.send(letter("flagged over a bad line"))
    row = page.locator(".row", has_text="flagged over a bad line")
    expect(row).to_be_visible()
    lost: list[str] = []

    def lose(route: Route) -> None:
        lost.append(route.request.url)
        route.abort()

    page.route("**/api/webmail/flags", lose, times=2)
    row.get_by_role("button", name="Flag").click()
    expect(row.get_by_role("button", name="Remove flag")).to_be_visible()
    assert len(lost) == 2
    expect(page.locator(".notice.error")).to_have_count(0)
