"""One question to somebody else's web server: bounded in time and size, and believed only with a sound certificate.

Names are looked up by our own Resolver and connected to by address.  Redirects are not
followed, nothing is cached or unpacked, each request has a connection of its own.  Where
strangers choose the host, an address that is not of the public internet is refused: we
are no way into the networks behind us.

Standards: RFC 9110, RFC 9112 (by h11), RFC 8461 §3.3, RFC 9525.

Read on: mta.net.connect has the connection, mta.net.tls the context.
"""
import asyncio
import enum
import ssl
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network
from typing import Final, Self
from urllib.parse import urlsplit

import h11

from mta import VERSION
from mta.base.errors import BadName, PillarboxError
from mta.base.limits import LIMITS, Limits
from mta.base.names import Domain, IPAddress
from mta.dns.answer import Answer, RecordType
from mta.dns.resolver import Resolver
from mta.net.connect import Connection, connect, reason
from mta.net.tls import client_context

HTTPS_PORT: Final = 443
#: Longest URL that is understood; those of reports have some tens of characters.
URL: Final = 2_000
#: RFC 6052 §2.1: IPv6 that is translated to the IPv4 address in its last 32 bits.
TRANSLATED: Final = IPv6Network("64:ff9b::/96")
#: What OpenSSL calls a certificate that ran out, and one with other names (X509_V_ERR_…).
RAN_OUT: Final = 10
OTHER_NAME: Final = 62


class Trouble(enum.Enum):
    """Why there is no answer; the text is for people."""

    DNS = "the DNS does not tell its address now"
    NO_ADDRESS = "it has no address"
    NOT_PUBLIC = "its address is not of the public internet"
    UNREACHABLE = "it cannot be reached"
    TIMEOUT = "it took too long"
    TLS = "no TLS could be agreed on"
    CERTIFICATE = "its certificate is not to be trusted"
    EXPIRED = "its certificate has expired"
    OTHER_NAME = "its certificate is for another name"
    PROTOCOL = "it does not speak HTTP as it should"
    TOO_LARGE = "its answer is too large"

    @property
    def is_certificate(self) -> bool:
        """Whether the certificate was what was wrong."""
        return self in (Trouble.CERTIFICATE, Trouble.EXPIRED, Trouble.OTHER_NAME)


class HttpsError(PillarboxError):
    """No answer; the text says of which host, and why."""

    def __init__(self, trouble: Trouble, host: Domain, detail: str = "") -> None:
        super().__init__(f"{host}: {trouble.value}{f' ({detail})' if detail else ''}")
        self.trouble = trouble


class BadUrl(ValueError):
    """Text that is no https URL that we would ask."""


@dataclass(frozen=True, slots=True)
class Place:
    """What to ask for: path with its query; port None is the usual one."""

    host: Domain
    path: str
    port: int | None = None

    @classmethod
    def parse(cls, url: str) -> Self:
        """The place an https URL names; BadUrl.  A fragment is left out; names and passwords of people, and addresses, are refused."""
        if len(url) > URL or not url.isascii() or not url.isprintable() or " " in url:
            raise BadUrl("it is too long, or has characters that no URL has")
        try:
            parts = urlsplit(url)
            port = parts.port
            host = Domain.parse(parts.hostname or "")
        except (ValueError, BadName):
            raise BadUrl("its host or port is none") from None
        if parts.scheme != "https" or parts.username is not None or parts.password is not None or port == 0:
            raise BadUrl("it is not of the form https://host/path")
        if host.labels[-1].isdecimal():
            raise BadUrl("its host is an address, and certificates are for names")
        return cls(host, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), port)


