"""A server of small roles: python -m tests.workers.small_server FILE, where FILE is its configuration.

Files in its data directory make things happen at bad moments of a reload: the signals of
`at-exec` (each a line: process, number) come when the new program has just begun to run,
`vanish` makes Python disappear after the rehearsal.
"""
import os
import select
import sys
from collections.abc import Callable
from pathlib import Path

from mta.base.clock import Clock, SystemClock
from mta.base.errors import SetupError
from mta.base.events import Journal
from mta.config.model import Config
from mta.config.parse import load
from workers.handover import VARIABLE
from workers.preparing import Certificate
from workers.process import Role
from workers.supervisor import Supervisor

ROLES = (
    Role("greeter", "tests.workers.small_role", ("smtp",), lambda config: config.acceptor.copies),
    Role("loner", "tests.workers.small_role", alone=True),
)


def prepare(config: Config, certificate: Certificate, clock: Clock, journal: Journal, first: bool) -> None:
    """Stand in for databases."""
    if (config.data / "no-room").exists():
        raise SetupError("1 GB is needed, 3 MB are there")


def certify(config: Config, clock: Clock, journal: Journal, ring: Callable[[str], None]) -> None:
    """Stand in for an authority, which takes its time if `slow` is there."""
    os.write(sys.stdout.fileno(), f"certify as {os.getpid()}\n".encode())
    ring("loner")
    if (config.data / "slow").exists():
        select.poll().poll(60_000)
    if (config.data / "authority").exists():
        raise SetupError("the authority is made of cheese")


def interfere(data: Path) -> None:
    """Let happen what was asked for."""
    how = os.environ.get(VARIABLE, "").partition(" ")[0]
    if how == "replace" and (data / "at-exec").exists():
        for line in (data / "at-exec").read_text().splitlines():
            os.kill(*map(int, line.split()))
        (data / "at-exec").unlink()
    if how == "rehearse" and (data / "vanish").exists():
        Path(sys.executable).unlink()


if __name__ == "__main__":
    file = Path(sys.argv[1])
    interfere(file.parent / "data")
    try:
        Supervisor(lambda: load(file), SystemClock(), lambda text: print(text, flush=True),
                   roles=ROLES, prepare=prepare, certify=certify, stop_wait=1.0, look_wait=0.1).run()
    except SetupError as problem:
        sys.exit(f"error: {problem}")
