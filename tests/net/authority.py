"""A small certificate authority over plain HTTP on loopback, for tests of what Pebble cannot be made to do.

It believes every signature; what matters is what it answers: refusals, waits, windows for
renewal, orders that were begun before.  The lab has the real thing.
"""
import base64
import datetime
import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from mta.base.clock import Clock

Answer = tuple[int, dict[str, str], Any]


def problem(kind: str, detail: str, status: int = 403, **headers: str) -> Answer:
    """An error as RFC 8555 §6.7 has it."""
    return status, {"Content-Type": "application/problem+json", **{name.replace("_", "-"): value for name, value in headers.items()}}, {
        "type": f"urn:ietf:params:acme:error:{kind}", "detail": detail}


class FakeAuthority:
    """What it will do is in its attributes."""

    def __init__(self, clock: Clock, lifetime: float = 90 * 86_400.0) -> None:
        self.clock, self.lifetime = clock, lifetime
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.refused: dict[str, str] = {}           # names, and what is said of them
        self.instead: dict[str, list[Answer]] = {}  # answers to the next requests for a path
        self.window: tuple[datetime.datetime, datetime.datetime] | None = None
        self.asked: Counter[str] = Counter()
        self.said: list[tuple[str, Any]] = []       # path and payload of each request
        self.orders: dict[str, dict[str, Any]] = {}
        self.wrong_key = False
        self.stuck = ""                             # status at which orders stay
        self.url = ""

    def answer(self, path: str, payload: Any) -> Answer:
        """The answer to one request."""
        kind, _, number = path[1:].partition("/")
        self.asked[kind] += 1
        self.said.append((path, payload))
        if self.instead.get(kind):
            return self.instead[kind].pop(0)
        found: Answer = getattr(self, f"_{kind}")(number, payload)
        return found

    def _directory(self, number: str, payload: Any) -> Answer:
        names = {"newNonce": "nonce", "newAccount": "account", "newOrder": "new", **({"renewalInfo": "renewal"} if self.window else {})}
        return 200, {}, {name: f"{self.url}/{path}" for name, path in names.items()}

    def _nonce(self, number: str, payload: Any) -> Answer:
        return 200, {}, {}

    def _account(self, number: str, payload: Any) -> Answer:
        return 201, {"Location": f"{self.url}/account/1"}, {"status": "valid"}

    def _new(self, number: str, payload: Any) -> Answer:
        number = str(len(self.orders) + 1)
        names = [one["value"] for one in payload["identifiers"]]
        self.orders[number] = {"names": names, "status": "pending", "proven": set(), "failed": set()}
        return 201, {"Location": f"{self.url}/order/{number}"}, self._shown(number)

    def _shown(self, number: str) -> dict[str, Any]:
        order = self.orders[number]
        return {
            "status": self.stuck or order["status"], "identifiers": [{"type": "dns", "value": name} for name in order["names"]],
            "authorizations": [f"{self.url}/authz/{number}/{name}" for name in order["names"]],
            "finalize": f"{self.url}/finalize/{number}", "certificate": f"{self.url}/certificate/{number}"}

    def _order(self, number: str, payload: Any) -> Answer:
        return 200, {}, self._shown(number)

    def _authz(self, which: str, payload: Any) -> Answer:
        number, _, name = which.partition("/")
        order = self.orders[number]
        status = "valid" if name in order["proven"] else "invalid" if name in order["failed"] else "pending"
        token = f"token-{name.replace('.', '-')}"
        challenge: dict[str, Any] = {"type": "http-01", "url": f"{self.url}/challenge/{which}", "token": token, "status": status}
        if status == "invalid":
            challenge["error"] = {"type": "urn:ietf:params:acme:error:unauthorized", "detail": self.refused[name]}
        return 200, {}, {"status": status, "identifier": {"type": "dns", "value": name}, "challenges": [challenge]}

    def _challenge(self, which: str, payload: Any) -> Answer:
        number, _, name = which.partition("/")
        order = self.orders[number]
        order["failed" if name in self.refused else "proven"].add(name)
        order["status"] = "invalid" if order["failed"] else "ready" if order["proven"] == set(order["names"]) else "pending"
        return 200, {}, {"type": "http-01", "status": "processing", "url": f"{self.url}/challenge/{which}", "token": "x"}

    def _finalize(self, number: str, payload: Any) -> Answer:
        self.orders[number] |= {"status": "valid", "csr": payload["csr"]}
        return 200, {}, self._shown(number)

    def _certificate(self, number: str, payload: Any) -> Answer:
        return 200, {"Content-Type": "application/pem-certificate-chain"}, self.issue(number).decode()

    def _renewal(self, number: str, payload: Any) -> Answer:
        assert self.window
        start, end = (moment.isoformat() for moment in self.window)
        return 200, {"Retry-After": "7200"}, {"suggestedWindow": {"start": start, "end": end}, "explanationURL": "https://ca.example/why"}

    def issue(self, number: str) -> bytes:
        """The certificate that an order asks for."""
        csr = x509.load_der_x509_csr(base64.urlsafe_b64decode(self.orders[number]["csr"] + "=="))
        issuer = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Small"), x509.NameAttribute(NameOID.COMMON_NAME, "CA 1")])
        now, lifetime = self.clock.now(), datetime.timedelta(seconds=self.lifetime)
        public: Any = ec.generate_private_key(ec.SECP256R1()).public_key() if self.wrong_key else csr.public_key()
        certificate = (
            x509.CertificateBuilder().subject_name(x509.Name([])).issuer_name(issuer).public_key(public)
            .serial_number(x509.random_serial_number()).not_valid_before(now).not_valid_after(now + lifetime)
            .add_extension(csr.extensions.get_extension_for_class(x509.SubjectAlternativeName).value, critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
            .sign(self.key, hashes.SHA256()))
        return certificate.public_bytes(serialization.Encoding.PEM)


@contextmanager
def running(authority: FakeAuthority) -> Iterator[str]:
    """Serve; the directory's URL."""
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 64 * 1024    # head and body in one packet
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self._reply(None)

        def do_HEAD(self) -> None:
            self._reply(None)

        def do_POST(self) -> None:
            signed = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["payload"]
            self._reply(json.loads(base64.urlsafe_b64decode(signed + "==")) if signed else None)

        def _reply(self, payload: Any) -> None:
            status, headers, content = authority.answer(self.path, payload)
            body = content.encode() if isinstance(content, str) else json.dumps(content).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", "Replay-Nonce": "bm9uY2U", "Link": f'<{authority.url}/x>;rel="up"',
                                **headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        authority.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"{authority.url}/directory"
        finally:
            server.shutdown()
            thread.join()
