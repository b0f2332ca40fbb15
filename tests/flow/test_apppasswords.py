"""mta.flow.apppasswords: made, shown once, good for one thing; and what signs in where."""
import pytest

from mta.base.clock import SetClock
from mta.base.errors import NotFound, UserError
from mta.base.names import ip_address
from mta.base.reply import Reply
from mta.base.sasl import ScramServer
from mta.base.saslclient import Scram
from mta.flow import apppasswords, twofactor
from mta.flow.login import APP_PASSWORD_NEEDED, EXPIRED, OUT_OF_SCOPE, Client, Logins, SignInRefused
from mta.flow.world import World
from mta.smtp.desk import WRONG_CREDENTIALS
from mta.store import signins
from tests.flow.away import account_id
from tests.flow.conftest import BY
from tests.flow.test_twofactor import switch_on

HOME = ip_address("192.0.2.1")


def client(service: str, mechanism: str = "PLAIN") -> Client:
    """Somebody at home."""
    return Client(HOME, service, mechanism, "trace", "laptop")


def refusal(world: World, service: str, password: str) -> Reply | None:
    """What ann is told with this password, or None if it was right."""
    try:
        Logins(world).check_now(client(service), "ann", password)
    except SignInRefused as refused:
        return refused.reply
    return None


def test_how_they_look(served: World) -> None:
    """No spaces, nothing that looks like something else, long enough, each another."""
    ann = account_id(served, "ann")
    texts = [apppasswords.add(served, ann, f"number {at}", ["smtp"], by=BY)[1] for at in range(3)]
    assert len(set(texts)) == 3
    for text in texts:
        assert len(text) == 23
        assert set(text) <= set("0123456789abcdefghjkmnpqrstvwxyz-")


@pytest.mark.parametrize(("scopes", "good"), [(["smtp"], {"smtp"}), (["imap", "webmail"], {"imap", "web"}), (["imap", "smtp", "webmail"],
                                              {"imap", "smtp", "web"})])
def test_scopes(served: World, scopes: list[str], good: set[str]) -> None:
    """It opens what it was made for, and says so of what it was not."""
    _, text = apppasswords.add(served, account_id(served, "ann"), "phone", scopes, by=BY)
    for service in ("smtp", "imap", "web"):
        assert refusal(served, service, text) == (None if service in good else OUT_OF_SCOPE)


def test_expiry_and_revoking(served: World, clock: SetClock) -> None:
    """Also for who was signed in a moment ago."""
    ann = account_id(served, "ann")
    logins = Logins(served)
    made, text = apppasswords.add(served, ann, "phone", ["smtp"], 1, by=BY)
    logins.check_now(client("smtp"), "ann", text)
    clock.advance(86_400)
    with pytest.raises(SignInRefused) as refused:
        logins.check_now(client("smtp"), "ann", text)
    assert refused.value.reply == EXPIRED
    apppasswords.remove(served, ann, made.id, by=BY)
    with pytest.raises(SignInRefused) as refused:
        logins.check_now(client("smtp"), "ann", text)
    assert refused.value.reply == WRONG_CREDENTIALS
    with pytest.raises(NotFound):
        apppasswords.remove(served, ann, made.id, by=BY)
    bobs, _ = apppasswords.add(served, account_id(served, "bob"), "phone", ["smtp"], by=BY)
    with pytest.raises(NotFound):
        apppasswords.remove(served, ann, bobs.id, by=BY)


def test_the_last_use(served: World, clock: SetClock) -> None:
    """When, from where and for what; the log of sign-ins has the label."""
    ann = account_id(served, "ann")
    _, text = apppasswords.add(served, ann, "phone", ["smtp"], by=BY)
    clock.advance(5)
    assert refusal(served, "smtp", text) is None
    [one] = apppasswords.listing(served, ann)
    assert (one.used, one.used_from, one.used_for) == (clock.timestamp(), str(HOME), "smtp")
    [row] = signins.ask(served.store, lambda db: signins.listing(db, account_id=ann))
    assert (row.outcome, row.credential, row.agent) == ("ok", "phone", "laptop")


@pytest.mark.parametrize("which", ["own", "app", "expired"])
def test_scram(served: World, clock: SetClock, which: str) -> None:
    """SCRAM proves app passwords as well, and what is refused with a proof is told why."""
    ann = account_id(served, "ann")
    switch_on(served, ann)
    _, app = apppasswords.add(served, ann, "phone", ["smtp"], 0, by=BY)
    _, old = apppasswords.add(served, ann, "old phone", ["smtp"], 1, by=BY)
    clock.advance(86_400)
    password = {"own": "ann's password", "app": app, "expired": old}[which]
    talk = Scram("ann", password, None)
    server = ScramServer(talk.begin() or b"", "nonce", {}, plus=False)
    logins = Logins(served)
    secrets = logins.secrets(client("smtp", "SCRAM"), "ann")
    credential, _ = server.verify(talk.answer(server.challenge(secrets)), secrets)
    wanted = {"own": APP_PASSWORD_NEEDED, "app": None, "expired": EXPIRED}[which]
    try:
        logins.scram_done(client("smtp", "SCRAM"), "ann", credential)
        got = None
    except SignInRefused as refused:
        got = refused.reply
    assert got == wanted


def test_with_two_factors_the_own_password_is_for_pages(served: World) -> None:
    """Elsewhere it is refused with the reason; app passwords go on, and nothing is counted as a guess."""
    ann = account_id(served, "ann")
    _, text = apppasswords.add(served, ann, "phone", ["smtp", "imap"], by=BY)
    switch_on(served, ann)
    for _ in range(60):
        assert refusal(served, "smtp", "ann's password") == APP_PASSWORD_NEEDED
    assert refusal(served, "imap", "ann's password") == APP_PASSWORD_NEEDED
    assert refusal(served, "smtp", text) is None
    assert refusal(served, "smtp", "guess") == WRONG_CREDENTIALS
    twofactor.switch_off(served, ann, by=BY)
    assert refusal(served, "smtp", "ann's password") is None


@pytest.mark.parametrize(("label", "scopes", "days"), [
    ("", ["smtp"], 0), ("  ", ["smtp"], 0), ("x" * 101, ["smtp"], 0), ("a\x1bb", ["smtp"], 0), ("x", [], 0), ("x", ["pop3"], 0),
    ("x", ["smtp"], -1), ("x", ["smtp"], 4_000)])
def test_what_cannot_be(served: World, label: str, scopes: list[str], days: int) -> None:
    """Is said, and nothing is made."""
    ann = account_id(served, "ann")
    with pytest.raises(UserError):
        apppasswords.add(served, ann, label, scopes, days, by=BY)
    assert apppasswords.listing(served, ann) == []


def test_last_days(served: World) -> None:
    """Today is one day; what is past, too far, or no date is refused."""
    assert apppasswords.days_until(served, "") == 0
    assert apppasswords.days_until(served, "2030-01-01") == 1
    assert apppasswords.days_until(served, " 2030-01-31 ") == 31
    for text in ("2029-12-31", "2090-01-01", "tomorrow", "2030-02-30", "1" * 5_000):
        with pytest.raises(UserError):
            apppasswords.days_until(served, text)
