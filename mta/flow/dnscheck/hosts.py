"""Do the hosts that take the domain's mail lead here, and what do they show to who connects?

Connections are made as others make them: EHLO, STARTTLS, and QUIT.  They begin on this
machine, so they say nothing about a firewall before it.

Standards: RFC 5321 §5.1 (MX), RFC 7505 (null MX), RFC 2181 §10.3 (no aliases), RFC 3207,
RFC 7672 (DANE), RFC 9525 (names in certificates).
"""
import asyncio
from dataclasses import dataclass, field

from mta.base.errors import SetupError
from mta.base.names import Domain, IPAddress
from mta.dns.answer import TLSA, Answer, RecordType
from mta.flow import certificates, hostkeys
from mta.flow.dnscheck.section import ADDRESSES, Section, Subject, listed
from mta.flow.opening import encrypted, said
from mta.net.connect import connect
from mta.net.tls import client_context
from mta.secure import dane, pkix
from mta.smtp.client import Client

#: Mail hosts that are looked at, and connections at a time.
HOSTS, AT_ONCE = 5, 6
#: Seconds for one connection, all in all.
WAIT = 12.0


@dataclass(slots=True)
class Dialled:
    """What one address of a mail host showed: its chain if there was TLS, else what was wrong; unreachable if nobody answered."""

    host: Domain
    ip: IPAddress
    chain: tuple[bytes, ...] = ()
    version: str = ""
    cipher: str = ""
    problem: str = ""
    unreachable: bool = False


@dataclass(slots=True)
class Hosts:
    """The mail hosts with the answers about their addresses, and what was dialled."""

    names: list[Domain] = field(default_factory=list)
    answers: dict[Domain, tuple[Answer, Answer]] = field(default_factory=dict)
    dialled: list[Dialled] = field(default_factory=list)


async def look(subject: Subject) -> Hosts:
    """Look up and connect to the domain's mail hosts; trouble is in what is returned."""
    found = Hosts(subject.exchangers[:HOSTS])
    for name, four, six in await asyncio.gather(*(_addresses(subject, name) for name in found.names)):
        found.answers[name] = four, six
    if subject.means.trust is None:
        return found
    turn = asyncio.Semaphore(AT_ONCE)
    places = [(name, ip) for name, pair in found.answers.items() for one in pair for ip in one.addresses[:ADDRESSES]]

    async def dial(name: Domain, ip: IPAddress) -> Dialled:
        async with turn:
            return await _dial(subject, name, ip)

    found.dialled = await asyncio.gather(*(dial(name, ip) for name, ip in places))
    return found


async def _addresses(subject: Subject, name: Domain) -> tuple[Domain, Answer, Answer]:
    four, six = await asyncio.gather(subject.ask(name, RecordType.A), subject.ask(name, RecordType.AAAA))
    return name, four, six


async def _dial(subject: Subject, name: Domain, ip: IPAddress) -> Dialled:
    shown, limits = Dialled(name, ip), subject.world.config.limits
    try:
        async with asyncio.timeout(WAIT):
            wire = await connect(ip, subject.means.port, wait=limits.connect_wait)
            client = Client(wire, name.ascii, subject.host, limits)
            try:
                greeted = await client.greet()
                if greeted is not None:
                    shown.problem = f"does not talk to us: {said(greeted)}"
                    return shown
                problem, _ = await encrypted(client, client_context(verify=False), name.ascii)
                if problem is not None or client.secured is None:
                    shown.problem = f"has no TLS: {problem.text}" if problem else "has no TLS"
                    return shown
                shown.chain, shown.version, shown.cipher = tuple(client.secured.chain), client.secured.version, client.secured.cipher
                await client.quit()
            finally:
                client.close()
    except TimeoutError:
        shown.problem, shown.unreachable = "does not answer in time", True
    except OSError as problem:
        shown.problem, shown.unreachable = f"takes no connection: {(problem.strerror or str(problem)).lower()}", True
    return shown


# --- MX ------------------------------------------------------------------------------------------


