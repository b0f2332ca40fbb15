"""`pillarbox mtasts …`: what a domain says about protected transport, looked into by hand."""
import asyncio
from argparse import Namespace
from pathlib import Path

from mta.dns.resolver import Resolver
from mta.flow import policies, policycheck
from mta.flow.policies import INVALID, Found, NoPolicy
from mta.flow.policycheck import Examined
from mta.net.https import Https
from mta.net.resolver import SocketResolver
from mta.net.tls import client_context
from mta.secure.mtasts import BadPolicy, Policy, parse_policy
from mta.store import policies as rows
from workers.commands import asking
from workers.commands.paper import Row
from workers.commands.site import Site


def lookup(site: Site, arguments: Namespace) -> int:
    """Record, policy and hosts of a domain; 0 if they are all in order."""
    domain = asking.domain(arguments.domain)
    text = Path(arguments.policy).read_bytes() if arguments.policy else None
    config = asking.configured(site)

    async def work(dns: Resolver) -> Examined:
        async def fetch() -> Policy:
            if text is not None:
                return _read(arguments.policy, text)
            context = client_context(verify=True, authorities=config.tls.ca_file if config else None)
            return await policies.fetch(domain, Https(dns, context, private=True))

        return await policycheck.examine(domain, dns, fetch)

    found, questions = asking.ask(site, arguments, work)
    return asking.told(arguments, found.findings, questions, details=_rows(found), ok=found.sound)


def list_policies(site: Site, arguments: Namespace) -> list[Row]:
    """The policies that the server knows of, and what went wrong with others."""
    return [
        {"domain": row.domain.ascii, "mode": str(row.policy.mode) if row.policy else "", "id": row.record_id,
         "mx": list(row.policy.mx) if row.policy else [], "fetched": row.fetched or None, "valid_until": row.valid_until or None,
         "used": row.used, "problem": row.problem, "why": row.problem_text}
        for row in site.world.store.read(rows.all)]


def fetch(site: Site, arguments: Namespace) -> list[Row]:
    """Fetch a policy now."""
    async def run() -> Found:
        try:
            return await policies.refresh(site.world, arguments.domain, by=site.by)
        finally:
            if isinstance(site.world.resolver, SocketResolver):
                await site.world.resolver.close()

    found = asyncio.run(run())
    return [{"domain": arguments.domain, "mode": str(found.policy.mode) if found.policy else "", "id": found.record_id,
             "mx": list(found.policy.mx) if found.policy else [], "why": found.text}]


def forget(site: Site, arguments: Namespace) -> str:
    """Know nothing of a policy any more."""
    policies.forget(site.world, arguments.domain, by=site.by)
    return f"the policy of {arguments.domain} is forgotten"


def _read(name: str, text: bytes) -> Policy:
    try:
        return parse_policy(text)
    except BadPolicy as problem:
        raise NoPolicy(INVALID, f"the policy in {name} cannot be used: {problem}") from None


def _rows(found: Examined) -> list[Row]:
    """What programs may want to know beyond each finding."""
    policy = found.policy
    about: Row = {"mode": str(policy.mode), "max_age": policy.max_age, "mx": list(policy.mx)} if policy else {"problem": found.problem}
    hosts: list[Row] = [{"host": host.ascii, "allowed": allowed} for host, allowed in found.hosts.items()]
    return [{"domain": found.domain.ascii, "id": found.record.id if found.record else ""}, about, *hosts]
