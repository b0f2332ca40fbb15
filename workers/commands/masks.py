"""`pillarbox mask …`: masked addresses, keys that make them, and where they may be."""
from argparse import Namespace

from mta.base.errors import UserError
from mta.flow import masking, people
from mta.flow.masking import Seen
from workers.commands.paper import Row
from workers.commands.site import Site


def list_masks(site: Site, arguments: Namespace) -> list[Row]:
    """The masks of an account, the newest first."""
    return [_row(one) for one in masking.all_masks(site.world, _account(site, arguments))]


def add(site: Site, arguments: Namespace) -> list[Row]:
    """A new one."""
    made = masking.add(site.world, _account(site, arguments), arguments.site, arguments.note, domain=arguments.domain,
                       local=arguments.local, by=site.by)
    return [{"id": made.id, "address": str(made.address)}]


def set_mask(site: Site, arguments: Namespace) -> list[Row]:
    """Change what was given."""
    account = _account(site, arguments)
    found = masking.find(site.world, account, arguments.mask)
    changed = masking.change(site.world, account, found.id, on=arguments.on, site=arguments.site, note=arguments.note, by=site.by)
    return [_row(Seen(changed, ()))]


def remove(site: Site, arguments: Namespace) -> None:
    """Refuse mail to it for good."""
    account = _account(site, arguments)
    masking.remove(site.world, account, masking.find(site.world, account, arguments.mask).id, by=site.by)


def senders(site: Site, arguments: Namespace) -> list[Row]:
    """Who wrote to one."""
    account = _account(site, arguments)
    wanted = masking.find(site.world, account, arguments.mask)
    seen = next(one for one in masking.all_masks(site.world, account) if one.mask.id == wanted.id)
    return [{"domain": str(one.domain), "proven": one.proven, "stranger": one in seen.strangers, "messages": one.messages,
             "since": one.first, "last_at": one.latest} for one in seen.senders]


def list_keys(site: Site, arguments: Namespace) -> list[Row]:
    """The keys of an account."""
    return [{"id": one.id, "label": one.label, "created": one.created, "used": one.used}
            for one in masking.keys(site.world, _account(site, arguments))]


def add_key(site: Site, arguments: Namespace) -> list[Row]:
    """A new key, shown once."""
    return [{"key": masking.add_key(site.world, _account(site, arguments), arguments.label, by=site.by)}]


def remove_key(site: Site, arguments: Namespace) -> None:
    """Let a key open nothing any more."""
    masking.remove_key(site.world, _account(site, arguments), arguments.id, by=site.by)


def list_domains(site: Site, arguments: Namespace) -> list[Row]:
    """Where masks may be made."""
    return [{"domain": str(domain), "allowed": allowed} for domain, allowed in masking.domain_choices(site.world)]


def set_domain(site: Site, arguments: Namespace) -> None:
    """Let masks be made at a domain, or not."""
    if arguments.allowed is None:
        raise UserError("say --allowed or --forbidden")
    masking.allow(site.world, arguments.domain, arguments.allowed, by=site.by)


def limit(site: Site, arguments: Namespace) -> None:
    """How many an account may have."""
    masking.set_limit(site.world, _account(site, arguments), arguments.most, by=site.by)


def _account(site: Site, arguments: Namespace) -> int:
    return people.get_account(site.world, arguments.account).id


def _row(seen: Seen) -> Row:
    mask = seen.mask
    return {"id": mask.id, "address": str(mask.address), "on": mask.state == "on", "site": mask.site, "note": mask.note,
            "created": mask.created, "messages": mask.received, "sent": mask.sent, "last_at": mask.latest,
            "strangers": [str(one.domain) for one in seen.strangers]}