async def mx(subject: Subject, hosts: Hosts) -> Section:
    """Whether mail for the domain is brought here."""
    found, answer = Section("MX"), subject.facts.mx
    wanted = subject.want(subject.domain.ascii, "MX")
    if not wanted or found.silent(answer):    # a domain whose reports alone come here has its mail elsewhere
        return found
    if not answer.found:
        found.error(f"{subject.domain} has no MX record: nobody brings mail here for it.", *wanted)
        return found
    if any(one.host is None for one in answer.exchangers):
        found.error(f"{subject.domain} says that it takes no mail at all (null MX, RFC 7505).", *wanted)
        return found
    ours: list[Domain] = []
    others: list[Domain] = []
    for name in hosts.names:
        four, six = hosts.answers[name]
        if four.chain or six.chain:
            found.error(f"The MX host {name} is an alias (CNAME), which it may not be (RFC 2181 §10.3): some servers do not bring mail "
                        "there.", *wanted)
        addresses = [*four.addresses, *six.addresses]
        if not addresses:
            if found.silent(four) | found.silent(six):
                continue
            found.error(f"The MX host {name} has no address: mail that is tried there waits.", *wanted)
            continue
        mine = [ip for ip in addresses if certificates.is_ours(subject.world.config, ip)]
        (ours if mine else others).append(name)
        foreign = [ip for ip in addresses if ip not in mine]
        if mine and foreign:
            found.error(f"The MX host {name} has addresses of this server and others that are not ({listed(foreign)}).")
    found.tests["hosts_ipv6"] = all(six.addresses for _, six in hosts.answers.values())
    if others and not ours:
        found.error(f"Mail for {subject.domain} goes to {listed(others)}, not to this server.", *wanted)
    elif others:
        found.warn(f"Mail for {subject.domain} also goes to {listed(others)}, which {'is' if len(others) == 1 else 'are'} not this server. "
                   "A server that passes mail on must know who is here and check what it takes, or it brings junk and bounces.")
    if ours and subject.host not in hosts.names:
        found.warn(f"The MX is not called {subject.host}, as this server calls itself: certificates and DANE may not fit.", *wanted)
    if ours and not any(hosts.answers[name][1].addresses for name in ours) and not any(hosts.answers[name][1].temporary for name in ours):
        found.warn("The mail hosts have no IPv6 address.")
    return found


# --- TLS and DANE ---------------------------------------------------------------------------------


async def tls(subject: Subject, hosts: Hosts) -> Section:
    """Whether each address of each mail host answers, with a certificate that proves its name."""
    found = Section("TLS of the mail hosts")
    if subject.means.trust is None:
        return found
    for one in hosts.dialled:
        where = f"{one.host} ({one.ip})"
        if one.problem:
            text = f"{where} {one.problem}."
            if one.unreachable and one.ip.version == 6 and any(not other.unreachable for other in hosts.dialled if other.host == one.host):
                found.unknown.append(f"{text} Perhaps this machine has no way to IPv6 itself.")
            else:
                found.error(text)
            continue
        verdict = pkix.verify(one.chain, one.host, subject.means.trust, subject.world.clock.now())
        if not verdict.good:
            found.warn(f"The certificate of {where} proves nothing to who asks for an authority (MTA-STS): {verdict.text}.")
        if one.version not in ("TLSv1.2", "TLSv1.3"):
            found.error(f"{where} speaks {one.version}, which is broken.")
    _tests(found, hosts, subject)
    if any(one.unreachable for one in hosts.dialled):
        found.instructions.append("Is the server running, and does a firewall of this machine or of its provider block port 25?")
    if hosts.dialled:
        found.instructions.append("These connections began on this machine; whether others reach port 25 can only be seen from outside, "
                                  f"for example with `openssl s_client -starttls smtp -connect {hosts.dialled[0].host}:25` elsewhere.")
    return found


