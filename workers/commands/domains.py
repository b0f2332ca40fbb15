"""`pillarbox domain …`."""
from argparse import Namespace

from mta.base.errors import UserError
from mta.flow import ownpolicy, people, records, reportaddresses, rotation
from mta.secure.mtasts import HOST_LABEL, LABEL, PATH, VERSION
from mta.store.domains import DomainRow
from workers.commands.paper import Row
from workers.commands.site import Site
from workers.commands.tls import asking


def list_domains(site: Site, arguments: Namespace) -> list[Row]:
    """Every domain."""
    names = _account_names(site)
    return [_row(domain, names) for domain in people.all_domains(site.world)]


def show(site: Site, arguments: Namespace) -> list[Row]:
    """One domain with the DNS records that it needs, those of its keys by themselves too."""
    domain = people.domain(site.world, arguments.domain)
    keys = []
    for key in domain.dkim:
        name, text = people.dkim_record(domain, key)
        keys.append({"selector": key.selector, "signing": key.signing, "record_name": name.ascii, "record_type": "TXT", "record": text})
    addresses = reportaddresses.of_domain(site.world, arguments.domain)
    advised = [{"name": one.name, "type": one.kind, "value": one.value} for one in records.records(site.world, domain)]
    policy = ownpolicy.policy(site.world, domain)
    return [{**_row(domain, _account_names(site)), "mtasts_policy": list(policy.lines) if policy else [],
             "dmarc_reports": str(addresses.dmarc or ""), "tls_reports": str(addresses.tls or ""), "dkim": keys, "records": advised}]


def add(site: Site, arguments: Namespace) -> str:
    """A new domain."""
    domain = people.add_domain(site.world, arguments.domain, arguments.description or "", by=site.by)
    return f"{domain.domain} is served now; `pillarbox domain show {domain.domain}` prints the DNS records that it needs."


def set_domain(site: Site, arguments: Namespace) -> str | None:
    """Change what was given; says which DNS record a changed policy needs."""
    given = {"description": arguments.description, "separator": arguments.separator, "enabled": arguments.enabled,
             "case_sensitive": arguments.case_sensitive}
    policy = {"mode": arguments.mtasts, "max_age": arguments.mtasts_max_age, "mx": arguments.mtasts_mx}
    addresses = {"dmarc": arguments.dmarc_reports, "tls": arguments.tls_reports}
    changes, republishes, readdresses = (any(value is not None for value in group.values()) for group in (given, policy, addresses))
    if not (changes or republishes or readdresses or arguments.sign or arguments.no_sign or arguments.catchall is not None):
        raise UserError("nothing to change: `pillarbox domain set --help` lists what can be set")
    world, name, by = site.world, arguments.domain, site.by
    people.domain(world, name)
    if changes or readdresses or arguments.catchall is not None:
        people.set_domain(world, name, **given, catchall=arguments.catchall, reports=reportaddresses.read(world, **addresses), by=by)
    for selectors, on in ((arguments.sign, True), (arguments.no_sign, False)):
        for selector in selectors:
            people.set_signing(world, name, selector, on, by=by)
    if not republishes:
        return None
    row = people.set_policy(world, name, **policy, by=by)
    published = ownpolicy.policy(world, row)
    if published is None:
        return f"{row.domain} has no MTA-STS policy; take its _mta-sts record out of the DNS."
    return (f"The policy of {row.domain} is at https://{HOST_LABEL}.{row.domain.ascii}{PATH}; others read it again once the DNS says:\n"
            f'{LABEL}.{row.domain.ascii}. TXT "{VERSION} id={ownpolicy.record(published).id}"')


def remove(site: Site, arguments: Namespace) -> None:
    """Serve it no longer."""
    people.remove_domain(site.world, arguments.domain, by=site.by)


def list_keys(site: Site, arguments: Namespace) -> list[Row]:
    """The DKIM keys of a domain, and what is to be done about each."""
    row = people.domain(site.world, arguments.domain)
    return _keys(site, row)


def change_key(site: Site, arguments: Namespace) -> list[Row]:
    """Begin to change a key, give a change up, or see how far the DNS is with it."""
    if arguments.give_up:
        return _keys(site, rotation.give_up(site.world, arguments.domain, arguments.give_up, by=site.by))
    if arguments.look:
        return _keys(site, asking(site.world, lambda: rotation.advance(site.world, arguments.domain)))
    return _keys(site, rotation.begin(site.world, arguments.domain, arguments.algorithm, selector=arguments.selector or "", by=site.by))


def remove_key(site: Site, arguments: Namespace) -> list[Row]:
    """Forget a key."""
    return _keys(site, rotation.remove_key(site.world, arguments.domain, arguments.selector, by=site.by))


def _keys(site: Site, row: DomainRow) -> list[Row]:
    changes = rotation.changes(site.world, row)
    said: dict[str, rotation.Change] = {}
    for one in changes:
        said[one.new.selector] = one
        if one.old is not None and one.stage != "publish":
            said[one.old.selector] = one
    found: list[Row] = []
    for key in row.dkim:
        name, text = people.dkim_record(row, key)
        change = said.get(key.selector)
        found.append({
            "selector": key.selector, "algorithm": key.algorithm, "signing": key.signing, "stage": change.stage if change else "",
            "todo": change.todo if change else "", "until": change.until if change else None, "created": key.created,
            "record_name": name.ascii, "record": text})
    return found


def _row(domain: DomainRow, names: dict[int, str]) -> Row:
    return {
        "domain": str(domain.domain), "enabled": domain.enabled, "catchall": names.get(domain.catchall_account or 0),
        "separator": domain.localpart_separator, "case_sensitive": domain.case_sensitive,
        "signing": [key.selector for key in domain.dkim if key.signing], "description": domain.description, "created": domain.created,
        "mtasts": domain.mtasts_mode, "mtasts_max_age": domain.mtasts_max_age, "mtasts_mx": list(domain.mtasts_mx)}


def _account_names(site: Site) -> dict[int, str]:
    return {account.id: account.name for account in people.all_accounts(site.world)}
