"""Mail on its way to other servers: messages, and apart from them their recipients.

A recipient is the unit that is tried, put off and given up; recipients that share a next
hop are claimed together, whatever their messages, so that one job drains what is due for
one destination over one connection.  Claiming takes a lease (mta.store.leases): while it
lasts nobody else gets the row, and when it has run out the row is due again.  The column
`wake` (generated) is when a row may be claimed; the indexes over it make claiming
independent of how much is queued.

A recipient that is delivered, given up or dropped becomes a row of mta.store.outgoing;
the message goes with its last recipient, and its body with the next sweep.

Retry times are RFC 5321 §4.5.4.1's and are decided in mta.judge.route, not here.  Every
function takes the connection of a change or question first and never commits.
"""
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final, Literal

from mta.base.clock import Clock
from mta.base.errors import Failure
from mta.base.names import Address
from mta.base.reply import Reply
from mta.secure.protection import Demand
from mta.store import demands, holdrules, leases, outgoing, queuefilter
from mta.store.connection import Connection, one, value
from mta.store.demands import TlsRequired
from mta.store.queuefilter import ACTIVE, STATES, State

Kind = Literal["mail", "bounce", "delayed", "dmarc_report", "tls_report"]


@dataclass(frozen=True, slots=True)
class NewQueued:
    """A message to be queued; prefix goes in front of the body, sizes are octets; not tried before due (seconds since 1970)."""

    account_id: int | None
    sender: Address | None
    recipients: Sequence[Address]
    body_id: int
    body_size: int
    prefix: bytes
    smtputf8: bool
    eight_bit: bool
    message_id: str
    subject: str
    header_from: str
    trace: str
    tls_required: TlsRequired = ""
    kind: Kind = "mail"
    transport: str | None = None
    due: float = 0.0


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """A message in the queue, without its recipients."""

    id: int
    account_id: int | None
    sender: Address | None
    body_id: int
    body_name: str
    body_size: int
    prefix: bytes
    smtputf8: bool
    eight_bit: bool
    tls_required: TlsRequired
    kind: Kind
    transport: str | None
    message_id: str
    subject: str
    header_from: str
    trace: str
    created: float

    @property
    def size(self) -> int:
        """Octets as they go over the wire."""
        return len(self.prefix) + self.body_size

    @property
    def demand(self) -> Demand:
        """What a connection must be like; that of a report follows from what it is."""
        return demands.of(self.kind, self.tls_required)


@dataclass(frozen=True, slots=True)
class QueuedRecipient:
    """One recipient of a queued message; last_* is what was heard at the last attempt."""

    id: int
    message_id: int
    recipient: Address
    next_hop: str
    transport: str | None
    attempts: int
    due: float
    held: bool
    claimed_by: str | None
    claimed_until: float | None
    delay_noticed: bool
    last_code: int
    last_enhanced: str
    last_text: str
    last_host: str
    last_during: str
    last_at: float | None

    def state(self, now: float) -> State:
        """How it stands at now."""
        if self.claimed_until is not None and self.claimed_until > now:
            return "active"
        if self.held:
            return "held"
        return "due" if self.due <= now else "waiting"


@dataclass(frozen=True, slots=True)
class Totals:
    """How many recipients stand how; oldest is when the oldest message was queued."""

    recipients: int
    due: int
    held: int
    active: int
    oldest: float | None


Claimed = list[tuple[QueuedMessage, list[QueuedRecipient]]]

MESSAGE: Final = ", ".join("b.name" if field.name == "body_name" else f"m.{field.name}" for field in fields(QueuedMessage))
RECIPIENT: Final = ", ".join(f"r.{field.name}" for field in fields(QueuedRecipient))
#: How many due recipients of one next hop are counted exactly.
COUNTED: Final = 1_000


# --- putting in -----------------------------------------------------------------------------


