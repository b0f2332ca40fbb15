"""Why a TLS handshake failed, in the short words of reports (RFC 8460 §4.4, failure-reason-code).

OpenSSL tells of an alert by a name that has its sender's protocol version in front; the
numbers are those of the protocol.

Standards: RFC 8446 §6, RFC 5246 §7.2 (alerts).
"""
import re
import ssl
from typing import Final

#: An alert that the peer sent, as OpenSSL names its reason.
ALERT: Final = re.compile(r"(?:SSLV3|TLSV1|TLSV13)_ALERT_([A-Z0-9_]+)")
NUMBERS: Final = {
    "close_notify": 0, "unexpected_message": 10, "bad_record_mac": 20, "decryption_failed": 21, "record_overflow": 22,
    "decompression_failure": 30, "handshake_failure": 40, "no_certificate": 41, "bad_certificate": 42, "unsupported_certificate": 43,
    "certificate_revoked": 44, "certificate_expired": 45, "certificate_unknown": 46, "illegal_parameter": 47, "unknown_ca": 48,
    "access_denied": 49, "decode_error": 50, "decrypt_error": 51, "export_restriction": 60, "protocol_version": 70,
    "insufficient_security": 71, "internal_error": 80, "inappropriate_fallback": 86, "user_cancelled": 90, "no_renegotiation": 100,
    "missing_extension": 109, "unsupported_extension": 110, "unrecognized_name": 112, "certificate_required": 116,
    "no_application_protocol": 120,
}


def reason_code(problem: OSError) -> str:
    """The word for a failed handshake: which alert the peer sent, that it took too long or hung up, or OpenSSL's reason."""
    if isinstance(problem, TimeoutError):
        return "timeout-during-handshake"
    reason = problem.reason if isinstance(problem, ssl.SSLError) else None
    if not reason:
        return "connection-closed-during-handshake"
    alert = ALERT.fullmatch(reason)
    if alert is None:
        return "tls-" + reason.lower().replace("_", "-")[:60]
    name = alert[1].lower()
    number = NUMBERS.get(name)
    return f"tls-remote-alert-{'' if number is None else f'{number}-'}{name.replace('_', '-')}"[:80]
