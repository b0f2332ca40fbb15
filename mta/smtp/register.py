"""The sessions that are open in this process: how many there may be, and how they end.

Also holds on to the messages that are being stored, which nothing may cancel.
"""
import asyncio
from collections.abc import Coroutine
from typing import Any, Protocol, TypeVar

from mta.base.limits import LIMITS, Limits

Result = TypeVar("Result")


class Member(Protocol):
    """A session, as far as the register cares."""

    def stop(self) -> None:
        """End as soon as nothing is half-done."""
        ...


class Register:
    """Who is here; one for all listeners of a process."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        self._most = limits.sessions
        self._members: set[Member] = set()
        self._storing: set[asyncio.Task[Any]] = set()
        self._empty = asyncio.Event()
        self._empty.set()
        self.stopping = False

    def __len__(self) -> int:
        """How many sessions are open."""
        return len(self._members)

    def __bool__(self) -> bool:
        """An empty register is one all the same."""
        return True

    def enter(self, member: Member) -> bool:
        """Count member in; False if there are too many already."""
        if len(self._members) >= self._most:
            return False
        self._members.add(member)
        self._empty.clear()
        return True

    def leave(self, member: Member) -> None:
        """Count member out; harmless if it never came in."""
        self._members.discard(member)
        self._note_if_empty()

    async def see_through(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Run work to its end, even if whoever waits for it is cancelled."""
        task = asyncio.get_running_loop().create_task(work)
        self._storing.add(task)
        self._empty.clear()
        task.add_done_callback(self._stored)
        return await asyncio.shield(task)

    async def stop(self) -> None:
        """Tell every session to end, and return when all have gone and all is stored.

        Waits as long as it takes: a DATA under way may finish.  Whoever cannot wait
        cancels this; stored messages are then still seen through by the loop.
        """
        self.stopping = True
        for member in list(self._members):
            member.stop()
        await self.empty()

    async def empty(self) -> None:
        """Wait until no session is open and nothing is being stored."""
        await self._empty.wait()

    def _stored(self, task: asyncio.Task[Any]) -> None:
        self._storing.discard(task)
        if not task.cancelled():
            task.exception()    # if nobody waits any more, nobody needs the warning either
        self._note_if_empty()

    def _note_if_empty(self) -> None:
        if not self._members and not self._storing:
            self._empty.set()
