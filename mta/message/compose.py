"""Making messages: what webmail, bounces, notices and reports send.

A `Letter` is what a person writes; `Leaf` and `Group` are for everything that needs a shape
of its own (multipart/report).  What comes out has CRLF, no line over 998 octets, and is
ASCII, unless an address in it exists in UTF-8 only: then that address and the texts are
UTF-8, and the message needs SMTPUTF8.  Attachments of any size pass through in pieces.

Standards: RFC 5322, RFC 2045, RFC 2046, RFC 2047, RFC 2231, RFC 2387 (related),
RFC 3676 (flowed), RFC 6532.
"""
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from mta.base import tokens
from mta.base.limits import LIMITS
from mta.message import address, codec, parameters, reencode, rewrite
from mta.message import header as headers
from mta.message import text as texts
from mta.message.address import Mailbox
from mta.message.dates import date_text
from mta.message.header import clean
from mta.message.mime import parse, safe_filename
from mta.message.scan import Octets, blocks, find, first_long_line, is_ascii


@dataclass(frozen=True, slots=True)
class Leaf:
    """One part with content: text (str), or octets that arrive exactly as they are."""

    kind: str
    content: str | Octets
    params: Mapping[str, str] = field(default_factory=dict)
    disposition: str = ""
    filename: str = ""
    content_id: str = ""            # without brackets
    description: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A multipart: subtype is "mixed", "alternative", "related", "report" …"""

    subtype: str
    parts: Sequence["Leaf | Group"]
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file for a letter; with a content_id (without brackets) the HTML can show it as cid:."""

    filename: str
    kind: str
    content: Octets
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """What a person sends: date in seconds since 1970, zone in minutes east of UTC.

    message_id, in_reply_to and references have their angle brackets.  bcc is written into
    the header, for drafts; submission removes it.  extra are fields with plain values.
    """

    from_: Sequence[Mailbox]
    to: Sequence[Mailbox] = ()
    cc: Sequence[Mailbox] = ()
    bcc: Sequence[Mailbox] = ()
    reply_to: Sequence[Mailbox] = ()
    sender: Mailbox | None = None
    subject: str = ""
    text: str = ""
    html: str | None = None
    attachments: Sequence[Attachment] = ()
    date: float = 0.0
    zone: int = 0
    message_id: str = ""
    in_reply_to: Sequence[str] = ()
    references: Sequence[str] = ()
    flowed: bool = False
    extra: Sequence[tuple[str, str]] = ()


def compose(letter: Letter) -> bytes:
    """The letter as a message."""
    return b"".join(compose_pieces(letter))


def compose_pieces(letter: Letter) -> Iterator[bytes]:
    """The letter as a message, in pieces."""
    return message_pieces(_fields(letter), _body(letter), eight_bit=_needs_utf8(letter))


def build(fields: Iterable[bytes], body: Leaf | Group, *, eight_bit: bool = False) -> bytes:
    """A message of complete header fields (without MIME-Version and Content-*) and a body."""
    return b"".join(message_pieces(fields, body, eight_bit=eight_bit))


def message_pieces(fields: Iterable[bytes], body: Leaf | Group, *, eight_bit: bool = False) -> Iterator[bytes]:
    """The same in pieces; eight_bit lets texts stay 8bit, for messages that need SMTPUTF8 anyway."""
    yield b"".join(fields) + b"MIME-Version: 1.0\r\n"
    # A message ends with a line end, whatever its last part is.
    last = b""
    for piece in _part(body, eight_bit):
        last = piece or last
        yield piece
    if not last.endswith(b"\n"):
        yield b"\r\n"


def text_field(name: str, value: str) -> bytes:
    """A field with text for people, like Subject."""
    return rewrite.field(name, value)


def plain_field(name: str, value: str) -> bytes:
    """A field whose value has a syntax of its own and is ASCII."""
    return rewrite.plain_field(name, value)


