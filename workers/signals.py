"""Signals, heard by a poll: they wake it and are obeyed there, never in the middle of something.

They can be held back while one program takes the place of another (exec): what comes
meanwhile waits in the kernel and reaches the new one, which would otherwise be ended by
it before it can say what it wants.
"""
import contextlib
import os
import signal
from collections.abc import Iterator
from types import FrameType
from typing import Final

HEARD: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)


class Signals:
    """Those that came and were not obeyed yet."""

    def __init__(self) -> None:
        self._asked: set[signal.Signals] = set()
        self._written = -1

    @contextlib.contextmanager
    def hearing(self) -> Iterator[int]:
        """Hear them, also those that were held back; the descriptor that turns readable when one comes (see drain)."""
        heard, written = os.pipe()
        self._written = written
        os.set_blocking(heard, False)
        os.set_blocking(written, False)
        before = {number: signal.signal(number, self._hear) for number in HEARD}
        signal.set_wakeup_fd(written, warn_on_full_buffer=False)
        self.let_come()
        try:
            yield heard
        finally:
            signal.set_wakeup_fd(-1)
            for number, handler in before.items():
                signal.signal(number, handler)
            os.close(written)
            os.close(heard)

    def ask(self, number: signal.Signals) -> None:
        """As if that signal had come."""
        self._asked.add(number)
        with contextlib.suppress(BlockingIOError):
            os.write(self._written, b"!")

    def take(self) -> set[signal.Signals]:
        """What came since the last time."""
        # A handler may run between any two steps: from here on it adds to the new set.
        asked, self._asked = self._asked, set()
        return asked

    @property
    def waiting(self) -> frozenset[signal.Signals]:
        """What came and was not taken yet."""
        return frozenset(self._asked)

    def hold_back(self) -> frozenset[signal.Signals]:
        """Let none come any more, also over an exec; those that are waiting."""
        signal.pthread_sigmask(signal.SIG_BLOCK, HEARD)    # runs the handlers of those that came before
        return self.waiting

    def let_come(self) -> None:
        """The opposite of hold_back."""
        signal.pthread_sigmask(signal.SIG_UNBLOCK, HEARD)

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self._asked.add(signal.Signals(number))


def drain(heard: int) -> None:
    """Take what woke the poll."""
    with contextlib.suppress(BlockingIOError):
        os.read(heard, 512)
