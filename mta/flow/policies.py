"""The MTA-STS policies of other domains: found, kept, and kept fresh.

A policy that is known holds until its max_age has passed, whatever has become of its
record or its web server since: otherwise whoever can hide those could switch it off.  The
record is looked at each time and says when there is a newer policy.  What cannot be
fetched is left alone for some minutes, then longer.

Policies are fetched from private addresses too: a company may have its own.  The host is
always mta-sts.DOMAIN, and is told nothing before its certificate was found sound.

Standards: RFC 8461 §3 (finding and renewing a policy), §5.1 (order of things), RFC 8460 §4.3 (names of failures).

Read on: mta.secure.mtasts reads, mta.net.https asks, mta.store.policies remembers.
"""
import asyncio
from collections import Counter
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from mta.base.errors import NotFound, PillarboxError, SetupError, TemporaryError
from mta.base.events import Event
from mta.base.measures import Measure
from mta.base.names import Domain
from mta.dns.answer import Answer, Outcome, RecordType
from mta.dns.resolver import Resolver
from mta.flow import typed
from mta.flow.settings import adopt
from mta.flow.world import World
from mta.net.https import HTTPS_PORT, Https, HttpsError, Place, Response
from mta.net.tls import client_context
from mta.secure.mtasts import HOST_LABEL, LABEL, PATH, BadPolicy, Mode, Policy, Record, parse_policy, parse_record, record_problem
from mta.store import policies
from mta.store.connection import Connection
from mta.store.policies import USED_STEP, PolicyRow

#: RFC 8460 §4.3.2.2: result types for policies.
FETCH_ERROR, INVALID, UNTRUSTED = "sts-policy-fetch-error", "sts-policy-invalid", "sts-webpki-invalid"
EVENTS: Final = {FETCH_ERROR: Event.POLICY_UNREACHABLE, INVALID: Event.POLICY_INVALID, UNTRUSTED: Event.POLICY_UNTRUSTED}
HOUR, DAY = 3_600.0, 86_400.0
#: RFC 1035 §2.3.4, as text: no longer name can be asked for.
NAME: Final = 253
#: Policies that one run of the clock renews, and the seconds it may take; the rest has its turn an hour later.
RENEWED_AT_ONCE: Final = 500
RENEWAL_WAIT: Final = 300.0
SLICE: Final = 200


class NoPolicy(PillarboxError):
    """What stands where the policy should be is none, or is not to be had; problem is the result type, the text says why."""

    def __init__(self, problem: str, text: str) -> None:
        super().__init__(text)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of a domain's policy.

    policy is None if it has none, or none that can be had; problem says then which (a
    result type, "" if it simply has none) and text why, for people.  With a policy, text
    says why it could not be renewed, if so.  temporary: the DNS does not tell whether there
    is one, and none is known from before.  record_id is the version that the record names.

    RFC 8461 §3.3: where a policy cannot be fetched, mail goes as if there were none.
    """

    policy: Policy | None = None
    problem: str = ""
    text: str = ""
    temporary: bool = False
    record_id: str = ""

    @property
    def lines(self) -> Sequence[str]:
        """The policy's lines, for reports (RFC 8460 §4.4, policy-string)."""
        return self.policy.lines if self.policy else ()


async def look_up(domain: Domain, resolver: Resolver) -> tuple[Record | None, Answer]:
    """The record of domain, and the answer it comes from; CNAMEs have been followed by whoever answers (RFC 8461 §3.1)."""
    name = domain.below(LABEL)
    if len(name.ascii) > NAME:
        return None, Answer(name, RecordType.TXT, Outcome.NOTHING)
    answer = await resolver.ask(name, RecordType.TXT)
    return parse_record(answer.texts), answer


async def fetch(domain: Domain, https: Https) -> Policy:
    """Ask the domain's web server for its policy (RFC 8461 §3.3); NoPolicy."""
    # Never the name that a CNAME leads to: the certificate is for this one.
    host = domain.below(HOST_LABEL)
    if len(host.ascii) > NAME:
        raise NoPolicy(FETCH_ERROR, f"{domain} is too long to have a host {HOST_LABEL} below it")
    try:
        response = await https.get(Place(host, PATH))
    except HttpsError as problem:
        raise NoPolicy(UNTRUSTED if problem.trouble.is_certificate else FETCH_ERROR, str(problem)) from None
    return _policy(host, response)


def _policy(host: Domain, response: Response) -> Policy:
    if response.status != 200:
        where = f" (to {response.header('location')[:200]}, which is not followed)" if 300 <= response.status < 400 else ""
        raise NoPolicy(FETCH_ERROR, f"{host} answers with status {response.status} instead of 200{where}")
    # RFC 8461 §3.2: where strangers may put files, these are rarely plain text.
    if response.media_type not in ("", "text/plain"):
        raise NoPolicy(INVALID, f"{host} says that its policy is {response.media_type[:80]} and not text/plain")
    try:
        return parse_policy(response.body)
    except BadPolicy as problem:
        raise NoPolicy(INVALID, f"the policy of {host} cannot be used: {problem}") from None


