"""web.api.rules: numbers are checked when they come."""
import msgspec
import pytest

from web.api.rules import Preferences, Rule


def test_numbers_that_nobody_can_store() -> None:
    """Are refused before anything is asked of the database."""
    rule = Rule(1, "", True, True, "*", "", "", "", "", "", [], 2, "", [], False, False, False, "", "")
    facts = msgspec.json.decode(msgspec.json.encode(rule))
    assert msgspec.convert(facts, Rule) == rule
    for name in ("id", "mailbox_id"):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({**facts, name: 2**60}, Rule)
    chosen = msgspec.json.decode(msgspec.json.encode(Preferences(True, 0.9, False, 14, True)))
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({**chosen, "reject_days": 0.5}, Preferences)
