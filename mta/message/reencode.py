"""A message made fit for the road: no line over 998 octets, no CR, LF or NUL alone, or no octet over 127.

Done leaf by leaf: the body that needs it is written as quoted-printable (base64 is wrapped
anew), its header says so, everything else passes as it is.  What somebody signed
(multipart/signed) is never touched, nor is a word in a header that cannot be folded.
Works in blocks; nothing is held whole.

Standards: RFC 5321 §4.5.3.1.6, RFC 2045 §6, RFC 6152 §3 (conversion to 7bit).
"""
from collections.abc import Iterator

from mta.base.limits import LIMITS
from mta.message import codec
from mta.message import header as headers
from mta.message.header import Defects
from mta.message.mime import IDENTITY, Part
from mta.message.rewrite import rewritten
from mta.message.scan import Octets, blocks, ends_with_crlf_only, first_long_line, is_ascii

LONGEST = LIMITS.sent_line
#: Fields that may be folded after a comma or semicolon where they have no spaces.
LISTS = frozenset(("from", "sender", "reply-to", "to", "cc", "bcc", "resent-to", "resent-cc", "content-type", "content-disposition"))


def has_long_line(data: Octets) -> bool:
    """True if some line of the message has more than 998 octets without its CRLF."""
    return first_long_line(data, 0, len(data), LONGEST) >= 0


def is_fit(data: Octets) -> bool:
    """True if SMTP can carry the message as it is, octets over 127 aside."""
    return not has_long_line(data) and ends_with_crlf_only(data, 0, len(data))


def reencoded(data: Octets, root: Part, *, seven_bit: bool = False) -> Iterator[bytes]:
    """The message in pieces, its lines short; with seven_bit its bodies are ASCII too.

    root is the message's tree (mta.message.mime.parse).
    """
    yield from _part(data, root, seven_bit, True)


def _part(data: Octets, part: Part, seven_bit: bool, top: bool) -> Iterator[bytes]:
    if part.kind == "multipart/signed" and part.children:
        yield _header(data, part)
        yield from blocks(data, part.start, part.end)
    elif Defects.NO_BOUNDARY in part.defects:
        # A multipart that is none: its text can be read, and only broken, not encoded.
        yield _header(data, part)
        yield from _broken(data, part.start, part.end)
    elif part.children:
        yield _header(data, part, "7bit" if seven_bit else "")
        at = part.start
        for child in part.children:
            yield from _between(data, at, child.header_start)
            yield from _part(data, child, seven_bit, False)
            at = child.end
        yield from _between(data, at, part.end)
    elif part.message:
        yield _header(data, part, "7bit" if seven_bit else "")
        yield from _part(data, part.message.root, seven_bit, True)
    else:
        yield from _leaf(data, part, seven_bit, top)


def _leaf(data: Octets, part: Part, seven_bit: bool, top: bool) -> Iterator[bytes]:
    needs = (first_long_line(data, part.start, part.end, LONGEST) >= 0 or not ends_with_crlf_only(data, part.start, part.end)
             or (seven_bit and not is_ascii(data, part.start, part.end)))
    # RFC 2046 §5.2: messages and their pieces are never encoded.
    if not needs or part.kind.startswith("message/"):
        yield _header(data, part)
        yield from blocks(data, part.start, part.end)
    elif part.encoding == "base64":
        yield _header(data, part)
        yield from codec.encode_base64(codec.decoded(blocks(data, part.start, part.end), "base64"))
    elif part.encoding in (*IDENTITY, "quoted-printable"):
        yield _header(data, part, "quoted-printable", top)
        yield from codec.encode_quoted_printable(codec.decoded(blocks(data, part.start, part.end), part.encoding))
    else:
        # What an unknown encoding may look like, nobody here knows.
        yield _header(data, part)
        yield from blocks(data, part.start, part.end)


def _header(data: Octets, part: Part, encoding: str = "", top: bool = False) -> bytes:
    """The part's header, folded; with encoding it names that one (and top, being a message's, that it is MIME)."""
    if part.header_start == part.start:
        return f"Content-Transfer-Encoding: {encoding}\r\n\r\n".encode() if encoding else b""
    header = headers.parse(data, part.header_start, end=part.start)
    if encoding:
        add = [f"Content-Transfer-Encoding: {encoding}\r\n".encode()]
        if top and header.get("mime-version") is None:
            add.insert(0, b"MIME-Version: 1.0\r\n")
        octets, _ = rewritten(data, header, remove=("content-transfer-encoding",), add=add)
    else:
        octets = data[part.header_start:part.start]
    if first_long_line(octets, 0, len(octets), LONGEST) < 0:
        return octets
    return b"".join(map(_folded, octets.splitlines(keepends=True)))


def _folded(line: bytes) -> bytes:
    """A header line broken where it may be: before white space, in lists after a comma."""
    name, colon, _ = line.partition(b":")
    begin = 1 if line[:1] in (b" ", b"\t") else len(name) + len(colon)
    if begin > LONGEST:
        return line         # no field
    lists = name.strip().lower().decode("latin-1") in LISTS
    pieces: list[bytes] = []
    start, indent, end = 0, b"", len(line.rstrip(b"\r\n"))
    while end - start + len(indent) > LONGEST:
        last = start + LONGEST - len(indent)
        at, next_indent = max(line.rfind(b" ", begin, last), line.rfind(b"\t", begin, last)), b""
        # A line of nothing but white space would not be a fold.
        if at < 0 or not line[start:at].strip():
            at, next_indent = max(line.rfind(b",", begin, last), line.rfind(b";", begin, last)) + 1 if lists else 0, b" "
            if at <= 0:
                break
        pieces += [indent, line[start:at], b"\r\n"]
        start, begin, indent = at, at + 1, next_indent
    return b"".join([*pieces, indent, line[start:]])


def _between(data: Octets, start: int, end: int) -> Iterator[bytes]:
    """What stands between parts, boundaries and text for nobody, without the lines of it that are too long."""
    if first_long_line(data, start, end, LONGEST) < 0:
        yield from blocks(data, start, end)
        return
    rest = b""
    for block in blocks(data, start, end):
        lines = (rest + block).split(b"\n")
        rest = lines.pop()[-2 * LONGEST:]
        yield b"".join([line + b"\n" for line in lines if len(line) <= LONGEST + 1])
    if len(rest) <= LONGEST:
        yield rest


def _broken(data: Octets, start: int, end: int) -> Iterator[bytes]:
    """data[start:end] with a line end put in where none came for too long."""
    rest = b""
    for block in blocks(data, start, end):
        lines = (rest + block).split(b"\n")
        rest = lines.pop()
        yield b"".join([_pieces(line.removesuffix(b"\r")) + b"\r\n" for line in lines])
        while len(rest) > LONGEST:
            yield rest[:LONGEST] + b"\r\n"
            rest = rest[LONGEST:]
    yield rest


def _pieces(line: bytes) -> bytes:
    return b"\r\n".join([line[at:at + LONGEST] for at in range(0, len(line), LONGEST)])
