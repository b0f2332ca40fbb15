"""A certificate with root and intermediate, as an authority would give it."""
import datetime
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

from mta.base.clock import Clock

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


@dataclass(frozen=True)
class Chained:
    """PEM: the root, the host's certificate with the intermediate (and the root, as some give it), its key."""

    root: bytes
    chain: bytes
    key: bytes


def chained(clock: Clock, name: str = "mx.example.org", key: Key | None = None) -> Chained:
    """A certificate for name, good for a day."""
    now = clock.now()
    root_key, middle_key, own = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
    host_key: Key = key or own

    def made(subject: str, public: Key, issuer: str, signer: ec.EllipticCurvePrivateKey, authority: bool) -> bytes:
        names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, one)]) for one in (subject, issuer)]
        builder = (
            x509.CertificateBuilder().subject_name(names[0]).issuer_name(names[1]).public_key(public.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.BasicConstraints(authority, None), critical=True))
        if not authority:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(subject)]), critical=False)
        return builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    root = made("Root", root_key, "Root", root_key, True)
    middle = made("Middle", middle_key, "Root", root_key, True)
    leaf = made(name, host_key, "Middle", middle_key, False)
    pem = host_key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return Chained(root, leaf + middle + root, pem)
