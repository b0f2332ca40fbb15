"""Looking through a message without copying it."""
import mmap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mta.message.scan import BLOCK, Octets, blocks, ends_with_crlf_only, find, first_long_line, is_ascii, lines_in

Maker = Callable[[bytes], Octets]


def mapped(path: Path, data: bytes) -> mmap.mmap:
    """data in a file mapped into memory."""
    path.write_bytes(data)
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


@pytest.fixture(params=["bytes", "mmap"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Maker]:
    """A function that makes Octets of either kind."""
    kind = request.param
    made: list[mmap.mmap] = []

    def octets(data: bytes) -> Octets:
        if kind == "bytes":
            return data
        made.append(mapped(tmp_path / f"{len(made)}", data))
        return made[-1]

    yield octets
    for each in made:
        each.close()


def test_find_sees_across_blocks(make: Maker) -> None:
    """A needle that lies over the border of two blocks is found, where it is and nowhere else."""
    for place in (0, BLOCK - 3, BLOCK - 1, BLOCK, 2 * BLOCK - 5):
        data = make(b"x" * place + b"needle" + b"y" * BLOCK)

        assert find(data, b"needle", 0, len(data)) == place
        assert find(data, b"needle", place + 1, len(data)) == -1
        assert find(data, b"needle", 0, place + 5) == -1
        assert find(data, b"needle", place, place + 6) == place


def test_lines_are_counted(make: Maker) -> None:
    """A last line without its line end counts; nothing has no lines."""
    data = make(b"one\r\ntwo\r\nthree")

    assert lines_in(data, 0, len(data)) == 3
    assert lines_in(data, 0, 10) == 2
    assert lines_in(data, 5, 5) == 0


def test_blocks_are_everything_once(make: Maker) -> None:
    """The pieces together are the range that was asked for."""
    data = make(bytes(range(256)) * 40)

    assert b"".join(blocks(data, 3, 10_000, 97)) == data[3:10_000]
    assert list(blocks(data, 5, 5)) == []


def test_is_ascii(make: Maker) -> None:
    """One octet above 127 is enough, at its place."""
    data = make(b"a" * BLOCK + b"\xe9" + b"b")

    assert not is_ascii(data, 0, len(data))
    assert is_ascii(data, 0, BLOCK)
    assert is_ascii(data, BLOCK + 1, len(data))


@pytest.mark.parametrize(("length", "ending", "long"), [
    (998, b"\r\n", False), (999, b"\r\n", True), (998, b"\n", False), (999, b"\n", True), (998, b"", False), (999, b"", True),
    (997, b"\r\n", False), (1000, b"\r\n", True), (5000, b"", True)])
def test_long_lines(make: Maker, length: int, ending: bytes, long: bool) -> None:
    """998 octets are short, 999 long, whatever ends the line and wherever it is."""
    for before in (b"", b"x\r\n", b"y" * 998 + b"\r\n", b"z" * 200 + b"\r\n" + b"\r\n" * 900, b"short\r\n" * (BLOCK // 7 + 50)):
        for after in (b"", b"more\r\n" if ending else b""):
            data = make(before + b"L" * length + ending + after)

            assert first_long_line(data, 0, len(data), 998) == (len(before) if long else -1)


def test_a_line_longer_than_a_block(make: Maker) -> None:
    """Its beginning is told although no block has its end."""
    data = make(b"a\r\n" + b"b" * (3 * BLOCK) + b"\r\n")

    assert first_long_line(data, 0, len(data), 998) == 3


@pytest.mark.parametrize(("data", "fine"), [
    (b"", True), (b"a\r\nb", True), (b"\r\n\r\n", True), (b"\r", False), (b"\n", False), (b"a\rb\r\n", False), (b"a\r\r\n", False),
    (b"\n\r", False), (b"a\r\n\n", False), (b"a\0b", False), (b"a\r\nb\r", False),
])
@pytest.mark.parametrize("before", [0, BLOCK - 2, BLOCK - 1, BLOCK])
def test_only_crlf_ends_lines(make: Maker, data: bytes, fine: bool, before: int) -> None:
    """Wherever the blocks are cut."""
    octets = make(b"x" * before + data + b"x") if before or data else make(b"x")

    assert ends_with_crlf_only(octets, 0, before + len(data)) == fine
