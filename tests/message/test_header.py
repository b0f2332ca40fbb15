"""Headers: their fields, and what is wrong with them."""
import dataclasses
import mmap
from pathlib import Path

import pytest

from mta.base.limits import LIMITS
from mta.message.header import Defects, clean, parse, texts

SMALL = dataclasses.replace(LIMITS, header_octets=2_000, header_fields=20)


def test_fields_and_their_offsets() -> None:
    """Each field knows its place to the octet, folds included."""
    data = b"From: a\r\nSubject: one\r\n two\r\nX-Empty:\r\n\r\nbody"
    header = parse(data)

    assert [field.name for field in header.fields] == [b"From", b"Subject", b"X-Empty"]
    assert [data[field.start:field.end] for field in header.fields] == [b"From: a\r\n", b"Subject: one\r\n two\r\n", b"X-Empty:\r\n"]
    assert [data[field.value_start:field.end] for field in header.fields] == [b" a\r\n", b" one\r\n two\r\n", b"\r\n"]
    assert header.fields[1].raw == b" one\r\n two"
    assert data[header.end:] == b"body"
    assert header.defects == Defects.NONE


def test_names_in_any_case() -> None:
    """Fields are found in any case; the first of a name is the one that counts."""
    header = parse(b"SUBJECT: a\r\nsubject: b\r\nTo : c\r\n\r\n")

    assert header.text("Subject") == "a"
    assert texts(header.all("subject")) == ["a", "b"]
    assert header.count("subject") == 2
    assert header.text("to") == "c"
    assert header.get("cc") is None
    assert header.text("cc") == header.unfolded("cc") == ""


@pytest.mark.parametrize(("raw", "text"), [
    (b"gr\xc3\xbcn", "grün"), (b"gr\xfcn", "grün"), (b"=?utf-8?q?gr=C3=BCn?=", "grün"), (b"a\r\n\tb", "a b"), (b"a\r\n \r\n b", "a  b"),
    (b"a\x00b\x07c", "a b c"), (b"a\rb", "a b"), (b"=?utf-8?q?a=0D=0ABcc:_x?=", "a  Bcc: x"), (b"", ""), (b"  x  ", "x")])
def test_text(raw: bytes, text: str) -> None:
    """Values are decoded, in one line, without control characters."""
    assert parse(b"Subject: " + raw + b"\r\n\r\n").text("subject") == text


def test_encoded_words_stay_in_unfolded() -> None:
    """Where the grammar has to be read first, encoded words are still encoded."""
    assert parse(b"To: =?utf-8?q?a=2Cb?=\r\n <x@y.z>\r\n\r\n").unfolded("to") == "=?utf-8?q?a=2Cb?= <x@y.z>"


@pytest.mark.parametrize(("data", "names", "body", "defects"), [
    (b"", [], b"", Defects.NO_BLANK_LINE),
    (b"\r\nbody", [], b"body", Defects.NONE),
    (b"\nbody", [], b"body", Defects.NONE),
    (b"A: 1\nB: 2\n\nbody", [b"A", b"B"], b"body", Defects.NONE),
    (b"A: 1\r\nB: 2", [b"A", b"B"], b"", Defects.NO_BLANK_LINE),
    (b"A: 1\r\ngarbage\r\nB: 2\r\n\r\nbody", [b"A", b"B"], b"body", Defects.GARBAGE),
    (b"A: 1\r\nno field: x\r\nB: 2\r\n\r\nbody", [b"A", b"B"], b"body", Defects.GARBAGE),
    (b"A: 1\r\n: x\r\nB: 2\r\n\r\nbody", [b"A", b"B"], b"body", Defects.GARBAGE),
    (b"A: 1\r\n\xc3\xbc: x\r\nB: 2\r\n\r\nbody", [b"A", b"B"], b"body", Defects.GARBAGE),
    (b"From ann Mon\r\nA: 1\r\n\r\nbody", [b"A"], b"body", Defects.GARBAGE),
    (b">From ann Mon\r\nA: 1\r\n\r\nbody", [b"A"], b"body", Defects.GARBAGE),
    (b"Hello world,\r\n\r\nbody", [], b"Hello world,\r\n\r\nbody", Defects.GARBAGE | Defects.NO_BLANK_LINE),
    (b" folded from nowhere\r\nA: 1\r\n\r\nb", [], b" folded from nowhere\r\nA: 1\r\n\r\nb", Defects.GARBAGE | Defects.NO_BLANK_LINE),
    (b"A: 1\r\r\nB: 2\r\n\r\nx", [b"A", b"B"], b"x", Defects.NONE),
    (b"A" * 300 + b": 1\r\nB: 2\r\n\r\nx", [], None, Defects.GARBAGE | Defects.NO_BLANK_LINE),
    (b"\r", [], b"\r", Defects.GARBAGE | Defects.NO_BLANK_LINE),
])
def test_garbage(data: bytes, names: list[bytes], body: bytes | None, defects: Defects) -> None:
    """What is no field is skipped and noted; the body begins after the first empty line."""
    header = parse(data)

    assert [field.name for field in header.fields] == names
    assert data[header.end:] == (data if body is None else body)
    assert header.defects == defects