@dataclass(frozen=True, slots=True)
class Response:
    """An answer, good or bad: header names in lower case, values as Latin-1."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        """The value of a header (name in lower case), "" if there is none; several are joined by commas."""
        return ", ".join(value for key, value in self.headers if key == name)

    @property
    def media_type(self) -> str:
        """The media type in lower case, without parameters; "" if none is given."""
        return self.header("content-type").partition(";")[0].strip().lower()


class Https:
    """A client; belongs to one loop.

    context verifies (mta.net.tls.client_context); port is the usual one; private lets it
    connect to loopback and private networks, for `localserve` and tests.
    """

    def __init__(
        self, resolver: Resolver, context: ssl.SSLContext | None = None, *, private: bool = False, port: int = HTTPS_PORT,
        limits: Limits = LIMITS,
    ) -> None:
        self._resolver, self._private, self._port, self._limits = resolver, private, port, limits
        self._context = context or client_context(verify=True)
        self._context.set_alpn_protocols(["http/1.1"])

    async def get(self, place: Place, *, most: int | None = None) -> Response:
        """Ask for place; HttpsError if there is no answer, or one of more than most octets (limits.https_body)."""
        return await self._ask("GET", place, (), b"", most)

    async def post(self, place: Place, body: bytes, media_type: str, *, headers: Sequence[tuple[str, str]] = (),
                   most: int | None = None) -> Response:
        """Hand in body at place; HttpsError as in get()."""
        given = [("Content-Type", media_type), ("Content-Length", str(len(body))), *headers]
        return await self._ask("POST", place, given, body, most)

    async def _ask(self, method: str, place: Place, headers: Iterable[tuple[str, str]], body: bytes, most: int | None) -> Response:
        host, port = place.host, place.port or self._port
        named = host.ascii if port == HTTPS_PORT else f"{host.ascii}:{port}"
        request = h11.Request(method=method, target=place.path, headers=[
            ("Host", named), ("User-Agent", f"Pillarbox/{VERSION}"), ("Accept", "*/*"), ("Accept-Encoding", "identity"),
            ("Connection", "close"), *headers])
        connection = None
        try:
            async with asyncio.timeout(self._limits.https_wait):
                connection = await self._reach(host, port)
                await self._secure(connection, host)
                bound = self._limits.https_body if most is None else most
                exchange = Exchange(connection, bound, self._limits.https_header, wanted=method == "GET")
                return await exchange.run(request, body)
        except TimeoutError:
            raise HttpsError(Trouble.TIMEOUT, host) from None
        except TooLarge as problem:
            raise HttpsError(Trouble.TOO_LARGE, host, str(problem)) from None
        except h11.RemoteProtocolError as problem:
            raise HttpsError(Trouble.PROTOCOL, host, str(problem)[:200]) from None
        except OSError as problem:
            raise HttpsError(Trouble.PROTOCOL, host, f"the connection broke off: {reason(problem)}") from None
        finally:
            if connection is not None:
                connection.abort()

    async def _reach(self, host: Domain, port: int) -> Connection:
        """A connection to the first of the host's addresses that takes one."""
        problem = ""
        for ip in await self._addresses(host):
            try:
                return await connect(ip, port, wait=self._limits.https_connect_wait)
            except TimeoutError:
                problem = f"{ip} does not answer"
            except OSError as trouble:
                problem = f"{ip}: {reason(trouble)}"
        raise HttpsError(Trouble.UNREACHABLE, host, problem)

    async def _addresses(self, host: Domain) -> list[IPAddress]:
        """Some addresses of host, IPv6 and IPv4 in turn; HttpsError if there is none to connect to."""
        answers = await asyncio.gather(*(self._resolver.ask(host, kind) for kind in (RecordType.AAAA, RecordType.A)))
        found = _in_turn(answers)
        if not found:
            if trouble := next((answer for answer in answers if answer.temporary), None):
                raise HttpsError(Trouble.DNS, host, trouble.error or trouble.outcome.value)
            raise HttpsError(Trouble.NO_ADDRESS, host)
        usable = [ip for ip in found if self._private or is_public(ip)]
        if not usable:
            raise HttpsError(Trouble.NOT_PUBLIC, host, str(found[0]))
        return usable[:self._limits.https_addresses]

    async def _secure(self, connection: Connection, host: Domain) -> None:
        """Shake hands, and check that it is host who is there."""
        try:
            await connection.start_tls(self._context, host.ascii)
        except ssl.SSLCertVerificationError as problem:
            trouble = {RAN_OUT: Trouble.EXPIRED, OTHER_NAME: Trouble.OTHER_NAME}.get(problem.verify_code, Trouble.CERTIFICATE)
            raise HttpsError(trouble, host, problem.verify_message) from None
        except ssl.SSLError as problem:
            raise HttpsError(Trouble.TLS, host, problem.reason or str(problem)) from None
        except TimeoutError:
            raise
        except OSError as problem:
            raise HttpsError(Trouble.TLS, host, reason(problem)) from None


