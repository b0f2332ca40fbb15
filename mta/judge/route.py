"""Where mail goes, and what follows when it cannot: the only module that decides it.

Failures are facts (mta.base.errors.Failure); here they become consequences: the next
host, another attempt later, or the end.  Trusted with nothing: it asks a Resolver and
returns values.

Standards: RFC 5321 §4.5.4.1 (retries), RFC 5321 §5.1 (which host), RFC 7505 (null MX).
"""
import asyncio
import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from mta.base.errors import Failure, Reach
from mta.base.limits import LIMITS, Limits
from mta.base.names import Address, Domain, IPAddress
from mta.base.tokens import Chance
from mta.config.model import Queue, Route
from mta.dns.answer import MX, Answer, Outcome, RecordType
from mta.dns.resolver import Resolver

#: Seconds: waits double up to here.
LONGEST_WAIT: Final = 16 * 3_600.0
#: Waits vary by this share, so that mail that failed together does not come back together.
JITTER: Final = 0.03
#: How next hops that are no domains begin: the name of a transport follows.
TRANSPORT: Final = "transport:"
#: What a route calls the way without a transport, and the end of all ways.
DIRECT: Final = "direct"
FAIL: Final = "fail"


class Step(enum.Enum):
    """What follows from a failed attempt."""

    NEXT_HOST, RETRY_LATER, GIVE_UP = "next host", "retry later", "give up"


def next_step(failure: Failure, hosts_left: int) -> Step:
    """What follows from a failed attempt.  The only code that decides it."""
    match failure:
        # RFC 5321 §5.1: the hosts of a domain stand in for one another, so a sick one
        # proves nothing about the mail.  A verdict on a recipient or message does:
        # asking elsewhere would be shopping for a yes.
        case Failure(reach=Reach.HOST) if hosts_left:
            return Step.NEXT_HOST
        case Failure(lasting=True):
            return Step.GIVE_UP
        case _:
            return Step.RETRY_LATER


def conclusion(failures: Sequence[Failure]) -> Failure:
    """Of the failures of all hosts that were asked in turn, the one that counts.

    As long as one of them may recover the mail is not lost; of several such the most
    preferred host's says most.
    """
    return next((failure for failure in failures if not failure.lasting), failures[-1])


def retry_at(created: float, attempts: int, now: float, queue: Queue, chance: Chance) -> float | None:
    """When to try again after that many failed attempts; None if it is time to give up.

    All in seconds (since 1970).  The last attempt is made when the time is up, not
    before (RFC 5321 §4.5.4.1: give up after 4 to 5 days at the earliest).
    """
    end = created + queue.give_up_after
    if now >= end:
        return None
    wait = min(queue.first_wait * 2.0 ** min(attempts - 1, 30), LONGEST_WAIT)
    return min(now + wait * chance.uniform(1 - JITTER, 1 + JITTER), end)


# --- The next hop ----------------------------------------------------------------------------


def next_hop(routes: Iterable[Route], sender: Address | None, recipient: Address, transport: str | None = None, *, account: str = "",
             attempts: int = 0) -> str:
    """Under which name a recipient elsewhere is queued: its domain, or transport:NAME.

    transport is what somebody chose for this mail, and wins over routes.  account sends it
    ("" is none), attempts is how often it failed.
    """
    if transport is None:
        found = fitting(routes, sender, recipient, account, attempts)
        transport = found.transport if found else DIRECT
    return recipient.domain.ascii if transport == DIRECT else f"{TRANSPORT}{transport}"


def fitting(routes: Iterable[Route], sender: Address | None, recipient: Address, account: str, attempts: int) -> Route | None:
    """The first route that fits; one by sender fits no mail from the null sender."""
    for route in routes:
        if route.sender_domain and not (sender and sender.domain == route.sender_domain):
            continue
        if route.recipient_domain and recipient.domain != route.recipient_domain:
            continue
        if route.account in ("", account) and route.attempts <= attempts:
            return route
    return None


def transport_of(hop: str) -> str | None:
    """The transport that a next hop names, or None for a domain."""
    return hop.removeprefix(TRANSPORT) if hop.startswith(TRANSPORT) else None