def test_part_of_a_message() -> None:
    """A header that has to end at end does not look beyond it."""
    data = b"xxA: 1\r\nB: 2\r\n\r\nbody"

    assert parse(data, 2, end=8).end == 8
    assert [field.start for field in parse(data, 2).fields] == [2, 8]


@pytest.mark.parametrize("data", [
    b"A: 1\r\n" * 30 + b"\r\nbody",
    b"A: " + b"x" * 3_000 + b"\r\nB: 2\r\n\r\nbody",
    b"A: 1\r\n" + b" fold\r\n" * 500 + b"B: 2\r\n\r\nbody",
    b"A: 1\r\n" * 10 + b"garbage\r\n" * 1000 + b"\r\nbody",
    b"A: 1\n" * 500 + b"\nbody",
])
def test_too_much_is_not_looked_at(data: bytes) -> None:
    """Beyond the bounds fields are not recorded, but the body is where it is."""
    header = parse(data, 0, SMALL)

    assert Defects.HEADER_TOO_BIG in header.defects
    assert len(header.fields) <= SMALL.header_fields
    assert all(field.end <= SMALL.header_octets for field in header.fields)
    assert data[header.end:] == b"body"


def test_too_much_without_end() -> None:
    """A header that never ends is all there is."""
    data = b"A: 1\r\n" * 1000

    assert parse(data, 0, SMALL).end == len(data)
    assert Defects.NO_BLANK_LINE in parse(data, 0, SMALL).defects


@pytest.mark.parametrize("size", [10, 5_000, 20_000, 70_000, 2_000_000])
def test_mapped_files_give_the_same(tmp_path: Path, size: int) -> None:
    """Bytes and mapped file make no difference, whatever windows are read."""
    field = b"X-Filler: " + b"f" * 60 + b"\r\n"
    for data in (b"A: 1\r\n" + field * (size // len(field)) + b"B: \xc3\xbc\r\n\r\nbody",
                 b"A: 1\r\n fold\r\n" + b" x" * (size // 2) + b"\r\n\r\nbody"):
        (tmp_path / "m").write_bytes(data)
        with (tmp_path / "m").open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as octets:
            mapped = parse(octets)
        plain = parse(data)

        assert (mapped.fields, mapped.end, mapped.defects) == (plain.fields, plain.end, plain.defects)
        assert data[plain.end:] == b"body"


def test_clean() -> None:
    """No character that ends a line, controls a terminal or turns the text around is left."""
    assert clean("a\x1b[31mb\u2028c\x85d\x9be") == "a [31mb c de"
    assert clean("gpj.\u202eexe\u2066") == "gpj.exe"
    assert clean("👩‍💻 שלום") == "👩‍💻 שלום"
