"""Analysing, packing, unpacking."""
from pathlib import Path

import cbor2
import pytest

from mta.message import header
from mta.message.structure import analyse, decode_part, decoded_blocks, pack, part_text, unpack
from tests.message.test_mime import NESTED
from tests.message.vectors import crlf, messages


def test_everything_in_one_go() -> None:
    """Envelope, parts, preview and attachments come from one reading."""
    found = analyse(b"Subject: x\r\nFrom: A <a@b.example>\r\n" + NESTED)

    assert found.envelope.subject == "x"
    assert found.preview == "first"
    assert found.attachments == 3
    assert found.body_start == found.root.start == NESTED.index(b"preamble") + 35
    assert analyse(NESTED, header=header.parse(NESTED)) == analyse(NESTED)


def test_nothing_at_all() -> None:
    """An empty message has an empty structure."""
    found = analyse(b"")

    assert (found.root.kind, found.preview, found.attachments, found.body_start) == ("text/plain", "", 0, 0)
    assert unpack(pack(found)) == found


@pytest.mark.parametrize("path", messages(), ids=lambda path: f"{path.parent.parent.name}/{path.name}")
def test_packed_and_unpacked(path: Path) -> None:
    """Every message others collected has a structure that survives its row, and parts that can be read."""
    data = crlf(path.read_bytes())
    found = analyse(data)

    assert unpack(pack(found)) == found
    assert len(found.preview) <= 200
    assert found.preview.isprintable() or not found.preview.isascii()
    for part in (found.root, *found.root.children):
        if not part.children:
            assert b"".join(decoded_blocks(data, part)) == decode_part(data, part)
            part_text(data, part).encode()


def test_rows_stay_small() -> None:
    """A message of three parts takes a few hundred octets."""
    assert len(pack(analyse(NESTED))) < 500


@pytest.mark.parametrize("packed", [b"", b"\xff", b"hello", cbor2.dumps([2, 0, "", 0, [], []]), cbor2.dumps([1, 2]), cbor2.dumps({"a": 1}),
                                    cbor2.dumps([1, 0, "", 0, [None] * 3, []]), cbor2.dumps(7)])
def test_foreign_octets_are_refused(packed: bytes) -> None:
    """What pack did not make raises ValueError and nothing else."""
    with pytest.raises(ValueError):  # noqa: PT011
        unpack(packed)
