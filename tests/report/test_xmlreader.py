"""mta.report.xmlreader: no more than what is asked for, whatever the document."""
from dataclasses import replace

import pytest

from mta.base.limits import LIMITS, Limits
from mta.report.badreport import BadReport
from mta.report.xmlreader import GAP, Element, Shape, decoded, read

SHAPE: Shape = {"a": None, "b": {"c": None, "d": {"e": None}}, "row": {"c": None}}


def found(text: str | bytes, limits: Limits = LIMITS) -> tuple[Element, list[Element], str]:
    """What is wanted of a document whose root is called root."""
    return read(text if isinstance(text, bytes) else text.encode(), "root", SHAPE, "row", lambda element, _: element, limits)


@pytest.mark.parametrize(("text", "element"), [
    ("<root><a>1</a><a>2</a></root>", {"a": ["1", "2"]}),
    ("<root> x <b>y<c>1</c><d><e>2</e></d></b></root>", {"b": [{"c": ["1"], "d": [{"e": ["2"]}]}]}),
    ("<root><x><a>1</a><b><c>1</c></b></x><a/></root>", {"a": [""]}),                       # not where it is wanted
    ("<root><a>1<c>2</c>3</a></root>", {"a": ["13"]}),
    ("<root><a>&lt;&amp;&#233;<![CDATA[<c>]]><!-- no --></a></root>", {"a": ["<&é<c>"]}),
    ("<?pi x?><out><in/><root><a>1</a></root></out>", {"a": ["1"]}),                        # wrapped
    ("<root><a>1</a></root><<<<", {"a": ["1"]}),                                            # what follows is nothing of ours
    ("<p:root xmlns:p='urn:x'><p:a>1</p:a><a>2</a><q:a>3</q:a></p:root>", {"a": ["1", "2"]}),   # other prefixes are extensions
    ("<root xmlns='urn:x'><a>1</a><a xmlns='urn:y'>2</a><a xmlns='urn:x'>3</a></root>", {"a": ["1", "3"]}),
    ("<root><a xmlns='urn:y'>1</a></root>", {"a": ["1"]}), ("<root xmlns='urn:x'><a xmlns=''>1</a></root>", {"a": ["1"]}),
    ("\n \n<?xml version='1.0'?>\n<?xml version='1.0'?><root><a>1</a></root>", {"a": ["1"]}),
])
def test_shapes(text: str, element: Element) -> None:
    """What the shape has, where it has it; all else is passed over, damage or not."""
    assert found(text) == (element, [], "")


def test_rows() -> None:
    """What comes over and over is handed out one by one."""
    assert found("<root><row><c>1</c></row><a>x</a><row/><b><row><c>3</c></row></b></root>") == (
        {"a": ["x"], "b": [{}]}, [{"c": ["1"]}, {}], "")
    assert read(b"<root><row/>&<row/><row/></root>", "root", SHAPE, "row", lambda _, number: number, LIMITS)[1] == [1, 2, 3]


@pytest.mark.parametrize("text", [
    "<!DOCTYPE root><root><a>1</a></root>", "<!DOCTYPE root SYSTEM 'file:///etc/passwd'><root><a>1</a></root>",
    "<!DOCTYPE root [<!ENTITY x 'y'>]><root><a>&x;</a></root>",
    "<!DOCTYPE root [<!ENTITY % x SYSTEM 'http://example.org/x'> %x;]><root><a>1</a></root>",
    "<!DOCTYPE root [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><root><a>&b;</a></root>",
    "<root><a>AT&T</a><!DOCTYPE x></root>",
])
def test_no_document_types(text: str) -> None:
    """No document type, so no entities: neither those that grow nor those that fetch."""
    with pytest.raises(BadReport, match="document type"):
        found(text)


@pytest.mark.parametrize(("text", "why"), [
    ("", "no element root"), ("text", "no element root, and is no well-formed XML"), ("<a/>", "no element root"),
    ("<root><a>1</a>" + "<x>" * 40, "nested deeper"), ("<root><b><c>1", "ends in the middle"), ("<root" + " a" * 40_000, "in one tag"),
    ("<root><a>" + "x" * GAP + "</a></root>", "in one tag"), ("<root>" + "<x/>" * 101 + "</root>", "more than 100 elements"),
    ("<root>" + "<row/>" * 11 + "</root>", "more than 10 elements row"),
])
def test_bounds(text: str, why: str) -> None:
    """Whatever has no end is refused."""
    with pytest.raises(BadReport, match=why):
        found(text, replace(LIMITS, report_elements=100, report_rows=10))


def test_what_is_kept_is_bounded() -> None:
    """Texts are cut, of many the first are kept."""
    limits = replace(LIMITS, report_text=5, report_results=3)

    assert found(f"<root><a>12345678</a>{'<a>é</a>' * 10}</root>", limits)[0] == {"a": ["12345", "é", "é"]}


def test_too_large_to_be_mended() -> None:
    """Mending takes longer than reading: only what is small gets it."""
    text = "<root><a>R&D</a></root>"

    assert found(text)[0] == {"a": ["R&D"]}
    assert "line 1" in found(text)[2]
    with pytest.raises(BadReport, match=r"no well-formed XML: .* in line 1"):
        found(text, replace(LIMITS, report_mended=10))


@pytest.mark.parametrize(("octets", "text"), [
    ("é".encode(), "é"), (b"\xef\xbb\xbf<a>\xc3\xa9", "<a>é"), ("<a>é".encode("utf-16"), "<a>é"), ("<a>é".encode("utf-16-le"), "<a>é"),
    ("<?xml version='1.0' encoding='utf-16'?><a>é".encode("utf-16-be"), "<a>é"),
    (b"<?xml version='1.0' encoding='UTF-16'?><a>\xc3\xa9", "<a>é"),                        # it says what it is not
    (b'<?xml version="1.0" encoding="ISO-8859-1"?>\n<a>\xe9', "\n<a>é"), (b'<?xml version="1.0" encoding="windows-1251"?><a>\xe9', "<a>й"),
    (b'<?xml version="1.0" encoding="Shift_JIS"?><a>\x82\xa0', "<a>あ"), (b"<a>\xe9", "<a>\ufffd"),
    (b'  <?xml encoding="us-ascii" ?><a>', "  <a>"), (b'<?xml version="1.0" encoding=""?><a>', "<a>"),
])
def test_encodings(octets: bytes, text: str) -> None:
    """Octets beyond ASCII are read as the document says, or begins; broken ones do not end it."""
    assert decoded(octets) == text


@pytest.mark.parametrize("name", ["ebcdic-x", "zlib_codec", "rot13", "idna", "unicode_escape", "hex"])
def test_no_encodings(name: str) -> None:
    """What is no encoding of text is refused, and named."""
    with pytest.raises(BadReport, match=f"written in {name}"):
        decoded(f'<?xml version="1.0" encoding="{name}"?><a>'.encode())
