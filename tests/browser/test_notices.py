"""Notices of new mail in a real browser: the dialog on screens and by keyboard, the worker, and mail that is told.

Chromium has no push service without the outside, so PushManager is stood in for by a script of
the test: it makes a subscription of the tests' own keys and keeps it as a browser would.  All
else is real: the server's work up to the push service's address, which its DNS names as this
machine and which is therefore refused, and the worker from the moment a message is pushed into it.
"""
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect, sync_playwright

from tests import chromium
from tests.browser.conftest import PHONE, SCREEN, letter, sign_in
from tests.browser.looks import faults, picture
from tests.pushservice import HOST, Browser
from tests.serving import Server

#: Stands in for the push service of the browser's maker.
STAND_IN = """([key, secret, endpoint]) => {
    const octets = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0)).buffer;
    const made = (server) => ({ endpoint, options: { applicationServerKey: new Uint8Array(JSON.parse(server)).buffer },
        getKey: (name) => octets(name === 'auth' ? secret : key),
        unsubscribe: async () => { localStorage.removeItem('stand-in'); return true; } });
    PushManager.prototype.subscribe = async function (given) {
        if (given.userVisibleOnly !== true || given.applicationServerKey.length !== 65) throw new TypeError('not as browsers want it');
        localStorage.setItem('stand-in', JSON.stringify([...given.applicationServerKey]));
        return made(localStorage.getItem('stand-in'));
    };
    PushManager.prototype.getSubscription = async () => (localStorage.getItem('stand-in') ? made(localStorage.getItem('stand-in')) : null);
}"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A localserve whose DNS knows the push service."""
    folder = tmp_path_factory.mktemp("notices") / "data"
    folder.mkdir(mode=0o700)
    (folder / "zone").write_text(f"{HOST} A 127.0.0.1\n")
    server = Server(folder).start()
    yield server
    server.stop()


