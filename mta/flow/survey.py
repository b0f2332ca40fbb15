"""What a machine is like before it becomes a mail server: each thing in order, or what to do about it.

What only the machine knows comes in as facts (workers.machine looks); what the network
says is asked here, all at once and for a bounded time.  Nothing is changed, and nothing is
said to a stranger but the opening of a connection.

Standards: RFC 1918, RFC 4193, RFC 6598 (addresses behind a router), RFC 1912 §2.1 (names and
addresses that agree), RFC 7505 (a domain without mail).
"""
import asyncio
import contextlib
import ipaddress
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from mta.base.clock import Clock
from mta.base.errors import BadName, PillarboxError
from mta.base.names import Domain, IPAddress, ip_address
from mta.dns.answer import Answer, RecordType
from mta.dns.resolver import Resolver, reverse_name
from mta.judge import dnsbl
from mta.message.dates import parse_date
from mta.net.connect import connect
from mta.net.https import Https, Place

#: Seconds for each question; they are asked at the same time.
PATIENCE: Final = 12.0
#: And for one connection.
CONNECT_WAIT: Final = 4.0
#: Octets: with less there is no room for mail, or for the processes.
LEAST_DISK, GOOD_DISK = 512 * 1024**2, 5 * 1024**3
GOOD_MEMORY: Final = 400 * 1024**2
#: Seconds that our clock may differ from others': signatures and certificates are judged by it.
CLOCK_SLACK: Final = 60.0
#: Domains that many write to; a connection to one of their mail hosts shows whether port 25 is open outwards.
PROBES: Final = (Domain("gmail.com"), Domain("gmx.net"))
#: Names that machines have when nobody gave them one that others know.
NAMELESS: Final = ("localhost", "localdomain", "local", "lan", "home", "internal", "invalid")
#: Addresses that others cannot reach: behind a router, or of this machine alone.
INSIDE: Final = tuple(map(ipaddress.ip_network, (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "fc00::/7", "fe80::/10",
    "::1/128")))

