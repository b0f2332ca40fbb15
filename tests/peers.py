"""An SMTP server for tests that does exactly what a test tells it, well-behaved or not.

It listens on loopback and answers from a table, by default as a friendly modern server.
`answers` maps the beginning of a command line (the longest that fits wins; "BANNER" is
the greeting, "." the end of a message) to a reply, to a list of replies used up one by
one, or to a function of the line that gives one.  A reply is text with lines divided by
"|", or one of the actions CLOSE, SILENCE and, in front of a reply, "HANGUP " (say it and
close).
"""
import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field

CLOSE, SILENCE, HANGUP = "CLOSE", "SILENCE", "HANGUP "
FRIENDLY = ("PIPELINING", "SIZE 10000000", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES")
Answer = str | list[str] | Callable[[str], str]


@dataclass
class Mail:
    """One message that the server took: the lines of its envelope, and its content without dot-stuffing."""

    mail: str
    recipients: list[str]
    content: bytes
    connection: int


@dataclass
class Server:
    """A server at 127.0.0.1:port; lines has every command of every connection, in order."""

    answers: Mapping[str, Answer] = field(default_factory=dict)
    offers: tuple[str, ...] = FRIENDLY
    tls: ssl.SSLContext | None = None
    #: Cut the connection after that many octets of content.
    cut_after: int | None = None
    port: int = 0
    connections: int = 0
    lines: list[str] = field(default_factory=list)
    mails: list[Mail] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    open: int = 0
    most_open: int = 0

    def verbs(self) -> list[str]:
        """The first words of the commands."""
        return [line.split(" ")[0].upper() for line in self.lines]

    def answer(self, line: str, usual: str) -> str:
        """What the table says to line, or the usual."""
        fitting = [start for start in self.answers if line.upper().startswith(start.upper())]
        found = self.answers[max(fitting, key=len)] if fitting else usual
        if isinstance(found, list):
            found = found.pop(0) if found else usual
        return found(line) if callable(found) else found


class Conversation:
    """One connection to a Server."""

    def __init__(self, server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.server, self.reader, self.writer = server, reader, writer
        self.number = server.connections
        self.mail, self.recipients = "", list[str]()
        self.encrypted = False

    async def run(self) -> None:
        """Talk until either side has enough."""
        if not await self.say(self.server.answer("BANNER", "220 peer.test ESMTP")):
            return
        while line := (await self.reader.readline()).decode("utf-8", "replace").rstrip("\r\n"):
            self.server.lines.append(line)
            if not await self.obey(line):
                return

    async def say(self, reply: str) -> bool:
        """Send a reply; False if the connection is to end."""
        if reply == CLOSE:
            return False
        if reply == SILENCE:
            await asyncio.sleep(3600)
        text = reply.removeprefix(HANGUP)
        code, parts = text[:3], text[4:].split("|")
        for number, part in enumerate(parts):
            self.writer.write(f"{code}{' ' if number == len(parts) - 1 else '-'}{part}\r\n".encode())
        await self.writer.drain()
        return not reply.startswith(HANGUP)

    async def obey(self, line: str) -> bool:
        """Answer one command; False if the connection is to end."""
        verb = line.split(" ")[0].upper()
        usual = {"HELO": "250 peer.test", "QUIT": "221 2.0.0 Bye", "DATA": "354 Go ahead", "RCPT": "250 2.1.5 Ok",
                 "MAIL": "250 2.1.0 Ok", "RSET": "250 2.0.0 Ok", "STARTTLS": "220 2.0.0 Go"}.get(verb, "500 5.5.1 What?")
        if verb == "EHLO":
            offers = self.server.offers if self.encrypted or self.server.tls is None else (*self.server.offers, "STARTTLS")
            usual = "250 " + "|".join(("peer.test", *offers))
        if verb == "DATA" and not self.recipients:
            usual = "554 5.5.1 No valid recipients"
        reply = self.server.answer(line, usual)
        if not await self.say(reply):
            return False
        positive = reply[0] in "23"
        if verb == "MAIL" and positive:
            self.mail, self.recipients = line, []
        elif verb == "RCPT" and positive:
            self.recipients.append(line)
        elif verb == "RSET":
            self.recipients = []
        elif verb == "STARTTLS" and positive and self.server.tls is not None:
            await self.writer.start_tls(self.server.tls)
            self.encrypted = True
            self.server.encrypted.append(True)
        elif verb == "DATA" and reply.startswith("354"):
            return await self.take()
        return verb != "QUIT"

    async def take(self) -> bool:
        """Read a message and answer its end."""
        content = bytearray()
        while True:
            line = await self.reader.readline()
            if not line:
                return False
            if line == b".\r\n":
                break
            content += line[1:] if line.startswith(b".") else line
            if self.server.cut_after is not None and len(content) > self.server.cut_after:
                return await self.say(self.server.answer("CUT", CLOSE)) and False
        reply = self.server.answer(".", "250 2.0.0 Taken")
        if reply.removeprefix(HANGUP).startswith("2"):
            self.server.mails.append(Mail(self.mail, self.recipients, bytes(content), self.number))
        self.recipients = []
        return await self.say(reply)


@contextlib.asynccontextmanager
async def listening(server: Server, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[Server]:
    """Run server; server.port says where."""
    talks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.connections += 1
        server.open += 1
        server.most_open = max(server.most_open, server.open)
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, ValueError):
                await Conversation(server, reader, writer).run()
        finally:
            server.open -= 1
            writer.transport.abort() if server.cut_after is not None else writer.close()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.create_task(serve(reader, writer))
        talks.add(talk)
        talk.add_done_callback(talks.discard)

    listener = await asyncio.start_server(accept, host, port, limit=2**20)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        for talk in talks:
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)
        await asyncio.sleep(0)
