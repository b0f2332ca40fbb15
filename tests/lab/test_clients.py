"""Mail programs and a telephone at a real server: what one signs in to is inside, what everybody may ask is outside."""
import http.client
import json
import plistlib
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from playwright.sync_api import expect, sync_playwright

from mta.base.clock import SystemClock
from tests import chromium
from tests.flow.test_autodiscover import asked
from tests.lab.conftest import STRANGER, STRANGER6
from tests.lab.names import Names
from tests.lab.namespace import Namespace
from tests.lab.server import PASSWORD, Pillarbox
from tests.net.chain import chained

HOST, DOMAIN = "mx.phone.test", "phone.test"
#: Goes on where the configuration of the lab ends, in the listener that is for everybody.
MORE = """web = []

[listeners.inside]
ips = ["{inside}"]
https = 443

[tls]
certificate = "{folder}/host.pem"
key = "{folder}/host.key"

[clients]
imap = true
"""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Message
    body: bytes


@dataclass(frozen=True)
class Telephone:
    """Asks the listener for everybody, and believes the authority of the lab alone."""

    root: Path

    def ask(self, method: str, target: str, body: bytes = b"", host: str = HOST, secure: bool = True) -> Answer:
        """One request, and its answer."""
        with socket.create_connection((STRANGER6, 443 if secure else 80), 20) as plain:
            wire = ssl.create_default_context(cafile=str(self.root)).wrap_socket(plain, server_hostname=host) if secure else plain
            conn = http.client.HTTPConnection(host)
            conn.sock = wire
            with closing(wire), closing(conn):
                conn.request(method, target, body)
                answer = conn.getresponse()
                return Answer(answer.status, answer.headers, answer.read())


@pytest.fixture(scope="module")
def telephone(space: Namespace) -> Telephone:
    """With a certificate of the host whose authority it knows."""
    folder = space.folder / "phone"
    folder.mkdir(mode=0o755)
    made = chained(SystemClock(), HOST)
    for name, content in (("root.pem", made.root), ("host.pem", made.chain), ("host.key", made.key)):
        (folder / name).write_bytes(content)
    return Telephone(folder / "root.pem")


@pytest.fixture(scope="module")
def phoned(space: Namespace, names: Names, telephone: Telephone) -> Iterator[Pillarbox]:
    """A Pillarbox that has pages to sign in inside, and documents outside."""
    with space.entered():
        server = Pillarbox(space, "phoned", (STRANGER6,), DOMAIN, ("ann",), MORE.format(inside=STRANGER, folder=telephone.root.parent))
    yield server
    with space.entered():
        assert server.stop() == 0, server.text()[-3000:]
        assert "agree" in server.command("verify")


def test_programs_find_everything(phoned: Pillarbox, telephone: Telephone) -> None:
    """Thunderbird's way with TLS and without, Microsoft's two, and the command line say the same."""
    row = [(one["server"], one["port"]) for one in phoned.json("clients", f"ann@{DOMAIN}")]
    assert row == [(HOST, 993), (HOST, 465), (HOST, 587)]
    for host, secure in ((f"autoconfig.{DOMAIN}", False), (HOST, True)):
        answer = telephone.ask("GET", f"/mail/config-v1.1.xml?emailaddress=ann%40{DOMAIN}", host=host, secure=secure)
        root = ElementTree.fromstring(answer.body)
        assert [(one.findtext("hostname"), int(one.findtext("port") or 0)) for one in root[0] if one.tag.endswith("Server")] == row
    place = json.loads(telephone.ask("GET", f"/autodiscover/autodiscover.json?Email=ann%40{DOMAIN}&Protocol=AutodiscoverV1").body)["Url"]
    assert place == f"https://{HOST}/autodiscover/autodiscover.xml"
    found = telephone.ask("POST", urlsplit(place).path, asked(f"ann@{DOMAIN}")).body.decode()
    assert all(f"<Port>{port}</Port>" in found for _, port in row)
    assert telephone.ask("GET", "/mail/config-v1.1.xml", host="autoconfig.elsewhere.test", secure=False).status == 404


def test_nothing_to_sign_in_to_outside(phoned: Pillarbox, telephone: Telephone) -> None:
    """Neither pages nor calls, with TLS or without."""
    for method, target in (("GET", "/webmail/"), ("GET", "/admin/"), ("POST", "/api/admin/login"), ("POST", "/api/account/login")):
        for secure in (True, False):
            assert telephone.ask(method, target, secure=secure).status == 404


@chromium.NEEDED
def test_a_profile_by_its_code(phoned: Pillarbox, telephone: Telephone, tmp_path: Path) -> None:
    """Made inside, fetched outside without signing in, once; OpenSSL says that the host signed it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.SMALL, headless=True, args=chromium.QUIET)
        page = browser.new_context(ignore_https_errors=True).new_page()
        page.goto(f"https://{STRANGER}/account/#programs")
        page.get_by_label("Account or address").fill("ann")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_text(f"It is signed by {HOST}.")).to_be_visible()
        page.get_by_role("button", name="Show a QR code").click()
        expect(page.get_by_role("img", name="QR code")).to_be_visible()
        link = urlsplit(page.locator(".code code").inner_text())
        browser.close()
    assert (link.scheme, link.netloc) == ("https", HOST)
    target = f"{link.path}?{link.query}"
    moved = telephone.ask("GET", target, secure=False)
    assert (moved.status, moved.headers["Location"]) == (308, f"https://{HOST}{target}")
    answer = telephone.ask("GET", target)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/x-apple-aspen-config")
    (tmp_path / "signed").write_bytes(answer.body)
    verify = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-purpose", "any"]
    done = subprocess.run([*verify, "-in", tmp_path / "signed", "-CAfile", telephone.root], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    [account] = plistlib.loads(done.stdout)["PayloadContent"]
    assert (account["EmailAddress"], account["IncomingMailServerHostName"]) == (f"ann@{DOMAIN}", HOST)
    assert telephone.ask("GET", target).status == 404
    assert link.query.partition("=")[2] not in phoned.text()
