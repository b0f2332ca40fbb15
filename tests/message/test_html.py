"""HTML made fit to be shown, and as text."""
import json
import re
from html.parser import HTMLParser

import pytest
from playwright.sync_api import Dialog, Route, sync_playwright

from mta.message.html import html_of_text, sanitise, text_of_html, unescaped
from tests import chromium
from tests.message.vectors import need

#: Attributes that may hold an address, and the addresses that may be in them.
ADDRESSES = {"href": ("https:", "http:", "mailto:", "tel:"), "src": ("data:image/", "/cid/"), "background": ("data:image/", "/cid/")}


class Inspector(HTMLParser):
    """Reads sanitised HTML again, by other means, and objects."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in (
            "script", "style", "iframe", "object", "embed", "form", "input", "button", "select", "textarea", "link", "meta", "base", "svg",
            "math", "video", "audio", "source", "template", "noscript", "frame", "frameset", "applet", "html", "head", "body")
        for name, value in attrs:
            assert not name.startswith("on")
            assert name not in ("srcdoc", "srcset", "formaction", "action", "ping", "xlink:href", "id", "class", "http-equiv", "content")
            if name in ADDRESSES:
                assert (value or "").startswith(ADDRESSES[name]), value
            if name == "style":
                assert not re.search(r"url\((?!\"/cid/)|expression|@import|\\|position", value or "", re.IGNORECASE)
        if tag == "a":
            facts = dict(attrs)
            assert facts.get("target") == "_blank"
            assert facts.get("rel") == "noopener noreferrer nofollow"

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data!r}")


def inspect(html: str) -> None:
    """AssertionError if html could run, load or send anything."""
    inspector = Inspector()
    inspector.feed(html)
    inspector.close()


def ours(content_id: str) -> str | None:
    """The parts of the message."""
    return f"/cid/{content_id}" if content_id == "a@b" else None


@pytest.mark.parametrize(("html", "result"), [
    ("<p>Hello <b>you</b></p>", "<p>Hello <b>you</b></p>"),
    ("a<script>alert(1)</script>b", "ab"),
    ("<p onclick=x() id=a class=b>c</p>", "<p>c</p>"),
    ('<img src="cid:a%40b" onerror=x>', '<img src="/cid/a@b">'),
    ('<img src="cid:a@b" alt="x">', '<img src="/cid/a@b" alt="x">'),
    ('<img src="cid:other">', "<img>"),
    ('<img src="http://x.example/a.png">', "<img>"),
    ('<img src="data:image/png;base64,AAAA">', '<img src="data:image/png;base64,AAAA">'),
    ('<img src="data:image/svg+xml,x"><img src="data:text/html,x"><img src="/etc">', "<img><img><img>"),
    ('<img srcset="http://x 1x">', "<img>"),
    ('<a href="javascript:x">y</a>', '<a>y</a>'),
    ('<a href="jav&#x09;ascript:x">y</a>', '<a>y</a>'),
    ('<a href="https://x.example/?a=1&amp;b" target=_top>y</a>',
     '<a href="https://x.example/?a=1&amp;b">y</a>'),
    ('<a href="//x.example">y</a>', '<a href="https://x.example">y</a>'),
    ('<a href="/admin/">y</a><a href="#x">z</a>',
     '<a>y</a><a>z</a>'),
    ('<form action="http://x"><input name=a>Login<button>Go</button></form>', "LoginGo"),
    ('<p style="color:red;position:fixed;background:url(http://x)">y</p>', '<p style="color:red">y</p>'),
    ('<td background="http://x">', ""),
    ('<table background="cid:a@b"><tr><td>x</table>', '<table background="/cid/a@b"><tbody><tr><td>x</td></tr></tbody></table>'),
    ("<style>p{background:url(http://x)}</style><link rel=stylesheet href=http://x><base href=http://x><meta http-equiv=refresh>a", "a"),
    ("<svg onload=x><a href=javascript:x>y</a></svg>z", "z"),
    ("<!-- secret -->a", "a"),
    ("<b>never closed", "<b>never closed</b>"),
])
def test_sanitise(html: str, result: str) -> None:
    """What looks stays; what runs, loads, sends or hides goes."""
    found = sanitise(html, ours)

    inspect(found.html)
    # In which order those two stand is not for us to say.
    assert found.html.replace(' target="_blank"', "").replace(' rel="noopener noreferrer nofollow"', "") == result


def test_blocked_are_counted() -> None:
    """The reader is told how much was not loaded, and what the message lacks."""
    found = sanitise(
        '<img src=http://a><img src=//b><table background=https://c><td style="background:url(http://d)">x</table><img src=cid:e>', ours)

    assert (found.blocked, found.missing, found.too_long) == (4, 1, False)


def test_remote_content_when_asked_for() -> None:
    """With the reader's leave, pictures load from elsewhere; script still does not."""
    found = sanitise(
        '<img src="http://a.example/b.png"><p style="background:url(https://c.example/d)">x<script src=http://e></script>', ours, True)

    assert found.html == '<img src="http://a.example/b.png"><p style="background:url(&quot;https://c.example/d&quot;)">x</p>'
    assert found.blocked == 0


