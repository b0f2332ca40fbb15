"""Links that say they lead elsewhere than they do, and words of mixed scripts, are marked; nothing else changes."""
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mta.message.disguise import LINK, WORD, leads_elsewhere, marked
from mta.message.html import sanitise


@pytest.mark.parametrize(("text", "url", "elsewhere"), [
    ("www.bank.example", "https://evil.example/", "evil.example"),
    ("https://bank.example/login", "http://bank.example.evil.example/", "bank.example.evil.example"),
    ("bank.example", "https://www.bank.example/x", ""),
    ("www.bank.example/here", "https://login.bank.example/x", ""),
    ("login.bank.example", "https://bank.example/", ""),
    ("click here", "https://evil.example/", ""),
    ("see bank.example now", "https://evil.example/", ""),
    ("plan.pdf", "https://files.example/1", ""),
    ("https://plan.pdf/", "https://files.example/1", "files.example"),
    ("bücher.example", "https://xn--bcher-kva.example/", ""),
    ("bank.example", "mailto:x@evil.example", ""),
    ("bank.example", "https://[::1", ""),
    ("1.5", "https://a.example/", ""),
])
def test_links(text: str, url: str, elsewhere: str) -> None:
    """Only text that is the address of another host counts."""
    assert leads_elsewhere(text, url) == elsewhere


def test_marks() -> None:
    """A link is marked with where it leads, a word with what is wrong with it."""
    html = '<p>p\u0430y <a href="https://evil.example/" rel="x"><b>bank.example</b></a> &amp; more</p>'
    shown = marked(html)
    assert f'<span class="{WORD}"' in shown
    assert f'<a class="{LINK}" title="This link leads to evil.example" href=' in shown
    assert f'</a><span class="{LINK}"> (This link leads to evil.example)</span> &amp; more</p>' in shown


@given(st.text(st.sampled_from('<>ab &;"=/hrefp.:\u0430'), max_size=200))
def test_what_was_sanitised_stays(text: str) -> None:
    """Without a disguise the HTML is what it was."""
    clean = sanitise(text, lambda name: None).html
    shown = marked(clean)
    if WORD not in shown and LINK not in shown:
        assert shown == clean