def address_field(name: str, mailboxes: Sequence[Mailbox]) -> bytes:
    """A field with addresses; UTF-8 only where an address has no other form."""
    return f"{name}: {address.folded(mailboxes, len(name) + 2)}\r\n".encode("utf-8", "replace")


def reply_subject(subject: str, prefix: str = "Re") -> str:
    """The subject of an answer (or with prefix "Fwd" of a forward), without a second "Re:"."""
    return subject if subject.lower().startswith(f"{prefix.lower()}:") else f"{prefix}: {subject}".rstrip()


def reply_references(message_id: str, references: Sequence[str], in_reply_to: Sequence[str] = ()) -> tuple[str, ...]:
    """The References of an answer to a message with those fields (RFC 5322 §3.6.4)."""
    before = tuple(references) or (tuple(in_reply_to) if len(in_reply_to) == 1 else ())
    chain = tuple(dict.fromkeys((*before, *([message_id] if message_id else []))))
    return chain if len(chain) <= LIMITS.references else chain[:1] + chain[1 - LIMITS.references:]


def _fields(letter: Letter) -> Iterator[bytes]:
    yield address_field("From", letter.from_)
    if letter.sender is not None:
        yield address_field("Sender", [letter.sender])
    for name, mailboxes in (("Reply-To", letter.reply_to), ("To", letter.to), ("Cc", letter.cc), ("Bcc", letter.bcc)):
        if mailboxes:
            yield address_field(name, mailboxes)
    yield text_field("Subject", letter.subject)
    yield plain_field("Date", date_text(letter.date, letter.zone))
    if letter.message_id:
        yield plain_field("Message-ID", letter.message_id)
    for name, identifiers in (("In-Reply-To", letter.in_reply_to), ("References", letter.references)):
        if identifiers:
            yield plain_field(name, " ".join(identifiers))
    for name, value in letter.extra:
        yield plain_field(name, value)


def _body(letter: Letter) -> Leaf | Group:
    """text; text and HTML with the pictures it shows; and around both what is attached."""
    text = texts.flow(_lines(letter.text)) if letter.flowed else letter.text
    body: Leaf | Group = Leaf("text/plain", text, {"format": "flowed"} if letter.flowed else {})
    shown = [file for file in letter.attachments if file.content_id and letter.html is not None]
    if letter.html is not None:
        html: Leaf | Group = Leaf("text/html", letter.html)
        if shown:
            html = Group("related", [html, *(_file(file, "inline") for file in shown)], {"type": "text/html"})
        body = Group("alternative", [body, html])
    others = [_file(file, "attachment") for file in letter.attachments if file not in shown]
    return Group("mixed", [body, *others]) if others else body


def _file(file: Attachment, disposition: str) -> Leaf:
    return Leaf(file.kind, file.content, disposition=disposition, filename=file.filename, content_id=file.content_id)


def _needs_utf8(letter: Letter) -> bool:
    people = [*letter.from_, *letter.to, *letter.cc, *letter.bcc, *letter.reply_to, *([letter.sender] if letter.sender else [])]
    return any(mailbox.address is not None and mailbox.address.needs_smtputf8 for mailbox in people)


def _part(part: Leaf | Group, eight_bit: bool) -> Iterator[bytes]:
    """The part: its Content- fields, a blank line, its body."""
    if isinstance(part, Leaf):
        yield from _leaf(part, eight_bit)
        return
    # "=_" never comes about in base64 or quoted-printable; elsewhere chance has to do.
    boundary = f"=_{tokens.short_id(24)}"
    head = _content_field("Content-Type", f"multipart/{part.subtype}", {**part.params, "boundary": boundary})
    # RFC 2045 §6.4: what holds 8bit parts says so itself.
    if _has_eight_bit(part, eight_bit):
        head += b"Content-Transfer-Encoding: 8bit\r\n"
    yield head + b"\r\n"
    for number, child in enumerate(part.parts):
        yield (b"\r\n" if number else b"") + f"--{boundary}\r\n".encode()
        yield from _part(child, eight_bit)
    yield f"\r\n--{boundary}--\r\n".encode()


