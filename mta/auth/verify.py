"""Check the DKIM signatures of a message.

What the results mean (RFC 8601 §2.7.1): pass; fail: the message or the field was changed,
or the key is another; permerror: the standard says that such a signature does not count,
whatever its octets (old algorithm, short key, From not signed, expired, no key);
temperror: the key cannot be had now; neutral: it cannot be read, or is of a kind that
nobody here knows; policy: it was made in what we hold for the future.

Two things are for the caller to weigh: `partial` (others may have added to the body) and
`testing` (RFC 6376 §3.6.1: the message is to be treated like an unsigned one).

Nothing is raised, whatever the octets.  Standards: RFC 6376 §6, RFC 8301, RFC 8463.
"""
import asyncio
from dataclasses import dataclass

from mta.auth import dkimkey
from mta.auth.bodyhashes import BodyHashes, hash_in_turns
from mta.auth.dkimkey import KeyRecord, Keys
from mta.auth.message import Message
from mta.auth.signature import (
    ALGORITHMS,
    DKIM_SIGNATURE,
    HISTORIC,
    BadSignature,
    MessageSignature,
    Signature,
    read_all,
    read_dkim,
    start_of,
)
from mta.auth.status import Status
from mta.base.limits import LIMITS, Limits
from mta.base.names import Domain
from mta.dns.resolver import Resolver


@dataclass(frozen=True, slots=True)
class Proof:
    """What the check of one signature came to; record is the key that decided."""

    status: Status
    problem: str = ""
    record: KeyRecord | None = None


@dataclass(frozen=True, slots=True)
class DkimResult:
    """What one DKIM-Signature is worth.

    partial: a part of the body is not covered (l=).  authentic: DNSSEC vouches for the
    key's record.  start tells this signature from the others (header.b).  signature is
    None if it could not be read.
    """

    status: Status
    signature: MessageSignature | None
    record: KeyRecord | None = None
    partial: bool = False
    authentic: bool = False
    start: str = ""
    problem: str = ""

    @property
    def domain(self) -> Domain | None:
        """Who takes responsibility (d=)."""
        return self.signature.domain if self.signature else None

    @property
    def selector(self) -> str:
        """Which of the domain's keys (s=)."""
        return self.signature.selector if self.signature else ""

    @property
    def identity(self) -> str:
        """For whom the domain signed (i=), "@domain" if it did not say."""
        return self.signature.identity if self.signature else ""

    @property
    def algorithm(self) -> str:
        """How (a=)."""
        return self.signature.algorithm if self.signature else ""

    @property
    def bits(self) -> int:
        """The size of the key; 0 if none was used."""
        return self.record.bits if self.record else 0

    @property
    def testing(self) -> bool:
        """The key's owner only tries DKIM out (t=y)."""
        return self.record is not None and self.record.testing

    @property
    def strict(self) -> bool:
        """The key is for the domain itself and no sub-domain (t=s)."""
        return self.record is not None and self.record.strict


async def verify(
        message: Message, resolver: Resolver, now: float, limits: Limits = LIMITS, hashes: BodyHashes | None = None,
        service: str = "email",
) -> tuple[DkimResult, ...]:
    """A result for each DKIM-Signature, topmost first, for the first so many; none at all if there is none.

    now is in seconds since 1970.  hashes are those that hash_body() made of the message;
    without them the body is hashed on the loop, which has its turn after each block.
    service is what the keys have to be for.
    """
    found = read_all(message, DKIM_SIGNATURE, read_dkim, limits.dkim_signatures)
    good = {place: read for place, read in found if isinstance(read, MessageSignature)}
    if not good:
        return tuple(DkimResult(Status.NEUTRAL, None, problem=str(bad)) for _, bad in found)
    refused = {place: refusal(read, now, limits) or _unfit(message, read) for place, read in good.items()}
    finding = dkimkey.find([(read.domain, read.selector) for place, read in good.items() if not refused[place]], resolver, limits)
    if hashes is not None:
        keys, taken = await finding, hashes
    else:
        keys, taken = await asyncio.gather(finding, hash_in_turns(message, good.values()))
    texts = [read.text for read in good.values()]
    results = []
    for place, read in found:
        if isinstance(read, BadSignature):
            results.append(DkimResult(Status.NEUTRAL, None, problem=str(read)))
            continue
        proof, authentic = refused[place], False
        if proof is None:
            known = keys[read.domain, read.selector]
            proof, authentic = prove_message(message, place, read, taken, known, limits, service), known.authentic
        results.append(DkimResult(
            proof.status, read, proof.record, taken.partial(read), authentic, start_of(read.text, texts), proof.problem))
        if len(found) > 1:
            await asyncio.sleep(0)    # others have their turn between two signatures
    return tuple(results)


