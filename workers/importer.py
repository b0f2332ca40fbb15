"""Imports of the account pages, worked off beside the other work of the reporter role.

A few threads, each with one import at a time; a reading of files works in the thread
itself, one over IMAP on the role's loop.  Bells and the minute's tick make them look;
what the role leaves half done when it ends, its successor goes on with.
"""
import threading
from collections.abc import Callable, Coroutine
from typing import Any

from mta.base.errors import TemporaryError, origin
from mta.base.events import Event
from mta.base.limits import LIMITS
from mta.flow import importing
from mta.flow.world import World
from mta.store.batcher import Batcher


class Importer:
    """The threads; owner is what this process claims imports as."""

    def __init__(self, world: World, owner: str, stopping: threading.Event, finish: Callable[[Coroutine[Any, Any, None]], None]) -> None:
        self._world, self._owner, self._stopping, self._finish = world, owner, stopping, finish
        self._workers = [Batcher(f"import-{number}", self._work, 0.0) for number in range(LIMITS.imports_at_once)]

    def poke(self) -> None:
        """There may be an import to be done."""
        for worker in self._workers:
            worker.poke()

    def stop(self, wait: float) -> None:
        """Leave after the batches in hand; stopping is set."""
        for worker in self._workers:
            worker.close(wait)

    def _work(self) -> None:
        """Do imports until none waits."""
        try:
            while not self._stopping.is_set() and (row := importing.claim(self._world, self._owner)):
                importing.run(self._world, row, self._owner, lambda seconds: self._stopping.wait(seconds), self._finish)
        except TemporaryError as problem:
            self._world.journal.note(Event.STORE_TROUBLE, where="import", problem=str(problem))
        except Exception as problem:    # a bug must not end the thread: the next bell tries again
            self._world.journal.note(Event.UNEXPECTED, where=origin(problem), problem=repr(problem))
