"""Tests of workers.errands."""
import asyncio
import contextlib
import threading

import pytest

from mta.base.clock import SetClock
from mta.base.errors import TemporaryError
from mta.base.events import Journal
from workers.errands import Errands


async def answer(text: str) -> str:
    """Something that waits a moment."""
    await asyncio.sleep(0)
    if not text:
        raise ValueError("nothing to say")
    return text


def test_threads_get_answers() -> None:
    """What the coroutine gives or raises, all on one loop."""
    with contextlib.closing(Errands(Journal("reporter", SetClock()))) as errands:
        assert errands.do(answer("yes")) == "yes"
        with pytest.raises(ValueError, match="nothing"):
            errands.do(answer(""))


def test_closing_ends_what_waits() -> None:
    """Whoever waits is told, and so is who comes later."""
    errands, begun, seen = Errands(Journal("reporter", SetClock())), threading.Event(), []

    async def endless() -> None:
        begun.set()
        await asyncio.Event().wait()

    def wait() -> None:
        try:
            errands.do(endless())
        except TemporaryError as problem:
            seen.append(str(problem))

    thread = threading.Thread(target=wait)
    thread.start()
    begun.wait(10)
    errands.close()
    thread.join(10)

    assert seen == ["the process is ending"]
    with pytest.raises(TemporaryError):
        errands.do(answer("late"))
    errands.close()


def test_what_goes_on() -> None:
    """Begun and left to itself, called into, and ended with the loop; calls that come later are nothing."""
    errands, called, ended = Errands(Journal("reporter", SetClock())), threading.Event(), threading.Event()

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    errands.begin(endless())
    errands.call(called.set)
    assert called.wait(10)
    errands.close()
    assert ended.is_set()
    errands.call(called.clear)
    assert called.is_set()
