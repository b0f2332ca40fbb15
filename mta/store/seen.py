"""How an account's mail was last seen to travel to a domain, for who writes there again.

A fact of the other server, but kept for each account that wrote there: what is shown to one
must not tell it whom others write to.  Goes with the account, and by itself when nothing
was sent there for long.
"""
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

from mta.base.clock import Clock
from mta.base.names import Domain
from mta.secure.protection import Seen
from mta.store.connection import Connection

#: Seconds for which what was seen and has not changed need not be written again.
FRESH: Final = 86_400.0
COLUMNS: Final = "domain, starttls, verified, requiretls, at, mtasts, dnssec, dane"


def news_to(db: Connection, account_ids: Iterable[int], seen: Seen) -> list[int]:
    """Those accounts for which note() would write something: a question only, to be asked before a change is begun."""
    return [account for account in dict.fromkeys(account_ids) if not _known(of(db, account, [seen.domain]), seen)]


def note(db: Connection, account_ids: Iterable[int], seen: Seen) -> None:
    """Remember what was seen of a domain, for the accounts whose mail was on its way there; those that are gone are passed over."""
    for account in news_to(db, account_ids, seen):
        db.execute(
            f"INSERT OR REPLACE INTO recipient_tls (account_id, {COLUMNS}) SELECT id, ?, ?, ?, ?, ?, ?, ?, ? FROM account WHERE id = ?",
            (seen.domain.ascii, seen.starttls, seen.verified, seen.requiretls, seen.at, seen.mtasts, seen.dnssec, seen.dane, account))


def renew(db: Connection, seen: Seen) -> None:
    """Remember what was just seen of a domain, for all accounts that know it."""
    db.execute("UPDATE recipient_tls SET starttls = ?, verified = ?, requiretls = ?, at = ?, mtasts = ?, dnssec = ?, dane = ? "
               "WHERE domain = ? AND at <= ?",
               (seen.starttls, seen.verified, seen.requiretls, seen.at, seen.mtasts, seen.dnssec, seen.dane, seen.domain.ascii, seen.at))


def all(db: Connection, text: str, limit: int) -> list[tuple[Seen, int]]:
    """What is known of domains with text in their name, by name: what was seen last, and how many accounts have written there."""
    return [(_seen(row), accounts) for *row, accounts in db.execute(
        # The other columns are those of the row with the latest time: SQLite promises that for max().
        "SELECT domain, starttls, verified, requiretls, max(at), mtasts, dnssec, dane, count(*) FROM recipient_tls "
        "WHERE instr(domain, ?) GROUP BY domain ORDER BY domain LIMIT ?", (text, limit))]


def of(db: Connection, account_id: int, domains: Iterable[Domain]) -> dict[Domain, Seen]:
    """What is known of these domains, as far as the account has sent mail there."""
    found = {}
    for domain in domains:
        for row in db.execute(f"SELECT {COLUMNS} FROM recipient_tls WHERE account_id = ? AND domain = ?", (account_id, domain.ascii)):
            found[domain] = _seen(row)
    return found


def domains(db: Connection, account_id: int, limit: int) -> list[Domain]:
    """Where mail of the account went, latest first."""
    return [Domain(name) for name, in db.execute(
        "SELECT domain FROM recipient_tls WHERE account_id = ? ORDER BY at DESC LIMIT ?", (account_id, limit))]


def prune(db: Connection, clock: Clock, age: float, most: int, limit: int) -> int:
    """Forget up to limit rows: what was not seen for age seconds, then, of accounts with over most domains, the oldest."""
    db.execute("DELETE FROM recipient_tls WHERE (account_id, domain) IN "
               "(SELECT account_id, domain FROM recipient_tls WHERE at < ? LIMIT ?)", (clock.timestamp() - age, limit))
    gone = db.changes()
    db.execute(
        "DELETE FROM recipient_tls WHERE (account_id, domain) IN (SELECT account_id, domain FROM "
        "(SELECT account_id, domain, row_number() OVER (PARTITION BY account_id ORDER BY at DESC, domain) AS place FROM recipient_tls) "
        "WHERE place > ? LIMIT ?)", (most, limit - gone))
    return gone + db.changes()


def _known(found: dict[Domain, Seen], seen: Seen) -> bool:
    known = found.get(seen.domain)
    return known is not None and replace(known, at=seen.at) == seen and seen.at - known.at < FRESH


def _seen(row: Sequence[Any]) -> Seen:
    domain, starttls, verified, requiretls, at, *others = row
    mtasts, dnssec, dane = (None if one is None else bool(one) for one in others)
    return Seen(Domain(domain), bool(starttls), verified, bool(requiretls), at, mtasts, dnssec, dane)
