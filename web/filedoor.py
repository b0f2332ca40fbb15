"""A door for files: an address that takes a stream, and answers like a call ({"result": …} or {"error": …})."""
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from mta.base.limits import Limits
from web.asgi import Answer, Receive, Scope, Send, cut, reply
from web.bridge import GoneError
from web.rpc import explain

encode = msgspec.json.Encoder().encode


class FileDoor(ABC):
    """Takes what comes; `visitor(scope)` is the account that may send it, and raises a UserError otherwise."""

    def __init__(self, visitor: Callable[[Scope], Awaitable[int]], limits: Limits, failed: Callable[[Scope, Exception], Any]) -> None:
        self._visitor, self._limits, self._failed = visitor, limits, failed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with what came of it; what we did wrong is reported to failed()."""
        try:
            status, body = 200, encode({"result": await self._take(scope, receive)})
        except GoneError:
            return cut(scope)
        except Exception as problem:
            status, error = explain(problem)
            if error.code.startswith("server:"):
                self._failed(scope, problem)
            body = encode({"error": error})
        await reply(scope, send, Answer(status, [("Content-Type", "application/json")], body), self._limits.http_body_wait)

    @abstractmethod
    async def _take(self, scope: Scope, receive: Receive) -> msgspec.Struct:
        """Take what one request sends; the result for who sent it."""
