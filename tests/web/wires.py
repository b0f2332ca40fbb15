"""What the tests of the front share: a front on loopback, and clients that behave as badly as we ask."""
import asyncio
import datetime
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from mta.base.events import Journal
from mta.base.limits import LIMITS, Limits
from web.asgi import Application
from web.listening import Listening, Special


def listener() -> socket.socket:
    """A listening socket on a free port of loopback."""
    return socket.create_server(("127.0.0.1", 0), backlog=1_000)


@cache
def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's and a client's context that trust each other."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    start = datetime.datetime(2020, 1, 1)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(start).not_valid_after(start + datetime.timedelta(days=20_000))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False).sign(key, hashes.SHA256()))
    pem = folder / "localhost.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    return server, ssl.create_default_context(cafile=str(pem))


@asynccontextmanager
async def fronted(application: Application, journal: Journal, limits: Limits = LIMITS,
                  context: ssl.SSLContext | None = None, special: Special | None = None) -> AsyncIterator[tuple[Listening, int]]:
    """A front that serves application; its port too."""
    front, sock = Listening(limits, journal, special), listener()
    port = sock.getsockname()[1]
    front.listen([sock], application, (lambda: context) if context else None)
    try:
        yield front, port
    finally:
        await front.close(1.0)


@dataclass
class Wire:
    """A client's connection, by bytes."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def say(self, data: bytes) -> None:
        """Send data."""
        self.writer.write(data)
        await self.writer.drain()

    async def rest(self) -> bytes:
        """All that comes until the other side ends the connection."""
        try:
            return await asyncio.wait_for(self.reader.read(-1), 10)
        except ConnectionError:
            return b""

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        """One answer with a Content-Length: status, headers (names in lower case), body."""
        async with asyncio.timeout(20):
            head = await self.reader.readuntil(b"\r\n\r\n")
            first, *lines = head.decode("latin-1").split("\r\n")[:-2]
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            return int(first.split()[1]), headers, await self.reader.readexactly(int(headers.get("content-length", "0")))

    async def close(self) -> None:
        """Leave."""
        self.writer.close()
        with suppress(ConnectionError, ssl.SSLError):
            await self.writer.wait_closed()


@asynccontextmanager
async def dialled(port: int, tls: ssl.SSLContext | None = None) -> AsyncIterator[Wire]:
    """A connection to a port of loopback."""
    names = {"ssl": tls, "server_hostname": "localhost"} if tls else {}
    wire = Wire(*await asyncio.open_connection("127.0.0.1", port, limit=2**20, **names))  # type: ignore[arg-type]
    try:
        yield wire
    finally:
        await wire.close()
