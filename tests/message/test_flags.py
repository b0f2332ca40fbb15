"""Flags of messages."""
from mta.message.flags import BY_NAME, Flags, names


def test_names_and_back() -> None:
    """Every flag has one name, and the name means that flag in any case."""
    for flag in Flags:
        if flag:
            assert [BY_NAME[name.lower()] for name in names(flag)] == [flag]


def test_names_keep_their_order() -> None:
    """The same flags are always written the same way."""
    assert names(Flags.JUNK | Flags.SEEN | Flags.FLAGGED) == ["\\Seen", "\\Flagged", "$Junk"]
    assert names(0) == []
