"""Evidence that is counted in memory and written a little later, all at once: what is seen often must not cost a commit each time.

What a crash loses is a few counts of a report.
"""
import asyncio
from abc import ABC, abstractmethod

from mta.flow.world import World


class Gathering(ABC):
    """What one process has seen and not written yet: it is written delay seconds after the first of it, and at the end.

    Belongs to one loop.
    """

    def __init__(self, world: World, delay: float) -> None:
        self._world, self._delay = world, delay
        self._writing: asyncio.Task[None] | None = None

    @abstractmethod
    def waits(self) -> bool:
        """Whether there is anything to be written or told."""

    @abstractmethod
    async def flush(self) -> None:
        """Write what there is now."""

    async def close(self) -> None:
        """Write what is left; nothing may be noted any more."""
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.gather(self._writing, return_exceptions=True)
        await self.flush()

    def _wake(self) -> None:
        """Something was noted."""
        if self.waits() and (self._writing is None or self._writing.done()):
            self._writing = asyncio.create_task(self._write_soon())

    async def _write_soon(self) -> None:
        while self.waits():
            await asyncio.sleep(self._delay)
            await self.flush()
