"""Documents of single messages: the HTML for a sandboxed frame, the source, attachments.

A message is a stranger's; whatever of it is shown, is shown by a document that may do
nothing: no scripts, no forms, no requests, no origin of its own (CSP sandbox).  Pictures
of the message itself are put into the document, since it may not fetch them.  Downloads
never become a page of ours: attachment, nosniff, sandboxed.
"""
import base64
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote

from bottle import HTTPResponse

from mta.base.errors import NotFound, UserError
from mta.flow import reading
from mta.flow.world import World
from mta.message.html import html_of_text
from mta.message.mime import MESSAGES, safe_filename
from web.bridge import Flow, file_flow
from web.calls import Calls
from web.nested import document
from web.rpc import explain
from web.zipped import zipped

#: What a message's HTML may: style itself, show the pictures that are in it, open links in a new tab.
SANDBOX: Final = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
#: The same, when its reader asked for what it would load from elsewhere: pictures, and no more than that.
SANDBOX_OUTSIDE: Final = SANDBOX.replace("img-src data:", "img-src data: https: http:")
#: What a picture may that is a document of its own: show itself.
LOOKED_AT: Final = "sandbox; default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; frame-ancestors 'self'"
#: A PDF is drawn by the browser's own viewer, which has a sandbox for itself and does not start in another one.
PDF: Final = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"
#: What a download may: nothing.
NOTHING: Final = "sandbox; default-src 'none'; frame-ancestors 'none'"
#: Octets of pictures that are put into a document.
PICTURES: Final = 8 * 1024 * 1024
PICTURE_KINDS: Final = frozenset(("image/png", "image/jpeg", "image/jpg", "image/gif", "image/webp", "image/bmp", "image/x-icon"))
#: Other kinds that are text to look at.
TEXTS: Final = frozenset(("application/json", "application/xml", "application/x-sh", "application/x-yaml", "application/sql"))
#: What a browser would make an active page of is only ever saved as octets.
ACTIVE: Final = frozenset((
    "text/html", "application/xhtml+xml", "image/svg+xml", "text/xml", "application/xml", "text/javascript", "application/javascript",
    "multipart/x-mixed-replace", "text/vtt", "application/wasm",
))

FRAME: Final = """\
<!doctype html>
<html><head><meta charset="utf-8"><meta name="referrer" content="no-referrer"><base target="_blank">
<style>html{{background:#fff;color:#111;font:15px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}}body{{margin:12px}}
.pillarbox-mixed{{text-decoration:underline 2px #c60!important;background:#fff3e0}}
a.pillarbox-elsewhere{{text-decoration:underline wavy #c60!important}}
span.pillarbox-elsewhere{{font:bold 13px system-ui;color:#a04000;background:#fff3e0}}
img{{max-width:100%}}blockquote{{margin:0 0 0 4px;padding-left:10px;border-left:2px solid #ccc}}</style></head><body>
{body}
</body></html>
"""


class Views:
    """Answers GET /webmail/message/…; the session is all that is asked for, since nothing changes."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def answer(self, facts: Mapping[str, Any], id: int, form: str) -> HTTPResponse:
        """The message as HTML (with what is elsewhere, or without), its source as text, or its octets to save."""
        try:
            call = self._calls.call(facts, "account")
            if form in ("html", "outside"):
                return _html(call.world, call.account, id, form == "outside")
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


    def shown(self, facts: Mapping[str, Any], id: int, part: str) -> HTTPResponse:
        """A part to look at in a frame: text, a picture, a PDF, a message within; what is none of these is not found."""
        try:
            call = self._calls.call(facts, "account")
            return _shown(call.world, call.account, id, part)
        except UserError as problem:
            return _refusal(problem)

    def zip(self, facts: Mapping[str, Any], id: int) -> HTTPResponse:
        """All attachments as one archive, to save."""
        try:
            call = self._calls.call(facts, "account")
            subject, files = reading.to_save(call.world, call.account, id)
        except UserError as problem:
            return _refusal(problem)
        name = f"{safe_filename(subject)[:60] or f'message {id}'}.zip"
        return HTTPResponse(Flow(zipped(files, call.world.clock.now())), 200, headers=[
            ("Content-Type", "application/zip"), ("Content-Disposition", disposition(name)), ("Content-Security-Policy", NOTHING)])


def _shown(world: World, account: int, id: int, part: str) -> HTTPResponse:
    found = reading.attachment(world, account, id, part)
    if found.kind in MESSAGES:
        fields, body = reading.nested(world, account, id, part, _pictures(world, account, id))
        return _framed(document(fields, body.html), SANDBOX)
    if found.kind in PICTURE_KINDS or found.kind == "application/pdf":
        policy = LOOKED_AT if found.kind in PICTURE_KINDS else PDF
        return HTTPResponse(Flow(found.pieces()), 200, headers=[
            ("Content-Type", found.kind), ("Content-Security-Policy", policy), ("X-Frame-Options", "SAMEORIGIN")])
    if found.kind.startswith("text/") or found.kind in TEXTS:
        text = reading.part_text(world, account, id, part)
        return _framed(html_of_text(text), SANDBOX)
    raise NotFound("this cannot be looked at here; save it")


def _framed(body: str, policy: str) -> HTTPResponse:
    return HTTPResponse(FRAME.format(body=body).encode("utf-8", "replace"), 200, headers=[
        ("Content-Type", "text/html; charset=utf-8"), ("Content-Security-Policy", policy), ("X-Frame-Options", "SAMEORIGIN")])


def _html(world: World, account: int, id: int, outside: bool) -> HTTPResponse:
    shown = reading.html_body(world, account, id, _pictures(world, account, id), allow_remote=outside)
    return _framed(shown.html, SANDBOX_OUTSIDE if outside else SANDBOX)


def _pictures(world: World, account: int, id: int) -> Callable[[str], str]:
    """Gives pictures of the message as addresses that hold them, as long as there are not too many octets of them."""
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

    return picture


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
