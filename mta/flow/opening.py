"""From an address to a conversation that mail may go over: connection, TLS, sign-in.

To a mail host TLS is set up without OpenSSL judging anything: the certificates are judged
afterwards, by all rules that there are, so that reports tell what each of them would have
said.  Only what protection.met() is content with leaves this module.  A smarthost is
judged by OpenSSL, as its transport says.  Holds the passwords of smarthosts while it
signs in.

Standards: RFC 3207 and RFC 7435 (opportunistic TLS), RFC 7672 §2.2, RFC 8461 §4.2, RFC 8314 §3 (implicit TLS).

Read on: mta.flow.guarding judges and tells, mta.smtp.client speaks.
"""
import asyncio
import ssl
from dataclasses import dataclass, replace

from mta.base.errors import Failure, Reach, SetupError
from mta.base.events import Event
from mta.base.names import IPAddress
from mta.config.model import Transport
from mta.flow import guarding
from mta.flow.guarding import Guard
from mta.flow.tlsevidence import Gathering
from mta.flow.world import World
from mta.net.connect import connect, reason
from mta.net.tls import client_context
from mta.net.trust import trusted
from mta.secure import protection
from mta.secure.pkix import Trust
from mta.secure.protection import Demand, Shown
from mta.secure.tlsresult import Result, Verdict
from mta.smtp.client import Client


