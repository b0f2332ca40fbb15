"""Types about how people prove who they are: app passwords, two-factor sign-in, sign-ins."""
from typing import Literal

from msgspec import Struct

from web.api.whole import Whole

#: What an app password can be good for.
Scope = Literal["imap", "smtp", "webmail"]


class AppPassword(Struct, frozen=True):
    """A password of one program; `expires` null is never, `used` null not yet; `used_from` is an IP address."""

    id: Whole
    label: str
    scopes: list[Scope]
    created: float
    expires: float | None
    expired: bool
    used: float | None
    used_from: str
    used_for: str


class NewAppPassword(Struct, frozen=True):
    """An app password that was just made, which is never shown again, and all of them."""

    password: str
    all: list[AppPassword]


class TwoFactor(Struct, frozen=True):
    """Whether signing in takes a code, since when, and how many recovery codes are left."""

    on: bool
    since: float | None
    codes: Whole


class Enrolment(Struct, frozen=True):
    """What an authenticator needs: a QR code (SVG), or the same `secret` for people who type."""

    picture: str
    secret: str


class Frozen(Struct, frozen=True):
    """An account cannot send since then; `waiting` of its recipients wait in the queue."""

    since: float
    reason: str
    by: str
    waiting: Whole


class SignIn(Struct, frozen=True):
    """Somebody signed in, or tried to: `outcome` is "ok" or why not; the same in an hour is `times` of one.

    `account` is "" for nobody of ours, `new_place`: the account had not signed in from this network
    (`place`) before; `app_password` is the label of the one that was used.
    """

    id: Whole
    first: float
    latest: float
    times: Whole
    account: str
    name: str
    outcome: str
    service: str
    ip: str
    place: str
    new_place: bool
    agent: str
    app_password: str
    trace: str