# --- The hosts of a domain ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MailHost:
    """A host that takes a domain's mail; lower preference is asked first.

    signed says that DNSSEC vouches for what named it: the MX records, or that there are none.
    domains are the next hop and what it is an alias of, whose names its certificate may bear
    (RFC 7672 §3.2.2).
    """

    name: Domain
    preference: int
    signed: bool = False
    domains: tuple[Domain, ...] = ()


async def mail_hosts(
    domain: Domain, hostname: Domain, resolver: Resolver, chance: Chance, limits: Limits = LIMITS,
) -> list[MailHost] | Failure:
    """The hosts that take mail for domain, in the order to ask them; hostname is ours (RFC 5321 §5.1)."""
    answer = await resolver.ask(domain, RecordType.MX)
    if answer.temporary:
        return _unknown(answer, Reach.RECIPIENT)
    domains = tuple(dict.fromkeys((domain, answer.canonical)))
    if not answer.found:
        if answer.outcome is Outcome.NOTHING:
            return Failure(Reach.RECIPIENT, True, 0, "5.1.2", f"the domain {domain} does not exist", "DNS")
        # RFC 5321 §5.1: a domain without MX is its own mail host, after its CNAME if it has one.
        return [MailHost(answer.canonical, 0, answer.authentic, domains)]
    records = [record for record in answer.records if isinstance(record, MX)]
    named = [MailHost(record.host, record.preference, answer.authentic, domains) for record in records if record.host is not None]
    if not named:
        return Failure(Reach.RECIPIENT, True, 556, "5.1.10", f"the domain {domain} takes no mail (null MX)", "DNS")
    return _before_ourselves(hostname, _sorted(named, chance))[:limits.hosts_tried] or Failure(
        Reach.RECIPIENT, True, 0, "5.4.6", f"the MX records of {domain} lead back to {hostname}, which does not know the domain", "DNS")


async def address_answers(host: Domain, resolver: Resolver) -> tuple[Answer, Answer]:
    """What the DNS says of a host's IPv6 and IPv4 addresses."""
    return await asyncio.gather(resolver.ask(host, RecordType.AAAA), resolver.ask(host, RecordType.A))


async def addresses(host: Domain, resolver: Resolver) -> list[IPAddress] | Failure:
    """The addresses of a mail host, IPv6 and IPv4 in turn."""
    return addresses_in(host, *await address_answers(host, resolver))


def addresses_in(host: Domain, six: Answer, four: Answer) -> list[IPAddress] | Failure:
    """The addresses that answers tell, IPv6 and IPv4 in turn."""
    found = [[ip for ip in answer.records if isinstance(ip, IPAddress)] for answer in (six, four)]
    longest = max(map(len, found))
    mixed = [ips[turn] for turn in range(longest) for ips in found if turn < len(ips)]
    if mixed:
        return mixed
    if four.temporary or six.temporary:
        return _unknown(four if four.temporary else six, Reach.HOST)
    return Failure(Reach.HOST, True, 0, "5.4.4", f"the mail host {host} has no address", "DNS", host.ascii)


def _sorted(hosts: list[MailHost], chance: Chance) -> list[MailHost]:
    """By preference; equal ones in random order, so that they share the load."""
    hosts = list(dict.fromkeys(hosts))
    chance.shuffle(hosts)
    return sorted(hosts, key=lambda host: host.preference)


def _before_ourselves(hostname: Domain, hosts: list[MailHost]) -> list[MailHost]:
    """RFC 5321 §5.1: if we are among the hosts, those not preferred to us would send it back."""
    ours = [host.preference for host in hosts if host.name == hostname]
    return [host for host in hosts if host.preference < min(ours)] if ours else hosts


def _unknown(answer: Answer, reach: Reach) -> Failure:
    """The DNS gave no usable answer: nothing is known, later may help."""
    why = f" ({answer.error})" if answer.error else ""
    return Failure(reach, False, 0, "4.4.3", f"the DNS does not answer for {answer.name}: {answer.outcome.value}{why}", "DNS")
