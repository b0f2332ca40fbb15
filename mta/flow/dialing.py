"""From a next hop to a server that talks to us: hosts, their addresses, and each of them in turn.

Connections are opened for what a message demands (mta.secure.protection), since what is
good enough for one may not be for the next.  Every failure on the way is kept, so that in
the end one conclusion can be drawn from all of them.

Standards: RFC 5321 §5.1 (hosts in turn).

Read on: judge.route orders the hosts, judge.sources the addresses, flow.guarding knows what a
host must prove, flow.opening connects.
"""
import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import replace

from mta.base.errors import BadName, Failure, Reach
from mta.base.events import Event
from mta.base.measures import Measure
from mta.base.names import Domain, IPAddress, ip_address
from mta.config.model import Transport
from mta.flow import guarding, ways
from mta.flow.guarding import Finder, Guard
from mta.flow.opening import Opened, Opening, Target, said
from mta.flow.policies import Found, Policies
from mta.flow.sources import survey
from mta.flow.world import World
from mta.judge import route
from mta.judge.route import MailHost
from mta.judge.sources import Refusals, Source, order
from mta.net.connect import is_ours
from mta.secure.protection import Demand, Seen, Shown
from mta.smtp.client import Client

#: RFC 5321 §2.3.12's port of the internet's mail servers.
SMTP_PORT = 25
#: Seconds for which the facts about our own addresses hold, and for which a first delivery waits for them.
SURVEY_AGE, SURVEY_WAIT = 3_600.0, 2.0
#: Seconds for which new connections go by what was found out about a domain and its hosts; then they are looked up again.
FRESH = 300.0


class Dialing:
    """What all next hops of a process share: sources, who refused lately, and what connections need.

    policies knows what domains ask for (MTA-STS).
    """

    def __init__(self, world: World, port: int = SMTP_PORT, policies: Finder | None = None) -> None:
        self.world, self.port = world, port
        self.policies: Finder = policies or Policies(world)
        self.opening = Opening(world)
        self.refusals = Refusals(world.clock)
        self.limits = world.config.limits
        self.sources: list[Source] = []
        self._surveyed = -SURVEY_AGE
        self._survey: asyncio.Task[None] | None = None

    async def prepare(self) -> None:
        """Find out what the first delivery would have to wait for."""
        await self._survey_is_fresh()

    async def close(self) -> None:
        """Write down what is known; nothing is dialled any more."""
        await self.opening.gathering.close()

    async def hosts(self, hop: str, demand: Demand = Demand.USUAL) -> "Hosts | Failure":
        """The hosts of a next hop, ready to be asked in turn for a message with that demand; the Failure if it has none."""
        await self._survey_is_fresh()
        name = route.transport_of(hop)
        if name is None:
            domain = Domain.parse(hop)
            # RFC 8461 §5: the policy is that of the recipient's domain, never of what it is an alias of.
            hosts, found = await asyncio.gather(
                route.mail_hosts(domain, self.world.config.hostname, self.world.resolver, self.world.chance, self.limits),
                self.policies.find(domain))
            self._count(hosts, found)
            return hosts if isinstance(hosts, Failure) else Hosts(self, hop, demand, None, self._willing_first(hosts), found)
        if name == route.FAIL:
            return Failure(Reach.RECIPIENT, True, 0, "5.7.1", "the administrator of this server lets no mail go this way", "the routes")
        transport = ways.ways(self.world).named(name)
        if transport is None:
            return Failure(Reach.RECIPIENT, False, 0, "4.3.5", f"there is no transport {name} any more", "DNS")
        return Hosts(self, hop, demand, transport, [])

    def _count(self, hosts: list[MailHost] | Failure, found: Found) -> None:
        """Count a domain that we looked up, by how its mail is protected."""
        named = [] if isinstance(hosts, Failure) else hosts
        signed = "none" if not named else "signed" if all(host.signed for host in named) else "unsigned"
        policy = str(found.policy.mode) if found.policy else "unknown" if found.temporary else "none"
        self.world.journal.measure(Measure.DESTINATIONS, 1, signed, policy)

    def is_own(self, ip: IPAddress, port: int) -> bool:
        """Whether a connection there would end at our own port 25."""
        for listener in self.world.config.listeners:
            if listener.smtp == port:
                if str(ip) in listener.ips:
                    return True
                # All of 127/8 is this machine, but only the first of it is meant by "all".
                everything = "0.0.0.0" if ip.version == 4 else "::"
                if everything in listener.ips and (not ip.is_loopback or str(ip) in ("127.0.0.1", "::1")) and is_ours(ip):
                    return True
        return False

    def _willing_first(self, hosts: Iterable[MailHost]) -> list[MailHost]:
        """A host that refused lately is tried last."""
        return sorted(hosts, key=lambda host: self.refusals.recent(host.name.ascii))

    async def _survey_is_fresh(self) -> None:
        """Find out about our own addresses, at most once an hour; nobody waits for that for long."""
        if self.world.clock.monotonic() - self._surveyed < SURVEY_AGE or self.world.config.local:
            return
        if self._survey is None or self._survey.done():
            self._survey = asyncio.create_task(self._find_sources())
        if not self.sources:
            await asyncio.wait([self._survey], timeout=SURVEY_WAIT)

    async def _find_sources(self) -> None:
        self.sources = await survey(self.world)
        self._surveyed = self.world.clock.monotonic()