Dial = Callable[[IPAddress, int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at: whether it is well, what it is like, and what to do if it is not."""

    about: str
    well: bool
    what: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Machine:
    """What the machine says of itself.

    ports has those that are listened on, with the program ("" if it is not known);
    mail_servers are programs that are installed; free and memory are octets;
    synchronized says whether something keeps the clock right, None if nobody knows;
    closed is a folder above this program that only root may enter, "" if there is none;
    authorities says how many that vouch for others' certificates the system brings.
    """

    name: str
    addresses: tuple[IPAddress, ...]
    ports: Mapping[int, str] = field(default_factory=dict)
    mail_servers: tuple[str, ...] = ()
    free: int = 0
    memory: int = 0
    synchronized: bool | None = None
    closed: str = ""
    authorities: int = 1

    @property
    def public(self) -> tuple[IPAddress, ...]:
        """Those of its addresses that others reach."""
        return tuple(ip for ip in self.addresses if not is_inside(ip))


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to become of the machine: the mail host hostname of domain, which listens at these ports.

    Without ports it is a mail host already, which has its own.

    outside are those that others have to reach, whoever answers there.  nat_ips are public
    addresses that a router translates.  A relay (host and port) takes what goes out, if
    there is one.  authority is the URL of the one that gives certificates, or "".
    """

    domain: Domain
    hostname: Domain
    ports: Sequence[int]
    outside: Sequence[int]
    nat_ips: tuple[IPAddress, ...] = ()
    relay: tuple[Domain | IPAddress, int] | None = None
    authority: str = ""
    probes: tuple[Domain, ...] = PROBES
    blocklists: tuple[Domain, ...] = ()


def reached(host: str, port: int) -> tuple[Domain | IPAddress, int]:
    """Where a server is that takes what goes out, as a Plan names it; host may be an address.  BadName if it is neither."""
    try:
        return ip_address(host), port
    except BadName:
        return Domain.parse(host), port


def is_inside(ip: IPAddress) -> bool:
    """Whether others on the internet cannot reach an address."""
    return any(ip in network for network in INSIDE if network.version == ip.version)


async def dial(ip: IPAddress, port: int) -> None:
    """Open a connection, and hang up.  OSError or TimeoutError if there is none to be had."""
    connection = await connect(ip, port, wait=CONNECT_WAIT)
    connection.abort()


# --- names and addresses, before there is a plan ---------------------------------------------


async def find_hostname(machine: Machine, domain: Domain, resolver: Resolver) -> Domain:
    """The name that a machine should have: its own if it is one for others, else that of its addresses, else mx below the domain."""
    with contextlib.suppress(BadName):
        name = Domain.parse(machine.name)
        if len(name.labels) > 1 and name.labels[-1] not in NAMELESS:
            return name
    answers = await asyncio.gather(*(resolver.ask(reverse_name(ip), RecordType.PTR) for ip in machine.public))
    names = (name for answer in answers for name in answer.names)
    return next((name for name in names if domain.covers(name) and name != domain), domain.below("mx"))


async def addresses_of(host: Domain, resolver: Resolver) -> tuple[list[IPAddress], Answer | None]:
    """The addresses of a name, and an answer that failed, if one did."""
    answers = await asyncio.gather(*(resolver.ask(host, kind) for kind in (RecordType.A, RecordType.AAAA)))
    failed = next((answer for answer in answers if answer.temporary), None)
    return [ip for answer in answers for ip in answer.addresses], failed


async def find_nat(machine: Machine, hostname: Domain, resolver: Resolver) -> tuple[IPAddress, ...]:
    """The public addresses that a router translates: those of the name, if the machine has none itself."""
    if machine.public:
        return ()
    found, _ = await addresses_of(hostname, resolver)
    return tuple(ip for ip in found if not is_inside(ip))


# --- the survey ------------------------------------------------------------------------------


async def survey(machine: Machine, plan: Plan, resolver: Resolver, clock: Clock, *, dial: Dial = dial,
                 date: Callable[[str], Awaitable[str]] | None = None) -> list[Line]:
    """Look at everything; takes PATIENCE at most.  date gives the Date of a web server's answer."""
    asked: dict[str, Awaitable[list[Line]]] = {
        "host name": _hostname(machine, plan, resolver),
        "reverse DNS": _reverse(machine, plan, resolver),
        "resolver": _resolver(resolver),
        "domain": _domain(plan, resolver),
        "port 25": _outgoing(plan, resolver, dial),
        "clock": _clock(machine, plan, clock, date or _Dates(resolver)),
        "block lists": _blocklists(machine, plan, resolver),
    }
    told = await asyncio.gather(*(_bounded(about, work) for about, work in asked.items()))
    found = dict(zip(asked, told, strict=True))
    return [_addresses(machine, plan), *found["host name"], *found["reverse DNS"], *found["resolver"], *found["domain"],
            *(_ports(machine, plan) if plan.ports else ()), *found["port 25"], *found["clock"], *_others(machine), *_room(machine),
            *_authorities(machine), *(_program(machine) if plan.ports else ()),
            *found["block lists"]]


async def _bounded(about: str, work: Awaitable[list[Line]]) -> list[Line]:
    try:
        async with asyncio.timeout(PATIENCE):
            return await work
    except TimeoutError:
        said = f"There was no answer within {PATIENCE:.0f} seconds."
        return [Line(about, False, said, "Look at the network and the DNS, then ask again.")]


def _addresses(machine: Machine, plan: Plan) -> Line:
    here = _listed(machine.addresses) or "none"
    if plan.nat_ips:
        return Line("addresses", True, f"A router translates {_listed(plan.nat_ips)} to this machine ({here}); it must pass the ports "
                                       f"{', '.join(map(str, plan.outside))} on.")
    if machine.public:
        return Line("addresses", True, f"Others reach this machine at {_listed(machine.public)}.")
    return Line("addresses", False, f"This machine has no public address: {here}.",
                "If a router translates addresses, name the public one with --nat-ip.")


def _wanted(machine: Machine, plan: Plan) -> tuple[IPAddress, ...]:
    """The addresses at which others are to find the host."""
    return plan.nat_ips or machine.public


async def _hostname(machine: Machine, plan: Plan, resolver: Resolver) -> list[Line]:
    found, failed = await addresses_of(plan.hostname, resolver)
    name, wanted = plan.hostname.ascii, _wanted(machine, plan)
    say = [f"{name}. {'A' if ip.version == 4 else 'AAAA'} {ip}" for ip in wanted if ip not in found]
    publish = f"Publish {'; '.join(say)}." if say else ""
    if failed is not None and not found:
        return [Line("host name", False, f"The DNS does not say where {name} is: {failed.explained}.", publish or "Ask again later.")]
    if any(ip.is_loopback for ip in found):
        return [Line("host name", False, f"{name} leads to {_listed(found)}, which is this machine only for itself.",
                     f"Take {name} out of /etc/hosts, or off that line. {publish}".rstrip())]
    if not found:
        return [Line("host name", False, f"{name} has no address in the DNS.", publish or f"Publish an A record for {name}.")]
    strange = [ip for ip in found if ip not in wanted]
    if strange and wanted:
        return [Line("host name", False, f"{name} leads to {_listed(strange)}, which is not this machine.",
                     f"Take that out of the DNS, or choose another name with --hostname. {publish}".rstrip())]
    missing = [ip for ip in wanted if ip not in found]
    if missing:
        return [Line("host name", False, f"{name} leads to {_listed(found)}, but not to {_listed(missing)}, from which mail may go out.",
                     publish)]
    return [Line("host name", True, f"{name} leads to {_listed(found)}.")]


async def _reverse(machine: Machine, plan: Plan, resolver: Resolver) -> list[Line]:
    wanted = _wanted(machine, plan)
    answers = await asyncio.gather(*(resolver.ask(reverse_name(ip), RecordType.PTR) for ip in wanted))
    lines = []
    for ip, answer in zip(wanted, answers, strict=True):
        named = _listed([name.ascii for name in answer.names])
        do = f"Whoever gave you the address can set its reverse name (PTR) to {plan.hostname}, usually on a page of theirs."
        if answer.names == [plan.hostname]:
            lines.append(Line("reverse DNS", True, f"{ip} is called {plan.hostname}."))
        elif answer.temporary:
            lines.append(Line("reverse DNS", False, f"The DNS does not say what {ip} is called: {answer.explained}.", do))
        elif not answer.names:
            lines.append(Line("reverse DNS", False, f"{ip} has no name; many servers refuse mail from such.", do))
        else:
            lines.append(Line("reverse DNS", False, f"{ip} is called {named}, not {plan.hostname}; many servers distrust that.", do))
    return lines


async def _resolver(resolver: Resolver) -> list[Line]:
    # The root: it is signed, and a resolver that cannot tell of it tells of nothing.
    answer = await resolver.ask(Domain(""), RecordType.NS)
    if answer.temporary:
        return [Line("resolver", False, f"The DNS does not answer: {answer.explained}.",
                     "Look at /etc/resolv.conf; a resolver on this machine is best: `apt install unbound`.")]
    if not answer.authentic:
        return [Line("resolver", False, "The DNS server that this machine asks does not validate DNSSEC, or is not on this machine: DANE "
                                        "and REQUIRETLS will protect less.",
                     "`apt install unbound`, and let /etc/resolv.conf say `nameserver 127.0.0.1`.")]
    return [Line("resolver", True, "The DNS server on this machine validates DNSSEC.")]


async def _domain(plan: Plan, resolver: Resolver) -> list[Line]:
    soa, mx = await asyncio.gather(resolver.ask(plan.domain, RecordType.SOA), resolver.ask(plan.domain, RecordType.MX))
    about = "domain"
    if soa.temporary or mx.temporary:
        failed = soa if soa.temporary else mx
        return [Line(about, False, f"The DNS does not tell of {plan.domain}: {failed.explained}.", "Look at the domain's name servers.")]
    if not soa.found and not mx.found:
        return [Line(about, False, f"{plan.domain} is not in the DNS.", "Register it, and have its zone served; then publish the records.")]
    signed = soa.authentic or mx.authentic
    lines = [Line(about, True, f"{plan.domain} is in the DNS{' and signed (DNSSEC)' if signed else ''}.")]
    if not signed:
        lines = [Line(about, False, f"{plan.domain} is in the DNS, but not signed (DNSSEC), as far as the resolver can tell.",
                      "Switch DNSSEC on where the domain is registered: only then others can know your server's keys (DANE).")]
    hosts = [one.host.ascii for one in mx.exchangers if one.host is not None and one.host != plan.hostname]
    if hosts:
        lines.append(Line(about, False, f"Mail for {plan.domain} goes to {_listed(hosts)} today.",
                          "It will come here when the MX record says so; move mailboxes and other senders' SPF before."))
    return lines


def _ports(machine: Machine, plan: Plan) -> list[Line]:
    lines = []
    for port in plan.ports:
        if port in machine.ports:
            program = machine.ports[port]
            lines.append(Line("ports", False, f"Port {port} is taken by {program or 'another program'}.",
                              f"`systemctl disable --now {program}`, if that is its service." if program else
                              f"`ss -ltnp sport = :{port}` shows which; stop it."))
    return lines or [Line("ports", True, f"Ports {', '.join(map(str, plan.ports))} are free.")]


async def _outgoing(plan: Plan, resolver: Resolver, dial: Dial) -> list[Line]:
    """Whether mail can leave: to the relay, or to a mail host of somebody whom many write to."""
    if plan.relay is not None:
        host, port = plan.relay
        ips, _ = await addresses_of(host, resolver) if isinstance(host, Domain) else ([host], None)
        if await _first(ips, port, dial):
            return [Line("relay", True, f"{host} answers at port {port}.")]
        return [Line("relay", False, f"There is no connection to {host} at port {port}.", "Ask whoever runs it for name and port.")]
    # One is enough; only if it does not answer, the others are asked as well.
    tried: list[str] = []
    for domains in (plan.probes[:1], plan.probes[1:]):
        for name, answered in await asyncio.gather(*(_probe(domain, resolver, dial) for domain in domains)):
            if answered:
                return [Line("port 25", True, f"Mail can go out: {name} answers at port 25.")]
            tried += [name] if name else []
    if not tried:
        return [Line("port 25", False, f"Whether mail can go out was not to be found out: no mail host of {_listed(plan.probes)} is known.",
                     "Name a domain with --probe, or go on: `pillarbox queue list` will tell.")]
    return [Line("port 25", False, f"No connection goes out to port 25 ({_listed(tried)}).",
                 "Ask your provider to open it, or send through another server: --relay HOST.")]


async def _probe(domain: Domain, resolver: Resolver, dial: Dial) -> tuple[str, bool]:
    """The first mail host of a domain, "" if it is not known, and whether it answers."""
    exchangers = sorted((await resolver.ask(domain, RecordType.MX)).exchangers, key=lambda one: one.preference)
    host = exchangers[0].host if exchangers else None
    ips = (await resolver.ask(host, RecordType.A)).addresses if host else []
    return (str(host), await _first(ips[:1], 25, dial)) if ips else ("", False)


async def _first(ips: Iterable[IPAddress], port: int, dial: Dial) -> bool:
    """Whether one of the addresses answers."""
    for ip in ips:
        with contextlib.suppress(OSError, TimeoutError):
            await dial(ip, port)
            return True
    return False


class _Dates:
    """What time a web server says it is."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    async def __call__(self, url: str) -> str:
        return (await Https(self._resolver).get(Place.parse(url))).header("date")


async def _clock(machine: Machine, plan: Plan, clock: Clock, date: Callable[[str], Awaitable[str]]) -> list[Line]:
    """By the authority, which has to be asked for certificates anyway; else by what the kernel knows."""
    lines, off = [], None
    if plan.authority:
        try:
            off = _ahead(await date(plan.authority), clock.timestamp())
        except (PillarboxError, OSError) as problem:
            lines.append(Line("authority", False, f"{plan.authority} does not answer as it should: {problem or 'no answer'}.",
                              "Certificates will come when it does; look at the network, and at the clock."))
    wrong = off is not None and abs(off) > CLOCK_SLACK
    keep = "`apt install systemd-timesyncd` keeps it right."
    if wrong:
        return [*lines, Line("clock", False, f"The clock is {abs(off or 0):.0f} seconds {'behind' if (off or 0) > 0 else 'ahead'}.", keep)]
    now = f"{clock.now():%Y-%m-%d %H:%M:%S} UTC"
    if off is not None:
        unkept = "; nothing keeps it so, as far as the kernel knows" if machine.synchronized is False else ""
        return [*lines, Line("clock", True, f"The clock is right: {now}{unkept}.")]
    if machine.synchronized:
        return [*lines, Line("clock", True, f"Something keeps the clock right: {now}.")]
    return [*lines, Line("clock", False, f"Nothing is known to keep the clock right; it says {now}.", keep)]


def _ahead(date: str, now: float) -> float | None:
    """Seconds that a Date field is ahead of now; None if it says nothing."""
    then = parse_date(date[:100])
    return None if then is None else then - now


def _others(machine: Machine) -> list[Line]:
    if not machine.mail_servers:
        return [Line("mail servers", True, "No other mail server is installed.")]
    return [Line("mail servers", False, f"{name} is installed{' and runs' if name in machine.ports.values() else ''}.",
                 f"`systemctl disable --now {name}`: only one program can have port 25, after the next start of the machine too.")
            for name in machine.mail_servers]


def _room(machine: Machine) -> list[Line]:
    disk = f"{machine.free / 1024**3:.1f} GiB of the disk are free"
    lines = [Line("disk", True, f"{disk}.") if machine.free >= GOOD_DISK else Line(
        "disk", False, f"{disk}{', too little to take mail' if machine.free < LEAST_DISK else ', which is little for mail'}.",
        "Make room, or choose another place with --data.")]
    memory = f"{machine.memory / 1024**2:.0f} MiB of memory"
    lines.append(Line("memory", True, f"The machine has {memory}.") if machine.memory >= GOOD_MEMORY else Line(
        "memory", False, f"The machine has only {memory}; the server needs about 150, the rest of the system as much.", "Add some."))
    return lines


def _authorities(machine: Machine) -> list[Line]:
    return [] if machine.authorities else [
        Line("authorities", False, "The system knows no certificate authorities, so no server on the web can be verified: no certificates "
                                   "will come, and policies of others (MTA-STS) are not got.", "`apt install ca-certificates`")]


def _program(machine: Machine) -> list[Line]:
    return [Line("program", False, f"Only root can enter {machine.closed}, so the service user cannot run this program.",
                 "Install it where everybody can read it, as in /opt/pillarbox.")] if machine.closed else []


async def _blocklists(machine: Machine, plan: Plan, resolver: Resolver) -> list[Line]:
    """Whether lists that were named have our addresses."""
    lines = []
    for ip in _wanted(machine, plan) if plan.blocklists else ():
        for look in await dnsbl.look_everywhere(ip, plan.blocklists, resolver):
            if look.problem:
                lines.append(Line("block lists", False, f"{look.zone} does not say whether it has {ip}: {look.problem}.",
                                  "Many lists do not answer public resolvers; one of your own is best."))
            else:
                lines.append(Line("block lists", not look.listed, f"{look.zone} {'lists' if look.listed else 'does not list'} {ip}.",
                                  f"Ask {look.zone} to take it off; its pages say how." if look.listed else ""))
    return lines


def _listed(things: Iterable[object]) -> str:
    return ", ".join(map(str, things))
