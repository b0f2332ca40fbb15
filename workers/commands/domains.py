"""`pillarbox domain …`."""
from argparse import Namespace

from mta.base.errors import UserError
from mta.flow import people, reportaddresses
from mta.store.domains import DomainRow
from workers.commands.paper import Row
from workers.commands.site import Site


def list_domains(site: Site, arguments: Namespace) -> list[Row]:
    """Every domain."""
    names = _account_names(site)
    return [_row(domain, names) for domain in people.all_domains(site.world)]


def show(site: Site, arguments: Namespace) -> list[Row]:
    """One domain with the DNS records of its keys."""
    domain = people.domain(site.world, arguments.domain)
    keys = []
    for key in domain.dkim:
        name, text = people.dkim_record(domain, key)
        keys.append({"selector": key.selector, "signing": key.signing, "record_name": name.ascii, "record_type": "TXT", "record": text})
    addresses = reportaddresses.of_domain(site.world, arguments.domain)
    return [{**_row(domain, _account_names(site)), "dmarc_reports": str(addresses.dmarc or ""), "tls_reports": str(addresses.tls or ""),
             "dkim": keys}]


def add(site: Site, arguments: Namespace) -> str:
    """A new domain."""
    domain = people.add_domain(site.world, arguments.domain, arguments.description or "", by=site.by)
    return f"{domain.domain} is served now; `pillarbox domain show {domain.domain}` prints the DNS records of its DKIM keys."


def set_domain(site: Site, arguments: Namespace) -> None:
    """Change what was given."""
    addresses = {"dmarc": arguments.dmarc_reports, "tls": arguments.tls_reports}
    given = {"description": arguments.description, "separator": arguments.separator, "enabled": arguments.enabled,
             "case_sensitive": arguments.case_sensitive}
    changes = any(value is not None for value in given.values())
    asked = any(value is not None for value in addresses.values())
    if not (changes or asked or arguments.sign or arguments.no_sign or arguments.catchall is not None):
        raise UserError("nothing to change: `pillarbox domain set --help` lists what can be set")
    world, name, by = site.world, arguments.domain, site.by
    people.domain(world, name)
    for selectors, on in ((arguments.sign, True), (arguments.no_sign, False)):
        for selector in selectors:
            people.set_signing(world, name, selector, on, by=by)
    if asked:
        reportaddresses.set_for_domain(world, name, **addresses, by=by)
    if arguments.catchall is not None:
        people.set_catchall(world, name, arguments.catchall or None, by=by)
    if changes:
        people.set_domain(world, name, **given, by=by)


def remove(site: Site, arguments: Namespace) -> None:
    """Serve it no longer."""
    people.remove_domain(site.world, arguments.domain, by=site.by)


def _row(domain: DomainRow, names: dict[int, str]) -> Row:
    return {
        "domain": str(domain.domain), "enabled": domain.enabled, "catchall": names.get(domain.catchall_account or 0),
        "separator": domain.localpart_separator, "case_sensitive": domain.case_sensitive,
        "signing": [key.selector for key in domain.dkim if key.signing], "description": domain.description, "created": domain.created}


def _account_names(site: Site) -> dict[int, str]:
    return {account.id: account.name for account in people.all_accounts(site.world)}
