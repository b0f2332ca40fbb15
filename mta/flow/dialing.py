"""From a next hop to a server that talks to us: hosts, addresses, connection, TLS, sign-in.

Every failure on the way is kept, so that in the end one conclusion can be drawn from all
of them.  Holds the passwords of smarthosts while it signs in.

Standards: RFC 5321 §5.1 (hosts in turn), RFC 3207 and RFC 7435 (opportunistic TLS),
RFC 8314 §3 (implicit TLS).

Read on: judge.route orders the hosts, judge.sources the addresses, smtp.client speaks.
"""
import asyncio
import ssl
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace

from mta.base.errors import BadName, Failure, Reach
from mta.base.events import Event
from mta.base.names import Domain, IPAddress, ip_address
from mta.config.model import Transport
from mta.flow.sources import survey
from mta.flow.world import World
from mta.judge import route
from mta.judge.route import MailHost
from mta.judge.sources import Refusals, Source, order
from mta.net.connect import connect, is_ours
from mta.net.tls import client_context
from mta.smtp.client import Client

#: RFC 5321 §2.3.12's port of the internet's mail servers.
SMTP_PORT = 25
#: Seconds for which the facts about our own addresses hold, and for which a first delivery waits for them.
SURVEY_AGE, SURVEY_WAIT = 3_600.0, 2.0


@dataclass(frozen=True, slots=True)
class Target:
    """One address to connect to: its host's name, and from where."""

    host: str
    ip: IPAddress
    port: int
    source: IPAddress | None
    preference: int = 0


