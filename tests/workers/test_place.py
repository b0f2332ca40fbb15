"""workers.place: how a role hears that it is over."""
import asyncio
import os
import signal
import threading

from workers.place import Stop


def test_a_thread_that_waits_is_woken() -> None:
    """From another thread, without polling."""
    stop = Stop()
    assert not stop.wait(0)
    thread = threading.Timer(0.01, stop.set)
    thread.start()

    assert stop.wait(10)
    assert stop.is_set
    assert stop.wait(0), "it stays set for whoever asks later"
    thread.join()


async def test_a_coroutine_that_waits_is_woken() -> None:
    """Also when it was set before."""
    stop = Stop()
    waiting = asyncio.ensure_future(stop.waited())
    await asyncio.sleep(0)
    assert not waiting.done()

    stop.set()

    await asyncio.wait_for(waiting, 5)
    await asyncio.wait_for(stop.waited(), 5)


def test_a_signal_sets_it() -> None:
    """As the supervisor sends it."""
    before = signal.getsignal(signal.SIGUSR1)
    stop = Stop()
    try:
        stop.on_signal(signal.SIGUSR1)
        os.kill(os.getpid(), signal.SIGUSR1)
        assert stop.wait(5)
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_it_can_be_set_any_number_of_times() -> None:
    """A full pipe blocks nobody."""
    stop = Stop()
    for _ in range(100_000):
        stop.set()
    assert stop.is_set
