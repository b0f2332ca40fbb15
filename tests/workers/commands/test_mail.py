"""workers.commands.mail: mailboxes, messages, search."""
from pathlib import Path

import pytest

from tests.workers.commands.conftest import LETTER, Typing


@pytest.fixture
def filled(typed: Typing, letter: Path) -> Typing:
    """An account with one message."""
    typed("account add ann --no-password")
    typed(f"message deliver ann {letter}")
    return typed


def test_a_delivered_message_is_listed(filled: Typing) -> None:
    """With the fields that machines are promised."""
    row, = filled.json("message list ann inbox")

    received = row.pop("received")
    assert row == {
        "id": row["id"], "message_id": "one@example.net", "mailbox": "Inbox", "uid": 1, "subject": "Grüße from the sea",
        "from": "Bob <bob@example.net>", "to": "Änn <ann@example.org>", "size": len(LETTER) + LETTER.count("\n"), "flags": [],
        "keywords": []}
    assert received > 1_700_000_000
    assert "Grüße from the sea" in filled("message list ann Inbox")


def test_a_message_is_shown(filled: Typing) -> None:
    """To people and to machines."""
    ident = filled.json("message list ann Inbox")[0]["id"]

    shown, = filled.json(f"message show {ident}")
    assert shown["text"].strip() == "The water is cold."
    assert shown["attachments"] == []
    assert "The water is cold." in filled(f"message show {ident}")
    assert filled.attempt("message show 999")[2] == "pillarbox: there is no message 999\n"


def test_a_message_comes_out_as_it_went_in(filled: Typing) -> None:
    """Octet for octet, but for the line ends of the file."""
    ident = filled.json("message list ann Inbox")[0]["id"]

    assert filled(f"message raw {ident}") == LETTER.replace("\n", "\r\n")


def test_a_hostile_message_cannot_speak_to_the_terminal(typed: Typing, tmp_path: Path) -> None:
    """Neither its header nor its text nor the name of an attachment: not shown, not listed, not as JSON."""
    evil = "=?utf-8?q?=1B]0=3Bpwned=07=C2=9B2J?="
    (tmp_path / "evil.eml").write_text(
        f"From: {evil} <a@example.net>\nTo: \x1b[31m <ann@example.org>\nSubject: {evil} \x1b[5m\nMessage-ID: <\x1b[2Jx@y>\n"
        f"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\n\x1b[31m \x9b2J \u202e \x07\x08\n"
        f"--b\nContent-Type: text/x; name=\"{evil}\"\nContent-Disposition: attachment; filename=\"\x1b[2J.txt\"\n\nx\n--b--\n")
    typed("account add ann --no-password")
    ident = typed.json("message deliver ann", str(tmp_path / "evil.eml"))[0]["id"]

    for line in (f"message show {ident}", f"message show {ident} --json", "message list ann Inbox", "message list ann Inbox --json"):
        out = typed(line)
        assert not [char for char in out if char != "\n" and not char.isprintable()]


def test_an_empty_message_is_none(filled: Typing) -> None:
    """Most likely the pipe before it broke."""
    assert filled.attempt("message deliver ann -", stdin="\n") == (1, "", "pillarbox: the message is empty: nothing was delivered\n")


def test_mailboxes_are_listed_with_their_counts(filled: Typing) -> None:
    """The standard ones are there."""
    rows = {row["name"]: row for row in filled.json("mailbox list ann")}

    assert {"Inbox", "Sent", "Drafts", "Archive", "Junk", "Trash", "Rejects"} <= set(rows)
    assert (rows["Inbox"]["total"], rows["Inbox"]["unread"], rows["Inbox"]["role"]) == (1, 1, "inbox")


def test_lists_are_as_long_as_asked_for(filled: Typing, letter: Path) -> None:
    """Newest first."""
    for _ in range(3):
        filled("message deliver ann -", stdin=LETTER)

    assert [row["uid"] for row in filled.json("message list ann Inbox --limit 3")] == [4, 3, 2]


def test_a_new_index_finds_what_is_there(filled: Typing) -> None:
    """`search rebuild` works without a server."""
    assert filled("search rebuild") == "1 message was indexed\n"

    assert [row["subject"] for row in filled.json("search ann water")] == ["Grüße from the sea"]
    assert [row["mailbox"] for row in filled.json("search ann grüße col*")] == ["Inbox"]
    assert filled.json("search ann fire") == []
    assert "search for what" in filled.attempt("search ann")[2]


def test_mistakes_are_one_line(filled: Typing, tmp_path: Path) -> None:
    """Whatever does not exist is named."""
    for line, said in (("message list ann Nowhere", "no mailbox 'Nowhere'"), ("message list eve Inbox", "no account 'eve'"),
                       (f"message deliver ann {tmp_path}/none.eml", "none.eml: No such file")):
        status, out, err = filled.attempt(line)
        assert (status, out, err.count("\n")) == (1, "", 1)
        assert said in err
