"""What was noted about sessions and deliveries, kept to be looked up.

A TraceSink is handed to the Journal.  It gathers what a process notes and writes it to
trace.db within a second, one row for each session (a step), so that a stranger can make
us neither wait nor sync: synchronous=OFF, a bounded number of waiting events (more are
dropped, and counted), bounded size of each, and prune() bounds the file by rows, age and
octets.  Traces reads it.

The events of an accepted message are also put into pillarbox.db by insert_accepted(), in
the commit of the message itself: they live as surely as it does.

Addresses, their domains, IP addresses and Message-IDs are the terms a step can be found
by, in lower case and with A-labels.
"""
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import apsw
import cbor2

from mta.base.clock import Clock
from mta.base.errors import BadName
from mta.base.events import BY_KEY, LEVELS, Event, Journal, Record
from mta.base.limits import LIMITS, Limits
from mta.base.names import Address, Domain, ip_address
from mta.store.batcher import Batcher
from mta.store.connection import Connection, connect, mark_if_damaged, value

#: Seconds that an event may wait to be written.
DELAY: Final = 0.7
#: Seconds between two complaints about the file.
GRUMBLE: Final = 60.0
#: Events that are in the log alone: there are many, and they tell nothing about mail.
UNKEPT: Final = frozenset({Event.WEB_REQUEST})
#: Facts that hold addresses, and those that hold other terms.
ADDRESS_FACTS: Final = frozenset({"sender", "recipient", "recipients", "account", "name", "author"})
TERM_FACTS: Final = frozenset({"ip", "message_id"})
#: For each event, which of its facts it can be found by.
TERMS_OF: Final = {event: tuple(name for name in event.wants if name in ADDRESS_FACTS | TERM_FACTS) for event in Event}


@dataclass(frozen=True, slots=True)
class Happening:
    """One event as it was kept: what a Record says, with facts of text, numbers and lists."""

    at: float
    role: str
    trace: str
    key: str
    facts: dict[str, Any]

    @property
    def event(self) -> Event | None:
        """Which event it was, or None if this version of the program does not know it."""
        return BY_KEY.get(self.key)


@dataclass(frozen=True, slots=True)
class Hit:
    """A session that a search found, and the step it was found by."""

    step_id: int
    session: str


class TraceSink:
    """A sink of a Journal: keeps events in trace.db.  Made after the fork."""

    def __init__(self, path: Path, clock: Clock, journal: Journal | None = None, delay: float = DELAY) -> None:
        self._path, self._clock, self._journal = path, clock, journal
        self._waiting: deque[Record] = deque()
        self._dropped = 0
        self._silent_until = 0.0
        self._db: Connection | None = None
        self._writing = threading.Lock()
        self._batcher = Batcher("trace", self.flush, delay)

    def __call__(self, record: Record) -> None:
        """Take a record; it is written within a second, or dropped if too many wait."""
        if record.event in UNKEPT:
            return
        if len(self._waiting) >= LIMITS.trace_waiting:
            self._dropped += 1
            return
        self._waiting.append(record)
        self._batcher.poke()

    def flush(self) -> None:
        """Write what waits now."""
        with self._writing:
            records = [self._waiting.popleft() for _ in range(len(self._waiting))]
            try:
                if records:
                    self._write(records)
            except apsw.Error as problem:
                if self._db is not None and self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                self._grumble(problem)
            dropped, self._dropped = self._dropped, 0
            if dropped and self._journal is not None:
                self._journal.note(Event.TRACE_DROPPED, records=dropped)

    def close(self) -> None:
        """Write what is left and close."""
        self._batcher.close()
        if self._db is not None:
            self._db.close()
            self._db = None

    def _write(self, records: Sequence[Record]) -> None:
        if self._db is None:
            self._db = connect(self._path, synchronous="OFF")
        db = self._db
        db.execute("BEGIN IMMEDIATE")
        for session, group in _by_session(records):
            db.execute(
                "INSERT INTO step (first, latest, session, role, level, keys, records) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (group[0].at, group[-1].at, session, group[0].role, max(LEVELS.index(record.event.level) for record in group),
                 f" {' '.join(dict.fromkeys(record.event.key for record in group))} ", _pack(group)))
            step = db.last_insert_rowid()
            db.executemany("INSERT INTO term (term, step_id) VALUES (?, ?)", ((term, step) for term in terms_of(group)))
        db.execute("COMMIT")

    def _grumble(self, problem: apsw.Error) -> None:
        mark_if_damaged(self._path, problem)
        now = self._clock.monotonic()
        if self._journal is not None and now >= self._silent_until:
            self._silent_until = now + GRUMBLE
            self._journal.note(Event.STORE_TROUBLE, where="trace.db", problem=str(problem))


def insert_accepted(db: Connection, trace: str, records: Sequence[Record]) -> None:
    """Keep the events of an accepted message in its own commit; trace is the transaction's."""
    if records:
        db.execute("INSERT INTO accepted_event (at, trace, records) VALUES (?, ?, ?)", (records[0].at, trace, _pack(records)))


