"""The tree of a message's parts, as offsets into it.

Nothing is decoded or copied here.  Bounds: depth, number of parts, lines that only begin
like a boundary, and how often nested multiparts may make us look at the same octets; what
lies beyond a bound is one part without structure.  Parsing never fails: a multipart
without its boundary is one text, a missing last boundary is the end of what surrounds it.

Standards: RFC 2045, RFC 2046 §5.1 (boundaries), RFC 2183 (disposition), RFC 9051 §6.4.5.1
(numbering of parts).
"""
from collections.abc import Iterator
from dataclasses import dataclass, field

from mta.base.limits import LIMITS, Limits
from mta.message import envelope, identifiers, parameters
from mta.message import header as headers
from mta.message.codec import transfer_encoding
from mta.message.envelope import Envelope
from mta.message.header import Defects, Header, clean
from mta.message.scan import Octets, find, lines_in

#: RFC 2046 §5.2.1, RFC 6532 §3.7: parts that hold a message.
MESSAGES = ("message/rfc822", "message/global", "message/news")
IDENTITY = ("7bit", "8bit", "binary")


@dataclass(slots=True)
class Part:
    """One part; offsets are those of the whole message.

    Its header is [header_start:start], its body [start:end], without the line end that
    belongs to the next boundary.  kind is like "text/plain", encoding the canonical name of
    the transfer encoding, content_id without brackets.  lines are counted for text and
    messages only.
    """

    kind: str
    header_start: int
    start: int
    end: int
    params: dict[str, str] = field(default_factory=dict)
    encoding: str = "7bit"
    disposition: str = ""
    disposition_params: dict[str, str] = field(default_factory=dict)
    content_id: str = ""
    description: str = ""
    language: str = ""
    location: str = ""
    md5: str = ""
    lines: int = 0
    children: list["Part"] = field(default_factory=list)
    message: "Embedded | None" = None
    defects: Defects = Defects.NONE

    @property
    def octets(self) -> int:
        """The size of the body as it is transferred."""
        return self.end - self.start

    @property
    def charset(self) -> str:
        """What the part claims to be written in, "" if nothing."""
        return self.params.get("charset", "")

    @property
    def filename(self) -> str:
        """The name the sender gave the content, safe to show and to save under; "" if none."""
        return safe_filename(self.disposition_params.get("filename") or self.params.get("name") or "")

    @property
    def multipart(self) -> bool:
        """True if the part is nothing but a row of others."""
        return bool(self.children)


@dataclass(slots=True)
class Embedded:
    """The message in a message/rfc822 part; its root's offsets are those of the outer message."""

    envelope: Envelope
    root: Part


def parse(data: Octets, limits: Limits = LIMITS, *, header: Header | None = None) -> Part:
    """The root of a message's tree; header saves reading it again."""
    return _Walk(data, limits).entity(header or headers.parse(data, 0, limits), len(data), "text/plain", 0)


def walk(root: Part) -> Iterator[tuple[str, Part]]:
    """Every part with its number as in IMAP (RFC 9051 §6.4.5.1), depth first; a multipart root's number is ""."""
    yield from _numbered(root, "", "1")


def find_part(root: Part, number: str) -> Part | None:
    """The part of that number, or None."""
    return next((part for name, part in walk(root) if name == number), None)


def safe_filename(name: str) -> str:
    """name without folders and control characters, and not longer than file systems take."""
    # Windows' folders too; and nothing that turns the text around, so that ".exe" is seen.
    name = clean(name).replace("\\", "/").rpartition("/")[2]
    name = "".join(char for char in name if char.isprintable() or char == " ").strip(". ")
    if len(name.encode()) > 200:
        stem, dot, suffix = name.rpartition(".")
        suffix = dot + suffix if stem and len(suffix) <= 20 else ""
        name = name.encode()[:200 - len(suffix.encode())].decode("utf-8", "ignore") + suffix
    return name


def _numbered(part: Part, number: str, alone: str) -> Iterator[tuple[str, Part]]:
    """part under number, or under alone if it is no multipart, and all within it."""
    if part.children:
        yield number, part
        prefix = f"{number}." if number else ""
        for place, child in enumerate(part.children, 1):
            yield from _numbered(child, f"{prefix}{place}", f"{prefix}{place}")
        return
    yield alone, part
    if part.message:
        yield from _within(part.message.root, alone)


def _within(root: Part, number: str) -> Iterator[tuple[str, Part]]:
    """The parts of a message that is part number: those of its multipart, or itself as number.1."""
    if not root.children:
        yield from _numbered(root, number, f"{number}.1")
        return
    for place, child in enumerate(root.children, 1):
        yield from _numbered(child, f"{number}.{place}", f"{number}.{place}")


