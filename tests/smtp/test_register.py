"""mta.smtp.register: who is here, and what must not be lost."""
import asyncio
from dataclasses import replace

import pytest

from mta.base.limits import LIMITS
from mta.smtp.register import Register


class Guest:
    """A session that stops when told to."""

    def __init__(self, register: Register) -> None:
        self.register, self.told = register, False

    def stop(self) -> None:
        self.told = True
        self.register.leave(self)


async def test_no_more_than_there_may_be() -> None:
    """The bound counts who is here now."""
    register = Register(replace(LIMITS, sessions=2))
    guests = [Guest(register) for _ in range(3)]

    assert [register.enter(guest) for guest in guests] == [True, True, False]
    assert len(register) == 2
    register.leave(guests[0])
    register.leave(guests[2])
    assert register.enter(guests[2])
    assert register, "an empty register is one all the same"


async def test_stop_tells_everybody_and_waits() -> None:
    """stop() returns when the last one has gone."""
    register = Register()
    polite, slow = Guest(register), Guest(register)
    slow.register = Register()
    for guest in (polite, slow):
        register.enter(guest)

    stopping = asyncio.create_task(register.stop())
    await asyncio.sleep(0)
    assert polite.told
    assert slow.told
    assert not stopping.done()

    register.leave(slow)
    await stopping


async def test_work_is_seen_through() -> None:
    """Whoever waits may be cancelled; the work goes on, and empty() waits for it."""
    register, gate, done = Register(), asyncio.Event(), list[str]()

    async def work() -> str:
        await gate.wait()
        done.append("done")
        return "result"

    waiter = asyncio.create_task(register.see_through(work()))
    await asyncio.sleep(0)
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter
    empty = asyncio.create_task(register.empty())
    await asyncio.sleep(0)
    assert not empty.done()

    gate.set()
    await empty
    assert done == ["done"]
    assert await register.see_through(work()) == "result"


async def test_work_that_fails() -> None:
    """The failure reaches who waits; if nobody does any more, it is no warning either."""
    register = Register()

    async def work() -> None:
        await asyncio.sleep(0)
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        await register.see_through(work())
    waiter = asyncio.create_task(register.see_through(work()))
    await asyncio.sleep(0)
    waiter.cancel()
    await register.empty()
