"""A server of small roles (small_server.py), looked at from outside."""
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from workers import control

WAIT = 60.0


class Running:
    """A server in a directory; what it says can be waited for."""

    def __init__(self, directory: Path, port: int) -> None:
        self.directory, self.port = directory, port
        self.file = directory / "pillarbox.toml"
        self.data = directory / "data"
        self.data.mkdir(mode=0o700)
        self.code = directory / "greeting.py"
        self.python = sys.executable
        self.environment: dict[str, str] = {}
        self.configure()
        self.write('WORD = "old"')
        self.said: list[str] = []
        self.process: subprocess.Popen[str] | None = None

    def configure(self, *, copies: int = 2, more: str = "") -> None:
        """Write the configuration."""
        self.file.write_text(
            f'hostname = "mx.example.org"\ndata = "data"\nrun = "run"\nuser = ""\n{more}\n'
            f'[acceptor]\ncopies = {copies}\n[listeners.a]\nips = ["127.0.0.1"]\nsmtp = {self.port}\n')

    def write(self, text: str) -> None:
        """Change the program on disk: the module that its roles import."""
        self.code.write_text(f"{text}\n")

    def start(self) -> None:
        """Start it, and do not wait."""
        # Of two programs that were written within a second and are as long, Python would take the compiled one.
        environment = {"PYTHONPATH": str(self.directory), "PYTHONDONTWRITEBYTECODE": "1", **self.environment}
        self.process = subprocess.Popen(
            [self.python, "-m", "tests.workers.small_server", str(self.file)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, cwd=Path(__file__).resolve().parents[2], env={**os.environ, **environment})
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=_read, args=(self.process, self._lines), daemon=True).start()

    def until(self, text: str) -> str:
        """Wait for a line with text in it."""
        while True:
            line = self._lines.get(timeout=WAIT)
            self.said.append(line)
            if text in line:
                return line
            if line == "END":
                raise AssertionError(f"{text!r} never came:\n" + "\n".join(self.said))

    def settled(self) -> dict[str, Any]:
        """The whole status, once no reload is under way any more."""
        end = time.monotonic() + WAIT
        while (status := self.whole_status())["reloading"]:
            assert time.monotonic() < end
            time.sleep(0.02)
        return status

    def whole_status(self) -> dict[str, Any]:
        """What the control socket tells."""
        return control.ask(self.directory / "run" / "control.sock", "status", wait=WAIT)

    def status(self) -> dict[str, dict[str, Any]]:
        """The processes by name, as the control socket tells."""
        roles = control.ask(self.directory / "run" / "control.sock", "status")["roles"]
        return {f"{role['role']}-{role['number']}": role for role in roles}

    @property
    def pid(self) -> int:
        """Of its supervisor."""
        assert self.process
        return self.process.pid

    def events(self) -> dict[str, int]:
        """How often what happened in its supervisor."""
        events: dict[str, int] = control.ask(self.directory / "run" / "control.sock", "events")["events"]
        return events

    def send(self, number: signal.Signals) -> None:
        """Signal its supervisor."""
        assert self.process
        self.process.send_signal(number)

    def ask(self, do: str, **more: Any) -> None:
        """Command it."""
        control.ask(self.directory / "run" / "control.sock", do, **more)

    def greeted(self) -> bool:
        """Whether it answers at its port."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=WAIT) as conn:
            return conn.recv(1) == b"!"

    def ended(self) -> int:
        """Its exit status, once it has ended by itself."""
        assert self.process
        return self.process.wait(WAIT)


def _read(process: "subprocess.Popen[str]", lines: "queue.Queue[str]") -> None:
    assert process.stdout
    with process.stdout as said:
        for line in said:
            lines.put(line.rstrip())
    lines.put("END")
