"""POST /webmail/upload?name=…: a file for a draft, streamed to disk while it comes.

The answer is that of a call: {"result": Uploaded} or {"error": …}.
"""
import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import parse_qs

from mta.base.errors import NotFound, UserError
from mta.base.limits import Limits
from mta.store.uploads import Uploads, UploadSink
from web.api.webmail import Uploaded
from web.asgi import Receive, Scope, header
from web.bridge import pieces
from web.filedoor import FileDoor
from web.rpc import TooManyError

#: Octets that are written at once.
BATCH: Final = 256 * 1024



class UploadDoor(FileDoor):
    """Takes files; `visitor(scope)` is the account that may send one, and raises a UserError otherwise."""

    def __init__(self, uploads: Uploads, visitor: Callable[[Scope], Awaitable[int]], limits: Limits,
                 failed: Callable[[Scope, Exception], Any]) -> None:
        super().__init__(visitor, limits, failed)
        self._uploads = uploads
        self._coming: Counter[int] = Counter()

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
