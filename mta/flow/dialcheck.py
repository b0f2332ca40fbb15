"""What mail to a domain, or to one host, would meet: what the DNS says, what the server shows, and what follows, in plain words.

For people who look into a case.  Connects as a delivery does and judges by the same
rules, says EHLO and QUIT, and sends nothing.

Read on: mta.flow.guarding and mta.secure.protection have the rules.
"""
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from mta.auth.advice import Finding, sentence
from mta.auth.status import Status
from mta.base.errors import Failure
from mta.base.limits import LIMITS, Limits
from mta.base.names import Domain, IPAddress
from mta.dns.resolver import Resolver
from mta.flow import guarding
from mta.flow.guarding import Guard
from mta.flow.opening import encrypted, said
from mta.flow.policies import Found
from mta.judge import route
from mta.judge.route import MailHost
from mta.net.connect import connect
from mta.net.tls import client_context
from mta.secure import protection
from mta.secure.dane import written
from mta.secure.mtasts import Mode
from mta.secure.pkix import Trust
from mta.secure.protection import DaneState, Demand, Seen, Shown, StsState
from mta.secure.tlsresult import Verdict
from mta.smtp.client import Client

#: Addresses of one host that are connected to.
ADDRESSES = 2


@dataclass(slots=True)
class Dialled:
    """What was found; findings and details go together, usable says whether usual mail would get through here.

    seen is what the first connection told about the domain; None if no server talked to us.
    """

    host: str
    findings: list[Finding] = field(default_factory=list)
    details: list[dict[str, object]] = field(default_factory=list)
    usable: bool = False
    seen: Seen | None = None

    def add(self, method: str, status: Status, what: str, mend: str = "", *, authentic: bool = False, **details: object) -> None:
        """One more finding."""
        self.findings.append(Finding(method, status, what, mend, authentic))
        self.details.append({"host": self.host, **details})


@dataclass(frozen=True, slots=True)
class Caller:
    """Who dials: what is believed, when, under which name, and to which port."""

    resolver: Resolver
    trust: Trust
    now: datetime
    hello: Domain
    port: int = 25
    limits: Limits = LIMITS


def of_domain(domain: Domain, hosts: Sequence[MailHost], found: Found) -> Dialled:
    """What the domain itself asks for."""
    about = Dialled(domain.ascii)
    signed = all(host.signed for host in hosts)
    named = ", ".join(host.name.ascii for host in hosts)
    about.add("hosts", Status.PASS if signed else Status.NEUTRAL,
              f"Mail for {domain} goes to {named}." if signed else
              f"Mail for {domain} goes to {named}; DNSSEC does not vouch for that, so DANE does not count.",
              "" if signed else f"Whoever runs {domain} can have it signed (DNSSEC).", authentic=signed,
              hosts=[host.name.ascii for host in hosts])
    policy = found.policy
    if policy is None:
        status = Status.TEMPERROR if found.temporary else Status.PERMERROR if found.problem else Status.NONE
        what = found.text or f"{domain} has no MTA-STS policy"
        about.add("mtasts", status, sentence(what), mode="", problem=found.problem)
    else:
        about.add("mtasts", Status.PASS if policy.mode is Mode.ENFORCE else Status.NEUTRAL,
                  f"The MTA-STS policy of {domain} has mode {policy.mode} and names {', '.join(policy.mx) or 'nobody'}.",
                  mode=str(policy.mode), mx=list(policy.mx), problem="")
    return about


async def of_host(domain: Domain, host: MailHost, found: Found, caller: Caller) -> Dialled:
    """A host of domain: its records, and a connection to each of its first addresses."""
    about = Dialled(host.name.ascii)
    answers = await route.address_answers(host.name, caller.resolver)
    ips = route.addresses_in(host.name, *answers)
    if isinstance(ips, Failure):
        about.add("addresses", Status.PERMERROR if ips.lasting else Status.TEMPERROR, sentence(ips.text))
        return about
    guard = await guarding.guard(domain, host, found, answers, caller.resolver, caller.port)
    _records(about, guard)
    for ip in ips[:ADDRESSES]:
        await _connection(about, guard, ip, caller)
    return about


