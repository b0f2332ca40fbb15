"""mta.message.mutf7: names of mailboxes in IMAP's UTF-7."""
import pytest

from mta.message import mutf7


@pytest.mark.parametrize(("name", "text"), [
    ("Inbox", "Inbox"), ("Entwürfe", "Entw&APw-rfe"), ("A & B", "A &- B"), ("台北", "&U,BTFw-"), ("~peter/日本語", "~peter/&ZeVnLIqe-"), ("😀", "&2D3eAA-"), ("", "")])
def test_both_ways(name: str, text: str) -> None:
    """What is written is read as the same."""
    assert mutf7.encode(name) == text
    assert mutf7.decode(text) == name


@pytest.mark.parametrize("text", ["&", "&abc", "&A-", "&!!-", "&2D0-"])
def test_what_is_badly_written_stays(text: str) -> None:
    """No name is lost for it."""
    assert mutf7.decode(text) == text
