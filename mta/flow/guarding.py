"""What a mail host must prove for a domain's mail, whether it did, and what is told of it.

A Guard is made for each host before anybody connects: it knows the domain's MTA-STS policy
and the host's TLSA records.  It judges the certificates that a connection showed, whether
that matters for the message at hand or not, and turns the result into events, counters
and evidence for reports.

Standards: RFC 7672 (DANE), RFC 8461 §4 (MTA-STS), RFC 8460 §4.3 (what reports tell).

Read on: mta.secure.protection decides, mta.flow.dialing connects.
"""
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from mta.base.errors import Failure, Reach
from mta.base.events import Event
from mta.base.names import Domain, IPAddress
from mta.dns.answer import Answer
from mta.dns.resolver import Resolver
from mta.flow.policies import Found
from mta.flow.world import World
from mta.judge.route import MailHost
from mta.secure import dane, pkix, protection
from mta.secure.dane import Lookup
from mta.secure.mtasts import Mode
from mta.secure.pkix import Trust
from mta.secure.protection import DaneState, Demand, Lack, Plan, Seen, Shown, Step, StsState
from mta.secure.tlsresult import Outcome, Policy, PolicyKind, Result, Session, Verdict, failure, judged, success

#: Where a host fails that has not what a message with REQUIRETLS needs.
REQUIRETLS = "REQUIRETLS"


