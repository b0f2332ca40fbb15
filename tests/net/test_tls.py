"""mta.net.tls: contexts, certificates and what handshakes tell."""
import datetime
import ssl
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

from mta.base.clock import SetClock
from mta.base.errors import SetupError
from mta.base.names import Domain, ip_address
from mta.base.sasl import END_POINT
from mta.net.tls import (
    Certificates,
    ServerContext,
    client_context,
    names_of,
    rehearse,
    self_signed,
    server_context,
    tls_server_end_point,
    write_secret,
)
from tests.authority import Authority

NOW = datetime.datetime.now(datetime.UTC)
NAMES, IPS = [Domain("mx.example.test"), Domain("mail.example.test")], [ip_address("127.0.0.1"), ip_address("::1")]


@pytest.fixture
def clock() -> SetClock:
    """OpenSSL looks at the real clock, so certificates are made for it."""
    return SetClock(NOW)


def shake_hands(server: ssl.SSLContext, client: ssl.SSLContext, name: str | None) -> tuple[ssl.SSLObject, ssl.SSLObject]:
    """A handshake in memory; (server's end, client's end)."""
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    one = client.wrap_bio(down, up, server_hostname=name)
    other = server.wrap_bio(up, down, server_side=True)
    for end in (one, other, one, other, one):
        try:
            end.do_handshake()
        except ssl.SSLWantReadError:
            continue
    return other, one


def made(directory: Path, name: str, algorithm: hashes.SHA256 | hashes.SHA384 | hashes.SHA512 | None = None) -> tuple[Path, Path]:
    """A certificate for one name, which may be a wildcard, signed with RSA (or Ed25519 if no algorithm is given)."""
    key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
    key = rsa.generate_private_key(65537, 2048) if algorithm else ed25519.Ed25519PrivateKey.generate()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(NOW).not_valid_after(NOW + datetime.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False).sign(key, algorithm))
    files = directory / f"{name}.pem", directory / f"{name}.key"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return files


def test_self_signed(tmp_path: Path, clock: SetClock) -> None:
    """Names, addresses, P-256, and files that only we may read."""
    certificate_file, key_file = self_signed(NAMES, IPS, tmp_path / "tls", clock)

    certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["mx.example.test", "mail.example.test"]
    assert names.get_values_for_type(x509.IPAddress) == IPS
    assert names_of(certificate) == ["mx.example.test", "mail.example.test"]
    assert certificate.not_valid_before_utc <= clock.now()
    assert certificate.not_valid_after_utc >= clock.now() + datetime.timedelta(days=390)
    for file in (certificate_file, key_file):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    client = client_context(verify=True)
    client.load_verify_locations(certificate_file)
    shake_hands(server_context(certificate_file, key_file), client, "mail.example.test")


def test_self_signed_is_kept_while_it_fits(tmp_path: Path, clock: SetClock) -> None:
    """Twice the same question, one certificate; new ones for other names, near expiry and when broken."""
    certificate_file, key_file = self_signed(NAMES, IPS, tmp_path, clock)
    first = certificate_file.read_bytes()
    assert self_signed(NAMES, IPS, tmp_path, clock) == (certificate_file, key_file)
    assert certificate_file.read_bytes() == first

    self_signed(NAMES[:1], IPS, tmp_path, clock)
    second = certificate_file.read_bytes()
    assert second != first

    clock.advance(datetime.timedelta(days=370))
    self_signed(NAMES[:1], IPS, tmp_path, clock)
    third = certificate_file.read_bytes()
    assert third != second

    key_file.write_text("half")
    self_signed(NAMES[:1], IPS, tmp_path, clock)
    assert certificate_file.read_bytes() != third
    server_context(certificate_file, key_file)


def test_a_long_host_name_fits(tmp_path: Path, clock: SetClock) -> None:
    """A common name has 64 characters at most; a host name may have more."""
    long = Domain(".".join(["a" * 40, "b" * 40, "example"]))

    certificate_file, _ = self_signed([long], [], tmp_path, clock)

    assert names_of(x509.load_pem_x509_certificate(certificate_file.read_bytes())) == [long.ascii]


def test_only_tls_1_2_and_newer(tmp_path: Path, clock: SetClock) -> None:
    """RFC 8996: nothing below 1.2; 1.2 and 1.3 work."""
    server = server_context(*self_signed(NAMES, IPS, tmp_path, clock))
    assert server.minimum_version is ssl.TLSVersion.TLSv1_2
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        client = client_context(verify=False)
        client.minimum_version = client.maximum_version = version
        _, end = shake_hands(server, client, None)
        assert end.version() == version.name.replace("_", ".")
    assert client_context(verify=True).minimum_version is ssl.TLSVersion.TLSv1_2


