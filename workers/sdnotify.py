"""Telling systemd how we are (sd_notify(3)), if it asked.

The environment names a datagram socket; what we say there is a few lines of text.
Without systemd every call does nothing.
"""
import contextlib
import math
import os
import socket
from collections.abc import Mapping

from mta.base.clock import Clock


class Systemd:
    """The service manager that started us, or nobody."""

    def __init__(self, clock: Clock, environment: Mapping[str, str] = os.environ) -> None:
        self._clock = clock
        self._address = environment.get("NOTIFY_SOCKET", "").replace("@", "\0", 1)
        asked = environment.get("WATCHDOG_USEC", "")
        meant = environment.get("WATCHDOG_PID") in (None, str(os.getpid()))
        #: Seconds between two signs of life (half of what systemd tolerates), or None.
        self.watchdog = int(asked) / 2_000_000 if asked.isdecimal() and meant and self._address else None
        #: When the next one is due, monotonic seconds.
        self.due = math.inf if self.watchdog is None else clock.monotonic()

    def tell(self, **facts: object) -> None:
        """Say facts, as in READY=1; never raises."""
        if not self._address:
            return
        text = "\n".join(f"{name}={value}" for name, value in facts.items())
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
            out.setblocking(False)
            out.sendto(text.encode(), self._address)

    def sign(self) -> None:
        """Give a sign of life if one is due."""
        if self.watchdog is not None and self.due <= self._clock.monotonic():
            self.tell(WATCHDOG=1)
            self.due = self._clock.monotonic() + self.watchdog

    def reloading(self) -> None:
        """Say that a reload began; READY ends it."""
        self.tell(RELOADING=1, MONOTONIC_USEC=int(self._clock.monotonic() * 1_000_000))
