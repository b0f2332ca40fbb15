"""Masked addresses: an address for one site, which can be switched off, and shows who passed it on.

It is at a domain where the account has an address, if the administrator has not forbidden
masks there.  Everything is asked for one account, and what is not that account's does not
exist (NotFound).  Keys make masks and can do nothing else; a key is shown once.

Pages, command line and web.aliases (for password managers) call these.
"""
import hashlib
from dataclasses import dataclass
from typing import Final

from mta.base.errors import BadName, Conflict, NotFound, UserError
from mta.base.limits import LIMITS
from mta.base.names import Address, Domain
from mta.base.tokens import secret_text
from mta.flow import maskwords, typed
from mta.flow.accountnames import named
from mta.flow.settings import adopt
from mta.flow.world import World
from mta.store import accounts, domains, masks
from mta.store.accounts import POSTMASTERS
from mta.store.connection import Connection
from mta.store.masks import Key, Mask, Sender, State

#: Characters of what a person notes.
NOTE: Final = 250
#: What a key begins with, so that one that got lost can be told for what it is.
PREFIX: Final = "pbm_"


@dataclass(frozen=True, slots=True)
class Seen:
    """A mask, who wrote to it, and those of them who are not whom it was made for."""

    mask: Mask
    senders: tuple[Sender, ...]

    @property
    def strangers(self) -> tuple[Sender, ...]:
        """Senders from elsewhere than the site: one of them may show who passed the address on."""
        word = maskwords.site_word(self.mask.site)
        return tuple(one for one in self.senders if word and word not in one.domain.ascii)


def all_masks(world: World, account: int) -> list[Seen]:
    """The masks of an account, the newest first."""
    return world.store.read(lambda db: [Seen(mask, tuple(masks.senders(db, mask.id))) for mask in masks.all(db, account)])


def possible(world: World, account: int) -> list[Domain]:
    """The domains at which the account may have masks, the usual one first."""
    return world.store.read(lambda db: [row.domain for row in _domains(db, account)])


def usage(world: World, account: int) -> tuple[int, int]:
    """How many masks the account has, and how many it may have."""
    return world.store.read(lambda db: (masks.number(db, account), masks.limit(db, account, LIMITS.masks)))


def add(world: World, account: int, site: str = "", note: str = "", *, domain: str = "", local: str = "", by: str) -> Mask:
    """A new mask for a site; local is wanted as its local part, made up if "".  Conflict if that is taken, UserErrors."""
    return adopt(world, by, f"added a masked address to account {named(world, account)}",
                 lambda db: add_within(db, world, account, site, note, domain=domain, local=local))


def add_within(db: Connection, world: World, account: int, site: str, note: str, *, domain: str = "", local: str = "") -> Mask:
    """The same inside a change."""
    row = accounts.get(db, account)
    if row is None or not row.enabled:
        raise UserError("the account is switched off")
    most = masks.limit(db, account, LIMITS.masks)
    if masks.number(db, account) >= most:
        raise UserError(f"the account may have {most} masked addresses; remove one first, or ask the administrator")
    found = _domains(db, account)
    if not found:
        raise UserError("the account has no address at a domain where masked addresses are allowed; ask the administrator")
    wanted = domain.strip().removeprefix("@").lower()
    place = next((one for one in found if wanted in ("", one.domain.ascii, one.domain.unicode)), None)
    if place is None:
        raise UserError(f"masked addresses cannot be at {wanted}; they can be at {', '.join(str(one.domain) for one in found)}")

    def taken(localpart: str) -> bool:
        return _taken(db, Address(localpart, place.domain), place.localpart_separator)

    site = _line(site)
    if local:
        local = _local(local)
        if taken(local):
            raise Conflict(f"{local}@{place.domain} is taken")
    else:
        local = maskwords.free(taken, site)
    return masks.get(db, account, masks.add(db, world.clock, account, place.id, local, site, _line(note)))


def change(
    world: World, account: int, id: int, *, on: bool | None = None, site: str | None = None, note: str | None = None, by: str,
) -> Mask:
    """Switch a mask on or off, or note something else about it; NotFound.  Mail to one that is off is refused."""
    def change(db: Connection) -> Mask:
        state: State | None = None if on is None else "on" if on else "off"
        masks.change(db, account, id, state=state, site=None if site is None else _line(site), note=None if note is None else _line(note))
        return masks.get(db, account, id)
    return adopt(world, by, f"changed the masked address {id} of account {named(world, account)}", change)


