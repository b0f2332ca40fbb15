"""Is what the DNS says of the domain to be had, from all its servers alike, and does DNSSEC vouch for it?  Who is this host?

Standards: RFC 4033 §5 (what a validating resolver says), RFC 2182 §5 (how many servers),
RFC 8601 §3 (reverse names).
"""
import asyncio
from dataclasses import dataclass

from mta.base.names import Domain, IPAddress
from mta.dns.answer import SOA, Answer, Outcome, RecordType
from mta.dns.resolver import reverse_name
from mta.flow import certificates, records
from mta.flow.dnscheck.section import Section, Subject, listed

#: Zones that have been signed for long: a resolver that does not vouch for them vouches for nothing.
SIGNED = (Domain("org"), Domain("net"))
#: Name servers that are asked.
SERVERS = 6


async def dnssec(subject: Subject) -> Section:
    """Whether DNSSEC vouches for the domain's MX and the host's addresses."""
    found = Section("DNSSEC")
    answers = {subject.domain: [subject.facts.mx], subject.host: [subject.facts.four, subject.facts.six]}
    for name, about in answers.items():
        bogus = [one for one in about if one.outcome is Outcome.BOGUS]
        if bogus:
            found.error(f"DNSSEC says that what the DNS has of {name} is forged: {bogus[0].explained}. Resolvers that check signatures "
                        "do not find it. Sign the zone again, or correct its DS record at the registrar.")
        elif all(one.temporary for one in about):
            found.silent(about[0])
    if not subject.facts.mx.temporary:
        found.tests["dnssec_domain"] = subject.facts.mx.authentic
    if subject.ips:
        found.tests["dnssec_host"] = any(one.authentic and one.found for one in answers[subject.host])
    unsigned = [name for name, about in answers.items()
                if not any(one.authentic for one in about) and not any(one.temporary for one in about)]
    if not unsigned:
        return found
    if len(unsigned) == len(answers):
        proof = await asyncio.gather(*(subject.ask(name, RecordType.SOA) for name in SIGNED))
        if not any(one.authentic for one in proof):
            found.warn("The resolver vouches for no signature at all, so nothing can be said of DNSSEC, and outgoing mail is not protected "
                       "by DANE.")
            found.instructions.append("Run a resolver that checks signatures on this machine, like unbound (apt install unbound), and name "
                                      "it in upstreams of [dns]; one elsewhere, reached over a safe path, belongs into trusted too.")
            return found
    for name in unsigned:
        found.warn(f"{name} is not signed (DNSSEC): somebody on the way can lead mail elsewhere, and DANE does not count.")
    found.instructions.append("Have the zone signed where its DNS is managed, and hand its DS record to the registrar.")
    return found


# --- name servers ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Said:
    """What one name server says."""

    name: Domain
    serial: int | None
    answers: tuple[Answer, ...]
    six: bool


async def name_servers(subject: Subject) -> Section:
    """Whether the domain's name servers answer, and all say the same, as the resolver does."""
    found = Section("Name servers")
    zone, answer = await _zone(subject)
    if answer is None or found.silent(answer):
        if answer is None:
            found.error(f"No name servers (NS) are to be found for {subject.domain}: nobody can look anything up there. "
                        "Is it registered, and delegated to the servers that have its zone?")
        return found
    names = answer.names[:SERVERS]
    if len(names) < 2:
        found.warn(f"{zone} has a single name server ({listed(names)}): when it is away, so is the domain. Two are usual (RFC 2182 §5).")
    if subject.means.authority is None:
        return found
    questions = [(subject.domain, RecordType.MX), (subject.domain, RecordType.TXT), (subject.domain.below("_dmarc"), RecordType.TXT),
                 *((subject.domain.below(f"{key.selector}._domainkey"), RecordType.TXT) for key in subject.row.dkim)]
    resolved = await asyncio.gather(*(subject.ask(*one) for one in questions))
    asked = await asyncio.gather(*(_server(subject, found, zone, name, questions) for name in names))
    said = [one for one in asked if one is not None]
    if not said:
        found.error(f"None of the name servers of {zone} answers ({listed(names)}).")
    elif not any(one.six for one in said):
        found.warn(f"None of the name servers of {zone} has an IPv6 address: resolvers without IPv4 do not find the domain.")
    if said:
        found.tests["name_servers_ipv6"] = sum(one.six for one in said) >= 2
    _compare(found, zone, said, list(resolved))
    return found


async def _zone(subject: Subject) -> tuple[Domain, Answer | None]:
    """The zone of the domain and its NS records; None if there are none, an answer that tells nothing if that is unknown."""
    labels = subject.domain.labels
    for at in range(max(1, len(labels) - 1)):
        zone = Domain(".".join(labels[at:]))
        answer = await subject.ask(zone, RecordType.NS)
        if answer.temporary or (answer.found and not answer.chain):
            return zone, answer
    return subject.domain, None


