"""Browsers that are told of new mail, and what each is still to be told.

What waits is a count and the newest message, not a row for each: a browser that cannot be
reached makes nothing grow, and many messages at once are one notice.  A browser is claimed
while a notice is under way; what comes meanwhile is told with the next.

All functions run inside a change of Store.write, or in a question of Store.read.
"""
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mta.base.clock import Clock
from mta.base.errors import NotFound
from mta.base.limits import LIMITS
from mta.store import leases
from mta.store.connection import Connection, one, value

#: The setting with our own key: its public half is what browsers bind their subscriptions to.
KEY: Final = "push_key"


@dataclass(frozen=True, slots=True)
class BrowserRow:
    """One browser: endpoint, key and secret are what it gave; used, failed, failures and failure tell of notices to it."""

    id: int
    account_id: int
    session_id: int
    endpoint: str
    key: bytes
    secret: bytes
    agent: str
    created: float
    used: float | None
    failed: float | None
    failure: str
    failures: int


@dataclass(frozen=True, slots=True)
class Notice:
    """A browser that is to be told of so many messages, message being the newest; attempts counts those made already."""

    browser: BrowserRow
    messages: int
    message: int
    attempts: int


COLUMNS: Final = "id, account_id, session_id, endpoint, key, secret, agent, created, used, failed, failure, failures"


# --- our own key -----------------------------------------------------------------------------


def key(db: Connection) -> bytes | None:
    """The private number of our key; None before it was made."""
    found = value(db, "SELECT value FROM setting WHERE name = ?", (KEY,))
    return None if found is None else bytes(found)


def keep_key(db: Connection, made: bytes) -> bytes:
    """Keep a key unless there is one; gives the one that is kept."""
    db.execute("INSERT OR IGNORE INTO setting (name, value) VALUES (?, ?)", (KEY, made))
    return bytes(value(db, "SELECT value FROM setting WHERE name = ?", (KEY,)))


# --- browsers ----------------------------------------------------------------------------------


def all(db: Connection, account_id: int) -> list[BrowserRow]:
    """The browsers of an account, in the order they came."""
    return list(_rows(db, "WHERE account_id = ? ORDER BY id", (account_id,)))


def everybody(db: Connection) -> list[BrowserRow]:
    """The browsers of all accounts."""
    return list(_rows(db, "ORDER BY account_id, id", ()))


def get(db: Connection, account_id: int, id: int) -> BrowserRow:
    """One of them; NotFound."""
    row = next(_rows(db, "WHERE id = ? AND account_id = ?", (id, account_id)), None)
    if row is None:
        raise NotFound(f"there is no browser {id}")
    return row


def find(db: Connection, account_id: int, endpoint: str) -> BrowserRow | None:
    """The account's browser with this endpoint."""
    return next(_rows(db, "WHERE endpoint = ? AND account_id = ?", (endpoint, account_id)), None)


def add(db: Connection, clock: Clock, account_id: int, session_id: int, endpoint: str, key: bytes, secret: bytes, agent: str) -> int:
    """A browser; its id.  Whatever had its endpoint before, or belonged to the session, makes room, and so do those beyond the most."""
    db.execute("DELETE FROM push_subscription WHERE endpoint = ? OR session_id = ?", (endpoint, session_id))
    db.execute("""
        DELETE FROM push_subscription WHERE id IN (
            SELECT id FROM push_subscription WHERE account_id = ? ORDER BY coalesce(used, created) DESC LIMIT -1 OFFSET ?)""",
        (account_id, LIMITS.push_browsers - 1))
    db.execute("""
        INSERT INTO push_subscription (account_id, session_id, endpoint, key, secret, agent, created, failure)
        VALUES (?, ?, ?, ?, ?, ?, ?, '')""", (account_id, session_id, endpoint, key, secret, agent[:200], clock.timestamp()))
    return db.last_insert_rowid()


def renew(db: Connection, id: int, endpoint: str, key: bytes, secret: bytes) -> None:
    """The browser has a new endpoint."""
    db.execute("DELETE FROM push_subscription WHERE endpoint = ? AND id != ?", (endpoint, id))
    db.execute("UPDATE push_subscription SET endpoint = ?, key = ?, secret = ?, failures = 0 WHERE id = ?", (endpoint, key, secret, id))


def remove(db: Connection, account_id: int, id: int) -> None:
    """Tell a browser nothing more; NotFound."""
    db.execute("DELETE FROM push_subscription WHERE id = ? AND account_id = ?", (id, account_id))
    if not db.changes():
        raise NotFound(f"there is no browser {id}")


def forget(db: Connection, row: BrowserRow) -> None:
    """The same for one whose service says that it is gone; not if it was renewed meanwhile."""
    db.execute("DELETE FROM push_subscription WHERE id = ? AND endpoint = ?", (row.id, row.endpoint))


# --- notices -----------------------------------------------------------------------------------


def wanted(db: Connection, account_id: int) -> bool:
    """Whether any browser of the account is to be told; the usual answer is no, and costs a look into an index."""
    return value(db, "SELECT 1 FROM push_subscription WHERE account_id = ? LIMIT 1", (account_id,)) is not None


