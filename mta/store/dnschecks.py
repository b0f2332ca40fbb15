"""What the DNS of each domain was found to be like, over time: one row as long as nothing changes, so that it stays small."""
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from mta.base.clock import Clock
from mta.store.connection import Connection, one

#: Rows of one domain; the oldest go when there are more.
KEPT: Final = 60
COLUMNS: Final = "id, first, last, errors, warnings, sections"


@dataclass(frozen=True, slots=True)
class CheckRow:
    """What was found from first to last (seconds since 1970): sections are as mta.flow.dnscheck writes them for JSON."""

    id: int
    first: float
    last: float
    errors: int
    warnings: int
    sections: list[dict[str, Any]]


def add(db: Connection, clock: Clock, domain_id: int, sections: Sequence[dict[str, Any]]) -> bool:
    """Remember what was found; True if it differs from the last time.  What was unknown this time changes nothing."""
    digest = hashlib.sha256(json.dumps([
        (part["name"], sorted(part["errors"]), sorted(part["warnings"])) for part in sections]).encode()).hexdigest()
    now = clock.timestamp()
    before = one(db, "SELECT id, digest FROM dns_check WHERE domain_id = ? ORDER BY id DESC LIMIT 1", (domain_id,))
    if before is not None and before[1] == digest:
        db.execute("UPDATE dns_check SET last = ?, sections = ? WHERE id = ?", (now, json.dumps(sections), before[0]))
        return False
    errors, warnings = (sum(len(part[kind]) for part in sections) for kind in ("errors", "warnings"))
    db.execute("INSERT INTO dns_check (domain_id, first, last, digest, errors, warnings, sections) VALUES (?, ?, ?, ?, ?, ?, ?)",
               (domain_id, now, now, digest, errors, warnings, json.dumps(sections)))
    db.execute("DELETE FROM dns_check WHERE domain_id = ?1 AND id NOT IN "
               "(SELECT id FROM dns_check WHERE domain_id = ?1 ORDER BY id DESC LIMIT ?2)", (domain_id, KEPT))
    return True


def history(db: Connection, domain_id: int, limit: int = KEPT) -> list[CheckRow]:
    """What was found, the newest first."""
    return [CheckRow(id, first, last, errors, warnings, json.loads(sections)) for id, first, last, errors, warnings, sections in db.execute(
        f"SELECT {COLUMNS} FROM dns_check WHERE domain_id = ? ORDER BY id DESC LIMIT ?", (domain_id, limit))]


def latest(db: Connection, domain_id: int) -> CheckRow | None:
    """What was found last."""
    return next(iter(history(db, domain_id, 1)), None)
