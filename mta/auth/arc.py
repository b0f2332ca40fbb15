"""Who handled a message on its way, and what each of them saw: ARC.

Each handler adds a set of three fields: what it found out (ARC-Authentication-Results),
a signature over the message as it left (ARC-Message-Signature), and a seal over all sets
so far (ARC-Seal).  A chain that passes says only that its sealers said so; whether one
of them is believed is decided elsewhere, from a list.

Standards: RFC 8617.
"""
import asyncio
import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from mta.auth import dkim, dkimkey, tags
from mta.auth.bodyhashes import BodyHashes, hash_in_turns
from mta.auth.canon import Canon, canonical_field
from mta.auth.dkim import Signer
from mta.auth.message import Message
from mta.auth.signature import (
    ARC_MESSAGE_SIGNATURE,
    ARC_SEAL,
    DKIM_SIGNATURE,
    BadSignature,
    MessageSignature,
    Seal,
    Signature,
    instance,
    read_message_signature,
    read_seal,
    unsigned_form,
)
from mta.auth.status import Status
from mta.auth.tags import LINE, BadTags
from mta.auth.verify import Proof, prove, prove_message, refusal
from mta.base.limits import LIMITS, Limits
from mta.base.names import Domain
from mta.dns.resolver import Resolver
from mta.message.dates import without_comments

ARC_RESULTS = "arc-authentication-results"
KINDS = (ARC_RESULTS, ARC_MESSAGE_SIGNATURE, ARC_SEAL)
#: RFC 8617 §4.1.1: arc-info begins with the instance.
NUMBERED = re.compile(r"[ \t\r\n]*i[ \t\r\n]*=[ \t\r\n]*([0-9]+)[ \t\r\n]*;")
#: How far into an ARC-Authentication-Results its instance is looked for.
NUMBER_WITHIN = 1_000


@dataclass(frozen=True, slots=True)
class ArcSet:
    """The three fields of one handler: what it found out, and where in the message they are."""

    results: str
    signature: MessageSignature
    seal: Seal
    places: tuple[int, int, int]    # in the order of KINDS


@dataclass(frozen=True, slots=True)
class ArcResult:
    """What a chain is worth.

    status is none, pass or fail (RFC 8617 §5.2.1: every error is for good, a key that
    cannot be looked up now too).  instances is the number of sets.  sealers and reports
    (what each found out, authserv-id first) are those of sets 1, 2, ...; both are empty
    unless the chain passed.  oldest_pass is the lowest instance whose signature still
    fits the message, 0 if all do.  whole: the newest signature covers From and the whole
    body, so what was found out was said of this message.  authentic: DNSSEC vouches for
    every key.
    """

    status: Status
    instances: int = 0
    sealers: tuple[Domain, ...] = ()
    reports: tuple[str, ...] = ()
    oldest_pass: int = 0
    whole: bool = False
    authentic: bool = False
    problem: str = ""

    @property
    def results(self) -> str:
        """What the last handler found out, as in Authentication-Results (RFC 8601 §2.2); "" unless the chain passed."""
        return self.reports[-1] if self.reports else ""


class BadChain(ValueError):
    """ARC fields that form no chain; the message says why."""


async def verify(
        message: Message, resolver: Resolver, now: float, limits: Limits = LIMITS, hashes: BodyHashes | None = None) -> ArcResult:
    """What the chain of message is worth (RFC 8617 §5.2); arguments as for mta.auth.verify."""
    if not any(message.places(kind) for kind in KINDS):
        return ArcResult(Status.NONE)
    try:
        sets = read_chain(message, limits)
        if hashes is None:
            hashes = await hash_in_turns(message, (one.signature for one in sets))
        return await _verify_chain(message, sets, resolver, now, limits, hashes)
    except BadChain as problem:
        return ArcResult(Status.FAIL, max(_numbers(message), default=0), problem=str(problem))


