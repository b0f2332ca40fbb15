"""Delivery: whatever is due in the queue, to whoever takes it.

One Delivery runs on the loop of each delivery process.  It sleeps until a bell wakes it
or something becomes due, looks which next hops have something due, and keeps a
Destination for each, within the limits on connections.  The rows are the truth: what a
Destination claims is ours for a lease, renewed while we hold it; what we held when we
died is given back by our successor.

Standards: RFC 5321 §4.5.4.1 (sending strategy).

Read on: destination works off one next hop, judge.route decides what follows.
"""
import asyncio
import contextlib
from collections.abc import Coroutine, Iterable, Sequence
from typing import Any

from mta.base.errors import PillarboxError, TemporaryError
from mta.base.events import Event
from mta.flow import bounce, routing
from mta.flow.destination import STUCK, Destination
from mta.flow.dialing import SMTP_PORT, Dialing
from mta.flow.ledger import Ledger
from mta.flow.queueing import last_failure
from mta.flow.world import World
from mta.report.dsn import Fate
from mta.store import leases, queue
from mta.store.connection import Connection
from mta.store.queue import QueuedMessage, QueuedRecipient

#: Next hops looked at in one go.
HOPS = 500
#: Seconds: the longest sleep while something is queued, and the shortest between two looks at what is late.
NET, LATE = 60.0, 30.0
#: Messages whose senders are told in one go that they are late.
NOTICES = 50
#: Times as long as a look at the queue took until the next one.
REST = 4
#: Share of a lease after which claims are renewed.
RENEW = 3
#: Seconds that transfers get to finish when we are to stop.
GRACE = 8.0


class ToldAlready(PillarboxError):
    """Another delivery process was quicker.  Never leaves this module."""


