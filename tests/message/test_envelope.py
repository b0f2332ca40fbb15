"""What a header says of its message."""
from mta.message import envelope, header
from mta.message.envelope import EMPTY


def read(data: bytes) -> envelope.Envelope:
    """The envelope of a message with those fields."""
    return envelope.read(header.parse(data.replace(b"\n", b"\r\n") + b"\r\n"))


def test_everything() -> None:
    """Each field is read, decoded, and in its place."""
    found = read(b"""From: =?utf-8?q?J=C3=BCrgen?= <j@example.org>
Sender: office@example.org
Reply-To: answers@example.org
To: a@b.example, "C" <c@d.example>
Cc: e@f.example
Bcc: g@h.example
Date: Fri, 21 Nov 1997 09:55:06 -0600
Subject: =?utf-8?q?gr=C3=BCn?=
Message-ID: <1@example.org>
In-Reply-To: <0@example.org>
References: <x@y> <0@example.org>
""")

    assert found.from_text == "Jürgen"
    assert [str(box.address) for box in (*found.sender, *found.reply_to, *found.to, *found.cc, *found.bcc)] == [
        "office@example.org", "answers@example.org", "a@b.example", "c@d.example", "e@f.example", "g@h.example"]
    assert (found.date, found.date_text) == (880127706.0, "Fri, 21 Nov 1997 09:55:06 -0600")
    assert found.subject == "grün"
    assert (found.message_id, found.in_reply_to, found.references) == (
        "<1@example.org>", ("<0@example.org>",), ("<x@y>", "<0@example.org>"))


def test_nothing() -> None:
    """A message without fields has an empty envelope."""
    assert read(b"") == EMPTY
    assert EMPTY.from_text == ""


def test_long_values_are_cut() -> None:
    """What goes into rows is bounded."""
    found = read(b"Subject: " + b"x" * 50_000 + b"\nDate: " + b"9" * 50_000 + b"\nMessage-ID: <" + b"y" * 50_000 + b">\n")

    assert (len(found.subject), len(found.date_text), found.date, found.message_id) == (1_000, 200, None, "")
