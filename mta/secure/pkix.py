"""Is this chain of certificates good for that name, at that time, with those roots?

Trusted with judging what strangers show us; reads no files and asks nobody.  Building and
checking the path is cryptography's (x509.verification), with rules of extensions of our
own: those of browsers would refuse certificates of a private authority which OpenSSL and
every other mail server take (no key identifiers, no EKU).  Names are compared here, so
that a wrong name can be told from a wrong issuer.

Standards: RFC 5280 §6 (paths), RFC 9525 §6 (names), RFC 8461 §4.2 (what a mail host must show).

Read on: mta.secure.dane trusts other roots, mta.net.chain reads what the peer sent.
"""
import re
import warnings
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from cryptography.x509.verification import Criticality, ExtensionPolicy, PolicyBuilder, Store, VerificationError

from mta.base.names import Domain
from mta.secure.tlsresult import Result, Verdict

#: Certificates between a peer's and a root; public authorities have one or two.
DEPTH: Final = 8
#: RSA keys that are looked at; larger ones only cost time.
KEY_BITS: Final = 8_192
#: Names of a certificate that are compared; hosters put some hundred into one.
NAMES: Final = 1_000
#: A DNS name in a certificate, with the wildcard it may begin with (RFC 9525 §6.3).
NAME: Final = re.compile(r"(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*")
#: What reading a certificate may come to besides a certificate.
UNREADABLE: Final = (ValueError, UnsupportedAlgorithm, x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType)
PURPOSES: Final = frozenset((ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE))


class Trust:
    """The roots that are believed: made once, used for many chains."""

    def __init__(self, roots: Sequence[x509.Certificate]) -> None:
        self._store = Store(list(roots)) if roots else None
        self.size = len(roots)

    def path(self, leaf: x509.Certificate, others: Sequence[x509.Certificate], at: datetime) -> x509.Certificate | str:
        """The root that a path from leaf leads to which holds at that time; why there is none, in words.

        However the certificates are tangled, only some hundred signatures are looked at.
        """
        if self._store is None:
            return "no authority is trusted here"
        builder = PolicyBuilder().store(self._store).time(at.astimezone(UTC).replace(tzinfo=None)).max_chain_depth(DEPTH)
        # No name is compared, which is all that "client" means here: purposes have rules of our own (_purpose).
        verifier = builder.extension_policies(ca_policy=_authorities(), ee_policy=_ends()).build_client_verifier()
        try:
            return verifier.verify(leaf, list(others)).chain[-1]
        except VerificationError as problem:
            return _plain(str(problem))
        except UNREADABLE as problem:       # something in a certificate that cannot even be read
            return _plain(str(problem) or "a certificate of the chain cannot be read")


def read(der: bytes) -> x509.Certificate | None:
    """The certificate in der; None if there is none that can be read."""
    try:
        with warnings.catch_warnings():
            # Serial numbers that are not positive: wrong, common in old roots, and no concern of ours.
            warnings.simplefilter("ignore", CryptographyDeprecationWarning)
            found = x509.load_der_x509_certificate(der)
            # Parts are parsed when they are asked for: what cannot be is found out here, and nowhere else.
            key, *_ = found.public_key(), found.subject, found.issuer, found.not_valid_before_utc, found.not_valid_after_utc
    except UNREADABLE:
        return None
    return None if isinstance(key, rsa.RSAPublicKey) and key.key_size > KEY_BITS else found


def verify(chain: Sequence[bytes], name: Domain, trust: Trust, at: datetime) -> Verdict:
    """Whether chain (the peer's certificate first, DER) is good for name at that time.

    The name must stand among the alternative names (RFC 8461 §4.2): a common name does not count.
    """
    leaf, others = opened(chain)
    if leaf is None:
        return Verdict(Result.NOT_TRUSTED, "the server's certificate cannot be read" if chain else "the server showed no certificate",
                       "unreadable" if chain else "no-certificate")
    root = anchor(leaf, others, trust, at)
    if isinstance(root, Verdict):
        return root
    if not matches(leaf, [name]):
        return mismatch(leaf, [name])
    return Verdict(how="a trusted authority")


def opened(chain: Sequence[bytes]) -> tuple[x509.Certificate | None, list[x509.Certificate]]:
    """The peer's own certificate, and those of the others that can be read."""
    leaf = read(chain[0]) if chain else None
    return leaf, [one for der in chain[1:] if (one := read(der)) is not None]


