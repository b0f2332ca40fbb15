"""Conversations with an SmtpSession for tests: in memory, octet by octet if need be, or over real sockets."""
import asyncio
import contextlib
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from mta.base.clock import Clock, SetClock
from mta.base.limits import LIMITS, Limits
from mta.smtp.register import Register
from mta.smtp.session import Service, SmtpSession, session_factory
from tests.smtp.plaindesk import PlainDesk

#: The trace id at the end of a reply.
TRACE = re.compile(r" \(([0-9a-z]{10}(?:\.\d+)?)\)$")
#: Longer than anything here takes; a test that runs into it fails.
PATIENCE = 10.0


class MemoryTransport(asyncio.Transport):
    """Both directions in memory; `written` has one entry for each write."""

    def __init__(self, protocol: asyncio.Protocol) -> None:
        self.known: dict[str, Any] = {"peername": ("192.0.2.9", 40_000), "sockname": ("192.0.2.1", 25)}
        super().__init__(self.known)
        self.protocol = protocol
        self.written: list[bytes] = []
        self.reading = asyncio.Event()
        self.reading.set()
        self.closed = asyncio.Event()
        self.aborted = False
        self.unsent = 0
        self.spoke = asyncio.Event()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written.append(bytes(data))
        self.spoke.set()

    def is_closing(self) -> bool:
        return self.closed.is_set()

    def close(self) -> None:
        self.lose(None)

    def abort(self) -> None:
        self.aborted = True
        self.lose(None)

    def lose(self, error: Exception | None) -> None:
        """The connection ends."""
        if not self.closed.is_set():
            self.closed.set()
            self.reading.set()
            self.spoke.set()
            asyncio.get_running_loop().call_soon(self.protocol.connection_lost, error)

    def pause_reading(self) -> None:
        self.reading.clear()

    def resume_reading(self) -> None:
        self.reading.set()

    def is_reading(self) -> bool:
        return self.reading.is_set()

    def get_write_buffer_size(self) -> int:
        return self.unsent


class Talk:
    """One conversation in memory."""

    def __init__(self, desk: PlainDesk | None = None, *, listener: str = "smtp", clock: Clock | None = None,
                 limits: Limits = LIMITS, register: Register | None = None, context: ssl.SSLContext | None = None,
                 kind: type[SmtpSession] = SmtpSession) -> None:
        self.desk = desk or PlainDesk()
        self.clock = clock or SetClock()
        self.register = register or Register(limits)
        service = Service(self.desk, listener, context, False, self.clock, limits, self.register)
        self.session = kind(service, asyncio.get_running_loop())
        self.transport = MemoryTransport(self.session)
        self.session.connection_made(self.transport)
        self._text = b""
        self._read = 0

    async def send(self, octets: bytes, *, singly: bool = False) -> None:
        """The client sends octets, in one piece or one by one, as far as the server reads."""
        for piece in [octets[at:at + 1] for at in range(len(octets))] if singly else [octets]:
            await asyncio.wait_for(self.transport.reading.wait(), PATIENCE)
            if self.transport.is_closing():
                return
            self.session.data_received(piece)
            if singly:
                await asyncio.sleep(0)

    def half_close(self) -> None:
        """The client sends no more, but listens."""
        if not self.session.eof_received():
            self.transport.close()

    async def line(self) -> str:
        """The next line from the server, without CRLF; "" once it has closed and everything was read."""
        while b"\r\n" not in self._text:
            await asyncio.wait_for(self._more(), PATIENCE)
            fresh = b"".join(self.transport.written[self._read:])
            self._read = len(self.transport.written)
            self._text += fresh
            if not fresh and self.transport.is_closing():
                assert not self._text, f"half a line: {self._text!r}"
                return ""
        line, self._text = self._text.split(b"\r\n", 1)
        return line.decode()

    async def _more(self) -> None:
        while self._read == len(self.transport.written) and not self.transport.is_closing():
            self.transport.spoke.clear()
            await self.transport.spoke.wait()

    async def reply(self) -> str:
        """The next whole reply: its lines with "\\n" between, the code only once, without the trace id."""
        line = await self.line()
        texts = [line]
        while line[3:4] == "-":
            line = await self.line()
            texts.append(line[4:])
        return TRACE.sub("", "\n".join(texts).replace("-", " ", 1) if len(texts) > 1 else texts[0])

    async def ask(self, line: str) -> str:
        """Send one line and give its reply."""
        await self.send(line.encode() + b"\r\n")
        return await self.reply()

    async def hello(self) -> None:
        """Greeting and EHLO."""
        assert (await self.reply()).startswith("220 ")
        assert (await self.ask("EHLO a.example")).startswith("250 ")

    async def envelope(self, *recipients: str) -> None:
        """A transaction up to 354."""
        assert (await self.ask("MAIL FROM:<bob@a.example>")).startswith("250 ")
        for recipient in recipients or ("ann@example.test",):
            assert (await self.ask(f"RCPT TO:<{recipient}>")).startswith("250 ")
        assert (await self.ask("DATA")).startswith("354 ")

    async def closed(self) -> None:
        """Wait until the server has closed; fails if it says anything more."""
        assert await self.line() == ""
        await asyncio.wait_for(self.register.empty(), PATIENCE)

    async def finish(self) -> None:
        """Hang up, whatever state this is in."""
        self.transport.lose(None)
        await asyncio.wait_for(self.register.stop(), PATIENCE)


