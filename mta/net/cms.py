"""Signing a file as this host (CMS), so that whoever gets it sees from whom it is.

The first certificate that somebody else vouches for signs, and its intermediates go along:
who checks knows only roots.  Whether the root is one that the reader trusts is the
reader's to say.  A certificate of our own making proves nothing, so nothing is signed by it.

Standards: RFC 5652 §5 (signed-data), RFC 5280 §6 (what a reader does with the chain).
"""
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs7

from mta.base.clock import Clock
from mta.net.tls import Pair, names_of

KEY: Final = re.compile(rb"-----BEGIN ((?:RSA |EC )?PRIVATE KEY)-----.{1,20000}?-----END \1-----", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Signer:
    chain: Sequence[x509.Certificate]
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def signer(pairs: Sequence[Pair], clock: Clock) -> str:
    """The name that signed() signs with, "" if it does not sign."""
    return next((_name(one.chain[0]) for one in _signers(pairs, clock)), "")


def signed(content: bytes, pairs: Sequence[Pair], clock: Clock) -> bytes:
    """The content in a signature (DER); as it is if no certificate is fit to sign it."""
    for one in _signers(pairs, clock):
        builder = pkcs7.PKCS7SignatureBuilder().set_data(content).add_signer(one.chain[0], one.key, hashes.SHA256())
        for intermediate in one.chain[1:]:
            builder = builder.add_certificate(intermediate)
        # Binary: or line ends would be changed.
        return builder.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary, pkcs7.PKCS7Options.NoCapabilities])
    return content


def _signers(pairs: Sequence[Pair], clock: Clock) -> Iterator[_Signer]:
    """Those of pairs that are fit to sign now; what cannot be read is not."""
    now = clock.now()
    for certificate_file, key_file in pairs:
        try:
            chain = x509.load_pem_x509_certificates(certificate_file.read_bytes())
            key = _key(key_file.read_bytes())
        except (OSError, ValueError, TypeError, UnsupportedAlgorithm):
            continue
        leaf = chain[0]
        if key is None or leaf.issuer == leaf.subject or not leaf.not_valid_before_utc <= now <= leaf.not_valid_after_utc:
            continue
        yield _Signer([one for one in chain if one is leaf or one.issuer != one.subject], key)


def _key(pem: bytes) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | None:
    found = KEY.search(pem)
    key = serialization.load_pem_private_key(found[0] + b"\n", None) if found else None
    return key if isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) else None


def _name(leaf: x509.Certificate) -> str:
    return next(iter(names_of(leaf)), leaf.subject.rfc4514_string())
