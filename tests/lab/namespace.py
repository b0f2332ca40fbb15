"""A network namespace with loopback addresses of its own, and the processes in it.

Nothing here reaches the machine's network.  `entered()` puts the calling thread into the
namespace: every socket it opens, and every process it starts, is inside.  Programs that
must see the lab's resolv.conf and hosts are started with `start` or `run`.
"""
import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from tests.commander import Commander

CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)


class Namespace:
    """`ip netns`, by name; every address of 127.0.0.0/8 and those given can be bound."""

    def __init__(self, name: str, folder: Path, addresses: tuple[str, ...]) -> None:
        self.name = name
        self.folder = folder
        self._etc = Path("/etc/netns") / name
        self._running: list[subprocess.Popen[bytes]] = []
        self._commander: Commander | None = None
        _ip("netns", "add", name)
        _ip("-n", name, "link", "set", "lo", "up")
        for address in addresses:
            if ":" in address:
                _ip("-n", name, "-6", "addr", "add", f"{address}/128", "dev", "lo", "nodad")
            else:
                _ip("-n", name, "addr", "add", f"{address}/32", "dev", "lo")
        with self.entered():
            # Postfix' master waits for its own log daemon, which it starts, if more datagrams wait there than these: 10 are soon there.
            Path("/proc/sys/net/unix/max_dgram_qlen").write_text("10000")
        self._etc.mkdir(parents=True, exist_ok=True)
        (self._etc / "resolv.conf").write_text("nameserver 127.0.0.1\n")
        (self._etc / "hosts").write_text("127.0.0.1 localhost\n::1 localhost\n")

    def place(self, file: Path) -> None:
        """Let programs that are started from now on see file in the place of the one in /etc with its name."""
        shutil.copy(file, self._etc / file.name)

    def start(
            self, *command: str | Path, log: Path | None = None, stdout: int | IO[bytes] | None = None, **keywords: object,
    ) -> subprocess.Popen[bytes]:
        """A process inside, which `close` ends.  Its pid is the command's own."""
        with (open(log, "ab") if log else contextlib.nullcontext(subprocess.DEVNULL)) as out:
            process = subprocess.Popen(
                self._inside(command), stdin=subprocess.DEVNULL, stdout=stdout or out, stderr=out if log else subprocess.DEVNULL,
                start_new_session=True, **keywords)  # type: ignore[call-overload]  # keywords are Popen's
        self._running.append(process)
        return process  # type: ignore[no-any-return]  # follows from the line above

    def run(self, *command: str | Path, check: bool = True, stdin: bytes | None = None, seconds: float = 60) -> str:
        """A command inside, to its end; its output.  AssertionError with the output if it fails."""
        done = subprocess.run(self._inside(command), input=stdin or b"", capture_output=True, timeout=seconds, check=False)
        text = (done.stdout + done.stderr).decode("utf-8", "replace")
        assert not check or done.returncode == 0, f"{command} ended with {done.returncode}:\n{text}"
        return text

    def commander(self, words: tuple[str, ...]) -> Commander:
        """Who types our commands inside, started by words when the first comes."""
        self._commander = self._commander or Commander(tuple(self._inside(words)))
        return self._commander

    def end(self, process: subprocess.Popen[bytes], wait: float = 20.0) -> int:
        """Stop one process that `start` began; its status."""
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(wait)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        if process in self._running:
            self._running.remove(process)
        return process.returncode

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """The calling thread is inside until the end of the block."""
        with open("/proc/thread-self/ns/net") as outside, open(f"/run/netns/{self.name}") as inside:
            _set_namespace(inside)
            try:
                yield
            finally:
                _set_namespace(outside)

    def close(self) -> None:
        """End what is still running, then the namespace."""
        for process in reversed(list(self._running)):
            self.end(process)
        if self._commander:
            self._commander.close()
        for pid in subprocess.run(["ip", "netns", "pids", self.name], capture_output=True, text=True, check=False).stdout.split():
            with contextlib.suppress(ProcessLookupError):    # a grandchild that outlived its parent: ours all the same
                os.kill(int(pid), signal.SIGKILL)
        _ip("netns", "del", self.name)
        shutil.rmtree(self._etc, ignore_errors=True)

    def _inside(self, command: tuple[str | Path, ...]) -> list[str]:
        return ["ip", "netns", "exec", self.name, *map(str, command)]


def _ip(*words: str) -> None:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"ip {' '.join(words)}: {done.stderr}"


def _set_namespace(opened: IO[str]) -> None:
    if LIBC.setns(opened.fileno(), CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")