@asynccontextmanager
async def talking(desk: PlainDesk | None = None, **wishes: Any) -> AsyncIterator[Talk]:
    """A Talk that ends with the block; nothing of it stays behind."""
    talk = Talk(desk, **wishes)
    try:
        yield talk
    finally:
        talk.desk.gate.set()
        await talk.finish()
        assert talk.desk.open == 0, "desk.closed() was not called for each desk.opened()"
        for sink in talk.desk.sinks:
            assert sink.finished or sink.abandoned, "a sink stays behind"


class Client:
    """A client on a real socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def send(self, octets: bytes) -> None:
        self.writer.write(octets)
        await self.writer.drain()

    async def reply(self) -> str:
        """The next whole reply, as Talk.reply gives it; "" if the server has closed."""
        texts: list[str] = []
        while True:
            line = (await asyncio.wait_for(self.reader.readline(), PATIENCE)).decode().rstrip("\r\n")
            texts.append(line[4:] if texts else line[:3] + " " + line[4:] if line else "")
            if line[3:4] != "-":
                return TRACE.sub("", "\n".join(texts))

    async def ask(self, line: str) -> str:
        await self.send(line.encode() + b"\r\n")
        return await self.reply()

    async def hello(self) -> str:
        """Greeting and EHLO; what EHLO announces."""
        assert (await self.reply()).startswith("220 ")
        return await self.ask("EHLO a.example")

    async def start_tls(self, context: ssl.SSLContext, name: str | None = None) -> ssl.SSLObject:
        """Shake hands."""
        await self.writer.start_tls(context, server_hostname=name or "")
        found: ssl.SSLObject = self.writer.get_extra_info("ssl_object")
        return found

    async def close(self) -> None:
        self.writer.close()
        with contextlib.suppress(OSError):      # the server was faster
            await asyncio.wait_for(self.writer.wait_closed(), PATIENCE)


class Serving:
    """A listener on a free port of 127.0.0.1."""

    def __init__(self, desk: PlainDesk, port: int, register: Register) -> None:
        self.desk, self.port, self.register = desk, port, register
        self.clients: list[Client] = []

    async def connect(self, **wishes: Any) -> Client:
        client = Client(*await asyncio.open_connection("127.0.0.1", self.port, **wishes))
        self.clients.append(client)
        return client


@asynccontextmanager
async def serving(desk: PlainDesk | None = None, context: ssl.SSLContext | None = None, *, implicit_tls: bool = False,
                  listener: str = "smtp", limits: Limits = LIMITS) -> AsyncIterator[Serving]:
    """Serve on a real socket until the block ends; every session has ended then."""
    desk, register, loop = desk or PlainDesk(), Register(limits), asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: session_factory(desk, listener, context, implicit_tls=implicit_tls, limits=limits, register=register), "127.0.0.1", 0)
    here = Serving(desk, server.sockets[0].getsockname()[1], register)
    try:
        yield here
    finally:
        server.close()
        desk.gate.set()
        for client in here.clients:
            await client.close()
        await asyncio.wait_for(register.stop(), PATIENCE)
        assert desk.open == 0
