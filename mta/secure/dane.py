"""DANE for SMTP: which keys the DNS promises for a mail host, and whether it showed one of them.

Two steps: find() asks for the TLSA records of a host, and says what they oblige us to;
verify() compares what the host showed with them.  Only what DNSSEC vouches for counts,
each link of the way: a forged link would let its forger choose the keys.

Standards: RFC 6698 (TLSA), RFC 7671 (how to use it), RFC 7672 (with SMTP).

Read on: mta.secure.protection says what follows, mta.secure.pkix builds paths to the roots named here.
"""
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa

from mta.base.limits import LIMITS
from mta.base.names import Domain
from mta.dns.answer import TLSA, Answer, Outcome, RecordType
from mta.dns.resolver import Resolver
from mta.secure import pkix
from mta.secure.der import NotDer, public_key_info
from mta.secure.pkix import Trust
from mta.secure.protection import DaneState
from mta.secure.tlsresult import Result, Verdict

#: TLSA fields (RFC 6698 §2.1, names from RFC 7218).
DANE_TA, DANE_EE = 2, 3
CERT, SPKI = 0, 1
FULL, SHA256, SHA512 = 0, 1, 2
#: Octets of each digest.
DIGESTS: Final = {SHA256: 32, SHA512: 64}
#: How an unreadable record of the DNS is written down (mta.net.upstream): no such usage exists.
UNREADABLE: Final = 255