class Delivery:
    """Delivers for one process; owner names its claims (mta.store.leases), port is where mail hosts listen."""

    def __init__(self, world: World, owner: str, port: int = SMTP_PORT) -> None:
        self.world, self.owner = world, owner
        self.limits = world.config.limits
        self.dialing = Dialing(world, port)
        self.ledger = Ledger(world, self._settled)
        self.stopping = False
        self.destinations: dict[str, Destination] = {}
        self._mine: set[int] = set()
        self._errands: set[asyncio.Task[Any]] = set()
        self._woken = asyncio.Event()
        self._begun = False
        self._looked_for_late = -LATE
        self._late: asyncio.Task[Any] | None = None
        #: Next hops up to this one have had their turn.
        self._after = ""

    def wake(self) -> None:
        """Something in the queue has changed; to be called on the loop."""
        self._woken.set()

    async def run(self) -> None:
        """Deliver until stop() is called; returns when all is given back or written."""
        renewing = asyncio.create_task(self._renew())
        try:
            await self._take_over()
            self._begun = True
            while not self.stopping:
                self._woken.clear()
                began = self.world.clock.monotonic()
                try:
                    self._look()
                    self._look_for_late()
                    pause = self._pause()
                except TemporaryError as problem:
                    self.world.journal.note(Event.STORE_TROUBLE, where="queue", problem=str(problem))
                    pause = 1.0
                # A look costs time with every next hop that waits: bells must not make us do nothing else.
                await asyncio.sleep(min(REST * (self.world.clock.monotonic() - began), 1.0))
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._woken.wait()
        finally:
            self.stopping = True
            renewing.cancel()
            await self._close()

    @property
    def busy(self) -> bool:
        """Whether anything is being delivered, written or told."""
        return bool(self.destinations or self._mine or self._errands) or self._woken.is_set() or not self._begun

    def stop(self) -> None:
        """Begin nothing more; run() returns within GRACE seconds or little more."""
        self.stopping = True
        self._woken.set()

    # --- what to do -------------------------------------------------------------------------------

    async def _take_over(self) -> None:
        """Begin with the queue as dead predecessors left it."""
        await self._insist(self.world.store.write(lambda db: queue.release_all(db, leases.role_of(self.owner))))
        self._errand(self.dialing.prepare())
        self._errand(self._reroute())

    async def _reroute(self) -> None:
        """Mail that waits goes the way of today's configuration, not of the one it was queued under."""
        after: int | None = 0
        while after is not None and not self.stopping:
            after = await self._insist(self.world.store.write(
                lambda db, after=after: queue.reroute(db, routing.way_of(db, self.world), after)))    # type: ignore[misc]

    async def _insist(self, writing: Coroutine[Any, Any, Any]) -> Any:
        """What writing gives; if the store cannot be written, the rest of the work goes on all the same."""
        try:
            return await writing
        except TemporaryError as problem:
            self.world.journal.note(Event.STORE_TROUBLE, where="queue", problem=str(problem))
            return None

    def _look(self) -> None:
        """Open lanes for what is due, as far as the limits allow."""
        # What stays in this house needs no connection, and waits for no server elsewhere.
        for hop in self.world.store.read(lambda db: queue.due_here(db, self.world.clock, self.world.config.hostname.ascii)):
            self._work_on(hop, here=True)
        self._look_elsewhere()
        for destination in self.destinations.values():
            destination.hurry()

    def _look_elsewhere(self) -> None:
        """Next hops in the order of their names; who comes last today comes first the next time."""
        for at in dict.fromkeys((self._after, "")):
            while hops := self.world.store.read(lambda db, at=at: queue.due_next_hops(    # type: ignore[misc]
                    db, self.world.clock, HOPS, after=at)):
                for hop, _ in hops:
                    if hop not in self.destinations and self._lanes() >= self.limits.delivery_connections:
                        self._after = at
                        return
                    self._work_on(hop)
                    at = hop
        self._after = ""

    def _work_on(self, hop: str, *, here: bool = False) -> None:
        if hop in self.destinations:
            self.destinations[hop].more_is_due()
            return
        destination = self.destinations[hop] = Destination(self, hop, self._closed, here=here)
        destination.open_lane()

    def _closed(self, destination: Destination) -> None:
        del self.destinations[destination.hop]
        for leaving in destination.leaving:
            self._errands.add(leaving)
            leaving.add_done_callback(self._errands.discard)
        # What came while its last lane was ending has nobody yet.
        self._woken.set()

    def _lanes(self) -> int:
        """Lanes that may have a connection."""
        return sum(len(destination.lanes) for destination in self.destinations.values() if not destination.here)

    def _pause(self) -> float:
        """Seconds to sleep if nobody wakes us."""
        if self.destinations:
            return STUCK
        due = self.world.store.read(queue.next_due)
        if due is None:
            return 10 * NET
        return min(max(due - self.world.clock.timestamp(), 0.05), NET)

    # --- what destinations need ----------------------------------------------------------------------

    def may_open(self, destination: Destination) -> bool:
        """Whether another lane may open: half of all connections are kept for the first lanes of others."""
        return not self.stopping and (destination.here or self._lanes() < max(self.limits.delivery_connections // 2, 1))

    def took(self, ids: Iterable[int]) -> set[int]:
        """These recipients are ours now; returns those that were not before."""
        new = set(ids) - self._mine
        self._mine |= new
        return new

    def give_back(self, ids: Sequence[int]) -> None:
        """These recipients were not tried and are anybody's; returns at once."""
        if ids:
            self._mine.difference_update(ids)
            self._errand(self._release(ids))

    async def _release(self, ids: Sequence[int]) -> None:
        await self._insist(self.world.store.write(lambda db: queue.release(db, ids, self.owner)))
        self._woken.set()

    def _settled(self, ids: Sequence[int]) -> None:
        self._mine.difference_update(ids)
        if not self.destinations:
            # The loop may have gone to sleep before this was written: when it is due again is news to it.
            self._woken.set()

    def _errand(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self._errands.add(task)
        task.add_done_callback(self._ran)
        return task

    def _ran(self, errand: asyncio.Task[Any]) -> None:
        self._errands.discard(errand)
        if not errand.cancelled() and (problem := errand.exception()) is not None:
            self.world.journal.note(Event.UNEXPECTED, where="mta.flow.deliver", problem=repr(problem))

    async def _renew(self) -> None:
        """Keep what we hold, for as long as we hold it."""
        while True:
            await asyncio.sleep(self.limits.lease / RENEW)
            ids = [*self._mine]
            if ids:
                await self._insist(self.world.store.write(lambda db, ids=ids: queue.renew(    # type: ignore[misc]
                    db, self.world.clock, ids, self.owner)))

    # --- what is late -----------------------------------------------------------------------------------

    def _look_for_late(self) -> None:
        if self.world.clock.monotonic() - self._looked_for_late >= LATE and (self._late is None or self._late.done()):
            self._looked_for_late = self.world.clock.monotonic()
            self._late = self._errand(self._insist(self._tell_late()))

    async def _tell_late(self) -> None:
        """Tell senders of mail that could not be delivered for some hours that we go on trying (RFC 5321 §4.5.4.1)."""
        world = self.world
        before = world.clock.timestamp() - world.config.queue.delay_notice_after
        while not self.stopping and (late := world.store.read(lambda db: queue.late(db, before, NOTICES))):
            for message, recipients in late:
                await self._tell_about(message, recipients)

    async def _tell_about(self, message: QueuedMessage, recipients: list[QueuedRecipient]) -> None:
        fates = [Fate(one.recipient, last_failure(one), one.last_at or message.created) for one in recipients]
        ids = [one.id for one in recipients]

        def change(db: Connection) -> None:
            left = [found for ident in ids if (found := queue.recipient(db, ident))]
            if not left or left[0][1].delay_noticed:
                raise ToldAlready
            queue.delay_noticed(db, ids)

        with contextlib.suppress(ToldAlready):
            await bounce.delayed(self.world, message, fates, change)

    # --- the end -------------------------------------------------------------------------------------------

    async def _close(self) -> None:
        """Let what is being sent finish, give back the rest, and write down what is known."""
        lanes = [lane for destination in self.destinations.values() for lane in destination.lanes]
        if lanes:
            _, unfinished = await asyncio.wait(lanes, timeout=GRACE)
            for lane in unfinished:
                lane.cancel()
            await asyncio.gather(*lanes, return_exceptions=True)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                await self.ledger.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                await self.dialing.close()
        if self._errands:
            _, unfinished = await asyncio.wait(self._errands, timeout=0.5)
            for errand in unfinished:
                errand.cancel()
        ids = [*self._mine]
        await self._insist(self.world.store.write(lambda db: queue.release(db, ids, self.owner)))
