"""The certificates that a peer showed in a handshake, as it sent them: the only place that reads them.

Python 3.13 has a public call for that (`get_unverified_chain` of an SSLObject or
SSLSocket, DER); 3.10 to 3.12 have it only on the object of OpenSSL's that an SSLObject
wraps, and it gives objects there.  Works for the `ssl_object` of asyncio's transports and
of uvloop's, both of which are SSLObjects.
"""
from typing import Any, Final

#: What OpenSSL calls DER where it writes a certificate (X509_FILETYPE_ASN1).
DER: Final = 2
#: Certificates of one chain that are looked at, and octets of one; three is usual, and OpenSSL takes 100 kB in all.
MOST: Final = 12
OCTETS: Final = 64 * 1024


def peer_chain(tls: Any) -> tuple[bytes, ...]:
    """The peer's certificate and those it sent with it, in its order, as DER; () if it sent none.

    tls is an SSLObject or SSLSocket after its handshake.  Nothing is verified.
    """
    read = getattr(tls, "get_unverified_chain", None)
    if read is None:
        inner = getattr(tls, "_sslobj", None)
        read = getattr(inner, "get_unverified_chain", None)
    sent = [_der(one) for one in (read() if read is not None else None) or ()]
    if not sent:
        # Whoever hides the chain has the certificate at least.
        leaf = tls.getpeercert(binary_form=True)
        sent = [leaf] if leaf else []
    return tuple(one for one in sent[:MOST] if len(one) <= OCTETS)


def _der(certificate: Any) -> bytes:
    """The octets of a certificate: as they are, or written by an object of OpenSSL's."""
    return certificate if isinstance(certificate, bytes) else bytes(certificate.public_bytes(DER))