def _tests(found: Section, hosts: Hosts, subject: Subject) -> None:
    reached = [one for one in hosts.dialled if not one.unreachable]
    six = [one for one in reached if one.ip.version == 6]
    if six:    # who is not reached may be so for want of IPv6 here
        found.tests["hosts_ipv6_reached"] = all(one.chain for one in six)
    if reached:
        found.tests["starttls"] = all(one.chain for one in reached)
    if reached and found.tests["starttls"]:
        found.tests["tls_version"] = all(one.version in ("TLSv1.2", "TLSv1.3") for one in reached)
        # RFC 8446 §B.4: ciphers of TLS 1.3 begin with TLS_; of older versions those with forward secrecy will do.
        found.tests["tls_cipher"] = all(one.cipher.startswith(("TLS_", "ECDHE-", "DHE-")) for one in reached)
        assert subject.means.trust is not None
        verdicts = [pkix.verify(one.chain, one.host, subject.means.trust, subject.world.clock.now()) for one in reached]
        found.tests["certificate"] = all(one.good for one in verdicts)


async def dane_records(subject: Subject, hosts: Hosts) -> Section:
    """Whether the DNS promises the keys that mail hosts show, and ours all of them."""
    found = Section("DANE")
    if found.silent(subject.facts.mx):
        return found
    if not subject.facts.mx.authentic:
        found.warn(f"DNSSEC does not vouch for the MX of {subject.domain}, so TLSA records count for nothing to who sends there.")
        found.instructions.append("Sign the zone (DNSSEC) first.")
    for name in hosts.names:
        signed = any(one.authentic and one.found for one in hosts.answers[name])
        base = name.below("_tcp").below(f"_{subject.means.port}")
        answer = await subject.ask(base, RecordType.TLSA)
        if found.silent(answer):
            continue
        there = [one for one in answer.records if isinstance(one, TLSA)]
        usable = [one for one in there if not dane.problem(one)] if answer.authentic and subject.facts.mx.authentic else []
        found.tests["dane"] = bool(usable) and found.tests.get("dane", True)
        # RFC 7671 §8.1: a second record lets the key change without a gap.
        found.tests["dane_rollover"] = len(usable) > 1 and found.tests.get("dane_rollover", True)
        if there and not answer.authentic:
            found.warn(f"The TLSA records at {base} are not signed, so they count for nothing.")
        if name == subject.host and (signed or there):
            await _own(subject, found, base, there)
        elif signed and not there:
            found.warn(f"{name} has no TLSA record, so nobody can know its keys (DANE).")
        if there and answer.authentic:
            _shown(subject, found, name, there, hosts)
    return found


async def _own(subject: Subject, found: Section, base: Domain, there: list[TLSA]) -> None:
    """The records of our own keys: all, and no others."""
    try:
        wanted = [] if subject.world.config.local else hostkeys.records(subject.world)
    except SetupError as problem:
        found.unknown.append(f"The keys of this host cannot be read: {problem}.")
        return
    if not wanted:
        return
    lines = [f"{base.ascii}. TLSA {one.value}" for one in wanted]
    listed_now = {dane.written(one).lower() for one in there}
    missing = [f"{base.ascii}. TLSA {one.value}" for one in wanted if one.value.lower() not in listed_now]
    expected = {one.value.lower() for one in wanted}
    unexpected = [dane.written(one) for one in there if dane.written(one).lower() not in expected]
    if missing and there:
        found.error(f"{len(missing)} of the keys of this host {'is' if len(missing) == 1 else 'are'} not among the TLSA records: who "
                    "checks them does not bring mail when that key is shown.", *missing)
    elif missing:
        found.warn("The keys of this host are not in the DNS, so others cannot know them (DANE).", *lines)
    for value in unexpected:
        found.warn(f"The TLSA record {value} at {base} is about no key of this host; take it out, unless it is for another "
                   "server of that name.")


def _shown(subject: Subject, found: Section, name: Domain, there: list[TLSA], hosts: Hosts) -> None:
    """Whether what a host shows is what its records promise."""
    usable = [one for one in there if not dane.problem(one)]
    for record in there:
        if why := dane.problem(record):
            found.warn(f"The TLSA record {dane.written(record)} of {name} cannot be used: {why}.")
    for one in hosts.dialled:
        if one.host == name and one.chain and usable:
            verdict = dane.verify(usable, one.chain, [name, subject.domain], subject.world.clock.now())
            found.tests["dane_valid"] = verdict.good and found.tests.get("dane_valid", True)
            if not verdict.good:
                found.error(f"{name} ({one.ip}) does not show what its TLSA records promise: {verdict.text}. Who checks them does not "
                            "bring mail.")
