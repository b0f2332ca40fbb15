"""A web server for tests that answers exactly what a test tells it.

On loopback, with TLS; `contexts` are chosen by the name that a client asks for, and
`answers` by host name, or by host name and path.  An answer is octets as they are sent, or
one of the actions below.
"""
import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

#: Instead of an answer: say nothing; end the connection without the end of TLS.
SILENCE = b"SILENCE"
#: At the end of an answer: break off as a cut line would, without TLS's end.
CUT = b"CUT"


def page(body: str | bytes, status: str = "200 OK", *headers: str, kind: str = "text/plain") -> bytes:
    """An answer with a length."""
    octets = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(octets)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + octets


@dataclass
class Webserver:
    """At 127.0.0.1:port; requests has the head of each request and its body, asked the names of TLS handshakes."""

    contexts: dict[str, ssl.SSLContext] = field(default_factory=dict)
    answers: dict[str, bytes] = field(default_factory=dict)
    requests: list[tuple[str, bytes]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    port: int = 0
    open: int = 0
    most_open: int = 0
    #: Answer before the body of a request was read; it never is.
    hasty: bool = False
    #: Released by each request that has arrived.
    arrived: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    #: Set to let requests wait before they are answered.
    gate: asyncio.Event | None = None

    def lines(self) -> list[str]:
        """The first line of each request."""
        return [head.split("\r\n")[0] for head, _ in self.requests]

    def context(self) -> ssl.SSLContext:
        """What is listened with."""
        outer = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)

        def choose(tls: ssl.SSLObject | ssl.SSLSocket, name: str | None, _context: ssl.SSLContext) -> int | None:
            self.asked.append(name or "")
            if name not in self.contexts:
                return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
            tls.context = self.contexts[name]
            return None

        outer.sni_callback = choose
        return outer

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one request."""
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            length = next((int(line.partition(":")[2]) for line in head.split("\r\n") if line.lower().startswith("content-length:")), 0)
            self.requests.append((head, b"" if self.hasty else await reader.readexactly(length)))
            self.arrived.release()
            if self.gate is not None:
                await self.gate.wait()
            host = next(line.partition(":")[2].strip().partition(":")[0] for line in head.split("\r\n") if line.lower().startswith("host:"))
            path = head.split(" ")[1]
            answer = self.answers.get(host + path, self.answers.get(host, page("nothing here", "404 Not Found")))
            if answer == SILENCE:
                await asyncio.sleep(3_600)
            writer.write(answer.removesuffix(CUT))
            await writer.drain()
            if answer.endswith(CUT):
                writer.transport.abort()
            if self.hasty:
                await asyncio.sleep(3_600)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.open -= 1
            writer.close()


@contextlib.asynccontextmanager
async def serving(server: Webserver) -> AsyncIterator[Webserver]:
    """The server runs meanwhile."""
    talks: dict[asyncio.StreamWriter, asyncio.Task[None]] = {}

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks[writer] = asyncio.ensure_future(server.serve(reader, writer))

    listening = await asyncio.start_server(begin, "127.0.0.1", 0, ssl=server.context())
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        for talk in talks.values():
            talk.cancel()
        await asyncio.gather(*talks.values(), return_exceptions=True)
        for writer in talks:
            writer.transport.abort()
        await asyncio.gather(*(writer.wait_closed() for writer in talks), return_exceptions=True)
