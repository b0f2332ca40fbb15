"""The resolver process seen from both ends of its Unix socket.

SocketResolver is the Resolver of all other roles: it keeps one connection, has many
questions in flight, and when the process restarts it connects again and repeats what was
not answered, so that a restart costs a retry and not an error.  Answering is the server's
end.  Frames are those of mta.dns.frames.
"""
import asyncio
import socket
from dataclasses import dataclass, field
from pathlib import Path

from mta.base.limits import LIMITS, Limits
from mta.base.names import Domain
from mta.dns.answer import Answer, Outcome, RecordType
from mta.dns.frames import BadFrame, Frames, answer_frame, question_frame, read_answer, read_question
from mta.dns.resolver import Resolver

#: Seconds between two attempts to reach a resolver process that is not there.
RECONNECT = 0.1


@dataclass(slots=True)
class _Asked:
    name: Domain
    kind: RecordType
    answer: "asyncio.Future[Answer]"


class SocketResolver:
    """A Resolver that asks the resolver process at path.

    Belongs to the loop that first asks.  Never raises for trouble with the process:
    after LIMITS.dns_wait without an answer the outcome is TROUBLE; where nobody listens
    at path, at once, unless patient (a role outlives a restart of the process; whoever
    waits at a terminal of a server that does not run wants to know).
    """

    def __init__(self, path: Path, limits: Limits = LIMITS, *, patient: bool = True) -> None:
        self._path = path
        self._patient = patient
        self._limits = limits
        self._asked: dict[int, _Asked] = {}
        self._next = 0
        self._link: _Link | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._closed = False

    async def ask(self, name: Domain, kind: RecordType) -> Answer:
        if len(self._asked) >= self._limits.dns_in_flight:
            return Answer(name, kind, Outcome.TROUBLE, error="too many DNS questions at a time")
        self._next += 1
        number = self._next
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._asked[number] = _Asked(name, kind, answer)
        try:
            self._send(number)
            async with asyncio.timeout(self._limits.dns_wait):
                return await answer
        except TimeoutError:
            return Answer(name, kind, Outcome.TROUBLE, error="the resolver process does not answer")
        finally:
            self._asked.pop(number, None)

    async def close(self) -> None:
        """Hang up; questions in flight end in trouble."""
        self._closed = True
        if self._connecting:
            self._connecting.cancel()
            await asyncio.gather(self._connecting, return_exceptions=True)
        if self._link:
            self._link.hang_up()
        self._give_up("the resolver was closed")

    def _give_up(self, error: str) -> None:
        for asked in self._asked.values():
            if not asked.answer.done():
                asked.answer.set_result(Answer(asked.name, asked.kind, Outcome.TROUBLE, error=error))

    def _send(self, number: int) -> None:
        if self._link is not None:
            asked = self._asked[number]
            self._link.send(question_frame(number, asked.name, asked.kind))
        elif self._connecting is None and not self._closed:
            self._connecting = asyncio.ensure_future(self._connect())

    async def _connect(self) -> None:
        """Reach the process, however long it takes while someone waits; then ask what is open."""
        loop = asyncio.get_running_loop()
        try:
            while self._asked:
                try:
                    _, link = await loop.create_unix_connection(lambda: _Link(self), str(self._path))
                except OSError:
                    if not self._patient:
                        self._give_up("the server, whose resolver would be asked, does not run")
                        return
                    await asyncio.sleep(RECONNECT)
                    continue
                self._link = link
                for number in list(self._asked):
                    self._send(number)
                return
        finally:
            self._connecting = None

    def _received(self, content: list[object]) -> None:
        number = content[0]
        asked = self._asked.get(number) if isinstance(number, int) else None
        if asked is not None and not asked.answer.done():
            asked.answer.set_result(read_answer(content, asked.name, asked.kind))

    def _lost(self, link: "_Link") -> None:
        if self._link is link:
            self._link = None
            if self._asked and not self._closed and self._connecting is None:
                self._connecting = asyncio.ensure_future(self._connect())


class _Link(asyncio.Protocol):
    """One connection to the resolver process."""

    def __init__(self, owner: SocketResolver) -> None:
        self._owner = owner
        self._frames = Frames()
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport) or hasattr(transport, "write")
        self._transport = transport  # type: ignore[assignment]  # uvloop's transports share no base class

    def data_received(self, data: bytes) -> None:
        try:
            for content in self._frames.feed(data):
                self._owner._received(content)
        except BadFrame:
            self.hang_up()

    def connection_lost(self, exc: Exception | None) -> None:
        self._owner._lost(self)

    def send(self, data: bytes) -> None:
        """Send data; lost if the connection just broke, then it is repeated on the next."""
        if self._transport is not None:
            self._transport.write(data)

    def hang_up(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.close()


@dataclass(slots=True)
class Answering:
    """The server's end: answers the questions of all roles from one Resolver."""

    resolver: Resolver
    answered: int = 0
    _tasks: set["asyncio.Task[None]"] = field(default_factory=set)

    async def listen(self, listening: socket.socket) -> asyncio.AbstractServer:
        """Serve on a listening Unix socket, which outlives us: who connects while nobody serves it waits."""
        # create_server and not create_unix_server, which from Python 3.13 on removes the path at its end.
        return await asyncio.get_running_loop().create_server(lambda: _Client(self), sock=listening)

    async def drain(self) -> None:
        """Let the questions under way finish."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def take(self, number: int, name: Domain, kind: RecordType, client: "_Client") -> None:
        """Answer one question when its answer is there."""
        task = asyncio.ensure_future(self._answer(number, name, kind, client))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, number: int, name: Domain, kind: RecordType, client: "_Client") -> None:
        answer = await self.resolver.ask(name, kind)
        self.answered += 1
        client.send(answer_frame(number, answer))


class _Client(asyncio.Protocol):
    """One role's connection, at the server's end."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering
        self._frames = Frames()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # uvloop's transports share no base class

    def data_received(self, data: bytes) -> None:
        try:
            for content in self._frames.feed(data):
                self._answering.take(*read_question(content), self)
        except BadFrame:
            if self._transport is not None:
                self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None

    def send(self, data: bytes) -> None:
        """Send data if the client is still there."""
        if self._transport is not None:
            self._transport.write(data)
