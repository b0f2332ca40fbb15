"""`pillarbox dmarc checkreportaddrs` and `tlsrpt lookup`: who gets a domain's reports."""
import asyncio
from argparse import Namespace

from mta.auth.advice import Finding, sentence
from mta.auth.reportaddress import Addressee, Refused, Tag, addressees
from mta.auth.status import Status
from mta.auth.treewalk import Questions, Walk, walk
from mta.dns.resolver import Resolver
from mta.secure import tlsrpt
from workers.commands import asking
from workers.commands.paper import Row
from workers.commands.site import Site

TAGS: tuple[Tag, ...] = ("rua", "ruf")


def dmarc_check(site: Site, arguments: Namespace) -> int:
    """Every address for DMARC reports, and whether its owner takes them; 0 if there are some and all do."""
    name = asking.domain(arguments.domain)

    async def work(dns: Resolver) -> tuple[Walk, dict[Tag, list[Addressee | Refused]]]:
        async with asyncio.TaskGroup() as group:
            found = await walk(name, Questions(dns, group))
        policy = found.policy
        if found.trouble or policy is None:
            return found, {}
        return found, {tag: await addressees(policy.domain, policy.record, dns, tag=tag) for tag in TAGS}

    (walked, addresses), questions = asking.ask(site, arguments, work)
    policy = walked.policy
    if walked.trouble or policy is None:
        what = walked.trouble or walked.problem or f"no DMARC record counts for {name}"
        status = Status.TEMPERROR if walked.trouble else Status.NONE
        return asking.told(arguments, [Finding("dmarc", status, sentence(what))], questions, ok=False)
    pairs = [(tag, one) for tag, several in addresses.items() for one in several]
    findings = [_finding(tag, one) for tag, one in pairs]
    findings += [Finding(tag, Status.FAIL, f"{problem}, which is passed over.") for tag in TAGS for problem in policy.record.problems
                 if problem.startswith(f"{tag}=")]
    if not findings:
        findings = [Finding("rua", Status.NONE, f"The record of {policy.domain} asks for no reports.")]
    return asking.told(
        arguments, findings, questions, details=[_row(tag, one) for tag, one in pairs],
        before=f"The DMARC record of {policy.domain}: {policy.record.text}\n")


def _finding(tag: Tag, one: Addressee | Refused) -> Finding:
    if isinstance(one, Refused):
        what = f"{one.asked.uri} gets none: {one.why}."
        mend = f'If reports shall go there, a TXT record "v=DMARC1;" is needed at {one.agreement}.' if one.agreement else ""
        return Finding(tag, Status.TEMPERROR if one.temporary else Status.FAIL, what, mend)
    agreed = f", which {one.address.domain} agreed to" if one.external else ""
    instead = f" instead of {one.asked.address}" if one.replaced else ""
    return Finding(tag, Status.PASS, f"{one.address} gets reports{instead}{agreed}.")


def _row(tag: Tag, one: Addressee | Refused) -> Row:
    row = {"tag": tag, "uri": one.asked.uri, "size": one.asked.size}
    if isinstance(one, Refused):
        return {**row, "address": "", "external": False, "problem": one.why}
    return {**row, "address": str(one.address), "external": one.external, "problem": ""}


def tlsrpt_lookup(site: Site, arguments: Namespace) -> list[Row] | int:
    """Where a domain wants reports about TLS to go; 1 if it does not say."""
    name = asking.domain(arguments.domain)
    found, questions = asking.ask(site, arguments, lambda dns: tlsrpt.lookup(name, dns))
    if found.record is None:
        status = Status.TEMPERROR if found.temporary else Status.NONE
        what = sentence(found.problem)
        mend = "" if found.temporary else (
            f'{name} should publish one TXT record "v=TLSRPTv1; rua=mailto:…" at {tlsrpt.LABEL}.{name.ascii} if it wants any.')
        return asking.told(arguments, [Finding("tlsrpt", status, what, mend, found.authentic)], questions, ok=False)
    return [{
        "domain": str(name), "published_at": f"{tlsrpt.LABEL}.{name.ascii}", "reports_to": [uri.uri for uri in found.record.rua],
        "record": found.record.text, "problems": list(found.record.problems), "dnssec": found.authentic, "questions": questions}]