def accepted(db: Connection, session: str) -> list[Happening]:
    """The kept events of all accepted messages of a session, of pillarbox.db."""
    rows = db.execute("SELECT records FROM accepted_event WHERE trace = ?1 OR (trace > ?1 || '.' AND trace < ?1 || '/') ORDER BY id",
                      (session,))
    return [happening for records, in rows for happening in _unpack(records)]


def prune_accepted(db: Connection, clock: Clock, age: float, limit: int) -> int:
    """Forget up to limit rows older than age seconds; returns how many."""
    db.execute("DELETE FROM accepted_event WHERE id IN (SELECT id FROM accepted_event ORDER BY id LIMIT ?) AND at < ?",
               (limit, clock.timestamp() - age))
    return db.changes()


class Traces:
    """Reads trace.db; safe to use from every thread.  Made after the fork."""

    def __init__(self, path: Path, clock: Clock, limits: Limits = LIMITS) -> None:
        self._path, self._clock, self._limits = path, clock, limits
        self._lock = threading.Lock()
        self._db: Connection | None = None

    def find(
        self, *, term: str = "", session: str = "", since: float | None = None, until: float | None = None, event: Event | None = None,
        level: str = "debug", before: int | None = None, limit: int = 50,
    ) -> list[Hit]:
        """Sessions with a step that fits everything asked for, the latest first, each once.

        term is an address, domain, IP address or Message-ID as as_term() gives it, or
        the beginning of one with a * behind it; session the beginning of a trace id;
        since and until are seconds since 1970.  before is the step_id of the last hit
        already seen.
        """
        with self._lock:
            db = self._connection()
            terms: dict[str, Any] = {"since": since, "before": before if before is not None else 1 << 62}
            source, ident, wheres = "step s", "s.id", ["s.session <> ''"]
            if term:
                source, ident = "term t JOIN step s ON s.id = t.step_id", "t.step_id"
                wheres += ["t.term >= :term AND t.term < :term_end" if term.endswith("*") else "t.term = :term"]
                terms |= {"term": term.rstrip("*"), "term_end": term.rstrip("*") + "\U0010ffff"}
            if session:
                wheres += ["s.session >= :session AND s.session < :session || '~'"]
                terms |= {"session": session}
            if since is not None:
                wheres += ["s.latest >= :since"]
            if until is not None:
                wheres += ["s.first <= :until", f"{ident} <= :last"]
                terms |= {"until": until, "last": self._last_before(db, until)}
            if event is not None:
                wheres += ["instr(s.keys, :key)"]
                terms |= {"key": f" {event.key} "}
            least = max(LEVELS.index(level), LEVELS.index(event.level) if event else 0)
            if least:
                wheres += ["s.level >= 2"] * (least >= 2) + [f"s.level >= {least}"]
                source = source.replace("step s", "step s INDEXED BY step_notable") if least >= 2 and not term and not session else source
            return self._distinct(db, f"SELECT {ident}, s.session FROM {source} WHERE {' AND '.join(wheres)}", ident, terms, limit)

    def session(self, session: str) -> list[Happening]:
        """Everything that was noted about a session, in the order it happened."""
        with self._lock:
            rows = list(self._connection().execute("SELECT records FROM step WHERE session = ? ORDER BY id LIMIT 1000", (session,)))
        return sorted((happening for records, in rows for happening in _unpack(records)), key=lambda happening: happening.at)

    def recent(self, *, level: str = "notice", limit: int = 50) -> list[Happening]:
        """The latest events of at least that level, of sessions or not, the latest first."""
        least = LEVELS.index(level)
        with self._lock:
            source = "step INDEXED BY step_notable WHERE level >= 2 AND" if least >= 2 else "step WHERE"
            rows = list(self._connection().execute(
                f"SELECT records FROM {source} level >= ? ORDER BY id DESC LIMIT ?", (least, limit)))
        found = [happening for records, in rows for happening in _unpack(records)
                 if happening.event is None or LEVELS.index(happening.event.level) >= least]
        return sorted(found, key=lambda happening: happening.at, reverse=True)[:limit]

    def prune(self, limit: int = 200) -> int:
        """Forget up to limit of the oldest steps, if they are too old, too many or too big; returns how many."""
        with self._lock:
            db = connect(self._path, synchronous="OFF")
            try:
                last = self._surplus(db)
                db.execute("BEGIN IMMEDIATE")
                steps = [step for step, in db.execute("SELECT id FROM step WHERE id <= ? ORDER BY id LIMIT ?", (last, limit))]
                if steps:
                    db.execute("DELETE FROM term WHERE step_id <= ?", (steps[-1],))
                    db.execute("DELETE FROM step WHERE id <= ?", (steps[-1],))
                db.execute("COMMIT")
                return len(steps)
            finally:
                db.close()

    def close(self) -> None:
        """Close what is open."""
        if self._db is not None:
            self._db.close()
            self._db = None

    def _surplus(self, db: Connection) -> int:
        """The last step that must go."""
        newest = value(db, "SELECT max(id) FROM step", default=0) or 0
        horizon = self._clock.timestamp() - self._limits.trace_age
        young = value(db, "SELECT id FROM step WHERE first >= ? ORDER BY first LIMIT 1", (horizon,))
        old = newest if young is None else young - 1
        used = value(db, "SELECT (p.page_count - f.freelist_count) * s.page_size FROM pragma_page_count p, pragma_freelist_count f, "
                         "pragma_page_size s")
        big = 0
        if used > self._limits.trace_octets:
            oldest = value(db, "SELECT min(id) FROM step", default=0) or 0
            big = oldest + (newest - oldest) // 10
        return int(max(old, newest - self._limits.trace_rows, big))

    def _last_before(self, db: Connection, until: float) -> int:
        """A step id that no step which began before until is beyond; batches come a little late."""
        found = value(db, "SELECT min(id) FROM step WHERE first > ? AND first < ?", (until + 10 * DELAY, until + 600))
        return int(found) if found is not None else 1 << 62

    def _distinct(self, db: Connection, sql: str, ident: str, terms: Mapping[str, Any], limit: int) -> list[Hit]:
        """The first hits of different sessions, without those an earlier page had."""
        hits: dict[str, Hit] = {}
        earlier_page = f"{sql} AND {ident} >= :before AND s.session = :again LIMIT 1"
        for step, session in db.execute(f"{sql} AND {ident} < :before ORDER BY {ident} DESC", terms):
            if session in hits or any(True for _ in db.execute(earlier_page, {**terms, "again": session})):
                continue
            hits[session] = Hit(step, session)
            if len(hits) >= limit:
                break
        return list(hits.values())

    def _connection(self) -> Connection:
        if self._db is None:
            self._db = connect(self._path, synchronous="OFF", query_only=True)
        return self._db


