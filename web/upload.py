"""POST /webmail/upload?name=…: a file for a draft, streamed to disk while it comes.

The answer is that of a call: {"result": Uploaded} or {"error": …}.
"""
import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec

from mta.base.errors import NotFound, UserError
from mta.base.limits import Limits
from mta.store.uploads import Uploads, UploadSink
from web.api.webmail import Uploaded
from web.asgi import Answer, Receive, Scope, Send, cut, header, reply
from web.bridge import GoneError, pieces
from web.rpc import TooManyError, explain

#: Octets that are written at once.
BATCH: Final = 256 * 1024

encode = msgspec.json.Encoder().encode


class UploadDoor:
    """Takes files; `visitor(scope)` is the account that may send one, and raises a UserError otherwise."""

    def __init__(self, uploads: Uploads, visitor: Callable[[Scope], Awaitable[int]], limits: Limits,
                 failed: Callable[[Scope, Exception], Any]) -> None:
        self._uploads, self._visitor, self._limits, self._failed = uploads, visitor, limits, failed
        self._coming: Counter[int] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one upload."""
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

    async def _take(self, scope: Scope, receive: Receive) -> Uploaded:
        if scope["method"] != "POST":
            raise NotFound("Files are POSTed here.")
        account = await self._visitor(scope)
        if int(header(scope, b"content-length") or 0) > self._limits.http_body:
            raise UserError(f"The file is too large; {self._limits.http_body // 2**20} MiB is the most.")
        name = parse_qs(scope["query_string"].decode("latin-1")).get("name", ["file"])[0][:200]
        kind = header(scope, b"content-type").partition(";")[0].strip().lower()[:100] or "application/octet-stream"
        if self._coming[account] >= self._limits.uploads_at_once:
            raise TooManyError("Other files are still on their way; send this one after them.")
        self._coming[account] += 1
        try:
            sink = await self._write(receive, await asyncio.to_thread(self._uploads.sink, account))
        finally:
            self._coming -= Counter([account])      # and forget who has none
        return Uploaded(sink.finish(), name, kind, sink.size)

    async def _write(self, receive: Receive, sink: UploadSink) -> UploadSink:
        """Write what comes; what does not come whole leaves nothing behind."""
        batch = bytearray()
        try:
            async for piece in pieces(receive, self._limits.http_body_wait):
                batch += piece
                if len(batch) >= BATCH:
                    full, batch = bytes(batch), bytearray()
                    await asyncio.to_thread(sink.write, full)
            if batch:
                await asyncio.to_thread(sink.write, bytes(batch))
        except BaseException:
            sink.abandon()
            raise
        return sink
