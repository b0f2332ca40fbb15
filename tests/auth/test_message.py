"""Tests of mta.auth.message."""
import mmap
import tempfile

from mta.auth.canon import Canon
from mta.auth.message import Message
from mta.base.limits import LIMITS

DATA = b"To: a\r\nFrom : b\r\n\tc  d\r\nto: e\r\n\r\nbody\r\n\r\n"


def test_fields_stay_as_they_came() -> None:
    """Names are compared without case, octets are not touched."""
    message = Message.read(DATA)

    assert message.fields == (b"To: a\r\n", b"From : b\r\n\tc  d\r\n", b"to: e\r\n")
    assert message.names == ("to", "from", "to")
    assert list(message.places("to")) == [0, 2]
    assert b"".join(message.body()) == b"body\r\n\r\n"
    assert message.canonical(1, Canon.SIMPLE) == b"From : b\r\n\tc  d\r\n"
    assert message.canonical(1, Canon.RELAXED) == b"from:b c d\r\n"


def test_fields_are_chosen_from_below() -> None:
    """Each name takes the lowest field that is left, and nothing once there is none (RFC 6376 §5.4.2)."""
    message = Message.read(DATA)

    assert list(message.chosen(["to", "nothing", "to", "to", "from"], Canon.SIMPLE)) == [
        b"to: e\r\n", b"To: a\r\n", b"From : b\r\n\tc  d\r\n"]
    assert list(message.chosen(["to", "to"], Canon.SIMPLE, but=2)) == [b"To: a\r\n"]


def test_a_mapped_file_is_read_alike() -> None:
    """The acceptor hands in its spool file."""
    body = b"line of text\r\n" * 50_000
    with tempfile.TemporaryFile() as file:
        file.write(DATA + body)
        file.flush()
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as octets:
            message = Message.read(octets)

            assert message.fields == Message.read(DATA).fields
            assert b"".join(message.body()) == b"body\r\n\r\n" + body


def test_strange_ends() -> None:
    """A header without body, a field without line end, nothing at all."""
    assert Message.read(b"To: a").fields == (b"To: a\r\n",)
    assert list(Message.read(b"To: a\r\n").body()) == []
    assert Message.read(b"").fields == ()
    assert b"".join(Message.read(b"\r\nTo: a\r\n").body()) == b"To: a\r\n"


def test_a_header_beyond_the_bounds() -> None:
    """The message says that not all of it is known."""
    assert Message.read(DATA).whole
    assert not Message.read(b"X: y\r\n" * (LIMITS.header_fields + 1)).whole


def test_from_memory() -> None:
    """Who signs has fields and body in pieces."""
    message = Message([b"A: b\r\n"], b"xxbody", 2)

    assert b"".join(message.body()) == b"body"
