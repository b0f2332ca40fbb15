"""One HTTP/1.1 connection: uvicorn's protocol over h11, with clocks of our own.

uvicorn waits for ever for a request's head and for a client that does not take its
answer.  Here each wait has its bound (see Limits): the head from the first moment or its
first octet on, the next request, the flushing of a connection that is to be closed.
"""
import asyncio
from typing import Any, Final

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from mta.base.limits import Limits
from web.admission import Ticket
from web.asgi import ENCODED

#: What we say to what is no request.
REFUSAL: Final = b"This is not a request that we understand.\n"


class Connection(H11Protocol):
    """A connection that has a ticket; `config.timeout_keep_alive` bounds the wait for another request."""

    def __init__(self, config: Config, state: ServerState, ticket: Ticket, limits: Limits) -> None:
        super().__init__(config, state, {"cut": self.cut})      # the application finds it in scope["state"]
        self._ticket, self._limits = ticket, limits
        self._head: asyncio.TimerHandle | None = None
        self._end: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        # h11 bounds only what is incomplete; a head that comes in one piece is handed over in bounded ones.
        first = self._limits.http_header_octets + 1 if self._waiting else len(data)
        super().data_received(data[:first])
        if len(data) > first and not self.transport.is_closing():
            super().data_received(data[first:])
        self._watch()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._waiting:
            self._ticket.idle(self.cut)
        self._bound_the_end()

    def send_400_response(self, msg: str) -> None:
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            self._refuse()
        self.transport.close()
        self._bound_the_end()

    def _refuse(self) -> None:
        """What came is no request; the answer carries what all answers carry."""
        own = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(REFUSAL)), (b"connection", b"close")]
        head = h11.Response(status_code=400, headers=[*ENCODED, *own], reason=b"Bad Request")
        for event in (head, h11.Data(data=REFUSAL), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")

    def timeout_keep_alive_handler(self) -> None:
        if self._waiting:
            super().timeout_keep_alive_handler()
            self._bound_the_end()
        else:
            self.cut()      # answered long ago, and still no end to the request

    def shutdown(self) -> None:
        super().shutdown()
        self._bound_the_end()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._unset_keepalive_if_required()
        for timer in (self._head, self._end):
            if timer is not None:
                timer.cancel()
        self._ticket.leave()

    @property
    def _waiting(self) -> bool:
        """Nothing is being answered and no request's head has come."""
        return self.conn.their_state is h11.IDLE and self.conn.our_state is h11.IDLE

    def _watch(self) -> None:
        """Whoever is to send a head must do so in time."""
        if not self._waiting:
            if self._head is not None:
                self._head.cancel()
                self._head = None
            self._ticket.busy()
        elif self._head is None:
            self._head = self.loop.call_later(self._limits.http_header_wait, self.cut)
            self._ticket.idle(self.cut)
        self._bound_the_end()

    def _bound_the_end(self) -> None:
        """A connection that is closing, or answered ahead of its request's end, has to come to its end in time."""
        ending = self.transport.is_closing() or (self.conn.our_state is h11.DONE and self.conn.their_state is h11.SEND_BODY)
        if not ending and self._end is not None:
            self._end.cancel()
            self._end = None
        elif ending and self._end is None:
            self._end = self.loop.call_later(self._limits.http_close_wait, self.cut)

    def cut(self) -> None:
        """End the connection at once."""
        self.transport.abort()
