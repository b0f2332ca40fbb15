"""Messages made fit for the road."""
import mmap
from pathlib import Path

import pytest

from mta.base.limits import LIMITS
from mta.message import header, mime
from mta.message.reencode import has_long_line, reencoded
from mta.message.scan import Octets, first_long_line
from mta.message.structure import decode_part
from tests.message.vectors import crlf

LONG = b"a long line of text, " * 100
SHORT = LIMITS.sent_line


def done(data: Octets, *, seven_bit: bool = False) -> bytes:
    """The message after it."""
    return b"".join(reencoded(data, mime.parse(data), seven_bit=seven_bit))


def contents(data: bytes) -> list[tuple[str, str, bytes]]:
    """(number, kind, decoded content) of each leaf."""
    parts = mime.walk(mime.parse(data))
    return [(number, part.kind, decode_part(data, part)) for number, part in parts if not part.children and not part.message]


PARTS = (
    b"Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\npreamble\r\n" + LONG + b"\r\n"
    b"--b\r\n\r\nshort\r\n"
    b"--b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\nX-Keep: me\r\n\r\n"
    b"<p>gr\xc3\xbcn = " + LONG + b"\r\n"
    b"--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b"QUJD" * 500 + b"\r\n"
    b"--b\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=41=\r\n" + b"x" * 2000 + b"\r\n"
    b"--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\n" + LONG + b"\r\n"
    b"--b--\r\n" + LONG + b"\r\nepilogue\r\n")


def test_each_leaf_says_the_same() -> None:
    """Every part decodes to what it was; no line is long; what was right is untouched."""
    result = done(PARTS)

    assert has_long_line(PARTS)
    assert not has_long_line(result)
    assert contents(result) == contents(PARTS)
    assert b"--b\r\n\r\nshort\r\n--b" in result
    assert b"preamble\r\n" in result
    assert b"epilogue" in result
    assert b"X-Keep: me\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" in result
    assert b"Subject: inner\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" in result
    assert done(result) == result


def test_mapped_files(tmp_path: Path) -> None:
    """A file is read in place, and gives the same."""
    (tmp_path / "m").write_bytes(PARTS)
    with (tmp_path / "m").open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as octets:
        assert done(octets) == done(PARTS)


@pytest.mark.parametrize("data", [b"Subject: x\r\n\r\nshort\r\n", b"", b"\r\nx", b"x" * 998 + b"\r\n"])
def test_nothing_to_do(data: bytes) -> None:
    """A message with short lines stays octet for octet."""
    assert done(data) == data


def test_plain_message_becomes_mime() -> None:
    """A message that was no MIME says that it is now."""
    assert done(b"Subject: x\r\n\r\n" + LONG + b"\r\n").startswith(
        b"Subject: x\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n")
    assert done(b"\r\n" + LONG + b"\r\n").startswith(b"MIME-Version: 1.0\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n")


def test_a_part_without_header_gets_one() -> None:
    """Text right after a boundary is labelled when it is encoded."""
    data = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nno field here " + LONG + b"\r\n--b--\r\n"
    result = done(data)

    assert not has_long_line(result)
    assert contents(result) == contents(data)


def test_signed_parts_are_never_touched() -> None:
    """What somebody signed stays as it is, long lines or not."""
    signed = b"--s\r\nContent-Type: text/plain\r\n\r\n" + LONG + b"\r\n"
    signed += b"--s\r\nContent-Type: application/pgp-signature\r\n\r\nsig\r\n--s--\r\n"
    data = (b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/signed; boundary=s\r\n\r\n" + signed +
            b"\r\n--b\r\n\r\n" + LONG + b"\r\n--b--\r\n")
    result = done(data, seven_bit=True)

    assert signed in result
    assert result.count(LONG) == 1


def test_multipart_without_boundary_is_broken_into_lines() -> None:
    """Where nothing can be labelled, lines are cut."""
    data = b"Content-Type: multipart/mixed\r\n\r\n" + b"x" * 5_000 + b"\r\nend\r\n"
    result = done(data)

    assert not has_long_line(result)
    assert result.replace(b"\r\n", b"") == data.replace(b"\r\n", b"")


@pytest.mark.parametrize("field", [
    b"References: " + b" ".join(b"<%d@example.org>" % number for number in range(200)),
    b"To: " + b",".join(b"a%d@example.org" % number for number in range(200)),
    b"Content-Type: text/plain;" + b"a=b;" * 400,
    b"Subject:" + b" " * 1500 + b"x " * 600,
    b"Subject: " + b"\t".join([b"word"] * 400),
])
def test_header_lines_are_folded(field: bytes) -> None:
    """Long fields are folded where they may be, and say the same."""
    data = field + b"\r\n\r\nbody\r\n"
    result = done(data)
    before, after = header.parse(data).fields, header.parse(result).fields

    assert len(after) == 1
    assert first_long_line(result, 0, len(result), SHORT) < 0
    assert "".join(after[0].unfolded().split()) == "".join(before[0].unfolded().split())
    assert all(line.strip() for line in result[:header.parse(result).end - 2].split(b"\r\n")[:-1])


def test_a_word_that_cannot_be_folded_stays() -> None:
    """Nothing is put into a word; the caller sees that it is still long."""
    data = b"X-Word: " + b"x" * 2_000 + b"\r\n\r\nbody\r\n"

    assert has_long_line(done(data))
    assert done(data).replace(b"\r\n", b"").replace(b" ", b"") == data.replace(b"\r\n", b"").replace(b" ", b"")


def test_unknown_encodings_are_left_alone() -> None:
    """What cannot be decoded cannot be written anew."""
    data = b"Content-Transfer-Encoding: x-own\r\n\r\n" + LONG + b"\r\n"

    assert done(data) == data


def test_seven_bit() -> None:
    """For old servers every body is ASCII, and nothing claims to be 8bit."""
    data = crlf("""\
Content-Type: multipart/mixed; boundary=b
Content-Transfer-Encoding: 8bit

--b
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

grün
--b

plain
--b--
""".encode())
    result = done(data, seven_bit=True)

    assert result.isascii()
    assert b"8bit" not in result
    assert contents(result) == contents(data)
    assert done(data) == data
