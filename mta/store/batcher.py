"""Work that may wait a moment, gathered: one thread, begun when there is something to do."""
import threading
from collections.abc import Callable


class Batcher:
    """Calls work() in its thread within `delay` seconds of poke(); pokes meanwhile are one.

    The thread starts with the first poke, so none exists before a fork.  work() must not
    raise.
    """

    def __init__(self, name: str, work: Callable[[], None], delay: float) -> None:
        self._name, self._work, self._delay = name, work, delay
        self._poked, self._closed = threading.Event(), threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def poke(self) -> None:
        """There is something to do.  From any thread; costs next to nothing when poked already."""
        if self._poked.is_set():
            return
        self._poked.set()
        if self._thread is None:
            with self._starting:
                if self._thread is None and not self._closed.is_set():
                    self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                    self._thread.start()

    def close(self, wait: float | None = None) -> None:
        """Do a last time what there is to do, and end the thread; do not wait longer than wait seconds for it."""
        self._closed.set()
        self._poked.set()
        with self._starting:    # a poke in another thread may be about to start it
            thread = self._thread
        if thread is not None:
            thread.join(wait)
        if thread is None or not thread.is_alive():
            self._work()

    def _run(self) -> None:
        while not self._closed.is_set():
            self._poked.wait()
            self._closed.wait(self._delay)
            if not self._closed.is_set():
                self._poked.clear()
                self._work()
