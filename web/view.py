"""Documents of single messages: the HTML for a sandboxed frame, the source, attachments.

A message is a stranger's; whatever of it is shown, is shown by a document that may do
nothing: no scripts, no forms, no requests, no origin of its own (CSP sandbox).  Pictures
of the message itself are put into the document, since it may not fetch them.  Downloads
never become a page of ours: attachment, nosniff, sandboxed.
"""
import base64
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from bottle import HTTPResponse

from mta.base.errors import NotFound, UserError
from mta.flow import reading
from mta.flow.world import World
from web.bridge import Flow, file_flow
from web.calls import Calls
from web.rpc import explain

#: What a message's HTML may: style itself, show the pictures that are in it, open links in a new tab.
SANDBOX: Final = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
#: What a download may: nothing.
NOTHING: Final = "sandbox; default-src 'none'; frame-ancestors 'none'"
#: Octets of pictures that are put into a document.
PICTURES: Final = 8 * 1024 * 1024
PICTURE_KINDS: Final = frozenset(("image/png", "image/jpeg", "image/jpg", "image/gif", "image/webp", "image/bmp", "image/x-icon"))
#: What a browser would make an active page of is only ever saved as octets.
ACTIVE: Final = frozenset((
    "text/html", "application/xhtml+xml", "image/svg+xml", "text/xml", "application/xml", "text/javascript", "application/javascript",
    "multipart/x-mixed-replace", "text/vtt", "application/wasm",
))

FRAME: Final = """\
<!doctype html>
<html><head><meta charset="utf-8"><meta name="referrer" content="no-referrer"><base target="_blank">
<style>html{{background:#fff;color:#111;font:15px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}}body{{margin:12px}}
img{{max-width:100%}}blockquote{{margin:0 0 0 4px;padding-left:10px;border-left:2px solid #ccc}}</style></head><body>
{body}
</body></html>
"""


class Views:
    """Answers GET /webmail/message/…; the session is all that is asked for, since nothing changes."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def answer(self, facts: Mapping[str, Any], id: int, form: str) -> HTTPResponse:
        """The message as HTML, its source as text, or its octets to save."""
        try:
            call = self._calls.call(facts, "account")
            if form == "html":
                return _html(call.world, call.account, id)
            return _whole(call.world, call.account, id, form == "raw")
        except UserError as problem:
            return _refusal(problem)

    def part(self, facts: Mapping[str, Any], id: int, part: str) -> HTTPResponse:
        """A part of the message, to save."""
        try:
            call = self._calls.call(facts, "account")
            found = reading.attachment(call.world, call.account, id, part)
        except UserError as problem:
            return _refusal(problem)
        kind = "application/octet-stream" if found.kind in ACTIVE else found.kind
        return HTTPResponse(Flow(found.pieces()), 200, headers=[
            ("Content-Type", safe_kind(kind)), ("Content-Disposition", disposition(found.name)), ("Content-Security-Policy", NOTHING)])


def _html(world: World, account: int, id: int) -> HTTPResponse:
    left = PICTURES

    def picture(part: str) -> str:
        """A part as data: URL, "" if it is no picture or there are too many."""
        nonlocal left
        try:
            found = reading.attachment(world, account, id, part)
        except NotFound:
            return ""
        content = b""
        if found.kind in PICTURE_KINDS:
            for piece in found.pieces():
                content += piece
                if len(content) > left:
                    return ""
        left -= len(content)
        return f"data:{found.kind};base64,{base64.b64encode(content).decode()}" if content else ""

    shown = reading.html_body(world, account, id, picture)
    return HTTPResponse(FRAME.format(body=shown.html).encode("utf-8", "replace"), 200, headers=[
        ("Content-Type", "text/html; charset=utf-8"), ("Content-Security-Policy", SANDBOX), ("X-Frame-Options", "SAMEORIGIN")])


def _whole(world: World, account: int, id: int, save: bool) -> HTTPResponse:
    file, length = reading.raw(world, account, id)
    headers = [("Content-Length", str(length)), ("Content-Security-Policy", NOTHING)]
    headers += [("Content-Type", "message/rfc822"), ("Content-Disposition", disposition(f"message-{id}.eml"))] if save \
        else [("Content-Type", "text/plain; charset=utf-8")]
    return HTTPResponse(file_flow(file), 200, headers=headers)


def disposition(name: str) -> str:
    """Content-Disposition that saves under name, whatever is in it (RFC 6266 §4.3, RFC 8187)."""
    plain = "".join(char if char.isascii() and char.isprintable() and char not in '"\\%' else "_" for char in name) or "file"
    encoded = quote(name.encode("utf-8", "replace"), safe="")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}"


def safe_kind(kind: str) -> str:
    """A media type that is one, or application/octet-stream."""
    main, slash, sub = kind.partition("/")
    fine = slash and all(part.isascii() and part and all(char.isalnum() or char in "!#$&-^_.+" for char in part) for part in (main, sub))
    return kind if fine else "application/octet-stream"


def _refusal(problem: UserError) -> HTTPResponse:
    status, error = explain(problem)
    return HTTPResponse(f"{error.message}\n", status, headers=[("Content-Type", "text/plain; charset=utf-8")])
