"""workers.sdnotify: what systemd hears."""
import contextlib
import math
import os
import socket
from pathlib import Path

from mta.base.clock import SetClock
from workers.sdnotify import Systemd


def test_facts_arrive_as_lines(tmp_path: Path) -> None:
    """One datagram per call."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(5)
        systemd = Systemd(SetClock(), {"NOTIFY_SOCKET": str(tmp_path / "notify")})

        systemd.tell(READY=1, STATUS="well")
        assert manager.recv(100) == b"READY=1\nSTATUS=well"
        systemd.reloading()
        assert manager.recv(100) == b"RELOADING=1\nMONOTONIC_USEC=1000000000"


def test_the_watchdog_is_fed_twice_as_often_as_it_asks(tmp_path: Path) -> None:
    """Only if it asks this process."""
    asked = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "30000000"}

    assert Systemd(SetClock(), asked).watchdog == 15
    assert Systemd(SetClock(), {**asked, "WATCHDOG_PID": str(os.getpid())}).watchdog == 15
    assert Systemd(SetClock(), {**asked, "WATCHDOG_PID": "1"}).watchdog is None


def test_a_sign_of_life_is_given_when_it_is_due(tmp_path: Path) -> None:
    """At once, and then as often as was asked."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.setblocking(False)
        clock = SetClock()
        systemd = Systemd(clock, {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "30000000"})
        for passed in (0, 1, 14, 15):
            clock.advance(passed)
            systemd.sign()

        heard = []
        with contextlib.suppress(BlockingIOError):
            while True:
                heard.append(manager.recv(100))
        assert heard == [b"WATCHDOG=1"] * 3
        assert systemd.due == clock.monotonic() + 15


def test_without_systemd_nothing_happens() -> None:
    """And a manager that has gone is no problem either."""
    assert Systemd(SetClock(), {}).watchdog is None
    assert Systemd(SetClock(), {}).due == math.inf
    Systemd(SetClock(), {}).sign()
    Systemd(SetClock(), {}).tell(READY=1)
    Systemd(SetClock(), {"NOTIFY_SOCKET": "/nowhere/at/all"}).tell(READY=1)