@dataclass(frozen=True, slots=True)
class Lookup:
    """What the DNS promises for a host.

    base is the TLSA base domain, which is also the name to ask for in the handshake;
    records are the usable ones, unusable the others with what is wrong with each; text
    says in a sentence how it came to state.
    """

    host: Domain
    state: DaneState
    text: str
    base: Domain
    records: tuple[TLSA, ...] = ()
    unusable: tuple[tuple[TLSA, str], ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """All records, as they would stand in a zone (RFC 8460 §4.4, policy-string)."""
        return tuple(map(written, (*self.records, *(record for record, _ in self.unusable))))


async def find(
    host: Domain, addresses: Sequence[Answer], resolver: Resolver, *, signed: bool, port: int = 25, alias: Domain | None = None,
) -> Lookup:
    """The TLSA records that count for host; signed says whether DNSSEC vouches for the MX records that named it.

    addresses are the answers about its addresses; alias is a domain without MX records whose
    signed CNAME led to host.  Never raises; what cannot be looked up
    is DaneState.TROUBLE, and no reason to do without (RFC 7672 §2.1).
    """
    if not signed:
        return Lookup(host, DaneState.NONE, f"DNSSEC does not vouch for the MX records that name {host}", host)
    candidates = await _candidates(host, addresses, resolver)
    if isinstance(candidates, Lookup):
        return candidates
    for base in dict.fromkeys((*candidates, *((alias,) if alias is not None else ()))):
        answer = await resolver.ask(base.below(f"_{port}._tcp"), RecordType.TLSA)
        if answer.temporary:
            return _trouble(host, answer)
        if answer.found and answer.authentic:
            return _sorted_out(host, base, answer)
    return Lookup(host, DaneState.SIGNED, f"{host} has no TLSA records that DNSSEC vouches for", host)


async def _candidates(host: Domain, addresses: Sequence[Answer], resolver: Resolver) -> list[Domain] | Lookup:
    """The names below which to look for TLSA records, in order (RFC 7672 §2.2.2); a Lookup if that is clear without."""
    found = [answer for answer in addresses if answer.found] or [answer for answer in addresses if not answer.temporary]
    if not found:
        troubled = next(iter(addresses), Answer(host, RecordType.A, Outcome.TROUBLE))
        return _trouble(host, troubled)
    canonical = next((answer.canonical for answer in found if answer.chain), host)
    if all(answer.authentic for answer in found):
        return [canonical, host] if canonical != host else [host]
    if canonical == host:
        # RFC 7672 §2.2.2: an unsigned zone has no signed TLSA records; many of their name
        # servers break when asked for any, so they are not asked.
        return Lookup(host, DaneState.SIGNED, f"DNSSEC does not vouch for the addresses of {host}", host)
    # The alias may be signed though its target is not: then its own name can have records.
    alias = await resolver.ask(host, RecordType.CNAME)
    if alias.temporary:
        return _trouble(host, alias)
    if alias.found and alias.authentic:
        return [host]
    return Lookup(host, DaneState.SIGNED, f"DNSSEC does not vouch for {host}, which is another name of {canonical}", host)


def _trouble(host: Domain, answer: Answer) -> Lookup:
    why = f" ({answer.error})" if answer.error else ""
    return Lookup(host, DaneState.TROUBLE,
                  f"the DNS gives no usable answer about {answer.kind.name} of {answer.name}: {answer.outcome.value}{why}", host)


def _sorted_out(host: Domain, base: Domain, answer: Answer) -> Lookup:
    """The records of an answer, the usable ones apart."""
    records = [record for record in answer.records if isinstance(record, TLSA)]
    usable, unusable = [], []
    for number, record in enumerate(records):
        why = problem(record) if number < LIMITS.tlsa_records else f"only {LIMITS.tlsa_records} records are looked at"
        if why:
            unusable.append((record, why))
        else:
            usable.append(record)
    state = DaneState.USABLE if usable else DaneState.UNUSABLE
    count = f"{len(usable)} usable TLSA record{'' if len(usable) == 1 else 's'}" if usable else "TLSA records, none of them usable"
    return Lookup(host, state, f"{base} has {count}", base, tuple(dict.fromkeys(usable)), tuple(unusable))


def problem(record: TLSA) -> str:
    """Why a record cannot be used for mail; "" if it can (RFC 7672 §3.1, RFC 7671 §4)."""
    if record.usage == record.selector == record.matching == UNREADABLE:
        return "the record cannot be read"
    if record.usage in (0, 1):
        # RFC 7672 §3.1.3: senders of mail have no common set of authorities for these.
        return f"usage {record.usage} (PKIX) is not for mail; 3 and 2 are"
    if record.usage not in (DANE_TA, DANE_EE):
        return f"there is no usage {record.usage}"
    if record.selector not in (CERT, SPKI):
        return f"there is no selector {record.selector}"
    if record.matching not in (FULL, *DIGESTS):
        return f"there is no matching type {record.matching}"
    if record.matching in DIGESTS and len(record.data) != DIGESTS[record.matching]:
        return f"it has {len(record.data)} octets where its matching type has {DIGESTS[record.matching]}"
    if record.matching == FULL and not _is_whole(record):
        return "its data is no certificate" if record.selector == CERT else "its data is no public key"
    return ""


def written(record: TLSA) -> str:
    """A record's data as in a zone file."""
    return f"{record.usage} {record.selector} {record.matching} {record.data.hex()}"


# --- Comparing -------------------------------------------------------------------------------


def verify(records: Sequence[TLSA], chain: Sequence[bytes], names: Sequence[Domain], at: datetime) -> Verdict:
    """Whether chain (the peer's certificate first, DER) is what the usable records promise.

    names are those that DANE-TA certificates may bear (RFC 7672 §3.2.2, §3.2.3).  One
    record that fits is enough (RFC 6698 §4.1).
    """
    if not chain:
        return Verdict(Result.VALIDATION_FAILURE, "the server showed no certificate", "dane-no-certificate")
    counted = strongest(records)
    # RFC 7671 §5.1, RFC 7672 §3.1.1: the record binds the key to the name, and has its own
    # time; what the certificate says about either does not matter.
    for record in counted:
        if record.usage == DANE_EE and fits(record, chain[0]):
            return Verdict(how=f"TLSA {record.usage} {record.selector} {record.matching}")
    below = [record for record in counted if record.usage == DANE_TA]
    return _anchored(below, chain, names, at) if below else _no_match(chain)


def strongest(records: Iterable[TLSA]) -> list[TLSA]:
    """The records that count: of digests with the same usage and selector only the strongest kind (RFC 7671 §9).

    Full values count always.  A digest that is broken some day can thus be left in a zone for
    old peers without making it weaker for new ones.
    """
    given = list(records)
    best: dict[tuple[int, int], int] = {}
    for record in given:
        key = (record.usage, record.selector)
        best[key] = max(best.get(key, FULL), record.matching)
    return [record for record in given if record.matching in (FULL, best[record.usage, record.selector])]


def fits(record: TLSA, certificate: bytes) -> bool:
    """Whether record is about this certificate (RFC 6698 §2.1.2, §2.1.3)."""
    try:
        octets = certificate if record.selector == CERT else public_key_info(certificate)
    except NotDer:
        return False
    if record.matching == SHA256:
        return hashlib.sha256(octets).digest() == record.data
    if record.matching == SHA512:
        return hashlib.sha512(octets).digest() == record.data
    return octets == record.data


def _anchored(records: Sequence[TLSA], chain: Sequence[bytes], names: Sequence[Domain], at: datetime) -> Verdict:
    """DANE-TA: a path from the peer's certificate to one that a record is about (RFC 7671 §5.2)."""
    leaf, others = pkix.opened(chain)
    if leaf is None:
        return Verdict(Result.VALIDATION_FAILURE, "the server's certificate cannot be read", "dane-unreadable")
    anchors = {anchor: record for record in reversed(records) for anchor in _anchors(record, chain)}
    root = pkix.anchor(leaf, others, Trust([*anchors]), at)
    if isinstance(root, Verdict):
        return _no_match(chain) if root.result is Result.NOT_TRUSTED else root
    if not pkix.matches(leaf, names, common_name=True):
        return pkix.mismatch(leaf, names)
    record = anchors[root]
    return Verdict(how=f"TLSA {record.usage} {record.selector} {record.matching}")


def _anchors(record: TLSA, chain: Sequence[bytes]) -> list[x509.Certificate]:
    """The certificates that record makes roots: those of the chain that fit, or one that need not be sent."""
    found = [der for der in chain if fits(record, der)]
    if not found and record.matching == FULL and record.selector == CERT:
        found = [record.data]
    if not found and record.matching == FULL and record.selector == SPKI:
        # RFC 7671 §5.2: the bare key of an authority that was not sent: who is signed with it stands for it.
        found = [der for der in chain if _signed_with(record.data, der)]
    return [certificate for der in found if (certificate := pkix.read(der)) is not None]


def _no_match(chain: Sequence[bytes]) -> Verdict:
    leaf = pkix.read(chain[0])
    whose = pkix.subject(leaf) if leaf else "somebody that cannot be read"
    return Verdict(Result.VALIDATION_FAILURE, f"none of the TLSA records is about the certificate of {whose} that the server showed",
                   "dane-no-match")


def _is_whole(record: TLSA) -> bool:
    if record.selector == CERT:
        return pkix.read(record.data) is not None
    return _key(record.data) is not None


def _key(info: bytes) -> object | None:
    try:
        return serialization.load_der_public_key(info)
    except (ValueError, UnsupportedAlgorithm):
        return None


def _signed_with(info: bytes, der: bytes) -> bool:
    """Whether the certificate der is signed with the key whose SubjectPublicKeyInfo is info."""
    certificate, key = pkix.read(der), _key(info)
    if certificate is None:
        return False
    try:
        signature, octets = certificate.signature, certificate.tbs_certificate_bytes
        scheme = certificate.signature_algorithm_parameters
        digest = certificate.signature_hash_algorithm
        if isinstance(key, rsa.RSAPublicKey) and isinstance(scheme, padding.PKCS1v15 | padding.PSS) and digest is not None:
            key.verify(signature, octets, scheme, digest)
        elif isinstance(key, ec.EllipticCurvePublicKey) and isinstance(scheme, ec.ECDSA):
            key.verify(signature, octets, scheme)
        elif isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey) and digest is None:
            key.verify(signature, octets)
        else:
            return False
    except (InvalidSignature, *pkix.UNREADABLE):
        return False
    return True
