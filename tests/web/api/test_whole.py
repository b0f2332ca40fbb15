"""web.api.whole: numbers that everybody can hold."""
import msgspec
import pytest

from web.api.whole import Whole


@pytest.mark.parametrize("number", [2**53 + 1, -(2**53) - 1, 10**40])
def test_too_large(number: int) -> None:
    """What JavaScript would round, or SQLite refuse, does not come in."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(str(number), type=Whole)


def test_what_fits() -> None:
    """Everything else does."""
    assert msgspec.json.decode(str(2**53), type=Whole) == 2**53
