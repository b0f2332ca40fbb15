"""Waiting for something outside of us to become true."""
import socket
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(what: Callable[[], T], seconds: float = 60.0, why: str | Callable[[], str] = "") -> T:
    """The first true value of what(); AssertionError with why (what it says in the end) if none came in time."""
    end = time.monotonic() + seconds
    while True:
        value = what()
        if value:
            return value
        assert time.monotonic() < end, f"waited {seconds} s in vain: {why() if callable(why) else why or what}"
        time.sleep(0.02)


def port_open(ip: str, port: int) -> bool:
    """True if something listens there."""
    with socket.socket(socket.AF_INET6 if ":" in ip else socket.AF_INET) as probe:
        probe.settimeout(1)
        return probe.connect_ex((ip, port)) == 0
