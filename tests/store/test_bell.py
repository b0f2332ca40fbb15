"""Bells: heard soon, carried without pickle, lost without harm."""
import contextlib
import io
import os
import pickle
import queue
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cbor2
import pytest
from huey.registry import Message

from mta.base.clock import SetClock
from mta.base.events import Event, Journal, Recorded
from mta.base.limits import LIMITS
from mta.store import bell as bell_module
from mta.store.bell import BELL_TASK, CHANGED, TICK, Bell, BellSerializer, Refused


class House:
    """One role with a doorbell, and what it heard."""

    def __init__(self, directory: Path) -> None:
        self.wait, self.button = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.wait.setblocking(False)
        self.button.setblocking(False)
        self.recorded = Recorded()
        self.journal = Journal("test", SetClock(), sinks=(self.recorded,), level="error", stream=io.StringIO())
        self.directory = directory
        self.bell = Bell(directory, self.press, self.journal)
        self.heard: queue.Queue[tuple[str, int, float]] = queue.Queue()
        self.consumer: bell_module.Consumer | None = None

    def press(self, role: str) -> None:
        """The doorbell, as the supervisor makes it."""
        with contextlib.suppress(BlockingIOError):    # it is ringing already
            self.button.send(b"x")

    def listen(self, handler: Callable[[str, int], None] | None = None, *, tick: bool = False, pause: float = 0.0) -> None:
        """Start the role's consumer."""
        self.consumer = self.bell.consumer("delivery", handler or self.note, self.wait.fileno(), tick=tick, pause=pause)
        self.consumer.start()

    def note(self, kind: str, ident: int) -> None:
        """The handler: writes down what it hears, and when."""
        self.heard.put((kind, ident, time.perf_counter()))

    def next(self) -> tuple[str, int]:
        """What is heard next."""
        return self.heard.get(timeout=10)[:2]

    def events(self) -> list[Event]:
        """What was noted."""
        return [record.event for record in self.recorded.records]

    def close(self) -> None:
        """Stop and close."""
        if self.consumer is not None:
            self.consumer.stop()
        self.bell.close()
        self.wait.close()
        self.button.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A role whose consumer is not started yet."""
    house = House(tmp_path)
    yield house
    house.close()


def test_a_bell_is_heard(house: House) -> None:
    """Kind and id arrive as they were rung, followed by the doorbell itself."""
    house.listen()
    house.bell.ring("delivery", "queue", 17)
    assert house.next() == ("queue", 17)


def test_bells_rung_before_the_role_lives_are_heard_later(house: House) -> None:
    """A role that starts late hears what waits, in order."""
    for number in range(5):
        house.bell.ring("delivery", "queue", number)
    house.listen()
    assert [house.next() for _ in range(5)] == [("queue", number) for number in range(5)]


def test_a_doorbell_without_a_bell_is_heard(house: House) -> None:
    """A commit pokes only the doorbell; the role is told that something changed."""
    house.listen()
    house.press("delivery")
    assert house.next() == (CHANGED, 0)


def test_a_commit_is_not_drowned_by_a_bell(house: House) -> None:
    """A doorbell that rang together with a bell is still told on its own."""
    house.bell.ring("delivery", "queue", 1)
    house.press("delivery")
    house.listen()
    assert [house.next(), house.next()] == [("queue", 1), (CHANGED, 0)]


def test_commits_can_be_gathered(house: House) -> None:
    """During the pause after a doorbell nothing is heard, and a stop does not wait for its end."""
    house.listen(pause=3600.0)
    house.press("delivery")
    assert house.next() == (CHANGED, 0)
    house.press("delivery")
    house.bell.ring("delivery", "queue", 1)
    assert house.consumer is not None
    house.consumer.stop()
    house.consumer = None
    assert house.heard.empty()


def test_after_the_pause_all_is_heard(house: House) -> None:
    """What was rung during the pause comes after it, the doorbells as one."""
    house.listen(pause=0.05)
    house.press("delivery")
    assert house.next() == (CHANGED, 0)
    house.bell.ring("delivery", "queue", 1)
    assert house.next() == ("queue", 1)
    assert house.next() == (CHANGED, 0)


def test_other_roles_bells_are_not_heard(house: House) -> None:
    """Each role has its own queue."""
    house.bell.ring("reporter", "sweep", 1)
    house.bell.ring("delivery", "queue", 2)
    house.listen()
    assert house.next() == ("queue", 2)
    assert house.bell.waiting("reporter") == 1


def test_the_same_bell_waits_once(house: House) -> None:
    """A thousand rings for one row are one row of jobs.db."""
    for _ in range(1000):
        house.bell.ring("delivery", "queue", 7)
    house.bell.ring("delivery", "queue", 8)
    assert house.bell.waiting("delivery") == 2


def test_waiting_bells_are_bounded(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A role that is away for long leaves no heap behind, and another role's heap is no hindrance."""
    box = house.bell._of("delivery").bells.storage
    with box.db(commit=True) as cursor:
        cursor.executemany(
            "insert into task (queue, data, priority) values ('delivery', ?, 0)",
            ((cbor2.dumps([BELL_TASK, "queue", number]),) for number in range(LIMITS.bells_waiting + 1)))
    before = house.bell.waiting("delivery")
    house.bell.ring("delivery", "queue", 10**9)
    house.bell.ring("reporter", "queue", 10**9)
    assert house.bell.waiting("delivery") == before
    assert house.bell.waiting("reporter") == 1


