"""What a push service is handed: a content that only the browser can open, and who we are.

A browser that wants to be told gives us an address at its maker's push service, a P-256 key
and a secret.  What we send there is encrypted to that key with a key pair for this one
message, so the service learns when and how much, not what; contents are padded, so that
it learns little of how much.  A signed token says which server sends, and a subscription
is bound to the key of that signature: who learns the address alone can send nothing.

Standards: RFC 8188 §2 (one record), RFC 8291 §3, §4, RFC 8292 §2, §3, RFC 7515, RFC 7518 §3.4.
"""
import base64
import binascii
import json
from dataclasses import dataclass
from typing import Final, Self

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

#: Octets of an uncompressed point, of the browser's secret, and of a salt.
POINT, SECRET, SALT = 65, 16, 16
#: RFC 8030 §7.2: a service need not take more than 4,096 octets in all (RFC 8291 §4 makes it one record).
RECORD: Final = 4_096
#: Octets of content that fit: without header (86), tag (16) and the octet that ends it.
MOST: Final = RECORD - SALT - 4 - 1 - POINT - 16 - 1
#: Contents are filled up to multiples of this.
STEP: Final = 512
#: Seconds that a token holds; RFC 8292 §2 allows a day, clocks may differ.
HOLDS: Final = 12 * 3_600


class BadKeys(ValueError):
    """What a browser gave as its keys is none."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """The keys of a subscription: the browser's public key as an uncompressed point, and the secret it shares with us."""

    key: bytes
    secret: bytes

    @classmethod
    def parse(cls, key: str, secret: str) -> Self:
        """From base64url, as browsers give them (Push API, `getKey`); BadKeys."""
        try:
            octets, shared = unpack(key), unpack(secret)
            _point(octets)
        except ValueError:
            raise BadKeys("the key is no point of P-256") from None
        if len(shared) != SECRET:
            raise BadKeys(f"the secret has {len(shared)} octets instead of {SECRET}")
        return cls(octets, shared)


def new_key() -> bytes:
    """A new P-256 key, as its private number in 32 octets."""
    return ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value.to_bytes(32, "big")


def public(key: bytes) -> bytes:
    """The public half of a key, as an uncompressed point."""
    return _public(_private(key))


def encrypt(content: bytes, receiver: Receiver, key: bytes, salt: bytes, *, step: int = STEP) -> bytes:
    """The body for the push service: content for receiver, by a key made for this message alone.  ValueError if it is longer than MOST.

    step: the content is filled up to a multiple of that, as far as there is room.
    """
    if len(content) > MOST:
        raise ValueError(f"{len(content)} octets do not fit into a message of {RECORD}")
    own = _private(key)
    shared = own.exchange(ec.ECDH(), _point(receiver.key))
    # RFC 8291 §3.3, §3.4: the secret of the browser and both public keys go into the key of the content.
    info = b"WebPush: info\0" + receiver.key + _public(own)
    material = HKDF(hashes.SHA256(), 32, receiver.secret, info).derive(shared)
    filled = min(-(-max(len(content), 1) // step) * step, MOST) if step else 0
    return coded(content, material, salt, _public(own), fill=max(0, filled - len(content)))


def coded(content: bytes, material: bytes, salt: bytes, name: bytes, *, size: int = RECORD, fill: int = 0) -> bytes:
    """content in the aes128gcm coding, as one record of at most size octets, under a key called name (RFC 8188 §2).  ValueError."""
    if len(content) + fill + 17 > size:
        raise ValueError(f"{len(content)} octets do not fit into a record of {size}")
    cipher = AESGCM(HKDF(hashes.SHA256(), 16, salt, b"Content-Encoding: aes128gcm\0").derive(material))
    nonce = HKDF(hashes.SHA256(), 12, salt, b"Content-Encoding: nonce\0").derive(material)
    # RFC 8188 §2: the last record ends with a 2, then zeros.  Its number is 0, so the nonce is as it is.
    sealed = cipher.encrypt(nonce, content + b"\2" + bytes(fill), None)
    return salt + size.to_bytes(4, "big") + bytes([len(name)]) + name + sealed


def authorization(origin: str, subject: str, key: bytes, now: float) -> str:
    """The value of Authorization for a service at origin (https://host[:port]); subject is where its people reach ours.

    now is in seconds since 1970.
    """
    claims = {"aud": origin, "exp": int(now) + HOLDS, "sub": subject}
    # RFC 8292 §2: a JWT signed with ES256.
    told = f"{_json({'typ': 'JWT', 'alg': 'ES256'})}.{_json(claims)}"
    private = _private(key)
    # RFC 7518 §3.4: both numbers in 32 octets each, not in DER.
    first, second = decode_dss_signature(private.sign(told.encode(), ec.ECDSA(hashes.SHA256())))
    signature = pack(first.to_bytes(32, "big") + second.to_bytes(32, "big"))
    return f"vapid t={told}.{signature}, k={pack(_public(private))}"


def pack(octets: bytes) -> str:
    """base64url without padding (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def unpack(text: str) -> bytes:
    """The octets of base64url, padded or not; ValueError."""
    bare = text.rstrip("=")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("it is not base64url") from None


def _private(key: bytes) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(key, "big"), ec.SECP256R1())


def _public(private: ec.EllipticCurvePrivateKey) -> bytes:
    return private.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def _point(octets: bytes) -> ec.EllipticCurvePublicKey:
    """The key at a point; ValueError if it is not on the curve, or written in short."""
    if len(octets) != POINT:
        raise ValueError("an uncompressed point has 65 octets")
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), octets)


def _json(facts: dict[str, object]) -> str:
    return pack(json.dumps(facts, separators=(",", ":")).encode())
