"""A way through for a person whose message was refused: a token to put into the subject.

The token is good for one sender, one recipient and some days; nobody can make one without
our key.  It proves that the sender reads what is sent back to him, which forgers do not.

Form: (pass:…) with 23 characters of mta.base.tokens.BASE32, in any case: four octets of
time in minutes, ten of HMAC-SHA-256 (RFC 2104) over time, sender and recipient.
"""
import hashlib
import hmac
import re
from typing import Final

from mta.base.names import Address
from mta.base.tokens import BASE32

#: Seconds that a token is good for: a bounce comes at once, its reader after a weekend.
GOOD_FOR: Final = 4 * 86_400.0
MINUTE: Final = 60
TIME, MAC = 4, 10
CHARACTERS: Final = -(-(TIME + MAC) * 8 // 5)
TOKEN: Final = re.compile(rf"\(pass:([{BASE32}]{{{CHARACTERS}}})\)", re.IGNORECASE)
#: Tokens of one subject that are looked at: answers to answers may gather some.
LOOKED_AT: Final = 3


def make(key: bytes, sender: Address, recipient: Address, now: float) -> str:
    """A token that lets a message from sender to recipient through from now on (seconds since 1970)."""
    minute = (int(now) // MINUTE).to_bytes(TIME, "big")
    number = int.from_bytes(minute + _mac(key, minute, sender, recipient), "big")
    return f"(pass:{''.join(BASE32[number >> 5 * place & 31] for place in reversed(range(CHARACTERS)))})"


def good(key: bytes, subject: str, sender: Address, recipient: Address, now: float) -> bool:
    """Whether subject has a token that was made for these two and is not too old."""
    for found in list(TOKEN.finditer(subject))[:LOOKED_AT]:
        number = 0
        for char in found[1].lower():
            number = number << 5 | BASE32.index(char)
        if number >> 8 * (TIME + MAC):
            continue
        octets = number.to_bytes(TIME + MAC, "big")
        minute, mac = octets[:TIME], octets[TIME:]
        age = now - int.from_bytes(minute, "big") * MINUTE
        if 0 <= age < GOOD_FOR and hmac.compare_digest(mac, _mac(key, minute, sender, recipient)):
            return True
    return False


def _mac(key: bytes, minute: bytes, sender: Address, recipient: Address) -> bytes:
    text = "\0".join((sender.ascii.lower(), recipient.ascii.lower()))
    return hmac.digest(key, minute + text.encode("utf-8", "surrogatepass"), hashlib.sha256)[:MAC]
