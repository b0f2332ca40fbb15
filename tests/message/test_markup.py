"""HTML taken apart."""
import dataclasses

import pytest

from mta.base.limits import LIMITS
from mta.message.markup import Tag, attributes, balanced, tokens

ALLOWED = frozenset(("p", "b", "i", "div", "span", "table", "tbody", "tr", "td", "ul", "li", "br", "img", "a"))


def everything(name: str) -> bool:
    """Every attribute is wanted."""
    return bool(name)


def written(html: str, limits: dict[str, int] | None = None) -> str:
    """html with only allowed elements, balanced."""
    return balanced(html, ALLOWED, everything, dataclasses.replace(LIMITS, **(limits or {})))  # type: ignore[arg-type]


@pytest.mark.parametrize(("html", "found"), [
    ("a<b>c</b>", ["a", Tag("b", False, ""), "c", Tag("b", True, "")]),
    ("a < b <3 >", ["a < b ", "<3 >"]),
    ("<P CLASS=x>", [Tag("p", False, " CLASS=x")]),
    ("<a title='>'>x", [Tag("a", False, " title='>'"), "x"]),
    ("a<!-- <b> -->c<!---->d<!-->e", ["a", "c", "d", "e"]),
    ("a<!-- never ends <b>", ["a"]),
    ("<!DOCTYPE html><?xml ?>a</>b", ["a", "b"]),
    ("<![if !mso]>a<![endif]>", ["a"]),
    ("<script>if (a<b) '</b>'</script>c", ["c"]),
    ("<style>p{}</STYLE >c", ["c"]),
    ("<script>never ends", []),
    ("</script>c", ["c"]),
    ("a<b never ends", ["a"]),
    ("<b/>x<br/>", [Tag("b", False, "/"), "x", Tag("br", False, "/")]),
    ("", [""]),
])
def test_tokens(html: str, found: list[str | Tag]) -> None:
    """Text and tags come out; what nobody sees does not."""
    assert [token for token in tokens(html) if token != ""] == [token for token in found if token != ""]


@pytest.mark.parametrize(("text", "found"), [
    (' a=1 B="2" c=\'3\' d', {"a": "1", "b": "2", "c": "3", "d": ""}),
    (' a=1 a=2', {"a": "1"}),
    (' a = "x y" / b=/c/d', {"a": "x y", "b": "/c/d"}),
    (' a="never ended b=2', {"a": "", '"never': "", "ended": "", "b": "2"}),
    (" a=&quot;", {"a": "&quot;"}),
    ("", {}),
])
def test_attributes(text: str, found: dict[str, str]) -> None:
    """Values in any quotes or none; the first of a name counts."""
    assert attributes(text, everything) == found


@pytest.mark.parametrize(("html", "result"), [
    ("<b>x", "<b>x</b>"),
    ("<b><i>x</b>y</i>", "<b><i>x</i></b>y"),
    ("</b>x", "x"),
    ("<p>a<p>b", "<p>a</p><p>b</p>"),
    ("<ul><li>a<li>b</ul>c", "<ul><li>a</li><li>b</li></ul>c"),
    ("<table><tr><td>a<td>b<tr><td>c</table>d", "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>d"),
    ("<div><table><tr><td></div>x</td></tr></table></div>", "<div><table><tr><td>x</td></tr></table></div>"),
    ("<table><tr><td><table><tr><td>x</table>y</table>", "<table><tr><td><table><tr><td>x</td></tr></table>y</td></tr></table>"),
    ("<table><b>x</b></table>", "<table>x</table>"),
    ("a<br>b<img src=x>", 'a<br>b<img src="x">'),
    ("<x>a</x><form>b</form>", "ab"),
    ("1 < 2 > 0", "1 &lt; 2 &gt; 0"),
    ("<a href='\"x\"'>y", '<a href="&quot;x&quot;">y</a>'),
])
def test_balanced(html: str, result: str) -> None:
    """What is allowed nests cleanly, in the way browsers would take it."""
    assert written(html) == result


def test_depth_is_bounded() -> None:
    """Beyond the bound, elements open no more, but their text stays."""
    assert written("<div>" * 100 + "x", {"html_depth": 3}) == "<div><div><div>x</div></div></div>"


def test_pieces_are_bounded() -> None:
    """Beyond the bound, nothing is looked at."""
    assert written("<b>x</b>" * 100, {"html_pieces": 4}) == "<b>x</b><b>x</b>"


@pytest.mark.timeout(20)
@pytest.mark.parametrize("unit", [
    "<", "<a ", '<a b="', "<a b='>' ", "<!--", "<!", "</", "<script>", "</b>",
    "<div></p>", "&", "<a/", "<p x=1 ", "='", "<b><p></b>", "<table><td>", "\"'>"])
def test_hostile_html_takes_linear_time(unit: str) -> None:
    """200 kB of any of these is done within seconds, though nothing ever ends."""
    written(unit * (200_000 // len(unit)))
