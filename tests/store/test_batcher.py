"""Work that is gathered: done soon, in one thread, and a last time at the end."""
import threading

from mta.store.batcher import Batcher


def test_pokes_are_gathered() -> None:
    """Many pokes within the delay are one call, in another thread."""
    done, callers = threading.Event(), []

    def work() -> None:
        callers.append(threading.current_thread().name)
        done.set()

    batcher = Batcher("gatherer", work, 0.05)
    for _ in range(100):
        batcher.poke()
    assert done.wait(10)
    batcher.close()
    assert callers[0] == "gatherer"
    assert len(callers) <= 3


def test_closing_does_the_rest_at_once() -> None:
    """close() does not wait for the delay, and leaves no thread."""
    calls = []
    batcher = Batcher("patient", lambda: calls.append(1), 3600.0)
    batcher.poke()
    batcher.close()
    assert calls == [1]
    assert "patient" not in [thread.name for thread in threading.enumerate()]


def test_no_thread_before_the_first_poke() -> None:
    """What was never poked never had a thread, and can be closed."""
    before = threading.active_count()
    batcher = Batcher("unborn", lambda: None, 0.01)
    assert threading.active_count() == before
    batcher.close()
    batcher.poke()
    assert threading.active_count() == before
