"""Codes of a telephone's authenticator, which change every half minute (TOTP, RFC 6238), and codes for who has lost it.

Pure reckoning.  Six digits, SHA-1 and 30 seconds are what every authenticator knows
(RFC 6238 §4; RFC 4226 §5.3 for the digits); SHA-1 is sound here, since HMAC does not
need a hash without collisions.

Read on: mta.store.twofactors keeps the secrets, mta.flow.login asks for codes.
"""
import base64
import hashlib
import hmac
from typing import Final
from urllib.parse import quote

from mta.base.tokens import short_id

#: RFC 4226 §4 R6: 128 bits at least, 160 recommended.
SECRET_OCTETS: Final = 20
PERIOD: Final = 30
DIGITS: Final = 6
#: RFC 6238 §5.2: steps that a clock may be early or late.
SKEW: Final = 1
#: Characters of a recovery code: 80 bits, so that its hash tells nothing about it.
RECOVERY_LENGTH: Final = 16


def code_at(secret: bytes, step: int) -> str:
    """The code of one time step (RFC 4226 §5.3)."""
    digest = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset:offset + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def matching(secret: bytes, code: str, now: float, after: int) -> int | None:
    """The time step later than `after` whose code this is, or None.  RFC 6238 §5.2: a step whose code was used is over."""
    here, found = int(now // PERIOD), None
    given = _digits(code).encode("utf-8", "surrogatepass")
    for step in range(here - SKEW, here + SKEW + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), given) and step > after:
            found = step
    return found


def secret_text(secret: bytes) -> str:
    """The secret as people type it into an authenticator that cannot see the picture: base32 in groups of four."""
    text = base64.b32encode(secret).decode().rstrip("=")
    return " ".join(text[at:at + 4] for at in range(0, len(text), 4))


def address(secret: bytes, name: str, issuer: str) -> str:
    """What the picture holds: an address of the scheme otpauth, which authenticators agree on without a standard."""
    text = base64.b32encode(secret).decode().rstrip("=")
    return f"otpauth://totp/{quote(issuer)}:{quote(name)}?secret={text}&issuer={quote(issuer)}"


def new_recovery_code() -> str:
    """A code for who has lost the telephone, in groups of four."""
    text = short_id(RECOVERY_LENGTH)
    return "-".join(text[at:at + 4] for at in range(0, RECOVERY_LENGTH, 4))


def recovery_hash(code: str) -> bytes:
    """What is kept of a recovery code, however it was typed: no letter of it looks like a digit."""
    plain = "".join(char for char in code.lower() if char.isalnum()).replace("o", "0").replace("i", "1").replace("l", "1")
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).digest()


def _digits(code: str) -> str:
    """Authenticators show a code in two groups."""
    return "".join(code.split())
