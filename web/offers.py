"""Which pages a listener offers: to sign in somewhere may be only for the inside, documents are for everybody.

Outside of everything that knows pages, so that what is not offered cannot be reached by any
path: neither page nor calls, streams or uploads.
"""
from collections.abc import Collection
from socket import socket
from typing import Final

from mta.base.clock import Clock
from mta.base.errors import BadName
from mta.base.limits import Limits
from mta.base.names import ip_address
from mta.config.model import PAGES, Config, Listener
from web.asgi import Answer, Application, Receive, Scope, Send, dressed, plain, reply

#: Behind /api/: the calls of password managers (web.aliases).
MASKS: Final = frozenset({"alias", "user_info", "v1", "v2", "v3", "v4", "v5"})
#: What pages consist of, whichever it is.
SHARED: Final = ("static", "api", "favicon.ico")


def listener_of(config: Config, sock: socket, service: str) -> Listener | None:
    """The listener that a listening socket belongs to."""
    host, port = sock.getsockname()[:2]
    try:
        ip = str(ip_address(host))
    except BadName:
        return None
    return next((one for one in config.listeners if getattr(one, service) == port and ip in one.ips), None)


def secure_port(config: Config, listener: Listener) -> int:
    """The port at which the pages of a listener are to be had under TLS: its own, else of another that has all of them; 0 if none has."""
    others = (one.https for one in config.listeners if one.https and set(listener.web) <= set(one.web))
    return listener.https or next(others, 0)


def page_of(path: str) -> str | None:
    """The page that a path belongs to; "" if it belongs to every page, None if it is for everybody."""
    # However many slashes there are: what reads a path more leniently must not get around this.
    first, second = [*path.lstrip("/").split("/"), ""][:2]
    if first in PAGES:
        return first
    if first == "api" and second in PAGES:
        return second
    if first == "api" and second in MASKS:
        return "account"
    return "" if first in SHARED else None


class Offered:
    """The site with only those of PAGES that are given, of which scope["pages"] tells; without any, "/" says what this is."""

    def __init__(self, site: Application, pages: Collection[str], clock: Clock, limits: Limits) -> None:
        self._site, self._clock, self._limits = site, clock, limits
        self._pages = [page for page in PAGES if page in pages]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = scope["path"]
        page = page_of(path)
        if path == "/" and "webmail" not in self._pages:
            await self._answer(scope, send, Answer(302, [("Location", f"/{self._pages[0]}/")]) if self._pages
                               else plain(200, "This is a mail server. Nothing is offered to people here."))
        elif page is None or page in self._pages or (page == "" and self._pages):
            scope["pages"] = self._pages
            await self._site(scope, receive, send)
        else:
            await self._answer(scope, send, plain(404, "404 Not Found"))

    async def _answer(self, scope: Scope, send: Send, answer: Answer) -> None:
        await reply(scope, dressed(send, self._clock), answer, self._limits.http_body_wait)