def anchor(leaf: x509.Certificate, others: Sequence[x509.Certificate], trust: Trust, at: datetime) -> x509.Certificate | Verdict:
    """The root that leaf leads to; else the Verdict, in which no trust is told apart from what only time is to blame for."""
    problem = trust.path(leaf, others, at)
    if isinstance(problem, x509.Certificate):
        return problem
    # Would it have been good, had we looked while everything was valid?  Then it is a matter of time.
    first, last = leaf.not_valid_before_utc, leaf.not_valid_after_utc
    late = any(not one.not_valid_before_utc <= at <= one.not_valid_after_utc for one in (leaf, *others))
    if late and first <= last and any(
            isinstance(trust.path(leaf, others, then), x509.Certificate) for then in (first, last - timedelta(seconds=1))):
        return Verdict(Result.EXPIRED, f"{_when(leaf, others, at)}", "expired")
    return Verdict(Result.NOT_TRUSTED, f"the certificate of {subject(leaf)} does not lead to an authority that is trusted: {problem}",
                   "self-signed" if leaf.issuer == leaf.subject else "no-path")


def matches(leaf: x509.Certificate, names: Iterable[Domain], *, common_name: bool = False) -> bool:
    """Whether one of names stands in leaf; a wildcard is a whole first label and stands for exactly one (RFC 9525 §6.3).

    common_name lets the subject's common name count where there are no alternative names.
    """
    written = names_in(leaf, common_name=common_name)
    return any(_stands_for(pattern, name.ascii) for name in names for pattern in written)


def mismatch(leaf: x509.Certificate, names: Sequence[Domain]) -> Verdict:
    """The verdict on a certificate for somebody else."""
    wanted = " or ".join(dict.fromkeys(name.ascii for name in names))
    return Verdict(Result.HOST_MISMATCH, f"the certificate is for {subject(leaf)}, not for {wanted}", "name")


def names_in(leaf: x509.Certificate, *, common_name: bool = False) -> list[str]:
    """The DNS names of a certificate in lower case, as far as they are any."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", CryptographyDeprecationWarning)
            found = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName)
    except x509.ExtensionNotFound:
        found = []
    except UNREADABLE:          # what cannot be read names nobody
        return []
    if not found and common_name:
        found = [str(one.value) for one in leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    lower = (name.lower().removesuffix(".") for name in found[:NAMES])
    return [name for name in lower if NAME.fullmatch(name)]


def subject(leaf: x509.Certificate) -> str:
    """For whom a certificate is, in a few printable words; strangers wrote it."""
    if found := names_in(leaf):
        more = f" and {len(found) - 3} more names" if len(found) > 3 else ""
        return ", ".join(found[:3])[:200] + more
    try:
        common = [str(one.value) for one in leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
        words = common[0] if common else leaf.subject.rfc4514_string()
        return "".join(char if char.isprintable() else "?" for char in words)[:200] or "nobody"
    except UNREADABLE:
        return "nobody that can be read"


def _stands_for(pattern: str, name: str) -> bool:
    if pattern.startswith("*."):
        _, _, parent = name.partition(".")
        return bool(parent) and parent == pattern[2:] and "." in parent
    return pattern == name


def _when(leaf: x509.Certificate, others: Sequence[x509.Certificate], at: datetime) -> str:
    """What is wrong with the time of the chain."""
    for one in (leaf, *others):
        if at > one.not_valid_after_utc:
            return f"the certificate of {subject(one)} ran out on {one.not_valid_after_utc:%Y-%m-%d %H:%M} UTC"
        if at < one.not_valid_before_utc:
            return f"the certificate of {subject(one)} is not valid before {one.not_valid_before_utc:%Y-%m-%d %H:%M} UTC"
    return f"a certificate on the way from {subject(leaf)} to its authority has run out"


def _authorities() -> ExtensionPolicy:
    """What a certificate must have that others are signed with: it says so, and may sign (RFC 5280 §4.2.1.3, §4.2.1.9)."""
    return (ExtensionPolicy.permit_all()
            .require_present(x509.BasicConstraints, Criticality.AGNOSTIC, None)
            .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _may_sign)
            .may_be_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, _purpose))


def _ends() -> ExtensionPolicy:
    """What the peer's own certificate must have: nothing, but what it has must not rule out a server."""
    return ExtensionPolicy.permit_all().may_be_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, _purpose)


def _may_sign(policy: Any, certificate: x509.Certificate, usage: x509.KeyUsage | None) -> None:
    if usage is not None and not usage.key_cert_sign:
        raise ValueError("a certificate on the way may not sign others")


def _purpose(policy: Any, certificate: x509.Certificate, usage: x509.ExtendedKeyUsage | None) -> None:
    """RFC 5280 §4.2.1.12: whoever lists purposes must list ours."""
    if usage is not None and not PURPOSES.intersection(usage):
        raise ValueError("a certificate of the chain is not meant for servers")


def _plain(problem: str) -> str:
    """cryptography's reason without what only its authors need, and printable."""
    text = re.sub(r"\(encountered processing.*", "", problem, flags=re.DOTALL)
    text = text.removeprefix("validation failed: ").removeprefix("candidates exhausted: ").removeprefix(
        "Python extension validator failed: ValueError: ").strip()
    if text == "all candidates exhausted with no interior errors":
        text = "nobody trusted has issued it"
    return "".join(char if char.isprintable() else " " for char in text)[:200]
