"""Certificates made for a test: an authority, one below it, a mail host's, and odd ones.  The time stands still at NOW."""
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import NameOID, ObjectIdentifier

from mta.dns.answer import TLSA
from mta.secure.der import public_key_info

#: The time of the tests' clock (tests/conftest.py), from which certificates are counted.
NOW = datetime(2030, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
SHA256 = hashes.SHA256()


@dataclass(frozen=True)
class Made:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: Any

    @property
    def der(self) -> bytes:
        """The certificate as it is sent."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def info(self) -> bytes:
        """Its public key, as TLSA selector 1 has it."""
        public = self.certificate.public_key()
        found: bytes = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        return found

    def signs(self, name: str, *more: str, **options: Any) -> "Made":
        """A certificate below this one."""
        return make(name, *more, issuer=self, **options)

    def tlsa(self, usage: int, selector: int = 1, matching: int = 1) -> TLSA:
        """The TLSA record about this certificate."""
        octets = self.der if selector == 0 else public_key_info(self.der)
        data = {0: octets, 1: hashlib.sha256(octets).digest(), 2: hashlib.sha512(octets).digest()}[matching]
        return TLSA(usage, selector, matching, data)

    def files(self, folder: Path, *below: Self) -> tuple[Path, Path]:
        """The PEM files that a server reads: this certificate and those it sends along, and the key."""
        folder.mkdir(parents=True, exist_ok=True)
        certificate, key = folder / "chain.pem", folder / "key.pem"
        certificate.write_bytes(b"".join(one.certificate.public_bytes(serialization.Encoding.PEM) for one in (self, *below)))
        key.write_bytes(self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        return certificate, key


def make(name: str, *more: str, issuer: Made | None = None, ca: bool = False, start: timedelta = -DAY, end: timedelta = 30 * DAY,
         key: Any = None, purposes: Sequence[ObjectIdentifier] = (), names: bool = True, may_sign: bool = True,
         depth: int | None = None, extra: Sequence[tuple[x509.ExtensionType, bool]] = (), hashed: Any = SHA256,
         scheme: Any = None) -> Made:
    """A certificate for name and more names, by issuer or self-signed; start and end are counted from NOW."""
    own = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject).issuer_name(issuer.certificate.subject if issuer else subject).public_key(own.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(NOW + start).not_valid_after(NOW + end)
        .add_extension(x509.BasicConstraints(ca, depth if ca else None), critical=True))
    if ca:
        builder = builder.add_extension(x509.KeyUsage(
            digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False, key_agreement=False,
            key_cert_sign=may_sign, crl_sign=may_sign, encipher_only=False, decipher_only=False), critical=True)
    elif names:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(each) for each in (name, *more)]), critical=False)
    if purposes:
        builder = builder.add_extension(x509.ExtendedKeyUsage(list(purposes)), critical=False)
    for extension, critical in extra:
        builder = builder.add_extension(extension, critical=critical)
    signer = issuer.key if issuer else own
    return Made(builder.sign(signer, None if isinstance(signer, ed25519.Ed25519PrivateKey) else hashed, rsa_padding=scheme), own)


def shown(*chain: Made) -> list[bytes]:
    """A chain as a peer sends it."""
    return [one.der for one in chain]
