"""How an account proves who it is, taken out of one database and put into another: passwords, what they are good for, second factor.

For an account that is brought back from a backup: it must not come back with less to
prove than it had.  Functions run inside a question of Store.read and a change of
Store.write.
"""
from dataclasses import dataclass

from mta.store.connection import Connection, one

#: Values of a row as they are, in the order of the columns named beside them.
Row = tuple[object, ...]

CREDENTIAL = "kind, label, salt, iterations, stored_key, server_key, created, used"
APP_PASSWORD = "imap, smtp, webmail, expires, used_from, used_for"
TWO_FACTOR = "secret, created, confirmed, step"


@dataclass(frozen=True, slots=True)
class Proofs:
    """The passwords, each with what an app password is good for (else None); the second factor, or None; its recovery codes."""

    passwords: tuple[tuple[Row, Row | None], ...]
    factor: Row | None
    codes: tuple[Row, ...]


def take(db: Connection, account_id: int) -> Proofs:
    """Those of an account."""
    passwords = [
        (row, one(db, f"SELECT {APP_PASSWORD} FROM app_password WHERE credential_id = ?", (id,)))
        for id, *row in db.execute(f"SELECT id, {CREDENTIAL} FROM credential WHERE account_id = ? ORDER BY id", (account_id,)).fetchall()]
    factor = one(db, f"SELECT {TWO_FACTOR} FROM two_factor WHERE account_id = ?", (account_id,))
    codes = db.execute("SELECT code, used FROM recovery_code JOIN two_factor ON two_factor.id = two_factor_id WHERE account_id = ?",
                       (account_id,)).fetchall()
    return Proofs(tuple((tuple(row), good_for) for row, good_for in passwords), factor, tuple(codes))


def put(db: Connection, account_id: int, proofs: Proofs) -> None:
    """Give them to an account that has none yet."""
    for row, good_for in proofs.passwords:
        db.execute(f"INSERT INTO credential (account_id, {CREDENTIAL}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (account_id, *row))
        if good_for is not None:
            db.execute(f"INSERT INTO app_password (credential_id, {APP_PASSWORD}) VALUES (?, ?, ?, ?, ?, ?, ?)",
                       (db.last_insert_rowid(), *good_for))
    if proofs.factor is not None:
        db.execute(f"INSERT INTO two_factor (account_id, {TWO_FACTOR}) VALUES (?, ?, ?, ?, ?)", (account_id, *proofs.factor))
        factor_id = db.last_insert_rowid()
        db.executemany("INSERT INTO recovery_code (two_factor_id, code, used) VALUES (?, ?, ?)",
                       ((factor_id, *code) for code in proofs.codes))
