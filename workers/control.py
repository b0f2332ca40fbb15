"""The supervisor's ear: questions and commands over a Unix socket, one line of JSON each.

    {"do": "events"}                    how often what happened in the supervisor, for the metrics page
    {"do": "status"}                    what runs: role, number, pid, uptime, memory
    {"do": "ring", "role": "delivery"}  ring a role's doorbell
    {"do": "certify"}                   see to the certificates; "certifying" of the status tells when that is done
    {"do": "reload"}                    as SIGHUP
    {"do": "stop"}                      as SIGTERM

The answer is one object, {"ok": true, …} or {"ok": false, "error": "…"}.  Only root and
the service user are heard (SO_PEERCRED).
"""
import contextlib
import functools
import json
import selectors
import socket
import struct
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from mta.base.errors import TemporaryError

#: Longest line we read.
LINE = 4_096
#: struct ucred: pid, uid, gid.
CREDENTIALS = struct.Struct("=iII")

#: What connecting says where no server is.
NOBODY = FileNotFoundError, NotADirectoryError, ConnectionRefusedError

Answer = dict[str, Any]
Command = Callable[[Mapping[str, Any]], Answer]


def peer_uid(conn: socket.socket) -> int:
    """The user at the other end of a Unix socket."""
    given = conn.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size)
    return int(CREDENTIALS.unpack(given)[1])


class Caller:
    """One connection; the supervisor's loop calls `hear` when it is readable.  heard is what it said before."""

    def __init__(self, conn: socket.socket, commands: Mapping[str, Command], heard: bytes = b"") -> None:
        self.conn = conn
        self._commands = commands
        self.heard = heard
        conn.setblocking(False)

    def hear(self) -> bool:
        """Read and answer; False once the connection is done with."""
        try:
            data = self.conn.recv(LINE)
        except BlockingIOError:
            return True
        except OSError:
            return False
        self.heard += data
        *lines, self.heard = self.heard.split(b"\n")
        return all(map(self._answer, lines)) and bool(data) and len(self.heard) < LINE

    def _answer(self, line: bytes) -> bool:
        """Answer one line; False if the caller does not take it."""
        try:
            asked = json.loads(line)
            answer = {"ok": True, **self._commands[asked["do"]](asked)}
        except (ValueError, LookupError, TypeError, RecursionError):    # the last is JSON that nests too deep
            answer = {"ok": False, "error": "not understood"}
        try:
            # A status is far smaller than a socket's buffer; who does not read it hears no more.
            return self.conn.send(text := json.dumps(answer).encode() + b"\n") == len(text)
        except OSError:
            return False


class Callers:
    """All connections there are, heard by the poll of selector, where a key's data is what to call.

    allowed() tells the users who may call.
    """

    def __init__(self, selector: selectors.BaseSelector, allowed: Callable[[], set[int]], commands: Mapping[str, Command]) -> None:
        self._selector, self._allowed, self._commands = selector, allowed, commands
        self._here: set[Caller] = set()

    def listen(self, ears: Iterable[socket.socket]) -> None:
        """Let callers in at these sockets from now on."""
        for ear in ears:
            if ear not in self._selector.get_map():
                self._selector.register(ear, selectors.EVENT_READ, functools.partial(self._accept, ear))

    def forget(self, ears: Iterable[socket.socket]) -> None:
        """Let nobody in there any more."""
        for ear in ears:
            self._selector.unregister(ear)

    def _accept(self, ear: socket.socket) -> None:
        with contextlib.suppress(OSError):    # they have gone again
            conn, _ = ear.accept()
            if peer_uid(conn) in self._allowed():
                self.welcome(conn)
            else:
                conn.close()

    def welcome(self, conn: socket.socket, heard: bytes = b"") -> None:
        """Hear conn, which said that much already."""
        caller = Caller(conn, self._commands, heard)

        def hear() -> None:
            if not caller.hear():
                self._here.remove(caller)
                self._selector.unregister(conn)
                conn.close()
        self._here.add(caller)
        self._selector.register(conn, selectors.EVENT_READ, hear)

    def held(self) -> Iterable[tuple[int, bytes]]:
        """The descriptors of those who are here, and what they said of a line that has no end yet."""
        return [(caller.conn.fileno(), caller.heard) for caller in self._here]


def ask(path: Path, do: str, *, wait: float = 5.0, **more: Any) -> Answer:
    """Ask the server whose control socket is at path; TemporaryError if none runs there or it refuses.

    wait is in seconds.
    """
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as conn, conn.makefile("rb") as answers:
            conn.settimeout(wait)
            conn.connect(str(path))
            conn.sendall(json.dumps({"do": do, **more}).encode() + b"\n")
            line = answers.readline()
    except NOBODY:
        raise TemporaryError(f"no server answers at {path}: it does not run") from None
    except PermissionError:
        line = b""
    except TimeoutError:
        raise TemporaryError(f"the server at {path} has not answered within {wait:g} seconds; "
                             "while it reloads that may happen: ask again in a moment") from None
    except OSError as problem:
        raise TemporaryError(f"no server answers at {path}: {problem.strerror or problem}") from None
    if not line:
        raise TemporaryError(f"the server at {path} does not talk to us: be root or the service user")
    answer: Answer = json.loads(line)
    if not answer.get("ok"):
        raise TemporaryError(f"the server at {path} refused {do}: {answer.get('error')}")
    return answer


def runs(path: Path) -> bool:
    """Whether a server listens at path, even if it would not talk to us."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as conn:
            conn.connect(str(path))
    except NOBODY:
        return False
    except OSError:
        return True
    return True


def ring(path: Path, role: str) -> None:
    """Ring the doorbell of role if a server runs at path; without one nobody needs to be woken."""
    with contextlib.suppress(TemporaryError):
        ask(path, "ring", role=role)


def certify(path: Path) -> None:
    """Let the server at path see to its certificates; TemporaryError if none runs there."""
    ask(path, "certify")
