"""The text of a message: to read, to show one line of, to search in.

Decoding stops at the bound, wherever the text goes on.

Standards: RFC 3676 (format=flowed), RFC 2046 §4.1.
"""
from collections.abc import Iterator

from mta.base.limits import LIMITS, Limits
from mta.message import codec
from mta.message.bodies import Bodies, bodies
from mta.message.header import clean
from mta.message.html import text_of_html
from mta.message.mime import Part
from mta.message.scan import Octets, blocks

#: Characters of a part that are enough for a preview: of text, and of HTML, whose head may be long.
TEXT_START = 512
HTML_START = (4 * 1024, 64 * 1024)
#: The longest transfer encoding of one octet of text, quoted-printable, with its line ends.
SWELL = 4


def decode_part(data: Octets, part: Part) -> bytes:
    """The content of a leaf, its transfer encoding undone; what is broken in it is skipped."""
    return codec.decode(data[part.start:part.end], part.encoding)


def decoded_blocks(data: Octets, part: Part) -> Iterator[bytes]:
    """The same in pieces, for content of any size."""
    return codec.decoded(blocks(data, part.start, part.end), part.encoding)


def part_text(data: Octets, part: Part, longest: int = LIMITS.html_octets) -> str:
    """The characters of a text leaf (HTML as its source), lines ended by LF; about longest of them at most.

    Flowed text (RFC 3676) has its paragraphs in one line each.
    """
    end = min(part.end, part.start + longest * SWELL)
    raw = data[part.start:end]
    escape = raw.find(b"=", len(raw) - 2) if end < part.end else -1
    if escape >= 0:
        raw = raw[:escape]
    octets = codec.decode(raw, part.encoding)
    charset = part.charset
    if not charset and part.kind == "text/html":
        charset = _charset_of_html(octets)
    text = codec.decode_text(octets, charset)
    if end < part.end:
        text = text.rstrip("\ufffd")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if part.kind == "text/plain" and part.params.get("format", "").lower() == "flowed":
        text = unflow(text, part.params.get("delsp", "").lower() == "yes")
    return text[:longest]


def plain_text(data: Octets, root: Part, longest: int = LIMITS.indexed_text) -> str:
    """The message as plain text: what its author wrote as that, else its HTML put into words."""
    return _joined(data, bodies(root).text, longest)


def preview(data: Octets, root: Part, limits: Limits = LIMITS, *, found: Bodies | None = None) -> str:
    """The beginning of what the author says, in one line: without quotations and signature if more is there."""
    room = limits.preview_text
    for part in (found or bodies(root)).text:
        if part.kind == "text/plain":
            line = _first_words(part_text(data, part, TEXT_START), room)
        elif part.kind == "text/html":
            line = ""
            for start in HTML_START:
                line = " ".join(text_of_html(part_text(data, part, start), 4 * room).split())
                if len(line) >= room or start >= part.octets:
                    break
        else:
            continue
        if line:
            return clean(line)[:room].rstrip()
    return ""


def index_text(data: Octets, root: Part, limits: Limits = LIMITS) -> str:
    """What a search should find a message by: its text, that of messages and texts attached, and their names.

    Subject and addresses are the envelope's; at most limits.indexed_text characters.
    """
    texts: list[str] = []
    room = limits.indexed_text
    waiting = [root]
    while waiting and room > 0:
        found = bodies(waiting.pop(0))
        text = _joined(data, found.text, room)
        texts.append(text)
        room -= len(text)
        for part in found.attachments:
            texts.append(part.filename)
            if part.message:
                texts.append(f"{part.message.envelope.subject} {part.message.envelope.from_text}")
                waiting.append(part.message.root)
            elif part.kind.startswith("text/") and room > 0:
                text = _joined(data, [part], room)
                texts.append(text)
                room -= len(text)
    return "\n".join(filter(None, texts))[:limits.indexed_text]


def unflow(text: str, delsp: bool = False) -> str:
    """format=flowed text with each paragraph in one line (RFC 3676 §4); quote marks stay, one "> " for each paragraph."""
    lines: list[str] = []
    flowing, depth_before = False, 0
    for line in text.split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        content = content.removeprefix(" ")     # RFC 3676 §4.4: space-stuffing
        flows = content.endswith(" ") and content != "-- "
        if flows and delsp:
            content = content[:-1]
        if flowing and depth == depth_before and content != "-- ":
            lines.append(content)
        else:
            lines.append(("\n" if lines else "") + ">" * depth + (" " if depth else "") + content)
        flowing, depth_before = flows, depth
    return "".join(lines)


def flow(text: str, width: int = 72) -> str:
    """Paragraphs (lines) broken into flowed lines of width characters where spaces allow (RFC 3676 §4)."""
    lines: list[str] = []
    for line in text.split("\n"):
        line = line if line == "-- " else line.rstrip(" ")
        quoted = line.startswith(">")
        while len(line) > width and not quoted:
            at = line.rfind(" ", 1, width)
            at = at if at > 0 else line.find(" ", width)
            if at < 0:
                break
            lines.append(_stuffed(line[:at + 1]))
            line = line[at + 1:]
        lines.append(line if quoted else _stuffed(line))
    return "\n".join(lines)


def _stuffed(line: str) -> str:
    return " " + line if line.startswith((" ", ">", "From ")) else line


def _joined(data: Octets, parts: list[Part], longest: int) -> str:
    texts: list[str] = []
    for part in parts:
        if longest <= 0:
            break
        if part.kind == "text/html":
            text = text_of_html(part_text(data, part), longest)
        elif part.kind.startswith("text/"):
            text = part_text(data, part, longest)
        else:
            continue
        texts.append(text)
        longest -= len(text)
    return "\n\n".join(texts)


def _charset_of_html(octets: bytes) -> str:
    """What the document's own <meta> says, looked for where HTML wants it: at the beginning."""
    head = octets[:1024].lower()
    at = head.find(b"charset=")
    if at < 0:
        return ""
    rest = head[at + len(b"charset="):at + 60].lstrip(b"\"' ")
    end = min((place for mark in (b'"', b"'", b" ", b">", b";", b"/") if (place := rest.find(mark)) >= 0), default=len(rest))
    return rest[:end].decode("ascii", "replace")


def _first_words(text: str, room: int) -> str:
    """The beginning of text in one line, quotations and what introduces them left out if anything else is there."""
    own: list[str] = []
    for line in text.split("\n"):
        if line == "-- ":
            break
        if not line.startswith(">"):
            own.append(line)
        elif own and own[-1].rstrip().endswith(":"):
            own.pop()
    line = " ".join(" ".join(own).split())
    return line or " ".join(text.replace("\n>", "\n").split())[:room]
