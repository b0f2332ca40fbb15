"""Which request goes where: event streams and uploads natively, everything else to the Bottle application.

The outermost application: it adds the usual headers, notes what was answered, and sees to
it that a failure of ours ends as a short page and a line in the journal.
"""
import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from mta.base.clock import Clock
from mta.base.events import Event, Journal
from mta.base.limits import Limits
from mta.store.credentials import SessionRow
from web.asgi import Answer, Application, Message, Receive, Scope, Send, cut, dressed, header, plain, reply
from web.guard import Guard, check_origin, check_owner, check_token
from web.rpc import SignedOutError, blamed

T = TypeVar("T")

#: Paths that are asked for too often, and tell too little, to be noted each time.
SILENT = ("/static/", "/healthz", "/favicon.ico")
#: Paths that need a session, or lead to a sign-in: not without TLS where there is TLS.
PRIVATE = ("/webmail", "/account", "/admin", "/api", "/profile.mobileconfig")


class Site:
    """The ASGI application of the pages."""

    def __init__(self, pages: Application, natives: dict[str, Application], clock: Clock, journal: Journal, limits: Limits) -> None:
        self._pages, self.natives = pages, natives
        self._clock, self._journal, self._limits = clock, journal, limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        started, status = self._clock.monotonic(), 0
        out = dressed(send, self._clock)

        async def noting(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await out(message)

        try:
            await self.natives.get(scope["path"], self._pages)(scope, receive, noting)
        except Exception as problem:
            self.failed(scope, problem)
            if status:
                cut(scope)      # half an answer is out already
            else:
                await reply(scope, noting, plain(500, "This is our fault, not yours. It was noted for the administrator."),
                            self._limits.http_body_wait)
        finally:
            if not scope["path"].startswith(SILENT):
                self._journal.note(
                    Event.WEB_REQUEST, ip=client(scope), method=scope["method"][:20], path=scope["path"][:200], status=status,
                    ms=round((self._clock.monotonic() - started) * 1000))

    def failed(self, scope: Scope, problem: Exception) -> None:
        """Note a failure of ours."""
        self._journal.note(
            Event.WEB_ERROR, ip=client(scope), path=scope["path"][:200], where=blamed(problem),
            problem=f"{type(problem).__name__}: {problem}")


class ToTls:
    """For plain HTTP where HTTPS is served too: private pages only there (loopback may stay)."""

    def __init__(self, site: Application, port: int, clock: Clock, limits: Limits) -> None:
        self._site, self._port, self._clock, self._limits = site, port, clock, limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer or redirect one request."""
        path = "/" + scope["path"].lstrip("/")
        private = path == "/" or path.startswith(PRIVATE)
        if not private or client(scope) in ("127.0.0.1", "::1"):
            return await self._site(scope, receive, send)
        host = header(scope, b"host").rpartition(":")[0] if ":" in header(scope, b"host").rpartition("]")[2] else header(scope, b"host")
        port = "" if self._port == 443 else f":{self._port}"
        place = f"https://{host}{port}{scope['raw_path'].decode('latin-1')}"
        place += f"?{scope['query_string'].decode('latin-1')}" if scope.get("query_string") else ""
        await reply(scope, dressed(send, self._clock), Answer(308, [("Location", place)]), self._limits.http_body_wait)


@dataclass(slots=True)
class Door:
    """Who stands before the native applications: questions to the guard, asked in threads."""

    guard: Guard
    threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(2, "door"))

    def account(self, scope: Scope) -> int | None:
        """The account that is signed in, or None.  Blocks."""
        row, _ = self.guard.session("account", header(scope, b"cookie"), scope["scheme"] == "https")
        return row.account_id if row else None

    async def known(self, scope: Scope) -> bool:
        """Whether anybody is signed in, to an account or as the administrator."""
        def ask() -> bool:
            cookies, secure = header(scope, b"cookie"), scope["scheme"] == "https"
            return any(self.guard.session(realm, cookies, secure)[0] is not None for realm in ("account", "admin"))
        return await self._ask(ask)

    async def caller(self, scope: Scope) -> int:
        """The account that makes a call of the webmail, checked like every call; SignedOutError or NotAllowed."""
        return await self._ask(lambda: _account(self._session(scope)))

    async def owner(self, scope: Scope) -> int:
        """The account whose owner makes a call: NotAllowed with an app password, too."""
        def ask() -> int:
            row = self._session(scope)
            check_owner(row)
            return _account(row)
        return await self._ask(ask)

    def _session(self, scope: Scope) -> SessionRow:
        """Of an account, with token and origin checked.  Blocks."""
        check_origin(header(scope, b"host"), header(scope, b"origin"), header(scope, b"sec-fetch-site"))
        row, _ = self.guard.session("account", header(scope, b"cookie"), scope["scheme"] == "https")
        if row is None:
            raise SignedOutError("Nobody is signed in.")
        check_token(row, header(scope, b"x-pillarbox-csrf"))
        return row

    async def _ask(self, question: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self.threads, question)


def _account(row: SessionRow) -> int:
    assert row.account_id is not None, "the guard gives sessions of the realm that was asked for"
    return row.account_id


def client(scope: Scope) -> str:
    """The address that a request came from."""
    found: Any = scope.get("client")
    return str(found[0]) if found else ""