def seal(
        message: Message, body_hash: bytes, results: str, signer: Signer, chain: ArcResult, now: float, *,
        names: Sequence[str] = (), width: int = LINE) -> bytes:
    """The set of three fields, each with its CRLF, to put on top of message; b"" if nothing may follow its chain.

    message is as it will be sent, body_hash the digest of a relaxed BodyHash over its
    body.  results is what we found out, as the value of our Authentication-Results
    (authserv-id first; folds may be in it), chain what the chain was worth when the
    message came, now in seconds since 1970.  names are the fields to be covered, in
    lower case, chosen as for a DKIM-Signature if there are none; width is where lines are
    cut.
    """
    known = _numbers(message)
    number = max(known, default=0) + 1
    # RFC 8617 §5.2, step 2: what follows a seal that says "fail" can only fail.
    if number > LIMITS.arc_sets or known.get(number - 1, {}).get("cv") == "fail":
        return b""
    # RFC 8617 §4.1.2: DKIM-Signature should be covered; the ARC fields and Authentication-Results must not.
    names = names or dkim.names_to_sign(message, DKIM_SIGNATURE)
    facts = {"a": signer.algorithm, "b": "", "d": signer.domain.ascii, "i": str(number), "s": signer.selector, "t": str(int(now))}
    found = f"ARC-Authentication-Results: i={number}; {results.strip()}\r\n".encode()
    covered = message.chosen(names, Canon.RELAXED)
    own_facts = {"bh": base64.b64encode(body_hash).decode(), "c": "relaxed/relaxed", "h": ":".join(names)}
    signature = dkim.signed_field("ARC-Message-Signature", _sorted(facts | own_facts), covered, signer.key, width)
    sealed = [canonical_field(field, Canon.RELAXED) for field in (found, signature)]
    if chain.status is Status.PASS:
        sealed = [*(message.canonical(place, Canon.RELAXED) for one in read_chain(message) for place in one.places), *sealed]
    # RFC 8617 §5.1.2: once the chain has failed, only our own set is sealed.
    cv = chain.status.value if chain.status in (Status.NONE, Status.PASS) else Status.FAIL.value
    return dkim.signed_field("ARC-Seal", _sorted(facts | {"cv": cv}), sealed, signer.key, width) + signature + found


def _sorted(facts: dict[str, str]) -> dict[str, str]:
    """The tags in the order that other implementations write, too."""
    return dict(sorted(facts.items()))


def read_chain(message: Message, limits: Limits = LIMITS) -> list[ArcSet]:
    """The sets of message, the oldest first; BadChain if they are no chain (RFC 8617 §5.2, steps 1 to 3)."""
    if not message.whole:
        raise BadChain("the header is too big to tell what was signed")
    count = len(message.places(ARC_SEAL))
    if any(len(message.places(kind)) != count for kind in KINDS):
        raise BadChain("a set has not exactly one of each field")
    if count > limits.arc_sets:
        raise BadChain(f"more than {limits.arc_sets} sets")
    results: dict[int, tuple[int, str]] = {}
    signatures: dict[int, tuple[int, MessageSignature]] = {}
    seals: dict[int, tuple[int, Seal]] = {}
    try:
        for place in message.places(ARC_RESULTS):
            number, text = read_results(message.fields[place])
            results[number] = place, text
        for place in message.places(ARC_MESSAGE_SIGNATURE):
            signature = read_message_signature(message.fields[place])
            signatures[signature.instance] = place, signature
        for place in message.places(ARC_SEAL):
            seal = read_seal(message.fields[place])
            seals[seal.instance] = place, seal
    except BadSignature as bad:
        raise BadChain(f"{message.names[place]}: {bad}") from None
    numbers = set(range(1, count + 1))
    if not results.keys() == signatures.keys() == seals.keys() == numbers:
        raise BadChain("the sets are not numbered one by one")
    for number in reversed(range(1, count + 1)):
        chain = seals[number][1].chain
        if chain != ("pass" if number > 1 else "none"):
            raise BadChain(f"set {number} says cv={chain}")
    return [ArcSet(results[number][1], signatures[number][1], seals[number][1],
                   (results[number][0], signatures[number][0], seals[number][0])) for number in sorted(numbers)]


