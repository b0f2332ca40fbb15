"""A certificate authority of the lab, and the certificates of its mail and web servers.

Everything is made once a run: keys of a curve, so that this costs milliseconds.
"""
import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Certificate:
    """A certificate with its chain in a PEM file, and its key in another."""

    file: Path
    key: Path
    chain: tuple[x509.Certificate, ...]

    def tlsa(self, usage: int = 3, selector: int = 1, matching: int = 1, *, place: int = 0) -> str:
        """The data of a TLSA record for the certificate at a place of the chain; 0 is the server's own (RFC 6698 §2.1)."""
        return tlsa(self.chain[place], usage, selector, matching)


class Authority:
    """Signs certificates; its own stands in `file`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        folder.chmod(0o755)
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = _build("lab authority", self._key, [], None, self._key, -DAY, 30 * DAY)
        self.file = folder / "authority.pem"
        self.file.write_bytes(_pem(self.certificate))

    def issue(
            self, label: str, names: Sequence[str], start: datetime.timedelta = -DAY, end: datetime.timedelta = 20 * DAY, *,
            own: bool = False,
    ) -> Certificate:
        """A certificate for names, good from start to end (from now), with our own behind it; own: signed by itself instead."""
        key = ec.generate_private_key(ec.SECP256R1())
        issuer = None if own else self.certificate
        made = _build(names[0], key, names, issuer, key if own else self._key, start, end)
        chain = (made,) if own else (made, self.certificate)
        file, key_file = self._folder / f"{label}.pem", self._folder / f"{label}.key"
        file.write_bytes(b"".join(map(_pem, chain)))
        key_file.write_bytes(key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        return Certificate(file, key_file, chain)


def tlsa(certificate: x509.Certificate, usage: int = 3, selector: int = 1, matching: int = 1) -> str:
    """The data of a TLSA record for a certificate."""
    octets = certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo) if selector else certificate.public_bytes(
        serialization.Encoding.DER)
    # ldns writes hexadecimal in lower case too, so what is found here is found in a signed zone.
    return f"{usage} {selector} {matching} {(octets if matching == 0 else sha256(octets).digest()).hex()}"


def _build(
        common: str, key: ec.EllipticCurvePrivateKey, names: Sequence[str], issuer: x509.Certificate | None,
        signer: ec.EllipticCurvePrivateKey, start: datetime.timedelta, end: datetime.timedelta,
) -> x509.Certificate:
    now = datetime.datetime.now(datetime.UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
    is_ca = not names
    usage = dict.fromkeys((
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign",
        "encipher_only", "decipher_only"), False)
    usage.update({"key_cert_sign": True, "crl_sign": True} if is_ca else {"digital_signature": True})
    builder = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key()).serial_number(x509.random_serial_number()).not_valid_before(now + start).not_valid_after(now + end)
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**usage), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False))
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(list(map(x509.DNSName, names))), critical=False)
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    return builder.sign(signer, hashes.SHA256())


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