async def _server(
    subject: Subject, found: Section, zone: Domain, name: Domain, questions: list[tuple[Domain, RecordType]],
) -> _Said | None:
    """What one server says; None, with the reason noted, if it says nothing."""
    four, six = await asyncio.gather(subject.ask(name, RecordType.A), subject.ask(name, RecordType.AAAA))
    if four.temporary and six.temporary:
        found.silent(four)
        return None
    ips: list[IPAddress] = [*four.addresses[:1], *six.addresses[:1]]
    if not ips:
        found.error(f"The name server {name} has no address.")
        return None
    assert subject.means.authority is not None
    problem = ""
    for ip in ips:    # who has no way to IPv6 is no reason to complain of a server
        authority = subject.means.authority(ip)
        soa = await authority.ask(zone, RecordType.SOA)
        if not soa.temporary:
            serial = next((one.serial for one in soa.records if isinstance(one, SOA)), None)
            if serial is None:
                found.error(f"The name server {name} ({ip}) does not know {zone}: take it out of the delegation, or give it the zone.")
                return None
            answers = await asyncio.gather(*(authority.ask(*one) for one in questions))
            return _Said(name, serial, tuple(answers), bool(six.addresses))
        problem = problem or f"{ip}: {soa.explained}"
    found.warn(f"The name server {name} does not answer ({problem}).")
    return None


def _compare(found: Section, zone: Domain, said: list[_Said], resolved: list[Answer]) -> None:
    """The servers with one another, and with the resolver."""
    serials = {one.serial: one.name for one in said}
    if len(serials) > 1:
        newest = max(serial for serial in serials if serial is not None)
        behind = [one.name for one in said if one.serial != newest]
        found.warn(f"The name servers of {zone} have different versions of it; {listed(behind)} "
                   f"{'is' if len(behind) == 1 else 'are'} behind. If it stays so for hours, the transfer between them does not work.")
    for number, seen in enumerate(resolved):
        answers = {one.name: one.answers[number] for one in said if not one.answers[number].temporary}
        contents = {frozenset(map(str, one.records)) for one in answers.values()}
        what = f"{seen.name} ({seen.kind.name})"
        if len(contents) > 1:
            found.error(f"The name servers do not agree on what is at {what}: {listed(answers)}.")
        elif contents and not seen.temporary and frozenset(map(str, seen.records)) not in contents:
            found.warn(f"What is at {what} has changed, and resolvers still have what was there before, for up to {seen.ttl} seconds.")


# --- the host ------------------------------------------------------------------------------------


async def host(subject: Subject) -> Section:
    """Whether the host's name leads here, and its addresses lead back to the name."""
    found, name = Section("Host and reverse names"), subject.host
    four, six = subject.facts.four, subject.facts.six
    wanted = [*subject.want(name.ascii, "A"), *subject.want(name.ascii, "AAAA")]
    if found.silent(four) | found.silent(six) and not subject.ips:
        return found
    if not subject.ips:
        found.error(f"{name}, which this host is called, has no address in the DNS: nobody finds it.", *wanted)
        return found
    loopback = [ip for ip in subject.ips if ip.is_loopback]
    if loopback:
        found.error(f"{name} leads to {loopback[0]}, which is every machine itself; "
                    "is there a line for it in /etc/hosts of the resolver?", *wanted)
    foreign = [ip for ip in subject.ips if not ip.is_loopback and not certificates.is_ours(subject.world.config, ip)]
    if foreign:
        found.error(f"{name} leads to {listed(foreign)}, which no listener of this server has.", *wanted)
        found.instructions.append("If a router translates the address, name it in nat_ips of the listener; otherwise change the DNS.")
    if four.addresses and not six.addresses and not six.temporary:
        found.warn(f"{name} has no IPv6 address (AAAA): servers without IPv4 cannot bring mail.")
    if six.addresses and not four.addresses and not four.temporary:
        found.warn(f"{name} has no IPv4 address (A): many servers cannot bring mail.")
    ips = dict.fromkeys([*(ip for ip in subject.ips if not ip.is_loopback and ip not in foreign), *records.addresses(subject.world.config)])
    await asyncio.gather(*(_reverse(subject, found, ip) for ip in ips))
    missing = [ip for ip in records.addresses(subject.world.config) if ip not in subject.ips]
    if missing and not (four.temporary or six.temporary):
        found.warn(f"This server also has {listed(missing)}, which {name} does not lead to.", *wanted)
    return found


async def _reverse(subject: Subject, found: Section, ip: IPAddress) -> None:
    """One address: exactly one reverse name, which is the host's."""
    name, record = subject.host, f"{reverse_name(ip).ascii}. PTR {subject.host.ascii}."
    answer = await subject.ask(reverse_name(ip), RecordType.PTR)
    if found.silent(answer):
        return
    names = answer.names
    if not names:
        found.error(f"{ip} has no reverse name: many servers refuse its mail.", record)
    elif name not in names:
        found.error(f"The reverse name of {ip} is {listed(names)}, not {name}: many servers distrust its mail.", record)
    elif len(names) > 1:
        found.warn(f"{ip} has {len(names)} reverse names ({listed(names)}); there should be {name} alone.", record)
    else:
        return
    advice = "Reverse names (PTR) are set where the address is rented, in the panel of the provider, not in the zone of the domain."
    if advice not in found.instructions:
        found.instructions.append(advice)
