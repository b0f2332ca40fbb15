"""Values with parameters."""
import json

import pytest

from mta.message import parameters
from tests.message.vectors import need


@pytest.mark.parametrize(("text", "value", "params"), [
    ("text/plain", "text/plain", {}),
    ("TEXT/Plain; Charset=UTF-8", "text/plain", {"charset": "UTF-8"}),
    ('text/plain; charset="utf-8" ; format=flowed;', "text/plain", {"charset": "utf-8", "format": "flowed"}),
    ("text/plain; charset=us-ascii (Plain text)", "text/plain", {"charset": "us-ascii"}),
    ('attachment; filename="a;b\\"c.txt"', "attachment", {"filename": 'a;b"c.txt'}),
    ("attachment; filename=two words.txt", "attachment", {"filename": "two words.txt"}),
    ("attachment; filename*=utf-8''%E2%82%AC.txt; filename=euro.txt", "attachment", {"filename": "€.txt"}),
    ("attachment; filename*0=\"first \"; filename*1=second", "attachment", {"filename": "first second"}),
    ("attachment; filename*0*=utf-8'en'%C3; filename*1*=%BC; filename*2=\".txt\"", "attachment", {"filename": "ü.txt"}),
    ("attachment; filename*1=b; filename*0=a; filename*3=d", "attachment", {"filename": "ab"}),
    ("attachment; filename*=%41%42", "attachment", {"filename": "AB"}),
    ("attachment; filename*=utf-8'%41", "attachment", {"filename": "A"}),
    ('attachment; filename="=?utf-8?q?=C3=BC.txt?="', "attachment", {"filename": "ü.txt"}),
    ('attachment; filename="never ended', "attachment", {"filename": "never ended"}),
    ("attachment; filename=ü.txt", "attachment", {"filename": "ü.txt"}),
    ("; a=b", "", {"a": "b"}),
    ("text/plain;;;; =x; y; charset=a; charset=b", "text/plain", {"charset": "a"}),
    ("", "", {}),
    ("text / plain", "text/plain", {}),
    ("application/pdf\tname*0*=utf-8''a%20b\tname*1*=c%20d", "application/pdf", {"name": "a bc d"}),
    ("a=b", "a=b", {}),
    ("=", "=", {}),
    ('x; a="\\', "x", {"a": '"\\'}),
])
def test_parse(text: str, value: str, params: dict[str, str]) -> None:
    """Good and broken values are read as they were meant."""
    assert parameters.parse(text) == (value, params)


def test_results_are_the_callers_own() -> None:
    """Values are remembered, but who changes one changes nobody else's."""
    parameters.parse("text/plain; charset=x")[1].clear()

    assert parameters.parse("text/plain; charset=x")[1] == {"charset": "x"}


def test_bound() -> None:
    """Only so many parameters are looked at."""
    assert len(parameters.parse("a/b" + "".join(f"; p{number}=x" for number in range(1000)))[1]) == 200


@pytest.mark.parametrize("value", [
    "plain.txt", "two words.txt", 'quo"te\\.txt', "ünï.txt", "日本語" * 30, "a" * 300, "", "100%.txt", "a'b'c"])
def test_format_comes_back(value: str) -> None:
    """What was written reads the same, in ASCII and short pieces."""
    pieces = parameters.format("filename", value)

    assert all(len(piece) <= 80 and piece.isascii() for piece in pieces)
    assert parameters.parse("; ".join(["attachment", *pieces])) == ("attachment", {"filename": value})


def test_vectors() -> None:
    """Others' list of content types means the same to us, but for what is nobody's to guess."""
    different = []
    for case in json.loads((need("mime-mail-parser") / "content_type.json").read_text()):
        want = case["expected"]
        # We keep no language; half a type is none; gaps and stars in names are broken anyway.
        if want is None or "-language" in str(want) or want["c_subtype"] is None or "*" in case["header"]:
            continue
        value, params = parameters.parse(" ".join(case["header"].split()))
        pairs = [(each["name"], each["value"]) if isinstance(each, dict) else each for each in want.get("attributes") or ()]
        wanted = {name.lower(): " ".join(text.split()) for name, text in pairs}
        found = value, {name: " ".join(text.split()) for name, text in params.items()}
        if found != (f"{want['c_type']}/{want['c_subtype']}".lower(), wanted):
            different.append(case["header"].split(";")[1].split("=")[0].strip())

    # A forgotten semicolon after a value, a value of nothing but spaces, words in three charsets.
    assert different == ["access-type", "name", "name"]
