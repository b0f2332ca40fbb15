"""Tests of mta.flow.login."""
import pytest

from mta.base.clock import SetClock
from mta.base.events import Recorded
from mta.base.limits import LIMITS
from mta.base.names import ip_address
from mta.base.tokens import secret_octets
from mta.flow import people
from mta.flow.login import TOO_MANY, Client, Logins, SignInRefused
from mta.flow.world import World
from mta.smtp.desk import WRONG_CREDENTIALS
from mta.store import credentials

HOME, OFFICE, STRANGER = (Client(ip_address(text), "smtp", "PLAIN", "trace") for text in ("192.0.2.1", "198.51.100.7", "203.0.113.9"))
BY = "a test"


@pytest.fixture
def logins(served: World) -> Logins:
    """The sign-ins of a process."""
    return Logins(served)


def refusal(logins: Logins, client: Client, name: str, password: str) -> object:
    """What is answered to a password, or None if it was right."""
    try:
        logins.check_now(client, name, password)
    except SignInRefused as refused:
        return refused.reply
    return None


async def test_name_and_address_sign_in(logins: Logins, recorded: Recorded) -> None:
    """The account's name and its addresses are the same person, in any case."""
    by_name = await logins.check(HOME, "ann", "ann's password")
    by_address = await logins.check(HOME, "Ann@Example.ORG", "ann's password")

    assert by_name.account == by_address.account
    assert recorded.keys().count("auth.login") == 2


def test_wrong_is_wrong(logins: Logins, recorded: Recorded) -> None:
    """A wrong password and an unknown name get the same answer."""
    assert refusal(logins, HOME, "ann", "ann's passport") == WRONG_CREDENTIALS
    assert refusal(logins, HOME, "nobody", "ann's password") == WRONG_CREDENTIALS
    assert recorded.keys().count("auth.failed") == 2


def test_a_network_may_guess_only_so_often(logins: Logins, clock: SetClock) -> None:
    """After its share of failures even the right password is not looked at; a minute later it is."""
    for number in range(LIMITS.login_failures_per_minute[0]):
        assert refusal(logins, STRANGER, f"name{number}", "guess") == WRONG_CREDENTIALS

    assert refusal(logins, STRANGER, "ann", "ann's password") == TOO_MANY
    assert refusal(logins, HOME, "ann", "ann's password") is None
    clock.advance(121)
    assert refusal(logins, STRANGER, "ann", "ann's password") is None


def test_the_owner_is_not_locked_out_by_neighbours(logins: Logins, clock: SetClock) -> None:
    """From where an account has signed in before, other people's failures do not count."""
    assert refusal(logins, HOME, "ann", "ann's password") is None
    clock.advance(LIMITS.login_remembered + 61)
    for number in range(LIMITS.login_failures_per_minute[0]):
        refusal(logins, HOME, f"name{number}", "guess")

    assert refusal(logins, HOME, "bob", "bob's password") == TOO_MANY
    assert refusal(logins, HOME, "ann", "ann's password") is None


def test_the_owner_is_not_locked_out_by_a_botnet(logins: Logins) -> None:
    """However many guess one account's password, its owner gets in from anywhere."""
    for number in range(200):
        with pytest.raises(SignInRefused):
            logins.scram_done(Client(ip_address(f"10.{number}.0.1"), "smtp", "SCRAM-SHA-256", "trace"), "ann", None)
    again = Client(ip_address("10.7.0.1"), "smtp", "PLAIN", "trace")
    tries = [refusal(logins, again, "ann", "guess") for _ in range(5)]

    assert tries == [WRONG_CREDENTIALS, WRONG_CREDENTIALS, TOO_MANY, TOO_MANY, TOO_MANY]
    assert refusal(logins, OFFICE, "ann", "ann's password") is None


def test_an_old_password_in_a_phone_stops_only_itself(logins: Logins) -> None:
    """Its many failures count for this account at this network, and what is right still passes."""
    assert refusal(logins, HOME, "ann", "ann's password") is None
    for _ in range(LIMITS.login_failures_per_minute[0]):
        assert refusal(logins, HOME, "ann", "old password") == WRONG_CREDENTIALS

    assert refusal(logins, HOME, "ann", "old password") == TOO_MANY
    assert refusal(logins, HOME, "bob", "bob's password") is None
    assert refusal(logins, HOME, "ann", "ann's password") is None


def test_a_changed_password_is_not_remembered(logins: Logins, served: World) -> None:
    """The memory of verified passwords ends with the password, at once."""
    assert refusal(logins, HOME, "ann", "ann's password") is None
    people.set_password(served, "ann", "another password", by=BY)

    assert refusal(logins, HOME, "ann", "ann's password") == WRONG_CREDENTIALS
    assert refusal(logins, HOME, "ann", "another password") is None


def test_a_disabled_account_does_not_sign_in(logins: Logins, served: World) -> None:
    """Not even with a password that was verified a moment ago."""
    assert refusal(logins, HOME, "ann", "ann's password") is None
    people.set_account(served, "ann", enabled=False, by=BY)

    assert refusal(logins, HOME, "ann", "ann's password") == WRONG_CREDENTIALS


def test_memory_of_passwords_is_bounded(served: World) -> None:
    """Two generations of bounded size are kept, no more."""
    logins = Logins(served)
    for number in range(3 * LIMITS.logins_remembered):
        logins.remember(secret_octets(16), 1, 1, b"key", float(number))

    assert logins.remembered == 2 * LIMITS.logins_remembered


def test_scram(logins: Logins, served: World) -> None:
    """SCRAM's end counts as a password does; a credential that is not the account's is no proof."""
    secrets = logins.secrets(HOME, "ann")
    credential = secrets.keys[0][0]

    assert logins.scram_done(HOME, "ann", credential).credential == credential
    for wrong in (None, credential + 1_000):
        with pytest.raises(SignInRefused) as refused:
            logins.scram_done(HOME, "ann", wrong)
        assert refused.value.reply == WRONG_CREDENTIALS


def test_scram_of_a_guesser_ends_before_it_starts(logins: Logins) -> None:
    """Who has had its share of failures gets no challenge."""
    for number in range(LIMITS.login_failures_per_minute[0]):
        with pytest.raises(SignInRefused):
            logins.scram_done(STRANGER, f"name{number}", None)

    with pytest.raises(SignInRefused) as refused:
        logins.secrets(STRANGER, "ann")
    assert refused.value.reply == TOO_MANY


def test_the_administrator(logins: Logins, served: World) -> None:
    """Has a password of his own and the same limits."""
    people.set_admin_password(served, "admin's password", by=BY)

    logins.check_admin(HOME, "admin's password")
    with pytest.raises(SignInRefused):
        logins.check_admin(HOME, "wrong")
    assert served.store.read(credentials.has_admin)