def add(db: Connection, clock: Clock, message: NewQueued, next_hop_of: Callable[[Address], str]) -> int:
    """Queue message for each of its recipients, due at once or when it says; returns its id.

    next_hop_of says for a recipient under which name it is claimed: the recipient's
    domain in A-labels, or transport:NAME.  A recipient named twice is queued once.
    """
    # What waits to be sent grows no older: tries, and news of a delay, count from then on.
    now = max(clock.timestamp(), message.due)
    db.execute(
        "INSERT INTO queue_message (account_id, sender, body_id, body_size, prefix, smtputf8, eight_bit, tls_required, kind, transport, "
        "message_id, subject, header_from, trace, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (message.account_id, message.sender and message.sender.ascii, message.body_id, message.body_size, message.prefix,
         message.smtputf8, message.eight_bit, message.tls_required, message.kind, message.transport,
         message.message_id, message.subject, message.header_from, message.trace, now))
    queued = db.last_insert_rowid()
    rules = holdrules.all(db)
    db.executemany(
        "INSERT INTO queue_recipient (message_id, recipient, next_hop, transport, due, held) VALUES (?, ?, ?, ?, ?, ?)",
        ((queued, recipient.ascii, next_hop_of(recipient), message.transport, now,
          any(rule.fits(message.account_id, message.sender, recipient) for rule in rules))
         for recipient in dict.fromkeys(message.recipients)))
    db.touched.add("delivery")
    return queued


def take_back(db: Connection, message_ids: Iterable[int], recipients: int) -> bool:
    """Remove messages that nobody has tried yet, leaving no trace; False, and nothing is changed, unless all recipients still wait."""
    ids = list(message_ids)
    waiting = [ident for message in ids for ident, in db.execute(
        "SELECT id FROM queue_recipient WHERE message_id = ? AND attempts = 0 AND claimed_by IS NULL", (message,))]
    if len(waiting) != recipients:
        return False
    db.executemany("DELETE FROM queue_message WHERE id = ?", ((ident,) for ident in ids))
    return True


# --- taking out -----------------------------------------------------------------------------

#: The next hops of what is due, if that is little: as many steps as recipients are due, however many wait.
DUE_FEW: Final = """
    SELECT next_hop, count(*) FROM (SELECT next_hop FROM queue_recipient WHERE wake <= :now ORDER BY wake LIMIT :counted)
     GROUP BY next_hop
"""
#: Jumps from next hop to next hop in the index: as many steps as there are next hops.
DUE_HOPS: Final = """
    WITH RECURSIVE hop (name) AS (
        SELECT min(next_hop) FROM queue_recipient WHERE wake IS NOT NULL AND next_hop > :after
        UNION ALL
        SELECT (SELECT min(next_hop) FROM queue_recipient WHERE wake IS NOT NULL AND next_hop > hop.name)
          FROM hop WHERE hop.name IS NOT NULL
    )
    SELECT name, (SELECT count(*) FROM (SELECT 1 FROM queue_recipient WHERE next_hop = name AND wake <= :now LIMIT :counted)) AS due
      FROM hop WHERE name IS NOT NULL AND due > 0 LIMIT :limit
"""
CLAIM: Final = """
    UPDATE queue_recipient SET claimed_by = :owner, claimed_until = :until
     WHERE id IN (SELECT id FROM queue_recipient WHERE next_hop = :next_hop AND wake <= :now ORDER BY wake LIMIT :limit)
    RETURNING id
"""


def due_next_hops(db: Connection, clock: Clock, limit: int = 1_000, *, after: str = "") -> list[tuple[str, int]]:
    """The next hops something is due for, in the order of their names, and how much (counted up to 1,000).

    after is where to go on, so that a caller who takes some at a time comes to all.
    """
    terms = {"after": after, "now": clock.timestamp(), "counted": COUNTED, "limit": limit}
    few = list(db.execute(DUE_FEW, {"now": terms["now"], "counted": COUNTED}))
    if sum(count for _, count in few) < COUNTED:
        return [(name, count) for name, count in few if name > after][:limit]
    return [(name, count) for name, count in db.execute(DUE_HOPS, terms)]


def due_here(db: Connection, clock: Clock, hostname: str) -> list[str]:
    """Those domains of ours, and hostname, that something is due for."""
    return [name for name, in db.execute(
        "SELECT name FROM (SELECT name FROM domain UNION SELECT :hostname) WHERE EXISTS "
        "(SELECT 1 FROM queue_recipient WHERE next_hop = name AND wake <= :now)", {"hostname": hostname, "now": clock.timestamp()})]


def claim(db: Connection, clock: Clock, next_hop: str, owner: str, limit: int) -> Claimed:
    """Take up to limit recipients that are due for next_hop, the longest waiting first, by message.

    They are owner's until the lease runs out: renew() in time, and end each with
    delivered(), defer(), failed() or release().
    """
    terms = {"owner": owner, "until": leases.until(clock), "next_hop": next_hop, "now": clock.timestamp(), "limit": limit}
    return _by_message(db, [ident for ident, in db.execute(CLAIM, terms)])


