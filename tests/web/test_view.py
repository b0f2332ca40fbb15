"""web.view: a stranger's message never becomes a page of ours."""
import base64

import pytest

from tests.web.conftest import Browser
from tests.web.letters import PICTURE, RICH, put
from web.call import House
from web.view import disposition, safe_kind


@pytest.fixture
def rich(house: House) -> int:
    """A message with HTML, a picture, and an attachment that would be a page."""
    return put(house.world, text=RICH)


def test_html_in_a_cage(ann: Browser, rich: int) -> None:
    """The document may do nothing; scripts are gone, pictures of the message are in it, others are not asked for."""
    shown = ann.request("GET", f"/webmail/message/{rich}/html")
    assert shown.status == 200
    policy = shown.headers["content-security-policy"]
    assert policy.startswith("sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:; ")
    for word in ("allow-scripts", "allow-same-origin", "allow-forms", "script-src", "http:", "https:", "*"):
        assert word not in policy
    assert "frame-ancestors 'self'" in policy
    text = shown.body.decode()
    assert "Hello <b>Ann</b>" in text
    for evil in ("steal", "<script", "onclick", "tracker.example", "javascript:"):
        assert evil not in text
    assert f"data:image/png;base64,{base64.b64encode(PICTURE).decode()}" in text
    assert '<base target="_blank">' in text


def test_the_source(ann: Browser, rich: int) -> None:
    """The source is text to look at, or a file to save; in both cases octet for octet."""
    looked, saved = (ann.request("GET", f"/webmail/message/{rich}/{form}") for form in ("source", "raw"))
    assert looked.body == saved.body == RICH.replace("\n", "\r\n").encode()
    assert looked.headers["content-type"] == "text/plain; charset=utf-8"
    assert saved.headers["content-type"] == "message/rfc822"
    assert saved.headers["content-disposition"].startswith("attachment; ")
    assert looked.headers["content-security-policy"].startswith("sandbox;")
    assert int(looked.headers["content-length"]) == len(looked.body)


def test_an_attachment(ann: Browser, rich: int) -> None:
    """HTML is saved as octets under a harmless name; a picture keeps its kind; both are attachments."""
    page = ann.request("GET", f"/webmail/message/{rich}/part/2")
    assert page.body.strip() == b"<script>steal()</script>"
    assert page.headers["content-type"] == "application/octet-stream"
    assert page.headers["content-disposition"].startswith("attachment; filename=")
    assert "/" not in page.headers["content-disposition"].partition("''")[0]
    assert page.headers["content-security-policy"].startswith("sandbox;")
    picture = ann.request("GET", f"/webmail/message/{rich}/part/1.2")
    assert (picture.body, picture.headers["content-type"]) == (PICTURE, "image/png")


def test_nobody_elses(ann: Browser, stranger: Browser, rich: int) -> None:
    """Who is not signed in, or not the owner, sees nothing."""
    bob = Browser(ann.app)
    bob.call("webmail/login", name="bob", password="bob's password")
    for form in ("html", "source", "raw", "part/2"):
        assert stranger.request("GET", f"/webmail/message/{rich}/{form}").status == 401
        assert bob.request("GET", f"/webmail/message/{rich}/{form}").status == 404
    assert ann.request("GET", "/webmail/message/99999/html").status == 404
    for part in ("9", "", ".", "1..2", "9" * 500):
        assert ann.request("GET", f"/webmail/message/{rich}/part/{part}").status == 404


@pytest.mark.parametrize(("name", "wanted"), [
    ("plan.pdf", "attachment; filename=\"plan.pdf\"; filename*=UTF-8''plan.pdf"),
    ("größe €.txt", "attachment; filename=\"gr__e _.txt\"; filename*=UTF-8''gr%C3%B6%C3%9Fe%20%E2%82%AC.txt"),
    ('a"b\\c%d\r\nX: y', "attachment; filename=\"a_b_c_d__X: y\"; filename*=UTF-8''a%22b%5Cc%25d%0D%0AX%3A%20y"),
    ("", "attachment; filename=\"file\"; filename*=UTF-8''"),
])
def test_names_of_downloads(name: str, wanted: str) -> None:
    """Whatever a sender calls a file, the header field stays one field (RFC 6266)."""
    assert disposition(name) == wanted


@pytest.mark.parametrize(("kind", "wanted"), [
    ("image/png", "image/png"), ("application/vnd.ms-excel", "application/vnd.ms-excel"),
    ("text/plain\r\nX: y", "application/octet-stream"), ("nothing", "application/octet-stream"), ("a/b/c", "application/octet-stream"),
    ("/", "application/octet-stream"), ("tüxt/plain", "application/octet-stream"),
])
def test_kinds_of_downloads(kind: str, wanted: str) -> None:
    """A media type that is none is not repeated."""
    assert safe_kind(kind) == wanted
