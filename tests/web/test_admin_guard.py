"""web.admin_guard: the administrator's second factor, and what they see and do of how accounts sign in."""
from typing import Any

import pytest

from mta.base.clock import SetClock
from mta.base.limits import LIMITS
from mta.flow import apppasswords, freezing, people, twofactor
from mta.flow.world import World
from mta.store.signins import OK, Attempt, SignInLog
from tests.flow.away import account_id
from tests.flow.conftest import BY
from tests.web.conftest import Browser
from tests.web.test_proving import OWN, enrol, now
from web.admin_guard import FEW
from web.bridge import Wsgi
from web.proving import PAGE

ADMINS = "admin's password"


def signed_in(world: World, account: str, count: int) -> None:
    """So many programs of an account sign in, one a second."""
    log = SignInLog(world.store, world.clock)
    for at in range(count):
        log.add(Attempt(world.clock.timestamp() + at, account_id(world, account), account, OK, "smtp", "PLAIN", "192.0.2.1", "192.0.2.0/24",
                        f"program {at}", 0, "", ""))


def test_a_second_factor_of_their_own(admin: Browser, app: Wsgi, clock: SetClock, served: World) -> None:
    """Asked for from then on; other sessions end; whoever only has the session, or only the password, changes nothing of it."""
    other = Browser(app)
    other.call("admin/login", password=ADMINS)
    assert admin.refused("admin/two_factor_begin", password=OWN)["code"] == "user:notAllowed"
    assert admin.refused("admin/two_factor_confirm", code="123456")["code"] == "user:conflict"
    secret, codes = enrol(admin, clock, "admin", ADMINS)
    assert admin.call("admin/two_factor") == {"on": True, "since": clock.timestamp(), "codes": LIMITS.recovery_codes}
    assert other.refused("admin/two_factor")["code"] == "user:signedOut"
    assert Browser(app).refused("admin/login", password=ADMINS)["code"] == "user:codeWanted"
    assert Browser(app).call("admin/login", password=ADMINS, code=now(secret, clock))["signed_in"]
    assert Browser(app).refused("admin/login", password=ADMINS, code=now(secret, clock))["code"] == "user:notAllowed"    # used up

    for password, code in (("wrong", codes[0]), (ADMINS, "000000"), (ADMINS, "")):
        for function in ("two_factor_codes", "two_factor_off"):
            assert admin.ask(f"admin/{function}", password=password, code=code).status == 403
    fresh = admin.call("admin/two_factor_codes", password=ADMINS, code=codes[0])
    assert admin.refused("admin/two_factor_off", password=ADMINS, code=codes[1])["code"] == "user:notAllowed"    # one of the old ones
    assert twofactor.standing(served, None).on
    assert admin.call("admin/two_factor_off", password=ADMINS, code=fresh[0]) == {"on": False, "since": None, "codes": 0}
    assert Browser(app).call("admin/login", password=ADMINS)["signed_in"]


def test_that_of_an_account(admin: Browser, app: Wsgi, clock: SetClock) -> None:
    """Is switched off without a code, for who has lost theirs, and only that one."""
    anns, bobs = Browser(app), Browser(app)
    for browser, name in ((anns, "ann"), (bobs, "bob")):
        browser.call("account/login", name=name, password=f"{name}'s password")
        enrol(browser, clock, password=f"{name}'s password")
    shown = admin.call("admin/account_guard", name="ann")
    assert shown["two_factor"]["on"]
    assert [row["outcome"] for row in shown["sign_ins"]] == ["ok"]
    assert admin.call("admin/account_two_factor_off", name="ann")["two_factor"]["on"] is False
    assert admin.call("admin/account_guard", name="bob")["two_factor"]["on"]
    assert admin.refused("admin/account_two_factor_off", name="ann")["code"] == "user:conflict"
    assert Browser(app).call("account/login", name="ann", password=OWN)["signed_in"]


