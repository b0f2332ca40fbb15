"""The program is replaced under load: nobody is turned away, and every acknowledged message is there exactly once."""
import os
import shutil
import signal
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Self

import pytest

from tests.crash.load import Clients
from tests.crash.test_kill import settle
from tests.serving import Server

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A copy of the program, to be changed."""
    for package in ("mta", "web", "workers"):
        shutil.copytree(ROOT / package, tmp_path / "program" / package, ignore=shutil.ignore_patterns("client"))
    shutil.copy(ROOT / "schema.sql", tmp_path / "program")
    return tmp_path / "program"


@pytest.fixture
def server(tmp_path: Path, program: Path) -> Iterator[Server]:
    """A server that runs that copy."""
    server = Server(tmp_path / "server", prefix=("env", "-C", str(program))).start()
    yield server
    if server.process is not None and server.process.poll() is None:
        server.stop()


class Visitors:
    """A thread that connects every few milliseconds, and what it was greeted with; an error counts as a greeting.

    It comes from `with` on, and not beyond it.
    """

    def __init__(self, server: Server) -> None:
        self.greetings: Counter[str] = Counter()
        self._server = server
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._come, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _come(self) -> None:
        # Without any pause it would only keep the processors from what it waits for.
        while not self._done.wait(0.003):
            try:
                with socket.create_connection((self._server.ip, self._server.smtp), timeout=20) as conn:
                    replies = conn.makefile("rb")
                    greeting = replies.readline().decode().rstrip("\r\n")
                    # Who is greeted just as a process ends hears 421 (RFC 5321 §3.8), perhaps before it has said anything.
                    with suppress(ConnectionError):
                        conn.sendall(b"QUIT\r\n")
                        said = replies.read().decode()
                        greeting = greeting if said.startswith(("221 ", "421 4.3.2")) else greeting + said
                self.greetings[greeting] += 1
            except OSError as problem:
                self.greetings[repr(problem)] += 1


def test_new_code_is_taken_under_load(program: Path, server: Server) -> None:
    """Changed code runs after a reload, broken code never; who sends mail meanwhile notices neither."""
    code, broken = program / "mta" / "smtp" / "conversation.py", program / "mta" / "flow" / "trace.py"
    [supervisor] = server.pids("supervisor")
    with Clients("127.0.0.1", server.smtp, 3, 1) as clients:
        with Visitors(server) as visitors:
            code.write_text(code.read_text().replace("ESMTP Pillarbox", "ESMTP Pillarbox anew"))
            server.command("reload")
            healthy = broken.read_text()
            broken.write_text(healthy + "def (\n")
            server.command("reload", check=False)
            assert f"SyntaxError: invalid syntax ({broken}, line {healthy.count(chr(10)) + 1})" in server.text()
            broken.write_text(healthy)

        assert visitors.greetings.keys() == {"220 localhost ESMTP Pillarbox", "220 localhost ESMTP Pillarbox anew"}
        assert server.pids("supervisor") == [supervisor]
        assert server.process
        for role in ("acceptor", "delivery"):
            server.process.send_signal(signal.SIGHUP)
            os.kill(server.pids(role)[0], signal.SIGKILL)
            server.command("reload")
    server.stop()
    settle(server, clients.ledger)
    assert server.text().count("event=supervisor.replaced") >= 3
    assert "event=unexpected" not in server.text()
