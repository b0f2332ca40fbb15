"""mta.message.gmail: labels become one place, flags and keywords."""
import pytest

from mta.message import gmail
from mta.message.flags import Flags


@pytest.mark.parametrize(("field", "labels"), [
    ("Inbox,Unread", ["Inbox", "Unread"]), ('"a, b", c', ["a, b", "c"]), ("=?UTF-8?Q?Posteingang,Ge=C3=B6ffnet?=", ["Posteingang", "Geöffnet"]),
    ("=?UTF-8?B?UG9zdGVpbmdhbmcs?= =?UTF-8?B?R3LDvMOfZQ==?=", ["Posteingang", "Grüße"]), ("", []), ('"open', ["open"]), (",,a", ["a"])])
def test_reading(field: str, labels: list[str]) -> None:
    """Divided by commas, quoted where there is one in a label, as encoded words where it is not ASCII."""
    assert gmail.read(field) == labels


@pytest.mark.parametrize(("labels", "role", "mailbox"), [
    (["Inbox", "Travel"], "inbox", ""), (["Travel", "Sent"], "sent", ""), (["Trash", "Inbox"], "trash", ""), (["Spam"], "junk", ""),
    (["Drafts"], "drafts", ""), (["Travel/2024", "Other"], "", "Travel/2024"), ([], "", ""), (["Archived", "Opened"], "", ""),
    (["\\Inbox", "\\Important"], "inbox", ""), (["Papierkorb"], "trash", ""), (["Boîte de réception"], "inbox", "")])
def test_where(labels: list[str], role: str, mailbox: str) -> None:
    """One label decides."""
    found = gmail.sort(labels)
    assert (found.role, found.mailbox) == (role, mailbox)


def test_flags_and_keywords() -> None:
    """Unread and starred are flags, the others keywords that can be such."""
    found = gmail.sort(["Inbox", "Unread", "Starred", "Important", "Category Promotions", "Müll & Co", "a (b)"])
    assert found.flags == Flags.FLAGGED
    assert found.keywords == ("$Important", "Category_Promotions", "M&APw-ll_&-_Co", "a_b")
    assert gmail.sort(["Inbox"]).flags == Flags.SEEN
    assert gmail.sort(["\\Inbox"], False).flags == Flags.NONE
    assert gmail.sort(["Kategorie „Werbung“"]).keywords == ("Category_Werbung",)
    assert len(gmail.keyword("x" * 500)) <= 64
