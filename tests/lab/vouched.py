"""The certificates of the lab's mail and web servers, with what TLSA records say of them."""
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from tests import authority


@dataclass(frozen=True)
class Certificate:
    """A certificate with its chain in a PEM file, and its key in another."""

    file: Path
    key: Path
    chain: Sequence[x509.Certificate]

    def tlsa(self, usage: int = 3, selector: int = 1, matching: int = 1, *, place: int = 0) -> str:
        """The data of a TLSA record for the certificate at a place of the chain; 0 is the server's own (RFC 6698 §2.1)."""
        return tlsa(self.chain[place], usage, selector, matching)


class Authority:
    """Signs certificates; its own stands in `file`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        folder.chmod(0o755)
        self._signer = authority.Authority(folder, "Lab Authority")
        self.file = self._signer.file

    def issue(self, names: Sequence[str], starts: float = -1, ends: float = 20, *, own: bool = False) -> Certificate:
        """A certificate for names, good from starts to ends (days from now), with our own behind it; own: signed by itself instead."""
        file, key = self._signer.issue(*names, starts=starts, ends=ends, own=own)
        if not own:
            file.write_bytes(file.read_bytes() + self.file.read_bytes())
        return Certificate(file, key, x509.load_pem_x509_certificates(file.read_bytes()))


def tlsa(certificate: x509.Certificate, usage: int = 3, selector: int = 1, matching: int = 1) -> str:
    """The data of a TLSA record for a certificate."""
    octets = certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo) if selector else certificate.public_bytes(
        serialization.Encoding.DER)
    # ldns writes hexadecimal in lower case too, so what is found here is found in a signed zone.
    return f"{usage} {selector} {matching} {(octets if matching == 0 else sha256(octets).digest()).hex()}"
