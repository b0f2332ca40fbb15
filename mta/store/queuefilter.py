"""Which recipients of the queue are meant: conditions for its list, and for what is done to all that it would show."""
from typing import Any, Final, Literal

from mta.base.clock import Clock
from mta.store.connection import Connection

#: How a recipient stands: being tried now, to be tried now, waiting, held by somebody.
State = Literal["active", "due", "waiting", "held"]

ACTIVE: Final = "coalesce(r.claimed_until, 0) > :now"
STATES: Final[dict[State, str]] = {
    "active": ACTIVE,
    "held": f"r.held AND NOT {ACTIVE}",
    "due": "r.wake <= :now",
    "waiting": f"NOT r.held AND r.due > :now AND NOT {ACTIVE}",
}


def matching(
    db: Connection, clock: Clock, *, before: int | None = None, limit: int = 500, text: str = "", next_hop: str = "",
    account_id: int | None = None, state: State | None = None, sender: str = "", recipient: str = "", held: bool | None = None,
) -> list[int]:
    """The ids of recipients that listing() would show, newest first: for what is done to all of them."""
    wheres, terms = conditions(clock, before, text, next_hop, account_id, None, state, sender, recipient, held)
    return [ident for ident, in db.execute(
        f"SELECT r.id FROM queue_recipient r JOIN queue_message m ON m.id = r.message_id WHERE {' AND '.join(wheres)} "
        "ORDER BY r.id DESC LIMIT :limit", {**terms, "limit": limit})]


def conditions(
    clock: Clock, before: int | None, text: str, next_hop: str, account_id: int | None, message_id: int | None, state: State | None,
    sender: str, recipient: str, held: bool | None,
) -> tuple[list[str], dict[str, Any]]:
    """Conditions of a question about recipients r of messages m, and their terms."""
    wheres, terms = ["r.id < :before"], {
        "before": before if before is not None else 1 << 62, "text": text.lower(), "next_hop": next_hop,
        "account_id": account_id, "message_id": message_id, "now": clock.timestamp(), "sender": sender.lower(),
        "recipient": recipient.lower(), "held": held}
    if sender:
        wheres.append("instr(lower(coalesce(m.sender, '')), :sender)")
    if recipient:
        wheres.append("instr(lower(r.recipient), :recipient)")
    if held is not None:
        wheres.append("r.held = :held")
    if text:
        wheres.append("(instr(lower(r.recipient), :text) OR instr(lower(coalesce(m.sender, '')), :text))")
    if next_hop:
        wheres.append("r.next_hop = :next_hop")
    if account_id is not None:
        wheres.append("m.account_id = :account_id")
    if message_id is not None:
        wheres.append("r.message_id = :message_id")
    if state is not None:
        wheres.append(STATES[state])
    return wheres, terms
