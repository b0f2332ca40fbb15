"""Does the DNS ask others to send their reports to us?

For a domain of ours, or the host: is there a DMARC and a TLSRPT record, does each name the
address that was chosen here (mta.flow.reportaddresses), and did the owner of an address
elsewhere agree to get the reports?  Whatever the DNS says, or does not say, is an answer in
words: a name that cannot be looked up is no failure of this server.
"""
import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from mta.auth.reportaddress import Addressee, addressees
from mta.auth.treewalk import Questions, walk
from mta.base.names import Address, Domain
from mta.dns.resolver import Resolver
from mta.flow import people, reportaddresses
from mta.flow.world import World
from mta.message.reporturi import ReportUri
from mta.secure import tlsrpt


@dataclass(frozen=True, slots=True)
class Asked:
    """What the DNS says of one kind of report ("DMARC", "TLS"): the record ("" if there is none), and what is wrong, in sentences.

    wanted is the address that was chosen here, None if no reports are wanted; named are the
    places that the record has reports sent to.
    """

    kind: str
    wanted: Address | None
    record: str
    named: tuple[str, ...]
    problems: tuple[str, ...]


async def asked(world: World, name: str, resolver: Resolver | None = None) -> list[Asked]:
    """What the DNS says of a domain of ours, or of the host (""); NotFound for any other."""
    dns = resolver or world.resolver
    if not name:
        host = reportaddresses.of_host(world)
        return [await _tls(world.config.hostname, host, dns)]
    domain, chosen = people.domain(world, name).domain, reportaddresses.of_domain(world, name)
    return list(await asyncio.gather(_dmarc(domain, chosen.dmarc, dns), _tls(domain, chosen.tls, dns)))


async def _dmarc(domain: Domain, wanted: Address | None, dns: Resolver) -> Asked:
    async with asyncio.TaskGroup() as group:
        found = await walk(domain, Questions(dns, group))
    policy = found.policy
    if found.trouble or policy is None:
        why = found.trouble or found.problem or f"no DMARC record counts for {domain}"
        return Asked("DMARC", wanted, "", (), (f"{_capital(why)}.",) if wanted or found.trouble else ())
    places = await addressees(policy.domain, policy.record, dns)
    problems = [f"{_capital(text)}." for text in policy.record.problems]
    problems += [f"{one.asked.uri} gets no reports: {one.why}." for one in places if not isinstance(one, Addressee)]
    problems += _missing(wanted, [one.asked for one in places])
    return Asked("DMARC", wanted, policy.record.text, tuple(dict.fromkeys(one.asked.uri for one in places)), tuple(problems))


async def _tls(domain: Domain, wanted: Address | None, dns: Resolver) -> Asked:
    found = await tlsrpt.lookup(domain, dns)
    if found.record is None:
        return Asked("TLS", wanted, "", (), (f"{_capital(found.problem)}.",) if wanted or found.temporary else ())
    problems = [f"{_capital(text)}." for text in found.record.problems] + _missing(wanted, found.record.rua)
    return Asked("TLS", wanted, found.record.text, tuple(uri.uri for uri in found.record.rua), tuple(problems))


def _missing(wanted: Address | None, named: Sequence[ReportUri]) -> list[str]:
    """What is wrong if the chosen address is not among those named; they are compared as addresses, however they are written."""
    places = {uri.address.ascii.lower() for uri in named if uri.address}
    if wanted is None or wanted.ascii.lower() in places:
        return []
    return [f"The record does not name {wanted}, so nobody sends reports there."]


def _capital(text: str) -> str:
    """text as a sentence begins; a name that it begins with stays as it is."""
    return text if "." in text.partition(" ")[0] else f"{text[:1].upper()}{text[1:]}"
