"""Nothing that goes wrong goes unnoticed: tasks, callbacks, threads and destructors."""
import asyncio
import gc
import io
import sys
import threading
from collections.abc import Iterator

import pytest

from mta.base.clock import SetClock
from mta.base.errors import BadName
from mta.base.events import Event, Journal, Recorded
from mta.base.names import Domain
from mta.base.watching import watch_loop, watch_process


@pytest.fixture
def seen() -> Recorded:
    """What was noted."""
    return Recorded()


@pytest.fixture
def journal(seen: Recorded) -> Journal:
    """A silent journal that keeps what it hears."""
    return Journal("web", SetClock(), stream=io.StringIO(), sinks=(seen,))


@pytest.fixture
def watched(journal: Journal) -> Iterator[None]:
    """The hooks of the process are ours for a while."""
    before = threading.excepthook, sys.unraisablehook
    watch_process(journal)
    yield
    threading.excepthook, sys.unraisablehook = before


def stumble() -> None:
    """Break inside a module of ours."""
    Domain.parse("a..b")


async def test_a_task_that_nobody_waits_for(journal: Journal, seen: Recorded) -> None:
    """Its exception is counted when the task is forgotten, for the module it came from."""
    watch_loop(asyncio.get_running_loop(), journal)

    async def work() -> None:
        stumble()

    task = asyncio.create_task(work())
    await asyncio.wait([task])
    del task
    gc.collect()
    [record] = seen.records
    assert (record.event, record.facts["where"]) == (Event.UNEXPECTED, "mta.base.names")
    assert "BadName" in str(record.facts["problem"])


async def test_a_callback_that_raises(journal: Journal, seen: Recorded) -> None:
    """The loop goes on, a peer that broke off is not counted, and a problem without an exception names us."""
    loop = asyncio.get_running_loop()
    watch_loop(loop, journal)

    def gone() -> None:
        raise ConnectionResetError("they went away")

    loop.call_soon(gone)
    loop.call_soon(stumble)
    await asyncio.sleep(0)
    loop.call_exception_handler({"message": "odd"})
    assert [record.facts["where"] for record in seen.records] == ["mta.base.names", "mta.base.watching"]


def test_a_thread_that_breaks(watched: None, seen: Recorded) -> None:
    """It ends alone, and its name is told."""
    thread = threading.Thread(target=stumble, name="chores")
    thread.start()
    thread.join()
    [record] = seen.records
    assert (record.event, record.facts["where"]) == (Event.UNEXPECTED, "mta.base.names chores")


def test_a_destructor_that_breaks(watched: None, seen: Recorded) -> None:
    """What cannot be raised is counted."""
    class Untidy:
        def __del__(self) -> None:
            stumble()

    Untidy()
    gc.collect()
    [record] = seen.records
    assert record.facts["where"] == "mta.base.names"
    assert isinstance(record.facts["problem"], str)
    assert BadName.__name__ in record.facts["problem"]
