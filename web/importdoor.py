"""How files come to an import, and archives go: two addresses of the account pages beside its calls.

An upload comes in pieces by POST /account/import?id=…&offset=…, so that one that broke off
goes on where it was; GET /account/export makes an archive while it is sent.
"""
import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from bottle import Bottle, HTTPResponse, request

from mta.base.errors import Conflict, NotFound, UserError
from mta.base.limits import Limits
from mta.flow import exporting, importing
from mta.flow.exporting import Wanted
from mta.flow.world import World
from mta.store.imports import ImportRow
from web.api.imports import Import
from web.asgi import Receive, Scope, header
from web.bridge import Flow, pieces
from web.calls import Calls
from web.filedoor import FileDoor
from web.guard import check_owner
from web.imports import shown
from web.rpc import explain
from web.view import NOTHING, disposition

#: Octets that are written at once.
BATCH = 1024 * 1024


class ImportDoor(FileDoor):
    """Takes pieces of files; `visitor(scope)` is the account that sends one, and raises a UserError otherwise."""

    def __init__(self, world: World, visitor: Callable[[Scope], Awaitable[int]], limits: Limits,
                 failed: Callable[[Scope, Exception], Any]) -> None:
        super().__init__(visitor, limits, failed)
        self._world = world
        self._coming: set[int] = set()

    async def _take(self, scope: Scope, receive: Receive) -> Import:
        if scope["method"] != "POST":
            raise NotFound("Pieces of files are POSTed here.")
        account = await self._visitor(scope)
        query = parse_qs(scope["query_string"].decode("latin-1"))
        id, offset = _number(query, "id"), _number(query, "offset")
        if int(header(scope, b"content-length") or 0) > self._limits.http_body:
            raise UserError(f"Send it in pieces of {self._limits.http_body // 2**20} MiB at most.")
        if id in self._coming:
            raise Conflict("Another piece of this file is on its way.")
        self._coming.add(id)
        try:
            row = await self._write(receive, account, id, offset)
        finally:
            self._coming.discard(id)
        return await asyncio.to_thread(shown, self._world, row)

    async def _write(self, receive: Receive, account: int, id: int, offset: int) -> ImportRow:
        """Write what comes as it comes: of a piece that breaks off, what came stays."""
        batch, row, total = bytearray(), None, 0
        async for piece in pieces(receive, self._limits.http_body_wait):
            batch += piece
            total += len(piece)
            if total > self._limits.http_body:
                raise UserError(f"Send it in pieces of {self._limits.http_body // 2**20} MiB at most.")
            if len(batch) >= BATCH:
                full, batch = bytes(batch), bytearray()
                row = await asyncio.to_thread(importing.append, self._world, account, id, offset, full)
                offset += len(full)
        if batch or row is None:
            row = await asyncio.to_thread(importing.append, self._world, account, id, offset, bytes(batch))
        return row


def add_routes(app: Bottle, calls: Calls) -> None:
    """GET /account/export?format=…&packing=…&mailbox=…: an archive, to save."""
    @app.get("/account/export")     # type: ignore[untyped-decorator]  # bottle has no types
    def export() -> HTTPResponse:
        return exported(calls, request.environ)


def exported(calls: Calls, facts: Mapping[str, Any]) -> HTTPResponse:
    """The archive that was asked for; the owner's session is all that is needed, since nothing changes."""
    query = parse_qs(facts.get("QUERY_STRING", ""))
    format, packing = query.get("format", ["maildir"])[0], query.get("packing", ["tgz"])[0]
    try:
        if format not in ("maildir", "mbox") or packing not in ("tgz", "zip"):
            raise UserError("The format is maildir or mbox, the packing tgz or zip.")
        call = calls.call(facts, "account")
        if call.session is not None:
            check_owner(call.session)
        wanted = Wanted(format, packing, query.get("mailbox", [""])[0])
        content = exporting.pieces(call.world, call.account, wanted)
    except UserError as problem:
        status, error = explain(problem)
        return HTTPResponse(f"{error.message}\n", status, headers=[("Content-Type", "text/plain; charset=utf-8")])
    kind = "application/gzip" if packing == "tgz" else "application/zip"
    return HTTPResponse(Flow(content), 200, headers=[
        ("Content-Type", kind), ("Content-Disposition", disposition(exporting.file_name("mail", wanted))),
        ("Content-Security-Policy", NOTHING), ("Cache-Control", "no-store")])


def _number(query: Mapping[str, list[str]], name: str) -> int:
    text = query.get(name, [""])[0]
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise UserError(f"{name} is a number.")
    return int(text)
