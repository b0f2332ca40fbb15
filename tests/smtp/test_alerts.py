"""mta.smtp.alerts: failed handshakes in a word."""
import ssl

import pytest

from mta.smtp.alerts import reason_code


def problem(reason: str | None) -> ssl.SSLError:
    """OpenSSL's error with that reason."""
    error = ssl.SSLError(1, "text")
    error.reason = reason    # type: ignore[assignment]  # as a handshake leaves it
    return error


@pytest.mark.parametrize(("error", "word"), [
    (problem("SSLV3_ALERT_HANDSHAKE_FAILURE"), "tls-remote-alert-40-handshake-failure"),
    (problem("TLSV1_ALERT_PROTOCOL_VERSION"), "tls-remote-alert-70-protocol-version"),
    (problem("TLSV13_ALERT_CERTIFICATE_REQUIRED"), "tls-remote-alert-116-certificate-required"),
    (problem("TLSV1_ALERT_SOMETHING_NEW"), "tls-remote-alert-something-new"),
    (problem("WRONG_VERSION_NUMBER"), "tls-wrong-version-number"),
    (problem("X" * 500), "tls-" + "x" * 60),
    (problem(None), "connection-closed-during-handshake"),
    (ConnectionResetError("gone"), "connection-closed-during-handshake"),
    (TimeoutError(), "timeout-during-handshake"),
], ids=["failure", "version", "1.3", "unknown", "no TLS", "long", "end", "reset", "timeout"])
def test_words(error: OSError, word: str) -> None:
    """Alerts of the peer by number and name, the rest by what was seen."""
    assert reason_code(error) == word