def read_results(field: bytes) -> tuple[int, str]:
    """Instance and content of an ARC-Authentication-Results field; BadSignature if it has no instance (RFC 8617 §4.1.1)."""
    text = field.decode("utf-8", "replace").partition(":")[2]
    found = NUMBERED.match(text) or NUMBERED.match(without_comments(text[:NUMBER_WITHIN]))
    if not found:
        raise BadSignature("it does not begin with i=")
    return instance(found[1]), " ".join(text.partition(";")[2].split())


async def _verify_chain(
        message: Message, sets: Sequence[ArcSet], resolver: Resolver, now: float, limits: Limits, hashes: BodyHashes) -> ArcResult:
    """Steps 4 to 7 of RFC 8617 §5.2: the newest set first, and the older ones only if it holds."""
    digests = _seal_digests(message, sets)
    keys: dict[dkimkey.Place, dkimkey.Keys] = {}
    oldest_pass = 0
    for part in (sets[-1:], sets[-2::-1]):
        places = {_key_place(signature) for one in part for signature in (one.signature, one.seal)}
        keys |= await dkimkey.find(places - keys.keys(), resolver, limits)
        for one in part:
            await asyncio.sleep(0)
            number, newest = one.seal.instance, one is sets[-1]
            if not oldest_pass:
                proof = refusal(one.signature, now, limits) or prove_message(
                    message, one.places[1], one.signature, hashes, keys[_key_place(one.signature)], limits)
                if newest:
                    _demand(proof, f"ARC-Message-Signature {number}")
                elif proof.status is not Status.PASS:
                    oldest_pass = number + 1
            proof = refusal(one.seal, now, limits) or prove(one.seal, digests[number - 1], keys[_key_place(one.seal)], limits)
            _demand(proof, f"ARC-Seal {number}")
    newest_signature = sets[-1].signature
    return ArcResult(
        Status.PASS, len(sets), tuple(one.seal.domain for one in sets), tuple(one.results for one in sets), oldest_pass,
        "from" in newest_signature.names and not hashes.partial(newest_signature),
        all(found.authentic for found in keys.values()))


def _seal_digests(message: Message, sets: Sequence[ArcSet]) -> list[bytes]:
    """What each seal signs (RFC 8617 §5.1.1): all sets before, then its own, the seal itself without b= and CRLF."""
    so_far = hashlib.sha256()
    digests = []
    for one in sets:
        so_far.update(message.canonical(one.places[0], Canon.RELAXED))
        so_far.update(message.canonical(one.places[1], Canon.RELAXED))
        own = so_far.copy()
        own.update(unsigned_form(one.seal.unsigned, Canon.RELAXED))
        digests.append(own.digest())
        so_far.update(message.canonical(one.places[2], Canon.RELAXED))
    return digests


def _demand(proof: Proof, what: str) -> None:
    if proof.status is not Status.PASS:
        raise BadChain(f"{what}: {proof.problem}")


def _key_place(signature: Signature) -> dkimkey.Place:
    return signature.domain, signature.selector


def _numbers(message: Message) -> dict[int, dict[str, str]]:
    """The instances that message's ARC fields name, however broken they are otherwise, each with the tags of a seal if it has one."""
    found: dict[int, dict[str, str]] = {}
    for kind in KINDS:
        for field in (message.fields[place] for place in message.places(kind)):
            try:
                if kind == ARC_RESULTS:
                    found.setdefault(read_results(field)[0], {})
                else:
                    given = tags.read(field.decode("latin-1").partition(":")[2])
                    found.setdefault(instance(given.get("i", "")), {}).update(given if kind == ARC_SEAL else {})
            except (BadSignature, BadTags):
                continue
    return found
