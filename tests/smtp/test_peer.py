"""What a server says it can do."""
import pytest

from mta.smtp.peer import MOST, USUAL_RECIPIENTS, Offers


def test_a_modern_server() -> None:
    """Every extension that we use is found, in any case."""
    offers = Offers.read([
        "pipelining", "SIZE 52428800", "8BITMIME", "SMTPUTF8", "STARTTLS", "REQUIRETLS", "AUTH PLAIN scram-sha-256",
        "LIMITS RCPTMAX=20 MAILMAX=5 RCPTDOMAINMAX=1", "DSN", "CHUNKING"])

    assert offers == Offers(
        extended=True, pipelining=True, eight_bit=True, smtputf8=True, start_tls=True, requiretls=True, size=True,
        most_octets=52_428_800, mechanisms=frozenset({"PLAIN", "SCRAM-SHA-256"}), transactions=5, recipients=20, recipient_domains=1)


def test_a_server_that_says_nothing() -> None:
    """Without extensions the minimum of RFC 5321 holds."""
    assert Offers.read([]) == Offers(extended=True)
    assert (Offers().recipients, Offers().transactions) == (USUAL_RECIPIENTS, MOST)


@pytest.mark.parametrize("line", [
    "SIZE", "SIZE 0", "SIZE many", "SIZE -1", f"SIZE {'9' * 21}", "SIZE ١٢", "", "   ", "LIMITS", "LIMITS RCPTMAX", "LIMITS RCPTMAX=0",
    "LIMITS RCPTMAX=x FOO=1", "AUTH", "=", "\0",
])
def test_nonsense_is_passed_over(line: str) -> None:
    """What makes no sense limits nothing."""
    offers = Offers.read([line])

    assert (offers.most_octets, offers.recipients, offers.mechanisms) == (0, USUAL_RECIPIENTS, frozenset())


def test_the_old_form_of_auth() -> None:
    """AUTH=LOGIN, beside or instead of the new form, names mechanisms too."""
    assert Offers.read(["AUTH=LOGIN PLAIN", "AUTH CRAM-MD5"]).mechanisms == {"LOGIN", "PLAIN", "CRAM-MD5"}