class Hosts:
    """The hosts of one next hop, asked in turn; `failures` are those of the ones that would not do.

    demand is what connections are opened for; target is the current host, shown what the
    connection to it turned out to be; names are those of all hosts; reason says whether what connections come to is a
    reason for a report about TLS.
    """

    def __init__(self, dialing: Dialing, hop: str, demand: Demand, transport: Transport | None, hosts: list[MailHost],
                 found: Found | None = None) -> None:
        self.hop, self.demand, self.failures = hop, demand, list[Failure]()
        self.target: Target | None = None
        self.shown, self.reason = Shown(), demand not in (Demand.DMARC_REPORT, Demand.TLS_REPORT)
        self._made = dialing.world.clock.monotonic()
        self._dialing, self._transport, self._found = dialing, transport, found or Found()
        self.names = [transport.host] if transport else [host.name.ascii for host in hosts]
        self._hosts = deque(hosts)
        self._targets: deque[Target] = deque()
        self._tried = 0
        self._unresolved = transport is not None

    @property
    def stale(self) -> bool:
        """Whether the domain may ask for something else by now, or its hosts promise other keys."""
        return self._dialing.world.clock.monotonic() - self._made > FRESH

    def seen(self, *, requiretls: bool) -> Seen | None:
        """What the current host was seen to do; None of a smarthost, which says nothing of the domain."""
        guard = self.target.guard if self.target else None
        return guard.seen(replace(self.shown, requiretls=requiretls), self._dialing.world.clock.timestamp()) if guard else None

    def serves(self, demand: Demand) -> bool:
        """Whether the connection that is open will do for a message with that demand; of a smarthost its client knows."""
        guard = self.target.guard if self.target else None
        return guard is None or guard.serves(demand, self.shown)

    async def client(self) -> Client | Failure:
        """A greeted client of the next host that talks to us; if there is none, the conclusion from all failures."""
        while (target := await self._next_target()) is not None:
            self.target = target
            opened = await self.reopen()
            if isinstance(opened, Client):
                return opened
            self.failed(opened)
        return route.conclusion(self.failures)

    def failed(self, failure: Failure) -> None:
        """The current host turned out to be of no use."""
        if self._transport is not None and failure.lasting:
            # Our operator named it and can mend what is wrong; the mail waits.
            failure = replace(failure, lasting=False, enhanced=failure.enhanced if failure.code else f"4{failure.enhanced[1:]}")
        self.failures.append(failure)
        # Who only lacks what one message in a thousand asks for is no worse than others.
        if self.target is not None and failure.during != guarding.REQUIRETLS:
            self._dialing.refusals.note(self.target.ip)
            self._dialing.refusals.note(self.target.host)
        world = self._dialing.world
        world.journal.note(Event.HOST_SKIPPED, next_hop=self.hop, host=failure.host, during=failure.during, reply=said(failure))

    async def reopen(self) -> Client | Failure:
        """Another connection to the current host."""
        assert self.target is not None
        opened = await self._open(self.target)
        if isinstance(opened, Failure):
            return opened
        self.shown = opened.shown
        self._dialing.refusals.forget(self.target.ip)
        self._dialing.refusals.forget(self.target.host)
        return opened.client

    async def _open(self, target: Target) -> Opened | Failure:
        self.shown = Shown()
        opening = self._dialing.opening
        if self._transport is not None:
            return await opening.transport(target, self._transport)
        assert target.guard is not None
        return await opening.guarded(target, target.guard, self.demand, reason=self.reason)

    # --- whom to ask -------------------------------------------------------------------------

    async def _next_target(self) -> Target | None:
        while not self._targets:
            if self._unresolved and self._transport is not None:
                self._unresolved = False
                await self._resolve_transport(self._transport)
            elif self._hosts:
                await self._resolve_host(self._hosts.popleft())
            else:
                return None
        if self._tried >= self._dialing.limits.hosts_tried:
            return None
        self._tried += 1
        return self._targets.popleft()

    async def _resolve_transport(self, transport: Transport) -> None:
        try:
            ips: list[IPAddress] | Failure = [ip_address(transport.host)]
        except BadName:
            ips = await route.addresses(Domain.parse(transport.host), self._dialing.world.resolver)
        if isinstance(ips, Failure):
            self._out_of_question(ips)
        elif not self._leads_home(transport.host, ips, transport.port, 0):
            self._aim(transport.host, ips, transport.port, 0)

    async def _resolve_host(self, host: MailHost) -> None:
        """Line up the addresses of a mail host, unless what is known of it says that it must not be asked."""
        dialing = self._dialing
        world, domain = dialing.world, Domain.parse(self.hop)
        answers = await route.address_answers(host.name, world.resolver)
        ips = route.addresses_in(host.name, *answers)
        if isinstance(ips, Failure):
            self._out_of_question(ips)
            return
        if self._leads_home(host.name.ascii, ips, dialing.port, host.preference):
            return
        guard = await guarding.guard(domain, host, self._found, answers, world.resolver, dialing.port)
        plan = guard.plan(self.demand)
        objection = guarding.objection(guard, plan)
        if objection is None:
            self._aim(host.name.ascii, ips, dialing.port, host.preference, guard)
            return
        guarding.tell_objection(world, guard, plan, self.demand, objection)
        if self.demand is not Demand.TLS_REPORT:
            dialing.opening.gathering.note(guarding.outcomes(guard, Shown(), None), optional=not self.reason)
        self._out_of_question(objection)

    def _out_of_question(self, failure: Failure) -> None:
        """A host that need not be dialled."""
        self.target = None
        self.failed(failure)

    def _leads_home(self, host: str, ips: list[IPAddress], port: int, preference: int) -> bool:
        """Cut the ways that lead back to us (RFC 5321 §5.1); True if this is one."""
        if not any(self._dialing.is_own(ip, port) for ip in ips):
            return False
        self._out_of_question(
            Failure(Reach.HOST, True, 0, "5.4.6", f"{host} is this server itself, which does not know the domain", "DNS", host))
        self._hosts = deque(other for other in self._hosts if other.preference < preference)
        return True

    def _aim(self, host: str, ips: list[IPAddress], port: int, preference: int, guard: Guard | None = None) -> None:
        """Line up the addresses of a host."""
        dialing = self._dialing
        pairs = order(ips, dialing.sources)
        targets = [Target(host, ip, port, _source(ip, source), preference, guard) for ip, source in pairs]
        self._targets.extend(sorted(targets, key=lambda target: dialing.refusals.recent(target.ip)))


def _source(ip: IPAddress, source: Source | None) -> IPAddress | None:
    """The address to bind to; loopback and the world cannot reach each other."""
    return source.ip if source is not None and source.bind and source.ip.is_loopback == ip.is_loopback else None
