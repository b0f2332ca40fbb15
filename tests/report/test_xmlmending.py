"""mta.report.xmlmending: a second chance for XML that is not well-formed."""
from dataclasses import replace
from xml.parsers import expat

import pytest

from mta.base.limits import LIMITS
from mta.report.badreport import BadReport
from mta.report.xmlmending import AROUND, escaped, mended


@pytest.mark.parametrize(("text", "wanted"), [
    ("<r><a>AT&T &amp; &#233;</a></r>", "<r><a>AT&amp;T &amp; &amp;#233;</a></r>"),
    ("<r><a>1 < 2 > 0</a></r>", "<r><a>1 &lt; 2 &gt; 0</a></r>"),
    ("<r><a>x <ann@example.org></a></r>", "<r><a>x &lt;ann@example.org&gt;</a></r>"),
    ("<r><a><b>1</a></r>", "<r><a><b>1</b></a></r>"),                           # left open
    ("<r><a>1</b></a></r>", "<r><a>1</a></r>"),                                 # never opened
    ("<r><a>1<a>2</r>", "<r><a>1</a><a>2</a></r>"),                             # one in another of its kind
    ("<r><a x='1' y>1</a><b/><b z/></r>", "<r><a>1</a><b/><b/></r>"),
    ("<r><!-- <a> --><![CDATA[<&]]><?pi?></r>", "<r>&lt;&amp;</r>"),
    ("<r>\0\x1f\ufffe</r>", "<r></r>"),
    ("<r><a>1</a>", "<r><a>1</a></r>"),                                         # only the root is open
    ("<r><r><a>1</a></r></r>", "<r><a>1</a></r>"),                              # a root in the root
    ("<x:r><a>1</a></x:r><<", "<x:r><a>1</a></x:r>"),
    ("a<b>c</b>&<r/>", "a<b>c</b>&amp;<r/>"),
])
def test_mending(text: str, wanted: str) -> None:
    """What cannot be a tag is text, what is open is closed."""
    found = mended(text, "r", LIMITS)

    assert found == f"<{AROUND}>{wanted}</{AROUND}>"
    expat.ParserCreate("utf-8").Parse(found.encode(), True)


@pytest.mark.parametrize(("text", "why"), [
    ("<r><a>1", "ends in the middle"), ("<r><!-- x", "document type"), ("<r><!ENTITY x 'y'></r>", "document type"),
    ("".join(f"<a{number}>" for number in range(40)), "nested deeper"),
])
def test_not_to_be_mended(text: str, why: str) -> None:
    """Nothing is made up, and no bound is left behind."""
    with pytest.raises(BadReport, match=why):
        mended(text, "r", LIMITS)


def test_much_of_it() -> None:
    """Beginnings without an end are looked for once, not each time: the time is linear."""
    many = 200_000

    assert mended("<r>" + "<!-- -->" * many + "</r>", "r", LIMITS).count("<") == 4
    assert mended("<" * many, "r", LIMITS).count("&lt;") == many
    with pytest.raises(BadReport, match="nested deeper"):
        mended("<a><b><c>" * many, "r", replace(LIMITS, report_depth=2))


def test_escaping() -> None:
    """Text as XML can have it."""
    assert escaped("a<b>&\0\ud800é\U0001f600") == "a&lt;b&gt;&amp;é\U0001f600"
