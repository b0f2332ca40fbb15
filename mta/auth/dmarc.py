"""Does the author's domain stand by this message, and if not, what does its owner ask for?

DMARC as RFC 9989 has it: the record is found by walking up the tree, a message passes if
SPF or DKIM passed for a domain of the same organisation, and a policy is advice.  What
follows from it is decided elsewhere (RFC 9989 §7.4: nobody is refused for p=reject alone).

Where the DNS did not answer, nothing is known: the result is temperror with no policy,
unless another way passed.  A temporary failure of SPF or DKIM counts only for a domain
that would be aligned, or a forger could buy himself out with a broken domain of his own.
"""
import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from mta.auth.author import Author
from mta.auth.dmarcrecord import DmarcRecord, Policy
from mta.auth.status import Status
from mta.auth.treewalk import Found, Questions, Walk, look, trouble, walk
from mta.base.limits import LIMITS, Limits
from mta.base.names import Domain
from mta.dns.answer import Answer, Outcome, RecordType
from mta.dns.resolver import Resolver


class Identifier(Protocol):
    """What SPF says of MAIL FROM, or DKIM of one signature (RFC 9989 §4.3)."""

    @property
    def status(self) -> Status:
        """What the check came to."""

    @property
    def domain(self) -> Domain | None:
        """The domain that was checked; that of HELO counts only where MAIL FROM was empty (RFC 9989 §3.2.4)."""


@dataclass(frozen=True, slots=True)
class DmarcResult:
    """What DMARC says of a message.

    author is the domain of From, None if there was none beyond doubt; policy_domain is
    where record was found; organizational is the author's organisation, None if the DNS
    did not tell.  policy is what the owner wants done with mail of this author that
    fails, t=y, sp= and np= considered; tag is where it stood.  It is NONE whenever
    nothing may follow (RFC 9989 §5.3.6).  aligned_spf and aligned_dkim are the domains
    that passed and belong to the author.  authentic: DNSSEC vouched for all answers.
    """

    status: Status
    author: Domain | None
    policy_domain: Domain | None = None
    organizational: Domain | None = None
    record: DmarcRecord | None = None
    policy: Policy = Policy.NONE
    tag: str = ""
    aligned_spf: tuple[Domain, ...] = ()
    aligned_dkim: tuple[Domain, ...] = ()
    authentic: bool = False
    problem: str = ""
    questions: int = 0

    @property
    def decided(self) -> bool:
        """Whether the owner's policy was found and it is known if the message keeps to it."""
        return self.record is not None and self.status in (Status.PASS, Status.FAIL)


async def evaluate(
        author: Domain, spf: Identifier | None, dkim: Iterable[Identifier], resolver: Resolver, limits: Limits = LIMITS) -> DmarcResult:
    """The result for a message that says it is from author."""
    async with asyncio.TaskGroup() as group:
        questions = Questions(resolver, group)
        result = await _Evaluation(author, spf, tuple(dkim), questions, limits).result()
    return replace(result, authentic=questions.authentic, questions=questions.count)


async def evaluate_author(
        author: Author, spf: Identifier | None, dkim: Iterable[Identifier], resolver: Resolver, limits: Limits = LIMITS) -> DmarcResult:
    """The result for a message as it is.

    Without one author domain beyond doubt nothing can pass (RFC 9989 §5.3.1); but if a
    domain that From names disowns the message, that stands, the strictest first
    (RFC 9989 §11.5).
    """
    if author.domain:
        return await evaluate(author.domain, spf, dkim, resolver, limits)
    signatures = tuple(dkim)
    async with asyncio.TaskGroup() as group:
        questions = Questions(resolver, group)
        results = await asyncio.gather(*(
            _Evaluation(domain, spf, signatures, questions, limits).result() for domain in author.domains[:limits.dmarc_authors]))
    nothing = DmarcResult(Status.NONE, None, authentic=questions.authentic, problem=author.problem, questions=questions.count)
    failed = [result for result in results if result.status is Status.FAIL]
    if failed:
        worst = max(failed, key=lambda result: result.policy)
        return replace(worst, authentic=nothing.authentic, problem=f"{author.problem}; {worst.problem}", questions=nothing.questions)
    if any(result.status.temporary for result in results):
        return replace(nothing, status=Status.TEMPERROR)
    return nothing


