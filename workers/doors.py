"""Accepting connections in turns.

Every acceptor waits on the same listening sockets.  The kernel wakes them all, and the
first to come takes the connection; whoever already holds more than another copy looks
away for two milliseconds first.  So connections spread evenly, a busy copy is no
obstacle to an idle one, and one that died keeps nobody waiting.
"""
import asyncio
import socket
from collections.abc import Callable, Coroutine
from typing import Any, Final

from workers.loads import Loads

#: Seconds for the others to take a connection that is rather theirs.
LOOK_AWAY: Final = 0.002
#: Seconds without accepting after the process ran out of descriptors or memory.
OUT_OF_BREATH: Final = 0.2

Welcome = Callable[[socket.socket], Coroutine[Any, Any, object]]


class Turns:
    """What one copy tells the others: how many connections it holds."""

    def __init__(self, loads: Loads, number: int, held: Callable[[], int]) -> None:
        self._loads, self._number, self._held = loads, number, held
        self._arriving = 0
        self.tell()

    def tell(self) -> None:
        """Tell the others how many we hold now."""
        self._loads.set(self._number, self._held() + self._arriving)

    @property
    def ours(self) -> bool:
        """Whether the next connection is for us."""
        self.tell()
        return self._loads.turn(self._number)

    def welcoming(self, more: int) -> None:
        """Count connections that were accepted but not yet counted by whoever holds them."""
        self._arriving += more
        self.tell()


class Door:
    """One listening socket; welcome(connection) runs as a task for each connection and must not raise."""

    def __init__(self, listening: socket.socket, turns: Turns, welcome: Welcome) -> None:
        self._listening, self._turns, self._welcome = listening, turns, welcome
        self._loop = asyncio.get_running_loop()
        self._later: asyncio.TimerHandle | None = None
        self._guests: set[asyncio.Task[object]] = set()
        self._loop.add_reader(listening.fileno(), self._knock)

    def close(self) -> None:
        """Accept no more; the supervisor keeps the socket, so nobody is turned away."""
        if self._later:
            self._later.cancel()
        self._loop.remove_reader(self._listening.fileno())

    def _knock(self) -> None:
        """Somebody is at the door."""
        if self._turns.ours:
            self._let_in()
        else:
            self._look_away(LOOK_AWAY)

    def _look_away(self, seconds: float) -> None:
        self._loop.remove_reader(self._listening.fileno())
        self._later = self._loop.call_later(seconds, self._look_back)

    def _look_back(self) -> None:
        """Take whoever still stands there, then go on as usual."""
        self._later = None
        self._loop.add_reader(self._listening.fileno(), self._knock)
        self._let_in()

    def _let_in(self) -> None:
        try:
            conn, _ = self._listening.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return    # another copy was quicker, or they went away
        except OSError:
            self._look_away(OUT_OF_BREATH)
            return
        conn.setblocking(False)
        self._turns.welcoming(1)
        task = self._loop.create_task(self._welcome(conn))
        self._guests.add(task)
        task.add_done_callback(self._welcomed)

    def _welcomed(self, task: asyncio.Task[object]) -> None:
        self._guests.discard(task)
        self._turns.welcoming(-1)