def renew(db: Connection, clock: Clock, ids: Iterable[int], owner: str) -> list[int]:
    """Keep the claims of owner on these recipients for another lease; returns those it still has."""
    until, kept = leases.until(clock), []
    for ident in ids:
        db.execute("UPDATE queue_recipient SET claimed_until = ? WHERE id = ? AND claimed_by = ?", (until, ident, owner))
        if db.changes():
            kept.append(ident)
    return kept


def release(db: Connection, ids: Iterable[int], owner: str) -> int:
    """Give back what owner claimed and did not try; due as before."""
    return _count(db, "UPDATE queue_recipient SET claimed_by = NULL, claimed_until = NULL WHERE id = ? AND claimed_by = ?",
                  ((ident, owner) for ident in ids))


def release_all(db: Connection, role: str) -> int:
    """Give back what dead incarnations of role held; returns how many recipients.

    What a living process holds stays, so this is right during a reload too.
    """
    freed = leases.release_all(db, "queue_recipient", role)
    if freed:
        db.touched.add("delivery")
    return freed


def late(db: Connection, before: float, limit: int) -> Claimed:
    """Mail queued before that time (seconds since 1970) that was tried in vain, and whose sender does not know yet.

    Held recipients are not late: somebody has them in hand.
    """
    rows = db.execute(
        "SELECT m.id FROM queue_message m WHERE m.created <= ? AND m.kind = 'mail' AND m.sender IS NOT NULL AND EXISTS ("
        "SELECT 1 FROM queue_recipient WHERE message_id = m.id AND attempts > 0 AND NOT delay_noticed AND NOT held) ORDER BY m.id LIMIT ?",
        (before, limit))
    return [(message, [one for one in recipients if one.attempts and not one.delay_noticed and not one.held])
            for found in [get(db, ident) for ident, in rows] if found for message, recipients in [found]]


#: Under which name a recipient is queued: of sender, recipient, the sending account and how often it was tried.
NextHop = Callable[[Address | None, Address, int | None, int], str]


def reroute(db: Connection, next_hop_of: NextHop, after: int, limit: int = 200) -> int | None:
    """Queue what nobody gave a transport as next_hop_of says now, the limit recipients with ids above after.

    Returns the last id looked at, or None at the end.
    """
    rows = list(db.execute(
        "SELECT r.id, r.recipient, r.next_hop, m.sender, m.account_id, r.attempts "
        "FROM queue_recipient r JOIN queue_message m ON m.id = r.message_id "
        "WHERE r.id > ? AND r.transport IS NULL ORDER BY r.id LIMIT ?", (after, limit)))
    for ident, recipient, next_hop, sender, account_id, attempts in rows:
        now = next_hop_of(sender and Address.parse(sender), Address.parse(recipient), account_id, attempts)
        if now != next_hop:
            db.execute("UPDATE queue_recipient SET next_hop = ? WHERE id = ?", (now, ident))
            db.touched.add("delivery")
    return rows[-1][0] if rows else None


def next_due(db: Connection) -> float | None:
    """When the next recipient may be claimed (seconds since 1970, perhaps long ago), or None."""
    return value(db, "SELECT min(wake) FROM queue_recipient WHERE wake IS NOT NULL")    # type: ignore[no-any-return]  # a REAL


# --- what became of it ------------------------------------------------------------------------


def delivered(db: Connection, clock: Clock, recipient_id: int, reply: Reply, host: str) -> bool:
    """Another server took responsibility; False if the row is gone (dropped, or delivered by another claim)."""
    return _finish(db, clock, recipient_id, "delivered", (reply.code, reply.enhanced, reply.text, host, "DATA"))


def failed(db: Connection, clock: Clock, recipient_id: int, failure: Failure) -> bool:
    """Given up; the caller writes the bounce in the same change.  False if the row is gone."""
    last = failure.code, failure.enhanced, failure.text, failure.host, failure.during
    return _finish(db, clock, recipient_id, "failed", last)


def defer(db: Connection, clock: Clock, recipient_id: int, due: float, failure: Failure, next_hop: str = "") -> bool:
    """To be tried again at due (seconds since 1970), under next_hop if it is another now; False if the row is gone."""
    if next_hop:
        db.execute("UPDATE queue_recipient SET next_hop = ? WHERE id = ?", (next_hop, recipient_id))
    db.execute(
        "UPDATE queue_recipient SET attempts = attempts + 1, due = ?, claimed_by = NULL, claimed_until = NULL, "
        "last_code = ?, last_enhanced = ?, last_text = ?, last_host = ?, last_during = ?, last_at = ? WHERE id = ?",
        (due, failure.code, failure.enhanced, failure.text, failure.host, failure.during, clock.timestamp(), recipient_id))
    return db.changes() > 0


