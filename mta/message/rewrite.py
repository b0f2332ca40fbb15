"""A message's header with fields taken out and put in; the body is not touched or read.

What a submission needs before it is signed: no Bcc, no Return-Path, a Date and a
Message-ID.  The result is the new header and where the body begins, so that whoever
writes it copies the body by blocks.
"""
from collections.abc import Collection, Sequence

from mta.message import words
from mta.message.header import Header, clean
from mta.message.scan import Octets


def rewritten(data: Octets, header: Header, *, remove: Collection[str] = (), add: Sequence[bytes] = ()) -> tuple[bytes, int]:
    """(new header with its blank line, offset of the body in data).

    Fields whose lower-case name is in remove go; add's fields, complete with CRLF, follow
    the last one that is there.  Everything else stays octet for octet.
    """
    kept: list[bytes] = []
    at, begun = header.start, False
    for field in header.fields:
        if field.lower in remove:
            if begun:
                kept.append(data[at:field.start])
            at = field.end
        elif not begun:
            begun = True
            # Lines that are no fields go with a field at the top: no header begins with them.
            at = field.start if at > header.start else at
    end = header.fields[-1].end if header.fields else header.start
    if begun and at < end:
        kept.append(data[at:end])
    fields = b"".join(kept)
    if fields and not fields.endswith(b"\n"):
        fields += b"\r\n"
    rest = data[max(at, end):header.end] if fields or add else b""
    # A header that goes on to the end of the message has no blank line yet.
    blank = rest if rest.endswith((b"\r\n", b"\n")) else rest + b"\r\n"
    return b"".join([fields, *add, blank]), header.end


def field(name: str, value: str) -> bytes:
    """A field with text for people, encoded and folded as it needs to be."""
    return f"{name}: {words.unstructured(clean(value), len(name) + 2)}\r\n".encode()


def plain_field(name: str, value: str) -> bytes:
    """A field whose value is structured and stays as it is, folded at its spaces; line ends in it become spaces."""
    pieces, column = [f"{name}:"], len(name) + 1
    for place, word in enumerate(clean(value).split()):
        fold = place and column + 1 + len(word) > words.LINE
        pieces.append(("\r\n " if fold else " ") + word)
        column = (1 if fold else column + 1) + len(word)
    return "".join([*pieces, "\r\n"]).encode("utf-8", "replace")
