"""A whole Pillarbox for tests: `pillarbox localserve` in a folder of its own, on free ports.

Every process that it starts is its child or grandchild and is ended with it.
"""
import contextlib
import json
import os
import signal
import smtplib
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.commander import commander

#: Free blocks of ports are looked for from here on; pytest-xdist's workers start apart.  Those of the first four of them end
#: below 32768, from where on a port that was free may be that of somebody's connection (ip_local_port_range) a moment later.
FIRST_OFFSET = 12_000
SERVICES = (25, 465, 587, 80, 443, 8_180)


class Server:
    """localserve, started by `start` and ready when that returns.

    prefix is put in front of the command (strace, `ip netns exec`); environment is added.
    """

    def __init__(
            self, folder: Path, *, ip: str = "127.0.0.1", prefix: tuple[str, ...] = (), environment: dict[str, str] | None = None,
    ) -> None:
        self.folder, self.ip = folder, ip
        self.offset = free_offset(ip)
        self._prefix, self._environment = prefix, environment or {}
        self.process: subprocess.Popen[bytes] | None = None
        self.log = folder.parent / f"{folder.name}.log"

    def words(self) -> list[str]:
        """What starts it."""
        return ["localserve", "--dir", str(self.folder), "--ip", self.ip, "--port-offset", str(self.offset)]

    def place(self) -> list[str]:
        """How a command is told which server it is about."""
        return ["--dir", str(self.folder)]

    @property
    def smtp(self) -> int:
        """The port that strangers use."""
        return 25 + self.offset

    @property
    def submission(self) -> int:
        """The port that our users use, without TLS at the start."""
        return 587 + self.offset

    @property
    def http(self) -> int:
        """The port of the pages."""
        return 80 + self.offset

    @property
    def https(self) -> int:
        """The port of the pages with TLS."""
        return 443 + self.offset

    @property
    def control(self) -> Path:
        """The supervisor's ear."""
        return self.folder / "run" / "control.sock"

    def start(self, seconds: float = 90.0) -> "Server":
        """Start, and wait for "pillarbox ready"; AssertionError with the log if it does not come."""
        out = self.log.open("ab")
        self.process = subprocess.Popen(
            [*self._prefix, *COMMAND, *self.words()],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=out, env={**os.environ, **self._environment}, start_new_session=True)
        out.close()
        os.set_blocking(self.process.stdout.fileno(), False)  # type: ignore[union-attr]  # PIPE was given
        said, end = b"", time.monotonic() + seconds
        while b"pillarbox ready" not in said:
            said += self.process.stdout.read() or b""  # type: ignore[union-attr]  # PIPE was given
            assert self.process.poll() is None and time.monotonic() < end, f"localserve: {said.decode()}\n{self.text()[-4000:]}"  # noqa: PT018
            time.sleep(0.01)
        return self

    def stop(self, seconds: float = 60.0) -> int:
        """End it as an operator would; its exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        finally:
            self.process.stdout.close()  # type: ignore[union-attr]  # PIPE was given
        return status

    def kill(self) -> None:
        """End the supervisor the hard way, and wait until nothing of it is left."""
        assert self.process is not None
        children = descendants(self.process.pid)
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()  # type: ignore[union-attr]  # PIPE was given
        end = time.monotonic() + 30
        while any(alive(pid) for pid in children):
            assert time.monotonic() < end, "processes outlived their supervisor"
            time.sleep(0.01)

    def status(self) -> list[dict[str, Any]]:
        """What the supervisor says of its roles."""
        with socket.socket(socket.AF_UNIX) as conn, conn.makefile("rb") as answers:
            conn.settimeout(30)
            conn.connect(str(self.control))
            conn.sendall(b'{"do": "status"}\n')
            roles: list[dict[str, Any]] = json.loads(answers.readline())["roles"]
        return roles

    def pids(self, role: str) -> list[int]:
        """The processes of a role."""
        return [int(line["pid"]) for line in self.status() if line["role"] == role and line["pid"]]

    def text(self) -> str:
        """What it wrote to standard error so far."""
        return self.log.read_text("utf-8", "replace") if self.log.exists() else ""

    def until(self, text: str, seconds: float = 60.0) -> None:
        """Wait until it has written text to standard error."""
        end = time.monotonic() + seconds
        while text not in self.text():
            assert time.monotonic() < end, f"no {text}:\n{self.text()[-4000:]}"
            time.sleep(0.05)

    def command(self, *words: str, check: bool = True, stdin: bytes = b"") -> str:
        """A `pillarbox` command on this server; its standard output."""
        status, out, err = commander()([*words, *self.place()], stdin)
        assert not check or status == 0, f"pillarbox {' '.join(words)}: {status}\n{out}\n{err}"
        return out

    def json(self, *words: str) -> list[dict[str, Any]]:
        """The same with --json, read."""
        rows: list[dict[str, Any]] = json.loads(self.command(*words, "--json"))
        return rows

    def send(self, message: bytes, sender: str = "someone@example.net", *recipients: str) -> None:
        """Hand in a message as another server would: again where it is told to come back (RFC 5321 §3.8)."""
        for tries_left in range(4, -1, -1):
            try:
                client = smtplib.SMTP(self.ip, self.smtp, timeout=30)
                with contextlib.closing(client):
                    client.sendmail(sender, recipients or ["demo@localhost"], message)
                    with contextlib.suppress(smtplib.SMTPException):
                        client.quit()
                return
            except smtplib.SMTPResponseException as refused:
                if refused.smtp_code != 421 or not tries_left:
                    raise


COMMAND = (sys.executable, "-m", "workers.command")


def free_offset(ip: str = "127.0.0.1") -> int:
    """An offset at which no port of a localserve is taken."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    start = FIRST_OFFSET + 2_000 * int(worker) + os.getpid() % 150 * 10
    for offset in range(start, 56_000, 10):
        if all(_is_free(ip, service + offset) for service in SERVICES):
            return offset
    raise AssertionError("no free ports")


def _is_free(ip: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ip, port))
        except OSError:
            return False
    return True


def descendants(pid: int) -> list[int]:
    """pid's children, their children and so on."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):    # a thread that ended meanwhile
            for child in map(int, task.read_text().split()):
                found += [child, *descendants(child)]
    return found


def alive(pid: int) -> bool:
    """True unless pid is gone or only waits to be reaped."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
