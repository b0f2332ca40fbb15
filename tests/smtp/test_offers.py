"""mta.smtp.offers: the lines of EHLO."""
from mta.base.limits import LIMITS
from mta.smtp.offers import offers


def test_everything() -> None:
    """Each keyword with its parameters, as its RFC writes them."""
    assert offers(max_size=1_000, start_tls=True, mechanisms=("PLAIN", "LOGIN"), limits=LIMITS) == [
        "PIPELINING", "SIZE 1000", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "STARTTLS", "AUTH PLAIN LOGIN",
        f"LIMITS MAILMAX={LIMITS.transactions} RCPTMAX={LIMITS.recipients}"]


def test_requiretls() -> None:
    """Where TLS has made it possible (RFC 8689 §2)."""
    assert "REQUIRETLS" in offers(max_size=1, start_tls=False, mechanisms=(), limits=LIMITS, requiretls=True)


def test_what_is_not_possible_is_not_offered() -> None:
    """No empty AUTH, no second STARTTLS, nothing of a later issue."""
    lines = " ".join(offers(max_size=1, start_tls=False, mechanisms=(), limits=LIMITS))

    for keyword in ("AUTH", "STARTTLS", "REQUIRETLS", "CHUNKING", "DSN", "VRFY"):
        assert keyword not in lines
