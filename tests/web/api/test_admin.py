"""web.api.admin: what is a choice is checked as one."""
import msgspec
import pytest

from web.api.admin import DkimKey


def test_algorithms() -> None:
    """A DKIM key has one of two algorithms."""
    record = {"name": "", "kind": "", "value": "", "why": "", "optional": False}
    facts = {"selector": "s", "algorithm": "rsa", "signing": True, "created": 0.0, "record": record}
    assert msgspec.convert(facts, DkimKey).algorithm == "rsa"
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({**facts, "algorithm": "dsa"}, DkimKey)
