"""Types of what guards accounts, for the administrator."""
from msgspec import Struct

from web.api.proving import AppPassword, Frozen, SignIn, TwoFactor


class AccountGuard(Struct, frozen=True):
    """How an account signs in, and whether it may send; `sign_ins` are the latest."""

    frozen: Frozen | None
    two_factor: TwoFactor
    app_passwords: list[AppPassword]
    sign_ins: list[SignIn]