def delay_noticed(db: Connection, ids: Iterable[int]) -> None:
    """Remember that the sender was told that these are late."""
    db.executemany("UPDATE queue_recipient SET delay_noticed = 1 WHERE id = ?", ((ident,) for ident in ids))


def _finish(db: Connection, clock: Clock, recipient_id: int, outcome: outgoing.Outcome, last: tuple[int, str, str, str, str]) -> bool:
    """Turn a recipient into history, and its message with it if it was the last."""
    found = one(db, "DELETE FROM queue_recipient WHERE id = ? RETURNING message_id, recipient, attempts", (recipient_id,))
    if found is None:
        return False
    message_id, recipient, attempts = found
    tried = 0 if outcome == "dropped" else 1
    outgoing.record(db, clock, message_id, recipient, attempts + tried, outcome, last)
    db.execute("DELETE FROM queue_message WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM queue_recipient WHERE message_id = ?1)",
               (message_id,))
    return True


# --- looking --------------------------------------------------------------------------------------


def get(db: Connection, message_id: int) -> tuple[QueuedMessage, list[QueuedRecipient]] | None:
    """A message and those of its recipients that are still queued."""
    row = one(db, f"SELECT {MESSAGE} FROM queue_message m JOIN body b ON b.id = m.body_id WHERE m.id = ?", (message_id,))
    if row is None:
        return None
    rows = db.execute(f"SELECT {RECIPIENT} FROM queue_recipient r WHERE message_id = ? ORDER BY id", (message_id,))
    return _message(row), [_recipient(found) for found in rows]


def recipient(db: Connection, recipient_id: int) -> tuple[QueuedMessage, QueuedRecipient] | None:
    """One recipient and its message."""
    found = _by_message(db, [recipient_id])
    return (found[0][0], found[0][1][0]) if found else None


def listing(
    db: Connection, clock: Clock, *, before: int | None = None, limit: int = 100, text: str = "", next_hop: str = "",
    account_id: int | None = None, message_id: int | None = None, state: State | None = None,
    sender: str = "", recipient: str = "", held: bool | None = None,
) -> list[tuple[QueuedMessage, QueuedRecipient]]:
    """Recipients in the queue, newest first; before is the recipient id of the last one already seen.

    text is looked for in sender and recipient, sender and recipient each in its own;
    next_hop is exact, message_id is the queue's.
    """
    wheres, terms = queuefilter.conditions(
        clock, before, text, next_hop, account_id, message_id, state, sender, recipient, held)
    rows = db.execute(
        f"SELECT {MESSAGE}, {RECIPIENT} FROM queue_recipient r JOIN queue_message m ON m.id = r.message_id JOIN body b ON b.id = m.body_id "
        f"WHERE {' AND '.join(wheres)} ORDER BY r.id DESC LIMIT :limit", {**terms, "limit": limit})
    cut = len(fields(QueuedMessage))
    return [(_message(row[:cut]), _recipient(row[cut:])) for row in rows]


def by_trace(db: Connection, session: str, number: str = "") -> list[tuple[QueuedMessage, QueuedRecipient]]:
    """What is queued of a session, or of its message number."""
    wanted = [ident for ident, in db.execute(
        "SELECT r.id FROM queue_message m JOIN queue_recipient r ON r.message_id = m.id WHERE m.trace = ?1 || ?2 OR "
        "(?2 = '' AND m.trace > ?1 || '.' AND m.trace < ?1 || '/') ORDER BY r.id LIMIT 1000", (session, f".{number}" if number else ""))]
    return [(message, recipient) for message, recipients in _by_message(db, wanted) for recipient in recipients]


def totals(db: Connection, clock: Clock) -> Totals:
    """How full the queue is, for the overview and the metrics."""
    [(recipients, due, held, active)] = db.execute(
        f"SELECT count(*), count(*) FILTER (WHERE {STATES['due']}), count(*) FILTER (WHERE {STATES['held']}), "
        f"count(*) FILTER (WHERE {ACTIVE}) FROM queue_recipient r", {"now": clock.timestamp()})
    return Totals(recipients, due, held, active, value(db, "SELECT created FROM queue_message ORDER BY id LIMIT 1"))