class Finder(Protocol):
    """Who knows the MTA-STS policies of domains: mta.flow.policies.Policies."""

    async def find(self, domain: Domain) -> Found:
        """The policy for mail to domain; raises nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Guard:
    """What is known of a host before a connection: domain is the recipient's, signed that DNSSEC vouches for the host's name."""

    domain: Domain
    found: Found
    lookup: Lookup
    names: tuple[Domain, ...]
    signed: bool

    @property
    def host(self) -> Domain:
        """The mail host."""
        return self.lookup.host

    @property
    def allowed(self) -> bool:
        """Whether the policy names the host; True without a policy that wants anything."""
        policy = self.found.policy
        return policy is None or policy.mode is Mode.NONE or policy.allows(self.host)

    @property
    def sts(self) -> StsState:
        """What MTA-STS asks for."""
        policy = self.found.policy
        if policy is None:
            # RFC 8461 §3.3: a policy that cannot be fetched is none, but for who insists on a proof.
            return StsState.TROUBLE if self.found.temporary else StsState.UNFETCHED if self.found.problem else StsState.NONE
        if policy.mode is Mode.ENFORCE:
            return StsState.ENFORCE if policy.allows(self.host) else StsState.OTHER_HOST
        return StsState.TESTING if policy.mode is Mode.TESTING else StsState.NONE

    def hopeless(self, problem: Verdict | None, demand: Demand) -> bool:
        """Whether a host without TLS will not do later either: it offers none, and nobody promised any.

        Where TLS was promised, that it is missing is a mistake, or somebody's doing.
        """
        promised = self.sts is StsState.ENFORCE or self.lookup.state in (DaneState.USABLE, DaneState.UNUSABLE)
        missing = problem is not None and problem.result is Result.STARTTLS_NOT_SUPPORTED and not problem.reason
        return demand is Demand.REQUIRETLS and missing and not promised

    def plan(self, demand: Demand) -> Plan:
        """What a connection for such a message must be like."""
        return protection.decide(self.sts, self.lookup.state, demand)

    def serves(self, demand: Demand, shown: Shown) -> bool:
        """Whether a connection that is there will do for such a message."""
        return protection.serves(self.sts, self.lookup.state, demand, shown)

    def judge(self, chain: Sequence[bytes], trust: Trust, now: datetime, *, requiretls: bool) -> Shown:
        """What an encrypted connection shows."""
        promised = dane.verify(self.lookup.records, chain, self.names, now) if self.lookup.state is DaneState.USABLE else None
        return Shown(True, pkix.verify(chain, self.host, trust, now), promised, requiretls)

    def proven(self, shown: Shown) -> str:
        """How the host has proven to be the right one, as Seen.verified has it; "" if it has not."""
        if shown.dane is not None and shown.dane.good:
            return "dane"
        if shown.pkix is None or not shown.pkix.good:
            return ""
        # A good certificate proves a name; somebody has to vouch that this is the name of the right host.
        return "mta-sts" if self.sts is StsState.ENFORCE else "dnssec" if self.signed else ""

    def seen(self, shown: Shown, at: float) -> Seen:
        """What a connection told about the domain, for who writes there again."""
        sts, keys = self.sts, self.lookup.state
        mtasts = None if sts in (StsState.TROUBLE, StsState.UNFETCHED) else sts in (StsState.ENFORCE, StsState.OTHER_HOST)
        dane = shown.dane.good if shown.dane is not None else None if keys in (DaneState.TROUBLE, DaneState.USABLE) else False
        return Seen(self.domain, shown.encrypted, self.proven(shown), shown.requiretls, at, mtasts, self.signed, dane)


async def guard(domain: Domain, host: MailHost, found: Found, answers: Sequence[Answer], resolver: Resolver, port: int) -> Guard:
    """Find out what a mail host of domain must prove; answers are those about its addresses."""
    # RFC 6698 §3: records stand at the port that is spoken to; in tests that is another.
    # A domain that is its own mail host under another name may have them at either (RFC 7672 §2.2.2).
    alias = domain if domain in host.domains and host.name in host.domains and host.name != domain else None
    lookup = await dane.find(host.name, answers, resolver, signed=host.signed, port=port, alias=alias)
    return Guard(domain, found, lookup, tuple(dict.fromkeys((lookup.base, host.name, *host.domains))), host.signed)


def objection(guarded: Guard, plan: Plan) -> Failure | None:
    """Why the host is not even connected to; None if it is."""
    host = guarded.host
    match plan.step:
        case Step.GO:
            return None
        case Step.SKIP:
            return _later(host, f"the MTA-STS policy of {guarded.domain} does not name {host} as a host for its mail", "MTA-STS")
        case Step.NEVER:
            return _unsupported(
                host, f"the sender insists on protected transport (REQUIRETLS), and neither DNSSEC nor MTA-STS vouches for {host}")
    if guarded.sts is StsState.TROUBLE:
        return _later(host, f"whether {guarded.domain} wants its mail protected cannot be told now: {guarded.found.text}", "MTA-STS")
    if guarded.lookup.state is not DaneState.TROUBLE:
        return _later(host, f"the sender insists on protected transport (REQUIRETLS), and whether the policy of {guarded.domain} vouches "
                            f"for {host} cannot be told now: {guarded.found.text}", "MTA-STS")
    return _later(host, f"whether {host} may be trusted cannot be told now: {guarded.lookup.text}", "DANE")


def refusal(guarded: Guard, lack: Lack, shown: Shown, problem: str, *, never: bool = False) -> Failure:
    """Why a connection cannot be used for the message; problem says what was wrong with TLS.

    never says that trying again will not help (Guard.hopeless).
    """
    host = guarded.host
    match lack:
        case Lack.REQUIRETLS:
            return _unsupported(host, f"the sender insists on protected transport (REQUIRETLS), which {host} does not offer")
        case Lack.TLS if never:
            return _unsupported(host, f"the sender insists on protected transport (REQUIRETLS), and {problem}")
        case Lack.TLS:
            return _later(host, f"mail to {host} must be encrypted, and {problem}", "TLS")
        case Lack.DANE:
            why = shown.dane.text if shown.dane else problem
            return _later(host, f"{host} is not what the DNS promises (DANE): {why}", "TLS")
    why = shown.pkix.text if shown.pkix else problem
    return _later(host, f"{host} does not prove its name: {why}", "TLS")


def _later(host: Domain, text: str, during: str) -> Failure:
    """Owners mend certificates, policies and zones; whoever attacks goes away: the mail waits."""
    return Failure(Reach.HOST, False, 0, "4.7.5", text, during, host.ascii)


def _unsupported(host: Domain, text: str) -> Failure:
    """RFC 8689 §4.2.1: REQUIRETLS support required."""
    return Failure(Reach.HOST, True, 0, "5.7.30", text, REQUIRETLS, host.ascii)


# --- What is told of it -------------------------------------------------------------------------


def outcomes(guarded: Guard, shown: Shown, problem: Verdict | None, ip: IPAddress | None = None, source: IPAddress | None = None) -> \
        list[Outcome]:
    """What a set-up counts as in reports: under the domain's policy, and under the host's if it has one.

    problem is why there is no TLS.  Without ip nobody was connected to.
    """
    session = Session(guarded.domain, guarded.host.ascii, str(ip or ""), str(source or ""))
    found = [_of_domain(guarded, session, shown, problem)]
    if guarded.lookup.state in (DaneState.USABLE, DaneState.UNUSABLE, DaneState.TROUBLE):
        found.append(_of_host(guarded, session, shown, problem))
    return [outcome for outcome in found if outcome is not None]


def _of_domain(guarded: Guard, session: Session, shown: Shown, problem: Verdict | None) -> Outcome | None:
    found = guarded.found
    if found.policy is None or found.policy.mode is Mode.NONE:
        policy = Policy(PolicyKind.NONE, guarded.domain)
        if found.temporary:
            return failure(policy, session, Verdict(Result.STS_POLICY_FETCH_ERROR, found.text, "dns-trouble"))
        if found.problem:
            return failure(policy, session, Verdict(Result(found.problem), found.text))
    else:
        policy = Policy(PolicyKind.STS, guarded.domain, lines=tuple(found.lines), mx=tuple(found.policy.mx))
        if not guarded.allowed:
            return failure(policy, session, Verdict(
                Result.VALIDATION_FAILURE, f"the policy does not name {guarded.host}", "sts-policy-mx-mismatch"))
    if problem is not None:
        return failure(policy, session, problem)
    if shown.pkix is None:
        return None         # nobody was connected to, for another reason
    return judged(policy, session, shown.pkix) if policy.kind is PolicyKind.STS else success(policy, session, shown.pkix)


def _of_host(guarded: Guard, session: Session, shown: Shown, problem: Verdict | None) -> Outcome | None:
    lookup = guarded.lookup
    policy = Policy(PolicyKind.TLSA, guarded.host, is_host=True, lines=lookup.lines, mx=(guarded.host.ascii,))
    if lookup.state is DaneState.TROUBLE:
        return failure(policy, session, Verdict(Result.DNSSEC_INVALID, lookup.text, "dns-trouble"))
    if problem is not None:
        return failure(policy, session, problem)
    if lookup.state is DaneState.UNUSABLE and shown.encrypted:
        why = "; ".join(dict.fromkeys(why for _, why in lookup.unusable))
        return failure(policy, session, Verdict(Result.TLSA_INVALID, why, "no-usable-record"))
    return judged(policy, session, shown.dane) if shown.dane is not None else None


#: What is told of a connection that is not used for what it lacks; TLS depends on who wanted it.
ENFORCED = {Lack.DANE: Event.DANE_ENFORCED, Lack.PKIX: Event.STS_ENFORCED, Lack.REQUIRETLS: Event.REQUIRETLS_REFUSED}


def tell_objection(world: World, guarded: Guard, plan: Plan, demand: Demand, said: Failure) -> None:
    """A host that was not connected to."""
    event = {Step.SKIP: Event.STS_HOST_ENFORCED, Step.NEVER: Event.REQUIRETLS_REFUSED}.get(plan.step, Event.PROTECTION_UNKNOWN)
    world.journal.note(event, host=guarded.host, ip="", demand=demand.name, problem=said.text)


def tell_refusal(world: World, guarded: Guard, lack: Lack, demand: Demand, ip: IPAddress, said: Failure) -> None:
    """A connection that was not used."""
    event = Event.REQUIRETLS_REFUSED if said.during == REQUIRETLS else ENFORCED.get(lack)
    if event is None:
        if guarded.lookup.state in (DaneState.USABLE, DaneState.UNUSABLE):
            event = Event.DANE_ENFORCED
        else:
            event = Event.STS_ENFORCED if guarded.sts is StsState.ENFORCE else Event.TLS_ENFORCED
    if event is Event.STS_ENFORCED and guarded.sts is not StsState.ENFORCE:
        event = Event.REQUIRETLS_REFUSED        # the message wanted the certificate, no policy did
    world.journal.note(event, host=guarded.host, ip=ip, demand=demand.name, problem=said.text)


def tell_ignored(world: World, guarded: Guard, demand: Demand, shown: Shown, ip: IPAddress, problem: str) -> None:
    """What is not as a policy wants it, on a connection that is used all the same: one event for each policy."""
    def note(event: Event, text: str) -> None:
        world.journal.note(event, host=guarded.host, ip=ip, demand=demand.name, problem=text)

    state = guarded.lookup.state
    if guarded.sts is StsState.TROUBLE:
        note(Event.UNKNOWN_IGNORED, guarded.found.text)
    elif not guarded.allowed:
        note(Event.STS_HOST_IGNORED, f"the policy of {guarded.domain} does not name {guarded.host}")
    elif guarded.sts in (StsState.TESTING, StsState.ENFORCE) and not (shown.pkix is not None and shown.pkix.good):
        note(Event.STS_IGNORED, shown.pkix.text if shown.pkix else problem)
    if state is DaneState.TROUBLE:
        note(Event.UNKNOWN_IGNORED, guarded.lookup.text)
    elif state is DaneState.UNUSABLE and shown.encrypted:
        note(Event.DANE_UNUSABLE, guarded.lookup.text)
    elif state in (DaneState.USABLE, DaneState.UNUSABLE) and not (shown.dane is not None and shown.dane.good):
        note(Event.DANE_IGNORED, shown.dane.text if shown.dane else problem)
