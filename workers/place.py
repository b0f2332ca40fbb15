"""A role's place in the house: all it is handed when it starts.

A role is a module of workers with two functions.  `prepare()` runs once in the
supervisor, before any fork: it imports what is heavy and does nothing else.
`serve(place)` runs in the child, unprivileged, until `place.stop` is set; it calls
`place.ready()` as soon as it answers, and returns once what it was doing is done, within
STOP_WAIT seconds.  A SetupError that leaves `serve` is told to the operator as one line.
"""
import asyncio
import contextlib
import os
import select
import signal
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import FrameType

from mta.base.clock import Clock
from mta.base.events import Journal
from mta.config.model import Config
from workers.doorbells import Doorbells
from workers.loads import Loads

#: Seconds a role may take from the stop signal to its end; the supervisor ends it then.
STOP_WAIT = 9.0


class Stop:
    """Becomes set once, for good; can be waited for by a coroutine, a thread, or any poll over `fd`."""

    def __init__(self) -> None:
        self._seen, self._told = os.pipe()
        os.set_blocking(self._told, False)
        self._is_set = False

    def set(self) -> None:
        """Tell everyone who waits; safe in a signal handler and from any thread."""
        self._is_set = True
        with contextlib.suppress(BlockingIOError):
            os.write(self._told, b"!")

    @property
    def is_set(self) -> bool:
        """Whether it is time to go."""
        return self._is_set

    @property
    def fd(self) -> int:
        """Readable from the moment of `set` on; nobody may read from it."""
        return self._seen

    def wait(self, seconds: float | None = None) -> bool:
        """Block the calling thread until set, at most seconds; whether it is set."""
        poll = select.poll()
        poll.register(self._seen, select.POLLIN)
        return bool(poll.poll(None if seconds is None else seconds * 1000)) or self._is_set

    async def waited(self) -> None:
        """Return when set.  One coroutine at a time may wait so."""
        loop = asyncio.get_running_loop()
        told = asyncio.Event()
        loop.add_reader(self._seen, told.set)
        try:
            await told.wait()
        finally:
            loop.remove_reader(self._seen)

    def on_signal(self, number: int = signal.SIGTERM) -> None:
        """Be set by that signal; call it in the main thread."""
        def heard(_number: int, _frame: FrameType | None) -> None:
            self.set()
        signal.signal(number, heard)


@dataclass(frozen=True, slots=True)
class Place:
    """What a role knows of the house.

    `sockets` has the listening sockets of its role by service: "smtp", "submission",
    "submissions", "http", "https", "metrics", and the Unix sockets "resolver" and
    "sendmail" at their paths in config.run.  They are bound, listening and non-blocking;
    the supervisor keeps them open, so closing ours turns nobody away.
    """

    config: Config
    role: str
    number: int
    sockets: Mapping[str, list[socket.socket]]
    doorbells: Doorbells
    loads: Loads
    stop: Stop
    clock: Clock
    journal: Journal
    tell_ready: Callable[[], None]

    def ready(self) -> None:
        """Say that we answer."""
        self.tell_ready()

    @property
    def name(self) -> str:
        """The process's name for people: role, and number where there are several."""
        return f"{self.role}-{self.number}" if self.number else self.role
