"""How a name is proven to be ours while an authority looks at us.

Three ways (RFC 8555 §8.3, RFC 8737, RFC 8555 §8.4): a page at port 80, a TLS handshake
of its own kind at port 443, a TXT record.  For the first two the answer is a small file
below data/acme, written by the process that asks for the certificate and read by the web
role at the moment it is asked: nothing has to be told to it, and a restart forgets nothing.
"""
import asyncio
import base64
import datetime
import hashlib
import re
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from mta.base.clock import Clock
from mta.base.errors import BadName
from mta.base.names import Domain
from mta.net.tls import write_secret

#: RFC 8555 §8.1: a token has only these characters; ours bound its length too.
TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{1,200}")
#: RFC 8737 §6.2, and the extension of §6.1.
PROTOCOL: Final = "acme-tls/1"
EXTENSION: Final = x509.ObjectIdentifier("1.3.6.1.5.5.7.1.31")
#: Seconds that a client may take to send its first TLS message while a challenge waits, and between two looks at it.
HELLO_WAIT: Final = 2.0
LOOK: Final = 0.01
#: RFC 8446 §5.1: the largest record, with its header.
RECORD: Final = 16 * 1024 + 5


class Proof(Protocol):
    """One way to prove names; both may block, and raise OSError or a PillarboxError."""

    kind: str

    def begin(self, name: str, token: str, authorization: str) -> None:
        """Let the proof be seen; authorization is the key authorization (RFC 8555 §8.1)."""
        ...

    def end(self, name: str, token: str, authorization: str) -> None:
        """Take it away again."""
        ...


class Answers:
    """The files in one folder."""

    def __init__(self, data: Path) -> None:
        self._pages, self._handshakes = data / "acme" / "http-01", data / "acme" / "tls-alpn-01"

    def page(self, token: str) -> bytes | None:
        """What belongs at /.well-known/acme-challenge/ of token; None if nothing does."""
        if not TOKEN.fullmatch(token):
            return None
        try:
            return (self._pages / token).read_bytes()
        except OSError:
            return None

    @property
    def handshakes_wait(self) -> bool:
        """Whether an authority may soon shake hands."""
        try:
            return any(self._handshakes.iterdir())
        except OSError:
            return False

    def clear(self) -> None:
        """Take away all, as after a crash."""
        for folder in (self._pages, self._handshakes):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for file in folder.iterdir():
                file.unlink(missing_ok=True)

    def put_page(self, token: str, text: str) -> None:
        """Let a page be seen; BadName if token is none."""
        if not TOKEN.fullmatch(token):
            raise BadName(f"the authority's token {token!r} is none")
        self._pages.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_secret(self._pages / token, text.encode())

    def drop_page(self, token: str) -> None:
        """Let it be seen no longer."""
        if TOKEN.fullmatch(token):
            (self._pages / token).unlink(missing_ok=True)

    def put_handshake(self, name: str, authorization: str, clock: Clock) -> None:
        """Let a handshake for name prove authorization (RFC 8737 §3)."""
        self._handshakes.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_secret(self._handshake(name), handshake_certificate(name, authorization, clock))

    def drop_handshake(self, name: str) -> None:
        """Let it no longer."""
        self._handshake(name).unlink(missing_ok=True)

    def _handshake(self, name: str) -> Path:
        return self._handshakes / f"{Domain.parse(name).ascii}.pem"

    async def context_for(self, conn: socket.socket) -> ssl.SSLContext | None:
        """The context for a client that has just connected, if it is an authority that wants to see a handshake; None for all others.

        Looks at what came without taking it, and only while a handshake is awaited.
        """
        if not self.handshakes_wait or not wants_handshake(await _hello(conn)):
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols([PROTOCOL])

        def choose(tls: ssl.SSLObject | ssl.SSLSocket, name: str | None, _context: ssl.SSLContext) -> int | None:
            """RFC 8737 §3: the name is in SNI; who asks for another is nobody we wait for."""
            special = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            special.set_alpn_protocols([PROTOCOL])
            with suppress(BadName, OSError, ssl.SSLError):
                special.load_cert_chain(self._handshake(name or ""))
                tls.context = special
                return None
            return int(ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME)

        context.sni_callback = choose
        return context


def wants_handshake(hello: bytes) -> bool:
    """Whether a ClientHello offers the protocol of RFC 8737 alone, as ALPN writes it (RFC 7301 §3.1)."""
    offered = bytes([len(PROTOCOL)]) + PROTOCOL.encode()
    return len(offered).to_bytes(2, "big") + offered in hello


async def _hello(conn: socket.socket) -> bytes:
    """The first TLS record that arrives, left where it is; what there is of it if the rest does not come in time."""
    seen = b""
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(HELLO_WAIT):
            while len(seen) < 5 or len(seen) < min(RECORD, 5 + int.from_bytes(seen[3:5], "big")):
                try:
                    seen = conn.recv(RECORD, socket.MSG_PEEK)
                except BlockingIOError:
                    pass
                else:
                    if not seen:
                        break
                await asyncio.sleep(LOOK)
    return seen


def handshake_certificate(name: str, authorization: str, clock: Clock) -> bytes:
    """Certificate and key (PEM) that answer a challenge (RFC 8737 §3)."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ACME challenge")])
    value = b"\x04\x20" + hashlib.sha256(authorization.encode()).digest()    # an OCTET STRING of 32
    now, day = clock.now().replace(microsecond=0), datetime.timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject).issuer_name(subject).public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now - day).not_valid_after(now + day)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.UnrecognizedExtension(EXTENSION, value), critical=True)
        .sign(key, hashes.SHA256()))
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return certificate.public_bytes(serialization.Encoding.PEM) + private


class ByPage:
    """http-01."""

    kind = "http-01"

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def begin(self, name: str, token: str, authorization: str) -> None:
        self._answers.put_page(token, authorization)

    def end(self, name: str, token: str, authorization: str) -> None:
        self._answers.drop_page(token)


class ByHandshake:
    """tls-alpn-01."""

    kind = "tls-alpn-01"

    def __init__(self, answers: Answers, clock: Clock) -> None:
        self._answers, self._clock = answers, clock

    def begin(self, name: str, token: str, authorization: str) -> None:
        self._answers.put_handshake(name, authorization, self._clock)

    def end(self, name: str, token: str, authorization: str) -> None:
        self._answers.drop_handshake(name)


class ByRecord:
    """dns-01; hook(action, record name, value) sets or unsets a TXT record and returns when the world sees it."""

    kind = "dns-01"

    def __init__(self, hook: Callable[[str, str, str], None]) -> None:
        self._hook = hook

    def begin(self, name: str, token: str, authorization: str) -> None:
        self._hook("set", *self._record(name, authorization))

    def end(self, name: str, token: str, authorization: str) -> None:
        self._hook("unset", *self._record(name, authorization))

    @staticmethod
    def _record(name: str, authorization: str) -> tuple[str, str]:
        """RFC 8555 §8.4: where, and what."""
        digest = hashlib.sha256(authorization.encode()).digest()
        return f"_acme-challenge.{name}", base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
