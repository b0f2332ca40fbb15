"""Types of masked addresses."""
from msgspec import Struct

from web.api.whole import Whole


class MaskSender(Struct, frozen=True):
    """Who wrote to a mask; `proven`: the domain stood by that.  `stranger`: it is not the one the mask was made for."""

    domain: str
    proven: bool
    first: float
    latest: float
    messages: Whole
    stranger: bool


class Mask(Struct, frozen=True):
    """A masked address; mail to one that is not `on` is refused.  `received` and `sent` count messages."""

    id: Whole
    address: str
    site: str
    note: str
    created: float
    on: bool
    received: Whole
    sent: Whole
    latest: float | None
    senders: list[MaskSender]


class MaskKey(Struct, frozen=True):
    """A key of a password manager."""

    id: Whole
    label: str
    created: float
    used: float | None


class Masks(Struct, frozen=True):
    """All masks of an account, how many it may have, at which `domains`, its keys, and the address that password managers are told.

    `server` is "" if the account's page, and with it what they call, cannot be reached from outside.
    """

    masks: list[Mask]
    most: Whole
    domains: list[str]
    keys: list[MaskKey]
    server: str


class NewMask(Struct, frozen=True):
    """A mask that was just made, and all of them."""

    address: str
    all: Masks


class NewKey(Struct, frozen=True):
    """A key that was just made, which is never shown again, and everything else."""

    secret: str
    all: Masks