def note(db: Connection, clock: Clock, account_id: int, message: int) -> None:
    """A message came: tell every browser of the account, at once or when its last notice is LIMITS.push_gather old."""
    # Nothing is due later than it can be by this clock: one that was wrong, far ahead, would keep a browser silent until then.
    db.execute("""
        UPDATE push_subscription SET messages = messages + 1, message_id = ?1,
               due = coalesce(min(due, ?2 + ?3), max(?2, min(coalesce(used, 0), ?2) + ?4 * (used IS NOT NULL)))
         WHERE account_id = ?5""", (message, clock.timestamp(), LIMITS.push_pause_most, LIMITS.push_gather, account_id))
    if db.changes():
        db.touched.add("reporter")


def next_due(db: Connection) -> float | None:
    """When the next browser is to be told (perhaps long ago), or None."""
    return value(db, "SELECT min(max(due, coalesce(claimed_until, 0))) FROM push_subscription WHERE due IS NOT NULL")  # type: ignore[no-any-return]  # a REAL


def claim(db: Connection, clock: Clock, owner: str) -> Notice | None:
    """Take the browser that has waited longest, to be told now; end it with told(), again() or failed().

    One whose session has ended, or whose account is switched off, is told nothing and forgotten.
    """
    now = clock.timestamp()
    db.execute("""
        DELETE FROM push_subscription WHERE due <= ?1 AND (
            session_id IN (SELECT id FROM web_session WHERE expires <= ?1 OR credential_id IN (
                SELECT credential_id FROM app_password WHERE expires <= ?1))
            OR account_id IN (SELECT id FROM account WHERE NOT enabled OR removed IS NOT NULL))""", (now,))
    row = one(db, f"""
        SELECT messages, message_id, attempts, {COLUMNS} FROM push_subscription
         WHERE due <= ?1 AND coalesce(claimed_until, 0) <= ?1 ORDER BY due, id LIMIT 1""", (now,))
    if row is None:
        return None
    messages, message, attempts, *browser = row
    db.execute("UPDATE push_subscription SET claimed_by = ?, claimed_until = ? WHERE id = ?", (owner, leases.until(clock), browser[0]))
    return Notice(BrowserRow(*browser), messages, message, attempts)


def told(db: Connection, clock: Clock, notice: Notice, owner: str) -> None:
    """Its service took it; what came since is due a little later."""
    now = clock.timestamp()
    db.execute("UPDATE push_subscription SET used = ?, failures = 0 WHERE id = ?", (now, notice.browser.id))
    _end(db, notice, owner, now + LIMITS.push_gather)


def needless(db: Connection, clock: Clock, notice: Notice, owner: str) -> None:
    """There was nothing to tell any more; what came since is due."""
    _end(db, notice, owner, clock.timestamp())


def again(db: Connection, clock: Clock, notice: Notice, owner: str, pause: float, problem: str) -> None:
    """Try it once more after so many seconds."""
    now = clock.timestamp()
    db.execute("""
        UPDATE push_subscription SET attempts = attempts + 1, due = ?, failed = ?, failure = ?, claimed_by = NULL, claimed_until = NULL
         WHERE id = ? AND claimed_by = ?""", (now + pause, now, problem, notice.browser.id, owner))


def failed(db: Connection, clock: Clock, notice: Notice, owner: str, problem: str) -> bool:
    """It is not told; true if that was once too often, and the browser is forgotten."""
    now = clock.timestamp()
    db.execute("UPDATE push_subscription SET failed = ?, failure = ?, failures = failures + 1 WHERE id = ?",
               (now, problem, notice.browser.id))
    _end(db, notice, owner, now + LIMITS.push_gather)
    db.execute("DELETE FROM push_subscription WHERE id = ? AND failures >= ?", (notice.browser.id, LIMITS.push_failures))
    return db.changes() > 0


def tried(db: Connection, clock: Clock, id: int, problem: str) -> None:
    """What came of a notice that somebody asked for, to see whether it works: "" if it was taken."""
    now = clock.timestamp()
    if problem:
        db.execute("UPDATE push_subscription SET failed = ?, failure = ? WHERE id = ?", (now, problem, id))
    else:
        db.execute("UPDATE push_subscription SET used = ?, failures = 0 WHERE id = ?", (now, id))


def release_all(db: Connection, role: str) -> int:
    """Give back what dead incarnations of role held; returns how many rows."""
    return leases.release_all(db, "push_subscription", role)


def _end(db: Connection, notice: Notice, owner: str, due: float) -> None:
    """Give the browser back; what the notice told is told, anything that came since is due then."""
    db.execute("""
        UPDATE push_subscription SET messages = max(0, messages - ?1), due = CASE WHEN messages > ?1 THEN ?2 END, attempts = 0,
               claimed_by = NULL, claimed_until = NULL WHERE id = ?3 AND claimed_by = ?4""",
        (notice.messages, due, notice.browser.id, owner))


def _rows(db: Connection, where: str, given: tuple[object, ...]) -> Iterator[BrowserRow]:
    return (BrowserRow(*row) for row in db.execute(f"SELECT {COLUMNS} FROM push_subscription {where}", given))
