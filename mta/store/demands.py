"""What a queued message asks of the connections it travels over (RFC 8689), and how that is changed."""
from collections.abc import Iterable
from typing import Final, Literal

from mta.base.clock import Clock
from mta.secure.protection import Demand
from mta.store.connection import Connection, value

#: What the sender wants, as the queue has it: nothing, REQUIRETLS, or "TLS-Required: No".
TlsRequired = Literal["", "yes", "no"]
WANTED: Final[dict[TlsRequired, Demand]] = {"": Demand.USUAL, "yes": Demand.REQUIRETLS, "no": Demand.TLS_OPTIONAL}
#: Kinds of mail that say by themselves how they travel.
REPORTS: Final[dict[str, Demand]] = {"dmarc_report": Demand.DMARC_REPORT, "tls_report": Demand.TLS_REPORT}


def of(kind: str, wanted: TlsRequired) -> Demand:
    """What a message of that kind asks for; with a report it is of no account what anybody wants."""
    return REPORTS.get(kind) or WANTED[wanted]


def change(db: Connection, clock: Clock, ids: Iterable[int], wanted: TlsRequired) -> list[int]:
    """Change what the messages of these recipients ask of connections, from the next attempt on.

    Holds for all recipients of a message.  Returns the messages that have it now: those
    asked for, without reports (which travel as reports do) and without those of which a
    recipient is being tried, since that attempt still keeps to what was asked before.
    """
    now, changed = clock.timestamp(), []
    for message in dict.fromkeys(value(db, "SELECT message_id FROM queue_recipient WHERE id = ?", (ident,)) for ident in ids):
        db.execute(
            "UPDATE queue_message SET tls_required = :wanted WHERE id = :message AND kind NOT IN ('dmarc_report', 'tls_report') "
            "AND NOT EXISTS (SELECT 1 FROM queue_recipient WHERE message_id = :message AND coalesce(claimed_until, 0) > :now)",
            {"wanted": wanted, "message": message, "now": now})
        if db.changes():
            changed.append(message)
    return changed
