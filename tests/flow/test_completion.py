"""Tests of mta.flow.completion."""
import base64
import hashlib

import pytest

from mta.base.names import Domain
from mta.flow import completion
from mta.flow.completion import Complete, Unfit
from mta.flow.world import World
from mta.message import mime, structure
from mta.message.text import decode_part
from tests.flow.post import spooled

AT = Domain.parse("mx.example.org")
NOW = 1_893_456_000.0
WHOLE = (b"From: ann@example.org\r\nTo: bob@else.example\r\nSubject: x\r\nDate: Tue, 1 Jan 2030 00:00:00 +0000\r\n"
         b"Message-ID: <1@example.org>\r\n\r\nText \r\n\r\n")


def complete(world: World, message: bytes) -> Complete:
    """The message, made ready."""
    sink = world.store.bodies.sink()
    sink.write(message)
    return completion.complete(world.store.bodies, sink.finish(), AT, NOW)


def octets(done: Complete) -> bytes:
    """The message as it will be stored."""
    with done.body.view() as view:
        return bytes(view)


def test_what_is_whole_stays(world: World) -> None:
    """Not an octet changes, and the file stays the one it is."""
    sink = world.store.bodies.sink()
    sink.write(WHOLE)
    body = sink.finish()
    done = completion.complete(world.store.bodies, body, AT, NOW)

    assert done.body is body
    assert b"".join(done.fields) + b"\r\nText \r\n\r\n" == octets(done) == WHOLE
    assert done.body_hash == hashlib.sha256(b"Text\r\n").digest()
    assert (done.smtputf8, done.eight_bit) == (False, False)
    assert done.structure.envelope.message_id == "<1@example.org>"


def test_what_is_missing_is_added(world: World) -> None:
    """Date, and a Message-ID at the author's domain."""
    done = complete(world, b"From: ann@example.org\r\nSubject: x\r\n\r\nText\r\n")

    lines = octets(done).decode().split("\r\n")
    assert lines[:3] == ["From: ann@example.org", "Subject: x", "Date: Tue, 1 Jan 2030 00:00:00 +0000"]
    assert lines[3].startswith("Message-ID: <")
    assert lines[3].endswith("@example.org>")
    assert lines[4:] == ["", "Text", ""]
    assert b"@mx.example.org>" in octets(complete(world, b"Subject: x\r\n\r\n"))


def test_secrets_are_taken_out(world: World) -> None:
    """Bcc in all its forms, and a Return-Path that is not the sender's to write; folded ones whole."""
    done = complete(world, b"Return-Path: <x@y.example>\r\nBCC: secret@else.example,\r\n other@else.example\r\n"
                    b"Resent-Bcc: secret@else.example\r\n" + WHOLE)

    assert octets(done) == WHOLE


def test_long_lines_are_encoded(world: World) -> None:
    """What comes out of it is the same text in lines that every server takes."""
    text = "ä" * 1_500 + " and so on\r\n"
    message = WHOLE.replace(b"Subject", b"Content-Type: text/plain; charset=utf-8\r\nSubject").replace(b"Text \r\n\r\n", text.encode())
    done = complete(world, message)

    assert max(map(len, octets(done).split(b"\r\n"))) <= 998
    assert decode_part(octets(done), structure.analyse(octets(done)).root) == text.encode()
    assert not done.eight_bit
    assert b"\r\nMIME-Version: 1.0\r\n" in octets(done)
    assert spooled(world) == []


@pytest.mark.parametrize("alone", [b"\n.\nMAIL FROM:<x@y>\n", b"\r.\r", b"\r.\r\n", b"\n.\r\n", b"\0"])
def test_what_might_end_a_message_is_encoded(world: World, alone: bytes) -> None:
    """Programs of this machine may hand in what no SMTP session would: nothing of it reaches another server as it is."""
    done = complete(world, WHOLE.replace(b"Text", b"Text" + alone + b"end"))

    assert b"\0" not in octets(done)
    assert octets(done).count(b"\r\n") == octets(done).count(b"\r") == octets(done).count(b"\n")
    assert b"\r\nContent-Transfer-Encoding: quoted-printable\r\n" in octets(done)
    text = decode_part(octets(done), done.structure.root)
    assert text.replace(b"\r\n", b"\n") == b"Text" + alone.replace(b"\r\n", b"\n") + b"end \n\n"


