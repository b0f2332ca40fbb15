"""Connections to other servers: the only place that dials.

A Connection is the Wire that mta.smtp.client speaks over: octets both ways with bounded
buffers, and an upgrade to TLS in place.  Works alike on asyncio's loop and on uvloop.

Standards: RFC 3207 §6 (nothing from before the handshake survives it).
"""
import asyncio
import os
import socket
import ssl
from typing import Final, cast

from mta.base.names import IPAddress, ip_address
from mta.net.chain import peer_chain
from mta.net.tls import channel_bindings, tls_server_end_point
from mta.smtp.wire import Secured

#: Octets that wait to be read before the peer is held up.
READ_ROOM: Final = 64 * 1024
#: Octets that wait to be sent before `drain` waits.
WRITE_ROOM: Final = 256 * 1024
#: Seconds a peer may take to agree to the end of TLS.
LINGER: Final = 2.0


async def connect(ip: IPAddress, port: int, source: IPAddress | None = None, wait: float = 30.0) -> "Connection":
    """Connect to ip, from the local address source if given, within wait seconds.

    OSError, or TimeoutError, if there is no connection to be had.
    """
    loop = asyncio.get_running_loop()
    family = socket.AF_INET if ip.version == 4 else socket.AF_INET6
    local = (str(source), 0) if source is not None else None
    async with asyncio.timeout(wait):
        _, connection = await loop.create_connection(Connection, str(ip), port, family=family, local_addr=local)
    return connection


def reason(problem: OSError) -> str:
    """What went wrong with a connection, in a few words.  The loops of Python and uvloop put different things into strerror."""
    if problem.errno and not isinstance(problem, ssl.SSLError | socket.gaierror):
        return os.strerror(problem.errno)
    return problem.strerror or str(problem) or type(problem).__name__


class Connection(asyncio.Protocol):
    """One connection; made by `connect`."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._arrived = bytearray()
        self._ended = False
        self._problem: Exception | None = None
        self._reading_paused = self._writing_paused = False
        self._reader: asyncio.Future[None] | None = None
        self._drainer: asyncio.Future[None] | None = None

    # --- What mta.smtp.wire.Wire promises ----------------------------------------------------

    @property
    def pending(self) -> int:
        return len(self._arrived)

    @property
    def source(self) -> IPAddress | None:
        """Our own address of the connection, as far as the system tells."""
        name = self._transport.get_extra_info("sockname") if self._transport else None
        return ip_address(name[0].partition("%")[0]) if name else None

    async def read(self) -> bytes:
        while not self._arrived:
            if self._problem is not None:
                raise ConnectionResetError(str(self._problem) or "connection lost") from self._problem
            if self._ended:
                return b""
            self._reader = asyncio.get_running_loop().create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        octets = bytes(self._arrived)
        self._arrived.clear()
        if self._reading_paused and self._transport is not None:
            self._reading_paused = False
            self._transport.resume_reading()
        return octets

    def write(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    async def drain(self) -> None:
        if self._transport is None or self._transport.is_closing():
            raise ConnectionResetError("connection lost")
        if self._writing_paused:
            self._drainer = asyncio.get_running_loop().create_future()
            try:
                await self._drainer
            finally:
                self._drainer = None

    async def start_tls(self, context: ssl.SSLContext, server_name: str) -> Secured:
        if self._arrived:
            raise ConnectionError("octets arrived ahead of the TLS handshake")
        if self._transport is None or self._transport.is_closing():
            raise ConnectionResetError("connection lost")
        plain, self._transport = self._transport, None
        try:
            loop = asyncio.get_running_loop()
            self._transport = await loop.start_tls(plain, self, context, server_hostname=server_name)
        finally:
            if self._transport is None:
                plain.abort()
        if self._transport is None:
            raise ConnectionResetError("connection lost during the TLS handshake")
        self._transport.set_write_buffer_limits(high=WRITE_ROOM)
        return self._secured()

    def bindings(self) -> dict[str, bytes]:
        tls = self._transport.get_extra_info("ssl_object") if self._transport else None
        certificate = tls.getpeercert(binary_form=True) if tls else None
        return channel_bindings(tls, tls_server_end_point(certificate)) if tls and certificate else {}

    def close(self) -> None:
        if self._transport is None:
            return
        transport, self._transport = self._transport, None
        if transport.get_write_buffer_size():
            transport.abort()       # the peer does not read, and nobody waits for it any more
            return
        encrypted = transport.get_extra_info("ssl_object") is not None
        transport.close()
        if encrypted:
            # A polite end of TLS needs the peer; an impolite one need not be waited for.
            asyncio.get_running_loop().call_later(LINGER, transport.abort)

    def abort(self) -> None:
        """Hang up without a word, where nothing more is wanted: TLS does not wait for the peer's farewell."""
        if self._transport is not None:
            transport, self._transport = self._transport, None
            transport.abort()

    # --- What the loop calls --------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclasses of asyncio's.
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=WRITE_ROOM)

    def data_received(self, data: bytes) -> None:
        self._arrived += data
        if len(self._arrived) > READ_ROOM and not self._reading_paused and self._transport is not None:
            self._reading_paused = True
            self._transport.pause_reading()
        _wake(self._reader)

    def eof_received(self) -> None:
        self._ended = True
        _wake(self._reader)

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended, self._problem, self._transport = True, exc, None
        _wake(self._reader)
        if self._drainer is not None and not self._drainer.done():
            self._drainer.set_exception(ConnectionResetError("connection lost"))

    def pause_writing(self) -> None:
        self._writing_paused = True

    def resume_writing(self) -> None:
        self._writing_paused = False
        _wake(self._drainer)

    # --- Inside -----------------------------------------------------------------------------------

    def _secured(self) -> Secured:
        tls = self._transport.get_extra_info("ssl_object") if self._transport else None
        if tls is None:
            raise ConnectionResetError("connection lost during the TLS handshake")
        cipher = tls.cipher()
        return Secured(
            tls.version() or "", cipher[0] if cipher else "", tls.context.verify_mode is ssl.CERT_REQUIRED, peer_chain(tls))


def _wake(waiting: "asyncio.Future[None] | None") -> None:
    if waiting is not None and not waiting.done():
        waiting.set_result(None)


def is_ours(ip: IPAddress) -> bool:
    """Whether ip is an address of this machine."""
    with socket.socket(socket.AF_INET if ip.version == 4 else socket.AF_INET6, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((str(ip), 0))
        except OSError:
            return False
    return True


def usual_source(version: int) -> IPAddress | None:
    """The address that the system would send from to the internet, or None without a way there.  Nothing is sent."""
    # RFC 5737 §3, RFC 3849 §2: addresses that belong to nobody take the default route.
    family, far = (socket.AF_INET, "192.0.2.1") if version == 4 else (socket.AF_INET6, "2001:db8::1")
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((far, 9))
            return ip_address(probe.getsockname()[0])
    except OSError:
        return None
