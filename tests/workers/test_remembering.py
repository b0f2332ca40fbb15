"""workers.remembering: what the supervisor said is told on while it is silent, and not for long."""
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from mta.base.clock import SetClock
from mta.base.errors import TemporaryError
from mta.config.model import Config, local
from workers import remembering
from workers.remembering import KEPT, Supervision


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """Of a server whose supervisor is a socket of the test."""
    config = local(tmp_path)
    config.control_socket.parent.mkdir(parents=True)
    return config


@pytest.fixture
def ear(config: Config) -> Iterator[socket.socket]:
    """Where the supervisor listens; nobody answers by itself."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(config.control_socket))
        listening.listen()
        yield listening


def answer(ear: socket.socket, **said: object) -> threading.Thread:
    """Answer one caller."""
    def serve() -> None:
        conn, _ = ear.accept()
        with conn:
            conn.recv(4_096)
            conn.sendall(json.dumps({"ok": True, **said}).encode() + b"\n")
    thread = threading.Thread(target=serve)
    thread.start()
    return thread


def test_silence_is_bridged(config: Config, ear: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was said is told with its age, each question for itself; after a minute nothing is."""
    monkeypatch.setattr(remembering, "PATIENCE", 0.05)
    clock = SetClock()
    supervision = Supervision(config, clock)
    with pytest.raises(TemporaryError, match="while it reloads"):
        supervision.ask("status")    # it never said anything
    ear.accept()[0].close()          # that caller has gone

    answering = answer(ear, roles=["web"])
    monkeypatch.setattr(remembering, "PATIENCE", 5.0)
    assert supervision.ask("status") == {"ok": True, "roles": ["web"], "old": 0.0}
    answering.join()

    monkeypatch.setattr(remembering, "PATIENCE", 0.05)
    clock.advance(KEPT - 1)
    assert supervision.ask("status") == {"ok": True, "roles": ["web"], "old": KEPT - 1}
    with pytest.raises(TemporaryError):
        supervision.ask("events")
    clock.advance(1)
    with pytest.raises(TemporaryError):
        supervision.ask("status")