def test_app_passwords_of_an_account(admin: Browser, served: World) -> None:
    """They are seen without the passwords, and removed under the name of their own account only."""
    ann, bob = account_id(served, "ann"), account_id(served, "bob")
    anns, secret = apppasswords.add(served, ann, "<b>laptop</b>", ["smtp"], by=BY)
    bobs, _ = apppasswords.add(served, bob, "phone", ["smtp"], by=BY)
    shown = admin.call("admin/account_guard", name="ann")
    assert [(row["id"], row["label"]) for row in shown["app_passwords"]] == [(anns.id, "<b>laptop</b>")]
    assert secret not in str(shown)
    assert admin.refused("admin/account_app_password_remove", name="ann", id=bobs.id)["code"] == "user:notFound"
    assert admin.call("admin/account_app_password_remove", name="ann", id=anns.id)["app_passwords"] == []
    assert admin.refused("admin/account_app_password_remove", name="ann", id=anns.id)["code"] == "user:notFound"
    assert [row.id for row in apppasswords.listing(served, bob)] == [bobs.id]


def test_freezing(ann: Browser, admin: Browser, served: World) -> None:
    """It is told with its reason, and the administrator alone lets the account go again."""
    assert admin.refused("admin/account_freeze", name="ann", reason="x" * (LIMITS.kept_text + 1))["code"] == "user:error"
    frozen = admin.call("admin/account_freeze", name="ann", reason="stolen\n<b>laptop</b>")["frozen"]
    assert (frozen["reason"], frozen["since"], frozen["waiting"]) == ("stolen <b>laptop</b>", served.clock.timestamp(), 0)
    assert any("ann cannot send: stolen" in line for line in admin.call("admin/overview")["warnings"])
    assert admin.refused("admin/account_freeze", name="ann")["code"] == "user:conflict"
    assert ann.ask("admin/account_unfreeze", name="ann").status == 401
    assert admin.call("admin/account_guard", name="bob")["frozen"] is None
    assert admin.call("admin/account_unfreeze", name="ann")["frozen"] is None
    assert admin.refused("admin/account_unfreeze", name="ann")["code"] == "user:conflict"
    assert freezing.listing(served) == []


def test_sign_ins(ann: Browser, admin: Browser, app: Wsgi, served: World) -> None:
    """Those of everybody, with names of accounts only where there is one; those of one account are its latest few."""
    thief = Browser(app, ip="203.0.113.7")
    for name in ("ann", "<script>"):
        thief.refused("account/login", name=name, password="guess")
    assert {(row["account"], row["name"]) for row in admin.call("admin/sign_ins", failed=True)} == {("ann", "ann"), ("", "<script>")}
    assert [row["account"] for row in admin.call("admin/sign_ins", text="ADMIN")] == ["administrator"]
    assert [row["outcome"] for row in admin.call("admin/sign_ins", text="203.0.113.7", failed=False)] == []
    assert admin.call("admin/sign_ins", text="%") == admin.call("admin/sign_ins", before=-1) == []
    assert admin.call("admin/sign_ins", text="x" * 100_000) == []

    signed_in(served, "bob", PAGE + 1)
    first = admin.call("admin/sign_ins", text="program")
    rest = admin.call("admin/sign_ins", text="program", before=first[-1]["id"])
    assert [row["agent"] for row in first + rest] == [f"program {at}" for at in reversed(range(PAGE + 1))]
    assert len(rest) == 1
    shown = admin.call("admin/account_guard", name="bob")["sign_ins"]
    assert [row["agent"] for row in shown] == [f"program {at}" for at in range(PAGE, PAGE - FEW, -1)]
    people.remove_account(served, "bob", for_good=True, by=BY)
    assert {(row["account"], row["name"]) for row in admin.call("admin/sign_ins", text="program")} == {("", "bob")}


@pytest.mark.parametrize(("name", "arguments"), [
    ("account_guard", {}), ("account_two_factor_off", {}), ("account_app_password_remove", {"id": 1}), ("account_freeze", {}),
    ("account_unfreeze", {})])
def test_who_may_not(admin: Browser, ann: Browser, stranger: Browser, name: str, arguments: dict[str, Any]) -> None:
    """Owners and strangers, other sites; and the administrator may not with an account that is not there."""
    for browser in (ann, stranger):
        assert browser.ask(f"admin/{name}", name="ann", **arguments).status == 401
    assert admin.ask(f"admin/{name}", {"Origin": "https://evil.example"}, name="ann", **arguments).status == 403
    assert admin.refused(f"admin/{name}", name="nobody", **arguments)["code"] == "user:notFound"
