"""The server that mail of a domain goes out through, if there is one, and what the domain's SPF record has to say of it.

From which addresses a relay sends is for whoever runs it to say; its own SPF record is the
best that the DNS tells, and the addresses at which it takes mail are only a guess.  So one
term is offered, never both: what lets in more than sends is an open door.

Standards: RFC 7208 §5.2 (include), §5.3 (a), §4.5 (one record).
"""
from collections.abc import Iterable
from dataclasses import dataclass

from mta.auth import orgdomain, spfrecord
from mta.base.names import Address, Domain, IPAddress, ip_address
from mta.config.model import Config, Transport
from mta.dns.answer import RecordType
from mta.dns.resolver import Resolver
from mta.flow.ways import Ways
from mta.judge import route

#: Somebody elsewhere.
ANYBODY = Address("somebody", Domain("example.invalid"))


@dataclass(frozen=True, slots=True)
class Term:
    """What an SPF record gets (a mechanism), and what to know about it."""

    text: str
    about: str


def relay(known: Config | Ways, domain: Domain) -> Transport | None:
    """The transport that mail of the domain takes to somebody whom no rule names, of those that are known."""
    name = route.transport_of(route.next_hop(known.routes, Address("somebody", domain), ANYBODY))
    return next((one for one in known.transports if one.name == name), None)


def guess(host: str) -> Term:
    """What can be said without asking anybody."""
    ip = _ip(host)
    if ip is not None:
        return Term(f"ip{ip.version}:{ip}", f"It allows {ip}; ask whoever runs it whether mail leaves from other addresses too.")
    return Term(f"a:{Domain.parse(host).ascii}",
                f"It allows the addresses of {host}; ask whoever runs it whether mail leaves from other addresses too.")


async def term(host: str, resolver: Resolver) -> Term:
    """The SPF record of the relay or of whoever runs it, if there is one; else its addresses."""
    if _ip(host) is None:
        name = Domain.parse(host)
        for domain in dict.fromkeys((name, orgdomain.organization(name))):
            answer = await resolver.ask(domain, RecordType.TXT)
            if sum(map(spfrecord.is_spf, answer.texts)) == 1:
                return Term(f"include:{domain.ascii}",
                            f"It allows what {domain} allows for itself; ask whoever runs {host} whether that is right.")
    return guess(host)


def names(texts: Iterable[str], host: str) -> bool:
    """Whether SPF records name the relay or something else of its organisation, as whoever runs it may have said to do."""
    ip = _ip(host)
    terms = (word.lower().lstrip("+").partition(":") for text in texts for word in text.split())
    if ip is not None:
        return any(kind in ("ip4", "ip6") and value == str(ip) for kind, _, value in terms)
    owner = orgdomain.organization(Domain.parse(host)).ascii
    return any(kind in ("include", "a", "mx") and f".{value.partition('/')[0]}".endswith(f".{owner}") for kind, _, value in terms)


def _ip(text: str) -> IPAddress | None:
    try:
        return ip_address(text)
    except ValueError:
        return None
