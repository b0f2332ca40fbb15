"""Transfer encodings and character sets."""
import base64
import binascii
import quopri

import pytest

from mta.message import codec


@pytest.mark.parametrize(("written", "means"), [
    ("7BIT", "7bit"), (" Base64 ", "base64"), ("quoted-printable (Yes)", "quoted-printable"), ('"8bit"', "8bit"), ("7-bit", "7bit"),
    ("base64;", "base64"), ("Quoted Printable", "quoted-printable"), ("x-uue", "x-uuencode"), ("", "7bit"), ("spam", "spam")])
def test_transfer_encoding(written: str, means: str) -> None:
    """What people write for an encoding is understood."""
    assert codec.transfer_encoding(written) == means


@pytest.mark.parametrize(("charset", "octets", "text"), [
    ("utf-8", b"gr\xc3\xbc\xc3\x9fe", "grüße"),
    ("UTF-8", b"\xef\xbb\xbfa", "a"),
    ("iso-8859-1", b"\x93gr\xfc\xdfe\x94", "“grüße”"),
    ("us-ascii", b"gr\xc3\xbcn", "grün"),
    ("us-ascii", b"gr\xfcn", "grün"),
    ("", b"gr\xfcn", "grün"),
    ("x-unknown", b"gr\xc3\xbcn", "grün"),
    ("gb2312", "中文".encode("gb18030"), "中文"),
    ("ks_c_5601-1987", "한국".encode("cp949"), "한국"),
    ("shift_jis", "日本".encode("cp932"), "日本"),
    ("iso-2022-jp", "日本".encode("iso2022_jp"), "日本"),
    ("koi8-r", "мир".encode("koi8-r"), "мир"),
    ("windows-1251", "мир".encode("cp1251"), "мир"),
    ("utf-7", b"Gr+APw-n", "Grün"),
    ("utf-16", "né".encode("utf-16"), "né"),
    ("unicode_escape", b"\\u0041", "\\u0041"),
    ("punycode", b"a-b", "a-b"),
    ("hex", b"41", "41"),
    ("rot13", b"nop", "nop"),
    ("utf-8\0", b"a", "a"),
    ("é", b"a", "a"),
    ("_" * 1000, b"a", "a"),
])
def test_charsets(charset: str, octets: bytes, text: str) -> None:
    """Octets become text by what they claim, or by what is likely."""
    assert codec.decode_text(octets, charset) == text


@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "utf-7", "iso-2022-jp", "gb18030", "cp932", "utf-32", "koi8-r", "nonsense"])
def test_broken_text_has_no_surrogates(charset: str) -> None:
    """Whatever comes out can be written as UTF-8."""
    for octets in (bytes(range(256)), b"+2AA-", b"\xff\xfe\x00\xd8", b"\x1b$B\xff", b"\xed\xa0\x80"):
        codec.decode_text(octets, charset).encode()


@pytest.mark.parametrize(("coded", "content"), [
    (b"aGVsbG8=", b"hello"), (b"aGVs\r\nbG8=\r\n", b"hello"), (b"aGVsbG8", b"hello"), (b"aGVs*bG8=", b"hello"), (b"aGVsbG8===", b"hello"),
    (b"aGVsbG8=\r\naGVsbG8=", b"hellohello"), (b"", b""), (b"====", b""), (b"a", b""), (b"YQ=YQ==", b"aa"), (b"_-8=", b"\xff\xef"),
    (b"aGVsbG8=\r\nThis is junk after it", None)])
def test_base64_forgives(coded: bytes, content: bytes | None) -> None:
    """Missing padding, stray characters and several runs are read."""
    decoded = codec.decode_base64(coded)

    assert decoded == content if content is not None else decoded.startswith(b"hello")


@pytest.mark.parametrize(("coded", "content"), [
    (b"a=3Db", b"a=b"), (b"a=\r\nb", b"ab"), (b"a= \t\r\nb", b"ab"), (b"a=\nb", b"ab"), (b"=C3=BC", b"\xc3\xbc"), (b"=c3=bc", b"\xc3\xbc"),
    (b"=XY", b"=XY"), (b"a=", b"a"), (b"100% = all", b"100% = all")])
def test_quoted_printable_forgives(coded: bytes, content: bytes) -> None:
    """Soft line breaks with padding, small letters and broken escapes are read."""
    assert codec.decode_quoted_printable(coded) == content


def test_uuencode() -> None:
    """Uuencoded parts are read, with junk around and after the lines."""
    lines = b"".join(binascii.b2a_uu(piece) for piece in (b"hello", b"world"))

    assert codec.decode(b"begin 644 x.txt\r\n" + lines.replace(b"\n", b"\r\n") + b"`\r\nend\r\n", "x-uuencode") == b"helloworld"
    assert codec.decode(b"\xff\xff\xff not it\n", "x-uuencode") == b""


@pytest.mark.parametrize("size", [1, 3, 56, 57, 58, 76, 1000])
def test_pieces_make_no_difference(size: int) -> None:
    """However content is cut into pieces, the same comes out."""
    content = bytes(range(256)) * 20
    text = ("Zeile mit Ümläuten = und mehr \t\r\n" * 50 + "x" * 3000 + "\r\n\r\nEnde").encode()

    def cut(data: bytes) -> list[bytes]:
        return [data[at:at + size] for at in range(0, len(data), size)]

    coded = b"".join(codec.encode_base64(cut(content)))
    assert coded == base64.encodebytes(content).replace(b"\n", b"\r\n")
    assert b"".join(codec.decoded(cut(coded), "base64")) == content

    quoted = b"".join(codec.encode_quoted_printable(cut(text)))
    assert all(len(line) <= 76 for line in quoted.split(b"\r\n"))
    assert b"".join(codec.decoded(cut(quoted), "quoted-printable")) == text
    assert quopri.decodestring(quoted) == text


def test_a_line_longer_than_a_block_is_quoted() -> None:
    """A line of a megabyte becomes short lines, and is the same again."""
    line = b"abc = \xfc " * 150_000
    pieces = [line[at:at + 50_000] for at in range(0, len(line), 50_000)]
    quoted = b"".join(codec.encode_quoted_printable(pieces))

    assert max(map(len, quoted.split(b"\r\n"))) <= 76
    assert codec.decode_quoted_printable(quoted) == line


def test_a_cr_alone_is_encoded() -> None:
    """Nothing that leaves us has a CR without LF."""
    assert b"".join(codec.encode_quoted_printable([b"a\rb\r\n"])) == b"a=0Db\r\n"
