"""Making messages."""
import pytest

from mta.base.names import Address
from mta.message import compose as composing
from mta.message import header, mime
from mta.message.address import Mailbox
from mta.message.bodies import bodies, to_download
from mta.message.compose import Attachment, Group, Leaf, Letter, build, compose, reply_references, reply_subject
from mta.message.reencode import has_long_line
from mta.message.structure import analyse, decode_part, part_text

ANN = Mailbox("Ann Example", Address.parse("ann@example.org"))
BOB = Mailbox("Jürgen Müller", Address.parse("bob@bücher.example"))
PICTURE = Attachment("bild ü.png", "image/png", bytes(range(256)) * 20, "pic1@example.org")
PDF = Attachment("a.pdf", "application/pdf", b"%PDF\r\n\x00")


def lawful(data: bytes) -> None:
    """What we send has CRLF only, short lines, no NUL, a header without defects and an end."""
    assert data.count(b"\r") == data.count(b"\n") == data.count(b"\r\n")
    assert not has_long_line(data)
    assert b"\0" not in data
    assert data.endswith(b"\r\n")
    assert header.parse(data).defects == header.Defects.NONE
    assert all(part.defects == header.Defects.NONE for _, part in mime.walk(mime.parse(data)))


def outline(part: mime.Part) -> object:
    """Kinds, nested."""
    return [part.kind, *map(outline, part.children)] if part.children else part.kind


def test_plain_letter() -> None:
    """A short ASCII text is sent as it is."""
    data = compose(Letter([ANN], to=[BOB], subject="Hi", text="Hello\nBob", date=0.0, message_id="<1@example.org>"))

    lawful(data)
    assert data == (
        b"From: Ann Example <ann@example.org>\r\nTo: =?utf-8?q?J=C3=BCrgen_M=C3=BCller?= <bob@xn--bcher-kva.example>\r\nSubject: Hi\r\n"
        b"Date: Thu, 1 Jan 1970 00:00:00 +0000\r\nMessage-ID: <1@example.org>\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: text/plain;\r\n\tcharset=us-ascii\r\n\r\nHello\r\nBob\r\n")


def test_everything_comes_back() -> None:
    """What was put into a letter is found in the message."""
    data = compose(Letter(
        [ANN], to=[BOB, ANN], cc=[ANN], bcc=[BOB], reply_to=[BOB], sender=BOB, subject="Grüße " * 30,
        text="Grüße\n", html="<p>Grüße<img src=cid:x>", attachments=[PICTURE, PDF],
        date=1e9, zone=120, message_id="<2@x>", in_reply_to=["<1@x>"], references=["<0@x>", "<1@x>"],
        extra=[("User-Agent", "Pillarbox")]))
    found = analyse(data)
    envelope = found.envelope

    lawful(data)
    assert data.isascii()
    assert outline(found.root) == [
        "multipart/mixed", ["multipart/alternative", "text/plain", ["multipart/related", "text/html", "image/png"]], "application/pdf"]
    assert [(box.name, box.address) for box in envelope.to] == [(box.name, box.address) for box in (BOB, ANN)]
    assert (envelope.subject, envelope.date, envelope.message_id) == (("Grüße " * 30).strip(), 1e9, "<2@x>")
    assert (envelope.in_reply_to, envelope.references) == (("<1@x>",), ("<0@x>", "<1@x>"))
    assert [box.address for box in (*envelope.bcc, *envelope.reply_to, *envelope.sender)] == [BOB.address] * 3
    leaves = bodies(found.root)
    assert [part_text(data, part) for part in (*leaves.text, *leaves.html)] == ["Grüße\n", "<p>Grüße<img src=cid:x>\n"]
    assert [(part.filename, part.content_id, decode_part(data, part)) for part in leaves.attachments] == [
        ("bild ü.png", "pic1@example.org", PICTURE.content), ("a.pdf", "", PDF.content)]
    assert to_download(found.root) == [leaves.attachments[1]]
    assert header.parse(data).text("user-agent") == "Pillarbox"


@pytest.mark.parametrize(("text", "encoding"), [
    ("plain", "7bit"), ("x" * 998, "7bit"), ("x" * 999, "quoted-printable"), ("Grüße an alle", "quoted-printable"),
    ("日本語" * 50, "base64"),
    ("a\0b", "quoted-printable"), ("", "7bit"), ("a\rb\r\nc\n", "7bit"), (".\n..\n", "7bit"), ("trailing \nspace", "7bit")])
def test_the_plainest_encoding_that_passes(text: str, encoding: str) -> None:
    """ASCII stays as it is, mostly ASCII is quoted, the rest is base64; every text is the same again."""
    data = compose(Letter([ANN], text=text))
    root = mime.parse(data)
    lines = text.replace("\r\n", "\n").replace("\r", "\n")

    lawful(data)
    assert root.encoding == encoding
    assert part_text(data, root).rstrip("\n") == lines.rstrip("\n")


