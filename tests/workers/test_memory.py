"""workers.memory: what processes cost, and giving back what is not needed."""
import ctypes
import os
import subprocess
import sys
from pathlib import Path

import pytest

from workers.memory import share


def test_a_process_has_a_share() -> None:
    """Some megabytes; what is not there has none."""
    assert 5_000_000 < share(os.getpid()) < 5_000_000_000
    assert share(2**22 + 1) == 0


def test_forgotten_libraries_still_work() -> None:
    """Their pages come back from the file when they are wanted."""
    code = """
import hashlib, json, ssl, zlib
from workers.memory import forget_libraries
def resident():    # not our share of it, which changes with everybody else's processes
    return int(open("/proc/self/statm").read().split()[1])
before = resident()
print(forget_libraries() > 1_000_000, resident() < before)
print(hashlib.sha256(zlib.compress(json.dumps([1]).encode())).hexdigest()[:4], ssl.create_default_context() is not None)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False,
                          cwd=Path(__file__).resolve().parents[2])

    assert done.stderr == ""
    assert done.stdout.split() == ["True", "True", done.stdout.split()[2], "True"]


def test_frozen_objects_are_not_looked_at_again() -> None:
    """Collecting garbage in a child does not touch what its parent had."""
    code = "import gc; from workers.memory import freeze; freeze(); print(gc.get_freeze_count() > 1000, len(gc.get_objects()) < 100)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True,
                          cwd=Path(__file__).resolve().parents[2])

    assert done.stdout == "True True\n"


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallinfo2"), reason="another malloc than that of glibc 2.33")
def test_gaps_are_filled_once() -> None:
    """What was free between things is taken; the second time there is next to nothing."""
    code = """
from workers.memory import fill_gaps
kept = [bytes(length) for length in range(600, 3000, 7) for _ in range(3)]
del kept[::2]
print(fill_gaps() > 100_000, fill_gaps() < 20_000)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True,
                          cwd=Path(__file__).resolve().parents[2])

    assert done.stdout == "True True\n"


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallopt"), reason="another malloc than that of glibc")
def test_threads_share_one_heap() -> None:
    """Otherwise each that asks for memory reserves 64 MB of addresses, and keeps what it once needed."""
    code = """
import threading
from workers.memory import give_back_soon
give_back_soon()
together = threading.Barrier(4)
def ask():
    kept = [bytes(5_000) for _ in range(100)]
    together.wait()
threads = [threading.Thread(target=ask) for _ in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
reserved = [line for line in open("/proc/self/maps") if " ---p " in line]
print(sum(int(line.split()[0].split("-")[1], 16) - int(line.split("-")[0], 16) > 60_000_000 for line in reserved))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True,
                          cwd=Path(__file__).resolve().parents[2])

    assert done.stdout == "0\n"