def refusal(signature: Signature, now: float, limits: Limits = LIMITS) -> Proof | None:
    """Why signature does not count whatever its key says; None if nothing is wrong with it."""
    if signature.algorithm == HISTORIC:
        # RFC 8301 §3.1: must not be used, and has permanently failed: no choice of ours, so not "policy".
        return Proof(Status.PERMERROR, "rsa-sha1 is not believed any more")
    if signature.algorithm not in ALGORITHMS:
        return Proof(Status.NEUTRAL, "made with an algorithm that we do not know")    # RFC 6376 §3.3: ignored
    if signature.signed_at is not None and signature.signed_at > now + limits.dkim_future:
        # RFC 6376 §3.5, t=: may be ignored; small differences of clocks are not held against it.
        return Proof(Status.POLICY, "made in the future")
    if isinstance(signature, MessageSignature) and signature.expires is not None:
        if signature.expires < now:
            return Proof(Status.PERMERROR, "expired")    # RFC 6376 §6.1.1
        if signature.signed_at is not None and signature.expires <= signature.signed_at:
            return Proof(Status.PERMERROR, "expired before it was made")    # RFC 6376 §3.5, x=
    return None


def prove(signature: Signature, digest: bytes, keys: Keys, limits: Limits = LIMITS, service: str = "email") -> Proof:
    """Whether one of keys made signature over digest (RFC 6376 §6.1.2, §6.1.3)."""
    if keys.status is not Status.PASS:
        return Proof(keys.status, keys.problem)
    problem, tried = "", None
    for record in keys.records:
        if objection := record.objection(signature, limits, service):
            problem = problem or objection
        elif record.made(signature.octets, digest):
            return Proof(Status.PASS, record=record)
        else:
            tried = record
    if tried is None:
        return Proof(Status.PERMERROR, problem, keys.records[0])
    return Proof(Status.FAIL, "signed header fields were changed, or another key signed them", tried)


def prove_message(
        message: Message, place: int, signature: MessageSignature, hashes: BodyHashes, keys: Keys, limits: Limits = LIMITS,
        service: str = "email") -> Proof:
    """Whether signature, which is the field at place, covers this message as it is now."""
    proof = prove(signature, signature.header_digest(message, place), keys, limits, service)
    if proof.status not in (Status.PASS, Status.FAIL):
        return proof
    body = hashes.digest(signature)
    if body is None:
        # RFC 6376 §3.5, l=: never more than there is.
        return Proof(Status.FAIL, "the body is shorter than what was signed", proof.record)
    if body != signature.body_hash:
        return Proof(Status.FAIL, "the body was changed", proof.record)
    return proof


def _unfit(message: Message, signature: MessageSignature) -> Proof | None:
    """What RFC 6376 §6.1.1 asks of a DKIM-Signature beyond its syntax."""
    if "from" not in signature.names:
        return Proof(Status.PERMERROR, "From is not signed")
    if not signature.domain.covers(signature.identity_domain):
        return Proof(Status.PERMERROR, "i= is not within d=")
    if not message.whole:
        return Proof(Status.PERMERROR, "the header is too big to tell what was signed")
    return None

