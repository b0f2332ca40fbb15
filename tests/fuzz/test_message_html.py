"""HTML of strangers.

Invariant: what comes out of the sanitiser is the same when it is sanitised again, has no
element or attribute that runs, loads or sends, and nests no deeper than the bound.
"""

from hypothesis import given
from hypothesis import strategies as some

from mta.base.limits import LIMITS
from mta.message import markup
from mta.message.html import sanitise, text_of_html
from tests.fuzz.effort import tries
from tests.message.test_html import inspect, ours

TIME = tries(200)

PIECES = [
    "<p>", "</p>", "<b>", "</b>", "<a href=", "<a href='javascript:x'>", "</a>", "<img src=", "cid:a@b", "http://x.example/",
    "data:text/html,x", ">", "<", "'", '"', "=", " ", "/", "<table>", "<tr>", "<td>", "</td>", "</table>", "<svg>", "</svg>",
    "<math>", "<mtext>", "<style>", "</style>", "<script>", "</script>", "<!--", "-->", "<![CDATA[", "]]>", "&lt;", "&#x6a;", "&",
    ";", "<p style='", "background:url(http://x)", "onclick=x", "\\", "\0", "\t", "\n", "<textarea>", "</textarea>", "<title>",
    "<noscript>", "<template>", "<iframe srcdoc='", "<form>", "<input>", "<base href=", "<plaintext>", "<select>", "<option>",
    "<div>", "</div>", "ſ", "İ", "x", "<ScRiPt", "</sCrIpT", "<font color=", "<li>", "<br/>", "<a\x0chref=",
]
HTML = some.lists(some.one_of(some.sampled_from(PIECES), some.text(max_size=3)), max_size=40).map("".join)


@TIME
@given(HTML, some.booleans())
def test_nothing_gets_through(html: str, allow_remote: bool) -> None:
    """The invariant, for text that comes near to HTML."""
    found = sanitise(html, ours, allow_remote)

    if not allow_remote:
        inspect(found.html)
    again = sanitise(found.html, lambda content_id: None, True)
    assert "".join(text_of_html(again.html).split()) == "".join(text_of_html(found.html).split())


@TIME
@given(HTML)
def test_text_is_only_text(html: str) -> None:
    """Words come out, bounded, whatever goes in."""
    text = text_of_html(html, 500)

    assert len(text) <= 500
    text.encode("utf-8", "surrogatepass")


@TIME
@given(HTML)
def test_what_the_sanitiser_sees_is_balanced(html: str) -> None:
    """Every element that `balanced` opens it closes, in its turn, and none lies too deep."""
    stack: list[str] = []
    allowed = frozenset(("p", "b", "a", "table", "tr", "td", "div", "br", "font", "li"))
    for token in markup.tokens(markup.balanced(html, allowed, lambda name: True)):
        if isinstance(token, str) or token.name in markup.VOID:
            continue
        if token.end:
            assert stack.pop() == token.name
        else:
            stack.append(token.name)
            assert len(stack) <= LIMITS.html_depth
    assert stack == []
