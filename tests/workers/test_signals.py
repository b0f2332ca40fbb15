"""workers.signals: each is heard once, and none while they are held back."""
import functools
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

from workers.signals import Signals, drain


def woken(heard: int) -> bool:
    """Whether a poll would wake."""
    return bool(select.select([heard], [], [], 0)[0])


def test_a_signal_wakes_the_poll_and_is_told_once() -> None:
    """And so does what somebody asks for in its stead."""
    signals = Signals()
    with signals.hearing() as heard:
        assert not woken(heard)
        for come in (functools.partial(os.kill, os.getpid()), signals.ask):
            come(signal.SIGHUP)
            assert woken(heard)
            assert signals.waiting == {signal.SIGHUP}
            drain(heard)
            assert not woken(heard)
            assert signals.take() == {signal.SIGHUP}
            assert signals.take() == set()
        drain(heard)    # with nothing there it does not block


def test_held_back_signals_come_later() -> None:
    """To the next program, over an exec: it hears what came before it could."""
    program = """
import os, signal, sys
from workers.signals import Signals

signals = Signals()
if sys.argv[1:]:
    with signals.hearing():
        print(sorted(number.name for number in signals.waiting))
    sys.exit()
with signals.hearing():
    os.kill(os.getpid(), signal.SIGHUP)
    print([number.name for number in signals.hold_back()], flush=True)
    os.kill(os.getpid(), signal.SIGTERM)
    os.kill(os.getpid(), signal.SIGCHLD)
    assert signal.SIGTERM not in signals.waiting
    os.execv(sys.executable, [*sys.orig_argv, "again"])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False,
                          cwd=Path(__file__).resolve().parents[2])

    assert done.stdout == "['SIGHUP']\n['SIGCHLD', 'SIGTERM']\n", done.stderr


def test_afterwards_signals_are_as_before() -> None:
    """A test that runs a supervisor leaves nothing behind."""
    before = signal.getsignal(signal.SIGTERM)
    with Signals().hearing():
        assert signal.getsignal(signal.SIGTERM) != before
    assert signal.getsignal(signal.SIGTERM) == before
