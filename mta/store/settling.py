"""How far each domain came on its way to a first letter in and out (mta.flow.settling)."""
import json
from typing import Any, Final

from mta.store.connection import Connection, one, value

#: Rows of all mailboxes, back from the newest, among which a letter to a domain is looked for.
RECENT: Final = 2_000
PREFIX: Final = "settling:"


def noted(db: Connection, domain_id: int) -> dict[str, Any]:
    """What was remembered of a domain; empty if nothing."""
    found: dict[str, Any] = json.loads(value(db, "SELECT value FROM setting WHERE name = ?", (f"{PREFIX}{domain_id}",), "{}"))
    return found


def note(db: Connection, domain_id: int, facts: dict[str, Any]) -> None:
    """Remember more of a domain."""
    text = json.dumps({**noted(db, domain_id), **facts})
    db.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (f"{PREFIX}{domain_id}", text))


def forget(db: Connection, domain_id: int) -> None:
    """Remember nothing of a domain any more."""
    db.execute("DELETE FROM setting WHERE name = ?", (f"{PREFIX}{domain_id}",))


def latest_arrival(db: Connection, domain: str) -> tuple[int, int] | None:
    """Account and message of the newest letter that a server brought for an address of domain (A-labels), among the recent ones."""
    row = one(db, """
        SELECT message.account_id, message.id FROM message_detail JOIN message ON message.id = message_detail.message_id
        WHERE message_detail.message_id > (SELECT coalesce(max(message_id), 0) FROM message_detail) - ?1 AND remote_ip <> ''
            AND identity <> x'' AND lower(rcpt_to) LIKE ?2 ESCAPE '\\'
        ORDER BY message_detail.message_id DESC LIMIT 1""", (RECENT, f"%@{_literal(domain)}"))
    return (row[0], row[1]) if row else None


def _literal(text: str) -> str:
    """Text in which nothing stands for anything else in a LIKE."""
    return text.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
