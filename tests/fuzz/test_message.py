"""Messages of strangers: headers, addresses, MIME, texts.

Invariant: whatever the octets, nothing raises; every part lies within the one around it;
bytes and mapped file, LF and CRLF give the same tree; the structure survives its row; all
text can be written as UTF-8; what goes into a row is bounded.
"""
import mmap
import tempfile
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as some

from mta.base.limits import LIMITS
from mta.message import address, dates, header, identifiers, mime, parameters, structure, subject, text, words
from mta.message.mime import Part
from mta.message.reencode import reencoded
from mta.message.rewrite import rewritten
from tests.fuzz.effort import tries
from tests.message.vectors import messages

TIME = tries(150)

PIECES = [
    b"From: a@b.example\r\n", b"To: ", b"Subject: =?utf-8?q?=C3=BC?=\r\n", b"Content-Type: multipart/mixed; boundary=b\r\n",
    b"Content-Type: multipart/alternative; boundary=\"b1\"\r\n", b"Content-Type: message/rfc822\r\n",
    b"Content-Type: text/html; charset=utf-7\r\n", b"Content-Type: multipart/signed; boundary=b\r\n",
    b"Content-Type: multipart/digest; boundary=b\r\n", b"Content-Type: multipart/mixed\r\n",
    b"Content-Transfer-Encoding: base64\r\n", b"Content-Transfer-Encoding: quoted-printable\r\n",
    b"Content-Transfer-Encoding: x-uuencode\r\n", b"Content-Disposition: attachment; filename*0*=utf-8''%ff; filename*1=x\r\n",
    b"Content-ID: <a@b>\r\n", b"Bcc: x\r\n", b"Date: 1 Jan 99 1:2\r\n", b"--b\r\n", b"--b--\r\n", b"--b1\r\n", b"--b1--\r\n",
    b"--b", b"--", b"\r\n", b"\n", b"\r", b" ", b"\t", b"\0", b"\xff", b":", b";", b",", b"<", b">", b"\"", b"(", b")", b"=",
    b"=?", b"?=", b"=\r\n", b"<p>", b"QUJD", b"text", b"x" * 1500, "ü".encode(), b"From ", b"@",
]
OCTETS = some.lists(some.one_of(some.sampled_from(PIECES), some.binary(max_size=10)), max_size=40).map(b"".join)
CHARACTERS = some.lists(some.one_of(some.sampled_from([
    "<", ">", "@", ",", ";", ":", '"', "(", ")", "\\", "[", "]", ".", " ", "=?utf-8?q?", "?=", "=?", "a", "b.example", "é",
    "\r\n ", "\0", "*0*=", "*=", "=", "utf-8''", "%C3", "Re:", "[fwd:", "]", "(fwd)", "1", "Jan", "2020", "10:00", "+0100",
    "<a@b>",
]), some.text(max_size=4)), max_size=40).map("".join)


def sane(part: Part, start: int, end: int) -> int:
    """How many parts there are; each lies within the one around it, in order."""
    assert start <= part.header_start <= part.start <= part.end <= end
    count, at = 1, part.start
    for child in part.children:
        count += sane(child, at, part.end)
        at = child.end
    if part.message:
        count += sane(part.message.root, part.start, part.end)
    return count


def shape(part: Part) -> object:
    """The tree without offsets."""
    return part.kind, part.params, part.lines, [shape(child) for child in part.children], part.message and shape(part.message.root)


