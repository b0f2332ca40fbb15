"""The certificate authorities that are believed: the system's, and those of the operator's file.

OpenSSL knows where the system keeps them; here they are read once, for chains that are
judged after the handshake (mta.secure.pkix).
"""
import ssl
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from mta.base.errors import SetupError
from mta.net.tls import client_context
from mta.secure import pkix
from mta.secure.pkix import Trust

#: Octets of one file of certificates; the system's file of all has 220 kB.
OCTETS = 4 * 1024 * 1024
BEGIN, END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


def trusted(authorities: Path | None = None) -> Trust:
    """What is believed, with the certificates of a file (PEM) if one is given; SetupError if that is unfit."""
    # That the file is fit is for the same place to say as for all other connections.
    system = client_context(verify=True, authorities=authorities).get_ca_certs(binary_form=True)
    found = dict.fromkeys(system)
    if not found:
        found.update(dict.fromkeys(_folder(ssl.get_default_verify_paths().capath)))
    if authorities is not None:
        # What is no authority by its own words is believed for itself, if the operator says so.
        found.update(dict.fromkeys(_of_file(authorities)))
    return Trust([certificate for der in found if (certificate := pkix.read(der)) is not None])


def known() -> int:
    """How many authorities the system brings."""
    return len(client_context(verify=True).get_ca_certs(binary_form=True)) or sum(
        1 for _ in _folder(ssl.get_default_verify_paths().capath))


def _folder(path: str | None) -> Iterator[bytes]:
    """The certificates of a folder like /etc/ssl/certs, where there is no file that has them all."""
    for file in sorted(Path(path).iterdir()) if path and Path(path).is_dir() else ():
        if file.suffix in (".pem", ".crt", ".0"):
            yield from _of_file(file)


def _of_file(file: Path) -> list[bytes]:
    try:
        with file.open("rb") as content:
            text = content.read(OCTETS).decode("ascii", "replace")
    except OSError as problem:
        raise SetupError(f"{file}: cannot be read: {problem.strerror}") from None
    found = []
    for piece in text.split(BEGIN)[1:]:
        inner, end, _ = piece.partition(END)
        with suppress(ValueError):      # what is no base64 is no certificate
            found += [ssl.PEM_cert_to_DER_cert(f"{BEGIN}{inner}{END}\n")] if end else []
    return found