class _Walk:
    """One pass over a message, counting what it may cost."""

    def __init__(self, data: Octets, limits: Limits) -> None:
        self.data, self.limits = data, limits
        self.parts = limits.mime_parts
        self.false_boundaries = limits.false_boundaries
        self.scannable = limits.boundary_rescans * len(data)

    def entity(self, header: Header, end: int, default: str, depth: int) -> Part:
        """The part (or message) with that header, which ends at end."""
        self.parts -= 1
        part = _described(header, min(header.end, end), end, default)
        major = part.kind.partition("/")[0]
        if major == "multipart":
            self._multipart(part, depth)
        elif part.kind in MESSAGES:
            self._message(part, depth)
        if major in ("text", "message") and self.scannable >= 0:
            part.lines = lines_in(self.data, part.start, part.end)
        return part

    def _message(self, part: Part, depth: int) -> None:
        self.scannable -= part.octets
        if part.encoding not in IDENTITY:
            part.defects |= Defects.ENCODED_MESSAGE
        elif depth >= self.limits.mime_depth or self.scannable < 0:
            part.defects |= Defects.TOO_DEEP
        elif self.parts <= 0:
            part.defects |= Defects.TOO_MANY_PARTS
        else:
            inner = headers.parse(self.data, part.start, self.limits, end=part.end)
            part.message = Embedded(envelope.read(inner, self.limits), self.entity(inner, part.end, "text/plain", depth + 1))

    def _multipart(self, part: Part, depth: int) -> None:
        boundary = part.params.get("boundary", "").rstrip().encode("utf-8", "replace")
        self.scannable -= part.octets
        if depth >= self.limits.mime_depth or self.scannable < 0:
            part.kind, part.defects = "application/octet-stream", part.defects | Defects.TOO_DEEP
            return
        default = "message/rfc822" if part.kind == "multipart/digest" else "text/plain"
        if 0 < len(boundary) <= self.limits.boundary:
            for start, end in self._between(part, b"--" + boundary):
                header = headers.parse(self.data, start, self.limits, end=end)
                part.children.append(self.entity(header, end, default, depth + 1))
        if not part.children:
            # Something has to be shown, and IMAP knows no empty multipart.
            part.defects |= Defects.NO_BOUNDARY
            part.children.append(Part("text/plain", part.start, part.start, part.end, lines=lines_in(self.data, part.start, part.end)))
            self.parts -= 1

    def _between(self, part: Part, delimiter: bytes) -> Iterator[tuple[int, int]]:
        """(start, end) of what lies between the boundaries of part."""
        data, needle, room = self.data, b"\n" + delimiter, len(delimiter)
        child = -1
        at = part.start if data[part.start:min(part.end, part.start + room)] == delimiter else self._next(part, needle, part.start)
        while at >= 0:
            line_end = find(data, b"\n", at + room, part.end)
            stop = line_end if line_end >= 0 else part.end
            after = data[at + room:min(stop, at + room + 3)]
            last = after[:2] == b"--"
            # RFC 2046 §5.1.1 wants only the beginning of the line to match.  Many programs
            # nest boundaries that begin alike, so what follows has to begin with white space.
            if (after[2:] if last else after)[:1] not in (b"", b" ", b"\t", b"\r"):
                self.false_boundaries -= 1
                if self.false_boundaries < 0:
                    part.defects |= Defects.TOO_MANY_PARTS
                    break
            else:
                if child >= 0:
                    yield child, max(child, _before_line_end(data, at, part.start))
                if last:
                    return
                if self.parts <= 0:
                    part.defects |= Defects.TOO_MANY_PARTS
                    yield min(part.end, stop + 1), part.end
                    return
                child = min(part.end, stop + 1)
            at = self._next(part, needle, max(stop, at + room)) if line_end >= 0 else -1
        if child >= 0:
            part.defects |= Defects.NOT_CLOSED
            yield child, part.end

    def _next(self, part: Part, needle: bytes, start: int) -> int:
        """Where the next line begins that looks like a boundary, or -1."""
        at = find(self.data, needle, start, part.end)
        return at + 1 if at >= 0 else -1


def _before_line_end(data: Octets, at: int, start: int) -> int:
    """Where the line end before the boundary at at begins: it belongs to the boundary (RFC 2046 §5.1.1)."""
    if at > start and data[at - 1] == 10:
        at -= 1
        if at > start and data[at - 1] == 13:
            at -= 1
    return at


def _described(header: Header, start: int, end: int, default: str) -> Part:
    """The part as its own header describes it."""
    part = Part(default, header.start, start, end, defects=header.defects)
    content_type = header.get("content-type")
    if content_type is not None:
        kind, params = parameters.parse(content_type.unfolded())
        major, slash, minor = kind.partition("/")
        # RFC 2045 §5.2: what cannot be understood is plain text.
        if major and minor and len(kind) <= 200 and kind.isascii():
            part.kind = kind
        else:
            part.kind = "application/octet-stream" if slash else "text/plain"
        part.params = params
    encoding = header.get("content-transfer-encoding")
    if encoding is not None:
        part.encoding = transfer_encoding(encoding.unfolded())[:40]
    disposition = header.get("content-disposition")
    if disposition is not None:
        part.disposition, part.disposition_params = parameters.parse(disposition.unfolded())
        # RFC 2183 §2.8: an unknown one is treated as attachment.
        if part.disposition not in ("inline", ""):
            part.disposition = "attachment"
    for field_ in header.fields:
        if field_.lower in RARE and field_.lower.startswith("content-"):
            setattr(part, RARE[field_.lower], field_.text()[:LIMITS.kept_text])
    if part.content_id:
        part.content_id = identifiers.parse_id(part.content_id).strip("<>")
    return part


RARE = {"content-id": "content_id", "content-description": "description", "content-language": "language",
        "content-location": "location", "content-md5": "md5"}