def remove(world: World, account: int, id: int, *, by: str) -> None:
    """Refuse mail to it for good; NotFound.  Nobody gets that address again."""
    adopt(world, by, f"removed the masked address {id} of account {named(world, account)}",
          lambda db: masks.change(db, account, id, state="gone"))


def find(world: World, account: int, text: str) -> Mask:
    """The mask that a person means by its address or id; NotFound."""
    wanted = text.strip().lower()
    for seen in all_masks(world, account):
        if wanted in (str(seen.mask.id), seen.mask.address.ascii, str(seen.mask.address)):
            return seen.mask
    raise NotFound(f"the account has no masked address {text!r}")


# --- keys ------------------------------------------------------------------------------------


def keys(world: World, account: int) -> list[Key]:
    """The keys of an account."""
    return world.store.read(lambda db: masks.keys(db, account))


def add_key(world: World, account: int, label: str, *, by: str) -> str:
    """A new key; it is shown now and never again.  UserError if there are too many."""
    secret, called = PREFIX + secret_text(), _line(label) or "password manager"

    def change(db: Connection) -> str:
        if len(masks.keys(db, account)) >= LIMITS.mask_keys:
            raise UserError(f"an account can have {LIMITS.mask_keys} keys, no more; remove one that is no longer used")
        masks.add_key(db, world.clock, account, called, secret)
        return secret
    return adopt(world, by, f"made a key for masked addresses of account {named(world, account)}", change)


def remove_key(world: World, account: int, id: int, *, by: str) -> None:
    """Let a key open nothing any more; NotFound."""
    adopt(world, by, f"removed the key {id} for masked addresses of account {named(world, account)}",
          lambda db: masks.remove_key(db, account, id))


def holder(world: World, secret: str) -> tuple[int, int] | None:
    """Key and account that a secret opens; None if it opens nothing."""
    if not secret.startswith(PREFIX) or len(secret) > 100:
        return None
    return world.store.read(lambda db: masks.holder(db, secret))


def suffix_mark(world: World, account: int, suffix: str) -> str:
    """A suffix as a program has to send it back, so that we know that we offered it."""
    key = world.store.read(lambda db: bytes(accounts.return_path_key(db)))
    return f"{suffix}.{hashlib.blake2s(f'{account} {suffix}'.encode(), key=key, digest_size=12).hexdigest()}"


# --- the administrator's -----------------------------------------------------------------------


def domain_choices(world: World) -> list[tuple[Domain, bool]]:
    """Each domain, and whether masks may be made there."""
    return world.store.read(lambda db: [(row.domain, masks.allowed(db, row.id)) for row in domains.all(db)])


def allow(world: World, domain: str, yes: bool, *, by: str) -> None:
    """Let masks be made at a domain, or not; NotFound."""
    def change(db: Connection) -> None:
        try:
            row = domains.get(db, Domain.parse(domain.strip()))
        except BadName:
            row = None
        if row is None:
            raise NotFound(f"there is no domain {domain} here")
        masks.allow(db, row.id, yes)
    adopt(world, by, f"{'allowed' if yes else 'forbade'} masked addresses at {domain}", change)


def set_limit(world: World, account: int, most: int | None, *, by: str) -> None:
    """How many masks an account may have; None: as everybody."""
    if most is not None and most < 0:
        raise UserError("a limit is a number, 0 for none at all")
    adopt(world, by, f"set the limit of masked addresses of account {named(world, account)}", lambda db: masks.set_limit(db, account, most))


def _domains(db: Connection, account: int) -> list[domains.DomainRow]:
    """Where the account may have masks, in the order of its addresses."""
    found: dict[int, domains.DomainRow] = {}
    for one in accounts.addresses(db, account):
        row = domains.get(db, one.address.domain)
        if row is not None and row.enabled and masks.allowed(db, row.id):
            found[row.id] = row
    return list(found.values())


def _taken(db: Connection, address: Address, separator: str) -> bool:
    """Whether somebody has or had the address, or would have it without its suffix."""
    reserved = address.localpart in POSTMASTERS or bool(separator and separator in address.localpart)
    return reserved or accounts.is_taken(db, address)


def _local(text: str) -> str:
    """A local part that a person chose; UserError."""
    local = text.strip().lower()
    if not 1 <= len(local) <= 64 or not all(char.isascii() and (char.isalnum() or char in ".-_") for char in local) \
            or local[0] in ".-" or local[-1] in ".-" or ".." in local:
        raise UserError(f"{text!r} cannot stand before the @: it takes a to z, digits, and . - _ between them")
    return local


def _line(text: str) -> str:
    return typed.one_line(text, NOTE, "a site or note")
