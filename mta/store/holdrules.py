"""Rules that hold mail in the queue until somebody releases it.

A rule fits what agrees with all that it names.  Account and domains are looked at when mail
is queued, the host when its mail hosts are known, before one is asked.  Taking a rule away
releases nothing.
"""
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from mta.base.clock import Clock
from mta.base.errors import Conflict, NotFound, UserError
from mta.base.limits import LIMITS
from mta.base.names import Address
from mta.store.connection import Connection, value

COLUMNS: Final = "id, account_id, sender_domain, recipient_domain, host, reason, created, by"


@dataclass(frozen=True, slots=True)
class HoldRule:
    """One rule; None and "" name nothing, domains are A-labels, host is a name or the end of one."""

    id: int
    account_id: int | None
    sender_domain: str
    recipient_domain: str
    host: str
    reason: str
    created: float
    by: str

    def fits(self, account_id: int | None, sender: Address | None, recipient: Address, hosts: Iterable[str] | None = None) -> bool:
        """Whether mail is to be held; hosts are its mail hosts, None if nobody knows them yet (then a rule with a host does not fit)."""
        if self.account_id is not None and self.account_id != account_id:
            return False
        if self.sender_domain and (sender is None or sender.domain.ascii != self.sender_domain):
            return False
        if self.recipient_domain and recipient.domain.ascii != self.recipient_domain:
            return False
        return not self.host or any(name == self.host or name.endswith(f".{self.host}") for name in hosts or ())


def all(db: Connection) -> list[HoldRule]:
    """Every rule, the oldest first."""
    return [HoldRule(*row) for row in db.execute(f"SELECT {COLUMNS} FROM hold_rule ORDER BY id")]


def add(db: Connection, clock: Clock, rule: HoldRule) -> HoldRule:
    """Keep a rule (its id and time are made here); UserError if it names nothing or there are too many, Conflict if it is there."""
    named = (rule.account_id, rule.sender_domain, rule.recipient_domain, rule.host)
    if not any(named):
        raise UserError("a rule names an account, a sender's domain, a recipient's domain or a mail host")
    there = all(db)
    if any((one.account_id, one.sender_domain, one.recipient_domain, one.host) == named for one in there):
        raise Conflict("there is a rule that says the same")
    if len(there) >= LIMITS.hold_rules:
        raise UserError(f"there are {len(there)} rules already; remove one that is not needed any more")
    db.execute("INSERT INTO hold_rule (account_id, sender_domain, recipient_domain, host, reason, created, by) "
               "VALUES (?, ?, ?, ?, ?, ?, ?)", (*named, rule.reason, clock.timestamp(), rule.by))
    made = value(db, "SELECT max(id) FROM hold_rule")
    return next(one for one in all(db) if one.id == made)


def remove(db: Connection, id: int) -> None:
    """Forget a rule; NotFound."""
    db.execute("DELETE FROM hold_rule WHERE id = ?", (id,))
    if not db.changes():
        raise NotFound(f"there is no rule {id}; the list of hold rules has their numbers")
