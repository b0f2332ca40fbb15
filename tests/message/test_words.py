"""Encoded words."""
import re

import pytest

from mta.message import words

WORD = re.compile(r"=\?[^?\s]+\?[bq]\?[^?\s]*\?=")


@pytest.mark.parametrize(("written", "means"), [
    ("plain", "plain"),
    ("=?utf-8?Q?gr=C3=BCn?=", "grün"),
    ("=?UTF-8?b?Z3LDvG4=?=", "grün"),
    ("=?utf-8?B?Z3LDvG4?=", "grün"),
    ("=?iso-8859-1?q?a_b?= =?iso-8859-1?q?c?=", "a bc"),
    ("=?iso-8859-1?q?a?=   =?utf-8?q?_b?=", "a b"),
    ("=?iso-8859-1?q?a?= b =?iso-8859-1?q?c?=", "a b c"),
    ("=?utf-8?q?=C3?= =?utf-8?q?=BC?=", "ü"),
    ("=?utf-8*de?q?=C3=BC?=", "ü"),
    ("=?utf-8?q?with spaces inside?=", "with spaces inside"),
    ("=?utf-8?q??=", ""),
    ("=?utf-8?q?a=3D?=", "a="),
    ("x=?utf-8?q?=C3=BC?=y", "xüy"),
    ("=?utf-8?q?never ended", "=?utf-8?q?never ended"),
    ("=?utf-8?q?first =?utf-8?q?second?=", "=?utf-8?q?first second"),
    ("=?nonsense?q?=C3=BC?=", "ü"),
    ("=?utf-8?x?abc?=", "=?utf-8?x?abc?="),
    ("=?utf-8?q", "=?utf-8?q"),
    ("=??q?a?=", "=??q?a?="),
    ("=?=?=?=", "=?=?=?="),
    ("=?gb2312?B?1tDOxA==?=", "中文"),
    ("=?iso-2022-jp?b?GyRCRnxLXBsoQg==?=", "日本"),
    ("Re: =?utf-8?q?a?= =?utf-8?b?Yg==?= end", "Re: ab end"),
])
def test_decode(written: str, means: str) -> None:
    """Words become what they mean; what is none stays."""
    assert words.decode(written) == means


@pytest.mark.parametrize("text", [
    "plain", "grüße aus köln", "a" * 1000, "日本語のとても長い件名" * 20, "plain then ünïcode then plain", "=?utf-8?q?fake?=", "a=?b c",
    "😀" * 100, "ü", "tab\tand\r\nlines", "x " * 400, "", " ".join(["ümlaut", "plain"] * 40), "\x00\x07", "word" * 300 + " ü"])
def test_unstructured_comes_back(text: str) -> None:
    """What was encoded decodes to the same, in short lines of ASCII that cannot end a header."""
    value = words.unstructured(text, len("Subject: "))
    lines = ("Subject: " + value).split("\r\n")

    assert value.isascii()
    assert all(len(line) <= 76 or len(line.split()) <= 2 for line in lines)
    assert all(len(line) <= 998 for line in lines)
    assert all(line.startswith(" ") and line.strip() for line in lines[1:])
    assert "\n" not in value.replace("\r\n ", "")
    assert words.decode(value.replace("\r\n", "")) == " ".join(text.split())
    assert all(len(word) <= 75 for word in WORD.findall(value))


@pytest.mark.parametrize(("name", "written"), [
    ("Ann Example", "Ann Example"), ("Example, Ann", '"Example, Ann"'), ('a "b" \\', '"a \\"b\\" \\\\"'), ("J. Doe", '"J. Doe"'),
    ("Jürgen", "=?utf-8?q?J=C3=BCrgen?="), ("=?utf-8?q?a?=", "=?utf-8?q?=3D=3Futf-8=3Fq=3Fa=3F=3D?="),
    ("a\r\nBcc: x@y", '"a Bcc: x@y"'), ("", '""')])
def test_phrase(name: str, written: str) -> None:
    """A display name is written so that it can be nothing else."""
    assert words.phrase(name) == written
