"""The certificates of this server as files: which there are, what they say, putting new ones in place.

Below data/tls: what the operator's files were copied to (host.pem, host.key); what an
authority gave us (issued/); and certificates of our own making with the host's keys, which
serve until there is a better one, so that TLSA records are true from the first day.
Certificate, chain and key are in one file wherever we wrote it: no process ever finds a
certificate without its key.
"""
import datetime
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import NameOID

from mta.base.clock import Clock
from mta.base.errors import SetupError
from mta.base.names import Domain
from mta.config.model import Config
from mta.net import keys, tls
from mta.net.tls import Pair

#: The certificates of the host itself, one for each of its keys; the first serves whoever can use it.
HOST: Final = ("host-ec", "host-rsa")
#: Those of a domain's names begin so.
DOMAIN: Final = "domain-"
#: What the operator's own is called.
FILES: Final = "files"
#: Octets of a certificate file that we read; a chain has some thousand.
LARGEST: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class Facts:
    """What a certificate says of itself; times are seconds since 1970, digest is that of its key (TLSA 3 1 1)."""

    names: tuple[str, ...]
    issuer: str
    since: float
    until: float
    key: str
    digest: str
    serial: int
    authority_key: bytes
    self_signed: bool

    @property
    def lifetime(self) -> float:
        """Seconds from its beginning to its end."""
        return self.until - self.since

    @property
    def spread(self) -> float:
        """From 0 to 1, other for each certificate and always the same for one: so that not all of the world's are renewed at once."""
        digest = hashlib.sha256(self.serial.to_bytes(32, "big")).digest()
        return int.from_bytes(digest[:4], "big") / 2**32


def issued(config: Config, label: str) -> Path:
    """The file of what an authority gave us."""
    return config.data / "tls" / "issued" / f"{label}.pem"


def own(config: Config, algorithm: str) -> Path:
    """The file of a certificate that we made with the host's key."""
    return config.data / "tls" / f"self-signed-{algorithm}.pem"


def served(config: Config) -> list[Pair]:
    """Certificate and key files that TLS is offered with, the default first."""
    if config.local:
        return [(config.certificate, config.certificate_key)]
    found = [(config.certificate, config.certificate_key)] if config.tls.certificate else []
    if config.acme:
        hosts = [issued(config, label) for label in HOST if not config.tls.certificate]
        domains = sorted(issued(config, "").parent.glob(f"{DOMAIN}*.pem"))
        found += [(file, file) for file in (*hosts, *domains) if file.exists()]
    if not config.tls.certificate:
        # After the host's; those of domains are for others than who names nobody.
        at = sum(pair[0].stem in HOST for pair in found)
        found[at:at] = [(file, file) for file in (own(config, label.removeprefix("host-")) for label in HOST) if file.exists()]
    return found


def label_of(config: Config, file: Path) -> str:
    """What a certificate of served() is called in the store and for people."""
    if file == config.certificate:
        return FILES if config.tls.certificate else "self-signed"
    return file.stem


def facts(file: Path) -> Facts:
    """What the first certificate in a file says; SetupError if there is none."""
    try:
        with open(file, "rb") as source:
            return facts_of(source.read(LARGEST))
    except OSError as problem:
        raise SetupError(f"{file}: {problem.strerror}") from None
    except ValueError as problem:
        raise SetupError(f"{file} is not a certificate in PEM: {problem}") from None


def facts_of(pem: bytes) -> Facts:
    """The same of a text; ValueError if there is none."""
    certificate = x509.load_pem_x509_certificate(pem)
    try:
        public: object = certificate.public_key()
    except UnsupportedAlgorithm as problem:
        raise ValueError(str(problem)) from None
    try:
        authority = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier or b""
    except x509.ExtensionNotFound:
        authority = b""
    return Facts(
        tuple(tls.names_of(certificate)), _issuer(certificate), certificate.not_valid_before_utc.timestamp(),
        certificate.not_valid_after_utc.timestamp(), keys.kind(public), keys.spki_digest(public), certificate.serial_number, authority,
        certificate.issuer == certificate.subject)


def _issuer(certificate: x509.Certificate) -> str:
    """The name of who signed it, for people."""
    names = {attribute.oid: str(attribute.value) for attribute in certificate.issuer}
    shown = [names[oid] for oid in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME) if oid in names]
    return " ".join(shown) or certificate.issuer.rfc4514_string()


def install(file: Path, chain: bytes, key: bytes, names: Sequence[str]) -> Facts:
    """Put a chain and its key in place, whole.

    SetupError, and nothing is changed, if the first certificate is not for key and all of names.
    """
    try:
        leaf = facts_of(chain)
    except ValueError as problem:
        raise SetupError(f"what the authority sent is no certificate: {problem}") from None
    missing = set(names) - set(leaf.names)
    if leaf.digest != keys.digest(key) or missing:
        wrong = f"lacks {', '.join(sorted(missing))}" if missing else "is for another key"
        raise SetupError(f"the certificate that the authority sent {wrong}")
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    tried = file.with_name(f".{file.name}.tried")
    tls.write_secret(tried, chain.rstrip() + b"\n" + key)
    try:
        tls.server_context(tried, tried)
        tried.replace(file)
    finally:
        tried.unlink(missing_ok=True)
    return leaf


def make_own(config: Config, algorithm: str, key: bytes, clock: Clock) -> bool:
    """Make our own certificate for the host's names with its key, unless there is one that fits; whether one was made."""
    file, names = own(config, algorithm), host_names(config)
    try:
        there = facts(file)
        left = there.until - clock.timestamp()
        if there.names == names and there.digest == keys.digest(key) and left > tls.RENEW_BEFORE.total_seconds():
            tls.server_context(file, file)
            return False
    except SetupError:
        pass
    certificate = tls.signed_by_itself(keys.parsed(key), list(map(Domain, names)), [], clock)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    tls.write_secret(file, certificate.public_bytes(serialization.Encoding.PEM) + key)
    return True


def host_names(config: Config) -> tuple[str, ...]:
    """The names of the host's own certificate, its host name first."""
    return tuple(dict.fromkeys((config.hostname.ascii, *config.acme.names)))


def moment(at: float) -> str:
    """A time for people."""
    return f"{datetime.datetime.fromtimestamp(at, datetime.UTC):%Y-%m-%d %H:%M} UTC"
