"""mta.smtp.inbox: lines, and what is none."""
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as some

from mta.smtp.inbox import PATIENCE, BadLine, Inbox, Trouble

LIMIT = 10


def events(*pieces: bytes) -> list[bytes | Trouble]:
    """Lines and troubles in order; ends at a trouble that ends the session."""
    inbox, found = Inbox(LIMIT), list[bytes | Trouble]()
    for piece in pieces:
        inbox.feed(piece)
        while True:
            try:
                line = inbox.line()
            except BadLine as bad:
                found.append(bad.trouble)
                if bad.trouble in (Trouble.TLS, Trouble.FLOOD):
                    return found
                continue
            if line is None:
                break
            found.append(line)
    return found


@pytest.mark.parametrize(("octets", "wanted"), [
    (b"NOOP\r\nQUIT\r\nrest", [b"NOOP", b"QUIT"]),
    (b"\r\n\r\n", [b"", b""]),
    (b"NOOP\n", [Trouble.BARE_END]),
    (b"NOOP\nNOOP\r\nQUIT\r\n", [Trouble.BARE_END, b"QUIT"]),
    (b"NO\rOP\r\nQUIT\r\n", [Trouble.BARE_END, b"QUIT"]),
    (b"NOOP\r\r\nQUIT\r\n", [Trouble.BARE_END, b"QUIT"]),
    (b"NOOP\r", []),
    (b"0123456789\r\n", [b"0123456789"]),
    (b"0123456789a\r\nQUIT\r\n", [Trouble.TOO_LONG, b"QUIT"]),
    (b"0123456789ab", [Trouble.TOO_LONG]),
    (b"0123456789a\nb\r\nQUIT\r\n", [Trouble.TOO_LONG, b"QUIT"]),
    (b"\x16\x03\x01", [Trouble.TLS]),
    (b"x" * (PATIENCE * LIMIT + 1), [Trouble.TOO_LONG, Trouble.FLOOD]),
    (b"x" * (PATIENCE * LIMIT + 1) + b"\r\nNOOP\r\n", [Trouble.TOO_LONG, Trouble.FLOOD]),
])
def test_lines(octets: bytes, wanted: list[bytes | Trouble]) -> None:
    """Only CRLF ends a line; each bad line is complained about once."""
    assert events(octets) == wanted
    assert events(*(octets[at:at + 1] for at in range(len(octets)))) == wanted


@given(some.text(alphabet="ab\r\n", max_size=60), some.sets(some.integers(0, 60)))
def test_cuts_do_not_matter(text: str, cuts: set[int]) -> None:
    """Where the network splits the octets makes no difference."""
    octets = text.encode()
    edges = [0, *sorted(cut for cut in cuts if cut < len(octets)), len(octets)]

    assert events(*(octets[start:end] for start, end in itertools.pairwise(edges))) == events(octets)


def test_taking_and_putting_back() -> None:
    """What DATA reads too much is there for the next command, in order."""
    inbox = Inbox(100)
    inbox.feed(b"DATA\r\nbody")
    assert inbox.line() == b"DATA"
    assert len(inbox) == 4
    assert inbox.take() == b"body"
    assert not inbox

    inbox.feed(b"T\r\n")
    inbox.put_back(b"QUI")

    assert inbox.line() == b"QUIT"
    assert inbox.take() == b""
