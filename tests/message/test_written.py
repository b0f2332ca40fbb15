"""mta.message.written: what leaves us as HTML, and what is read without it."""
import pytest

from mta.message.written import clean, document, plain


@pytest.mark.parametrize(("typed", "sent"), [
    ("<p>Good <b>day</b></p>", "<p>Good <b>day</b></p>"),
    ('<p style="color:red" class="x" onclick="a()">x</p>', "<p>x</p>"),
    ("<script>alert(1)</script><p>x</p>", "<p>x</p>"),
    ('<a href="javascript:alert(1)">x</a>', "<a>x</a>"),
    ('<a href=" java\tscript:alert(1)">x</a>', "<a>x</a>"),
    ('<a href="https://a.example/?a=1&amp;b=2">x</a>', '<a href="https://a.example/?a=1&amp;b=2">x</a>'),
    ('<img src="https://spy.example/a.png" alt="a">x', '<img alt="a">x'),
    ('<img src="data:image/svg+xml,x">x', "<img>x"),
    ('<img src="cid:a@b" alt="a" width="12" height="100%">', '<img src="cid:a@b" alt="a" width="12">'),
    ("<iframe src=x></iframe><form><input></form><p>x", "<p>x</p>"),
    ("<p><br></p><div>&nbsp;</div>", ""),
    ("<ul><li>a<ol><li>b</ol></ul>", "<ul><li>a<ol><li>b</li></ol></li></ul>"),
    ("<svg><style><img src=x onerror=alert(1)></style></svg><p>x</p>", "<p>x</p>"),
])
def test_what_is_sent(typed: str, sent: str) -> None:
    """A small part of the language; nothing that runs, looks odd elsewhere, or loads."""
    assert clean(typed) == sent
    assert clean(sent) == sent


@pytest.mark.parametrize(("html", "text"), [
    ("<p>One\n two</p><p>Three</p>", "One two\n\nThree"),
    ("<div>a</div><div>b</div><div><br></div><div>c</div>", "a\nb\n\nc"),
    ("a<br>b<br><br>c", "a\nb\n\nc"),
    ("<ul><li>a</li><li>b<ol><li>c</li><li>d</li></ol></li></ul><p>e</p>", "* a\n* b\n  1. c\n  2. d\n\ne"),
    ("<p>x</p><blockquote><p>said</p><p>more</p><blockquote>before</blockquote></blockquote><p>y</p>",
     "x\n\n> said\n>\n> more\n>\n>> before\n\ny"),
    ('see <a href="https://a.example/">there</a>, <a href="https://b.example">https://b.example</a>, <a href="mailto:a@b.example">a@b.example</a>',
     "see there <https://a.example/>, https://b.example, a@b.example"),
    ("<pre>a  b\n  c</pre>", "a  b\n  c"),
    ("<b>bold</b> and <i>italic</i>", "bold and italic"),
    ('<img src="cid:x" alt="a ship">', "a ship"),
    ("1 &lt; 2 &amp; 3", "1 < 2 & 3"),
    ("</blockquote></ul></pre><li>loose", "* loose"),
    ("a<hr>b", "a\n--------------------\nb"),
    ("", ""),
])
def test_what_is_read(html: str, text: str) -> None:
    """As a person would have typed it."""
    assert plain(html) == text


def test_deep_and_long() -> None:
    """What somebody pastes may be hostile: it takes no longer than it is long."""
    assert len(plain("<blockquote>x" * 50_000)) < 3_000_000
    assert plain("<ul><li>x" * 50_000).endswith("* x")
    assert "x" in clean("<ul><li>" * 50_000 + "x")


def test_a_document() -> None:
    """It names its charset."""
    assert document("<p>x</p>").startswith("<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\">")
