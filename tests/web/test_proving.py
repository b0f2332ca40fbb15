"""web.proving and the sign-in of pages: app passwords, two-factor sign-in, sessions; and attempts to get around them."""
import base64
from typing import Any

import pytest

from mta.base import totp
from mta.base.clock import SetClock
from mta.base.errors import NotAllowed
from mta.base.limits import LIMITS
from mta.flow import freezing
from mta.flow.login import Logins
from mta.flow.world import World
from tests.flow.away import account_id
from tests.flow.conftest import BY
from tests.web.conftest import Browser
from web.bridge import Wsgi
from web.guard import Guard
from web.rpc import SignedOutError
from web.site import Door

OWN = "ann's password"


def enrol(browser: Browser, clock: SetClock, app: str = "account", password: str = OWN) -> tuple[bytes, list[str]]:
    """Two-factor sign-in, with the code of the step before this one."""
    begun = browser.call(f"{app}/two_factor_begin", password=password)
    assert begun["picture"].startswith("<svg")
    secret = base64.b32decode(begun["secret"].replace(" ", ""))
    codes = browser.call(f"{app}/two_factor_confirm", code=totp.code_at(secret, int(clock.timestamp() // 30) - 1))
    return secret, codes


def now(secret: bytes, clock: SetClock) -> str:
    """The code of this moment."""
    return totp.code_at(secret, int(clock.timestamp() // 30))


def test_app_passwords(ann: Browser, app: Wsgi) -> None:
    """Made with one's own password, shown once; a webmail one opens the webmail and nothing else; revoked, it is out."""
    assert ann.refused("account/app_password_add", password="wrong", label="x", scopes=["smtp"])["code"] == "user:notAllowed"
    assert ann.refused("account/app_password_add", password=OWN, label="", scopes=["smtp"])["code"] == "user:error"
    assert ann.refused("account/app_password_add", password=OWN, label="x", scopes=["pop"])["code"] == "user:badArgument"
    assert ann.refused("account/app_password_add", password=OWN, label="x", scopes=["smtp"], until="soon")["code"] == "user:error"
    made = ann.call("account/app_password_add", password=OWN, label="kiosk", scopes=["webmail"])
    assert made["password"] not in str(ann.call("account/app_passwords"))

    kiosk = Browser(app)
    state = kiosk.call("webmail/login", name="ann", password=made["password"])
    assert state["webmail_only"] is True
    assert kiosk.call("webmail/mailboxes")
    for name in ("account/sessions", "account/app_passwords", "account/two_factor", "account/rules"):
        assert kiosk.refused(name)["code"] == "user:notAllowed"
    assert kiosk.refused("account/two_factor_begin", password=made["password"])["code"] == "user:notAllowed"
    ann.call("account/app_password_remove", id=made["all"][0]["id"])
    assert kiosk.refused("webmail/mailboxes")["code"] == "user:signedOut"
    assert ann.refused("account/app_password_remove", id=made["all"][0]["id"])["code"] == "user:notFound"


async def test_an_app_password_opens_no_other_door(ann: Browser, app: Wsgi, served: World) -> None:
    """Besides the calls: no archive of all mail goes out, no file of an import comes in; uploads for the webmail do."""
    made = ann.call("account/app_password_add", password=OWN, label="kiosk", scopes=["webmail"])
    kiosk = Browser(app)
    kiosk.call("webmail/login", name="ann", password=made["password"])
    assert (ann.request("GET", "/account/export").status, kiosk.request("GET", "/account/export").status) == (200, 403)

    def piece(browser: Browser) -> dict[str, Any]:
        cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        return {"scheme": "https", "headers": [
            (b"host", b"mx.example.org"), (b"cookie", cookie.encode()), (b"x-pillarbox-csrf", browser.token.encode())]}

    door = Door(Guard(served, Logins(served)))
    assert await door.owner(piece(ann)) == await door.caller(piece(kiosk)) == account_id(served, "ann")
    with pytest.raises(NotAllowed, match="app password"):
        await door.owner(piece(kiosk))
    with pytest.raises(SignedOutError):
        await door.owner(piece(Browser(app)))


def test_two_factor(ann: Browser, app: Wsgi, clock: SetClock) -> None:
    """Set up, asked for, used up, renewed, and switched off with a code."""
    assert ann.refused("account/two_factor_begin", password="wrong")["code"] == "user:notAllowed"
    assert ann.refused("account/two_factor_confirm", code="123456")["code"] == "user:conflict"
    secret, codes = enrol(ann, clock)
    assert ann.call("account/two_factor") == {"on": True, "since": clock.timestamp(), "codes": LIMITS.recovery_codes}
    other = Browser(app)
    assert other.refused("account/login", name="ann", password=OWN)["code"] == "user:codeWanted"
    assert other.refused("account/login", name="ann", password="wrong")["code"] == "user:notAllowed"
    assert other.refused("account/login", name="ann", password=OWN, code="000000")["code"] == "user:notAllowed"
    assert other.cookies == {}
    assert other.call("account/login", name="ann", password=OWN, code=now(secret, clock))["signed_in"]
    assert Browser(app).refused("account/login", name="ann", password=OWN, code=now(secret, clock))["code"] == "user:notAllowed"
    assert ann.refused("account/two_factor_off", password=OWN, code="000000")["code"] == "user:notAllowed"
    assert ann.refused("account/two_factor_off", password="wrong", code=codes[0])["code"] == "user:notAllowed"
    fresh = ann.call("account/two_factor_codes", password=OWN, code=codes[0])
    assert ann.refused("account/two_factor_off", password=OWN, code=codes[1])["code"] == "user:notAllowed"
    assert ann.call("account/two_factor_off", password=OWN, code=fresh[0])["on"] is False
    assert ann.refused("account/two_factor_codes", password=OWN, code="0")["code"] == "user:notAllowed"
    assert Browser(app).call("account/login", name="ann", password=OWN)["signed_in"]


def test_changing_the_password_takes_no_code(ann: Browser, clock: SetClock) -> None:
    """Who is signed in has shown one."""
    enrol(ann, clock)
    assert ann.call("account/password", old=OWN, new="a few words in a row")["signed_in"]
    assert ann.refused("account/password", old="a few words in a row", new="Password123!")["message"].startswith("this password is guessed")


def test_sign_ins(ann: Browser, app: Wsgi) -> None:
    """The owner sees their own, and nobody else's."""
    Browser(app, ip="203.0.113.7").refused("account/login", name="ann", password="guess")
    Browser(app, ip="203.0.113.7").refused("account/login", name="<script>", password="guess")
    assert [(row["outcome"], row["ip"], row["account"]) for row in ann.call("account/sign_ins")] == [
        ("wrong name or password", "203.0.113.7", ""), ("ok", "192.0.2.9", "")]
    assert ann.call("account/sign_ins", before=-1) == []


def test_frozen(ann: Browser, served: World) -> None:
    """The owner is told why, as long as it is so."""
    assert ann.call("account/frozen") is None
    freezing.freeze(served, account_id(served, "ann"), "stolen", by=BY)
    assert ann.call("account/frozen")["reason"] == "stolen"
    freezing.unfreeze(served, account_id(served, "ann"), by=BY)
    assert ann.call("account/frozen") is None


def test_nobody_plants_a_session(app: Wsgi, served: World) -> None:
    """Whatever a browser brings along as a cookie, signing in makes another secret, and the old session ends."""
    browser = Browser(app)
    browser.cookies["__Host-pillarbox"] = "planted"
    browser.call("account/login", name="ann", password=OWN)
    first = browser.cookies["__Host-pillarbox"]
    assert first != "planted"
    thief = Browser(app, cookies={"__Host-pillarbox": first}, token=browser.token)
    assert thief.call("account/sessions")
    browser.call("account/login", name="ann", password=OWN)
    assert browser.cookies["__Host-pillarbox"] != first
    assert thief.refused("account/sessions")["code"] == "user:signedOut"


@pytest.mark.parametrize("name", ["app_password_add", "two_factor_begin", "two_factor_off", "two_factor_confirm"])
def test_other_sites(ann: Browser, name: str) -> None:
    """Neither without the token nor from elsewhere."""
    assert ann.ask(f"account/{name}", {"X-Pillarbox-Csrf": "x"}).status == 401
    assert ann.ask(f"account/{name}", {"Origin": "https://evil.example"}).status == 403
    assert ann.ask(f"account/{name}", {"Content-Type": "text/plain"}).status == 400
