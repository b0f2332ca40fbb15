"""A loop in a thread of its own, for a role of threads that now and then has to ask the network.

The role's resolver belongs to this loop.
"""
import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError
from typing import Any, TypeVar

from mta.base.errors import TemporaryError
from mta.base.events import Journal
from mta.base.watching import watch_loop

T = TypeVar("T")


class Errands:
    """Runs coroutines for threads."""

    def __init__(self, journal: Journal) -> None:
        self._loop = asyncio.new_event_loop()
        watch_loop(self._loop, journal)
        self._thread = threading.Thread(target=self._run, name="errands", daemon=True)
        self._thread.start()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait in this thread until work is done; TemporaryError if we are closed meanwhile."""
        try:
            future = asyncio.run_coroutine_threadsafe(work, self._loop)
        except RuntimeError:
            work.close()
            raise TemporaryError("the process is ending") from None
        try:
            return future.result()
        except CancelledError:
            raise TemporaryError("the process is ending") from None

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin work that goes on until we are closed."""
        asyncio.run_coroutine_threadsafe(work, self._loop)

    def call(self, what: Callable[[], None]) -> None:
        """Have what done on the loop, soon; nothing if we are closed."""
        if not self._loop.is_closed():
            with contextlib.suppress(RuntimeError):    # closed just now
                self._loop.call_soon_threadsafe(what)

    def close(self) -> None:
        """Give up what is under way."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            tasks = asyncio.all_tasks(self._loop)
            for task in tasks:
                task.cancel()
            self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
            self._loop.close()
