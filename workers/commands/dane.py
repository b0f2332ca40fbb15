"""`pillarbox dane …`: what mail to a host or domain would meet, tried out without sending any, and what mail has met."""
from argparse import Namespace

from mta.base.errors import Failure, UserError
from mta.base.names import Domain
from mta.base.tokens import CHANCE
from mta.dns.resolver import Resolver
from mta.flow import dialcheck, neighbours, policies
from mta.flow.dialcheck import Caller, Dialled
from mta.flow.policies import Found, NoPolicy
from mta.judge import route
from mta.judge.route import MailHost
from mta.net.https import Https
from mta.net.tls import client_context
from mta.net.trust import trusted
from workers.commands import asking
from workers.commands.paper import Row, safe, show
from workers.commands.site import Site
from workers.commands.tls import asking as asking_server


def dial(site: Site, arguments: Namespace) -> int:
    """One host, as if DNSSEC vouched for its name; 0 if usual mail would be sent there."""
    host = asking.domain(arguments.host)

    async def work(dns: Resolver) -> list[Dialled]:
        return [await dialcheck.of_host(host, MailHost(host, 0, signed=True), Found(), _caller(site, arguments, dns))]

    return _told(arguments, *asking.ask(site, arguments, work))


def dialmx(site: Site, arguments: Namespace) -> int:
    """Each host of a domain, by its policy and records; 0 if usual mail would be sent to one of them."""
    domain = asking.domain(arguments.domain)

    async def work(dns: Resolver) -> list[Dialled]:
        hosts = await route.mail_hosts(domain, asking.hostname(site), dns, CHANCE)
        if isinstance(hosts, Failure):
            raise UserError(hosts.text)
        found, caller = await _policy(site, domain, dns), _caller(site, arguments, dns)
        return [dialcheck.of_domain(domain, hosts, found), *[await dialcheck.of_host(domain, host, found, caller) for host in hosts]]

    return _told(arguments, *asking.ask(site, arguments, work))


def list_domains(site: Site, arguments: Namespace) -> list[Row]:
    """What is known of domains that mail went to."""
    return [{
        "domain": one.domain.ascii, "starttls": one.seen.starttls if one.seen else None, "verified": one.seen.verified if one.seen else "",
        "mtasts": str(one.policy.policy.mode) if one.policy and one.policy.policy else "" if one.seen is None or one.seen.mtasts is None
        else "enforce" if one.seen.mtasts else "no",
        "dnssec": one.seen.dnssec if one.seen else None, "dane": one.seen.dane if one.seen else None,
        "requiretls": one.seen.requiretls if one.seen else None, "at": one.seen.at if one.seen else None, "accounts": one.accounts,
    } for one in neighbours.known(site.world, arguments.text)]


def look(site: Site, arguments: Namespace) -> int:
    """Look again, and remember it; 0 if usual mail would be sent there."""
    found = asking_server(site.world, lambda: neighbours.look(site.world, arguments.domain))
    rows = [{"host": part.host, "method": finding.method, "status": str(finding.status), "what": finding.what, "mend": finding.mend}
            for part in found.parts for finding in part.findings]
    if arguments.json:
        show(rows, as_json=True)
    else:
        for row in rows:
            print(safe(f"{row['method']:<11} {row['status']:<10} {row['what']}"))
            if row["mend"]:
                print(safe(f"{'':22} To be mended: {row['mend']}"))
    return 0 if found.usable else 1


def _caller(site: Site, arguments: Namespace, dns: Resolver) -> Caller:
    config = asking.configured(site)
    return Caller(dns, trusted(config.tls.ca_file if config else None), asking.clock(site, arguments).now(), asking.hostname(site),
                  arguments.port)


async def _policy(site: Site, domain: Domain, dns: Resolver) -> Found:
    """The policy as it is now, whatever the server remembers."""
    record, answer = await policies.look_up(domain, dns)
    if record is None:
        return Found(text=f"the DNS does not say whether {domain} has an MTA-STS policy", temporary=True) if answer.temporary else Found()
    config = asking.configured(site)
    https = Https(dns, client_context(verify=True, authorities=config.tls.ca_file if config else None), private=True)
    try:
        return Found(await policies.fetch(domain, https), record_id=record.id)
    except NoPolicy as problem:
        return Found(None, problem.problem, str(problem), record_id=record.id)


def _told(arguments: Namespace, dialled: list[Dialled], questions: int) -> int:
    return asking.told(
        arguments, [finding for one in dialled for finding in one.findings], questions,
        details=[detail for one in dialled for detail in one.details], ok=any(one.usable for one in dialled))
