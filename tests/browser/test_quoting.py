"""Answers and forwards in formatted text: the HTML is quoted, and however hostile it was, nothing runs and nothing is asked for."""
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Request, Route, expect

from mta.message import written
from tests.browser.conftest import Opener, letter
from tests.browser.plausible import caller
from tests.browser.test_disguise import attacks
from tests.browser.test_writing import DOT
from tests.serving import Server

#: Elements that the editor knows, and their attributes.
KNOWN, WITH = set(written.TAGS), {"href", "src", "alt", "width", "height", "dir", "colspan", "rowspan", "data-cid"}
#: Names of elements and attributes within one.
NAMES = """one => {
  const all = [...one.querySelectorAll('*')];
  return [[...new Set(all.map((each) => each.tagName.toLowerCase()))], [...new Set(all.flatMap((each) => each.getAttributeNames()))]];
}"""
#: Pieces that run, load, send or hide something where they are taken as they are.
HOSTILE = """
<script>window.hit = 1</script><img src=x onerror="window.hit = 2">
<svg onload="window.hit = 3"><a xlink:href="javascript:hit=4">x</a></svg>
<img src="https://spy.example/a.gif"><img srcset="https://spy.example/b.gif 1x"><picture><source srcset="//spy.example/c"></picture>
<link rel="stylesheet" href="https://spy.example/d.css">
<style>@import url(https://spy.example/e); body { background: url(//spy.example/f) }</style>
<div style="background-image: url('https://spy.example/g')">styled</div>
<body background="https://spy.example/h" onload="window.hit = 5">
<iframe src="https://spy.example/i" srcdoc="<script>parent.hit = 6</script>"></iframe>
<object data="https://spy.example/j"></object><embed src="//spy.example/k">
<form action="https://spy.example/l"><input autofocus onfocus="window.hit = 7"><button formaction="javascript:hit=8">y</button></form>
<video poster="https://spy.example/m" src="https://spy.example/n"></video><audio src="//spy.example/o" autoplay></audio>
<base href="https://spy.example/p">
<meta http-equiv="refresh" content="0;url=https://spy.example/q"><a href="javascript:window.hit = 9">click</a><a href="https://honest.example/">honest</a>
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=window.hit=10&gt;"></table></math>
<img src="cid:dot@x"><img src="cid:nothing@x" alt="a thing"><p id="app" class="compose" contenteditable="false">words <b>to be kept</b></p>
<noscript><p title="</noscript><img src=x onerror=window.hit=11>"></noscript>
<textarea></textarea><img src=x onerror=window.hit=12></textarea>
"""
#: Words are put where writing begins, once.
TYPED = """(one, words) => {
  if (one.dataset.typed) return;
  one.dataset.typed = "1";
  if (one.value === undefined) one.prepend(words); else one.value = words + one.value;
}"""
LETTER = f"""\
Content-Type: text/html; charset=utf-8

{HOSTILE}
--b
Content-Type: image/png; name=dot.png
Content-ID: <dot@x>
Content-Disposition: inline
Content-Transfer-Encoding: base64

{DOT}
--b--"""


@pytest.fixture
def page(opened: Opener, server: Server) -> Page:
    """The webmail of somebody who writes formatted text, with a hostile message; what it asks of others gathers in window.asked."""
    more = "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n"
    server.send(letter("hostile words", more, f"--b\n{LETTER}".replace("\n", "\r\n")))
    page = opened((1360, 850))
    api = caller(page.context.request, "webmail", name="demo", password="pillarbox")
    api("writing_change", chosen={**api("writing"), "write_html": True})
    page.goto("/webmail/")
    expect(page.locator(".row", has_text="hostile words").first).to_be_visible()
    return page


