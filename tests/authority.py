"""A certificate authority for tests, which also issues what no honest one would.

Its certificates have what strict checkers (Python 3.13) ask for.
"""
import datetime
import ssl
from functools import cached_property
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from mta.base.clock import SystemClock
from mta.net.tls import ServerContext

DAY = datetime.timedelta(days=1)


class Authority:
    """One that nobody knows; `file` has its certificate (PEM)."""

    def __init__(self, folder: Path, name: str = "Test Authority") -> None:
        self._folder, self._key = folder, ec.generate_private_key(ec.SECP256R1())
        self._now = SystemClock().now()
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._count = 0
        self.file = folder / "authority.pem"
        self.file.write_bytes(self._certificate.public_bytes(serialization.Encoding.PEM))

    def issue(self, *names: str, starts: float = -1, ends: float = 30, own: bool = False,
              common_only: bool = False) -> tuple[Path, Path]:
        """A certificate for names and its key, in files, good from starts to ends (days from now).

        own: signed by its own key; common_only: the first name is its common name alone.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        built = (
            x509.CertificateBuilder().subject_name(subject).issuer_name(subject if own else self._name).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(self._now + starts * DAY).not_valid_after(self._now + ends * DAY)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names[common_only:]]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key((key if own else self._key).public_key()), critical=False)
            .sign(key if own else self._key, hashes.SHA256()))
        self._count += 1
        files = self._folder / f"{self._count}.pem", self._folder / f"{self._count}.key"
        files[0].write_bytes(built.public_bytes(serialization.Encoding.PEM))
        files[1].write_bytes(key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        return files

    def serving(self, *names: str, starts: float = -1, ends: float = 30, own: bool = False,
                common_only: bool = False) -> ssl.SSLContext:
        """A server's context with such a certificate."""
        context = ServerContext()
        context.load(*self.issue(*names, starts=starts, ends=ends, own=own, common_only=common_only))
        return context

    @cached_property
    def _certificate(self) -> x509.Certificate:
        public = self._key.public_key()
        usage = x509.KeyUsage(
            digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False, key_agreement=False,
            key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False)
        return (
            x509.CertificateBuilder().subject_name(self._name).issuer_name(self._name).public_key(public)
            .serial_number(x509.random_serial_number()).not_valid_before(self._now - 300 * DAY).not_valid_after(self._now + 300 * DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False).sign(self._key, hashes.SHA256()))
