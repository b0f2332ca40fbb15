"""TLS contexts, the certificates behind them, and what a handshake tells afterwards.

Trusted with private keys: files 0600, written whole and renamed into place.  TLS 1.2 at
least (RFC 8996), on both ends.

Standards: RFC 5929 §4 (tls-server-end-point), RFC 9266 (tls-exporter), RFC 6066 §3 (SNI).

Read on: mta.smtp.session shakes hands as a server, mta.net.connect as a client.
"""
import datetime
import os
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self
from weakref import WeakKeyDictionary

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from mta.base.clock import Clock
from mta.base.errors import BadName, SetupError
from mta.base.names import Domain, IPAddress
from mta.base.sasl import END_POINT, EXPORTER, Bindings

#: Days that a certificate of our own making is good for; browsers accept no more than this.
LIFETIME = datetime.timedelta(days=397)
#: It begins so long before it is made: not every clock is right.
BACKDATED = datetime.timedelta(hours=1)
#: It is made anew when less than this is left.
RENEW_BEFORE = datetime.timedelta(days=30)
#: For TLS 1.2 (1.3 has only good ones): forward secrecy and authenticated encryption (RFC 9325 §4.2).
CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"


class ServerContext(ssl.SSLContext):
    """A server's context, which remembers what it will be asked after a handshake.

    It has one certificate, or several for the same names with keys of different kinds, of
    which each client gets the one that it can use.
    """

    #: RFC 5929 §4.1: the hashes of our certificates, without those for which the RFC defines none.
    end_points: tuple[bytes, ...]
    _asked: "WeakKeyDictionary[ssl.SSLObject | ssl.SSLSocket, str]"

    def __new__(cls) -> Self:
        context = super().__new__(cls, ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_TICKET
        context.num_tickets = 0     # each acceptor has its own ticket keys: resuming would mostly fail
        context.set_ciphers(CIPHERS)
        context.end_points = ()
        context._asked = WeakKeyDictionary()
        return context

    def load(self, certificate: Path, key: Path, *, beside: bool = False) -> None:
        """Use this certificate (with its chain) and key from the next handshake on; SetupError if they are unfit.

        Both may be in one file.  beside: in addition to what was loaded, whose key is of another kind.
        """
        def encrypted() -> str:
            raise SetupError(f"{key} is encrypted, and nobody is here to type its passphrase: store it without one")

        try:
            for file in (certificate, key):
                file.open("rb").close()     # OpenSSL would not say which of them is missing
            self.load_cert_chain(certificate, key, encrypted)
            end_point = tls_server_end_point(leaf(certificate))
            self.end_points = (*(self.end_points if beside else ()), *([end_point] if end_point else []))
        except ssl.SSLError as problem:
            raise SetupError(f"{certificate} and {key} are not a certificate and its key: {problem.reason or problem}") from None
        except OSError as problem:
            raise SetupError(f"{problem.filename or certificate}: {problem.strerror}") from None
        except ValueError as problem:
            raise SetupError(f"{certificate} is not a certificate in PEM: {problem}") from None

    def server_name(self, tls: ssl.SSLObject) -> str | None:
        """The name the client asked for in this handshake (SNI), None if it named none."""
        return self._asked.get(tls)

    def bindings(self, tls: ssl.SSLObject) -> Bindings:
        """The channel bindings of this connection, by name; of several certificates OpenSSL does not say which it used."""
        context = tls.context
        end_points = context.end_points if isinstance(context, ServerContext) else ()
        found: dict[str, bytes | tuple[bytes, ...]] = dict(channel_bindings(tls, end_points[0] if end_points else None))
        return found | {END_POINT: end_points} if len(end_points) > 1 else found


#: Files of a certificate with its chain, and of its key; they may be the same.
Pair = tuple[Path, Path]


class Certificates:
    """All certificates of a server behind one context, chosen by the name that a client asks for.

    pairs are files, or tell where they are now; the first serves who asks for nothing or
    for a name that no certificate has.  Those that are for the same names and have
    different kinds of keys serve together.  At first one that is unfit is left out (see
    unfit), so that it keeps the server from nothing; SetupError if all of them are.
    """

    def __init__(self, pairs: Sequence[Pair] | Callable[[], Sequence[Pair]]) -> None:
        self._pairs = pairs if callable(pairs) else lambda: pairs
        #: Hand this one out; it stays the same when certificates are replaced.
        self.context = ServerContext()
        #: What is wrong with those that were left out.
        self.unfit: list[str] = []
        #: The certificates that are in use, the first first.
        self.leaves: tuple[x509.Certificate, ...] = ()
        self._seen = self._signs()
        self._take(self._load(self.unfit))
        self.context.sni_callback = self._choose

    def changed(self) -> bool:
        """Whether the files are others than when this was true last, or at first."""
        before, self._seen = self._seen, self._signs()
        return before != self._seen

    def reload(self) -> None:
        """Read the files again; the next handshakes use them.  If one is unfit, SetupError and all stays as it was."""
        self._take(self._load())
        self.unfit = []

    def _signs(self) -> tuple[tuple[object, ...], ...]:
        """What changes when a file is replaced."""
        signs = []
        for file in {file for pair in self._pairs() for file in pair}:
            with suppress(OSError):
                facts = file.stat()
                signs.append((file, facts.st_ino, facts.st_mtime_ns, facts.st_size))
        return tuple(sorted(signs))

    def _load(self, unfit: list[str] | None = None) -> list[tuple[ServerContext, list[x509.Certificate]]]:
        """Contexts, each with its certificates; what is unfit is noted in unfit, or raised if that is not given."""
        made: list[tuple[ServerContext, list[x509.Certificate]]] = []
        for certificate, key in self._pairs():
            try:
                context = server_context(certificate, key)
                own = leaf(certificate)
            except SetupError as problem:
                if unfit is None:
                    raise
                unfit.append(str(problem))
                continue
            beside = next((there for there in made if _goes_with(own, there[1])), None)
            if beside:
                beside[0].load(certificate, key, beside=True)
                beside[1].append(own)
            else:
                context._asked = self.context._asked
                made.append((context, [own]))
        if not made:
            raise SetupError("\n".join(unfit or ["TLS needs a certificate and its key"]))
        return made

    def _take(self, made: list[tuple[ServerContext, list[x509.Certificate]]]) -> None:
        by_name = dict[str, ServerContext]()
        for context, leaves in made:
            for name in names_of(leaves[0]):
                by_name.setdefault(name, context)
        self.leaves = tuple(own for _, leaves in made for own in leaves)
        self._default, self._by_name = made[0][0], by_name

    def _choose(self, tls: ssl.SSLObject | ssl.SSLSocket, name: str | None, _context: ssl.SSLContext) -> None:
        """Called within the handshake: the certificate with that name, exact or by its wildcard (RFC 6125 §6.4)."""
        chosen = self._default
        if name:
            asked = name.lower()[:255]
            self.context._asked[tls] = asked
            parent = "*." + asked.partition(".")[2]
            chosen = self._by_name.get(asked) or self._by_name.get(parent) or chosen
        tls.context = chosen


def _goes_with(own: x509.Certificate, others: Sequence[x509.Certificate]) -> bool:
    """Whether own is for the names of others and has another kind of key than they."""
    kinds = {type(other.public_key()) for other in others}
    return set(names_of(own)) == set(names_of(others[0])) and type(own.public_key()) not in kinds


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
        write_secret(certificate_file, signed_by_itself(key, names, ips, clock).public_bytes(serialization.Encoding.PEM))
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


def leaf(file: Path) -> x509.Certificate:
    """The first certificate of a PEM file; ValueError if there is none."""
    return x509.load_pem_x509_certificate(file.read_bytes())


def _fits(certificate_file: Path, key_file: Path, names: Sequence[Domain], ips: Sequence[IPAddress], clock: Clock) -> bool:
    try:
        certificate = leaf(certificate_file)
        server_context(certificate_file, key_file)
        wanted = _alternative_names(names, ips)
        present = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, SetupError, BadName, x509.ExtensionNotFound):
        return False
    return present == wanted and certificate.not_valid_before_utc <= clock.now() < certificate.not_valid_after_utc - RENEW_BEFORE


def _alternative_names(names: Sequence[Domain], ips: Sequence[IPAddress]) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName([*(x509.DNSName(name.ascii) for name in names), *(x509.IPAddress(ip) for ip in ips)])


def signed_by_itself(
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, names: Sequence[Domain], ips: Sequence[IPAddress], clock: Clock,
) -> x509.Certificate:
    """A certificate for names and ips that key itself vouches for."""
    # A common name has at most 64 characters; the alternative names are what counts (RFC 6125 §6.4.4).
    common = next((name.ascii for name in names if len(name.ascii) <= 64), "Pillarbox")
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
    start = clock.now().replace(microsecond=0)
    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(subject).issuer_name(subject).public_key(public).serial_number(x509.random_serial_number())
        .not_valid_before(start - BACKDATED).not_valid_after(start + LIFETIME)
        .add_extension(_alternative_names(names, ips), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .sign(key, hashes.SHA256())
    )