class Opened:
    """Opens pages in a browser that believes the certificate: others let no worker in."""

    def __init__(self, browser: Any, server: Server) -> None:
        self._browser, self._base = browser, f"https://127.0.0.1:{server.https}"

    def __call__(self, *, granted: bool = True, size: tuple[int, int] = SCREEN, dark: bool = False) -> Page:
        """A page that is signed in, in a context of its own."""
        context = self._browser.new_context(
            ignore_https_errors=True, base_url=self._base, viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light")
        if granted:
            context.grant_permissions(["notifications"], origin=self._base)
        context.add_init_script(f"({STAND_IN})({json.dumps([*Browser.new().keys, f'https://{HOST}/{id(context)}'])})")
        page: Page = context.new_page()
        page.goto("/webmail/")
        sign_in(page)
        page.evaluate("() => navigator.serviceWorker.ready.then(() => undefined)")
        return page


@pytest.fixture
def opened(server: Server) -> Iterator[Opened]:
    """Such a browser; nobody is told any more at the end."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.WHOLE, args=["--disable-gpu", "--ignore-certificate-errors"])
        yield Opened(browser, server)
        browser.close()
    for row in told(server):
        server.command("push", "remove", row["account"], str(row["id"]))


def told(server: Server) -> list[dict[str, Any]]:
    """The browsers that are told."""
    rows: list[dict[str, Any]] = json.loads(server.command("push", "list", "--json"))
    return rows


def dialog(page: Page) -> Any:
    """The dialog, opened."""
    expect(page.get_by_role("heading", name="Inbox")).to_be_visible()
    if not page.get_by_role("button", name="Notifications").is_visible():
        page.get_by_role("button", name="Mailboxes").click()
    page.get_by_role("button", name="Notifications").click()
    return page.get_by_role("dialog", name="Notifications")


def test_on_and_off(opened: Opened, server: Server) -> None:
    """Switched on by keyboard, found on after a reload, tried, chosen, and off again by the list."""
    page = opened()
    box = dialog(page)
    switch = box.get_by_role("switch", name="Notify this device of new mail")
    expect(box.get_by_text("This device is not told of new mail.")).to_be_visible()
    assert faults(page) == []
    switch.focus()
    page.keyboard.press("Space")
    expect(box.get_by_text("This device is told of new mail, also")).to_be_visible()
    expect(switch).to_be_focused()
    expect(box.get_by_text("(this one)")).to_be_visible()
    [row] = told(server)
    assert (row["account"], row["service"], row["used"]) == ("demo", HOST, None)
    box.get_by_role("checkbox", name="Who wrote, and the subject").uncheck()
    box.get_by_role("checkbox", name="Mail in other mailboxes").check()
    expect(box.get_by_role("checkbox", name="Mail in other mailboxes")).to_be_checked()
    [account] = json.loads(server.command("account", "show", "demo", "--json"))
    assert (account["push_details"], account["push_everywhere"]) == (False, True)
    box.get_by_role("checkbox", name="Who wrote, and the subject").check()
    box.get_by_role("button", name="Send a test to").click()
    expect(box.get_by_text(f"The push service did not take it: {HOST}: its address is not of the public internet.")).to_be_visible()
    assert faults(page) == []
    picture(page, "notices")
    page.reload()
    box = dialog(page)
    expect(box.get_by_role("switch")).to_be_checked()
    box.get_by_role("button", name="nothing more").click()
    expect(box.get_by_role("switch")).not_to_be_checked()
    expect(box.get_by_text("None yet.")).to_be_visible()
    assert told(server) == []
    assert page.evaluate("localStorage.getItem('stand-in')") is None


def test_mail_that_comes(opened: Opened, server: Server) -> None:
    """The server tells on its own, out of the way of the mail; here the service's address is one that it calls for nobody."""
    page = opened()
    dialog(page).get_by_role("switch").check()
    expect(page.get_by_text("(this one)")).to_be_visible()
    [row] = told(server)
    server.send(letter("to be told"))
    server.until(f"event=push.untold role=reporter account=demo browser={row['id']}")
    [row] = told(server)
    assert "not of the public internet" in row["failure"]
    page.get_by_role("button", name="Close").click()
    expect(page.locator(".row", has_text="to be told")).to_be_visible()


def test_later_sessions(opened: Opened, server: Server) -> None:
    """Signing out ends it here and there; switched off by somebody else it stays off; a new session goes on where one just ended."""
    page = opened()
    dialog(page).get_by_role("switch").check()
    expect(page.get_by_text("(this one)")).to_be_visible()
    [row] = told(server)
    [session] = [one for one in json.loads(server.command("session", "list", "--json")) if one["account"] == "demo"][:1]
    server.command("session", "end", str(session["id"]))
    assert told(server) == []
    page.reload()
    held: list[Route] = []
    page.route("**/api/webmail/push_on", lambda route: held.append(route))    # the driver marks what it is given
    sign_in(page)
    box = dialog(page)
    within(page, lambda: held != [], "the page did not go on with it")
    expect(box.get_by_role("switch")).not_to_be_checked()
    held[0].continue_()
    page.unroute("**/api/webmail/push_on")
    # The dialog had been open before the server knew.
    expect(box.get_by_role("switch")).to_be_checked()
    [again] = told(server)
    assert again["id"] != row["id"]
    server.command("push", "remove", "demo", str(again["id"]))
    page.reload()
    expect(page.get_by_role("heading", name="Inbox")).to_be_visible()
    page.wait_for_function("() => localStorage.getItem('stand-in') === null")
    expect(dialog(page).get_by_role("switch")).not_to_be_checked()
    page.get_by_role("switch").check()
    expect(page.get_by_text("(this one)")).to_be_visible()
    page.get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Account or address")).to_be_visible()
    assert told(server) == []
    assert page.evaluate("localStorage.getItem('stand-in')") is None


def test_what_cannot_be(opened: Opened, server: Server) -> None:
    """A browser that says no, and one that has nothing of the kind: said plainly, and nothing to press."""
    page = opened(granted=False)
    devtools = page.context.browser.new_browser_cdp_session()  # type: ignore[union-attr]  # it belongs to one
    known = devtools.send("Target.getTargets")["targetInfos"]
    [context] = {one["browserContextId"] for one in known if one["url"].startswith(page.evaluate("location.origin"))}
    devtools.send("Browser.setPermission", {
        "permission": {"name": "notifications"}, "setting": "denied", "origin": page.evaluate("location.origin"),
        "browserContextId": context})
    box = dialog(page)
    expect(box.get_by_text("Your browser does not let this page show notifications.")).to_be_visible()
    expect(box.get_by_role("switch")).to_be_disabled()
    assert faults(page) == []
    picture(page, "notices-blocked")
    page.evaluate("() => { delete window.PushManager; }")
    page.get_by_role("button", name="Close").click()
    expect(dialog(page).get_by_text("This browser cannot be told of new mail.")).to_be_visible()


@pytest.mark.parametrize(("size", "dark"), [(SCREEN, True), (PHONE, False), (PHONE, True)])
def test_on_screens(opened: Opened, server: Server, size: tuple[int, int], dark: bool) -> None:
    """Nothing is wider than the screen, and all of it can be read."""
    page = opened(size=size, dark=dark)
    box = dialog(page)
    box.get_by_role("switch").check()
    expect(page.get_by_text("(this one)")).to_be_visible()
    box.get_by_role("button", name="Send a test to").click()
    expect(box.get_by_text(f"The push service did not take it: {HOST}: its address is not of the public internet.")).to_be_visible()
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert box.evaluate("(element) => element.scrollWidth <= element.clientWidth")
    picture(page, "notices")


def within(page: Page, fits: Callable[[], bool], complaint: str) -> None:
    """Wait until it is so."""
    end = time.monotonic() + 20
    while not fits():
        assert time.monotonic() < end, complaint
        page.wait_for_timeout(20)


def shown(page: Page) -> list[dict[str, Any]]:
    """What is shown now.  Chromium forgets a notice that is asked for while it comes up: ask only once the worker is done."""
    found: list[dict[str, Any]] = page.evaluate("""async () => (await (await navigator.serviceWorker.ready).getNotifications())
        .map((one) => ({title: one.title, body: one.body, data: one.data}))""")
    return found


def push(page: Page, news: dict[str, Any] | str) -> None:
    """Have the browser give the worker what a push service would, and wait until the worker is done with it."""
    [worker] = page.context.service_workers
    before = worker.evaluate(DONE)
    devtools = page.context.new_cdp_session(page)
    found: list[str] = []
    devtools.on("ServiceWorker.workerRegistrationUpdated",
                lambda event: found.extend(one["registrationId"] for one in event["registrations"]))
    devtools.send("ServiceWorker.enable")
    while not found:
        page.wait_for_timeout(20)
    origin = page.evaluate("location.origin")
    devtools.send("ServiceWorker.deliverPushMessage", {
        "origin": origin, "registrationId": found[-1], "data": news if isinstance(news, str) else json.dumps(news)})
    devtools.detach()
    within(page, lambda: worker.evaluate(DONE) > before, "the worker did not end its work")


#: The browser's maker moves a subscription: real ones are made by no script, so the event is given what they have.
MOVED = """async ([old, endpoint, key, secret]) => {
    const octets = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0)).buffer;
    const event = new ExtendableEvent('pushsubscriptionchange');
    Object.defineProperty(event, 'oldSubscription', { value: { endpoint: old, options: {} } });
    Object.defineProperty(event, 'newSubscription', { value: { endpoint, getKey: (name) => octets(name === 'auth' ? secret : key) } });
    self.dispatchEvent(event);
}"""
#: How many pushes the worker is done with since this was first asked.
DONE = """() => {
    if (self.done === undefined) {
        self.done = 0;
        const real = ExtendableEvent.prototype.waitUntil;
        ExtendableEvent.prototype.waitUntil = function (work) {
            real.call(this, work);
            if (this.type === 'push') work.finally(() => { self.done += 1; });
        };
    }
    return self.done;
}"""
#: Whether the worker has been told that nobody looks.
NOBODY = "async () => (await clients.matchAll({type: 'window', includeUncontrolled: true})).every((one) => !one.focused)"
#: A click on the notice that leads somewhere, as the browser tells the worker of it.
CLICK = """async () => {
    const shown = await self.registration.getNotifications();
    self.dispatchEvent(new NotificationEvent('notificationclick', { notification: shown.find((one) => one.data.hash) }));
}"""


def test_a_push_shows_a_notice(opened: Opened, server: Server) -> None:
    """What is pushed into the worker shows; nothing while somebody looks; a click opens the message in the page that is there."""
    server.send(letter("a notice leads here"))
    page = opened()
    expect(page.locator(".row", has_text="a notice leads here")).to_be_visible()
    rows = page.evaluate("""async () => {
        const ask = async (name, given, token = '') => (await (await fetch('/api/webmail/' + name, {
            method: 'POST', body: JSON.stringify(given), headers: {'Content-Type': 'application/json', 'X-Pillarbox-Csrf': token},
        })).json()).result;
        const token = (await ask('state', {})).csrf, box = (await ask('mailboxes', {}, token))[0].id;
        return (await ask('page', {mailbox_id: box}, token)).messages.map((one) => [one.id, box, one.subject]);
    }""")
    [(id, box)] = [(one, place) for one, place, subject in rows if subject == "a notice leads here"]
    news = {"account": "demo", "message": id, "mailbox": box, "others": 1, "unread": 3, "from": "Carla Night", "subject": "<b>Hello</b>",
            "proven": True}
    # Somebody looks: of two, only the trial shows.
    push(page, news)
    push(page, {"account": "demo", "test": True})
    assert [one["title"] for one in shown(page)] == ["It works"]
    # The driver lets every page believe that it has the focus.
    page.context.new_cdp_session(page).send("Emulation.setFocusEmulationEnabled", {"enabled": False})
    page.context.new_page().bring_to_front()
    [worker] = page.context.service_workers
    within(page, lambda: worker.evaluate(NOBODY), "the worker still thinks that somebody looks")
    push(page, news)
    assert [one for one in shown(page) if one["title"] != "It works"] == [
        {"title": "Carla Night", "body": "<b>Hello</b>\nand one more message\nfor demo", "data": {"hash": f"#box/{box}/{id}"}}]
    worker.evaluate(CLICK)
    page.wait_for_function(f"location.hash === '#box/{box}/{id}'")
    expect(page.locator(".view").get_by_role("heading", name="a notice leads here")).to_be_visible()


def test_a_moved_subscription(opened: Opened, server: Server) -> None:
    """The worker tells the server where the browser is told from now on; of one that is not its own it changes nothing."""
    page = opened()
    dialog(page).get_by_role("switch").check()
    expect(page.get_by_text("(this one)")).to_be_visible()
    [worker], keys = page.context.service_workers, Browser.new().keys
    old = page.evaluate("navigator.serviceWorker.ready.then(async (one) => (await one.pushManager.getSubscription()).endpoint)")
    for before, after in (("https://push.test/another", "https://wrong.test/x"), (old, "https://moved.test/x")):
        with page.context.expect_event("response", lambda answer: answer.url.endswith("/push_renew")):
            worker.evaluate(MOVED, [before, after, *keys])
    assert [row["service"] for row in told(server)] == ["moved.test"]
