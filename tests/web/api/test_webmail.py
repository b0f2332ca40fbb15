"""web.api.webmail: names as they travel."""
import msgspec

from web.api.webmail import Attached, Changes, Draft, MailboxRemoved, Person, Summary


def test_from_is_from() -> None:
    """Python's from_ travels as "from"."""
    draft = Draft(None, "a@b.example", "", "", "", "", "", None, None, [Attached("", "", 0, "", None, "")], "default")
    assert msgspec.json.decode(msgspec.json.encode(draft))["from"] == "a@b.example"
    assert msgspec.json.decode(msgspec.json.encode(draft), type=Draft) == draft
    line = Summary(1, 1, 1, [Person("", "")], [], "", "", None, 0.0, 0, 0, [], [])
    assert "from" in msgspec.json.decode(msgspec.json.encode(line))


def test_changes_have_a_type() -> None:
    """Which change it is, is told by its type."""
    text = msgspec.json.encode(Changes(5, [MailboxRemoved(5, 7)]))
    assert msgspec.json.decode(text) == {"modseq": 5, "changes": [{"type": "mailbox_removed", "modseq": 5, "mailbox_id": 7}]}
    assert msgspec.json.decode(text, type=Changes).changes == [MailboxRemoved(5, 7)]
