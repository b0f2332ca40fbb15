"""Types of what the administrator decides about masked addresses."""
from msgspec import Struct

from web.api.whole import Whole


class MaskDomain(Struct, frozen=True):
    """A domain, and whether masked addresses may be made there."""

    domain: str
    allowed: bool


class MaskAccount(Struct, frozen=True):
    """How many an account has, and may have."""

    account: str
    used: Whole
    most: Whole


class MaskRules(Struct, frozen=True):
    """All domains, all accounts."""

    domains: list[MaskDomain]
    accounts: list[MaskAccount]
