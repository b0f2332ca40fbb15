"""Load with a memory: each DATA carries a token of its own, and what was answered is written down."""
import contextlib
import random
import socket
import threading
import time
from dataclasses import dataclass, field
from typing import Self

END = b"\r\n.\r\n"


@dataclass
class Ledger:
    """What the clients know: tokens whose DATA was answered 250, and those without an answer."""

    acknowledged: set[str] = field(default_factory=set)
    unanswered: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)


class Clients:
    """Threads that send messages to one port until told to stop; each DATA once, with its own token.

    They work from `with` on, and not beyond it.  first is the number of the first token.
    """

    def __init__(
            self, ip: str, port: int, count: int, seed: int, recipient: str = "demo@localhost", login: str = "", first: int = 1,
    ) -> None:
        self.ledger = Ledger()
        self._ip, self._port, self._recipient, self._login = ip, port, recipient, login
        self._stop = threading.Event()
        self._number = first - 1
        self._lock = threading.Lock()
        self._random = random.Random(seed)
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(count)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def until_acknowledged(self, more: int) -> None:
        """Wait until the server has taken so many more messages."""
        wanted, end = len(self.ledger.acknowledged) + more, time.monotonic() + 60
        while len(self.ledger.acknowledged) < wanted:
            assert time.monotonic() < end, f"{len(self.ledger.acknowledged)} of {wanted} messages were taken"
            time.sleep(0.02)

    def stop(self) -> Ledger:
        """End after the messages in hand; what is known."""
        self._stop.set()
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive(), "a client hangs"
        return self.ledger

    def _token(self) -> tuple[str, int]:
        with self._lock:
            self._number += 1
            return f"token{self._number:06}x", self._random.choice([200, 2_000, 9_000, 90_000])

    def _work(self) -> None:
        while not self._stop.is_set():
            with contextlib.suppress(OSError, EOFError):
                self._session()
            self._stop.wait(0.01)

    def _session(self) -> None:
        with socket.create_connection((self._ip, self._port), timeout=20) as conn, conn.makefile("rb") as replies:
            _reply(replies)
            conn.sendall(b"EHLO load.example\r\n")
            _reply(replies)
            if self._login:
                conn.sendall(b"AUTH PLAIN " + self._login.encode() + b"\r\n")
                assert _reply(replies) == 235
            for _ in range(20):
                if self._stop.is_set():
                    break
                self._message(conn, replies)
            conn.sendall(b"QUIT\r\n")

    def _message(self, conn: socket.socket, replies: "socket.SocketIO | object") -> None:
        token, size = self._token()
        conn.sendall(f"MAIL FROM:<demo@localhost>\r\nRCPT TO:<{self._recipient}>\r\nDATA\r\n".encode())
        if [_reply(replies) for _ in range(3)] != [250, 250, 354]:
            raise EOFError
        text = (f"From: demo@localhost\r\nTo: {self._recipient}\r\nSubject: {token}\r\nMessage-ID: <{token}@load.example>\r\n\r\n".encode()
                + b"line of the body, nothing more\r\n" * (size // 32) + f"end of {token}".encode())
        # From here on the server may have it, whether we hear so or not.
        self.ledger.unanswered.add(token)
        conn.sendall(text + END)
        code = _reply(replies)
        self.ledger.unanswered.discard(token)
        (self.ledger.acknowledged if code == 250 else self.ledger.refused).add(token)


def _reply(replies: "socket.SocketIO | object") -> int:
    """The code of the next reply; EOFError if the connection is gone."""
    while True:
        line: bytes = replies.readline()  # type: ignore[union-attr]  # a binary file
        if not line.endswith(b"\r\n"):
            raise EOFError
        if line[3:4] == b" ":
            return int(line[:3])
