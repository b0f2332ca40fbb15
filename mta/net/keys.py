"""Private keys for TLS and for accounts at authorities: making, reading, asking for a certificate with them.

Keys travel as PEM (PKCS #8) in memory; files are written by mta.net.tls.write_secret.

Standards: RFC 6698 §2.1 (what a TLSA record is made of), RFC 2986 (requests).
"""
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from mta.base.errors import SetupError

#: What is known everywhere, and no larger than it has to be: each handshake signs with it.
RSA_BITS: Final = 2_048
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def make(algorithm: str) -> bytes:
    """A new key: "ec" is P-256, "rsa" has 2,048 bits."""
    key: Key = ec.generate_private_key(ec.SECP256R1()) if algorithm == "ec" else rsa.generate_private_key(65_537, RSA_BITS)
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def read(file: Path) -> bytes:
    """The key in a file, as it is.  SetupError if there is none that we can use."""
    try:
        pem = file.read_bytes()
        parsed(pem)
    except OSError as problem:
        raise SetupError(f"{file}: the key cannot be read: {problem.strerror}") from None
    except (ValueError, TypeError) as problem:
        raise SetupError(f"{file}: is no private key: {problem}") from None
    return pem


def parsed(pem: bytes) -> Key:
    """The first private key of a PEM text; ValueError or TypeError if there is none of our kinds."""
    key = serialization.load_pem_private_key(pem, None)
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise ValueError("neither RSA nor elliptic curve")
    return key


def digest(pem: bytes) -> str:
    """SHA-256 of the public half (SubjectPublicKeyInfo), hex: the data of a TLSA record 3 1 1."""
    return spki_digest(parsed(pem).public_key())


def spki_digest(public: object) -> str:
    """The same of a public key of any kind."""
    assert hasattr(public, "public_bytes")
    der: bytes = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()


def kind(public: object) -> str:
    """A public key in a word or two, like "RSA 2048" or "EC P-256"."""
    if isinstance(public, rsa.RSAPublicKey):
        return f"RSA {public.key_size}"
    if isinstance(public, ec.EllipticCurvePublicKey):
        return f"EC {'P-256' if public.curve.name == 'secp256r1' else public.curve.name}"
    return type(public).__name__.removesuffix("PublicKey").strip("_")


def request(pem: bytes, names: Sequence[str]) -> bytes:
    """A request (PEM) for a certificate with that key for these DNS names (RFC 8555 §7.4)."""
    wanted = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
    csr = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).add_extension(wanted, critical=False)
    return csr.sign(parsed(pem), hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
