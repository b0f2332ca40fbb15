"""SPF: whether a domain lets a host use its name as HELO or as the envelope's sender.

Needs nothing but a Resolver.  What a record says is a stranger's: it is read strictly and
evaluated within bounds, and trouble is a result.

Standards: RFC 7208, RFC 8616 §4.  Read on: spfevaluation.py (the evaluation), spfrecord.py
(the grammar), spfmacro.py (the macros), receivedspf.py (how the result is written down).
"""
import asyncio
from dataclasses import dataclass
from typing import Literal

from mta.auth import spfmacro
from mta.auth.questions import Questions
from mta.auth.spfevaluation import Evaluation, Verdict
from mta.auth.status import Status
from mta.base.errors import BadName
from mta.base.limits import LIMITS, Limits
from mta.base.names import Address, Domain, IPAddress, unquote
from mta.dns.resolver import Resolver

Identity = Literal["mailfrom", "helo"]


@dataclass(frozen=True, slots=True)
class SpfResult:
    """What became of one check.

    domain is the one whose record was asked for, None if it was no domain.  sender is the
    address that was checked, "postmaster" of the HELO name for identity "helo".  mechanism
    is the term that decided, as published.  explanation is what the domain's owner wants
    to be told to who failed: printable ASCII, bounded, a stranger's words.  problem says in
    plain words what the owner should mend.  authentic: DNSSEC vouches for every answer
    that was used.  questions were asked in all.
    """

    status: Status
    identity: Identity
    domain: Domain | None
    sender: str
    mechanism: str = ""
    explanation: str = ""
    problem: str = ""
    authentic: bool = False
    questions: int = 0


async def check(
        ip: IPAddress, sender: Address | None, hello: str, resolver: Resolver, *, receiver: Domain, now: float,
        limits: Limits = LIMITS) -> SpfResult:
    """Check the MAIL FROM identity (RFC 7208 §2.4), or for sender None the HELO identity (§2.3).

    hello is what the client called itself; a literal or a name without a dot is checked
    with the result none.  Takes limits.spf_wait seconds at most and may be cancelled.
    """
    if sender is None:
        return await check_host(ip, hello, f"postmaster@{hello}", resolver, identity="helo", hello=hello, receiver=receiver, now=now,
                                limits=limits)
    return await check_host(ip, sender.domain.ascii, sender.ascii, resolver, hello=hello, receiver=receiver, now=now, limits=limits)


async def check_host(
        ip: IPAddress, domain: str, sender: str, resolver: Resolver, *, hello: str, receiver: Domain, now: float,
        identity: Identity = "mailfrom", limits: Limits = LIMITS) -> SpfResult:
    """The function of RFC 7208 §4: may ip use domain for sender?  Texts are as a stranger wrote them."""
    name = _domain(domain)
    if name is None:
        # RFC 7208 §4.3: literals, names of one label and what is no name at all.
        return SpfResult(Status.NONE, identity, None, sender, problem=f"{domain[:100]!a} is not the full name of a domain")
    local, _, origin = sender.rpartition("@")
    if not local:
        # RFC 7208 §4.3: who has no local part is the postmaster.
        local, origin = "postmaster", origin or name.ascii
        sender = f"{local}@{origin}"
    ip = getattr(ip, "ipv4_mapped", None) or ip        # RFC 7208 §5: IPv4 within IPv6 is IPv4
    questions = Questions(resolver)
    values = spfmacro.values(ip, _local(local), _name(origin), name.ascii, _name(hello) or "unknown")
    evaluation = Evaluation(ip, values, questions, limits)
    verdict = Verdict(Status.TEMPERROR, name, problem=f"what the SPF record of {name} needs could not be looked up in time")
    explanation = ""
    try:
        # RFC 7208 §4.6.4: what takes longer is a temporary error.
        async with asyncio.timeout(limits.spf_wait):
            verdict = await evaluation.run(name)
            explanation = await evaluation.explain(verdict, {"c": str(ip), "r": receiver.ascii, "t": str(int(now))})
    except TimeoutError:
        pass
    finally:
        questions.close()
    return SpfResult(
        verdict.status, identity, name, sender, verdict.mechanism, explanation, verdict.problem, verdict.authentic, questions.count)


def _domain(text: str) -> Domain | None:
    """The domain to check; None if it is none with a record (RFC 7208 §4.3)."""
    try:
        name = Domain.parse(text)
    except BadName:
        return None
    return name if len(name.labels) > 1 else None


def _local(text: str) -> str:
    """A local part without its quotes."""
    try:
        return unquote(text)
    except BadName:
        return text


def _name(text: str) -> str:
    """A name for macros: A-labels where it is a name (RFC 8616 §4), else as it is."""
    try:
        return Domain.parse(text).ascii
    except BadName:
        return text[:255]