def _leaf(leaf: Leaf, eight_bit: bool) -> Iterator[bytes]:
    content, params = leaf.content, dict(leaf.params)
    if isinstance(content, str):
        content = _lines(content).replace("\n", "\r\n").encode("utf-8", "replace")
        params.setdefault("charset", "us-ascii" if content.isascii() else "utf-8")
    encoding = _encoding(leaf.kind, content, isinstance(leaf.content, str), eight_bit)
    filename = safe_filename(leaf.filename)
    if filename:
        params["name"] = filename
    head = [_content_field("Content-Type", leaf.kind, params)]
    if encoding != "7bit":
        head.append(f"Content-Transfer-Encoding: {encoding}\r\n".encode())
    if leaf.disposition or filename:
        head.append(_content_field("Content-Disposition", leaf.disposition or "attachment", {"filename": filename} if filename else {}))
    if leaf.content_id:
        head.append(plain_field("Content-ID", f"<{leaf.content_id}>"))
    if leaf.description:
        head.append(text_field("Content-Description", leaf.description))
    yield b"".join([*head, b"\r\n"])
    octets = blocks(content, 0, len(content))
    if encoding == "base64":
        yield from codec.encode_base64(octets)
    elif encoding == "quoted-printable":
        yield from codec.encode_quoted_printable(octets)
    elif _carries_message(leaf.kind) and first_long_line(content, 0, len(content), LIMITS.sent_line) >= 0:
        yield from reencode.reencoded(content, parse(content, header=headers.parse(content)))
    else:
        yield from octets


def _encoding(kind: str, content: Octets, text: bool, eight_bit: bool) -> str:
    """The transfer encoding for content: the plainest that passes everywhere and changes nothing."""
    ascii_only = is_ascii(content, 0, len(content))
    if kind.startswith("message/"):
        return "7bit" if ascii_only else "8bit"
    if not text and not (kind.startswith("text/") and _has_crlf_only(content)):
        return "base64"
    short = first_long_line(content, 0, len(content), LIMITS.sent_line) < 0
    if short and (ascii_only or eight_bit) and find(content, b"\0", 0, len(content)) < 0:
        return "7bit" if ascii_only else "8bit"
    # Quoted-printable triples what is not ASCII; base64 adds a third to everything.
    sample = content[:64 * 1024]
    foreign = len(sample) - len(sample.decode("ascii", "ignore"))
    return "base64" if foreign * 3 > len(sample) else "quoted-printable"


def _has_eight_bit(part: Leaf | Group, eight_bit: bool) -> bool:
    if isinstance(part, Group):
        return any(_has_eight_bit(child, eight_bit) for child in part.parts)
    if isinstance(part.content, str):
        octets = part.content.encode("utf-8", "replace") if eight_bit else b""
        return bool(octets) and _encoding(part.kind, octets, True, True) == "8bit"
    return part.kind.startswith("message/") and not is_ascii(part.content, 0, len(part.content))


def _carries_message(kind: str) -> bool:
    return kind in ("message/rfc822", "message/global")


def _has_crlf_only(content: Octets) -> bool:
    """True if every CR and LF in content is part of a CRLF."""
    counts = [(block.count(b"\r"), block.count(b"\n"), block.count(b"\r\n")) for block in blocks(content, 0, len(content))]
    # A pair cut by a block's border is missed, which only means base64.
    return all(cr == lf == both for cr, lf, both in counts)


def _content_field(name: str, value: str, params: Mapping[str, str]) -> bytes:
    lines = [f"{name}: {clean(value)}"]
    for key, content in params.items():
        lines += parameters.format(key, clean(content))
    return ";\r\n\t".join(lines).encode("utf-8", "replace") + b"\r\n"


def _lines(text: str) -> str:
    """text with LF only, ended by one."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if text.endswith("\n") or not text else text + "\n"
