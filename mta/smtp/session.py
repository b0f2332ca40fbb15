"""The server's end of an SMTP connection: octets in and out, timers, TLS; on aiosmtpd.

aiosmtpd gives the protocol class, its transport, timers, session and envelope.  Its command loop and
parsers are replaced and not reachable: it takes a bare LF for an end of line, and it
cancels its task, and with it what is being stored, when a peer closes its half.

What comes is kept in an inbox of bounded size: while nobody takes from it, we stop
reading.  What goes out is gathered until the conversation has to wait.

Read on: conversation.py talks, desk.py decides, register.py knows who is here.
"""
import asyncio
import ssl
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, Final, Protocol, cast, runtime_checkable

from aiosmtpd.smtp import SMTP

from mta.base.clock import Clock, SystemClock
from mta.base.events import Event
from mta.base.limits import LIMITS, Limits
from mta.base.measures import Measure
from mta.base.names import ip_address
from mta.base.reply import Reply
from mta.base.sasl import Bindings
from mta.base.tokens import short_id
from mta.smtp.channel import Gone
from mta.smtp.conversation import Conversation
from mta.smtp.desk import Desk, Peer, Session, TlsFacts
from mta.smtp.inbox import Inbox
from mta.smtp.register import Register

#: Octets that may wait in the inbox before we stop reading; one more read may come on top.
FULL: Final = 64 * 1024
STOPPING: Final = Reply(421, "4.3.2", "The server is about to stop; connect again in a moment")


@runtime_checkable
class KnowingContext(Protocol):
    """A TLS context that can say more about a handshake; mta.net.tls.ServerContext is one."""

    def server_name(self, tls: ssl.SSLObject) -> str | None:
        """The name the client asked for (SNI)."""
        ...

    def bindings(self, tls: ssl.SSLObject) -> Bindings:
        """The channel bindings of this connection, by name (RFC 5929)."""
        ...


@dataclass(frozen=True, slots=True)
class Service:
    """What one listener offers: listener is its name ("smtp", …), tls_context for STARTTLS or, with implicit_tls, from the first octet."""

    desk: Desk[Any]
    listener: str
    tls_context: ssl.SSLContext | None
    implicit_tls: bool
    clock: Clock
    limits: Limits
    register: Register


def session_factory(desk: Desk[Any], listener: str, tls_context: ssl.SSLContext | None = None, *, implicit_tls: bool = False,
                    clock: Clock | None = None, limits: Limits = LIMITS, register: Register | None = None) -> "SmtpSession":
    """A protocol for one new connection; call it in the event loop, as loop.create_server does.

    Hand the same register to all listeners of a process: it bounds their number, and
    Register.stop() ends them gracefully.  The sockets are plain ones, also for implicit TLS.
    """
    service = Service(desk, listener, tls_context, implicit_tls, clock or SystemClock(), limits, register or Register(limits))
    return SmtpSession(service, asyncio.get_running_loop())


