"""`pillarbox spf`, `dmarc`, `arc` and `auth`: who a message is from, looked into by hand."""
import asyncio
from argparse import Namespace

from mta.auth import advice, arc, findings, spf
from mta.auth.advice import Finding
from mta.auth.dmarc import DmarcResult
from mta.auth.identity import Identity
from mta.auth.spf import SpfResult
from mta.auth.status import Status
from mta.auth.treewalk import LABEL, Questions, Walk, walk
from mta.base.errors import UserError
from mta.dns.resolver import Resolver
from mta.flow.identify import Envelope, Identifying
from mta.message.header import Header
from mta.message.trace import literal
from workers.commands import asking, dkim
from workers.commands.paper import Row
from workers.commands.site import Site


def spf_check(site: Site, arguments: Namespace) -> int:
    """May the address send for the sender, and for the name in HELO?  0 if each that was given passes."""
    ip, sender = asking.ip(arguments), asking.address(arguments.mail_from)
    if sender is None and not arguments.helo:
        raise UserError("give --mail-from, --helo, or both: for whom may the address send?")
    hello = arguments.helo or literal(ip)
    wanted = ([sender] if sender else []) + ([None] if arguments.helo else [])

    async def work(dns: Resolver) -> list[SpfResult]:
        receiver, now = asking.hostname(site), site.clock.timestamp()
        return await asyncio.gather(*(spf.check(ip, one, hello, dns, receiver=receiver, now=now) for one in wanted))

    found, questions = asking.ask(site, arguments, work)
    return asking.told(arguments, [advice.spf(one, ip) for one in found], questions, details=map(_spf_row, found))


def check(site: Site, arguments: Namespace) -> int:
    """Every check of a message, as the server makes them; 0 if the author is proven."""
    identity, questions = _identity(site, arguments)
    named = ", ".join(map(str, identity.author.addresses)) or "nobody"
    doubt = f" ({identity.author.problem})" if identity.author.problem else ""
    proven = "That is proven." if identity.proven else "That is not proven."
    host = asking.hostname(site)
    written = findings.results_field(identity, host) + findings.spf_field(identity, host)
    return asking.told(
        arguments, advice.all_of(identity), questions, details=_rows(identity), ok=identity.proven,
        before=f"The message says that it is from {named}{doubt}. {proven}\n",
        after=f"\nWritten into the message:\n\n{written.decode('utf-8', 'replace').replace(chr(13), '').rstrip()}")


def dmarc_verify(site: Site, arguments: Namespace) -> int:
    """Does the author's domain stand by the message?  0 if it does."""
    identity, questions = _identity(site, arguments)
    found = [advice.spf(identity.spf, identity.ip), *advice.dkim(identity.dkim), advice.dmarc(identity.dmarc)]
    details = [_spf_row(identity.spf), *_dkim_rows(identity), _dmarc_row(identity.dmarc)]
    return asking.told(arguments, found, questions, details=details, ok=identity.dmarc.status is Status.PASS)


def dmarc_lookup(site: Site, arguments: Namespace) -> list[Row] | int:
    """The policy that counts for a domain, and where it stands; 1 if there is none."""
    name = asking.domain(arguments.domain)

    async def work(dns: Resolver) -> tuple[Walk, bool]:
        async with asyncio.TaskGroup() as group:
            questions = Questions(dns, group)
            found = await walk(name, questions)
        return found, questions.authentic

    (walked, authentic), questions = asking.ask(site, arguments, work)
    found, problem = walked.policy, walked.trouble or walked.problem
    if walked.trouble or found is None:
        what = problem or f"No DMARC record counts for {name}: neither {name} nor a domain above it has one"
        status = Status.TEMPERROR if walked.trouble else Status.NONE
        mend = "" if walked.trouble else advice.dmarc(DmarcResult(Status.NONE, name)).mend
        return asking.told(arguments, [Finding("dmarc", status, f"{what}.", mend, authentic)], questions, ok=False)
    record = found.record
    policy = record.policy if found.domain == name else record.below(exists=True)[0]
    return [{
        "domain": str(name), "policy": str(policy.tested if record.testing else policy), "testing": record.testing,
        "subdomains": str(record.below(exists=True)[0]), "absent_subdomains": str(record.below(exists=False)[0]),
        "published_at": f"{LABEL}.{found.domain.ascii}", "organization": str(walked.organizational),
        "spf_alignment": "strict" if record.strict_spf else "relaxed", "dkim_alignment": "strict" if record.strict_dkim else "relaxed",
        "reports_to": [each.uri for each in record.rua], "failure_reports_to": [each.uri for each in record.ruf], "record": record.text,
        "problems": [*record.problems, *([problem] if problem else [])], "dnssec": authentic, "questions": questions}]


def arc_verify(site: Site, arguments: Namespace) -> int:
    """Who sealed the message on its way, and does the chain hold?  0 if it does."""
    _, _, writing = asking.message(arguments)
    now = asking.clock(site, arguments).timestamp()
    found, questions = asking.ask(site, arguments, lambda dns: arc.verify(writing.message, dns, now, hashes=writing.hashes))
    details = [{"sets": found.instances, "sealers": list(map(str, found.sealers)), "reports": list(found.reports),
                "oldest_pass": found.oldest_pass, "whole": found.whole, "problem": found.problem}]
    return asking.told(arguments, [advice.arc(found)], questions, details=details)


def _identity(site: Site, arguments: Namespace) -> tuple[Identity, int]:
    """Who the message is from, found out as the server does it."""
    _, top, writing = asking.message(arguments)
    ip = asking.ip(arguments)
    envelope = Envelope("", "", ip, arguments.helo or literal(ip), asking.address(_sender(arguments.mail_from, top)))

    def work(dns: Resolver) -> "asyncio.Task[Identity]":
        checks = Identifying(dns, asking.hostname(site), asking.clock(site, arguments))
        return asyncio.create_task(checks.identity(envelope, writing))

    return asking.ask(site, arguments, work)


def _sender(given: str | None, top: Header) -> str:
    """--mail-from, or what Return-Path says of a message that was delivered before."""
    return top.unfolded("return-path") if given is None else given


def _rows(identity: Identity) -> list[Row]:
    """What programs may want to know beyond a finding, for each of advice.all_of()."""
    helo = [_spf_row(identity.helo_spf)] if identity.helo_spf else []
    return [{"ip": str(identity.ip), "names": list(map(str, identity.iprev.names))}, _spf_row(identity.spf), *helo,
            *_dkim_rows(identity), {"sealers": list(map(str, identity.arc.sealers))}, _dmarc_row(identity.dmarc)]


def _spf_row(result: SpfResult) -> Row:
    return {"identity": result.identity, "domain": str(result.domain or ""), "mechanism": result.mechanism,
            "explanation": result.explanation, "problem": result.problem}


def _dkim_rows(identity: Identity) -> list[Row]:
    return dkim.rows(identity.dkim) or [{}]


def _dmarc_row(result: DmarcResult) -> Row:
    return {"author": str(result.author or ""), "policy": str(result.policy), "policy_domain": str(result.policy_domain or ""),
            "organization": str(result.organizational or ""), "record": result.record.text if result.record else "",
            "aligned_spf": list(map(str, result.aligned_spf)), "aligned_dkim": list(map(str, result.aligned_dkim)),
            "problem": result.problem}
