"""How much work hostile messages make.

Invariant: the octets that are searched or copied grow no faster than the message, and stay
within a fixed multiple of it.  Counted, not timed: a bytes object that notes every search.
"""
import sys
from collections.abc import Callable
from typing import Any, SupportsIndex

import pytest

from mta.base.limits import LIMITS
from mta.message import address, mime, parameters, structure, words
from mta.message.reencode import reencoded


class Counted(bytes):
    """Octets that count how many of them were looked at."""

    looked_at = 0

    def _between(self, start: Any, end: Any) -> tuple[int, int]:
        return slice(start, end).indices(len(self))[:2]

    def find(self, sub: Any, start: Any = None, end: Any = None) -> int:
        first, last = self._between(start, end)
        found = super().find(sub, first, last)
        self.looked_at += (found + len(sub) if found >= 0 else max(first, last)) - first
        return found

    def rfind(self, sub: Any, start: Any = None, end: Any = None) -> int:
        first, last = self._between(start, end)
        found = super().rfind(sub, first, last)
        self.looked_at += last - (found if found >= 0 else min(first, last))
        return found

    def count(self, sub: Any, start: Any = None, end: Any = None) -> int:
        first, last = self._between(start, end)
        self.looked_at += max(0, last - first)
        return super().count(sub, first, last)

    def __getitem__(self, key: SupportsIndex | slice) -> Any:
        found = super().__getitem__(key)
        self.looked_at += len(found) if isinstance(found, bytes) else 1
        return found


def work(data: bytes) -> tuple[int, int]:
    """(octets looked at, Python functions called) while a message is analysed."""
    counted = Counted(data)
    calls = 0

    def note(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        structure.analyse(counted)
    finally:
        sys.setprofile(before)
    return counted.looked_at, calls


MIXED = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
NESTS = b"".join(b"Content-Type: multipart/mixed; boundary=%d-\r\n\r\n--%d-\r\n" % (level, level) for level in range(60))

HOSTILE: dict[str, Callable[[int], bytes]] = {
    "empty parts": lambda n: MIXED + b"--b\r\n" * n,
    "false boundaries": lambda n: MIXED + b"--b\r\n\r\n" + b"--bx\r\n" * n,
    "nearly a boundary": lambda n: b"Content-Type: multipart/mixed; boundary=" + b"-" * 70 + b"x\r\n\r\n" + b"-" * 5 * n,
    "deep": lambda n: NESTS + b"--x\r\n" * n,
    "deep messages": lambda n: b"Content-Type: message/rfc822\r\n\r\n" * 100 + b"x\r\n" * n,
    "many fields": lambda n: b"A: b\r\n" * n,
    "one long field": lambda n: b"Subject:" + b" x\r\n" * n,
    "empty folds": lambda n: b"Subject: x\r\n" + b" \r\n" * n,
    "garbage lines": lambda n: b"A: b\r\n" + b"no colon\r\n" * n,
    "no line end": lambda n: b"A: " + b"x" * 5 * n,
    "addresses": lambda n: b"To: " + b"a@b.example," * n,
    "open quotes": lambda n: b"To: " + b'"\\' * n,
    "brackets": lambda n: b"To: " + b"<(" * n,
    "comments": lambda n: b"To: " + b"(" * n,
    "words": lambda n: b"Subject: " + b"=?utf-8?q?" * n,
    "whole words": lambda n: b"Subject: " + b"=?utf-8?q?a?= " * n,
    "parameters": lambda n: b"Content-Type: text/plain" + b";a*0*=x" * n,
    "open parameters": lambda n: b"Content-Type: text/plain" + b';a="\\' * n,
    "references": lambda n: b"References: " + b"<a@b>" * n,
    "half references": lambda n: b"References: " + b"<" * n,
    "received": lambda n: b"Received: from x by y; 1 Jan 2020 00:00:00 +0000\r\n" * n,
    "base64 padding": lambda n: b"Content-Transfer-Encoding: base64\r\n\r\n" + b"=" * n,
    "html": lambda n: b"Content-Type: text/html\r\n\r\n" + b"<p" * n,
    "quoted": lambda n: b"\r\n" + b"> " * n,
    "date": lambda n: b"Date: " + b"(" * n,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_work_grows_with_the_message(name: str) -> None:
    """Twice the message makes at most about twice the work, and never more than a fixed multiple."""
    once, twice = (work(HOSTILE[name](count)) for count in (20_000, 40_000))
    size = len(HOSTILE[name](40_000))

    # Once over the bounds of a header, its end is looked for separately.
    assert twice[0] <= 2.2 * once[0] + size
    assert twice[1] <= 2.2 * once[1] + 10_000
    assert twice[0] <= (LIMITS.boundary_rescans + 4) * size + 100_000


@pytest.mark.timeout(20)
@pytest.mark.parametrize("unit", [b" x", b",x", b"x", b" ", b";"])
def test_long_header_lines_are_folded_at_once(unit: bytes) -> None:
    """Nor is a line of four megabytes copied again for each of its folds."""
    data = b"To: " + unit * (4_000_000 // len(unit)) + b"\r\n\r\nx\r\n"

    assert sum(map(len, reencoded(data, mime.parse(data)))) >= len(data)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("unit", [
    '"', '"\\', "(", "(\\", "<", ">", "[", "=?", "=?a?q?", "=?a?q??=", "@", "a@b ", ",", ":", ";", "a ", "\\", " ", ";a=", ";a*1=", "%"])
def test_values_of_a_megabyte_are_read_at_once(unit: str) -> None:
    """Nothing in a value is looked at again and again: the limit of time would be passed by hours."""
    value = unit * (1_000_000 // len(unit))

    address.parse_list(value)
    words.decode(value)
    parameters.parse("text/plain" + value)
