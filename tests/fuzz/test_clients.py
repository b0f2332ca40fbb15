"""Documents that mail programs ask for, under strangers' bytes.

Invariants: whatever is asked, with whatever Host and body, the answer is no failure of ours;
what is answered to a request that can be read is well-formed, and names our servers alone.
"""
from contextlib import suppress
from xml.etree import ElementTree

from hypothesis import example, given
from hypothesis import strategies as st

from mta.base.clock import SetClock
from mta.base.names import Domain
from mta.config.model import Config
from mta.flow import autodiscover
from mta.flow.autodiscover import SETTINGS, BadRequest
from tests.fuzz.effort import tries
from tests.web import conftest as pages
from tests.web.conftest import Browser

config, served, world, zone = pages.config, pages.served, pages.world, pages.zone
elsewhere, files, told, house, app, stranger = pages.elsewhere, pages.files, pages.told, pages.house, pages.app, pages.stranger
CONFIG = Config(hostname=Domain("mx.example.org"))
PIECES = st.sampled_from([
    b"<A>", b"</A>", b"<EMailAddress>", b"</EMailAddress>", b"<AcceptableResponseSchema>", b"</AcceptableResponseSchema>", SETTINGS.encode(),
    b"ann@example.org", b"<?xml version='1.0' encoding='utf-16'?>", b"<!DOCTYPE A [<!ENTITY e 'x'>]>", b"&e;", b"&lt;", b"&#0;", b"&#x10ffff;",
    b"<![CDATA[", b"]]>", b"<!--", b"-->", b"\0", b"\xff\xfe", b"<", b">", b"'", b"xmlns:a='b'", b"a:"])
BODIES = st.lists(PIECES | st.binary(max_size=4), max_size=30).map(b"".join) | PIECES.map(
    lambda piece: b"<A><EMailAddress>" + piece + b"@example.org</EMailAddress></A>")
PATHS = st.sampled_from([
    "/mail/config-v1.1.xml", "/.well-known/autoconfig/mail/config-v1.1.xml", "/autodiscover/autodiscover.xml",
    "/autodiscover/autodiscover.json", "/autodiscover/autodiscover.json/v1.0/", "/profile.mobileconfig"])
FIELDS = st.sampled_from(["emailaddress=", "Email=", "Protocol=", "link=", "&", "AutodiscoverV1", "ann@example.org", "%ff", "%00", "%"])
QUERIES = st.lists(FIELDS | st.text(max_size=3), max_size=8).map("".join)
HOSTS = st.sampled_from(["mx.example.org", "autoconfig.example.org", "example.org:443", "[::1]"]) | st.text(max_size=20)


@tries(300)
@example("/profile.mobileconfig", "link=\udcff", "mx.example.org", b"")
@given(PATHS, QUERIES, HOSTS, BODIES)
def test_any_request(stranger: Browser, path: str, query: str, host: str, body: bytes) -> None:
    """Any document, query, host and body."""
    for method in ("GET", "POST", "HEAD"):
        headers = {"host": host.encode("latin-1", "replace").decode("latin-1")}
        target = f"https://x{path}?{query.encode('latin-1', 'replace').decode('latin-1').replace('#', '')}"
        assert stranger.request(method, target, body, headers).status < 500


@tries(500)
@given(BODIES)
def test_any_body(body: bytes) -> None:
    """Is refused, or answered with a document."""
    with suppress(BadRequest):
        address, schema = autodiscover.read(body)
        root = ElementTree.fromstring(autodiscover.answer(CONFIG, SetClock(), address, schema))
        assert {one.text for one in root.iter(f"{{{SETTINGS}}}Server")} <= {"mx.example.org"}