def test_large_long_lines(world: World) -> None:
    """The same with files, of which only the last one stays until it is kept."""
    message = WHOLE.replace(b"Message-ID", b"X") + (b"x" * 2_000 + b"\r\n") * 100
    done = complete(world, message)

    assert len(spooled(world)) == 1
    done.body.abandon()
    assert spooled(world) == []


def test_long_header_lines_are_folded(world: World) -> None:
    """A list of addresses without end is broken where it may be."""
    message = b"To: " + b", ".join(b"someone%d@else.example" % number for number in range(100)) + b"\r\n" + WHOLE
    done = complete(world, message)

    assert max(map(len, octets(done).split(b"\r\n"))) <= 998
    assert len(done.structure.envelope.to) == 101


@pytest.mark.parametrize(("message", "word"), [
    (b"", "no header"), (b"\r\nText\r\n", "no header"), (b"just text\r\n", "no header"),
    (b"From: ann@example.org\r\nno field\r\n\r\n", "no field"), (b"X: y\r\n" * 3_000 + b"\r\n", "larger"),
    (WHOLE.replace(b"Subject: ", b"Subject: " + b"x" * 2_000), "The field Subject has a word of more than 998"),
    (WHOLE.replace(b"Subject", b"Content-Type: multipart/signed; boundary=b\r\nSubject") + b"--b\r\n\r\n" + b"x" * 2_000 + b"\r\n--b--\r\n",
     "cannot be broken"),
    (WHOLE.replace(b"\r\n", b"\n"), "CR, LF or NUL alone"), (WHOLE.replace(b"Subject: ", b"Subject: a\rb"), "CR, LF or NUL alone"),
])
def test_what_cannot_be_sent(world: World, message: bytes, word: str) -> None:
    """The text says what to change, and nothing stays behind."""
    with pytest.raises(Unfit, match=word) as problem:
        complete(world, message)

    assert problem.value.reply.code == 554
    assert spooled(world) == []


@pytest.mark.parametrize(("header", "utf8", "eight"), [
    ("Subject: x", False, False), ("Subject: ö", True, False), ("Subject: x\r\nContent-Type: text/plain; charset=utf-8", False, True),
])
def test_what_the_content_needs(world: World, header: str, utf8: bool, eight: bool) -> None:
    """SMTPUTF8 for headers beyond ASCII, 8BITMIME for content, neither for what was only announced."""
    done = complete(world, WHOLE.replace(b"Subject: x", header.encode()).replace(b"Text", "Täxt".encode() if eight else b"Text"))

    assert (done.smtputf8, done.eight_bit) == (utf8, eight)


@pytest.mark.parametrize(("part", "utf8"), [
    ('Content-Type: text/plain; name="ö"\r\n\r\nx', True), ("Content-Type: message/rfc822\r\n\r\nSubject: ö\r\n\r\nx", False),
])
def test_headers_of_parts_count(world: World, part: str, utf8: bool) -> None:
    """Those of parts do, those of a message within are content."""
    message = WHOLE.replace(b"Subject: x", b"Content-Type: multipart/mixed; boundary=b").replace(
        b"Text \r\n", f"--b\r\n{part}\r\n--b--\r\n".encode())

    done = complete(world, message)
    assert done.smtputf8 == utf8
    assert done.eight_bit
    assert len(list(mime.walk(done.structure.root))) > 1


@pytest.mark.parametrize(("field", "word"), [
    ("", "no From"), ("From: \r\n", "no address"), ("From: a@x.example, b@x.example\r\n", "exactly one author"),
    ("From: a@x.example\r\nFrom: a@x.example\r\n", "2 From fields"),
])
def test_one_author(world: World, field: str, word: str) -> None:
    """Exactly one, beyond doubt."""
    done = complete(world, field.encode() + WHOLE.partition(b"\r\n")[2])

    with pytest.raises(Unfit, match=word):
        completion.author_of(done.header)


def test_base64_lines(world: World) -> None:
    """Base64 in one long line is wrapped anew."""
    content = bytes(range(256)) * 10
    message = WHOLE.replace(b"Subject", b"Content-Transfer-Encoding: base64\r\nContent-Type: application/octet-stream\r\nSubject").replace(
        b"Text \r\n\r\n", base64.b64encode(content) + b"\r\n")
    done = complete(world, message)

    assert max(map(len, octets(done).split(b"\r\n"))) <= 76
    assert decode_part(octets(done), done.structure.root) == content