def test_utf8_only_where_an_address_needs_it() -> None:
    """An address without ASCII form is written in UTF-8; then texts may be 8bit, and the parts around them say so."""
    data = compose(Letter([Mailbox("Ünï", Address.parse("ü@bücher.example"))], text="grün", attachments=[PDF]))
    head = data[:header.parse(data).end]

    lawful(data)
    assert "<ü@bücher.example>".encode() in head
    assert "Ünï".encode() not in head
    assert [part.encoding for _, part in mime.walk(mime.parse(data))] == ["8bit", "8bit", "base64"]


@pytest.mark.parametrize("evil", ["a\r\nBcc: x@y.example", "a\n\nbody", "a\rb", "\0", "=?utf-8?q?=0D=0ABcc:x?="])
def test_no_value_can_add_a_field(evil: str) -> None:
    """Line ends in whatever a user gives stay out of the header."""
    data = compose(Letter(
        [Mailbox(evil, ANN.address)], to=[Mailbox("", None, evil)], subject=evil, message_id=evil, in_reply_to=[evil], references=[evil],
        text="x", extra=[("X-Extra", evil)], attachments=[Attachment(evil, f"text/{evil}", b"x", evil)]))
    names = [field.lower for field in header.parse(data).fields]

    assert names == ["from", "to", "subject", "date", "message-id", "in-reply-to", "references", "x-extra", "mime-version", "content-type"]
    assert len(mime.parse(data).children) == 2
    assert data.count(b"\n") == data.count(b"\r\n") == data.count(b"\r")


def test_flowed() -> None:
    """Flowed paragraphs come back in one line."""
    data = compose(Letter([ANN], text="word " * 100 + "\nend", flowed=True))

    lawful(data)
    assert max(map(len, data.split(b"\r\n"))) <= 76
    assert part_text(data, mime.parse(data)) == ("word " * 100).rstrip() + "\nend\n"


def test_report() -> None:
    """Messages of a shape of their own are built from leaves and groups."""
    data = build(
        [composing.address_field("From", [ANN]), composing.text_field("Subject", "Not delivered"),
         composing.plain_field("Auto-Submitted", "auto-replied")],
        Group("report", [
            Leaf("text/plain", "Sorry.\n"),
            Leaf("message/delivery-status", b"Reporting-MTA: dns; mx\r\n\r\nAction: failed\r\n", description="Status"),
            Leaf("text/rfc822-headers", b"Subject: x\r\nX: \xfc\r\n"),
        ], {"report-type": "delivery-status"}))
    root = mime.parse(data)

    lawful(data)
    assert root.params["report-type"] == "delivery-status"
    assert [(part.kind, part.encoding, part.description) for part in root.children] == [
        ("text/plain", "7bit", ""), ("message/delivery-status", "7bit", "Status"), ("text/rfc822-headers", "quoted-printable", "")]
    assert decode_part(data, root.children[2]) == b"Subject: x\r\nX: \xfc\r\n"


def test_an_attached_message() -> None:
    """A forwarded message stays a message: unchanged if it can be, with short lines if it must."""
    inner = "Subject: inner\r\n\r\ngrün\r\n".encode()
    data = compose(Letter([ANN], text="see", attachments=[Attachment("x.eml", "message/rfc822", inner)]))
    part = mime.parse(data).children[1]

    lawful(data)
    assert (part.encoding, data[part.start:part.end], mime.parse(data).encoding) == ("8bit", inner, "8bit")
    data = compose(Letter([ANN], attachments=[Attachment("x.eml", "message/rfc822", b"Subject: inner\r\n\r\n" + b"x" * 2_000 + b"\r\n")]))
    lawful(data)
    message = mime.parse(data).children[1].message
    assert message is not None
    assert decode_part(data, message.root) == b"x" * 2_000 + b"\r\n"


def test_answers() -> None:
    """An answer names what it answers, once."""
    assert reply_subject("Hi") == "Re: Hi"
    assert reply_subject("RE: Hi") == "RE: Hi"
    assert reply_subject("", "Fwd") == "Fwd:"
    assert reply_references("<3@x>", ["<1@x>", "<2@x>"]) == ("<1@x>", "<2@x>", "<3@x>")
    assert reply_references("<3@x>", (), ["<2@x>"]) == ("<2@x>", "<3@x>")
    assert reply_references("<3@x>", (), ["<1@x>", "<2@x>"]) == ("<3@x>",)
    assert reply_references("", ["<1@x>"]) == ("<1@x>",)
    assert len(reply_references("<x@x>", [f"<{number}@x>" for number in range(500)])) == 50
