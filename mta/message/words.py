"""Encoded words: how header fields carry what is not ASCII (RFC 2047).

Decoding takes what deployed senders write: words that were cut inside a character,
spaces inside words, missing padding, unknown charsets.  What cannot be a word stays as it
is.  Encoding makes words of at most 75 characters and folds lines at 76.
"""
import binascii
import re
from collections.abc import Iterator

from mta.message import codec

#: RFC 2047 §2: an encoded word has at most 75 characters.
WORD = 75
LINE = 76
#: RFC 2047 §5 (3): what may stand for itself in a word of a display name; fine in any other place.
Q_SAFE = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!*+-/")
Q_CODES = [chr(octet) if octet in Q_SAFE else "_" if octet == 32 else f"={octet:02X}" for octet in range(256)]
#: Charset (with RFC 2231 §5's language) and encoding of a word that begins here.
WORD_START = re.compile(r"=\?([^?\s*]{1,60})(?:\*[^?\s]{0,40})?\?([bBqQ])\?")
ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")


def decode(text: str) -> str:
    """text with its encoded words decoded; white space between two of them vanishes."""
    if "=?" not in text:
        return text
    found: list[str] = []
    words: list[bytes] = []
    charset = ""
    for literal, next_charset, octets in _split(text):
        adjacent = bool(words and next_charset) and not literal.strip()
        # RFC 2047 §6.2; and where a character was cut in two, both words' octets are needed.
        if words and not (adjacent and next_charset.lower() == charset.lower()):
            found.append(codec.decode_text(b"".join(words), charset))
            words = []
        if not adjacent:
            found.append(literal)
        if next_charset:
            words.append(octets)
        charset = next_charset
    return "".join(found)


def _split(text: str) -> Iterator[tuple[str, str, bytes]]:
    """(text before, charset, octets) of each word, last the rest with no charset.

    Each search begins where the last one ended, so the time is linear in the text.
    """
    begin = at = 0
    end = -1
    while (at := text.find("=?", at)) >= 0:
        start = WORD_START.match(text, at)
        if start is None:
            at += 2
            continue
        if end < start.end():
            end = text.find("?=", start.end())
            if end < 0:
                break
        # A word that begins inside this one shows that this one was never ended.
        inner = text.find("=?", start.end(), end)
        if inner >= 0:
            at = inner
            continue
        yield text[begin:at], start[1], _octets(text[start.end():end], start[2])
        begin = at = end + 2
    yield text[begin:], "", b""


def _octets(text: str, encoding: str) -> bytes:
    octets = text.encode("utf-8", "replace")
    if encoding in "bB":
        return codec.decode_base64(octets)
    return binascii.a2b_qp(octets, header=True)


def unstructured(text: str, used: int) -> str:
    """text as the value of a field like Subject: ASCII, folded, encoded where it must be.

    White space of any kind and length becomes one space.  used is how many characters of the first line the field's name takes.
    """
    lines = _Lines(used)
    run: list[str] = []
    for part in text.split():
        if not _plain(part):
            run.append(part)
            continue
        if run:
            lines.encoded(" ".join(run))
            run = []
        lines.add(part)
    if run:
        lines.encoded(" ".join(run))
    return "".join(lines.pieces)


def phrase(name: str) -> str:
    """A display name: atoms, a quoted string, or encoded words (not folded: words are apart by a space)."""
    name = " ".join(name.split())
    if ATOMS.fullmatch(name) and "=?" not in name:
        return name
    if name.isascii() and name.isprintable() and len(name) < 200 and "=?" not in name:
        return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return " ".join(encoded(name))


def encoded(text: str, first_room: int = WORD) -> Iterator[str]:
    """The encoded words for text, UTF-8, none longer than RFC 2047 allows, no character cut.

    The first has at most first_room characters if that is enough for anything at all.
    """
    octets = text.encode("utf-8", "replace")
    q_size = sum(len(Q_CODES[octet]) for octet in octets)
    # A little longer, but fit to be read by eye, is better.
    base64 = q_size > len(octets) * 2
    room = max(first_room, 24) - len("=?utf-8?q??=")
    start = 0
    while start < len(octets):
        if base64:
            end = start + room // 4 * 3
        else:
            end = start
            while end < len(octets) and (room := room - len(Q_CODES[octets[end]])) >= 0:
                end += 1
        end = min(end, len(octets))
        while end < len(octets) and octets[end] & 0xC0 == 0x80:
            end -= 1
        piece = octets[start:end]
        if base64:
            yield f"=?utf-8?b?{binascii.b2a_base64(piece, newline=False).decode()}?="
        else:
            yield f"=?utf-8?q?{''.join(Q_CODES[octet] for octet in piece)}?="
        start, room = end, WORD - len("=?utf-8?q??=")


def _plain(part: str) -> bool:
    """True if this run between spaces may stand as it is (RFC 2047 §5: and is not taken for a word)."""
    return part.isascii() and part.isprintable() and "=?" not in part and len(part) <= 500


class _Lines:
    """Puts words into lines."""

    def __init__(self, used: int) -> None:
        self.pieces: list[str] = []
        self.column = used

    def add(self, part: str) -> None:
        """Add part after a space, or in a new line where it would not fit."""
        if self.pieces:
            fold = self.column + 1 + len(part) > LINE
            self.pieces.append("\r\n " if fold else " ")
            self.column = 1 if fold else self.column + 1
        self.pieces.append(part)
        self.column += len(part)

    def encoded(self, text: str) -> None:
        """Add text as encoded words."""
        room = LINE - self.column - 1
        for word in encoded(text, room if room >= 30 else WORD):
            self.add(word)
