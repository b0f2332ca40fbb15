"""Public keys of signers: their records in the DNS, and what each may be used for.

A key is parsed once and kept under the text of its record, so a busy sender's costs
nothing the second time.  Trouble is a result, never an exception.

Standards: RFC 6376 §3.6 and §6.1.2, RFC 8301 §3.2, RFC 8463 §4.
"""
import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import load_der_public_key

from mta.auth import tags
from mta.auth.signature import ALGORITHMS, MessageSignature, Signature
from mta.auth.status import Status
from mta.auth.tags import BadTags
from mta.base.errors import BadName
from mta.base.limits import LIMITS, Limits
from mta.base.names import Domain
from mta.dns.answer import RecordType
from mta.dns.resolver import Resolver

#: RFC 8301 §3.2: verifiers must not believe RSA keys with fewer bits.
RSA_BITS = 1_024
#: OpenSSL takes any exponent for keys up to 3,072 bits; a long one makes each check as slow as signing.
EXPONENT_BITS = 64
ED25519_OCTETS = 32

PublicKey = rsa.RSAPublicKey | ed25519.Ed25519PublicKey
#: Where a key is published: the domain and its selector.
Place = tuple[Domain, str]


class BadKey(ValueError):
    """A record without a key that could be used; the message says why."""


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A key and its owner's conditions (RFC 6376 §3.6.1); kind is "rsa" or "ed25519"."""

    kind: str
    key: PublicKey
    bits: int
    hashes: tuple[str, ...]
    services: tuple[str, ...]
    testing: bool
    strict: bool

    def serves(self, service: str) -> bool:
        """Whether the key is for a service (RFC 6376 §3.6.1, s=): "email", or "tlsrpt" (RFC 8460 §3)."""
        return not {"*", service}.isdisjoint(self.services)

    def objection(self, signature: Signature, limits: Limits = LIMITS, service: str = "email") -> str:
        """Why the key may not be used for signature, "" if it may."""
        if ALGORITHMS.get(signature.algorithm) != self.kind:
            return f"the key is {self.kind}, which is not for {signature.algorithm}"
        if self.hashes and "sha256" not in self.hashes:
            return "the key is not for sha256"
        if not self.serves(service):
            return "the key is not for mail" if service == "email" else f"the key is not for {service}"
        if self.kind == "rsa" and not RSA_BITS <= self.bits <= limits.dkim_key_bits:
            return f"the key has {self.bits} bits; {RSA_BITS} to {limits.dkim_key_bits} are believed"
        # RFC 6376 §3.6.1, t=s: no sub-domain may stand in i=.
        if self.strict and isinstance(signature, MessageSignature) and signature.identity_domain != signature.domain:
            return "i= is below d=, which the key does not allow"
        return ""

    def made(self, octets: bytes, digest: bytes) -> bool:
        """Whether octets are this key's signature of a SHA-256 digest."""
        try:
            if isinstance(self.key, rsa.RSAPublicKey):
                self.key.verify(octets, digest, padding.PKCS1v15(), Prehashed(hashes.SHA256()))
            else:
                # RFC 8463 §3: the digest is the message that PureEdDSA signs.
                self.key.verify(octets, digest)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Keys:
    """What is published at one place: records that can be used, or (status not PASS) why there are none."""

    records: tuple[KeyRecord, ...]
    status: Status
    authentic: bool
    problem: str = ""


async def find(places: Iterable[Place], resolver: Resolver, limits: Limits = LIMITS) -> dict[Place, Keys]:
    """The keys at places, each asked for once, all at the same time."""
    wanted = list(dict.fromkeys(places))
    if len(wanted) == 1:
        return {wanted[0]: await _find(wanted[0], resolver, limits)}
    found = await asyncio.gather(*(_find(place, resolver, limits) for place in wanted))
    return dict(zip(wanted, found, strict=True))


async def _find(place: Place, resolver: Resolver, limits: Limits) -> Keys:
    domain, selector = place
    try:
        name = Domain.parse(f"{selector}._domainkey.{domain.ascii}")    # RFC 6376 §3.6.2.1
    except BadName:
        return Keys((), Status.PERMERROR, False, "selector and domain are too long for a name")
    answer = await resolver.ask(name, RecordType.TXT)
    if answer.temporary:
        return Keys((), Status.TEMPERROR, False, f"the key cannot be looked up now: {answer.explained}")
    if not answer.found:
        return Keys((), Status.PERMERROR, answer.authentic, f"there is no key at {name.ascii}")
    records, problem = [], ""
    # RFC 6376 §3.6.2.2: with several records the result is undefined; any that fits may be taken.
    for text in answer.texts[:limits.dkim_records]:
        try:
            if len(text) > limits.dkim_record:
                raise BadKey("the record is too long")
            records.append(read(text))
        except BadKey as bad:
            problem = problem or f"{name.ascii}: {bad}"
    return Keys(tuple(records), Status.PASS if records else Status.PERMERROR, answer.authentic, problem)


@lru_cache(maxsize=LIMITS.dkim_keys_kept)
def read(text: str) -> KeyRecord:
    """The key in text, a TXT record; BadKey if there is none (RFC 6376 §3.6.1)."""
    try:
        given = tags.read(text)
    except BadTags as problem:
        raise BadKey(str(problem)) from None
    if "v" in given and (given["v"] != "DKIM1" or next(iter(given)) != "v"):
        raise BadKey("v= is neither DKIM1 nor missing, or not the first tag")
    if "p" not in given:
        raise BadKey("there is no p=")
    if not given["p"]:
        raise BadKey("the key has been revoked: p= is empty")
    kind = given.get("k", "rsa")
    try:
        octets = tags.octets(given["p"])
    except ValueError:
        raise BadKey("p= is not base64") from None
    if kind == "rsa":
        key, bits = _rsa(octets)
    elif kind == "ed25519":
        key, bits = _ed25519(octets)
    else:
        raise BadKey(f"k= is {kind[:20]!r}, no kind of key that we know")
    flags = tags.names(given.get("t", ""))
    return KeyRecord(kind, key, bits, tuple(tags.names(given.get("h", ""))), tuple(tags.names(given.get("s", "*"))),
                     testing="y" in flags, strict="s" in flags)


def _rsa(octets: bytes) -> tuple[PublicKey, int]:
    # RFC 6376 §3.6.1 names RSAPublicKey, everybody writes SubjectPublicKeyInfo (erratum 3017); both are read.
    try:
        key = load_der_public_key(octets)
    except (ValueError, UnsupportedAlgorithm):
        raise BadKey("p= is not an RSA key") from None
    if not isinstance(key, rsa.RSAPublicKey):
        raise BadKey("p= is not an RSA key")
    if key.public_numbers().e.bit_length() > EXPONENT_BITS:
        raise BadKey("the exponent of the key is too long")
    return key, key.key_size


def _ed25519(octets: bytes) -> tuple[PublicKey, int]:
    # RFC 8463 §4: the bare octets, no ASN.1 around them.
    if len(octets) != ED25519_OCTETS:
        raise BadKey(f"an Ed25519 key has {ED25519_OCTETS} octets")
    return ed25519.Ed25519PublicKey.from_public_bytes(octets), 8 * ED25519_OCTETS
