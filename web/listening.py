"""The asynchronous HTTP and TLS front: accepts, bounds, and hands requests to an ASGI application.

uvicorn speaks HTTP/1.1 here (over h11); accepting, TLS and the end are ours, so that every
connection is counted and bounded from its first packet on: a client that opens a socket
and says nothing costs one descriptor for Limits.http_header_wait seconds.

No signal handlers, no loggers, no HTTP/2, no WebSockets: the role that runs this decides
when it ends, and events go to the journal.

Read on: front.py (what is served), connection.py (one connection), admission.py (who may come in).
"""
import asyncio
import logging
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Any

import uvicorn.lifespan.off  # noqa: F401  before the fork, and not by uvicorn when it begins to listen
from uvicorn.config import Config
from uvicorn.server import ServerState

from mta.base.errors import BadName
from mta.base.events import Event, Journal
from mta.base.limits import Limits
from mta.base.names import ip_address
from web.admission import Admission, Ticket
from web.asgi import Application
from web.connection import Connection

#: Connections taken from one listening socket before others get their turn.
AT_ONCE = 50
#: Seconds without accepting when descriptors or memory have run out.
PAUSE = 0.5

Context = Callable[[], ssl.SSLContext]
#: A context for a client that is to see another than the usual one, or None.
Special = Callable[[socket.socket], Awaitable[ssl.SSLContext | None]]


class Listening:
    """Listens on sockets that someone else opened; special, if given, is asked before each TLS handshake."""

    def __init__(self, limits: Limits, journal: Journal, special: Special | None = None) -> None:
        self._limits, self._journal, self._special = limits, journal, special
        self._admission = Admission(limits)
        self._state = ServerState()
        self._loop = asyncio.get_running_loop()
        self._listening: list[socket.socket] = []
        self._greetings: set[asyncio.Task[None]] = set()
        _hush()

    @property
    def inside(self) -> int:
        """Connections that are open."""
        return self._admission.inside

    async def emptied(self) -> None:
        """Return as soon as no connection is open."""
        await self._admission.emptied()

    def listen(self, sockets: Iterable[socket.socket], application: Application, context: Context | None = None) -> None:
        """Serve application on listening sockets; with a context (asked anew for each connection), under TLS."""
        config = Config(
            application, http=Connection, ws="none", loop="none", lifespan="off", log_config=None, access_log=False, interface="asgi3",
            proxy_headers=False, server_header=False, date_header=False,
            timeout_keep_alive=int(self._limits.http_idle), h11_max_incomplete_event_size=self._limits.http_header_octets)
        config.load()
        for listening in sockets:
            listening.setblocking(False)
            self._listening.append(listening)
            self._loop.add_reader(listening, self._accept, listening, config, context)

    async def close(self, grace: float) -> None:
        """Accept no more, let answers go out for `grace` seconds, then end what is left."""
        while self._listening:
            listening = self._listening.pop()
            self._loop.remove_reader(listening)
            listening.close()
        for greeting in list(self._greetings):
            greeting.cancel()
        for connection in list(self._state.connections):
            connection.shutdown()
        with suppress(TimeoutError):
            async with asyncio.timeout(grace):
                await self.emptied()
        for connection in list(self._state.connections):
            connection.transport.abort()
        for task in list(self._state.tasks):
            task.cancel()
        await asyncio.gather(*self._greetings, *self._state.tasks, return_exceptions=True)

    def _accept(self, listening: socket.socket, config: Config, context: Context | None) -> None:
        for _ in range(AT_ONCE):
            try:
                accepted, peer = listening.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as problem:
                # No descriptor or no memory: the listener stays readable, so look away for a moment.
                self._journal.note(Event.UNEXPECTED, where="web.listening", problem=str(problem))
                self._loop.remove_reader(listening)
                self._loop.call_later(PAUSE, self._again, listening, config, context)
                return
            self._admit(accepted, peer, config, context)

    def _again(self, listening: socket.socket, config: Config, context: Context | None) -> None:
        if listening.fileno() >= 0:
            self._loop.add_reader(listening, self._accept, listening, config, context)

    def _admit(self, accepted: socket.socket, peer: Any, config: Config, context: Context | None) -> None:
        try:
            ticket = self._admission.enter(ip_address(peer[0]))
        except BadName:
            ticket = None
        if ticket is None:
            accepted.close()
            return
        greeting = self._loop.create_task(self._greet(accepted, ticket, config, context))
        ticket.idle(lambda: _cancel(greeting))
        self._greetings.add(greeting)
        greeting.add_done_callback(self._greetings.discard)

    async def _greet(self, accepted: socket.socket, ticket: Ticket, config: Config, context: Context | None) -> None:
        """From accept to the HTTP protocol, through the TLS handshake if there is one."""
        wait = {"ssl_handshake_timeout": self._limits.http_header_wait, "ssl_shutdown_timeout": 2.0} if context else {}
        made: list[Connection] = []

        def connection() -> Connection:
            made.append(Connection(config, self._state, ticket, self._limits))
            return made[0]

        try:
            accepted.setblocking(False)
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            chosen = context() if context else None
            if chosen and self._special:
                chosen = await self._special(accepted) or chosen
            await self._loop.connect_accepted_socket(connection, accepted, ssl=chosen, **wait)
        except (OSError, asyncio.CancelledError):
            pass    # strangers fail at this all day; there is nobody to tell
        finally:
            if not made or made[0].transport is None:
                accepted.close()
                ticket.leave()


def _hush() -> None:
    """uvicorn and asyncio keep loggers; what we have to say goes to the journal."""
    for name in ("uvicorn.error", "uvicorn.access", "uvicorn.asgi"):
        logger = logging.getLogger(name)
        logger.handlers = [logging.NullHandler()]
        logger.propagate = False
        logger.setLevel(logging.CRITICAL)


def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
