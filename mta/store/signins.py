"""Who signed in, and who tried to: kept in trace.db for a time, so that no stranger can make us sync.

The same once more (who, from where, with what program and outcome) within an hour counts
up its row.  Failures and successes are bounded apart: however many strangers guess, what
is known of the owner's own sign-ins stays.

A place is the network of an address (/24, /48): what would be a country elsewhere, without
a database of other people's addresses.
"""
import ipaddress
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, fields, replace
from typing import Any, Final, TypeVar

import apsw

from mta.base.clock import Clock
from mta.base.events import Event, Journal
from mta.base.limits import LIMITS, Limits
from mta.base.names import IPAddress
from mta.store import apppasswords
from mta.store.batcher import Batcher
from mta.store.connection import Connection, connect, mark_if_damaged
from mta.store.database import Store

T = TypeVar("T")

HOUR: Final = 3_600.0
OK: Final = "ok"
#: The account_id of the administrator, who has none.
ADMIN: Final = 0


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody tried to sign in as name; account_id None if that is nobody, ADMIN for the administrator.  outcome is OK or why not.

    credential is the id of the password that was right (0: none), label that of an app password.
    """

    at: float
    account_id: int | None
    name: str
    outcome: str
    service: str
    mechanism: str
    ip: str
    place: str
    agent: str
    credential: int
    label: str
    trace: str


@dataclass(frozen=True, slots=True)
class SignIn:
    """What is kept: `times` attempts from first to latest; credential is the app password's label."""

    id: int
    first: float
    latest: float
    times: int
    account_id: int | None
    name: str
    outcome: str
    service: str
    mechanism: str
    ip: str
    place: str
    new_place: bool
    agent: str
    credential: str
    trace: str


COLUMNS: Final = ", ".join(field.name for field in fields(SignIn))


def place_of(ip: IPAddress) -> str:
    """The network that an address is taken to be in one place with."""
    return str(ipaddress.ip_network((ip, 24 if ip.version == 4 else 48), strict=False))


class SignInLog:
    """Writes attempts within about a second, in a thread; with delay None at once, for commands and tests.  Made after the fork."""

    def __init__(self, store: Store, clock: Clock, journal: Journal | None = None, delay: float | None = None) -> None:
        self._store, self._clock, self._journal = store, clock, journal
        self._waiting: deque[Attempt] = deque()
        self._writing = threading.Lock()
        self._batcher = Batcher("signins", self.flush, delay) if delay is not None else None

    def add(self, attempt: Attempt) -> None:
        """Keep it; where too many wait (somebody guesses by the thousand), failures are dropped."""
        if len(self._waiting) >= LIMITS.sign_ins_waiting and attempt.outcome != OK:
            return
        self._waiting.append(attempt)
        if self._batcher is not None:
            self._batcher.poke()
        else:
            self.flush()

    def flush(self) -> None:
        """Write what waits now, and when passwords were used."""
        with self._writing:
            attempts = [self._waiting.popleft() for _ in range(len(self._waiting))]
            if not attempts:
                return
            try:
                with closing(connect(self._store.trace_db, synchronous="OFF")) as db:
                    db.execute("BEGIN IMMEDIATE")
                    for attempt in attempts:
                        _keep(db, attempt)
                    db.execute("COMMIT")
                self._note_used({(one.credential, one.ip, one.service) for one in attempts if one.outcome == OK and one.credential})
            except Exception as problem:    # a log that cannot be written must not keep its owner out
                if isinstance(problem, apsw.Error):
                    mark_if_damaged(self._store.trace_db, problem)
                if self._journal is not None:
                    self._journal.note(Event.STORE_TROUBLE, where="sign-ins", problem=str(problem))

    def close(self) -> None:
        """Write what is left."""
        if self._batcher is not None:
            self._batcher.close()

    def _note_used(self, uses: Iterable[tuple[int, str, str]]) -> None:
        new = self._store.read(lambda db: [use for use in uses if not apppasswords.is_noted(db, self._clock, *use)])
        if new:
            def change(db: Connection) -> None:
                for use in new:
                    apppasswords.note_used(db, self._clock, *use)
            self._store.write_now(change)


