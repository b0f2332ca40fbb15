"""mta.message.folders: names of other programs' mailboxes."""
import pytest

from mta.base.limits import LIMITS
from mta.message import folders


@pytest.mark.parametrize(("name", "role"), [
    ("INBOX", "inbox"), ("Sent Items", "sent"), ("Deleted Messages", "trash"), ("Entwürfe", "drafts"), ("spam", "junk"), ("Work", "")])
def test_roles(name: str, role: str) -> None:
    """What everybody has has many names."""
    assert folders.role_of(name) == role


@pytest.mark.parametrize(("parts", "name"), [
    (["Work", "2024"], "Work/2024"), (["a/b", " c "], "a_b/c"), (["", ""], "Inbox"), (["x\x00y"], "x_y"), (["inbox"], "Inbox")])
def test_names(parts: list[str], name: str) -> None:
    """Whatever it was called, it becomes a name."""
    assert folders.own_name(parts) == name


def test_long_names() -> None:
    """Are cut where a name has to end."""
    assert len(folders.own_name(["ü" * 300]).encode()) <= LIMITS.mailbox_name
