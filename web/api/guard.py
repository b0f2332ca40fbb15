"""Types of what guards accounts, for the administrator."""
from msgspec import Struct

from web.api.proving import AppPassword, SignIn, TwoFactor


class AccountGuard(Struct, frozen=True):
    """How an account signs in; `sign_ins` are the latest."""

    two_factor: TwoFactor
    app_passwords: list[AppPassword]
    sign_ins: list[SignIn]