class Dialing:
    """What all connections of a process share: sources, TLS contexts, and who refused lately."""

    def __init__(self, world: World, port: int = SMTP_PORT) -> None:
        self.world, self.port = world, port
        self.refusals = Refusals(world.clock)
        self.limits = world.config.limits
        self.sources: list[Source] = []
        self._surveyed = -SURVEY_AGE
        self._survey: asyncio.Task[None] | None = None
        self._contexts: dict[bool, ssl.SSLContext] = {}

    async def prepare(self) -> None:
        """Find out what the first delivery would have to wait for."""
        await self._survey_is_fresh()

    async def hosts(self, hop: str) -> "Hosts | Failure":
        """The hosts of a next hop, ready to be asked in turn; the Failure if it has none."""
        await self._survey_is_fresh()
        name = route.transport_of(hop)
        if name is None:
            found = await route.mail_hosts(
                Domain.parse(hop), self.world.config.hostname, self.world.resolver, self.world.chance, self.limits)
            return found if isinstance(found, Failure) else Hosts(self, hop, None, self._willing_first(found))
        transport = next((one for one in self.world.config.transports if one.name == name), None)
        if transport is None:
            return Failure(Reach.RECIPIENT, False, 0, "4.3.5", f"the transport {name} is not configured any more", "DNS")
        return Hosts(self, hop, transport, [])

    def context(self, verify: bool) -> ssl.SSLContext:
        """The TLS context for those we verify, or for those we do not."""
        if verify not in self._contexts:
            self._contexts[verify] = client_context(verify=verify)
        return self._contexts[verify]

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
    """The hosts of one next hop, asked in turn; `failures` are those of the ones that would not do."""

    def __init__(self, dialing: Dialing, hop: str, transport: Transport | None, hosts: list[MailHost]) -> None:
        self.hop, self.failures = hop, list[Failure]()
        self.target: Target | None = None
        #: How the current host was proven to be the right one, as Seen.verified has it: those of domains are not asked to.
        self.verified = ""
        self._dialing, self._transport = dialing, transport
        self._hosts = deque(hosts)
        self._targets: deque[Target] = deque()
        self._tried = 0
        self._unresolved = transport is not None

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
        if self.target is not None:
            self._dialing.refusals.note(self.target.ip)
            self._dialing.refusals.note(self.target.host)
        world = self._dialing.world
        world.journal.note(Event.HOST_SKIPPED, next_hop=self.hop, host=failure.host, during=failure.during, reply=said(failure))

    async def reopen(self) -> Client | Failure:
        """Another connection to the current host."""
        assert self.target is not None
        opened = await self._open(self.target)
        if isinstance(opened, Client):
            self._dialing.refusals.forget(self.target.ip)
            self._dialing.refusals.forget(self.target.host)
        return opened

    # --- whom to ask -------------------------------------------------------------------------

    async def _next_target(self) -> Target | None:
        while not self._targets:
            if self._unresolved and self._transport is not None:
                self._unresolved = False
                await self._resolve_transport(self._transport)
            elif self._hosts:
                host = self._hosts.popleft()
                await self._resolve(host.name.ascii, self._dialing.port, host.preference)
            else:
                return None
        if self._tried >= self._dialing.limits.hosts_tried:
            return None
        self._tried += 1
        return self._targets.popleft()

    async def _resolve_transport(self, transport: Transport) -> None:
        try:
            self._aim(transport.host, [ip_address(transport.host)], transport.port, 0)
        except BadName:
            await self._resolve(transport.host, transport.port, 0)

    async def _resolve(self, host: str, port: int, preference: int) -> None:
        found = await route.addresses(Domain.parse(host), self._dialing.world.resolver)
        if isinstance(found, Failure):
            self._out_of_question(found)
        else:
            self._aim(host, found, port, preference)

    def _out_of_question(self, failure: Failure) -> None:
        """A host that need not be dialled."""
        self.target = None
        self.failed(failure)

    def _aim(self, host: str, ips: list[IPAddress], port: int, preference: int) -> None:
        """Line up the addresses of a host, cutting the ways that lead back to us (RFC 5321 §5.1)."""
        dialing = self._dialing
        if any(dialing.is_own(ip, port) for ip in ips):
            self._out_of_question(
                Failure(Reach.HOST, True, 0, "5.4.6", f"{host} is this server itself, which does not know the domain", "DNS", host))
            self._hosts = deque(host for host in self._hosts if host.preference < preference)
            return
        pairs = order(ips, dialing.sources)
        targets = [Target(host, ip, port, _source(ip, source), preference) for ip, source in pairs]
        self._targets.extend(sorted(targets, key=lambda target: dialing.refusals.recent(target.ip)))

    # --- how to talk to them --------------------------------------------------------------------

    async def _open(self, target: Target) -> Client | Failure:
        """Connect to target and do all that comes before the first message."""
        mode = self._transport.tls if self._transport else "opportunistic"
        client = await self._greeted(target, implicit=mode == "implicit")
        if isinstance(client, Failure):
            return client
        if mode == "starttls" and not client.offers.start_tls:
            client.close()
            return Failure(Reach.HOST, False, 0, "4.7.5", "the server does not offer the encryption that the transport demands",
                           "STARTTLS", target.host)
        if client.offers.start_tls and mode in ("opportunistic", "starttls"):
            failure = await client.start_tls(self._dialing.context(mode == "starttls"), target.host)
            if failure is not None and mode == "starttls":
                client.close()
                return failure
            if failure is not None:
                self._note_broken_tls(target, failure, client.usable)
                if not client.usable:
                    # RFC 7435 §3: where nobody promised encryption, failing to encrypt is no reason to fail.
                    again = await self._greeted(target, implicit=False)
                    if isinstance(again, Failure):
                        return again
                    client = again
        self._note_tls(target, client)
        return await self._signed_in(client)

    async def _greeted(self, target: Target, implicit: bool) -> Client | Failure:
        """A client that was greeted, encrypted before that if the server expects it at once."""
        dialing = self._dialing
        try:
            wire = await connect(target.ip, target.port, target.source, dialing.limits.connect_wait)
        except TimeoutError:
            return _unreachable(target, f"no connection within {dialing.limits.connect_wait:.0f} seconds")
        except OSError as problem:
            return _unreachable(target, (problem.strerror or str(problem)).lower())
        client = Client(
            wire, target.host, dialing.world.config.hostname, dialing.limits,
            clock=dialing.world.clock, measure=dialing.world.journal.measure)
        try:
            failure = await client.encrypt(dialing.context(True), target.host) if implicit else None
            failure = failure or await client.greet()
        except BaseException:
            client.close()
            raise
        return failure or client

    async def _signed_in(self, client: Client) -> Client | Failure:
        """The client, after AUTH if the transport has credentials."""
        transport = self._transport
        if transport is None or not transport.username:
            return client
        try:
            password = transport.password_file.read_text("utf-8").rstrip("\r\n") if transport.password_file else ""
        except (OSError, UnicodeDecodeError) as problem:
            client.close()
            return Failure(Reach.HOST, False, 0, "4.7.8", f"the password of transport {transport.name} cannot be read: {problem}", "AUTH",
                           transport.host)
        failure = await client.sign_in(transport.username, password, clear=transport.tls == "none")
        return failure or client

    def _note_tls(self, target: Target, client: Client) -> None:
        if client.secured is not None:
            self._dialing.world.journal.note(
                Event.DELIVERY_TLS, host=target.host, ip=target.ip, version=client.secured.version, cipher=client.secured.cipher,
                verified=client.secured.verified)

    def _note_broken_tls(self, target: Target, failure: Failure, declined: bool) -> None:
        self._dialing.world.journal.note(
            Event.DELIVERY_TLS_FAILED, host=target.host, ip=target.ip, problem=said(failure), declined=declined)


def said(failure: Failure) -> str:
    """The facts of a failure as one line."""
    return " ".join(filter(None, (str(failure.code or ""), failure.enhanced, failure.text)))


def _unreachable(target: Target, why: str) -> Failure:
    return Failure(Reach.HOST, False, 0, "4.4.1", f"no connection to {target.host} ({target.ip}): {why}", "connect", target.host)


def _source(ip: IPAddress, source: Source | None) -> IPAddress | None:
    """The address to bind to; loopback and the world cannot reach each other."""
    return source.ip if source is not None and source.bind and source.ip.is_loopback == ip.is_loopback else None
