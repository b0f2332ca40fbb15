"""TLSA records for certificates and keys of whichever server, from files.

Standards: RFC 7671 §5.1 and §5.2 (which records last), RFC 7672 §3.1.
"""
from collections.abc import Iterator
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key, load_pem_public_key

from mta.net import keys

#: Lines that begin an object in a PEM file.
CERTIFICATE, PRIVATE = b"-----BEGIN CERTIFICATE-----", b"PRIVATE KEY-----"


def of_pem(pem: bytes) -> list[tuple[str, str]]:
    """(value as in a zone file, what it is about) for a certificate, its chain, or a key; ValueError if it is none that can be read."""
    try:
        return list(_of_certificates(x509.load_pem_x509_certificates(pem)) if CERTIFICATE in pem else _of_key(pem))
    except TypeError as problem:    # a passphrase is wanted
        raise ValueError(str(problem)) from None


def _of_certificates(chain: list[x509.Certificate]) -> Iterator[tuple[str, str]]:
    for number, one in enumerate(chain):
        digest, whose = keys.spki_digest(one.public_key()), one.subject.rfc4514_string() or "a certificate without a name"
        if number:
            yield f"2 1 1 {digest}", f"the authority {whose}, as long as the server shows it"
        else:
            yield f"3 1 1 {digest}", f"the key of {whose}; stays true when the certificate is renewed for the same key"
            yield f"3 0 1 {sha256(one.public_bytes(Encoding.DER)).hexdigest()}", "this very certificate"


def _of_key(pem: bytes) -> Iterator[tuple[str, str]]:
    key = load_pem_private_key(pem, None).public_key() if PRIVATE in pem else load_pem_public_key(pem)
    yield f"3 1 1 {keys.spki_digest(key)}", f"a key, {keys.kind(key)}"
