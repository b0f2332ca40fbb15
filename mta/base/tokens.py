"""The only source of randomness: ids, secrets, shuffles and jitter.

Ids that a person may have to read aloud or type use BASE32, which has no look-alikes.
"""
import random
import secrets
from collections.abc import MutableSequence
from typing import Any, Protocol

BASE32 = "0123456789abcdefghjkmnpqrstvwxyz"


class Chance(Protocol):
    """Randomness that a test can hand in."""

    def uniform(self, low: float, high: float) -> float: ...

    def shuffle(self, things: MutableSequence[Any]) -> None: ...


#: Unpredictable; for jitter and for shuffling hosts of equal preference.
CHANCE: Chance = random.SystemRandom()


def short_id(length: int = 10) -> str:
    """A new id with 5 bits a character; 10 of them name a trace."""
    number = secrets.randbits(5 * length)
    return "".join(BASE32[(number >> (5 * place)) & 31] for place in range(length))


def secret_text(octets: int = 24) -> str:
    """A new secret, URL-safe text from that many random octets."""
    return secrets.token_urlsafe(octets)


def secret_octets(octets: int) -> bytes:
    """That many random octets."""
    return secrets.token_bytes(octets)
