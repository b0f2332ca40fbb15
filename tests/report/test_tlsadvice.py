"""mta.report.tlsadvice: failures of TLS in plain words."""
import pytest

from mta.report import tlsadvice
from mta.report.tlsadvice import MEANINGS, UNKNOWN

#: RFC 8460 §4.3.
RESULTS = ("starttls-not-supported", "certificate-host-mismatch", "certificate-expired", "certificate-not-trusted", "validation-failure",
           "tlsa-invalid", "dnssec-invalid", "dane-required", "sts-policy-fetch-error", "sts-policy-invalid", "sts-webpki-invalid")


@pytest.mark.parametrize("result", RESULTS)
def test_every_result_type(result: str) -> None:
    """Has a meaning and something to do about it, with a suffix too."""
    found = tlsadvice.advice(result)
    assert found is MEANINGS[result]
    assert found.what.endswith(".")
    assert found.todo.endswith(".")
    assert tlsadvice.advice(f"{result}+fallback-to-cached-policy") is found


def test_others() -> None:
    """What nobody knows is not guessed."""
    assert tlsadvice.advice("out-of-ink") is tlsadvice.advice("") is UNKNOWN