def as_term(text: str) -> str:
    """The form in which an address, domain, IP address or Message-ID that a person typed is found."""
    text = text.strip().strip("<>").strip()
    for read in (ip_address, Address.parse, Domain.parse):
        try:
            found = read(text)
        except BadName:
            continue
        return (found.ascii if isinstance(found, Address | Domain) else str(found)).lower()
    return text.lower()


# --- how events are kept ---------------------------------------------------------------------


def _by_session(records: Iterable[Record]) -> Iterator[tuple[str, list[Record]]]:
    """The records of each session and role, in pieces of bounded length."""
    groups: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        key = record.trace.partition(".")[0], record.role
        group = groups.setdefault(key, [])
        group.append(record)
        if len(group) >= LIMITS.trace_records:
            yield key[0], groups.pop(key)
    for (session, _), group in groups.items():
        yield session, group


def _pack(records: Iterable[Record]) -> bytes:
    return cbor2.dumps([
        [record.at, record.role, record.trace, record.event.key, {name: _plain(fact) for name, fact in record.facts.items()}]
        for record in records])


def _unpack(octets: bytes) -> list[Happening]:
    return [Happening(*parts) for parts in cbor2.loads(octets)]


def _plain(fact: object) -> Any:
    """fact as text, number, or list of them, cut to what is worth keeping."""
    if type(fact) is str:    # nearly all are
        return _text(fact)
    match fact:
        case None | bool() | int() | float():
            return fact
        case list() | tuple():
            return [_plain(part) for part in fact[:LIMITS.trace_list]]
        case Address() | Domain():
            return fact.ascii
        case bytes():
            return _text(fact.decode("utf-8", "replace"))
        case _:
            return _text(str(fact))


def _text(text: str) -> str:
    """text, cut, and without the surrogates that stand for octets which are no UTF-8."""
    if len(text) > LIMITS.trace_text:
        text = f"{text[:LIMITS.trace_text]}…"
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def terms_of(records: Iterable[Record | Happening]) -> set[str]:
    """What these events can be found by."""
    addresses: set[object] = set()
    terms: set[str] = set()
    for record in records:
        facts = record.facts
        for name in TERMS_OF[record.event] if record.event else ():
            fact = facts.get(name)
            if name in TERM_FACTS:
                terms.add(str(fact))
            elif isinstance(fact, list | tuple):
                addresses.update(fact)
            else:
                addresses.add(fact)
    found = {_text(term.strip("<>").lower()) for term in terms}
    for fact in addresses:
        found.update(_address_terms(fact))
    return found - {""}


def _address_terms(fact: object) -> tuple[str, ...]:
    """An address and its domain; nothing for what is no address."""
    text = fact.ascii if isinstance(fact, Address) else fact
    if not isinstance(text, str) or "@" not in text or len(text) > LIMITS.trace_text:
        return ()
    text = _text(text)
    if not text.isascii():
        with suppress(BadName):    # refused for just that: found by what was said
            text = Address.parse(text.strip("<>")).ascii
    text = text.strip("<>").lower()
    return text, text.rpartition("@")[2]