class TooLarge(Exception):
    """More octets than anybody wants."""


class Exchange:
    """One request and its answer on a connection; most bounds the body, head what comes before it, in octets.

    wanted: the body of the answer is what was asked for.
    """

    def __init__(self, connection: Connection, most: int, head: int, *, wanted: bool) -> None:
        self._connection, self._most, self._wanted = connection, most, wanted
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=head)
        # Chunks may be of one octet each and have names; what is far beyond the body's size is no honest answer.
        self._left = 8 * most + 4 * head

    async def run(self, request: h11.Request, body: bytes) -> Response:
        """The answer; TooLarge, h11.RemoteProtocolError, OSError."""
        self._send(request)
        if body:
            self._send(h11.Data(data=body))
        self._send(h11.EndOfMessage())
        # A server that has enough answers before it has read all: that answer counts.
        drain = asyncio.ensure_future(self._connection.drain())
        try:
            return await self._answer()
        finally:
            drain.cancel()
            await asyncio.gather(drain, return_exceptions=True)

    async def _answer(self) -> Response:
        head: h11.Response | None = None
        content = bytearray()
        while True:
            event = self._http.next_event()
            if event is h11.NEED_DATA:
                self._http.receive_data(await self._more())
            elif isinstance(event, h11.Response):
                head = event
                self._check_head(event)
            elif isinstance(event, h11.Data):
                content += event.data
                if len(content) > self._most:
                    raise TooLarge(f"more than {self._most} octets")
            elif isinstance(event, h11.EndOfMessage):
                assert head is not None
                headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers)
                return Response(head.status_code, headers, bytes(content))
            elif event is h11.PAUSED or isinstance(event, h11.ConnectionClosed):
                raise h11.RemoteProtocolError("the connection ended before the answer")

    async def _more(self) -> bytes:
        octets = await self._connection.read()
        self._left -= len(octets)
        if self._left < 0:
            raise TooLarge("far more octets than its content")
        return octets

    def _check_head(self, response: h11.Response) -> None:
        """Refuse at once what could not be used."""
        sized = {b"content-length", b"transfer-encoding"} & {name for name, _ in response.headers}
        # RFC 9112 §8, stricter: what ends with the connection is whole only if TLS ended too, which asyncio does not
        # tell; anybody could cut it, and half a policy is another policy.  What is not read but counted may be cut.
        if not sized and self._wanted and response.status_code == 200:
            raise h11.RemoteProtocolError("it does not say how long its answer is")
        for name, value in response.headers:
            if name == b"content-length" and int(value) > self._most:
                raise TooLarge(f"{int(value)} octets")
            if name == b"content-encoding" and value.lower() != b"identity":
                raise h11.RemoteProtocolError("its answer is packed, though that was not asked for")

    def _send(self, event: h11.Request | h11.Data | h11.EndOfMessage) -> None:
        self._connection.write(self._http.send(event) or b"")


def is_public(ip: IPAddress) -> bool:
    """Whether ip belongs to the internet at large: neither this machine, nor a network behind it, nor a group."""
    if isinstance(ip, IPv6Address):
        inner = _inner(ip)
        if inner is not None:
            return is_public(inner)
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _inner(ip: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that packets to ip end at, if it is one of those."""
    if ip in TRANSLATED:
        return IPv4Address(int(ip) & 0xFFFF_FFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)


def _in_turn(answers: Iterable[Answer]) -> list[IPAddress]:
    lists = [answer.addresses for answer in answers]
    longest = max(map(len, lists))
    return [addresses[place] for place in range(longest) for addresses in lists if place < len(addresses)]