def test_authorities_of_the_operators(tmp_path: Path) -> None:
    """They are believed besides those of the system; only for verified connections, and only if the file has any."""
    authority = Authority(tmp_path)
    server = server_context(*authority.issue("mx.example.test"))
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(server, client_context(verify=True), "mx.example.test")

    trusting = client_context(verify=True, authorities=authority.file)
    shake_hands(server, trusting, "mx.example.test")
    assert trusting.cert_store_stats()["x509_ca"] == client_context(verify=True).cert_store_stats()["x509_ca"] + 1
    shake_hands(server, client_context(verify=False, authorities=tmp_path / "missing"), "mx.example.test")
    with pytest.raises(SetupError, match=r"missing: cannot be read \(setting ca_file of \[tls\]\): No such file"):
        client_context(verify=True, authorities=tmp_path / "missing")
    (tmp_path / "empty").write_text("nothing")
    with pytest.raises(SetupError, match=r"empty has no certificates in PEM"):
        client_context(verify=True, authorities=tmp_path / "empty")


def test_a_common_name_is_no_name(tmp_path: Path) -> None:
    """Only alternative names count (RFC 8461 §4.2)."""
    authority = Authority(tmp_path)
    server = server_context(*authority.issue("mx.example.test", "other.example.test", common_only=True))
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        shake_hands(server, client_context(verify=True, authorities=authority.file), "mx.example.test")


def test_clients_check_or_do_not(tmp_path: Path, clock: SetClock) -> None:
    """verify=True refuses a certificate of nobody we know, verify=False takes it."""
    server = server_context(*self_signed(NAMES, IPS, tmp_path, clock))

    shake_hands(server, client_context(verify=False), "whatever.example")
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(server, client_context(verify=True), "mx.example.test")


def presented(certificates: Certificates, name: str | None) -> list[str]:
    """The names on the certificate that a client asking for name gets."""
    server, client = shake_hands(certificates.context, client_context(verify=False), name)
    certificate = client.getpeercert(binary_form=True)
    assert certificate is not None
    assert certificates.context.server_name(server) == (name.lower() if name else None)
    assert certificates.context.bindings(server)[END_POINT] == tls_server_end_point(certificate)
    return names_of(x509.load_der_x509_certificate(certificate))


def test_the_certificate_asked_for(tmp_path: Path) -> None:
    """Exact names before wildcards, a wildcard for one label only, the first certificate for all else."""
    pairs = [made(tmp_path, name, hashes.SHA256()) for name in ("mx.example.test", "*.example.org", "imap.example.org")]
    certificates = Certificates(pairs)

    assert presented(certificates, None) == ["mx.example.test"]
    assert presented(certificates, "elsewhere.example") == ["mx.example.test"]
    assert presented(certificates, "mail.example.org") == ["*.example.org"]
    assert presented(certificates, "IMAP.example.org") == ["imap.example.org"]
    assert presented(certificates, "a.b.example.org") == ["mx.example.test"]
    assert presented(certificates, "example.org") == ["mx.example.test"]


def test_two_kinds_of_keys(tmp_path: Path) -> None:
    """For the same names each client gets the certificate that it can use; to bind to either is fine."""
    rsa_files = made(tmp_path, "mx.example.test", hashes.SHA256())
    ec_files = self_signed([Domain("mx.example.test")], [], tmp_path, SetClock(NOW))
    certificates = Certificates([ec_files, rsa_files])
    hashes_of = tuple(x509.load_pem_x509_certificate(files[0].read_bytes()).fingerprint(hashes.SHA256()) for files in (ec_files, rsa_files))

    for ciphers, number in (("ECDHE+ECDSA", 0), ("ECDHE+aRSA", 1)):
        client = client_context(verify=False)
        client.maximum_version = ssl.TLSVersion.TLSv1_2
        client.set_ciphers(ciphers)
        server, one = shake_hands(certificates.context, client, "mx.example.test")
        assert x509.load_der_x509_certificate(one.getpeercert(binary_form=True) or b"").fingerprint(hashes.SHA256()) == hashes_of[number]
        assert certificates.context.bindings(server) == {END_POINT: hashes_of}
    assert len(certificates.leaves) == 2
    # Another of the same kind is not put in the place of the first.
    (tmp_path / "again").mkdir()
    again = Certificates([ec_files, rsa_files, self_signed([Domain("mx.example.test")], [], tmp_path / "again", SetClock(NOW))])
    assert again.context.bindings(shake_hands(again.context, client_context(verify=False), None)[0]) == {END_POINT: hashes_of}


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_only_good_ciphers_and_no_tickets(tmp_path: Path, version: ssl.TLSVersion) -> None:
    """Forward secrecy and authenticated encryption, and nothing to resume with."""
    context = server_context(*self_signed(NAMES, IPS, tmp_path, SetClock(NOW)))
    client = client_context(verify=False)
    client.minimum_version = client.maximum_version = version
    _, one = shake_hands(context, client, None)
    assert one.session is None or not one.session.has_ticket
    assert all(cipher["aead"] and cipher["kea"] in ("kx-ecdhe", "kx-any") for cipher in context.get_ciphers())


