"""Two-factor sign-in of an account or the administrator: begun, confirmed, and switched off again.

A secret counts only when a code of it has come back, so nobody locks themselves out by
closing the page.  While it is being set up the secret can be seen again; once it counts,
never.  account None is the administrator.
"""
from dataclasses import dataclass

from mta.base import totp
from mta.base.errors import Conflict, UserError
from mta.base.limits import LIMITS
from mta.base.tokens import secret_octets
from mta.flow.accountnames import named
from mta.flow.settings import adopt
from mta.flow.world import World
from mta.store import credentials, twofactors
from mta.store.connection import Connection


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether it counts, since when, and how many recovery codes are left."""

    on: bool
    since: float | None
    codes: int


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator needs: an address for a picture, and the same secret for people who type."""

    address: str
    secret: str


def standing(world: World, account: int | None) -> Standing:
    """How it stands."""
    factor = world.store.read(lambda db: twofactors.get(db, account))
    if factor is None or factor.confirmed is None:
        return Standing(False, None, 0)
    return Standing(True, factor.confirmed, factor.codes)


def begin(world: World, account: int | None, name: str) -> Enrolment:
    """A new secret, which does not count yet; Conflict if one does already."""
    secret = secret_octets(totp.SECRET_OCTETS)

    def change(db: Connection) -> None:
        if twofactors.is_on(db, account):
            raise Conflict("two-factor sign-in is on already; switch it off first to set up another telephone")
        twofactors.begin(db, world.clock, account, secret)

    world.store.write_now(change)
    return Enrolment(totp.address(secret, name, world.config.hostname.unicode), totp.secret_text(secret))


def confirm(world: World, account: int | None, code: str, *, keep: int | None = None, by: str) -> list[str]:
    """It counts from now on, if code is one of the new secret; the recovery codes, which are nowhere afterwards.

    All other sessions end (keep is the id of the one that asks), since they began without it.
    """
    codes = [totp.new_recovery_code() for _ in range(LIMITS.recovery_codes)]

    def change(db: Connection) -> None:
        factor = twofactors.get(db, account)
        if factor is None:
            raise Conflict("begin with a new picture: the one that was shown does not count any more")
        if factor.confirmed is not None:
            raise Conflict("two-factor sign-in is on already")
        step = totp.matching(factor.secret, code[:LIMITS.kept_text], world.clock.timestamp(), factor.step)
        if step is None:
            raise UserError("that is not the code that the authenticator shows now; is the telephone's clock right?")
        twofactors.confirm(db, world.clock, factor, step, codes)
        for row in credentials.sessions(db, world.clock, account):
            if row.id != keep and row.credential_id is None:
                credentials.end_session(db, account, row.id)

    adopt(world, by, f"switched two-factor sign-in of {_whom(world, account)} on", change)
    return codes


def renew_codes(world: World, account: int | None, *, by: str) -> list[str]:
    """New recovery codes, in place of all that there were; Conflict if it is off."""
    codes = [totp.new_recovery_code() for _ in range(LIMITS.recovery_codes)]

    def change(db: Connection) -> None:
        factor = twofactors.get(db, account)
        if factor is None or factor.confirmed is None:
            raise Conflict("two-factor sign-in is off")
        twofactors.renew_codes(db, factor.id, codes)

    adopt(world, by, f"made new recovery codes of {_whom(world, account)}", change)
    return codes


def switch_off(world: World, account: int | None, *, by: str) -> None:
    """The password alone signs in again; Conflict if it is off.  Whoever asks has been made to prove who they are before."""
    def change(db: Connection) -> None:
        if not twofactors.remove(db, account):
            raise Conflict("two-factor sign-in is off already")

    adopt(world, by, f"switched two-factor sign-in of {_whom(world, account)} off", change)


def _whom(world: World, account: int | None) -> str:
    return "the administrator" if account is None else f"account {named(world, account)}"
