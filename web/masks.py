"""Masked addresses of an account: thin, what may be is for mta.flow.masking; password managers come in by web.aliases."""
from mta.flow import clients, masking
from mta.flow.masking import Seen
from web.api.masks import Mask, MaskKey, Masks, MaskSender, NewKey, NewMask
from web.call import Call


def masks(call: Call) -> Masks:
    """The masked addresses of the account, what came through them, and the keys that make more."""
    world, account = call.world, call.account
    return Masks(
        [_shown(one) for one in masking.all_masks(world, account)], masking.usage(world, account)[1],
        [str(one) for one in masking.possible(world, account)],
        [MaskKey(one.id, one.label, one.created, one.used) for one in masking.keys(world, account)],
        clients.page_url(world.config, "account", ""))


def mask_add(call: Call, site: str = "", note: str = "", domain: str = "") -> NewMask:
    """A new address for a site; `domain` "" is the usual one.  user:error if there are too many."""
    made = masking.add(call.world, call.account, site, note, domain=domain, by=call.by)
    return NewMask(str(made.address), masks(call))


def mask_change(call: Call, id: int, on: bool | None = None, site: str | None = None, note: str | None = None) -> Masks:
    """Switch one on or off, or note something else about it."""
    masking.change(call.world, call.account, id, on=on, site=site, note=note, by=call.by)
    return masks(call)


def mask_remove(call: Call, id: int) -> Masks:
    """Refuse mail to it for good; nobody gets that address again."""
    masking.remove(call.world, call.account, id, by=call.by)
    return masks(call)


def mask_key_add(call: Call, label: str) -> NewKey:
    """A key for a password manager, which makes masks and can do nothing else."""
    return NewKey(masking.add_key(call.world, call.account, label, by=call.by), masks(call))


def mask_key_remove(call: Call, id: int) -> Masks:
    """Let a key open nothing any more."""
    masking.remove_key(call.world, call.account, id, by=call.by)
    return masks(call)


FUNCTIONS = (masks, mask_add, mask_change, mask_remove, mask_key_add, mask_key_remove)


def _shown(seen: Seen) -> Mask:
    mask = seen.mask
    return Mask(
        mask.id, str(mask.address), mask.site, mask.note, mask.created, mask.state == "on", mask.received, mask.sent, mask.latest,
        [MaskSender(str(one.domain), one.proven, one.first, one.latest, one.messages, one in seen.strangers) for one in seen.senders])
