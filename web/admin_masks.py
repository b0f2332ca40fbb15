"""Where masked addresses may be made, and how many of them: the administrator's part of web.masks."""
from mta.flow import masking, people
from web.api.admin_masks import MaskAccount, MaskDomain, MaskRules
from web.call import Call


def mask_rules(call: Call) -> MaskRules:
    """Each domain and each account, with what they may."""
    world = call.world
    found = []
    for row in people.all_accounts(world):
        used, most = masking.usage(world, row.id)
        found.append(MaskAccount(row.name, used, most))
    return MaskRules([MaskDomain(str(domain), allowed) for domain, allowed in masking.domain_choices(world)], found)


def mask_domain(call: Call, domain: str, allowed: bool) -> MaskRules:
    """Let masked addresses be made at a domain, or not; those there stay."""
    masking.allow(call.world, domain, allowed, by=call.by)
    return mask_rules(call)


def mask_limit(call: Call, account: str, most: int | None) -> MaskRules:
    """How many an account may have; null: as everybody."""
    masking.set_limit(call.world, people.get_account(call.world, account).id, most, by=call.by)
    return mask_rules(call)


FUNCTIONS = (mask_rules, mask_domain, mask_limit)
