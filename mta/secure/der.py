"""Two pieces of a certificate, cut out of its octets: no more of DER is read than that takes.

DANE compares octets as the peer sent them (RFC 6698 §2.1.2), so nothing is decoded and
encoded again, and a certificate that other readers do not take can still be compared.
"""
from typing import Final

SEQUENCE: Final = 0x30
#: TBSCertificate.version, tagged [0]; left out in certificates of version 1.
VERSION: Final = 0xA0


class NotDer(ValueError):
    """Octets that are no certificate."""


def public_key_info(certificate: bytes) -> bytes:
    """The SubjectPublicKeyInfo of a certificate, as it stands there (RFC 5280 §4.1); NotDer."""
    _, start, end = _element(certificate, 0, len(certificate))
    _, at, end = _element(certificate, start, end, SEQUENCE)
    tag, _, after = _element(certificate, at, end)
    if tag == VERSION:
        at = after
    for _ in range(5):      # serialNumber, signature, issuer, validity, subject
        _, _, at = _element(certificate, at, end)
    _, _, after = _element(certificate, at, end, SEQUENCE)
    return certificate[at:after]


def _element(data: bytes, at: int, end: int, wanted: int | None = None) -> tuple[int, int, int]:
    """(tag, where its content begins, where it ends) of the element at; NotDer if it does not fit before end."""
    if end - at < 2:
        raise NotDer("it ends early")
    tag, length, start = data[at], data[at + 1], at + 2
    if wanted is not None and tag != wanted:
        raise NotDer(f"it has {tag:#x} where {wanted:#x} belongs")
    if length & 0x80:
        octets = length & 0x7F
        if not 1 <= octets <= 4 or end - start < octets:
            raise NotDer("it has a length that cannot be")
        length, start = int.from_bytes(data[start:start + octets]), start + octets
    if length > end - start:
        raise NotDer("it ends early")
    return tag, start, start + length