@pytest.mark.parametrize("key", ["r", "f"])
def test_hostile_html_is_quoted(page: Page, key: str) -> None:
    """In the editor, which is a part of the page: no script, no request, nothing of it outside of its place; then gone with a few keys."""
    asked: list[str] = []

    def note(request: Request) -> None:
        if "127.0.0.1" not in request.url and not request.url.startswith(("blob:", "data:")):
            asked.append(request.url)

    page.on("request", note)
    page.locator(".row", has_text="hostile words").first.click()
    expect(page.locator(".view .parties")).to_be_visible()
    page.keyboard.press(key)
    area = page.locator(".compose .page")
    expect(area).to_contain_text("to be kept")
    expect(area.locator("b", has_text="to be kept")).to_be_visible()
    expect(area.get_by_role("link", name="honest")).to_have_attribute("href", "https://honest.example/")
    # Nothing but the small language of the editor is there, with no attributes but its own.
    elements, attributes = area.evaluate(NAMES)
    assert set(elements) <= KNOWN
    assert set(attributes) <= WITH
    expect(area.locator("a", has_text="click")).not_to_have_attribute("href", "javascript:window.hit = 9")
    pictures = area.locator("img")
    expect(pictures).to_have_count(0 if key == "r" else 1)
    if key == "f":
        expect(pictures).to_have_js_property("naturalWidth", 1)
    expect(area).to_contain_text("a thing")
    page.wait_for_timeout(300)
    assert page.evaluate("window.hit") is None
    assert asked == []
    assert page.url.startswith("https://127.0.0.1")

    with page.expect_response("**/draft_save") as saving:
        page.get_by_role("button", name="Save as draft and close").click()
    kept = saving.value.json()["result"]
    assert "to be kept" in kept["html"]
    assert "spy.example" not in kept["html"]
    assert [one["content_id"] for one in kept["attachments"]] == ([] if key == "r" else ["dot@x"])


def test_no_attack_is_quoted(page: Page) -> None:
    """Over a hundred of them, each put into the editor as it would be quoted."""
    page.keyboard.press("c")
    area = page.locator(".compose .page")
    expect(area).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: asked.append(dialog.message))
    title, quoted = page.title(), 0
    for attack in attacks():
        html = written.quotation(attack, lambda _: False)
        area.evaluate("(one, html) => { one.innerHTML = html; }", html)
        elements, attributes = area.evaluate(NAMES)
        assert set(elements) <= KNOWN, attack
        assert set(attributes) <= WITH, attack
        quoted += html != ""
    assert quoted > 50
    page.wait_for_timeout(300)
    assert page.title() == title
    assert [one for one in asked if "/api/webmail/" not in one] == []


def test_a_quotation_is_written_over(page: Page) -> None:
    """It is text like what one wrote oneself: it can be changed, and taken away."""
    page.locator(".row", has_text="hostile words").first.click()
    expect(page.locator(".view .parties")).to_be_visible()
    page.keyboard.press("r")
    area = page.locator(".compose .page")
    expect(area.locator("blockquote b")).to_have_text("to be kept")
    area.locator("blockquote b").dblclick()
    page.keyboard.type("shortened")
    expect(area.locator("blockquote")).to_contain_text("shortened")
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    expect(area.locator("blockquote")).to_have_count(0)
    area.press_sequentially("Thank you.")
    page.get_by_role("button", name="Discard").click()
    page.get_by_role("dialog").get_by_role("button", name="Discard").click()
    expect(page.locator(".compose")).to_have_count(0)


def test_formatting_comes_with_the_switch(opened: Opener, page: Page) -> None:
    """Who begins with plain text and switches before writing has the HTML; afterwards, what was written."""
    other = opened((1360, 850))
    api = caller(other.context.request, "webmail", name="demo", password="pillarbox")
    api("writing_change", chosen={**api("writing"), "write_html": False})
    other.goto("/webmail/")
    other.locator(".row", has_text="hostile words").first.click()
    expect(other.locator(".view .parties")).to_be_visible()
    other.keyboard.press("r")
    other.get_by_role("button", name="Formatted text").click()
    expect(other.locator(".compose .page blockquote b")).to_have_text("to be kept")


def test_what_is_typed_while_the_kind_changes(opened: Opener, server: Server) -> None:
    """The quote as HTML takes a while to come over a bad line: what is written meanwhile stays, both ways."""
    server.send(letter("slow words", "MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n", "<p>Good <b>day</b>.</p>"))
    page = opened((1360, 850))
    api = caller(page.context.request, "webmail", name="demo", password="pillarbox")
    api("writing_change", chosen={**api("writing"), "write_html": False})
    page.goto("/webmail/")
    page.locator(".row", has_text="slow words").first.click()
    page.keyboard.press("r")
    area, formatted = page.locator(".compose textarea[name=text]"), page.locator(".compose .page")
    kind = page.locator(".compose").get_by_role("button", name="Formatted text")
    expect(area).to_have_value(re.compile("Good day"))

    def typing(into: Locator, words: str) -> Callable[[Route], None]:
        """Somebody writes words while the first answer is still on its way."""
        def hold(route: Route) -> None:
            into.evaluate(TYPED, words)
            route.continue_()
        return hold

    page.route("**/webmail/reply", typing(area, "first words "))
    kind.click()
    expect(formatted).to_contain_text("first words")
    expect(formatted).to_contain_text("Good day")
    page.route("**/webmail/as_text", typing(formatted, "second words "))
    kind.click()
    expect(area).to_have_value(re.compile(r"second words\s+first words\s.*Good day", re.DOTALL))
