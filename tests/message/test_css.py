"""Inline styles."""
import pytest

from mta.message import css


def granted(address: str) -> str | None:
    """Only addresses of ours."""
    return "/ours" if address == "cid:a" else "two words" if address == "bad" else None


@pytest.mark.parametrize(("style", "result"), [
    ("color: red; FONT-SIZE: 12px", "color:red;font-size:12px"),
    ("position:fixed; top:0; color:red", "color:red"),
    ("color:red !important", "color:red !important"),
    ("background:url(http://x.example/)", ""),
    ("background:#fff url( 'cid:a' ) no-repeat", 'background:#fff url("/ours") no-repeat'),
    ('background-image:url("cid:a"),url(cid:a)', 'background-image:url("/ours"),url("/ours")'),
    ("background:url(cid:a),url(http://x)", ""),
    ("background:url(bad)", ""),
    ("background:URL(http://x)", ""),
    ("background:u\\72l(http://x)", ""),
    ("background:u/**/rl(http://x)", ""),
    ("background:image-set('http://x' 1x)", ""),
    ("background:url(http://x", ""),
    ("background:linear-gradient(red, rgb(1, 2, 3))", "background:linear-gradient(red, rgb(1, 2, 3))"),
    ("width:expression(alert(1))", ""),
    ("width:calc(100% - 2px)", "width:calc(100% - 2px)"),
    ("font-family:'a;b', \"c d\"", "font-family:'a;b', \"c d\""),
    ("behavior:url(x);-moz-binding:url(x)", ""),
    ("@import 'x';color:red", "color:red"),
    ("color:red}p{color:blue", ""),
    ("color", ""), ("", ""), (";;:;", ""), ("color:", ""),
    ("color:re\x00d", ""),
    ("background:url(data:text/html,x)", ""),
    ("color:var(--x)", ""),
])
def test_filtered(style: str, result: str) -> None:
    """Only declarations that change how text looks stay, with addresses that were granted."""
    assert css.filtered(style, granted) == result


@pytest.mark.timeout(10)
@pytest.mark.parametrize("unit", ["(", "'", '"', "a:b(;", "url(", "/*", "a:'b;", ";", "a("])
def test_hostile_styles_take_linear_time(unit: str) -> None:
    """A megabyte of a style is done at once."""
    css.filtered(unit * 200_000, granted)