def test_the_minute_ticks(house: House) -> None:
    """A consumer that wants it hears a tick at its start."""
    house.listen(tick=True)
    assert house.next() == (TICK, 0)


def test_a_failing_handler_does_not_make_the_role_deaf(house: House) -> None:
    """An exception of a handler is noted, and the next bell is heard."""
    def handler(kind: str, ident: int) -> None:
        if ident == 1:
            raise RuntimeError("a bug")
        house.note(kind, ident)

    house.bell.ring("delivery", "queue", 1)
    house.bell.ring("delivery", "queue", 2)
    house.listen(handler)
    assert house.next() == ("queue", 2)
    assert Event.UNEXPECTED in house.events()


def test_stop_is_quick_and_final(house: House) -> None:
    """An idle consumer stops at once; a bell rung afterwards waits."""
    house.listen()
    house.press("delivery")
    house.next()
    assert house.consumer is not None
    began = time.perf_counter()
    house.consumer.stop()
    house.consumer = None
    assert time.perf_counter() - began < 0.9, "it waited for the net"
    house.bell.ring("delivery", "queue", 3)
    assert house.bell.waiting("delivery") == 1
    assert not [thread for thread in threading.enumerate() if thread.name.startswith(("Worker", "Scheduler"))]


def test_no_signal_handler_is_installed(house: House) -> None:
    """huey would exec the program again on SIGHUP; signals stay ours."""
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    house.listen(tick=True)
    house.next()
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)] == before


# --- what travels ------------------------------------------------------------------------


