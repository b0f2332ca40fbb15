"""The webmail in Chromium: a mailbox of 100,000 messages is scrolled from end to end, 1,000 messages are opened one after the other."""
import os
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page, sync_playwright

from tests.chromium import WHOLE
from tests.longmailbox import fill
from tests.serving import Server

MAILBOX = int(os.environ.get("BENCH_MAILBOX", "100000"))
OPENED = int(os.environ.get("BENCH_OPENED", "1000"))
WATCH = """() => {
  window.long = [];
  new PerformanceObserver((list) => window.long.push(...list.getEntries().map((one) => one.duration))).observe({ type: "longtask" });
}"""
#: Turns of the wheel, one each frame, by so many pixels; the frames that took over 50 ms are counted too.
WHEEL = """async ([steps, pixels]) => {
  const list = document.querySelector(".list");
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  let slow = 0;
  for (let left = steps, last = performance.now(); left > 0; left -= 1) {
    list.scrollTop += pixels;
    await frame();
    slow += Number(performance.now() - last > 50);
    last = performance.now();
  }
  return slow;
}"""


def measure(folder: Path) -> list[tuple[str, str]]:
    """Long tasks and memory."""
    server = Server(folder / "data").start()
    fill(folder / "data" / "data", "demo", "Archive", MAILBOX)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=WHOLE, headless=True, args=["--disable-gpu"])
        page = browser.new_context(ignore_https_errors=True, viewport={"width": 1360, "height": 850}).new_page()
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable")
        page.goto(f"https://127.0.0.1:{server.https}/webmail/")
        page.get_by_label("Account or address").fill("demo")
        page.get_by_label("Password").fill("pillarbox")
        page.get_by_role("button", name="Sign in").click()
        page.locator("[data-role=inbox]").wait_for()
        figures = [*_opening(page), *_scrolling(page, session), *_reading(page, session)]
        browser.close()
    server.stop()
    return figures


def _opening(page: Page) -> list[tuple[str, str]]:
    page.evaluate(WATCH)
    begun = time.perf_counter()
    page.locator("[data-role=archive]").click()
    page.wait_for_function("() => document.querySelectorAll('.row:not(.unknown)').length > 10")
    return [(f"from the click to the rows of {MAILBOX:,} messages", f"{1_000 * (time.perf_counter() - begun):.0f} ms"),
            ("of these in long tasks", _long(page))]


def _scrolling(page: Page, session: CDPSession) -> list[tuple[str, str]]:
    figures = []
    slow = page.evaluate(WHEEL, [1_000, 300])
    figures += [("wheel, 1,000 frames of 300 pixels: long tasks", _long(page)), ("frames over 50 ms", str(slow))]
    slow = page.evaluate(WHEEL, [1_000, MAILBOX * 68 // 1_000])
    figures += [("from the beginning to the end in 1,000 frames: long tasks", _long(page)), ("frames over 50 ms", str(slow))]
    for number in range(200):
        page.evaluate("part => { const list = document.querySelector('.list'); list.scrollTop = list.scrollHeight * part; }",
                      number * 61 % 200 / 200)
        page.wait_for_function("() => !!document.querySelector('.row') && !document.querySelector('.row.unknown')")
    figures.append(("200 places far apart, each until its rows are there: long tasks", _long(page)))
    for key in ("End", "Home") * 5:
        page.keyboard.press(key)
        page.wait_for_timeout(200)
    return [*figures, ("to the end and back by key, five times: long tasks", _long(page)), ("the tab after that", _memory(session))]


def _reading(page: Page, session: CDPSession) -> list[tuple[str, str]]:
    figures = []
    for html in (False, True):
        if html:
            page.get_by_role("button", name="Formatted", exact=True).click()
        for number in range(OPENED + 1):
            page.keyboard.press("j")
            page.wait_for_function("() => !!document.querySelector('.view .body iframe, .view .body .text')")
            if number in (OPENED // 10, OPENED // 2, OPENED):
                figures.append((f"the tab after {number:,} messages{' with their formatting' if html else ''}", _memory(session)))
        figures.append(("long tasks meanwhile", _long(page)))
    return figures


def _long(page: Page) -> str:
    """Tasks over 50 ms since the last question."""
    found: list[float] = page.evaluate("() => window.long.splice(0)")
    return f"{len(found)}, the longest {max(found):.0f} ms" if found else "none"


def _memory(session: CDPSession) -> str:
    for _ in range(3):
        session.send("HeapProfiler.collectGarbage")
    now: dict[str, Any] = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
    return (f"{now['JSHeapUsedSize'] / 1e6:.1f} MB of script, {now['Nodes']:.0f} nodes, {now['JSEventListeners']:.0f} listeners, "
            f"{now['Frames']:.0f} frames, {now['Documents']:.0f} documents")
