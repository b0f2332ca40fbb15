"""Sealing a short secret with a key that is kept apart from it: without the key it is gone, wherever copies are.

Standard: NIST SP 800-38D (AES-GCM).
"""
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from mta.base.tokens import secret_octets

KEY, NONCE = 32, 12


def seal(secret: str) -> tuple[bytes, bytes]:
    """(key, sealed secret); each key seals once."""
    key, nonce = secret_octets(KEY), secret_octets(NONCE)
    return key, nonce + AESGCM(key).encrypt(nonce, secret.encode(), None)


def unseal(key: bytes, sealed: bytes) -> str | None:
    """The secret, or None if the key is not its."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], None).decode()
    except (InvalidTag, ValueError):
        return None
