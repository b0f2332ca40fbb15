"""How soon a change shows in a tab that did not make it: mail that comes, what another tab does.  All clocks are this machine's.

Of mail: from the server's 250 to the row in the list.  Of another tab: from the press of the key
there, which has to go to the server first.  Nothing is asked in between: the tab hears of it.
"""
import os
import smtplib
import statistics
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import letter
from tests.chromium import WHOLE
from tests.serving import Server

TIMES = int(os.environ.get("BENCH_SOON", "40"))
#: Notes when each row of the list comes and goes, by its subject, in milliseconds since 1970.
WATCH = """() => {
  window.came = {}; window.went = {};
  const named = (row) => row.querySelector?.(".subject")?.textContent;
  const now = () => performance.timeOrigin + performance.now();
  let before = new Set();
  new MutationObserver(() => {
    const there = new Set([...document.querySelectorAll(".row")].map(named));
    for (const one of there) if (!before.has(one)) window.came[one] = now();
    for (const one of before) if (!there.has(one)) window.went[one] = now();
    before = there;
  }).observe(document.querySelector(".list"), { childList: true, subtree: true });
}"""
PRESSED = """() => {
  window.pressed = [];
  addEventListener("keydown", () => window.pressed.push(performance.timeOrigin + performance.now()), true);
}"""


def measure(folder: Path) -> list[tuple[str, str]]:
    """Milliseconds, of deliveries and of what another tab does."""
    server = Server(folder / "data").start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=WHOLE, headless=True, args=["--disable-gpu"])
        context = browser.new_context(ignore_https_errors=True, viewport={"width": 1360, "height": 850})
        one, other = context.new_page(), context.new_page()
        one.goto(f"https://127.0.0.1:{server.https}/webmail/")
        one.get_by_label("Account or address").fill("demo")
        one.get_by_label("Password").fill("pillarbox")
        one.get_by_role("button", name="Sign in").click()
        one.locator("[data-role=inbox]").wait_for()
        other.goto(f"https://127.0.0.1:{server.https}/webmail/")
        other.locator("[data-role=inbox]").wait_for()
        other.wait_for_timeout(1_000)
        other.evaluate(WATCH)
        one.evaluate(PRESSED)
        asked: list[str] = []
        other.on("request", lambda request: asked.append(request.url))
        figures = [_told("mail that comes", _mail(server, other)), _told("archived in another tab", _archived(one, other)),
                   ("requests of the tab meanwhile", str(len(asked)))]
        browser.close()
    server.stop()
    return figures


def _mail(server: Server, other: Page) -> list[float]:
    found = []
    with smtplib.SMTP(server.ip, server.smtp, timeout=30) as client:
        for number in range(TIMES):
            client.sendmail("carla@example.net", ["demo@localhost"], letter(f"soon {number}"))
            taken = 1_000 * time.time()
            other.wait_for_function("(name) => window.came[name]", arg=f"soon {number}")
            found.append(float(other.evaluate("(name) => window.came[name]", f"soon {number}")) - taken)
    return found


def _archived(one: Page, other: Page) -> list[float]:
    found = []
    for number in reversed(range(TIMES)):
        one.locator(".row", has_text=f"soon {number}").first.click()
        one.wait_for_function("() => !!document.querySelector('.view .body .text')")
        one.keyboard.press("e")
        other.wait_for_function("(name) => window.went[name]", arg=f"soon {number}")
        gone = float(other.evaluate("(name) => window.went[name]", f"soon {number}"))
        found.append(gone - float(one.evaluate("() => window.pressed.at(-1)")))
    return found


def _told(what: str, found: list[float]) -> tuple[str, str]:
    return (f"{what}, {len(found)} times: median, longest", f"{statistics.median(found):.0f} ms, {max(found):.0f} ms")