def test_reload_in_place(tmp_path: Path) -> None:
    """The same context presents what the files say now; a broken file changes nothing."""
    files = made(tmp_path, "mx.example.test", hashes.SHA256())
    certificates = Certificates([files])
    context = certificates.context

    for target, source in zip(files, made(tmp_path, "new.example.test", hashes.SHA384()), strict=True):
        source.replace(target)
    assert presented(certificates, None) == ["mx.example.test"]
    certificates.reload()
    assert certificates.context is context
    assert presented(certificates, None) == ["new.example.test"]

    files[0].write_text("-----BEGIN CERTIFICATE-----\nhalf")
    with pytest.raises(SetupError, match=r"mx\.example\.test\.pem"):
        certificates.reload()
    assert presented(certificates, None) == ["new.example.test"]


def test_a_session_that_outlives_a_reload_keeps_its_binding(tmp_path: Path) -> None:
    """What was bound is the certificate of the handshake, not the newest."""
    files = made(tmp_path, "mx.example.test", hashes.SHA256())
    certificates = Certificates([files])
    server, _ = shake_hands(certificates.context, client_context(verify=False), None)
    before = certificates.context.bindings(server)

    for target, source in zip(files, made(tmp_path, "new.example.test", hashes.SHA256()), strict=True):
        source.replace(target)
    certificates.reload()

    assert certificates.context.bindings(server) == before


def test_end_points(tmp_path: Path) -> None:
    """RFC 5929 §4.1: the certificate's own hash, SHA-256 for the weak ones, nothing where it has none."""
    algorithms: list[tuple[hashes.SHA256 | hashes.SHA384 | hashes.SHA512, int]] = [
        (hashes.SHA256(), 32), (hashes.SHA384(), 48), (hashes.SHA512(), 64)]
    for algorithm, size in algorithms:
        certificate = x509.load_pem_x509_certificate(made(tmp_path, "mx.example.test", algorithm)[0].read_bytes())
        assert tls_server_end_point(certificate) == certificate.fingerprint(algorithm)
        assert len(tls_server_end_point(certificate.public_bytes(serialization.Encoding.DER)) or b"") == size

    files = made(tmp_path, "mx.example.test")
    assert tls_server_end_point(x509.load_pem_x509_certificate(files[0].read_bytes())) is None
    context = server_context(*files)
    server, _ = shake_hands(context, client_context(verify=False), None)
    assert context.bindings(server) == {}


def test_setup_errors_name_the_file(tmp_path: Path) -> None:
    """What an operator can do about it: which file, what is wrong."""
    one, other = made(tmp_path, "a.example", hashes.SHA256()), made(tmp_path, "b.example", hashes.SHA256())
    for pair, named in (((tmp_path / "missing.pem", one[1]), r"missing\.pem"), ((one[0], tmp_path / "missing.key"), r"missing\.key"),
                        ((one[0], other[1]), r"b\.example\.key"), ((one[1], one[1]), r"a\.example\.key")):
        with pytest.raises(SetupError, match=named):
            server_context(*pair)
    with pytest.raises(SetupError):
        Certificates([])


def test_an_encrypted_key_is_refused_without_asking(tmp_path: Path) -> None:
    """OpenSSL would ask the terminal, and the server would hang."""
    certificate_file, key_file = made(tmp_path, "a.example", hashes.SHA256())
    key = serialization.load_pem_private_key(key_file.read_bytes(), None)
    key_file.write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"passphrase")))

    with pytest.raises(SetupError, match="encrypted"):
        server_context(certificate_file, key_file)


def test_a_certificate_with_only_a_common_name() -> None:
    """Old ones have no alternative names; their common name is what they are for."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "MX.example.test")])
    certificate = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(1).not_valid_before(NOW).not_valid_after(NOW + datetime.timedelta(days=2)).sign(key, hashes.SHA256()))

    assert names_of(certificate) == ["mx.example.test"]


def test_contexts_are_the_library_s() -> None:
    """uvicorn, asyncio and uvloop take them as they are."""
    assert isinstance(ServerContext(), ssl.SSLContext)


REHEARSED = """
import os, ssl, sys
from mta.base.clock import SystemClock
from mta.net.tls import rehearse
rehearse(SystemClock())
if os.fork() and os.wait():
    os.fork() and os.wait()
print(ssl.RAND_bytes(16).hex(), flush=True)
"""


def test_a_rehearsal_leaves_no_common_secrets() -> None:
    """Processes forked after it share memory, but no random numbers."""
    done = subprocess.run([sys.executable, "-c", REHEARSED], capture_output=True, text=True, check=True, timeout=30)
    drawn = done.stdout.split()

    assert len(drawn) == 3
    assert len(set(drawn)) == 3


def test_without_room_there_is_no_rehearsal(clock: SetClock, tmp_path: Path) -> None:
    """A server starts whatever the state of the place for temporary files is."""
    rehearse(clock, tmp_path / "nowhere")
    rehearse(clock, tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_write_secret(tmp_path: Path) -> None:
    """Whole, 0600, and nothing of a broken attempt in the way."""
    (tmp_path / ".key.new").write_text("left by a crash")

    write_secret(tmp_path / "key", b"one")
    write_secret(tmp_path / "key", b"two")

    assert (tmp_path / "key").read_bytes() == b"two"
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["key"]
