"""The generator: many SMTP connections from one thread, messages made before the clock starts."""
import contextlib
import selectors
import socket
import time
from dataclasses import dataclass, field

LINE = b"A line of text as people write them, of a length that is usual in mail.\r\n"


def messages(count: int, size: int, recipient: str, sender: str = "sender@example.net", first: int = 0) -> list[bytes]:
    """count messages of about size octets, dot-stuffed and ended, each with its own Message-ID and subject."""
    filler = LINE * max(1, (size - 400) // len(LINE))
    return [(
        f"From: Some Sender <{sender}>\r\nTo: <{recipient}>\r\nSubject: bench number {number} of many\r\n"
        f"Message-ID: <bench.{number}@example.net>\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n").encode() + filler + b".\r\n"
        for number in range(first, first + count)]


@dataclass
class Result:
    """What a run took: seconds in all, and of each message from MAIL to its 250."""

    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)
    refused: int = 0

    @property
    def rate(self) -> float:
        """Messages a second."""
        return len(self.waits) / self.seconds

    def percentile(self, share: float) -> float:
        """The wait that this share of the messages stayed below, in milliseconds."""
        ordered = sorted(self.waits)
        return 1_000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class _Connection:
    """One client: EHLO once, then message after message, envelope pipelined."""

    def __init__(self, ip: str, port: int, recipient: str) -> None:
        self.conn = socket.create_connection((ip, port))
        self.conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.replies = self.conn.makefile("rb")
        self.recipient = recipient
        self._expect(b"220")
        self.conn.sendall(b"EHLO bench.example.net\r\n")
        self._expect(b"250")
        self.conn.setblocking(False)
        self.heard = b""
        self.started = 0.0
        self.out = b""
        self.message = b""

    def begin(self, message: bytes, sender: str) -> None:
        """Announce message; its text follows when the server says 354."""
        self.message, self.started, self.heard = message, time.perf_counter(), b""
        self.send(f"MAIL FROM:<{sender}>\r\nRCPT TO:<{self.recipient}>\r\nDATA\r\n".encode())

    def send(self, data: bytes) -> bool:
        """Send what goes; False if some is left for later."""
        self.out += data
        with contextlib.suppress(BlockingIOError):
            self.out = self.out[self.conn.send(self.out):]
        return not self.out

    def hear(self) -> bytes:
        """The last reply's code once the state's replies are all there, else nothing."""
        self.heard += self.conn.recv(65_536)
        lines = self.heard.split(b"\r\n")
        codes = [line[:3] for line in lines[:-1] if line[3:4] == b" "]
        if self.message and len(codes) == 3:
            self.heard = b""
            return codes[-1]
        if not self.message and codes:
            self.heard = b""
            return codes[-1]
        return b""

    def _expect(self, code: bytes) -> None:
        while True:
            line = self.replies.readline()
            assert line.startswith(code), line
            if line[3:4] == b" ":
                return


def run(ip: str, port: int, texts: list[tuple[str, bytes]], connections: int, recipient: str) -> Result:
    """Send texts, each with its sender, over so many connections; each connection sends the next one as soon as it is free."""
    clients = [_Connection(ip, port, recipient) for _ in range(min(connections, len(texts)))]
    selector = selectors.DefaultSelector()
    waiting = list(reversed(texts))
    result = Result()
    begun = time.perf_counter()
    for client in clients:
        selector.register(client.conn, selectors.EVENT_READ, client)
        sender, text = waiting.pop()
        client.begin(text, sender)
    busy = len(clients)
    while busy:
        for key, events in selector.select(60):
            client = key.data
            if events & selectors.EVENT_WRITE and client.send(b""):
                selector.modify(client.conn, selectors.EVENT_READ, client)
            if not events & selectors.EVENT_READ:
                continue
            code = client.hear()
            if not code:
                continue
            if client.message:
                assert code == b"354", code
                text, client.message = client.message, b""
                if not client.send(text):
                    selector.modify(client.conn, selectors.EVENT_READ | selectors.EVENT_WRITE, client)
                continue
            result.waits.append(time.perf_counter() - client.started)
            result.refused += code != b"250"
            if waiting:
                sender, text = waiting.pop()
                client.begin(text, sender)
            else:
                busy -= 1
    result.seconds = time.perf_counter() - begun
    for client in clients:
        client.conn.close()
    selector.close()
    return result