@TIME
@given(OCTETS)
@example(b"Content-Transfer-Encoding: base64\r\n\r\nFrom: a@b.example\r\nContent-Type: multipart/mixed\r\n")
@example(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b")
@example(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n--b\r\n--b")
def test_any_octets_are_a_message(data: bytes) -> None:
    """The invariant, for octets that come near to mail."""
    found = structure.analyse(data)

    assert 1 <= sane(found.root, 0, len(data)) <= LIMITS.mime_parts + LIMITS.mime_depth
    assert structure.unpack(structure.pack(found)) == found
    assert len(found.preview) <= LIMITS.preview_text
    for written in (found.preview, found.envelope.subject, found.envelope.from_text,
                    text.plain_text(data, found.root), text.index_text(data, found.root)):
        written.encode()
    for _, part in mime.walk(found.root):
        part.filename.encode()
        assert not set(part.filename) & set("/\\\r\n\0")
        assert b"".join(structure.decoded_blocks(data, part)) == structure.decode_part(data, part)
    address.authors(header.parse(data))


@TIME
@given(OCTETS)
def test_mapped_file_and_line_ends_make_no_difference(data: bytes) -> None:
    """The same tree comes from a mapped file, and from LF alone."""
    root = mime.parse(data)
    if data:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "m").write_bytes(data)
            with (Path(folder) / "m").open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as octets:
                assert mime.parse(octets) == root
    unix = data.replace(b"\r", b"")
    assert shape(mime.parse(unix)) == shape(mime.parse(unix.replace(b"\n", b"\r\n")))


@TIME
@given(OCTETS)
@example(b"From " + b"x" * 1500)
def test_nothing_is_lost_on_the_road(data: bytes) -> None:
    """Re-encoding changes no header field but the encodings, no number of parts, and no content."""
    data = data.replace(b"\r", b"").replace(b"\n", b"\r\n")
    before = mime.parse(data)
    result = b"".join(reencoded(data, before))
    after = mime.parse(result)

    if before.defects | after.defects == header.Defects.NONE and not any(part.defects for _, part in mime.walk(before)):
        assert [part.kind for _, part in mime.walk(after)] == [part.kind for _, part in mime.walk(before)]
        for (_, one), (_, other) in zip(mime.walk(before), mime.walk(after), strict=True):
            if not one.children and not one.message:
                # A broken base64 may be rewritten to a whole one; its content is the same.
                assert structure.decode_part(result, other) == structure.decode_part(data, one)
    assert b"".join(reencoded(result, after)) == result


@TIME
@given(OCTETS)
@example(b"To: \r")
@example(b"Bcc: x\r\n--b\r\nFrom: a@b.example\r\n")
def test_bcc_is_gone_and_the_body_stays(data: bytes) -> None:
    """After a header was rewritten no Bcc can be read from it, and the body is the same octets."""
    found = header.parse(data)
    head, body = rewritten(data, found, remove={"bcc"}, add=[b"X-New: 1\r\n"])
    again = header.parse(head + data[body:])

    assert body == found.end
    assert again.get("bcc") is None
    assert again.text("x-new") == "1"
    assert [(field.name, field.raw) for field in again.fields if field.lower != "x-new"] == [
        (field.name, field.raw) for field in found.fields if field.lower not in ("bcc", "x-new")]
    assert len(head) == again.end


@TIME
@given(CHARACTERS)
def test_any_text_is_a_value(value: str) -> None:
    """No reader of values raises; what they find is bounded and can be written."""
    for mailbox in address.parse_list(value):
        str(mailbox).encode("utf-8", "surrogatepass")
        assert len(mailbox.name) <= LIMITS.kept_text
    kind, params = parameters.parse(value)
    assert len(params) <= LIMITS.parameters
    assert kind == kind.lower()
    words.decode(value)
    dates.parse_date(value)
    assert all(found.startswith("<") and found.endswith(">") for found in identifiers.parse_ids(value))
    identifiers.parse_id(value)
    assert len(subject.base_subject(value)) <= 2 * len(value)
    mime.safe_filename(value.encode("utf-8", "replace").decode())


@tries(60)
@given(some.data())
def test_real_messages_with_damage(data: some.DataObject) -> None:
    """Messages others collected, with octets cut out, doubled or put in, are still read."""
    paths = messages()
    if not paths:
        return
    octets = bytearray(data.draw(some.sampled_from(paths)).read_bytes()[:20_000])
    for _ in range(data.draw(some.integers(1, 6))):
        at = data.draw(some.integers(0, len(octets)))
        length = data.draw(some.integers(0, 200))
        octets[at:at + length] = data.draw(some.one_of(OCTETS, some.just(bytes(octets[at:at + length]) * 2), some.just(b"")))
    found = structure.analyse(bytes(octets))

    sane(found.root, 0, len(octets))
    assert structure.unpack(structure.pack(found)) == found
    text.index_text(bytes(octets), found.root).encode()
