"""TLS contexts, the certificates behind them, and what a handshake tells afterwards.

Trusted with private keys: files 0600, written whole and renamed into place.  TLS 1.2 at
least (RFC 8996), on both ends.

Standards: RFC 5929 §4 (tls-server-end-point), RFC 9266 (tls-exporter), RFC 6066 §3 (SNI).

Read on: mta.smtp.session shakes hands as a server, mta.net.connect as a client.
"""
import datetime
import os
import ssl
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self
from weakref import WeakKeyDictionary

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from mta.base.clock import Clock
from mta.base.errors import BadName, SetupError
from mta.base.names import Domain, IPAddress
from mta.base.sasl import END_POINT, EXPORTER

#: Days that a certificate of our own making is good for; browsers accept no more than this.
LIFETIME = datetime.timedelta(days=397)
#: It is made anew when less than this is left.
RENEW_BEFORE = datetime.timedelta(days=30)


class ServerContext(ssl.SSLContext):
    """A server's context with one certificate, which remembers what it will be asked after a handshake."""

    #: RFC 5929 §4.1: the hash of our certificate, or None if the RFC defines none for its algorithm.
    end_point: bytes | None
    _asked: "WeakKeyDictionary[ssl.SSLObject | ssl.SSLSocket, str]"

    def __new__(cls) -> Self:
        context = super().__new__(cls, ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_TICKET
        context.num_tickets = 0     # each acceptor has its own ticket keys: resuming would mostly fail
        context.end_point = None
        context._asked = WeakKeyDictionary()
        return context

    def load(self, certificate: Path, key: Path) -> None:
        """Use this certificate (with its chain) and key from the next handshake on; SetupError if they are unfit."""
        def encrypted() -> str:
            raise SetupError(f"{key} is encrypted, and nobody is here to type its passphrase: store it without one")

        try:
            for file in (certificate, key):
                file.open("rb").close()     # OpenSSL would not say which of them is missing
            self.load_cert_chain(certificate, key, encrypted)
            self.end_point = tls_server_end_point(_leaf(certificate))
        except ssl.SSLError as problem:
            raise SetupError(f"{certificate} and {key} are not a certificate and its key: {problem.reason or problem}") from None
        except OSError as problem:
            raise SetupError(f"{problem.filename or certificate}: {problem.strerror}") from None
        except ValueError as problem:
            raise SetupError(f"{certificate} is not a certificate in PEM: {problem}") from None

    def server_name(self, tls: ssl.SSLObject) -> str | None:
        """The name the client asked for in this handshake (SNI), None if it named none."""
        return self._asked.get(tls)

    def bindings(self, tls: ssl.SSLObject) -> dict[str, bytes]:
        """The channel bindings of this connection, by name."""
        context = tls.context
        end_point = context.end_point if isinstance(context, ServerContext) else None
        return channel_bindings(tls, end_point)


class Certificates:
    """All certificates of a server behind one context, chosen by the name that a client asks for.

    pairs are (certificate with chain, key) files; the first serves who asks for nothing
    or for a name that no certificate has.  SetupError if one is unfit.
    """

    def __init__(self, pairs: Sequence[tuple[Path, Path]]) -> None:
        if not pairs:
            raise SetupError("TLS needs a certificate and its key")
        self._pairs = tuple(pairs)
        #: Hand this one out; it stays the same when certificates are replaced.
        self.context = ServerContext()
        self._default, self._by_name = self._load()
        self.context.load(*self._pairs[0])
        self.context.sni_callback = self._choose

    def reload(self) -> None:
        """Read the files again; the next handshakes use them.  If one is unfit, SetupError and all stays as it was."""
        default, by_name = self._load()
        self.context.load(*self._pairs[0])
        self._default, self._by_name = default, by_name

    def _load(self) -> tuple[ServerContext, dict[str, ServerContext]]:
        contexts, by_name = [], dict[str, ServerContext]()
        for certificate, key in self._pairs:
            context = server_context(certificate, key)
            context._asked = self.context._asked
            contexts.append(context)
            for name in names_of(_leaf(certificate)):
                by_name.setdefault(name, context)
        return contexts[0], by_name

    def _choose(self, tls: ssl.SSLObject | ssl.SSLSocket, name: str | None, _context: ssl.SSLContext) -> None:
        """Called within the handshake: the certificate with that name, exact or by its wildcard (RFC 6125 §6.4)."""
        chosen = self._default
        if name:
            asked = name.lower()[:255]
            self.context._asked[tls] = asked
            parent = "*." + asked.partition(".")[2]
            chosen = self._by_name.get(asked) or self._by_name.get(parent) or chosen
        tls.context = chosen


def server_context(certificate: Path, key: Path) -> ServerContext:
    """A context for the server's end with one certificate; SetupError if it is unfit."""
    context = ServerContext()
    context.load(certificate, key)
    return context


def rehearse(clock: Clock, directory: Path | None = None) -> None:
    """Shake hands with ourselves, in memory and with a certificate that is thrown away.

    OpenSSL keeps what it sets up for its first key and its first handshake: where this
    runs before a fork, the processes share it instead of having a megabyte each.  (What it
    draws its random numbers from it renews after a fork.)  Without room for the
    certificate (in directory, or where the system has its temporary files) there is no rehearsal.
    """
    try:
        with TemporaryDirectory(dir=directory) as folder:
            context = server_context(*self_signed([Domain("localhost")], [], Path(folder), clock))
    except (OSError, SetupError):
        return
    (to_server, to_client), ends = (ssl.MemoryBIO(), ssl.MemoryBIO()), []
    ends.append(client_context(verify=False).wrap_bio(to_client, to_server))
    ends.append(context.wrap_bio(to_server, to_client, server_side=True))
    while ends:
        for end in list(ends):
            with suppress(ssl.SSLWantReadError):
                end.do_handshake()
                ends.remove(end)


def client_context(*, verify: bool, authorities: Path | None = None) -> ssl.SSLContext:
    """A context for the client's end: one that checks chain and name, or one that takes any certificate.

    The first believes the authorities of the system and those of the file (PEM), if one is
    given; SetupError if that is unfit.  The second is for opportunistic TLS, where the
    alternative is no encryption at all (RFC 7435 §3): there even a short key is better
    than none.
    """
    context = ssl.create_default_context() if verify else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if verify:
        # RFC 8461 §3.3, §4.2: the name stands among the alternative names; a common name is none.
        context.hostname_checks_common_name = False
        if authorities is not None:
            _trust(context, authorities)
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_ciphers("DEFAULT:!aNULL:!eNULL:@SECLEVEL=0")
    return context


def _trust(context: ssl.SSLContext, authorities: Path) -> None:
    try:
        authorities.open("rb").close()      # OpenSSL would not say which file is missing
        context.load_verify_locations(authorities)
    except ssl.SSLError:
        raise SetupError(f"{authorities} has no certificates in PEM (setting ca_file of [tls])") from None
    except OSError as problem:
        raise SetupError(f"{authorities}: cannot be read (setting ca_file of [tls]): {problem.strerror}") from None


def names_of(certificate: x509.Certificate) -> list[str]:
    """The DNS names of a certificate, in lower case, wildcards as they are; its common name if it has no others."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName)
    except x509.ExtensionNotFound:
        names = [str(attribute.value) for attribute in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    return [name.lower() for name in names]


def tls_server_end_point(certificate: x509.Certificate | bytes) -> bytes | None:
    """The channel binding that a certificate (DER if octets) gives (RFC 5929 §4.1); None where the RFC defines none."""
    if isinstance(certificate, bytes):
        certificate = x509.load_der_x509_certificate(certificate)
    try:
        algorithm = certificate.signature_hash_algorithm
    except UnsupportedAlgorithm:
        return None
    if algorithm is None:
        return None
    if isinstance(algorithm, hashes.MD5 | hashes.SHA1):
        algorithm = hashes.SHA256()
    return certificate.fingerprint(algorithm)


def channel_bindings(tls: ssl.SSLObject | ssl.SSLSocket, end_point: bytes | None) -> dict[str, bytes]:
    """The bindings of a finished handshake; end_point is tls_server_end_point of the server's certificate."""
    found = {END_POINT: end_point} if end_point else {}
    # Offered by Python once its ssl module can export keying material.
    if EXPORTER in ssl.CHANNEL_BINDING_TYPES and (exported := tls.get_channel_binding(EXPORTER)):
        found[EXPORTER] = exported
    return found


def self_signed(names: Sequence[Domain], ips: Sequence[IPAddress], directory: Path, clock: Clock) -> tuple[Path, Path]:
    """A certificate of our own making for names and ips, in directory: its file and its key's.

    What is there already is kept while it fits and is not about to expire.
    """
    certificate_file, key_file = directory / "self-signed.pem", directory / "self-signed.key"
    if not _fits(certificate_file, key_file, names, ips, clock):
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        # The key first: whoever finds the new certificate finds its key too.
        write_secret(key_file, key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        write_secret(certificate_file, _certificate(key, names, ips, clock).public_bytes(serialization.Encoding.PEM))
    return certificate_file, key_file


def write_secret(file: Path, content: bytes) -> None:
    """Write a file that only we may read: whole or not at all, and on disk when this returns."""
    temporary = file.with_name(f".{file.name}.new")
    temporary.unlink(missing_ok=True)
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    temporary.replace(file)


def _leaf(file: Path) -> x509.Certificate:
    """The first certificate of a PEM file; ValueError if there is none."""
    return x509.load_pem_x509_certificate(file.read_bytes())


def _fits(certificate_file: Path, key_file: Path, names: Sequence[Domain], ips: Sequence[IPAddress], clock: Clock) -> bool:
    try:
        certificate = _leaf(certificate_file)
        server_context(certificate_file, key_file)
        wanted = _alternative_names(names, ips)
        present = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, SetupError, BadName, x509.ExtensionNotFound):
        return False
    return present == wanted and certificate.not_valid_before_utc <= clock.now() < certificate.not_valid_after_utc - RENEW_BEFORE


def _alternative_names(names: Sequence[Domain], ips: Sequence[IPAddress]) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName([*(x509.DNSName(name.ascii) for name in names), *(x509.IPAddress(ip) for ip in ips)])


def _certificate(key: ec.EllipticCurvePrivateKey, names: Sequence[Domain], ips: Sequence[IPAddress], clock: Clock) -> x509.Certificate:
    # A common name has at most 64 characters; the alternative names are what counts (RFC 6125 §6.4.4).
    common = next((name.ascii for name in names if len(name.ascii) <= 64), "Pillarbox")
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
    start = clock.now().replace(microsecond=0)
    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(subject).issuer_name(subject).public_key(public).serial_number(x509.random_serial_number())
        .not_valid_before(start - datetime.timedelta(hours=1)).not_valid_after(start + LIFETIME)
        .add_extension(_alternative_names(names, ips), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .sign(key, hashes.SHA256())
    )
