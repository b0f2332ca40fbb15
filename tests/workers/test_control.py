"""workers.control: who is heard, and what they hear."""
import os
import selectors
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mta.base.errors import TemporaryError
from workers.control import LINE, Answer, Caller, Callers, ask, ring, runs


def echo(asked: Mapping[str, Any]) -> Answer:
    """A command that says what it was asked."""
    return {"heard": asked["word"]}


@contextmanager
def serving(path: Path, allowed: set[int]) -> Iterator[None]:
    """Someone who answers one caller."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()

        def serve() -> None:
            with selectors.DefaultSelector() as selector:
                callers = Callers(selector, lambda: allowed, {"echo": echo, "ring": lambda asked: {}})
                callers.listen([listening])
                came = False
                while not came or callers.held():
                    for key, _ in selector.select():
                        key.data()
                        came = True
        thread = threading.Thread(target=serve)
        thread.start()
        yield
        thread.join()


def test_a_question_is_answered(tmp_path: Path) -> None:
    """With the command's own facts."""
    with serving(tmp_path / "s", {os.geteuid()}):
        assert ask(tmp_path / "s", "echo", word="ü") == {"ok": True, "heard": "ü"}


def test_what_is_not_understood_is_refused(tmp_path: Path) -> None:
    """An unknown command, or one that lacks what it needs."""
    for command in ("nothing", "echo"):
        with serving(tmp_path / "s", {os.geteuid()}), pytest.raises(TemporaryError, match="not understood"):
            ask(tmp_path / "s", command)
        (tmp_path / "s").unlink()


def test_a_server_runs_if_somebody_listens(tmp_path: Path) -> None:
    """A socket that a dead one left is none, nor is a path that leads nowhere."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s"))
        listening.listen()
        assert runs(tmp_path / "s")

    assert not runs(tmp_path / "s")
    assert not runs(tmp_path / "none" / "s")
    assert not runs(tmp_path / "s" / "s")


def test_strangers_are_not_heard(tmp_path: Path) -> None:
    """Only root and the service user command the server."""
    with serving(tmp_path / "s", {os.geteuid() + 1}), pytest.raises(TemporaryError, match=r"does not talk to us|no server answers"):
        ask(tmp_path / "s", "echo", word="x")


def test_without_a_server_ringing_is_nothing(tmp_path: Path) -> None:
    """The command line works while the server does not run."""
    ring(tmp_path / "none", "web")
    with pytest.raises(TemporaryError, match="no server answers at"):
        ask(tmp_path / "none", "status")


@pytest.mark.parametrize("octets", [b"\xff\xfe\n", b"[]\n", b"3\n", b"{}\n", b'{"do": []}\n', b"x" * LINE])
def test_rubbish_does_no_harm(octets: bytes) -> None:
    """A caller that talks nonsense is told so, or cut off."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        caller = Caller(ours, {"echo": echo})
        theirs.sendall(octets)

        assert caller.hear() is octets.endswith(b"\n")
        assert not octets.endswith(b"\n") or b"not understood" in theirs.recv(1_000)
        theirs.close()
        assert not caller.hear()
