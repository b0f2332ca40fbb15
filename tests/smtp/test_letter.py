"""The octets of a message as DATA wants them."""
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mta.smtp.letter import stuffed

CONTENTS = [
    b"", b".", b"..\r\n", b"\r\n", b"\r\n.\r\n", b"a\r\n.b\r\n..c\r\n", b"no end", b"ends in dot line\r\n.",
    b".\r\n.\r\n.\r\n", b"x\r\n\r\n.\r\n\r\n", b"bare\r", b"bare\n.x",
]


def unstuffed(wire: bytes) -> bytes:
    """What a server makes of it, line by line (RFC 5321 §4.5.2)."""
    assert wire.endswith(b".\r\n")
    lines = wire.split(b"\r\n")
    assert lines[-2:] == [b".", b""]
    assert b"." not in lines[:-2]
    return b"".join(line.removeprefix(b".") + b"\r\n" for line in lines[:-2])


@pytest.mark.parametrize("content", CONTENTS)
def test_the_server_gets_what_was_sent(content: bytes) -> None:
    """Dots are doubled, the end is marked once, a missing CRLF is added."""
    whole = content if content.endswith(b"\r\n") or not content else content + b"\r\n"

    assert unstuffed(b"".join(stuffed([content]))) == whole


@pytest.mark.parametrize("content", CONTENTS)
def test_where_the_pieces_are_cut_does_not_matter(content: bytes) -> None:
    """Every cut in two, empty pieces, and single octets give the same octets."""
    whole = b"".join(stuffed([content]))

    for cut in range(len(content) + 1):
        assert b"".join(stuffed([content[:cut], b"", content[cut:]])) == whole
    assert b"".join(stuffed([content[at:at + 1] for at in range(len(content))])) == whole


@given(st.lists(st.sampled_from([b".", b"\r\n", b"\r", b"\n", b"a", b"", b"\r\n.", b"..\r\n"]), max_size=30))
def test_any_pieces_give_the_same(pieces: list[bytes]) -> None:
    """Invariant: stuffing pieces equals stuffing the whole, and the end stands alone."""
    whole = b"".join(stuffed([b"".join(pieces)]))

    assert b"".join(stuffed(pieces)) == whole
    assert whole.count(b"\r\n.\r\n") + whole.startswith(b".\r\n") == 1


def test_one_piece_at_a_time() -> None:
    """A large message is never held: a piece leaves before the one after the next is asked for."""
    asked = []

    def pieces() -> Iterator[bytes]:
        for number in range(100):
            asked.append(number)
            yield b"x" * 998 + b"\r\n"

    for left, _ in enumerate(stuffed(pieces()), start=1):
        assert len(asked) <= left + 1