class Planted:
    """A pickle of this writes a file when it is loaded."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, (f"touch {self.path}",)


@pytest.mark.parametrize("junk", [
    b"", b"\xff", b"\x80\x04.", cbor2.dumps(["os.system", "true", 1]), cbor2.dumps([BELL_TASK, "queue"]),
    cbor2.dumps([BELL_TASK, "queue", "1"]), cbor2.dumps([BELL_TASK, "queue", True]), cbor2.dumps({"name": BELL_TASK}),
    cbor2.dumps([BELL_TASK, "x" * 300, 1]), b"\x9b\x7f\xff\xff\xff\xff\xff\xff\xff",
], ids=range(10))
def test_what_is_no_bell_is_refused(junk: bytes) -> None:
    """Only [task, text, integer] of our own tasks is taken."""
    with pytest.raises(Refused):
        BellSerializer().deserialize(junk)


@pytest.mark.parametrize("message", [
    Message(None, BELL_TASK, args=("queue", 1), kwargs={"more": 1}), Message(None, BELL_TASK, args=("queue", object()), kwargs={}),
    Message(None, BELL_TASK, args=("x" * 400, 1), kwargs={}), "no message",
], ids=range(4))
def test_only_primitives_are_sent(message: object) -> None:
    """What could not be read back is not written: a programming error shows where it is made."""
    with pytest.raises((Refused, ValueError)):
        BellSerializer().serialize(message)


def test_a_planted_pickle_is_not_loaded(house: House, tmp_path: Path) -> None:
    """Octets that would run code if they were unpickled are thrown away, and the next bell is heard."""
    mark = tmp_path / "owned"
    box = house.bell._of("delivery").bells.storage
    box.sql("insert into task (queue, data) values ('delivery', ?)", (pickle.dumps(Planted(mark)),), commit=True)
    house.bell.ring("delivery", "queue", 5)
    house.listen()
    assert house.next() == ("queue", 5)
    assert not mark.exists()
    assert any("no bell lay" in str(record.facts["problem"]) for record in house.recorded.records)


def test_jobs_db_holds_no_pickle(house: House) -> None:
    """What lies in the file is CBOR of a list of primitives."""
    house.bell.ring("delivery", "queue", 5)
    with sqlite3.connect(house.directory / "jobs.db") as db:
        [(data,)] = db.execute("select data from task").fetchall()
    db.close()
    assert cbor2.loads(data) == [BELL_TASK, "queue", 5]


# --- the file ----------------------------------------------------------------------------


def test_a_damaged_file_is_made_anew(house: House) -> None:
    """Rubbish in jobs.db costs the bells that lay in it and nothing else."""
    (house.directory / "jobs.db").write_bytes(b"this is no database at all, whatever one may think of it" * 100)
    house.bell.ring("delivery", "queue", 1)
    house.listen()
    assert house.next() == ("queue", 1)


def test_damage_under_a_living_consumer(house: House) -> None:
    """A file that is overwritten while the role waits is replaced, and bells are heard again."""
    house.listen()
    house.bell.ring("delivery", "queue", 1)
    assert house.next() == ("queue", 1)
    for suffix in ("", "-wal"):
        path = house.directory / f"jobs.db{suffix}"
        path.write_bytes(b"\x55" * max(8192, path.stat().st_size))
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        house.bell.ring("delivery", "queue", 2)
        if house.next() == ("queue", 2):
            return
    pytest.fail("deaf after damage")


def test_a_file_that_vanished_is_made_anew(house: House) -> None:
    """Whoever deletes jobs.db under us loses what lay in it; ringers and hearers meet in the new file."""
    house.bell.ring("delivery", "queue", 1)
    for path in house.directory.glob("jobs.db*"):
        path.unlink()
    house.bell.ring("delivery", "queue", 2)
    house.listen()
    assert house.next() == ("queue", 2)


def test_a_ring_never_raises(tmp_path: Path) -> None:
    """No room for a bell: the doorbell is pressed all the same, and the role looks at its rows."""
    house = House(tmp_path / "missing")
    house.bell.ring("delivery", "queue", 1)
    assert house.wait.recv(10) == b"x"
    assert Event.STORE_TROUBLE in house.events()
    house.close()


def test_a_fork_gets_its_own_connection(tmp_path: Path) -> None:
    """A Bell that was used before a fork opens jobs.db again in the child."""
    program = """
import os, sys
from pathlib import Path
from mta.store.bell import Bell
bell = Bell(Path(sys.argv[1]), lambda role: None)
bell.ring("delivery", "queue", 1)
mine = bell._of("delivery")
if not (child := os.fork()):
    bell.ring("delivery", "queue", 2)
    os._exit(0 if bell._of("delivery") is not mine else 1)
_, status = os.waitpid(child, 0)
print(status, bell.waiting("delivery"))
"""
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("0 2\n", "")
