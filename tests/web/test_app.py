"""web.app: every path that is not a call."""
import pytest

from tests.web.conftest import Browser


@pytest.mark.parametrize(("path", "status", "kind"), [
    ("/webmail/", 200, "text/html; charset=utf-8"), ("/account/", 200, "text/html; charset=utf-8"),
    ("/admin/", 200, "text/html; charset=utf-8"), ("/static/webmail.js", 200, "text/javascript; charset=utf-8"),
    ("/static/style.css", 200, "text/css; charset=utf-8"), ("/favicon.ico", 200, "image/svg+xml"),
    ("/api/", 200, "text/html; charset=utf-8"), ("/api/admin/", 200, "text/html; charset=utf-8"),
    ("/api/webmail/", 200, "text/html; charset=utf-8"), ("/api/nothing/", 404, "text/plain; charset=utf-8"),
    ("/healthz", 200, "text/plain; charset=utf-8"), ("/robots.txt", 200, "text/plain; charset=utf-8"),
    ("/nothing", 404, "text/plain; charset=utf-8"), ("/static/../app.py", 404, "text/plain; charset=utf-8"),
    ("/static/%2e%2e/app.py", 404, "text/plain; charset=utf-8"), ("/static/", 404, "text/plain; charset=utf-8"),
    ("/api/webmail/state", 405, "text/plain; charset=utf-8"), ("/webmail/\xff", 404, "text/plain; charset=utf-8"),
])
def test_paths(stranger: Browser, path: str, status: int, kind: str) -> None:
    """What is there is there, with its type; everything else is a short text."""
    shown = stranger.request("GET", path)
    assert (shown.status, shown.headers["content-type"]) == (status, kind)


@pytest.mark.parametrize(("path", "wanted"), [
    ("/", "/webmail/"), ("/webmail", "/webmail/"), ("/admin", "/admin/"), ("/api", "/api/"), ("/api/account", "/api/account/"),
])
def test_redirects(stranger: Browser, path: str, wanted: str) -> None:
    """The entrance is the webmail; a missing slash is added."""
    shown = stranger.request("GET", path)
    assert shown.status in (302, 308)
    assert shown.headers["location"] == wanted


def test_a_file_one_has(stranger: Browser) -> None:
    """A browser that has the file is told so."""
    tag = stranger.request("GET", "/static/webmail.js").headers["etag"]
    shown = stranger.request("GET", "/static/webmail.js", headers={"If-None-Match": tag})
    assert (shown.status, shown.body) == (304, b"")


def test_heads(stranger: Browser) -> None:
    """HEAD is GET without the body."""
    assert stranger.request("HEAD", "/webmail/").status == 200
