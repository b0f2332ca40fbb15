"""Sign what our users write (RFC 6376, RFC 8463).

Always relaxed/relaxed and SHA-256, never l= or x=: a signature over a part of the body
vouches for what others append, and one that expires breaks mail that waited in a queue.
This module is trusted with private keys and keeps none.
"""
import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from mta.auth import tags
from mta.auth.canon import Canon
from mta.auth.message import Message
from mta.auth.signature import digest, unsigned_form, without_signature
from mta.base.names import Domain

#: Signed once more than they are there, so that nobody can add a second From above the
#: one that we signed (RFC 6376 §5.4, §8.15).
OVERSIGNED = (
    "from", "to", "cc", "subject", "date", "message-id", "reply-to", "in-reply-to", "references",
    "mime-version", "content-type", "content-transfer-encoding",
)
#: RFC 8058 §4: one-click unsubscribing counts only if these are signed.  RFC 8460 §5.3: what a report about TLS says of itself.
SIGNED_IF_THERE = ("list-unsubscribe", "list-unsubscribe-post", "tls-report-domain", "tls-report-submitter")
#: RFC 8301 §3.2: a signer uses at least 1024 bits and should use 2048; longer keys do not
#: fit into one string of a TXT record, which many a provider's form cannot split.
RSA_BITS = 2_048
ALGORITHMS = ("rsa", "ed25519")
ED25519_OCTETS = 64

PrivateKey = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class Signer:
    """A key that signs for a domain, published under selector._domainkey.domain."""

    domain: Domain
    selector: str
    key: PrivateKey

    @property
    def algorithm(self) -> str:
        """The a= tag (RFC 6376 §3.3.1, RFC 8463 §3)."""
        return "rsa-sha256" if isinstance(self.key, rsa.RSAPrivateKey) else "ed25519-sha256"


def sign(fields: Sequence[bytes], body_hash: bytes, signer: Signer, now: float) -> bytes:
    """The DKIM-Signature field, with its CRLF, for a message.

    fields are its header fields as they will be sent, each with its CRLF; body_hash is
    the digest of a relaxed BodyHash over its body; now is in seconds since 1970.
    """
    message = Message(fields)
    names = names_to_sign(message)
    facts = {
        "v": "1", "a": signer.algorithm, "c": "relaxed/relaxed", "d": signer.domain.ascii, "s": signer.selector,
        "t": str(int(now)), "bh": _base64(body_hash), "h": ":".join(names), "b": "",
    }
    return signed_field("DKIM-Signature", facts, message.chosen(names, Canon.RELAXED), signer.key)


def names_to_sign(message: Message, *also: str) -> list[str]:
    """The names for h=: each as often as it is there, and those of OVERSIGNED once more; also (in lower case) are signed if there."""
    names = []
    for name in (*OVERSIGNED, *SIGNED_IF_THERE, *also):
        names += [name] * (len(message.places(name)) + (name in OVERSIGNED))
    return names


def signed_field(name: str, facts: Mapping[str, str], covered: Iterable[bytes], key: PrivateKey, width: int = tags.LINE) -> bytes:
    """A signature field, with its CRLF, over covered (canonical fields) and itself (RFC 6376 §3.7); facts are its tags, b= among them."""
    # Where lines are cut depends on lengths only: a signature of nothing but A gives the field its form.
    octets = (key.key_size + 7) // 8 if isinstance(key, rsa.RSAPrivateKey) else ED25519_OCTETS
    form = tags.write_folded(f"{name}:", {**facts, "b": _base64(bytes(octets))}, width)
    signed = digest([*covered, unsigned_form(without_signature(form.encode()), Canon.RELAXED)])
    return tags.write_folded(f"{name}:", {**facts, "b": _base64(_sign_digest(key, signed))}, width).encode() + b"\r\n"


def make_key(algorithm: str) -> PrivateKey:
    """A new private key: "rsa" (takes about 0.1 s) or "ed25519"."""
    if algorithm == "rsa":
        return rsa.generate_private_key(public_exponent=65_537, key_size=RSA_BITS)
    if algorithm == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    raise ValueError(f"no DKIM algorithm {algorithm!r}; there are {ALGORITHMS}")


def key_text(key: PrivateKey) -> bytes:
    """The key as PEM, unencrypted, for a file that only we can read."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def read_key(pem: bytes) -> PrivateKey:
    """The key in pem; ValueError if it is none that can sign."""
    try:
        key = load_pem_private_key(pem, password=None)
    except TypeError:
        raise ValueError("the key has a pass phrase") from None
    if not isinstance(key, rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey):
        raise ValueError("DKIM takes RSA and Ed25519 keys only")
    return key


def public_text(key: PrivateKey) -> str:
    """The public key in base64 as p= wants it: SubjectPublicKeyInfo, or for Ed25519 the bare octets (RFC 8463 §4)."""
    public = key.public_key()
    if isinstance(public, rsa.RSAPublicKey):
        return _base64(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    return _base64(public.public_bytes(Encoding.Raw, PublicFormat.Raw))


def record_name(selector: str, domain: Domain) -> Domain:
    """Where the record of a key is published (RFC 6376 §3.6.2.1)."""
    return domain.below(f"{selector}._domainkey")


def record_text(algorithm: str, public: str) -> str:
    """What a zone has to say about a key, as one text of any length (RFC 6376 §3.6.1, RFC 8463 §4)."""
    if algorithm not in ALGORITHMS:
        raise ValueError(f"no DKIM algorithm {algorithm!r}; there are {ALGORITHMS}")
    return tags.write({"v": "DKIM1", "h": "sha256", "k": algorithm, "p": public})


def _sign_digest(key: PrivateKey, digest: bytes) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(digest, padding.PKCS1v15(), Prehashed(hashes.SHA256()))
    # RFC 8463 §3: the SHA-256 digest is the message that PureEdDSA signs.
    return key.sign(digest)


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()