def test_dompurify_attacks() -> None:
    """None of the payloads that DOMPurify is tested with leaves anything that runs or loads."""
    cases = json.loads((need("html-dompurify") / "cases.json").read_text())

    for case in cases:
        inspect(sanitise(case["payload"], ours).html)
    assert len(cases) > 100


def test_bleach_attacks() -> None:
    """Nor do those of bleach."""
    for path in need("html-bleach").glob("*.test"):
        inspect(sanitise(path.read_text().partition("--")[0], ours).html)


@pytest.mark.lab
@chromium.NEEDED
def test_dompurify_attacks_in_a_browser() -> None:
    """In a real browser, without sandbox or policy, none of them runs a script or asks for anything."""
    cases = json.loads((need("html-dompurify") / "cases.json").read_text())
    noted: list[str] = []

    def requested(route: Route) -> None:
        noted.append(f"request: {route.request.url}")
        route.abort()

    def spoke(dialog: Dialog) -> None:
        noted.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.SMALL, args=["--no-sandbox"])
        page = browser.new_page()
        page.route("**/*", requested)
        page.on("dialog", spoke)
        # The catcher itself is proven to catch.
        page.set_content("<img src='http://x.example/' onerror='alert(1)'>")
        page.wait_for_function("() => document.images[0].complete")
        assert {each.partition(":")[0] for each in noted} == {"request", "dialog"}
        for case in cases:
            noted.clear()
            page.set_content(f"<div>{sanitise(case['payload'], lambda content_id: None).html}</div>", wait_until="load")
            page.evaluate("() => new Promise(resolve => requestAnimationFrame(resolve))")
            assert noted == [], case["payload"]
        browser.close()


@pytest.mark.timeout(30)
@pytest.mark.parametrize("unit", [
    "<div>", "<b><div>", "<b></p>", "<div><table><tr><td></div></td></tr></table>", "<table><p>", "<p><font color=a>", "<a><p></a>"])
def test_hostile_nesting_takes_linear_time(unit: str) -> None:
    """Twice as much takes about twice the work, counted in what comes out of the tree builder's bound."""
    short, long = (sanitise(unit * count, ours).html for count in (5_000, 10_000))

    assert len(long) <= 2 * len(short) + 10_000


def test_too_long_is_cut() -> None:
    """A document beyond the bound is shown up to it."""
    assert sanitise("x" * 5_000_000, ours).too_long


@pytest.mark.parametrize(("html", "text"), [
    ("<p>a</p><p>b</p>c<br>d", "a\n\nb\nc\nd"),
    ("a   b\n c", "a b c"),
    ("<ul><li>a<li>b</ul>", "* a\n* b"),
    ("<table><tr><td>a<td>b<tr><td>c</table>", "a b\nc"),
    ("&lt;x&gt; &amp; &uuml;&nbsp;&#8364;", "<x> & ü €"),
    ("<img alt='logo' src=x>x", "logox"),
    ("<pre>a\n  b</pre>c", "a\nb\nc"),
    ("<style>x</style><title>y</title><script>z</script>a", "a"),
    ("&#" + "9" * 10_000 + ";", "&#" + "9" * 10_000 + ";"),
    ("a\u200b\u034fb", "ab"),
    ("", ""),
])
def test_text_of_html(html: str, text: str) -> None:
    """HTML is put into lines of words."""
    assert text_of_html(html) == text


def test_links_are_told_when_asked_for() -> None:
    """Where a link leads stands behind it, unless it is its own text."""
    html = '<a href="https://a.example/">click</a> <a href="https://b.example/">https://b.example/</a> <a href="#x">up</a>'

    assert text_of_html(html, links=True) == "click <https://a.example/> https://b.example/ up"
    assert text_of_html(html) == "click https://b.example/ up"


def test_text_is_bounded() -> None:
    """Only as much is read out as was asked for."""
    assert len(text_of_html("<p>word " * 10_000, 1_000)) <= 1_000


def test_text_as_html() -> None:
    """Plain text is shown as it is, whatever it says."""
    assert html_of_text("<b> & 'x'") == '<pre style="white-space:pre-wrap">&lt;b&gt; &amp; &#x27;x&#x27;</pre>'
    assert unescaped("a &amp; b") == "a & b"