def client(world: World, resolver: Resolver | None = None, port: int = HTTPS_PORT) -> Https:
    """Who fetches; SetupError if the operator's authorities cannot be read."""
    context = client_context(verify=True, authorities=world.config.tls.ca_file)
    return Https(resolver or world.resolver, context, private=True, port=port, limits=world.config.limits)


class Policies:
    """Finds policies for one process; belongs to one loop.  port is that of other people's web servers."""

    def __init__(self, world: World, port: int = HTTPS_PORT) -> None:
        self._world, self._port, self._limits = world, port, world.config.limits
        self._https: Https | None = None
        self._room = asyncio.Semaphore(self._limits.policies_at_once)
        self._asking: dict[Domain, asyncio.Task[Found]] = {}

    def client(self) -> Https:
        """Who fetches for us, made when first needed: it costs a megabyte.  SetupError."""
        if self._https is None:
            self._https = client(self._world, port=self._port)
        return self._https

    async def find(self, domain: Domain) -> Found:
        """The policy for mail to domain, which is the recipient's and never where a CNAME leads.  Raises nothing.

        Who asks for the same domain meanwhile gets the same answer.
        """
        asking = self._asking.get(domain)
        if asking is None:
            asking = self._asking[domain] = asyncio.create_task(self._find(domain))
            asking.add_done_callback(lambda _: self._asking.pop(domain, None))
        found = await asyncio.shield(asking)
        self._note_use(domain, found)
        return found

    async def renew(self, row: PolicyRow) -> str:
        """Fetch a policy before it is needed; returns what became of it, in a word (RFC 8461 §3.3)."""
        world, now = self._world, self._now
        if row.used < now - (self._limits.policy_unused if row.policy else self._limits.policy_failure_unused):
            await self._forget(row, "no mail went there for long")
            return "forgotten"
        if row.policy is None or now < row.fetched + self._limits.policy_fresh:
            await self._put_off(row, row.fetched if row.policy else now)
            return "left alone"
        record, answer = await look_up(row.domain, world.resolver)
        if answer.absent and row.policy.mode is Mode.NONE:
            await self._forget(row, "its owner ended it")
            return "ended"
        # RFC 8461 §3.3: a record that is hidden does not keep us from asking; only a policy ends a policy.
        found = await self._fetch(row.domain, record.id if record else row.record_id, row)
        if not found.text:
            return "renewed"
        if not row.live(self._now):
            await self._forget(row, "it ran out and could not be renewed")
            return "run out"
        return "failed"

    async def again(self, domain: Domain) -> Found:
        """Fetch the policy of domain now, whatever is known of it and whatever pause a failure made; raises as the store does."""
        row = self._world.store.read(lambda db: policies.get(db, domain))
        record, answer = await look_up(domain, self._world.resolver)
        known = self._known(row)
        if record is None and known is None:
            why = f"the DNS does not say what is at {answer.name}" if answer.temporary else record_problem(answer.texts)
            return Found(text=why or f"there is no record {answer.name}", temporary=answer.temporary)
        return await self._fetch(domain, record.id if record else known.record_id if known else "", row)

    # --- One domain -----------------------------------------------------------------------------

    async def _find(self, domain: Domain) -> Found:
        try:
            return await self._look(domain)
        except (TemporaryError, SetupError) as problem:
            return Found(text=str(problem), temporary=True)
        except Exception as problem:    # a bug here must not end a delivery
            self._world.journal.note(Event.UNEXPECTED, where=__name__, problem=repr(problem))
            return Found(text="the policy could not be looked for", temporary=True)

    async def _look(self, domain: Domain) -> Found:
        world = self._world
        row = world.store.read(lambda db: policies.get(db, domain))
        record, answer = await look_up(domain, world.resolver)
        known = self._known(row)
        if row is not None and self._now - row.used >= USED_STEP:
            await world.store.write(lambda db: policies.use(db, domain, self._now))
        if record is None:
            # RFC 8461 §3.3, §5.1: a policy that holds is kept, whether the record is gone or hidden.
            if known is not None:
                return known
            if answer.temporary:
                return Found(text=f"the DNS does not say what is at {answer.name} ({answer.error or answer.outcome.value})", temporary=True)
            return Found(text=record_problem(answer.texts))
        if row is not None and known is not None and row.record_id == record.id:
            return known
        if row is not None and row.failed_id == record.id and self._now < row.paused_until:
            return known or Found(None, row.problem, row.problem_text, record_id=record.id)
        return await self._fetch(domain, record.id, row)

    def _known(self, row: PolicyRow | None) -> Found | None:
        """The policy that is kept, if it holds."""
        if row is None or not row.live(self._now):
            return None
        return Found(row.policy, text=row.problem_text, record_id=row.record_id)

    async def _fetch(self, domain: Domain, record_id: str, row: PolicyRow | None) -> Found:
        """The policy from its web server, which is remembered; the one that is kept if that fails."""
        world = self._world
        try:
            async with self._room:
                policy = await self._timed(fetch(domain, self.client()))
        except NoPolicy as problem:
            return await self._failed(domain, record_id, row, problem)
        now = self._now
        # RFC 8461 §3.2, deviate: who wants it kept for seconds, or not at all, is still not asked for each message.
        valid_until = now + max(policy.max_age, self._limits.policy_pause)
        renew_at = now + world.chance.uniform(0.75 * DAY, DAY)
        await world.store.write(lambda db: policies.keep(db, domain, policy, record_id, now, valid_until, renew_at))
        world.journal.note(Event.POLICY_FETCHED, domain=domain, id=record_id, mode=str(policy.mode), max_age=policy.max_age)
        return Found(policy, record_id=record_id)

    async def _timed(self, fetching: Awaitable[Policy]) -> Policy:
        """Fetch, and tell how long that took."""
        clock, result = self._world.clock, "failed"
        began = clock.monotonic()
        try:
            policy, result = await fetching, "ok"
        finally:
            self._world.journal.measure(Measure.HTTPS_SECONDS, clock.monotonic() - began, "policy", result)
        return policy

    async def _failed(self, domain: Domain, record_id: str, row: PolicyRow | None, problem: NoPolicy) -> Found:
        now, failures = self._now, row.failures if row else 0
        known = self._known(row)
        # RFC 8461 §3.3: five minutes or longer.
        pause = min(self._limits.policy_pause * 2.0 ** min(failures, 10), HOUR if known is None else DAY)
        until = now + pause * self._world.chance.uniform(1.0, 1.2)
        if row is not None and known is not None:
            until = min(until, max(row.valid_until, now + self._limits.policy_pause))    # without it, it is worth trying again
        await self._world.store.write(
            lambda db: policies.failed(db, domain, record_id, problem.problem, str(problem), now, until))
        kept = "" if known is None or known.policy is None else str(known.policy.mode)
        if kept != Mode.NONE.value:
            self._world.journal.note(EVENTS[problem.problem], domain=domain, id=record_id, problem=str(problem), kept=kept)
        if known is not None:
            return Found(known.policy, text=str(problem), record_id=known.record_id)
        return Found(None, problem.problem, str(problem), record_id=record_id)

    def _note_use(self, domain: Domain, found: Found) -> None:
        if found.policy is not None and found.policy.mode is not Mode.NONE:
            event = Event.POLICY_ENFORCED if found.policy.mode is Mode.ENFORCE else Event.POLICY_TESTED
            self._world.journal.note(event, domain=domain)

    # --- Memory ---------------------------------------------------------------------------------

    async def _forget(self, row: PolicyRow, reason: str) -> None:
        await self._world.store.write(lambda db: policies.forget(db, row.domain))
        if row.policy is not None:
            self._world.journal.note(Event.POLICY_ENDED, domain=row.domain, reason=reason)

    async def _put_off(self, row: PolicyRow, since: float) -> None:
        renew_at = since + self._world.chance.uniform(0.75 * DAY, DAY)
        await self._world.store.write(lambda db: policies.put_off(db, row.domain, renew_at))

    @property
    def _now(self) -> float:
        return self._world.clock.timestamp()


