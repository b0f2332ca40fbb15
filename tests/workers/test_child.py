"""workers.child: a forked process begins clean, reports, and never returns."""
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from workers.child import Child

SETUP = """
import io, os, signal, sys, time
from mta.base.clock import SystemClock
from mta.base.errors import SetupError
from mta.base.events import Journal
from workers.child import fork
from workers.privileges import whoever

def born(work):
    child = fork("tester", whoever(), 0.0, lambda: None, Journal("tester", SystemClock()), work)
    os.set_blocking(child.report, True)
    while child.hear():
        pass
    while (status := child.ended()) is None:
        time.sleep(0.001)
    return child, status
"""


def run(code: str) -> str:
    """Run code in a process without threads; what it prints."""
    done = subprocess.run([sys.executable, "-c", SETUP + code], capture_output=True, text=True, timeout=30, check=False,
                          cwd=Path(__file__).resolve().parents[2])
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_ready_is_told() -> None:
    """And its end is its own: what follows the fork in the parent does not happen twice."""
    said = run("""
print("before")
child, status = born(lambda ready: ready())
print(child.ready, repr(child.reason), status)
""")

    assert said == "before\nTrue '' 0\n"


def test_ready_is_a_line_of_its_own() -> None:
    """What was printed before it does not hide it, and a word that ends like it does not make it."""
    seen, told = os.pipe()
    os.set_blocking(seen, False)
    child = Child("tester", 1, seen, 0.0)
    for said, ready in ((b"we are already\n", False), (b"ready\n", True)):
        os.write(told, said)
        assert child.hear()
        assert child.ready is ready
    os.close(told)
    assert not child.hear()
    os.close(seen)

    assert child.reason == "we are already"


def test_what_the_operator_must_mend_is_told_in_its_words() -> None:
    """Without a traceback."""
    said = run("""
def work(ready):
    raise SetupError("the disk is made of cheese")
child, status = born(work)
print(child.ready, child.reason, status)
""")

    assert said == "False the disk is made of cheese 78\n"


def test_what_nobody_foresaw_leaves_its_traceback() -> None:
    """In the log, with a line that can be counted; and the reason is reported."""
    said = run("""
def work(ready):
    ready()
    {}["x"]
child, status = born(work)
print(child.ready, child.reason, status)
""")

    assert "True unexpected: KeyError: 'x' 70" in said
    assert "event=unexpected role=tester" in said
    assert "Traceback" in said


def test_signals_are_its_own() -> None:
    """Ctrl-C and SIGHUP are the supervisor's; SIGTERM ends even one that has not begun to listen."""
    said = run("""
signal.signal(signal.SIGTERM, lambda *a: print("the parent's handler"))
def work(ready):
    for number in (signal.SIGINT, signal.SIGHUP):
        os.kill(os.getpid(), number)
    ready()
    os.kill(os.getpid(), signal.SIGTERM)
    print("never here")
child, status = born(work)
print(child.ready, status)
""")

    assert said == f"True {-signal.SIGTERM}\n"


def test_a_fork_with_threads_is_refused() -> None:
    """A lock that another thread holds would stay locked in the child."""
    said = run("""
import threading
stop = threading.Event()
thread = threading.Thread(target=stop.wait); thread.start()
try: born(lambda ready: ready())
except RuntimeError as problem: print(problem)
stop.set(); thread.join()
""")

    assert said.startswith("threads before the fork")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody whose processes are counted")
def test_no_room_for_another_process_is_told() -> None:
    """The system's own words, and signals are heard as before."""
    said = run("""
import resource
os.setuid(54_321)
resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
before = len(os.listdir("/proc/self/fd"))
try: born(lambda ready: ready())
except SetupError as problem: print(problem)
print(len(os.listdir("/proc/self/fd")) - before, signal.pthread_sigmask(signal.SIG_BLOCK, ()))
""")

    assert said == "no process can be made for tester: Resource temporarily unavailable\n0 set()\n"


def test_nothing_of_the_parents_is_torn_down() -> None:
    """No exit handler of the parent's runs in the child."""
    said = run("""
import atexit
atexit.register(lambda: print("goodbye"))
born(lambda ready: ready())
""")

    assert said == "goodbye\n"
