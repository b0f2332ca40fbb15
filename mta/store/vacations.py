"""What accounts answer by themselves, and whom they have answered.

An answer is remembered in the change that queues it, so a crash can neither repeat it nor
lose it.  source tells the answers of an account apart: 0 is the vacation's, else it is the
id of the rule that answers.

All functions run inside a change of Store.write, or in a question of Store.read.
"""
from dataclasses import astuple, dataclass
from typing import Final

from mta.base.clock import Clock
from mta.base.names import Address
from mta.store.connection import Connection, one, value

VACATION: Final = 0
DAY: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Vacation:
    """The answer of an account while its owner is away.

    first_day and last_day (both included) are as YYYY-MM-DD in zone, "" for no bound;
    begins and ends are what they come to, in seconds since 1970.  subject "" is that of
    the message that is answered.
    """

    enabled: bool = False
    first_day: str = ""
    last_day: str = ""
    zone: str = "UTC"
    begins: float | None = None
    ends: float | None = None
    subject: str = ""
    text: str = ""

    def active(self, now: float) -> bool:
        """Whether mail that comes now is answered."""
        return self.enabled and (self.begins is None or self.begins <= now) and (self.ends is None or now < self.ends)


COLUMNS: Final = "enabled, first_day, last_day, zone, begins, ends, subject, text"


def get(db: Connection, account_id: int) -> Vacation:
    """What the account wants answered; nothing if it never said."""
    row = one(db, f"SELECT {COLUMNS} FROM vacation WHERE account_id = ?", (account_id,))
    return Vacation() if row is None else Vacation(bool(row[0]), *row[1:])


def put(db: Connection, account_id: int, wanted: Vacation) -> None:
    """From now on this; a vacation that begins anew answers everybody anew."""
    before = get(db, account_id)
    values = astuple(wanted)
    db.execute(f"INSERT OR REPLACE INTO vacation (account_id, {COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
               (account_id, int(wanted.enabled), *values[1:]))
    if wanted.enabled and not before.enabled:
        db.execute("DELETE FROM automatic_answer WHERE account_id = ? AND source = ?", (account_id, VACATION))


def answered(db: Connection, clock: Clock, account_id: int, source: int, address: Address, within: float) -> bool:
    """Whether that address had this answer less than so many seconds ago."""
    at = value(db, "SELECT at FROM automatic_answer WHERE account_id = ? AND source = ? AND address = ?",
               (account_id, source, _key(address)))
    return at is not None and clock.timestamp() - at < within


def answers_of_a_day(db: Connection, clock: Clock, account_id: int) -> int:
    """How many addresses the account answered by itself within 24 hours."""
    return int(value(db, "SELECT count(*) FROM automatic_answer WHERE account_id = ? AND at > ?",
                     (account_id, clock.timestamp() - DAY), 0))


def remember(db: Connection, clock: Clock, account_id: int, source: int, address: Address) -> None:
    """An answer is being queued."""
    db.execute("INSERT OR REPLACE INTO automatic_answer (account_id, source, address, at) VALUES (?, ?, ?, ?)",
               (account_id, source, _key(address), clock.timestamp()))


def prune(db: Connection, clock: Clock, age: float, limit: int) -> int:
    """Forget up to limit answers that are older than age seconds; how many."""
    db.execute("DELETE FROM automatic_answer WHERE (account_id, source, address) IN "
               "(SELECT account_id, source, address FROM automatic_answer WHERE at < ? LIMIT ?)", (clock.timestamp() - age, limit))
    return db.changes()


def _key(address: Address) -> str:
    return address.ascii.lower()