def _records(about: Dialled, guard: Guard) -> None:
    """The TLSA records, and whether the policy names the host."""
    lookup = guard.lookup
    status = {DaneState.USABLE: Status.PASS, DaneState.TROUBLE: Status.TEMPERROR, DaneState.UNUSABLE: Status.PERMERROR}.get(
        lookup.state, Status.NONE)
    broken = "; ".join(f"{written(record)[:40]}: {why}" for record, why in lookup.unusable)
    about.add("tlsa", status, sentence(lookup.text), f"Records that cannot be used: {broken}." if broken else "",
              authentic=lookup.state in (DaneState.USABLE, DaneState.UNUSABLE), base=lookup.base.ascii,
              records=[written(record) for record in lookup.records],
              unusable=[{"record": written(record), "why": why} for record, why in lookup.unusable])
    if guard.sts in (StsState.ENFORCE, StsState.TESTING, StsState.OTHER_HOST):
        about.add("mtasts", Status.PASS if guard.allowed else Status.FAIL,
                  f"The MTA-STS policy of {guard.domain} {'names' if guard.allowed else 'does not name'} {about.host}.",
                  allowed=guard.allowed)


async def _connection(about: Dialled, guard: Guard, ip: IPAddress, caller: Caller) -> None:
    """One connection, and what mail would do with it."""
    shown = Shown()
    try:
        wire = await connect(ip, caller.port, wait=caller.limits.connect_wait)
    except (OSError, TimeoutError) as failed:
        why = str(getattr(failed, "strerror", "") or failed or "no answer in time").lower()
        about.add("connection", Status.TEMPERROR, f"No connection to {ip} port {caller.port}: {why}.", ip=str(ip))
        return
    client = Client(wire, about.host, caller.hello, caller.limits)
    try:
        greeted = await client.greet()
        if greeted is not None:
            about.add("connection", Status.TEMPERROR, f"The server at {ip} does not talk to us: {said(greeted)}.", ip=str(ip))
            return
        problem, _ = await encrypted(client, client_context(verify=False), guard.lookup.base.ascii)
        secured = client.secured
        if secured is not None and problem is None:
            shown = guard.judge(secured.chain, caller.trust, caller.now, requiretls=client.offers.requiretls)
            about.add("connection", Status.PASS, f"{ip}: {secured.version}, {secured.cipher}, {len(secured.chain)} certificates shown; "
                      f"REQUIRETLS is {'' if shown.requiretls else 'not '}offered.", ip=str(ip), version=secured.version,
                      cipher=secured.cipher, certificates=len(secured.chain), requiretls=shown.requiretls)
        await client.quit()
    finally:
        client.close()
    about.seen = about.seen or guard.seen(shown, caller.now.timestamp())
    if problem is not None:
        about.add("connection", Status.FAIL, f"{ip}: no TLS: {problem.text}.", ip=str(ip), problem=str(problem.result),
                  reason=problem.reason)
    for method, verdict in (("dane", shown.dane), ("pkix", shown.pkix)):
        if verdict is not None:
            _verdict(about, method, verdict, ip)
    _plans(about, guard, shown, problem, ip)


def _verdict(about: Dialled, method: str, verdict: Verdict, ip: IPAddress) -> None:
    what = f"The certificate is the one that is promised, by {verdict.how}" if method == "dane" else \
        f"The certificate is for {about.host}, by {verdict.how}"
    about.add(method, Status.PASS if verdict.good else Status.FAIL, sentence(what if verdict.good else verdict.text), ip=str(ip),
              result=str(verdict.result or ""), reason=verdict.reason, how=verdict.how)


def _plans(about: Dialled, guard: Guard, shown: Shown, problem: Verdict | None, ip: IPAddress) -> None:
    """What would become of messages that demand this or that."""
    for demand, whose in ((Demand.USUAL, "Usual mail"), (Demand.REQUIRETLS, "Mail with REQUIRETLS")):
        row = protection.row(guard.sts, guard.lookup.state, demand)
        lack = protection.met(row.plan, shown)
        against = guarding.objection(guard, row.plan)
        if against is None and lack is not None:
            against = guarding.refusal(guard, lack, shown, problem.text if problem else "")
        good, clear = against is None, "" if shown.encrypted else " without TLS"
        fate = f"be sent over this connection{clear}" if against is None else f"not be sent here: {against.text}"
        bad = Status.FAIL if demand is Demand.USUAL else Status.NEUTRAL
        about.add("plan", Status.PASS if good else bad, f"{whose} would {fate}. {row.why}", ip=str(ip), demand=demand.name,
                  step=row.plan.step.value, sent=good, tls=row.plan.tls, dane=row.plan.dane, pkix=row.plan.pkix, clear=row.plan.clear)
        if demand is Demand.USUAL:
            about.usable = about.usable or good
