"""A mailbox of 100,000 messages and a long day of reading: what the page keeps is bounded.  How fast it is: tests/bench/reader.py."""
from collections.abc import Iterator

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.browser.conftest import SCREEN, Opener, sign_in
from tests.longmailbox import fill
from tests.serving import Server

pytestmark = pytest.mark.timeout(400)    # on a machine that does much else

MANY = 100_000
#: Whether rows are where one stopped, and all of them are read: those from before stand until the next frame.
STOPPED = """() => {
  const list = document.querySelector(".list"), rows = [...list.querySelectorAll(".row")];
  const at = (place) => rows.some((one) => one.offsetTop <= place && one.offsetTop + one.offsetHeight >= place);
  return at(list.scrollTop) && at(list.scrollTop + list.clientHeight) && !list.querySelector(".unknown");
}"""


@pytest.fixture(scope="module")
def full(server: Server) -> Iterator[None]:
    """Its Archive is full."""
    fill(server.folder / "data", "demo", "Archive", MANY)
    yield
    assert "agree" in server.command("verify")


@pytest.fixture
def archive(full: None, opened: Opener) -> Page:
    """It is shown."""
    page = opened(SCREEN)
    page.goto("/webmail/")
    sign_in(page)
    page.locator("[data-role=archive]").click()
    expect(page.locator(".heading .total")).to_have_text(f"{MANY:,} messages")
    expect(page.locator(".row.unknown")).to_have_count(0)
    return page


def kept(session: CDPSession) -> dict[str, float]:
    """What the tab has when all that can go is gone."""
    for _ in range(2):
        session.send("HeapProfiler.collectGarbage")
    return {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}


def test_scrolling_keeps_what_is_in_sight(archive: Page) -> None:
    """From end to end: the rows are right wherever one stops, and neither elements nor what is remembered of rows grows."""
    session = archive.context.new_cdp_session(archive)
    session.send("Performance.enable")

    def go(step: int) -> None:
        archive.evaluate("part => { const list = document.querySelector('.list'); list.scrollTop = list.scrollHeight * part; }", step / 200)
        archive.wait_for_function(STOPPED)

    for step in range(20):
        go(step)
    before = kept(session)
    for step in range(20, 201, 3):
        go(step)
    after = kept(session)
    assert archive.locator(".row").count() < 60
    assert after["Nodes"] < before["Nodes"] + 500
    assert after["JSEventListeners"] < before["JSEventListeners"] + 300
    assert after["JSHeapUsedSize"] < before["JSHeapUsedSize"] + 4e6
    expect(archive.locator(".row").last).to_have_attribute("aria-rowindex", str(MANY))
    expect(archive.locator(".row").last).to_contain_text("number")


def test_reading_on_and_on(archive: Page) -> None:
    """A hundred more messages, shown with their formatting, leave nothing behind: no elements, no frames, no listeners."""
    session = archive.context.new_cdp_session(archive)
    session.send("Performance.enable")

    def read(count: int) -> None:
        for _ in range(count):
            archive.keyboard.press("j")
            # Not the element: what the test holds would not go.
            archive.wait_for_function("() => !!document.querySelector('.view .body iframe, .view .body .text')")

    read(1)
    archive.get_by_role("button", name="Formatted", exact=True).click()
    expect(archive.locator(".view iframe")).to_have_count(1)
    read(40)
    before = kept(session)
    read(100)
    after = kept(session)
    assert after["Nodes"] < before["Nodes"] + 500
    assert after["Frames"] <= before["Frames"] + 2
    assert after["JSEventListeners"] < before["JSEventListeners"] + 300
    assert after["JSHeapUsedSize"] < before["JSHeapUsedSize"] + 4e6
