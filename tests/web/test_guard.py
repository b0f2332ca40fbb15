"""web.guard: cookies, tokens and where calls may come from."""
import pytest

from mta.base.errors import NotAllowed
from mta.store.credentials import SessionRow
from web.guard import check_origin, check_token, cookie_name, read_cookie, set_cookie
from web.rpc import SignedOutError

ROW = SessionRow(1, 1, "token", 0.0, 0.0, 1.0, "192.0.2.1", "")


def test_cookies_under_tls() -> None:
    """Under HTTPS the cookie is Secure, bound to this host, and out of reach for scripts and other sites."""
    field = set_cookie("account", True, "secret")
    assert field.startswith("__Host-pillarbox=secret; Path=/; ")
    assert {"HttpOnly", "SameSite=Strict", "Secure"} <= set(field.split("; "))
    assert "Domain" not in field


def test_cookies_without_tls() -> None:
    """On plain HTTP (loopback) a browser would refuse Secure and __Host-."""
    field = set_cookie("admin", False, "secret")
    assert field.startswith("pillarbox-admin=secret; ")
    assert "Secure" not in field
    assert "HttpOnly; SameSite=Strict" in field


def test_signing_out_takes_the_cookie_away() -> None:
    """An empty secret makes the browser forget."""
    assert "Max-Age=0" in set_cookie("account", True, "")


@pytest.mark.parametrize(("cookies", "value"), [
    ("pillarbox=a", "a"), ("x=1; pillarbox=b; y=2", "b"), ("pillarbox-admin=c", ""), ("", ""), ("pillarbox", ""),
    (";;=;pillarbox=d=e", "d=e"),
])
def test_reading_cookies(cookies: str, value: str) -> None:
    """The cookie is found among others, and garbage harms nobody."""
    assert read_cookie(cookies, cookie_name("account", False)) == value


@pytest.mark.parametrize("given", ["", "Token", "token ", "\udcff"])
def test_a_wrong_token(given: str) -> None:
    """Only the session's own token passes."""
    check_token(ROW, "token")
    with pytest.raises(SignedOutError):
        check_token(ROW, given)


@pytest.mark.parametrize(("origin", "site"), [
    ("https://evil.example", ""), ("https://evil.example", "same-origin"), ("null", ""), ("", "cross-site"), ("", "same-site"),
    ("https://mx.example.org:444", ""),
])
def test_calls_from_elsewhere(origin: str, site: str) -> None:
    """A page of another site, even a sibling's, may not call."""
    with pytest.raises(NotAllowed):
        check_origin("mx.example.org", origin, site)


@pytest.mark.parametrize(("origin", "site"), [
    ("", ""), ("https://mx.example.org", "same-origin"), ("https://mx.example.org", ""), ("", "none"),
])
def test_calls_from_here(origin: str, site: str) -> None:
    """Our own pages may, and programs without a browser's headers."""
    check_origin("mx.example.org", origin, site)