def ask(store: Store, question: Callable[[Connection], T]) -> T:
    """Answer a question from trace.db."""
    with closing(connect(store.trace_db, synchronous="OFF", query_only=True)) as db:
        return question(db)


def _keep(db: Connection, one: Attempt) -> None:
    db.execute("""
        UPDATE sign_in SET latest = ?1, times = times + 1 WHERE id = (
            SELECT id FROM sign_in WHERE ip = ?2 AND first > ?3 AND account_id IS ?4 AND name = ?5 AND outcome = ?6 AND service = ?7
               AND agent = ?8 AND credential = ?9 ORDER BY first DESC LIMIT 1)""",
        (one.at, one.ip, one.at - HOUR, one.account_id, one.name, one.outcome, one.service, one.agent, one.label))
    if db.changes():
        return
    db.execute("""
        INSERT INTO sign_in (first, latest, times, account_id, name, outcome, service, mechanism, ip, place, new_place, agent,
                             credential, trace)
        SELECT ?1, ?1, 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8,
               ?4 = 'ok' AND EXISTS (SELECT 1 FROM sign_in WHERE account_id = ?2 AND outcome = 'ok')
               AND NOT EXISTS (SELECT 1 FROM sign_in WHERE account_id = ?2 AND outcome = 'ok' AND place = ?8), ?9, ?10, ?11""",
        (one.at, one.account_id, one.name, one.outcome, one.service, one.mechanism, one.ip, one.place, one.agent, one.label, one.trace))


def listing(db: Connection, *, account_id: int | None = None, before: int | None = None, limit: int = 100,
            text: str = "", failed: bool | None = None) -> list[SignIn]:
    """The newest first: of one account (ADMIN: the administrator) or of everybody; text is looked for in name and address."""
    rows = db.execute(f"""
        SELECT {COLUMNS} FROM sign_in
         WHERE id < :before AND (:account IS NULL OR account_id = :account)
           AND (:text = '' OR instr(lower(name), :text) OR instr(ip, :text) OR instr(lower(agent), :text))
           AND (:failed IS NULL OR (outcome != 'ok') = :failed) ORDER BY id DESC LIMIT :limit""",
        {"before": before if before is not None else 1 << 62, "account": account_id, "text": text.strip().lower(), "failed": failed,
         "limit": limit})
    return [_sign_in(row) for row in rows]


def _sign_in(row: Sequence[Any]) -> SignIn:
    return replace(SignIn(*row), new_place=bool(row[11]))


def new_places(db: Connection, account_id: int, since: float) -> int:
    """From how many places the account has signed in since then where it never had before."""
    return int(next(iter(db.execute(
        "SELECT count(DISTINCT place) FROM sign_in WHERE account_id = ? AND new_place AND first > ?", (account_id, since))))[0])


def prune_file(store: Store, limit: int, limits: Limits = LIMITS) -> int:
    """prune() for who has no connection to trace.db."""
    with closing(connect(store.trace_db, synchronous="OFF")) as db:
        return prune(db, store.clock, limit, limits)


def prune(db: Connection, clock: Clock, limit: int, limits: Limits = LIMITS) -> int:
    """Forget up to limit rows that are old or too many, failures and successes apart; returns how many."""
    gone, now = 0, clock.timestamp()
    for good, most in ((1, limits.sign_ins), (0, limits.sign_ins_failed)):
        db.execute(
            "DELETE FROM sign_in WHERE id IN (SELECT id FROM sign_in WHERE (outcome = 'ok') = ? AND latest < ? LIMIT ?)",
            (good, now - limits.sign_in_age, limit))
        gone += db.changes()
        db.execute(
            "DELETE FROM sign_in WHERE id IN (SELECT id FROM sign_in WHERE (outcome = 'ok') = ?1 ORDER BY latest DESC LIMIT ?2 OFFSET ?3)",
            (good, limit, most))
        gone += db.changes()
    return gone
