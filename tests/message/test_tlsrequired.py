"""mta.message.tlsrequired: the field counts in the one form that it has."""
import pytest

from mta.message import header
from mta.message.tlsrequired import is_optional


@pytest.mark.parametrize(("fields", "wanted"), [
    ("TLS-Required: No", True), ("tls-required:no", True), ("TLS-REQUIRED:\r\n NO ", True), ("TLS-Required:\tNo", True),
    ("Subject: x", False), ("TLS-Required: Yes", False), ("TLS-Required:", False), ("TLS-Required: No, thanks", False),
    ("TLS-Required: No (comment)", False), ("TLS-Required: \"No\"", False), ("TLS-Required: =?utf-8?q?No?=", False),
    ("X-TLS-Required: No", False), ("TLS-Required: N\r\n o", False),
    ("TLS-Required: No\r\nTLS-Required: No", False), ("TLS-Required: No\r\nTLS-Required: Yes", False),
    ("Subject: x\r\n\r\nTLS-Required: No", False),
])
def test_what_counts(fields: str, wanted: bool) -> None:
    """RFC 8689 §3: one field, "No" in any case, and only in the header."""
    assert is_optional(header.parse(f"From: a@b.example\r\n{fields}\r\n\r\nText\r\n".encode())) is wanted
