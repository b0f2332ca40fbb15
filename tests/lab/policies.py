"""The web server of the lab that hands out MTA-STS policies, as tests tell it (RFC 8461 §3.3)."""
import http.server
import ssl
import threading
from dataclasses import dataclass, field

from tests.lab.protection import STS, Protection

PATH = "/.well-known/mta-sts.txt"


@dataclass
class Page:
    """What is to be found for one domain."""

    text: str = ""
    status: int = 200
    location: str = ""
    kind: str = "text/plain"


def policy(mode: str, *hosts: str, age: int = 700_000) -> str:
    """The text of a policy."""
    return "".join(f"{line}\r\n" for line in ("version: STSv1", f"mode: {mode}", *(f"mx: {host}" for host in hosts), f"max_age: {age}"))


@dataclass
class Policies:
    """Pages by domain; asked has the domains whose policy was fetched, in order.

    Must be made inside the namespace: the socket stays where it was opened.
    """

    protection: Protection
    pages: dict[str, Page] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._server = http.server.ThreadingHTTPServer((STS, 443), self._handler())
        self._server.daemon_threads = True
        self._server.socket = self._context().wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def set(self, domain: str, text: str, status: int = 200) -> None:
        """Have a policy for a domain."""
        self.pages[domain] = Page(text, status)

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _context(self) -> ssl.SSLContext:
        web, untrusted = (ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) for _ in range(2))
        web.load_cert_chain(self.protection.web.file, self.protection.web.key)
        untrusted.load_cert_chain(self.protection.untrusted.file, self.protection.untrusted.key)

        def choose(tls: ssl.SSLObject, name: str | None, context: ssl.SSLContext) -> None:
            if name and name.startswith("mta-sts.sts-untrusted."):
                tls.context = untrusted

        web.sni_callback = choose
        return web

    def _handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        policies = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 10

            def do_GET(self) -> None:
                domain = self.headers.get("Host", "").partition(":")[0].removeprefix("mta-sts.")
                policies.asked.append(domain)
                page = policies.pages.get(domain, Page(status=404)) if self.path == PATH else Page(status=404)
                body = page.text.encode()
                self.send_response(page.status)
                if page.location:
                    self.send_header("Location", page.location)
                self.send_header("Content-Type", page.kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler
