"""mta.flow.twofactor, and how sign-in asks for codes."""
import base64
from urllib.parse import parse_qs, urlsplit

import pytest

from mta.base import totp
from mta.base.clock import SetClock
from mta.base.errors import Conflict, UserError
from mta.base.limits import LIMITS
from mta.base.names import ip_address
from mta.flow import people, twofactor
from mta.flow.login import CODE_WANTED, TOO_MANY_CODES, WRONG_CODE, Client, Logins, SignInRefused
from mta.flow.world import World
from mta.smtp.desk import WRONG_CREDENTIALS
from mta.store import credentials, signins
from tests.flow.away import account_id
from tests.flow.conftest import BY

HOME, AWAY = (Client(ip_address(text), "web", "PLAIN", "trace", "Firefox") for text in ("192.0.2.1", "203.0.113.9"))


def secret_of(enrolment: twofactor.Enrolment) -> bytes:
    """What an authenticator reads from the picture."""
    text = parse_qs(urlsplit(enrolment.address).query)["secret"][0]
    return base64.b32decode(text)


def switch_on(world: World, account: int | None) -> tuple[bytes, list[str]]:
    """Two-factor sign-in, with a code of the step before this one; the secret and the recovery codes."""
    secret = secret_of(twofactor.begin(world, account, "ann"))
    step = int(world.clock.timestamp() // totp.PERIOD)
    return secret, twofactor.confirm(world, account, totp.code_at(secret, step - 1), by=BY)


def code(world: World, secret: bytes) -> str:
    """The code of this moment."""
    return totp.code_at(secret, int(world.clock.timestamp() // totp.PERIOD))


def refusal(logins: Logins, client: Client, password: str, given: str) -> object:
    """What ann is told, or None if she is in."""
    try:
        logins.check_now(client, "ann", password, given)
    except SignInRefused as refused:
        return refused.reply
    return None


def test_enrolment(served: World, clock: SetClock) -> None:
    """A wrong code changes nothing; the right one ends other sessions; a second time is refused."""
    ann = account_id(served, "ann")
    for secret in ("mine", "other"):
        served.store.write_now(lambda db, secret=secret: credentials.add_session(db, clock, ann, secret, "c", "", "", 99.0))    # type: ignore[misc]
    mine = served.store.read(lambda db: credentials.session(db, clock, "mine"))
    assert mine is not None
    with pytest.raises(Conflict):
        twofactor.confirm(served, ann, "000000", by=BY)
    begun = twofactor.begin(served, ann, "ann")
    assert begun.address.startswith("otpauth://totp/mx.example.org:ann?")
    with pytest.raises(UserError, match="clock"):
        twofactor.confirm(served, ann, "abc", by=BY)
    assert not twofactor.standing(served, ann).on
    codes = twofactor.confirm(served, ann, code(served, secret_of(begun)), keep=mine.id, by=BY)
    assert len(set(codes)) == LIMITS.recovery_codes
    assert twofactor.standing(served, ann) == twofactor.Standing(True, clock.timestamp(), LIMITS.recovery_codes)
    assert [row.id for row in served.store.read(lambda db: credentials.sessions(db, clock, ann))] == [mine.id]
    for again in (lambda: twofactor.begin(served, ann, "ann"), lambda: twofactor.confirm(served, ann, "000000", by=BY)):
        with pytest.raises(Conflict):
            again()


def test_signing_in(served: World, clock: SetClock) -> None:
    """Takes password and code; each code once; a recovery code once; a wrong password says nothing about codes."""
    ann = account_id(served, "ann")
    secret, codes = switch_on(served, ann)
    logins = Logins(served)
    assert refusal(logins, HOME, "ann's password", "") == CODE_WANTED
    assert refusal(logins, HOME, "wrong", code(served, secret)) == WRONG_CREDENTIALS
    assert refusal(logins, HOME, "ann's password", "123456") == WRONG_CODE
    assert refusal(logins, HOME, "ann's password", code(served, secret)) is None
    assert refusal(logins, HOME, "ann's password", code(served, secret)) == WRONG_CODE
    assert refusal(logins, AWAY, "ann's password", codes[3].upper()) is None
    assert refusal(logins, AWAY, "ann's password", codes[3]) == WRONG_CODE
    clock.advance(30)
    assert refusal(logins, HOME, "ann's password", code(served, secret)) is None
    assert twofactor.standing(served, ann).codes == LIMITS.recovery_codes - 1
    said = [row.outcome for row in signins.ask(served.store, lambda db: signins.listing(db, account_id=ann))]
    assert said.count("right password, wrong code") == 2    # the same within an hour is one
    assert said.count("ok") == 2


def test_guessing_codes(served: World, clock: SetClock) -> None:
    """Whoever has the password gets ten tries an hour from everywhere together; where the owner was before is not shut by that."""
    ann = account_id(served, "ann")
    secret, _ = switch_on(served, ann)
    logins = Logins(served)
    assert refusal(logins, HOME, "ann's password", code(served, secret)) is None
    for at in range(LIMITS.code_failures_per_hour):
        there = Client(ip_address(f"203.0.{at}.9"), "web", "PLAIN", "trace")
        assert refusal(logins, there, "ann's password", "000000") == WRONG_CODE
    clock.advance(30)
    assert refusal(logins, AWAY, "ann's password", code(served, secret)) == TOO_MANY_CODES
    assert refusal(logins, HOME, "ann's password", code(served, secret)) is None
    clock.advance(7_200)
    assert refusal(logins, AWAY, "ann's password", code(served, secret)) is None


def test_hostile_codes(served: World) -> None:
    """Are wrong, and nothing else."""
    switch_on(served, account_id(served, "ann"))
    logins = Logins(served)
    for given in ("0" * 100_000, "\ud800", "١٢٣٤٥٦", "a\0b", "' OR 1=1", "-1"):
        assert refusal(logins, HOME, "ann's password", given) == WRONG_CODE


def test_the_administrator(served: World) -> None:
    """Has one of their own, which has nothing to do with that of an account."""
    people.set_admin_password(served, "admin's password", by=BY)
    secret, codes = switch_on(served, None)
    logins = Logins(served)
    for given, reply in (("", CODE_WANTED), ("000000", WRONG_CODE)):
        with pytest.raises(SignInRefused) as refused:
            logins.check_admin(HOME, "admin's password", given)
        assert refused.value.reply == reply
    logins.check_admin(HOME, "admin's password", code(served, secret))
    logins.check_admin(HOME, "admin's password", codes[0])
    assert refusal(logins, HOME, "ann's password", "") is None
    twofactor.switch_off(served, None, by=BY)
    logins.check_admin(HOME, "admin's password")
    with pytest.raises(Conflict):
        twofactor.switch_off(served, None, by=BY)


def test_new_recovery_codes(served: World) -> None:
    """Take the place of the old ones; there are none while it is off."""
    ann = account_id(served, "ann")
    with pytest.raises(Conflict):
        twofactor.renew_codes(served, ann, by=BY)
    _, old = switch_on(served, ann)
    new = twofactor.renew_codes(served, ann, by=BY)
    logins = Logins(served)
    assert refusal(logins, HOME, "ann's password", old[0]) == WRONG_CODE
    assert refusal(logins, HOME, "ann's password", new[0]) is None


def test_proving_once_more(served: World) -> None:
    """On a page, the own password alone is a proof; an app password is none."""
    from mta.flow import apppasswords
    ann = account_id(served, "ann")
    _, text = apppasswords.add(served, ann, "mail", ["webmail"], by=BY)
    switch_on(served, ann)
    logins = Logins(served)
    logins.check_again(HOME, ann, "ann's password")
    for wrong in (text, "wrong", ""):
        with pytest.raises(SignInRefused) as refused:
            logins.check_again(HOME, ann, wrong)
        assert refused.value.reply == WRONG_CREDENTIALS
