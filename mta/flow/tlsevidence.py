"""Gather what became of protected sessions, and write it down now and then (RFC 8460).

A session set-up costs an addition in memory; what was gathered is written in one change (mta.flow.gathering).
"""
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from mta.base.errors import TemporaryError
from mta.base.events import Event
from mta.flow import gathering
from mta.flow.world import World
from mta.secure.tlsresult import Outcome
from mta.store import evidence

#: Seconds from the first outcome to the writing of all.
DELAY = 5.0


class Gathering(gathering.Gathering):
    """Sessions that one process has seen and not written yet."""

    def __init__(self, world: World, delay: float = DELAY) -> None:
        super().__init__(world, delay)
        self._counted = Counter[tuple[str, Outcome]]()
        self._lost = 0

    def note(self, outcomes: Iterable[Outcome], *, optional: bool = False) -> None:
        """Count these, once each; costs the same however many were counted before.  optional: they are no reason for a report."""
        day = evidence.day_of(self._world.clock.timestamp())
        for outcome in (replace(one, optional=True) for one in outcomes) if optional else outcomes:
            if (day, outcome) in self._counted or len(self._counted) < self._world.config.limits.tls_gathered:
                self._counted[day, outcome] += 1
            else:
                self._lost += 1
        self._wake()

    async def flush(self) -> None:
        """Write what there is; what cannot be written now stays."""
        counted, self._counted = self._counted, Counter()
        lost, self._lost = self._lost, 0
        if not counted:
            return
        try:
            lost += await self._world.store.write(lambda db: evidence.note(db, counted))
        except TemporaryError as problem:
            self._world.journal.note(Event.STORE_TROUBLE, where=__name__, problem=str(problem))
            self._counted.update(counted)
        if lost:
            self._world.journal.note(Event.EVIDENCE_DROPPED, sessions=lost)

    def waits(self) -> bool:
        """Whether sessions were counted."""
        return bool(self._counted)
