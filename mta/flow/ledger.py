"""Write down what became of attempts: many in one commit, none forgotten.

Lanes note outcomes as they hear them and go on; one writer takes what was noted meanwhile
and commits it at once, so the time in which a crash could make us deliver twice is that
of one commit.  Failures for good are written apart, each in the commit that queues the
notice about it, so that making notices holds up nothing else.  What cannot be written
(the disk is full) stays noted and is written when it can.
"""
import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mta.base.errors import Failure, PillarboxError, TemporaryError
from mta.base.events import Event
from mta.base.limits import LIMITS
from mta.base.measures import Measure
from mta.base.reply import Reply
from mta.flow import bounce, destinations, routing
from mta.flow.opening import said
from mta.flow.world import World
from mta.judge import route
from mta.judge.route import Step
from mta.report.dsn import Fate
from mta.store import queue
from mta.store.connection import Connection
from mta.store.demands import REPORTS
from mta.store.queue import QueuedMessage, QueuedRecipient

#: Outcomes in one change, notices in the making, and outcomes that may wait before a lane has to.
IN_ONE, NOTICES, WAITING = 200, 8, 1_000
#: Seconds to wait when the store cannot be written.
PAUSE = 1.0


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of one recipient: the server's positive Reply, or the Failure; host is who was asked."""

    message: QueuedMessage
    recipient: QueuedRecipient
    outcome: Reply | Failure
    host: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An attempt and its consequence: due is when it is repeated, None after a success."""

    attempt: Attempt
    due: float | None


@dataclass(frozen=True, slots=True)
class Burial:
    """Recipients of one message that failed together, for good."""

    message: QueuedMessage
    losses: tuple[tuple[Attempt, Failure], ...]


class Gone(PillarboxError):
    """Somebody dropped the recipients meanwhile: there is nothing to tell.  Never leaves this module."""


class Ledger:
    """The writer of one process; settled is told the recipients (ids) whose outcome is on disk."""

    def __init__(self, world: World, settled: Callable[[Sequence[int]], None]) -> None:
        self._world, self._settled = world, settled
        self._entries: list[Entry] = []
        self._burials: list[Burial] = []
        self._writer: asyncio.Task[None] | None = None
        self._undertaker: asyncio.Task[None] | None = None
        self._written, self._buried = asyncio.Event(), asyncio.Event()

    async def note(self, attempts: Sequence[Attempt]) -> None:
        """Have these written; returns at once, unless too much waits already."""
        now = self._world.clock.timestamp()
        losses: dict[int, list[tuple[Attempt, Failure]]] = {}
        for attempt in attempts:
            outcome = attempt.outcome
            due = None if isinstance(outcome, Reply) else self._due(attempt, outcome, now)
            if due is None and isinstance(outcome, Failure):
                losses.setdefault(attempt.message.id, []).append((attempt, outcome))
            else:
                self._entries.append(Entry(attempt, due))
        self._burials += [Burial(theirs[0][0].message, tuple(theirs)) for theirs in losses.values()]
        self._writer = _running(self._writer, self._write, self._entries)
        self._undertaker = _running(self._undertaker, self._bury, self._burials)
        # Notices take longer than rows: only who brings more of them waits for them.
        for much, progress in ((len(self._entries) > WAITING, self._written), (losses and len(self._burials) > WAITING, self._buried)):
            if much:
                progress.clear()
                await progress.wait()

    def tell(self, attempts: Sequence[Attempt]) -> None:
        """Note successes that are on disk already: only the events are left to do."""
        now = self._world.clock.timestamp()
        for attempt in attempts:
            self._tell(Entry(attempt, None), now)
        self._settled([attempt.recipient.id for attempt in attempts])

    async def close(self) -> None:
        """Return when all is written."""
        for task in (self._writer, self._undertaker):
            if task is not None:
                await task

    def _due(self, attempt: Attempt, failure: Failure, now: float) -> float | None:
        """When a failed attempt is to be repeated; None if it is the end."""
        if route.next_step(failure, 0) is Step.GIVE_UP:
            return None
        settings = self._world.config.queue
        if attempt.message.kind in REPORTS:
            # Tomorrow there is a new one; RFC 8460 §5.5 gives a report 24 hours.
            settings = replace(settings, give_up_after=min(settings.give_up_after, int(LIMITS.report_age)))
        return route.retry_at(attempt.message.created, attempt.recipient.attempts + 1, now, settings, self._world.chance)

    # --- what was delivered or put off -------------------------------------------------------

    async def _write(self) -> None:
        while self._entries:
            batch = self._entries[:IN_ONE]
            try:
                await self._world.store.write(lambda db, batch=batch: self._record(db, batch))    # type: ignore[misc]
            except Exception as problem:
                await self._pause(problem)
                continue
            del self._entries[:len(batch)]
            self._written.set()
            now = self._world.clock.timestamp()
            for entry in batch:
                self._tell(entry, now)
            self._settled([entry.attempt.recipient.id for entry in batch])

    def _record(self, db: Connection, batch: Sequence[Entry]) -> None:
        for entry in batch:
            attempt, clock = entry.attempt, self._world.clock
            if isinstance(attempt.outcome, Reply):
                queue.delivered(db, clock, attempt.recipient.id, attempt.outcome, attempt.host)
                destinations.note(db, self._world, attempt.recipient.recipient, attempt.host, attempt.outcome)
            elif entry.due is not None:
                queue.defer(db, clock, attempt.recipient.id, entry.due, attempt.outcome,
                            routing.after_failure(db, self._world, attempt.message, attempt.recipient))
                destinations.note(db, self._world, attempt.recipient.recipient, attempt.host, attempt.outcome)

    def _tell(self, entry: Entry, now: float) -> None:
        attempt, message = entry.attempt, entry.attempt.message
        outcome, recipient, note = attempt.outcome, attempt.recipient.recipient, self._world.journal.note
        self._count("delivered" if isinstance(outcome, Reply) else "deferred", attempt)
        if isinstance(outcome, Reply):
            note(Event.DELIVERED, message.trace, queued=message.id, recipient=recipient, host=attempt.host, reply=str(outcome),
                 seconds=max(0.0, now - message.created))
        else:
            note(Event.DEFERRED, message.trace, queued=message.id, recipient=recipient, host=attempt.host, during=outcome.during,
                 reply=said(outcome), due=entry.due)

    def _count(self, result: str, attempt: Attempt) -> None:
        number = attempt.recipient.attempts + 1
        way = "direct" if route.transport_of(attempt.recipient.next_hop) is None else "transport"
        self._world.journal.measure(Measure.DELIVERIES, 1, result, str(number) if number < 4 else "later", way)

    # --- what failed for good -------------------------------------------------------------------

    async def _bury(self) -> None:
        while self._burials:
            batch = self._burials[:NOTICES]
            done = await asyncio.gather(*map(self._bury_one, batch))
            self._burials[:len(batch)] = [burial for burial, problem in zip(batch, done, strict=True) if problem]
            self._buried.set()
            if problem := next(filter(None, done), None):
                await self._pause(problem)

    async def _bury_one(self, burial: Burial) -> Exception | None:
        """Write the failure and the notice about it; the problem if that is not possible now."""
        def change(db: Connection) -> None:
            there = [queue.failed(db, self._world.clock, attempt.recipient.id, failure) for attempt, failure in burial.losses]
            if not any(there):
                raise Gone
            for attempt, failure in burial.losses:
                destinations.note(db, self._world, attempt.recipient.recipient, attempt.host, failure)

        now, message = self._world.clock.timestamp(), burial.message
        try:
            fates = [Fate(attempt.recipient.recipient, failure, now) for attempt, failure in burial.losses]
            await bounce.failed(self._world, message, fates, change)
            for attempt, failure in burial.losses:
                self._count("failed", attempt)
                self._world.journal.note(
                    Event.BOUNCED, message.trace, queued=message.id, recipient=attempt.recipient.recipient, host=attempt.host,
                    during=failure.during, reply=said(failure))
        except Gone:
            pass
        except Exception as problem:
            return problem
        self._settled([attempt.recipient.id for attempt, _ in burial.losses])
        return None

    async def _pause(self, problem: Exception) -> None:
        """Say why nothing was written, and wait: whatever it was, forgetting the outcome would be worse."""
        if isinstance(problem, TemporaryError):
            self._world.journal.note(Event.STORE_TROUBLE, where="queue", problem=str(problem))
        else:
            self._world.journal.note(Event.UNEXPECTED, where="mta.flow.ledger", problem=repr(problem))
        await asyncio.sleep(PAUSE)


def _running(task: asyncio.Task[None] | None, work: Callable[[], Coroutine[Any, Any, None]], waiting: Sequence[object]) -> \
        asyncio.Task[None] | None:
    """The task that does work, begun anew if it has ended and something waits."""
    return asyncio.create_task(work()) if waiting and (task is None or task.done()) else task
