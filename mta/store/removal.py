"""Accounts that were removed and are kept for some time: a mark on their row, which mta.store.accounts respects."""
from mta.base.clock import Clock
from mta.base.errors import NotFound
from mta.store import accounts
from mta.store.accounts import AccountRow
from mta.store.connection import Connection


def removed(db: Connection) -> list[tuple[AccountRow, float]]:
    """Accounts that were removed and are still kept, and since when (seconds since 1970), by name."""
    since = dict(db.execute("SELECT id, removed FROM account WHERE removed IS NOT NULL"))
    return [(row, since[row.id]) for row in accounts.select(db, "WHERE removed IS NOT NULL ORDER BY name")]


def put_away(db: Connection, clock: Clock, id: int) -> None:
    """Remove the account for people: nobody signs in or writes to it, but all of it stays, and so do its addresses.  NotFound."""
    if accounts.get(db, id) is None:
        raise NotFound(f"there is no account {id}")
    db.execute("UPDATE account SET removed = ? WHERE id = ?", (clock.timestamp(), id))
    db.execute("DELETE FROM web_session WHERE account_id = ?", (id,))
    db.touched |= {"web", "imap"}


def bring_back(db: Connection, id: int) -> None:
    """The account is there again, as it was; NotFound if it was not removed."""
    db.execute("UPDATE account SET removed = NULL WHERE id = ? AND removed IS NOT NULL", (id,))
    if not db.changes():
        raise NotFound(f"no account {id} was removed")
    db.touched |= {"web", "imap", "reporter"}
