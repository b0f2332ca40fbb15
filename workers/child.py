"""One forked process: how it begins, what it tells its parent, how it ends.

A child reports over a pipe: one line when it is ready, or one that says why it cannot
start.  It never returns into the code of its parent.
"""
import gc
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn

from setproctitle import setproctitle

from mta.base.errors import SetupError, origin
from mta.base.events import Event, Journal
from mta.base.watching import watch_process
from workers.privileges import Identity, become, confine

#: sysexits(3): how a child says what ended it.
EX_SOFTWARE, EX_CONFIG = 70, 78
READY = b"ready\n"
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
#: Of a report, the longest we read.
REPORT = 8_192


@dataclass(slots=True)
class Child:
    """A running process as its parent sees it; times are monotonic seconds."""

    name: str
    pid: int
    report: int
    started: float
    ready: bool = False
    said: bytes = field(default=b"")

    def hear(self) -> bool:
        """Read what the child reports; never blocks.  False once nothing more can come."""
        try:
            heard = os.read(self.report, REPORT)
        except BlockingIOError:
            return True
        self.said = (self.said + heard)[-REPORT:]
        lines = self.said.splitlines(keepends=True)
        if not self.ready and READY in lines:
            lines.remove(READY)
            self.ready, self.said = True, b"".join(lines)
        return bool(heard)

    @property
    def reason(self) -> str:
        """Why it could not start, in the child's words; "" if it did not say."""
        return self.said.decode("utf-8", "replace").strip()

    @property
    def role(self) -> str:
        """The name without the number of the copy."""
        return self.name.partition("-")[0]

    def ended(self) -> int | None:
        """Its exit status, or minus the signal that ended it; None while it runs.  Tells it once."""
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        return os.waitstatus_to_exitcode(status) if pid else None

    def signal(self, number: signal.Signals) -> None:
        """Send a signal; the pid is ours until it was waited for."""
        os.kill(self.pid, number)


def fork(name: str, identity: Identity, now: float, let_go: Callable[[], None], journal: Journal,
         work: Callable[[Callable[[], None]], None]) -> Child:
    """Run work(tell_ready) in a new process as identity; let_go closes there what is the parent's alone.

    SetupError if the system has no room for another process.
    """
    if threading.active_count() != 1:
        raise RuntimeError(f"threads before the fork: {threading.enumerate()}")
    try:
        seen, told = os.pipe()
    except OSError as problem:
        raise _no_room(name, problem) from None
    os.set_blocking(seen, False)
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    # A signal between the fork and the child's own handlers would be taken for the parent's and lost.
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        pid = os.fork()
    except OSError as problem:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        os.close(seen)
        os.close(told)
        raise _no_room(name, problem) from None
    if pid == 0:
        try:
            os.close(seen)
            _begin(name, identity, parent, let_go)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        except BaseException as problem:
            _explain(told, f"cannot give up its rights: {problem}")
            os._exit(EX_CONFIG)
        _work(told, journal, work)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    os.close(told)
    return Child(name, pid, seen, now)


def _no_room(name: str, problem: OSError) -> SetupError:
    return SetupError(f"no process can be made for {name}: {problem.strerror}")


def _begin(name: str, identity: Identity, parent: int, let_go: Callable[[], None]) -> None:
    """From a copy of the supervisor to a process of our own, without rights."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    # Ctrl-C reaches the whole group at once; the supervisor alone says when to stop.
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    let_go()
    become(identity)
    confine(parent)
    setproctitle(f"pillarbox: {name}")


def _work(told: int, journal: Journal, work: Callable[[Callable[[], None]], None]) -> NoReturn:
    """Do the work and end the process, whatever happens in it."""
    status = EX_SOFTWARE
    watch_process(journal)
    try:
        work(lambda: _tell(told, READY))
        status = 0
    except SetupError as problem:
        _explain(told, str(problem))
        status = EX_CONFIG
    except BaseException as problem:
        journal.note(Event.UNEXPECTED, where=origin(problem), problem=f"{type(problem).__name__}: {problem}")
        traceback.print_exc()
        _explain(told, f"unexpected: {type(problem).__name__}: {problem}")
    finally:
        # Nothing of the parent's is torn down here: no destructor runs, no buffer of its is written twice.
        gc.disable()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _explain(told: int, text: str) -> None:
    _tell(told, text.encode("utf-8", "replace")[:REPORT - len(READY)])


def _tell(told: int, line: bytes) -> None:
    try:
        os.write(told, line)
    except OSError:
        return    # the parent has gone; PDEATHSIG ends us too