@dataclass(frozen=True, slots=True)
class Target:
    """One address to connect to: its host's name, and from where; guard is None for a smarthost."""

    host: str
    ip: IPAddress
    port: int
    source: IPAddress | None
    preference: int = 0
    guard: Guard | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A conversation that is ready for mail, and what the connection showed."""

    client: Client
    shown: Shown


class Opening:
    """What all connections of a process share: TLS contexts, authorities, and what is gathered for reports."""

    def __init__(self, world: World) -> None:
        self.world, self.limits = world, world.config.limits
        self.gathering = Gathering(world)
        self._contexts: dict[bool, ssl.SSLContext] = {}
        self._trust: Trust | None = None

    def context(self, verify: bool) -> ssl.SSLContext:
        """The TLS context for those that OpenSSL verifies, or for those it does not."""
        if verify not in self._contexts:
            self._contexts[verify] = client_context(verify=verify, authorities=self.world.config.tls.ca_file if verify else None)
        return self._contexts[verify]

    async def trust(self) -> Trust:
        """Whose certificates are believed; those of the system if the operator's file cannot be read any more."""
        if self._trust is None:
            try:
                # Some 140 certificates: longer than the other conversations of this loop should wait.
                self._trust = await asyncio.to_thread(trusted, self.world.config.tls.ca_file)
            except SetupError as problem:
                self.world.journal.note(Event.UNEXPECTED, where=__name__, problem=str(problem))
                self._trust = await asyncio.to_thread(trusted)
        return self._trust

    # --- A mail host ------------------------------------------------------------------------------

    async def guarded(self, target: Target, guard: Guard, demand: Demand, *, reason: bool = True) -> Opened | Failure:
        """A conversation with a mail host that is as a message with that demand needs it; reason as of Hosts."""
        greeted = await self._greeted(target, implicit=False)
        if isinstance(greeted, Failure):
            return greeted
        client, source = greeted
        try:
            problem, failure = await encrypted(client, self.context(False), guard.lookup.base.ascii)
            if failure is not None and failure.code and client.secured is not None:
                return failure      # encrypted, and it does not want to talk to us: no fault of TLS
            if failure is not None:
                self._note_broken_tls(target, failure, client.usable)
            chain = client.secured.chain if client.secured else ()
            shown = Shown() if problem else guard.judge(
                chain, await self.trust(), self.world.clock.now(), requiretls=client.offers.requiretls)
        except BaseException:
            client.close()
            raise
        if demand is not Demand.TLS_REPORT:     # else two servers could go on reporting their reports for ever
            # A DMARC report's session is told of, but must not be what causes a report.
            self.gathering.note(guarding.outcomes(guard, shown, problem, target.ip, source), optional=not reason)
        why = problem.text if problem else ""
        lack = protection.met(guard.plan(demand), shown)
        if lack is not None:
            client.close()
            said = guarding.refusal(guard, lack, shown, why, never=guard.hopeless(problem, demand))
            guarding.tell_refusal(self.world, guard, lack, demand, target.ip, said)
            return said
        if problem is not None and not client.usable:
            # RFC 7435 §3: where nobody promised encryption, failing to encrypt is no reason to fail.
            again = await self._greeted(target, implicit=False)
            if isinstance(again, Failure):
                return again
            client, _ = again
        if problem is not None and problem.reason:
            self.world.journal.note(Event.CLEAR, host=target.host, ip=target.ip, problem=why)
        guarding.tell_ignored(self.world, guard, demand, shown, target.ip, why)
        if client.secured is not None:
            client.secured = replace(client.secured, verified=bool(guard.proven(shown)))
        self._note_tls(target, client)
        return Opened(client, shown)

    # --- A smarthost --------------------------------------------------------------------------------

    async def transport(self, target: Target, transport: Transport) -> Opened | Failure:
        """A conversation with a smarthost, as its transport says."""
        mode = transport.tls
        greeted = await self._greeted(target, implicit=mode == "implicit")
        if isinstance(greeted, Failure):
            return greeted
        client, _ = greeted
        if mode == "starttls" and not client.offers.start_tls:
            client.close()
            return Failure(Reach.HOST, False, 0, "4.7.5", "the server does not offer the encryption that the transport demands",
                           "STARTTLS", target.host)
        if client.offers.start_tls and mode in ("opportunistic", "starttls"):
            failure = await client.start_tls(self.context(mode == "starttls"), target.host)
            if failure is not None and mode == "starttls":
                client.close()
                return failure
            if failure is not None:
                self._note_broken_tls(target, failure, client.usable)
                if not client.usable:
                    again = await self._greeted(target, implicit=False)
                    if isinstance(again, Failure):
                        return again
                    client, _ = again
        self._note_tls(target, client)
        problem = await self._sign_in(client, transport)
        return problem or Opened(client, Shown(client.secured is not None, requiretls=client.offers.requiretls))

    async def _sign_in(self, client: Client, transport: Transport) -> Failure | None:
        """AUTH, if the transport has credentials; the client is closed after a failure."""
        if not transport.username:
            return None
        try:
            password = transport.password_file.read_text("utf-8").rstrip("\r\n") if transport.password_file else transport.password
        except (OSError, UnicodeDecodeError) as problem:
            client.close()
            return Failure(Reach.HOST, False, 0, "4.7.8", f"the password of transport {transport.name} cannot be read: {problem}", "AUTH",
                           transport.host)
        return await client.sign_in(transport.username, password, clear=transport.tls == "none")

    # --- Both -----------------------------------------------------------------------------------------

    async def _greeted(self, target: Target, implicit: bool) -> tuple[Client, IPAddress | None] | Failure:
        """A client that was greeted, encrypted before that if the server expects it at once; and our own address."""
        try:
            wire = await connect(target.ip, target.port, target.source, self.limits.connect_wait)
        except TimeoutError:
            return _unreachable(target, f"no connection within {self.limits.connect_wait:.0f} seconds")
        except OSError as problem:
            return _unreachable(target, reason(problem).lower())
        source = wire.source
        client = Client(
            wire, target.host, self.world.config.hostname, self.limits, clock=self.world.clock, measure=self.world.journal.measure)
        try:
            failure = await client.encrypt(self.context(True), target.host) if implicit else None
            failure = failure or await client.greet()
        except BaseException:
            client.close()
            raise
        return failure or (client, source)

    def _note_tls(self, target: Target, client: Client) -> None:
        if client.secured is not None:
            self.world.journal.note(
                Event.DELIVERY_TLS, host=target.host, ip=target.ip, version=client.secured.version, cipher=client.secured.cipher,
                verified=client.secured.verified)

    def _note_broken_tls(self, target: Target, failure: Failure, declined: bool) -> None:
        self.world.journal.note(
            Event.DELIVERY_TLS_FAILED, host=target.host, ip=target.ip, problem=said(failure), declined=declined)


async def encrypted(client: Client, context: ssl.SSLContext, name: str) -> tuple[Verdict | None, Failure | None]:
    """Encrypt, whoever it is; the problem if there is no TLS in the end, and the failure if it was tried.

    name is the TLSA base domain, which tells the server the certificate that is wanted (RFC 7672 §8.1).
    """
    if not client.offers.start_tls:
        return Verdict(Result.STARTTLS_NOT_SUPPORTED, "the server does not offer encryption (STARTTLS)"), None
    failure = await client.start_tls(context, name)
    if failure is None:
        return None, None
    if failure.code and client.secured is None:
        declined = f"the server declines encryption: {said(failure)}"
        return Verdict(Result.STARTTLS_NOT_SUPPORTED, declined, f"starttls-{failure.code}"), failure
    return Verdict(Result.VALIDATION_FAILURE, failure.text, client.handshake_problem or "starttls-failed"), failure


def said(failure: Failure) -> str:
    """The facts of a failure as one line."""
    return " ".join(filter(None, (str(failure.code or ""), failure.enhanced, failure.text)))


def _unreachable(target: Target, why: str) -> Failure:
    return Failure(Reach.HOST, False, 0, "4.4.1", f"no connection to {target.host} ({target.ip}): {why}", "connect", target.host)