class _Evaluation:
    """One author domain, looked at."""

    def __init__(
            self, author: Domain, spf: Identifier | None, dkim: tuple[Identifier, ...], questions: Questions, limits: Limits) -> None:
        self.author, self.questions, self.limits = author, questions, limits
        self.spf, self.dkim = _countable((spf,) if spf else ()), _countable(dkim)
        self.walked: Walk | None = None

    async def result(self) -> DmarcResult:
        answer, record, _ = await look(self.author, self.questions, self.limits)
        if answer.temporary:
            return DmarcResult(Status.TEMPERROR, self.author, problem=trouble(answer))
        if record is None or self.needs_walk():
            self.walked = await walk(self.author, self.questions, self.limits)
        found = Found(self.author, record) if record else None
        if found is None and self.walked:
            if self.walked.trouble:
                return DmarcResult(Status.TEMPERROR, self.author, problem=self.walked.trouble)
            found = self.walked.policy
        problem = self.walked.problem if self.walked else ""
        result = DmarcResult(Status.NONE, self.author, organizational=self.organizational())
        if found is None:
            return replace(result, problem=problem or f"{self.author} publishes no DMARC record")
        result = replace(result, policy_domain=found.domain, record=found.record, problem="; ".join(
            filter(None, (problem, *found.record.problems))))
        return await self.judged(result, found, exists=not _nothing(answer)) if found.record.usable else result

    async def judged(self, result: DmarcResult, found: Found, *, exists: bool) -> DmarcResult:
        """The result with what the record asks for, and whether the message passes."""
        strict_spf, strict_dkim = found.record.strict_spf, found.record.strict_dkim
        if self.walked:
            (policy, tag), spf, dkim = await asyncio.gather(
                self.policy(found, exists), self.aligned(self.spf, strict=strict_spf), self.aligned(self.dkim, strict=strict_dkim))
        else:    # all is about the author's domain: nothing is asked, and nothing needs a task of its own
            policy, tag = await self.policy(found, exists)
            spf, dkim = await self.aligned(self.spf, strict=strict_spf), await self.aligned(self.dkim, strict=strict_dkim)
        verdicts = [*spf.values(), *dkim.values()]
        result = replace(
            result, tag=tag, aligned_spf=tuple(domain for domain, aligned in spf.items() if aligned),
            aligned_dkim=tuple(domain for domain, aligned in dkim.items() if aligned))
        if any(verdicts):
            return replace(result, status=Status.PASS, policy=policy or Policy.NONE)
        if policy is None:
            return replace(result, status=Status.TEMPERROR, problem=f"the DNS does not say whether {self.author} exists")
        if None in verdicts:
            return replace(result, status=Status.TEMPERROR, problem=f"a check for a domain of {self.author} could not be finished")
        problem = f"neither SPF nor DKIM passed for a domain that belongs to {self.author}"
        return replace(result, status=Status.FAIL, policy=policy, problem="; ".join(filter(None, (problem, result.problem))))

    async def policy(self, found: Found, exists: bool) -> tuple[Policy | None, str]:
        """What the record asks for and the tag that says so; None if the DNS does not tell which counts."""
        policy, tag = found.record.policy, "p"
        if found.domain != self.author:
            # A name below the author's is there: then the author's is (RFC 8020 §2).
            policy, tag = found.record.below(exists=True)
            if not exists and found.record.below(exists=False)[0] is not policy:
                # RFC 9989 §3.2.13: NXDOMAIN, to whatever question.
                answer = await self.questions.ask(self.author, RecordType.A)
                if answer.temporary:
                    return None, ""
                if _nothing(answer):
                    policy, tag = found.record.below(exists=False)
        return policy.tested if found.record.testing else policy, tag

    async def aligned(self, identifiers: dict[Domain, Status], *, strict: bool) -> dict[Domain, bool | None]:
        """The domains that belong to the author: True where the check passed, None where something did not finish."""
        belonging = await self.belonging(list(identifiers), strict)
        return {
            domain: None if belongs is None or identifiers[domain].temporary else True
            for domain, belongs in zip(identifiers, belonging, strict=True) if belongs is not False}

    async def belonging(self, domains: list[Domain], strict: bool) -> list[bool | None]:
        """Whether each domain is aligned with the author (RFC 9989 §4.10.2); None if the DNS does not tell."""
        if strict:
            return [domain == self.author for domain in domains]
        organizational = self.organizational()
        near = [domain for domain in domains if domain != self.author and (
            organizational.covers(domain) if organizational else domain.labels[-1] == self.author.labels[-1])]
        near = near[:self.limits.dmarc_identifiers]
        walks = await asyncio.gather(*(walk(domain, self.questions, self.limits) for domain in near)) if organizational and near else []
        same: dict[Domain, bool | None] = dict.fromkeys(near)
        for found in walks:
            same[found.start] = None if found.trouble else found.organizational == organizational
        return [domain == self.author or same.get(domain, False) for domain in domains]

    def needs_walk(self) -> bool:
        """Whether the author's organisation matters though its own record is there.

        Not if SPF and DKIM passed for just this domain (RFC 9989 §4.10.2, the first note).
        """
        return {*self.spf, *self.dkim} != {self.author}

    def organizational(self) -> Domain | None:
        """The author's organisation, None if the DNS does not tell."""
        if self.walked is None:
            return self.author
        return None if self.walked.trouble else self.walked.organizational


def _countable(identifiers: Iterable[Identifier]) -> dict[Domain, Status]:
    """The domains for which a check passed, or might have if it had been finished."""
    found: dict[Domain, Status] = {}
    for identifier in identifiers:
        if identifier.domain and identifier.status in (Status.PASS, Status.TEMPERROR) and found.get(identifier.domain) is not Status.PASS:
            found[identifier.domain] = identifier.status
    return found


def _nothing(answer: Answer) -> bool:
    """Whether the name does not exist; an alias to nowhere does (RFC 6604 §3)."""
    return answer.outcome is Outcome.NOTHING and not answer.chain