class SmtpSession(SMTP):
    """One connection: aiosmtpd's protocol underneath, a mta.smtp.channel.Channel to the conversation above."""

    def __init__(self, service: Service, loop: asyncio.AbstractEventLoop) -> None:
        # aiosmtpd's own __init__ is left out: it collects its command methods, which would
        # then be reachable, and takes a fifth of a millisecond for it.  What its timers and
        # connection_made() need is set here.
        self.loop = loop
        asyncio.StreamReaderProtocol.__init__(self, asyncio.StreamReader(loop=loop), self._cb_client_connected, loop)
        self.transport: asyncio.Transport | None = None
        self._original_transport: asyncio.BaseTransport | None = None
        self._timeout_handle: asyncio.TimerHandle | None = None
        self._timeout_duration = service.limits.greeting_wait

        self._service = service
        self._inbox = Inbox(service.limits.command_line)
        self._replies: list[bytes] = []
        self._arrival: asyncio.Future[None] | None = None
        #: Why nothing more will come, once that is known.
        self._end: Gone | None = None
        self._stopping = self._closing = self._reading_paused = False

    # --- what the transport tells us ----------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Keep what came for the conversation, and stop reading if that is more than it can use now."""
        self._inbox.feed(data)
        if len(self._inbox) > FULL and self.transport is not None:
            self.transport.pause_reading()
            self._reading_paused = True
        self._wake()

    def eof_received(self) -> bool:
        """The client will send no more; in the clear we can still answer what it sent.

        aiosmtpd would cancel its task here, with whatever is being stored.
        """
        self._finish(Gone("the client closed the connection"))
        return self._original_transport is None

    def connection_lost(self, error: Exception | None) -> None:
        """The connection is gone; the conversation finds out when it next waits, and what it does now is seen through."""
        self._finish(Gone("the connection was lost" if error else "the client closed the connection"))
        self._stop_timer()
        if self._original_transport is not None:
            self._original_transport.close()
        super(SMTP, self).connection_lost(error)    # aiosmtpd's own would cancel its task
        self.transport = None

    def _timeout_cb(self) -> None:
        """Whoever kept us waiting is told so, or dropped if it does not even listen."""
        self._finish(Gone("the client kept us waiting", Reply(421, "4.4.2", "Nothing came for too long; connect again")))
        if self.transport is not None and (self._closing or self.transport.get_write_buffer_size()):
            self.transport.abort()

    def stop(self) -> None:
        """Say 421 as soon as the conversation waits for a command."""
        self._stopping = True
        self._wake()

    # --- the life of a session ------------------------------------------------------------------

    async def _handle_client(self) -> None:
        """aiosmtpd starts this as a task when the connection is made."""
        service = self._service
        session = self._facts()
        if session is None:
            return self._close()
        reason = "unexpected"
        entered = service.register.enter(self)
        service.desk.measure(Measure.SESSIONS, len(service.register))
        try:
            if entered:
                reason = await self._talk(session)
            else:
                reason = self._turn_away(session)
        finally:
            self._close()
            service.register.leave(self)
            service.desk.measure(Measure.SESSIONS, len(service.register))
            peer = session.peer
            service.desk.note(Event.SESSION_CLOSED, peer.session, ip=peer.ip, reason=reason, messages=session.accepted,
                              seconds=service.clock.monotonic() - session.started)

    async def _talk(self, session: Session) -> str:
        service, peer = self._service, session.peer
        service.desk.note(Event.SESSION_OPENED, peer.session, ip=peer.ip, port=peer.port, listener=peer.listener)
        conversation = Conversation(self, service.desk, session, service.register, service.limits, service.clock)
        try:
            return await conversation.run(implicit_tls=service.implicit_tls)
        finally:
            self._close()
            await conversation.closed()

    def _turn_away(self, session: Session) -> str:
        reply = Reply(421, "4.3.2", "Too many connections are open; try again later")
        if not self._service.implicit_tls:
            self.say(reply)
        peer = session.peer
        self._service.desk.note(Event.SESSION_REFUSED, peer.session, ip=peer.ip, reason="too many sessions", reply=str(reply))
        return "refused"

    def _facts(self) -> Session | None:
        """Who is there; None if they have left already."""
        there, here = (self.transport and self.transport.get_extra_info(name) for name in ("peername", "sockname"))
        if not there or not here:
            return None
        peer = Peer(ip_address(there[0]), there[1], ip_address(here[0]), here[1], self._service.listener, short_id())
        return Session(peer, self._service.clock.monotonic())

    def _close(self) -> None:
        """Send what is left to say and close; a peer that does not take it is dropped after a while."""
        self._send()
        self._closing = True
        if self.transport is not None:
            self._reset_timeout(self._service.limits.farewell)
            self.transport.close()

    # --- the channel ----------------------------------------------------------------------------

    def say(self, reply: Reply) -> None:
        self._replies.append(reply.wire())

    async def next_line(self, wait: float) -> bytes:
        if not self._stopping and (line := self._inbox.line()) is not None:
            return line
        self._reset_timeout(wait)
        try:
            while not self._stopping:
                await self._arrived()
                if (line := self._inbox.line()) is not None:
                    return line
            raise Gone("the server stops", STOPPING)
        finally:
            self._stop_timer()

    async def next_octets(self, wait: float) -> bytes:
        if not self._inbox:
            self._reset_timeout(wait)
            try:
                while not self._inbox:
                    await self._arrived()
            finally:
                self._stop_timer()
        return self._inbox.take()

    def put_back(self, octets: bytes) -> None:
        self._inbox.put_back(octets)

    def drop_input(self) -> int:
        return len(self._inbox.take())

    @property
    def can_start_tls(self) -> bool:
        return self._service.tls_context is not None and self._original_transport is None

    async def start_tls(self) -> TlsFacts:
        self._send()
        plain, limits = self.transport, self._service.limits
        assert self._service.tls_context is not None, "TLS was not offered"
        if plain is None or plain.is_closing():
            raise self._end or Gone("the connection was lost")
        # Not aiosmtpd's smtp_STARTTLS: that reaches into private parts of asyncio.sslproto, knows
        # no bound for the handshake, and cannot begin with it.
        upgrade = self.loop.start_tls(plain, self, self._service.tls_context, server_side=True,
                                      ssl_handshake_timeout=limits.tls_handshake, ssl_shutdown_timeout=limits.farewell)
        try:
            secured = await (self._fed(upgrade, plain) if self._service.implicit_tls else upgrade)
        except OSError as problem:      # ssl.SSLError, ConnectionError and TimeoutError among them
            raise Gone(f"the TLS handshake failed: {getattr(problem, 'reason', None) or problem or 'timed out'}") from None
        if self._end or secured is None or secured.is_closing():
            raise self._end or Gone("the connection was lost")
        self._original_transport, self.transport = plain, secured
        self._reading_paused = False
        tls = self._tls
        version, cipher = tls.version() or "", (tls.cipher() or ("",))[0]
        return TlsFacts(version, cipher, tls.context.server_name(tls) if isinstance(tls.context, KnowingContext) else None)

    async def _fed(self, upgrade: Coroutine[Any, Any, asyncio.Transport | None], plain: asyncio.Transport) -> asyncio.Transport | None:
        """Upgrade a connection that is to be TLS from its first octet: what came while the desk was asked belongs to the handshake.

        uvloop cannot be kept from reading ahead.  The upgrade's first step takes over and
        pauses the transport, its second starts the handshake and resumes: we come right
        behind that, before anything else can be read.
        """
        task = self.loop.create_task(upgrade)
        for _step in ("take over", "start"):
            await asyncio.sleep(0)
        protocol, early = cast(asyncio.BufferedProtocol, plain.get_protocol()), self._inbox.take()
        while early:
            room = memoryview(protocol.get_buffer(len(early)))
            taken = min(len(room), len(early))
            room[:taken] = early[:taken]
            protocol.buffer_updated(taken)
            early = early[taken:]
        return await task

    def bindings(self) -> Bindings:
        if self._original_transport is None:
            return {}
        return self._tls.context.bindings(self._tls) if isinstance(self._tls.context, KnowingContext) else {}

    @property
    def _tls(self) -> ssl.SSLObject:
        assert self.transport is not None
        return cast(ssl.SSLObject, self.transport.get_extra_info("ssl_object"))

    # --- octets and timers ----------------------------------------------------------------------

    async def _arrived(self) -> None:
        """Send what was said and wait until something comes or happens; Gone if nothing more will come."""
        self._send()
        try:
            await self._writer.drain()      # returns at once unless the client does not take what we say
        except OSError:
            raise self._end or Gone("the connection was lost") from None
        if self._end:
            raise self._end
        if self._reading_paused and self.transport is not None:
            self._reading_paused = False
            self.transport.resume_reading()
        self._arrival = self.loop.create_future()
        try:
            await self._arrival
        finally:
            self._arrival = None

    def _send(self) -> None:
        if self._replies and self.transport is not None:
            self.transport.write(b"".join(self._replies))
        self._replies.clear()

    def _wake(self) -> None:
        if self._arrival is not None and not self._arrival.done():
            self._arrival.set_result(None)

    def _finish(self, end: Gone) -> None:
        """Nothing more will come."""
        self._end = self._end or end
        self._wake()

    def _stop_timer(self) -> None:
        if self._timeout_handle is not None:
            self._timeout_handle.cancel()
