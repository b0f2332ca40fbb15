"""Second factors: the secret that an authenticator shares with us, and recovery codes.

The secret has to be kept as it is, since codes are reckoned from it; of recovery codes
there are hashes.  account_id None is the administrator.  All functions run inside a
change of Store.write, or in a question of Store.read.
"""
from collections.abc import Iterable
from dataclasses import dataclass

from mta.base import totp
from mta.base.clock import Clock
from mta.store.connection import Connection, one, value


@dataclass(frozen=True, slots=True)
class TwoFactor:
    """One second factor; confirmed None: its secret was shown, but it does not count yet.  codes are recovery codes left."""

    id: int
    secret: bytes
    created: float
    confirmed: float | None
    step: int
    codes: int


def get(db: Connection, account_id: int | None) -> TwoFactor | None:
    """The second factor of an account, confirmed or not."""
    row = one(db, """
        SELECT id, secret, created, confirmed, step,
               (SELECT count(*) FROM recovery_code WHERE two_factor_id = two_factor.id AND used IS NULL)
          FROM two_factor WHERE account_id IS ?""", (account_id,))
    return None if row is None else TwoFactor(*row)


def is_on(db: Connection, account_id: int | None) -> bool:
    """Whether signing in takes a code."""
    return value(db, "SELECT 1 FROM two_factor WHERE account_id IS ? AND confirmed IS NOT NULL", (account_id,)) is not None


def all_on(db: Connection) -> set[int | None]:
    """Who has one that counts."""
    return {row[0] for row in db.execute("SELECT account_id FROM two_factor WHERE confirmed IS NOT NULL")}


def begin(db: Connection, clock: Clock, account_id: int | None, secret: bytes) -> None:
    """Keep a new secret until a code of it comes back; one that was begun before is forgotten, one that counts must not be there."""
    db.execute("DELETE FROM two_factor WHERE account_id IS ? AND confirmed IS NULL", (account_id,))
    db.execute("INSERT INTO two_factor (account_id, secret, created) VALUES (?, ?, ?)", (account_id, secret, clock.timestamp()))


def confirm(db: Connection, clock: Clock, factor: TwoFactor, step: int, codes: Iterable[str]) -> None:
    """It counts from now on; step is the one whose code proved it, codes are the recovery codes."""
    db.execute("UPDATE two_factor SET confirmed = ?, step = ? WHERE id = ?", (clock.timestamp(), step, factor.id))
    renew_codes(db, factor.id, codes)


def renew_codes(db: Connection, id: int, codes: Iterable[str]) -> None:
    """These recovery codes are good from now on, and no others."""
    db.execute("DELETE FROM recovery_code WHERE two_factor_id = ?", (id,))
    db.executemany("INSERT INTO recovery_code (two_factor_id, code) VALUES (?, ?)", ((id, totp.recovery_hash(code)) for code in codes))


def use(db: Connection, clock: Clock, account_id: int | None, code: str) -> str:
    """Use up a code: "code", "recovery code", or "" if it is none that counts (any more)."""
    factor = get(db, account_id)
    if factor is None or factor.confirmed is None:
        return ""
    step = totp.matching(factor.secret, code, clock.timestamp(), factor.step)
    if step is not None:
        db.execute("UPDATE two_factor SET step = ? WHERE id = ? AND step < ?", (step, factor.id, step))
        return "code" if db.changes() else ""
    db.execute("UPDATE recovery_code SET used = ? WHERE two_factor_id = ? AND code = ? AND used IS NULL",
               (clock.timestamp(), factor.id, totp.recovery_hash(code)))
    return "recovery code" if db.changes() else ""


def remove(db: Connection, account_id: int | None) -> bool:
    """No second factor any more; False if there was none."""
    db.execute("DELETE FROM two_factor WHERE account_id IS ?", (account_id,))
    return bool(db.changes())
