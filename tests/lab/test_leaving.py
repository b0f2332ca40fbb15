"""A list is left in the browser by one press: our server tells the list's, as RFC 8058 has it, and says what came of it."""
import http.server
import smtplib
import ssl
import threading
from collections.abc import Iterator
from typing import ClassVar

import pytest
from playwright.sync_api import expect

from tests import lists
from tests.chromium import NEEDED
from tests.lab import chromium
from tests.lab.conftest import LISTS, US
from tests.lab.names import Names
from tests.lab.namespace import Namespace
from tests.lab.protection import Protection
from tests.lab.server import Pillarbox

pytestmark = NEEDED


class Told(http.server.BaseHTTPRequestHandler):
    """Takes note of who leaves; a request without a token it does not understand, and some it wants elsewhere."""

    heard: ClassVar[list[tuple[str, str, dict[str, str], bytes]]]
    protocol_version = "HTTP/1.1"
    timeout = 10

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.heard.append((self.command, self.path, dict(self.headers.items()), body))
        self.send_response(302 if "elsewhere" in self.path else 200)
        if "elsewhere" in self.path:
            self.send_header("Location", "/out/after")
        self.send_header("Set-Cookie", "known=yes")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        self.heard.append((self.command, self.path, {}, b""))
        self.send_error(405)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def told(space: Namespace, names: Names, protected: Protection) -> Iterator[type[Told]]:
    """The list's web server, at an address of the public internet."""
    Told.heard = []
    certificate = protected.authority.issue([f"out.{lists.DOMAIN}"])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.file, certificate.key)
    server = http.server.ThreadingHTTPServer((LISTS, 443), Told)
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield Told
    server.shutdown()
    server.server_close()
    thread.join()


def test_by_one_press(us: Pillarbox, told: type[Told]) -> None:
    """Told once, without cookies, and nothing before one agrees; who answers otherwise is not believed, nor followed."""
    for subject, token in (("take me off", "one"), ("sent elsewhere", "elsewhere")):
        with smtplib.SMTP(US, 25, timeout=30) as client:
            client.sendmail(f"news@{lists.DOMAIN}", "ann@us.test", lists.news(subject, "ann@us.test", f"https://out.{lists.DOMAIN}/out/{token}?who=ann"))
        us.wait_for("ann", subject)
    with chromium.launched(us.space) as browser, chromium.watched(browser, (*chromium.EXPECTED, "status of 503")) as page:
        chromium.sign_in(page, "ann")
        page.locator(".row", has_text="take me off").click()
        button, box = page.get_by_role("button", name="Leave this list"), page.get_by_role("dialog")
        button.click()
        expect(box).to_contain_text(f"out.{lists.DOMAIN}")
        assert told.heard == []
        box.get_by_role("button", name="Leave this list").click()
        expect(page.get_by_text(f"out.{lists.DOMAIN} was told.")).to_be_visible()
        [(command, path, headers, body)] = told.heard
        assert (command, path, body) == ("POST", "/out/one?who=ann", b"List-Unsubscribe=One-Click")
        assert headers["Content-Type"] == "application/x-www-form-urlencoded"
        assert headers["Host"] == f"out.{lists.DOMAIN}"
        assert not {"cookie", "referer", "origin"} & {name.lower() for name in headers}

        page.locator(".row", has_text="sent elsewhere").click()
        button.click()
        box.get_by_role("button", name="Leave this list").click()
        expect(page.locator(".notice.error")).to_contain_text("answered 302, so it may not have taken note")
        assert [(command, path) for command, path, *_ in told.heard] == [("POST", "/out/one?who=ann"), ("POST", "/out/elsewhere?who=ann")]
