"""What a domain says about protected transport (MTA-STS), and whether it means its own hosts: in plain words.

For people who look into a case, as mta.auth.advice is for the checks of a message.

Standards: RFC 8461 §3 (record and policy), §4.1 (hosts).
"""
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from mta.auth.advice import Finding
from mta.auth.status import Status
from mta.base.names import Domain
from mta.dns.answer import Answer, RecordType
from mta.dns.resolver import Resolver
from mta.flow.policies import NoPolicy, look_up
from mta.secure.mtasts import HOST_LABEL, PATH, Mode, Policy, Record, record_problem

DAY = 86_400
#: What is to be mended where the DNS does not answer.
SILENT = "Nothing, unless it stays so: then the domain's name servers do not answer."


@dataclass(slots=True)
class Examined:
    """What was found; hosts are the domain's MX hosts, and whether the policy allows each."""

    domain: Domain
    record: Record | None = None
    policy: Policy | None = None
    problem: str = ""
    hosts: dict[Domain, bool] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether record, policy and hosts are all in order, and the policy wants something."""
        return self.policy is not None and self.policy.mode is not Mode.NONE and all(one.status is Status.PASS for one in self.findings)


async def examine(domain: Domain, resolver: Resolver, fetch: Callable[[], Awaitable[Policy]]) -> Examined:
    """Look at record, policy (which fetch gets, or NoPolicy) and hosts; without a record the policy is looked at all the same."""
    found = Examined(domain)
    found.record, answer = await look_up(domain, resolver)
    found.findings.append(_of_record(found, answer))
    try:
        found.policy = await fetch()
    except NoPolicy as problem:
        found.problem = problem.problem
        status = Status.PERMERROR if found.record else Status.NONE
        found.findings.append(Finding("policy", status, f"{_capital(str(problem))}.", _mending(found)))
        return found
    found.findings.append(_of_policy(found.policy))
    if found.policy.mode is not Mode.NONE:
        await _hosts(found, found.policy, resolver)
    return found


def _of_record(found: Examined, answer: Answer) -> Finding:
    if found.record:
        return Finding("record", Status.PASS, f"{answer.name} says that {found.domain} has a policy, version {found.record.id}.",
                       authentic=answer.authentic)
    if answer.temporary:
        what = f"The DNS does not say what is at {answer.name} ({answer.error or answer.outcome.value})."
        return Finding("record", Status.TEMPERROR, what, SILENT)
    wrong = record_problem(answer.texts)
    mend = f'There should be one TXT record at {answer.name.ascii}, like "v=STSv1; id=20300101", with another id for each policy.'
    if wrong:
        return Finding("record", Status.PERMERROR, f"At {answer.name}, {wrong}.", mend, answer.authentic)
    return Finding("record", Status.NONE, f"{found.domain} has no MTA-STS record: nobody looks for a policy.", mend, answer.authentic)


def _of_policy(policy: Policy) -> Finding:
    text = "; ".join(policy.lines)
    match policy.mode:
        case Mode.NONE:
            return Finding("policy", Status.NEUTRAL, f"It ends an earlier policy, and asks for nothing: {text}.")
        case Mode.TESTING:
            what = "Others are to report what fails, and to deliver all the same"
        case Mode.ENFORCE:
            what = "Others are not to deliver without verified TLS"
    if policy.max_age < DAY:
        return Finding("policy", Status.NEUTRAL, f"{what}: {text}.",
                       "Others keep it for less than a day, so it protects little: max_age should be a week or more.")
    return Finding("policy", Status.PASS, f"{what}: {text}.")


async def _hosts(found: Examined, policy: Policy, resolver: Resolver) -> None:
    """The domain's hosts against its policy, and the other way round."""
    answer = await resolver.ask(found.domain, RecordType.MX)
    if answer.temporary:
        found.findings.append(Finding("mx", Status.TEMPERROR, f"The DNS does not say which hosts take mail for {found.domain}.",
                                      SILENT))
        return
    # RFC 5321 §5.1: a domain without MX is its own mail host.
    named = [mx.host for mx in answer.exchangers if mx.host] if answer.found else [found.domain]
    if not named:
        found.findings.append(Finding("mx", Status.NEUTRAL, f"{found.domain} takes no mail (null MX): its policy is about nothing."))
    loss = "is not delivered there" if policy.mode is Mode.ENFORCE else "is delivered, and reported"
    for host in named:
        found.hosts[host] = policy.allows(host)
        found.findings.append(
            Finding("mx", Status.PASS, f"{host} is one of the policy's hosts.", authentic=answer.authentic) if found.hosts[host] else
            Finding("mx", Status.FAIL,
                    f"{host} takes mail for {found.domain}, and the policy does not name it: mail of those who heed it {loss}.",
                    f"The policy should have a line mx: {host.ascii}, or the domain another MX.", answer.authentic))
    for pattern in policy.mx:
        if named and not any(Policy(policy.mode, 0, (pattern,)).allows(host) for host in named):
            found.findings.append(Finding("mx", Status.NEUTRAL, f"The policy names {pattern}, which takes no mail for {found.domain} now.",
                                          "Nothing, if a host is about to come or go; otherwise the line may be taken out."))


def _mending(found: Examined) -> str:
    if found.record is None and found.findings[0].status is Status.NONE:
        return ""
    return (f"https://{HOST_LABEL}.{found.domain.ascii}{PATH} should have the policy as plain text, from a server whose certificate is for "
            f"{HOST_LABEL}.{found.domain.ascii} and comes from an authority that everybody knows.")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:] if text.startswith("the ") else text