# --- what people do with it: each takes recipient ids and returns how many it changed ---------------


def hold(db: Connection, ids: Iterable[int]) -> int:
    """Do not try these again until they are let go; an attempt that runs is not broken off."""
    return _count(db, "UPDATE queue_recipient SET held = 1 WHERE id = ? AND NOT held", ((ident,) for ident in ids))


def release_hold(db: Connection, ids: Iterable[int]) -> int:
    """Let go what was held; due as before."""
    db.touched.add("delivery")
    return _count(db, "UPDATE queue_recipient SET held = 0 WHERE id = ? AND held", ((ident,) for ident in ids))


def retry_now(db: Connection, clock: Clock, ids: Iterable[int]) -> int:
    """Try these at once, held or not."""
    db.touched.add("delivery")
    now = clock.timestamp()
    return _count(db, "UPDATE queue_recipient SET due = min(due, ?), held = 0 WHERE id = ?", ((now, ident) for ident in ids))


def set_due(db: Connection, ids: Iterable[int], due: float) -> int:
    """Try these next at due (seconds since 1970), not before; what is held stays held."""
    db.touched.add("delivery")
    return _count(db, "UPDATE queue_recipient SET due = ? WHERE id = ?", ((due, ident) for ident in ids))


def drop(db: Connection, clock: Clock, ids: Iterable[int], by: str) -> int:
    """Give these up without telling the sender; what is being tried at this moment stays.

    by says who wanted it, for the history.
    """
    now = clock.timestamp()
    return sum(
        _finish(db, clock, ident, "dropped", (0, "", f"dropped by {by}", "", ""))
        for ident in ids
        if value(db, "SELECT coalesce(claimed_until, 0) <= ? FROM queue_recipient WHERE id = ?", (now, ident)))


def set_transport(db: Connection, clock: Clock, ids: Iterable[int], transport: str | None, next_hop_of: Callable[[Address], str]) -> int:
    """Send these through transport from now on, or with None by the routes; tried at once.

    next_hop_of says, as in add(), what that means for each.
    """
    db.touched.add("delivery")
    now, changed = clock.timestamp(), 0
    for ident in ids:
        address = value(db, "SELECT recipient FROM queue_recipient WHERE id = ?", (ident,))
        if address is not None:
            next_hop = next_hop_of(Address.parse(address))
            db.execute("UPDATE queue_recipient SET transport = ?, next_hop = ?, due = min(due, ?) WHERE id = ?",
                       (transport, next_hop, now, ident))
            changed += 1
    return changed


# --- rows ---------------------------------------------------------------------------------------------


def _by_message(db: Connection, ids: Sequence[int]) -> Claimed:
    """These recipients, longest waiting first, gathered under their messages."""
    marks = ", ".join("?" * len(ids))
    rows = [_recipient(row) for row in db.execute(f"SELECT {RECIPIENT} FROM queue_recipient r WHERE id IN ({marks}) ORDER BY due, id", ids)]
    gathered: dict[int, list[QueuedRecipient]] = {}
    for row in rows:
        gathered.setdefault(row.message_id, []).append(row)
    marks = ", ".join("?" * len(gathered))
    messages = {row[0]: _message(row) for row in db.execute(
        f"SELECT {MESSAGE} FROM queue_message m JOIN body b ON b.id = m.body_id WHERE m.id IN ({marks})", tuple(gathered))}
    return [(messages[ident], recipients) for ident, recipients in gathered.items()]


def _message(row: Sequence[Any]) -> QueuedMessage:
    (ident, account_id, sender, body_id, body_name, body_size, prefix, smtputf8, eight_bit, *rest) = row
    return QueuedMessage(ident, account_id, sender and Address.parse(sender), body_id, body_name, body_size, prefix,
                         bool(smtputf8), bool(eight_bit), *rest)


def _recipient(row: Sequence[Any]) -> QueuedRecipient:
    (ident, message_id, address, next_hop, transport, attempts, due, held, claimed_by, claimed_until, noticed, *last) = row
    return QueuedRecipient(ident, message_id, Address.parse(address), next_hop, transport, attempts, due, bool(held),
                           claimed_by, claimed_until, bool(noticed), *last)


def _count(db: Connection, sql: str, rows: Iterable[Sequence[Any]]) -> int:
    """Run sql for each of rows; how many rows of the table it changed."""
    changed = 0
    for row in rows:
        db.execute(sql, row)
        changed += db.changes()
    return changed