async def renew_due(world: World, port: int = HTTPS_PORT) -> str:
    """Renew the policies whose time has come, and forget what nobody needs; each has a time of its own, so they are spread over the day."""
    limits = world.config.limits
    unused_before = world.clock.timestamp() - limits.policy_unused
    gone = 0
    while step := await world.store.write(lambda db: policies.prune(db, unused_before, limits.policies, SLICE)):
        gone += step
    due = world.store.read(lambda db: policies.due(db, world.clock.timestamp(), RENEWED_AT_ONCE))
    finding, rows, done = Policies(world, port), iter(due), Counter[str]()
    if due:
        finding.client()    # if that cannot be, it is said once

    async def work() -> None:
        for row in rows:
            done[await finding.renew(row)] += 1

    with suppress(TimeoutError):
        async with asyncio.timeout(RENEWAL_WAIT), asyncio.TaskGroup() as group:
            for _ in range(limits.policies_at_once):
                group.create_task(work())
    done["forgotten"] += gone
    return ", ".join(f"{count} {what}" for what, count in sorted(done.items()) if count) or "nothing to do"


async def refresh(world: World, name: str, *, by: str, port: int = HTTPS_PORT) -> Found:
    """Fetch the policy of a domain now, as people ask for it.  UserError if that is no domain."""
    domain = typed.domain(name)
    world.journal.note(Event.SETTING_CHANGED, by=by, what=f"asked for the MTA-STS policy of {domain}")
    return await Policies(world, port).again(domain)


def forget(world: World, name: str, *, by: str) -> None:
    """Know nothing of a domain's policy any more, until mail goes there again.  NotFound.

    Until then nothing protects a connection to it from somebody who hides the policy.
    """
    domain = typed.domain(name)

    def change(db: Connection) -> None:
        if policies.get(db, domain) is None:
            raise NotFound(f"nothing is known of a policy of {domain}")
        policies.forget(db, domain)

    adopt(world, by, f"forgot the MTA-STS policy of {domain}", change)
