"""The other side of web push, for tests: a browser that opens what it is sent, and a service that checks who sends."""
import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from mta.dns.zone import Zone
from mta.net.https import Https
from mta.net.tls import client_context
from mta.secure.webpush import Receiver, new_key, pack, public, unpack
from tests.authority import Authority
from tests.webserver import Webserver, page

#: The service's host, which only the tests' zone knows.
HOST = "push.test"


def claims(authorization: str) -> dict[str, Any]:
    """What a token claims, if its key made it (RFC 8292 §3); ValueError."""
    found = re.fullmatch(r"vapid t=([\w-]+)\.([\w-]+)\.([\w-]+), k=([\w-]+)", authorization)
    if found is None:
        raise ValueError(f"no token of RFC 8292: {authorization}")
    head, body, signature, key = found.groups()
    if json.loads(unpack(head)) != {"typ": "JWT", "alg": "ES256"}:
        raise ValueError("another algorithm")
    numbers = unpack(signature)
    public_key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unpack(key))
    der = encode_dss_signature(int.from_bytes(numbers[:32], "big"), int.from_bytes(numbers[32:], "big"))
    try:
        public_key.verify(der, f"{head}.{body}".encode(), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise ValueError("the signature does not fit") from None
    found_claims: dict[str, Any] = json.loads(unpack(body))
    return found_claims


@dataclass(frozen=True)
class Browser:
    """Who has subscribed: its private key and the secret."""

    key: bytes
    secret: bytes

    @classmethod
    def new(cls) -> Self:
        """One like no other."""
        return cls(new_key(), os.urandom(16))

    @property
    def receiver(self) -> Receiver:
        """What the server knows of it."""
        return Receiver(public(self.key), self.secret)

    @property
    def keys(self) -> tuple[str, str]:
        """The same as its page sends it."""
        return pack(public(self.key)), pack(self.secret)

    def open(self, body: bytes) -> bytes:
        """The content of one record (RFC 8188 §2, RFC 8291 §3); InvalidTag."""
        salt, size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        sender, sealed = body[21:21 + length], body[21 + length:]
        assert len(sealed) <= size
        private = ec.derive_private_key(int.from_bytes(self.key, "big"), ec.SECP256R1())
        shared = private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
        material = HKDF(hashes.SHA256(), 32, self.secret, b"WebPush: info\0" + public(self.key) + sender).derive(shared)
        key = HKDF(hashes.SHA256(), 16, salt, b"Content-Encoding: aes128gcm\0").derive(material)
        nonce = HKDF(hashes.SHA256(), 12, salt, b"Content-Encoding: nonce\0").derive(material)
        content = AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\0")
        assert content.endswith(b"\2"), "it does not end as a last record does"
        return content[:-1]


@dataclass
class PushService:
    """A push service at HOST, on loopback: its web server, and what makes a client of ours reach it."""

    directory: Path
    server: Webserver = field(default_factory=Webserver)
    authority: Authority = field(init=False)

    def __post_init__(self) -> None:
        self.authority = Authority(self.directory)
        self.server.contexts[HOST] = self.authority.serving(HOST)

    def endpoint(self, path: str = "one") -> str:
        """The address of a subscription."""
        return f"https://{HOST}/{path}"

    def answer(self, status: str = "201 Created", *headers: str, path: str = "one") -> None:
        """Answer so from now on."""
        self.server.answers[f"{HOST}/{path}"] = page("", status, *headers)

    def https(self) -> Https:
        """A client that finds it; only while it serves."""
        context = client_context(verify=True, authorities=self.authority.file)
        return Https(Zone(f"{HOST} A 127.0.0.1"), context, private=True, port=self.server.port)

    def header(self, name: str, number: int = -1) -> str:
        """A field of a request; "" if it is not there."""
        lines = self.server.requests[number][0].split("\r\n")[1:]
        return next((line.partition(":")[2].strip() for line in lines if line.lower().startswith(f"{name.lower()}:")), "")

    def told(self, browser: Browser, number: int = -1) -> dict[str, Any]:
        """What a request says to a browser."""
        found: dict[str, Any] = json.loads(browser.open(self.server.requests[number][1]))
        return found
