"""What an IMAP server answers, as values (RFC 9051 §9): words, strings, numbers, lists, NIL.

A line comes with its literals at the places where they belong.  Reading fails with
BadAnswer for what is no answer, in time linear in its length and with bounded depth.
"""
import re
from typing import Final, TypeAlias

from mta.base.errors import PillarboxError

#: Lists within lists: BODYSTRUCTURE, the deepest, is not asked for.
DEPTH: Final = 8
ATOM: Final = re.compile(rb'[^\s()"{\]\[]+(?:\[[^\]]{0,200}\])?(?:<\d{1,10}>)?')
QUOTED: Final = re.compile(rb'"((?:[^"\\]|\\.)*)"')
#: A literal at the end of a line: its octets follow (RFC 9051 §4.3, RFC 3516 §4.2).
LITERAL: Final = re.compile(rb"~?\{(\d{1,10})\+?\}$")
CODE: Final = re.compile(rb"\[([A-Za-z0-9-]+)(?: ([^\]]*))?\]")


class Lost(PillarboxError):
    """The connection ended, or the server does not answer, or not as IMAP: another try may work."""


class BadAnswer(Lost):
    """Octets that are no answer of an IMAP server."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"the server does not answer as it should: {problem}")


class Text(bytes):
    """A string: quoted, or a literal; any other bytes are an atom."""


class Literal(Text):
    """A literal whose octets went elsewhere, or are these."""


Value: TypeAlias = "bytes | list[Value] | None"


def parse(pieces: list[bytes]) -> list[Value]:
    """The values of one answer: a line, or a line, a Literal, the rest of the line, and so on.  BadAnswer."""
    stack: list[list[Value]] = [[]]
    for piece in pieces:
        if isinstance(piece, Literal):
            stack[-1].append(piece)
        else:
            _line(LITERAL.sub(b"", piece), stack)
    if len(stack) != 1:
        raise BadAnswer("a list does not end")
    return stack[0]


def _line(line: bytes, stack: list[list[Value]]) -> None:
    at = 0
    while at < len(line):
        char = line[at:at + 1]
        if char == b" ":
            at += 1
        elif char == b"(":
            if len(stack) > DEPTH:
                raise BadAnswer("too many lists in one another")
            inner: list[Value] = []
            stack[-1].append(inner)
            stack.append(inner)
            at += 1
        elif char == b")":
            if len(stack) == 1:
                raise BadAnswer("a list ends that has not begun")
            stack.pop()
            at += 1
        elif char == b'"':
            found = QUOTED.match(line, at)
            if found is None:
                raise BadAnswer("a string does not end")
            stack[-1].append(Text(re.sub(rb"\\(.)", rb"\1", found[1])))
            at = found.end()
        else:
            found = ATOM.match(line, at)
            if found is None:
                # Text for people may have anything; it is one word of it.
                stack[-1].append(line[at:at + 1])
                at += 1
                continue
            stack[-1].append(None if found[0].upper() == b"NIL" else found[0])
            at = found.end()


def pairs(values: Value) -> dict[str, Value]:
    """A list name, value, name, value … as FETCH and STATUS have it; names in upper case."""
    if not isinstance(values, list):
        raise BadAnswer("no list of facts")
    return {word(values[place]).upper(): values[place + 1] for place in range(0, len(values) - 1, 2)}


def word(value: Value) -> str:
    """A word or string as text; "" for NIL.  BadAnswer for a list."""
    if isinstance(value, list):
        raise BadAnswer("a list where a word was expected")
    return "" if value is None else value.decode("utf-8", "replace")


def keyword(values: list[Value], place: int) -> str:
    """The word at a place in upper case; "" if there is none, or something else."""
    value = values[place] if place < len(values) else None
    return value.decode("latin-1").upper() if isinstance(value, bytes) else ""


def number(value: Value) -> int:
    """A number of 64 bits at most (RFC 9051 §9, number64).  BadAnswer."""
    text = word(value)
    if not text.isascii() or not text.isdigit() or len(text) > 19:
        raise BadAnswer(f"no number: {text[:40]!r}")
    return int(text)


def words(value: Value) -> tuple[str, ...]:
    """A list of words.  BadAnswer."""
    if not isinstance(value, list):
        raise BadAnswer("no list of words")
    return tuple(word(one) for one in value)


def code(text: bytes) -> tuple[str, str]:
    """The code at the beginning of the text of OK, NO or BAD (RFC 9051 §7.1): its name in upper case, and the rest of it."""
    found = CODE.match(text)
    return (found[1].decode().upper(), (found[2] or b"").decode("utf-8", "replace")) if found else ("", "")
