"""The text of a message."""
import base64
import dataclasses

import pytest

from mta.base.limits import LIMITS
from mta.message import mime, text
from tests.message.vectors import crlf


def message(kind: str, body: bytes, more: str = "") -> bytes:
    """A message of one part."""
    return f"Content-Type: {kind}\r\n{more}\r\n".encode() + body


def words(data: bytes) -> str:
    """The plain text of a message."""
    return text.plain_text(data, mime.parse(data))


ALTERNATIVE = crlf(b"""\
Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/plain; charset=iso-8859-1

gr\xfcn
--b
Content-Type: text/html

<p>rot</p>
--b--
""")


@pytest.mark.parametrize(("data", "plain"), [
    (message("text/plain; charset=utf-8", b"gr\xc3\xbcn\r\n"), "grün\n"),
    (message("text/plain", b"a=\r\nb", "Content-Transfer-Encoding: quoted-printable\r\n"), "ab"),
    (message("text/plain; charset=utf-16", base64.b64encode("né".encode("utf-16")), "Content-Transfer-Encoding: base64\r\n"), "né"),
    (message("text/html", b"<title>no</title><p>one<p>two<br>three"), "one\n\ntwo\nthree"),
    (message("text/html", b'<meta charset="iso-8859-2"><p>\xb3'), "ł"),
    (ALTERNATIVE, "grün"),
    (message("image/png", b"x"), ""),
    (b"no header\r\n", "no header\n"),
])
def test_plain_text(data: bytes, plain: str) -> None:
    """The author's plain text, or the HTML in words."""
    assert words(data) == plain


@pytest.mark.parametrize(("data", "line"), [
    (message("text/plain", b"Hello Ann,\r\n\r\n  how are\tyou?\r\n-- \r\nBob\r\n"), "Hello Ann, how are you?"),
    (message("text/plain", b"Yes.\r\n\r\nOn Monday Ann wrote:\r\n> Really?\r\n"), "Yes."),
    (message("text/plain", b"> only\r\n> quoted\r\n"), "> only quoted"),
    (message("text/plain", b"x" * 5000), "x" * 200),
    (message("text/html", b"<style>p{}</style><div>" + b" " * 20_000 + b"<p>Late</p>"), "Late"),
    (message("text/html", b"<p>" + b"word " * 500), ("word " * 40).strip()),
    (ALTERNATIVE, "grün"),
    (message("image/png", b"x"), ""),
    (b"", ""),
])
def test_preview(data: bytes, line: str) -> None:
    """One line of what the author says."""
    assert text.preview(data, mime.parse(data)) == line


def test_index_text_has_everything() -> None:
    """Texts, attached texts and messages, and the names of files are found; each once."""
    data = crlf(b"""\
Content-Type: multipart/mixed; boundary=m

--m
Content-Type: multipart/alternative; boundary=b

--b

alpha
--b
Content-Type: text/html

<p>alpha</p>
--b--
--m
Content-Type: text/csv; name=beta.csv
Content-Disposition: attachment

gamma
--m
Content-Type: application/pdf; name=delta.pdf

omega
--m
Content-Type: message/rfc822

Subject: epsilon

zeta
--m--
""")
    found = text.index_text(data, mime.parse(data))

    assert found.split() == ["alpha", "beta.csv", "gamma", "delta.pdf", "epsilon", "zeta"]


def test_index_text_is_bounded() -> None:
    """However much text there is, only so much is decoded."""
    limits = dataclasses.replace(LIMITS, indexed_text=1_000)
    data = message("multipart/mixed; boundary=b", b"--b\r\n\r\n" + b"word " * 1000 + b"\r\n--b\r\n\r\nmore\r\n--b--\r\n")

    assert len(text.index_text(data, mime.parse(data), limits)) <= 1_000


def test_part_text_is_cut_between_characters() -> None:
    """A text that is cut has no half characters at its end."""
    data = message("text/plain; charset=utf-8", "é".encode() * 10_000)

    assert text.part_text(data, mime.parse(data), 101) == "é" * 101
    data = message("text/plain; charset=utf-8", b"a" + "é".encode() * 10_000)
    assert set(text.part_text(data, mime.parse(data), 100)) == {"a", "é"}
    for size in range(100, 112):
        data = message("text/plain; charset=utf-8", b"x" * (size % 7) + b"=C3=A9" * 1_000, "Content-Transfer-Encoding: quoted-printable\r\n")
        assert set(text.part_text(data, mime.parse(data), size)) <= {"x", "é"}


@pytest.mark.parametrize(("written", "means"), [
    ("one \ntwo\nthree\n", "one two\nthree\n"),
    ("> one \n> two\n>> three\n", "> one two\n>> three\n"),
    ("one \n> two", "one \n> two"),
    ("text \n-- \nname", "text \n-- \nname"),
    (" >not quoted\n From here", ">not quoted\nFrom here"),
])
def test_unflow(written: str, means: str) -> None:
    """Flowed lines become paragraphs (RFC 3676 §4)."""
    assert text.unflow(written) == means


def test_delsp() -> None:
    """With delsp the space that marks the flow goes (RFC 3676 §4.3)."""
    assert text.unflow("日本 \n語", True) == "日本語"
    data = message("text/plain; charset=utf-8; format=flowed; delsp=yes", "日本 \r\n語\r\n".encode())
    assert words(data) == "日本語\n"


@pytest.mark.parametrize("paragraphs", [
    "short", "word " * 100 + "end", "x" * 300, "> quoted line that is " + "long " * 30, "-- \nname", " indented\nFrom me", ""])
def test_flow_comes_back(paragraphs: str) -> None:
    """What was flowed reads as before, in short lines where there are spaces."""
    flowed = text.flow(paragraphs)

    assert text.unflow(flowed) == "\n".join(line if line == "-- " else line.rstrip(" ") for line in paragraphs.split("\n"))
    assert all(len(line) <= 73 for line in flowed.split("\n") if " " in line.strip() and not line.startswith(">"))
