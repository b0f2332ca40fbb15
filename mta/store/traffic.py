"""How much came in, hour by hour: counted afterwards from what is there anyway, so that receiving mail costs nothing more."""
from dataclasses import dataclass
from typing import Final

from mta.base.clock import Clock
from mta.store.connection import Connection, value

HOUR: Final = 3_600
#: Hours that are kept.
KEPT: Final = 35 * 24
#: Steps of the trace that are looked at for one hour: of what is more, the beginning says enough.
LOOKED_AT: Final = 200_000


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour (since 1970 UTC): messages of strangers, and TLS handshakes with us that succeeded and failed."""

    hour: int
    received: int
    encrypted: int
    failed: int


def uncounted(db: Connection, clock: Clock) -> list[int]:
    """The hours that are over and have no row yet, at most a day of them, oldest first."""
    now = int(clock.timestamp() // HOUR)
    latest = value(db, "SELECT max(hour) FROM traffic")
    return list(range(max(now - 24, (latest if latest is not None else now - 2) + 1), now))


def received(db: Connection, hour: int) -> int:
    """Messages of strangers that came in that hour and are still there."""
    return int(value(db, """
        SELECT count(DISTINCT d.trace) FROM mailbox b JOIN message m ON m.mailbox_id = b.id AND m.received >= ?1 AND m.received < ?2
          JOIN message_detail d ON d.message_id = m.id WHERE d.remote_ip != ''""", (float(hour * HOUR), float((hour + 1) * HOUR))) or 0)


def handshakes(db: Connection, hour: int) -> tuple[int, int]:
    """TLS handshakes of that hour, that succeeded and that failed, as trace.db (whose connection db is) tells."""
    [(good, bad)] = db.execute("""
        SELECT coalesce(sum(instr(keys, ' smtp.tls ') > 0), 0), coalesce(sum(instr(keys, ' smtp.tls_failed ') > 0), 0)
          FROM (SELECT keys FROM step WHERE first >= ? AND first < ? LIMIT ?)""", (float(hour * HOUR), float((hour + 1) * HOUR), LOOKED_AT))
    return good, bad


def note(db: Connection, row: Hour) -> None:
    """Keep the numbers of one hour."""
    db.execute("INSERT OR REPLACE INTO traffic (hour, received, encrypted, failed) VALUES (?, ?, ?, ?)",
               (row.hour, row.received, row.encrypted, row.failed))


def listing(db: Connection) -> list[Hour]:
    """All hours that are known, oldest first."""
    return [Hour(*row) for row in db.execute("SELECT hour, received, encrypted, failed FROM traffic ORDER BY hour")]


def prune(db: Connection, clock: Clock, limit: int) -> int:
    """Forget up to limit hours that are too old to tell what is usual."""
    db.execute("DELETE FROM traffic WHERE hour IN (SELECT hour FROM traffic WHERE hour < ? LIMIT ?)",
               (int(clock.timestamp() // HOUR) - KEPT, limit))
    return db.changes()
