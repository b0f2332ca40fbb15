"""DNS block lists: what to ask for, and what an answer means.

A list is a zone; an address that has an A record in it is listed.  A list that is not as
it should be says so in many ways: it does not answer, it answers everything (an abandoned
domain whose new owner has a wildcard), it answers that it does not answer us
(127.255.255.254 to those who ask through a public resolver).  None of these is a listing.

Standards: RFC 5782 §2.1 (IPv4), §2.4 (IPv6), §5 (the test entries).
"""
import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Final

from mta.base.limits import LIMITS, Limits
from mta.base.names import Domain, IPAddress, ip_address
from mta.dns.answer import Answer, RecordType
from mta.dns.resolver import Resolver, reverse_name

#: RFC 5782 §2.1: where the answers of a list are.
EXPECTED: Final = IPv4Network("127.0.0.0/8")
#: What large lists answer with instead of an error, by common agreement.
ERRORS: Final = IPv4Network("127.255.255.0/24")
#: RFC 5782 §5: an entry that every list has, and one that none may have.
LISTED: Final = ip_address("127.0.0.2")
NOT_LISTED: Final = ip_address("127.0.0.1")


@dataclass(frozen=True, slots=True)
class Listing:
    """A block list that has an address."""

    zone: Domain


@dataclass(frozen=True, slots=True)
class Look:
    """What came of one question to a list; problem says why its answer counts for nothing, "" if it counts."""

    zone: Domain
    listed: bool = False
    codes: tuple[str, ...] = ()
    problem: str = ""


def query_name(ip: IPAddress, zone: Domain) -> Domain:
    """The name to ask for: the octets (IPv6: nibbles) of ip from the last to the first, in zone."""
    backwards = reverse_name(ip).ascii.removesuffix(".in-addr.arpa").removesuffix(".ip6.arpa")
    return zone.below(backwards)


def classify(zone: Domain, answer: Answer) -> Look:
    """What a list meant by an answer."""
    if answer.temporary:
        return Look(zone, problem=f"it does not answer ({answer.explained})")
    codes = tuple(str(ip) for ip in answer.addresses)
    for ip in answer.addresses:
        if ip not in EXPECTED:
            return Look(zone, codes=codes, problem=f"it answers with {ip}, which no block list does")
        if ip in ERRORS or ip == NOT_LISTED:
            return Look(zone, codes=codes, problem=f"it does not want our questions: it answers with {ip}")
    return Look(zone, bool(codes), codes)


async def look(ip: IPAddress, zone: Domain, resolver: Resolver, limits: Limits = LIMITS) -> Look:
    """Whether the list has ip; takes limits.dnsbl_wait seconds at most."""
    try:
        async with asyncio.timeout(limits.dnsbl_wait):
            return classify(zone, await resolver.ask(query_name(ip, zone), RecordType.A))
    except TimeoutError:
        return Look(zone, problem="it does not answer in time")


async def look_everywhere(ip: IPAddress, zones: Sequence[Domain], resolver: Resolver, limits: Limits = LIMITS) -> list[Look]:
    """The same of several lists, side by side."""
    return list(await asyncio.gather(*(look(ip, zone, resolver, limits) for zone in zones)))


async def examine(zone: Domain, resolver: Resolver, limits: Limits = LIMITS) -> str:
    """What is wrong with a list, in plain words; "" if it works."""
    there, absent = await asyncio.gather(look(LISTED, zone, resolver, limits), look(NOT_LISTED, zone, resolver, limits))
    problem = there.problem or absent.problem
    if problem:
        return problem
    if absent.listed:
        return f"it lists {NOT_LISTED}, which none may: it seems to list everything"
    return "" if there.listed else f"it does not list {LISTED}, which all do: there seems to be no such list"
