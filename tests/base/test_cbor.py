"""mta.base.cbor: data and nothing else."""
from decimal import Decimal

import cbor2
import pytest

from mta.base.cbor import NotPlain, plain


def test_plain_data_comes_back() -> None:
    """Numbers, texts, octets, lists and maps."""
    data: list[object] = [0, -1, 2**64 - 1, 1.5, True, None, "ü", b"\xff", [], {"a": [1]}]

    assert plain(cbor2.dumps(data)) == data


def test_no_tag_is_followed() -> None:
    """Neither those that the library knows nor others; ten octets of a decimal fraction would keep int() busy for hours."""
    for tag in range(65_536):
        with pytest.raises(NotPlain):
            plain(b"\x81\xd9" + tag.to_bytes(2) + b"\x01")
    with pytest.raises(NotPlain):
        plain(cbor2.dumps([Decimal("1E+1000000000")]))


@pytest.mark.parametrize("octets", [
    b"", b"\x81", b"\x9b" + b"\xff" * 8, b"\x5b\x7f" + b"\xff" * 7, b"\x81" * 100_000 + b"\x80", b"\x61\xff",
], ids=["nothing", "half", "endless list", "endless octets", "deep", "no UTF-8"])
def test_what_is_no_cbor(octets: bytes) -> None:
    """Lengths that lie, nesting without end, text that is none."""
    with pytest.raises(NotPlain):
        plain(octets)
