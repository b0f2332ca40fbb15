"""Leases: the living keep what they hold, the dead do not."""
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mta.base.clock import SetClock
from mta.base.limits import LIMITS
from mta.store import leases


def test_an_incarnation_names_its_role_and_lives() -> None:
    """This process is alive under its own owner text, which is new each time."""
    owner = leases.incarnation("delivery", 1)
    assert owner.startswith(f"delivery-1:{os.getpid()}:")
    assert leases.alive(owner)
    assert owner != leases.incarnation("delivery", 1)


def test_a_process_that_ended_is_dead() -> None:
    """The owner text of a process that is gone names nobody."""
    program = "from mta.store import leases; print(leases.incarnation('delivery'))"
    owner = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60).stdout.strip()
    assert not leases.alive(owner)
    mine = leases.incarnation("delivery")
    assert leases.dead([owner, mine, "reporter-0:1:1:x"], "delivery") == [owner]


def test_copies_are_of_one_role() -> None:
    """Whatever their number."""
    assert {leases.role_of(leases.incarnation("delivery", number)) for number in (0, 11)} == {"delivery"}
    assert leases.role_of("nonsense") == ""


def test_a_zombie_is_dead() -> None:
    """A child that ended and was not reaped yet works no more."""
    child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    assert child.stdin is not None
    start = Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()[19]
    owner = f"delivery-0:{child.pid}:{start}:x"
    assert leases.alive(owner)
    child.stdin.close()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert not leases.alive(owner)
    child.wait()


def test_another_process_with_the_same_pid_is_another() -> None:
    """A pid that came back does not keep a dead owner's rows."""
    assert not leases.alive(f"delivery-0:{os.getpid()}:1:x")


@pytest.mark.parametrize("owner", [
    "", "delivery", "delivery-0:", "delivery-0:x:y:z", "delivery-0:1:", "delivery-0:999999999:0:x", "a:-1:5:b"])
def test_text_of_others_names_nobody(owner: str) -> None:
    """What we did not write is dead."""
    assert not leases.alive(owner)


def test_a_lease_has_its_length() -> None:
    """It runs out LIMITS.lease seconds from now."""
    clock = SetClock()
    assert leases.until(clock) == clock.timestamp() + LIMITS.lease
