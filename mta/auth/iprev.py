"""iprev: whether the reverse name of a host leads back to it.

Standards: RFC 8601 §3 (the method), RFC 7208 §5.5 (the same for `ptr` of SPF).
"""
import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from mta.auth.status import Status
from mta.base.limits import LIMITS, Limits
from mta.base.names import Domain, IPAddress
from mta.dns.answer import Answer, RecordType
from mta.dns.resolver import Resolver, reverse_name


@dataclass(frozen=True, slots=True)
class IprevResult:
    """What became of it.

    names are the reverse names that lead back to ip: those that DNSSEC vouches for first,
    else in the order of the DNS.  authentic says that it vouches for all that the result
    rests on, of names the first; problem is in plain words.
    """

    status: Status
    ip: IPAddress
    names: tuple[Domain, ...] = ()
    authentic: bool = False
    problem: str = ""


async def check(ip: IPAddress, resolver: Resolver, *, limits: Limits = LIMITS) -> IprevResult:
    """Look up the names of ip, and their addresses."""
    reverse = await resolver.ask(reverse_name(ip), RecordType.PTR)
    if reverse.temporary:
        return IprevResult(Status.TEMPERROR, ip, problem=f"the reverse name of {ip} could not be looked up: {reverse.explained}")
    candidates = reverse.names[:limits.iprev_names]
    if not candidates:
        return IprevResult(Status.PERMERROR, ip, (), reverse.authentic, f"{ip} has no reverse name (PTR record)")
    answers = await forward(ip, candidates, resolver)
    good = {name: answer for name, answer in zip(candidates, answers, strict=True) if ip in answer.records}
    if good:
        # One name that DNSSEC vouches for is enough, and is the one that is shown.
        names = sorted(good, key=lambda name: not good[name].authentic)
        return IprevResult(Status.PASS, ip, tuple(names), reverse.authentic and good[names[0]].authentic)
    unknown = next((answer for answer in answers if answer.temporary), None)
    if unknown:
        said = f"the reverse name of {ip}, {unknown.name}, could not be looked up: {unknown.explained}"
        return IprevResult(Status.TEMPERROR, ip, problem=said)
    authentic = reverse.authentic and all(answer.authentic for answer in answers)
    return IprevResult(Status.FAIL, ip, (), authentic, f"{candidates[0]}, the reverse name of {ip}, does not lead back to it")


async def forward(ip: IPAddress, names: Sequence[Domain], resolver: Resolver) -> list[Answer]:
    """The answers for the addresses of names, of the family of ip, in order."""
    kind = RecordType.A if ip.version == 4 else RecordType.AAAA
    return await asyncio.gather(*(resolver.ask(name, kind) for name in names))
