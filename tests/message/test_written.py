"""mta.message.written: what leaves us as HTML, and what is read without it."""
import pytest

from mta.base.limits import LIMITS
from mta.message.written import clean, document, plain, quotation


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
    ('<table bgcolor="red"><tr><td colspan="2" width=3 rowspan="x">a<td dir=rtl>b</table>', '<table><tbody><tr><td colspan="2">a</td><td dir="rtl">b</td></tr></tbody></table>'),
    ('<p dir="auto">a</p><p dir="x">b</p>', '<p dir="auto">a</p><p>b</p>'),
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
    ("<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>c", "a b\n1 2\nc"),
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


@pytest.mark.parametrize(("html", "quoted"), [
    ("<html><head><title>t</title><style>p{}</style></head><body bgcolor=red><p>a</body></html>", "<p>a</p>"),
    ('<div style="color:red;display : none;max-height:0">Read this<div>first</div></div><p>b</p>', "<p>b</p>"),
    ('<span style="mso-hide:all">x</span><span style="display:block">y</span>', "<span>y</span>"),
    ('<img src="https://spy.example/p.gif" width="1"><p>c</p>', "<p>c</p>"),
    ('<img src="https://spy.example/p.gif" alt="Our <b>logo</b>"> d', "Our &lt;b&gt;logo&lt;/b&gt; d"),
    ('<img src="CID:here%40x" alt=\'a "b" > c\' width=5 onerror=alert(1)>', '<img src="cid:here@x" alt="a &quot;b&quot; &gt; c" width="5">'),
    ('<img src="cid:elsewhere@x" alt="e">', "e"),
    ('<img src="cid:here@x&quot; onerror=&quot;alert(1)">', ""),
    ('<img src="cid:here@x" alt="x"><svg onload=alert(1)><image href=//spy.example></svg>', '<img src="cid:here@x" alt="x">'),
    ('<link rel=stylesheet href=//spy.example/a><base href=//spy.example/><p style="background:url(//spy.example/b)" background=//spy.example/c>f', "<p>f</p>"),
    ("<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">", ""),
    ("<div style=display:none>all of it", ""),
])
def test_what_others_wrote_is_quoted(html: str, quoted: str) -> None:
    """Clean, without what was hidden from its reader, and with no picture that the answer does not bring along."""
    assert quotation(html, {"here@x"}.__contains__) == quoted


def test_what_is_too_long_is_not_quoted() -> None:
    """An editor would grow slow."""
    assert quotation("<p>x" * LIMITS.quoted_html, lambda _: True) == ""
    assert quotation("<div style='display:none'>" * 50_000, lambda _: True) == ""


def test_a_document() -> None:
    """It names its charset."""
    assert document("<p>x</p>").startswith("<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\">")
