"""Tests of mta.auth.tags."""
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mta.auth import tags

NAME = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
VALUE = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=";"), max_size=200)


def test_a_signature_is_read() -> None:
    """Folding and spaces around names and values are not part of them."""
    read = tags.read("v=1; a=rsa-sha256;\r\n\td=example.org ; s = brisbane;\r\n h=from : to;b=")

    assert read == {"v": "1", "a": "rsa-sha256", "d": "example.org", "s": "brisbane", "h": "from : to", "b": ""}


def test_one_semicolon_may_end_the_list() -> None:
    """RFC 6376 §3.2 allows it; two are an empty tag."""
    assert tags.read("v=1; ") == {"v": "1"}
    with pytest.raises(tags.BadTags):
        tags.read("v=1;;")


@pytest.mark.parametrize("text", ["v", "=1", "1v=1", "a=1;a=2", "a b=1"])
def test_what_is_no_tag_list(text: str) -> None:
    """Broken lists and names that come twice are refused."""
    with pytest.raises(tags.BadTags):
        tags.read(text)


def test_an_empty_text_has_no_tags() -> None:
    """Nothing is a list of nothing."""
    assert tags.read("") == {}


def test_names_are_cleaned() -> None:
    """h= is a list of field names in any case, with folding between them."""
    assert tags.names(" From :\r\n\tTo:subject:") == ["from", "to", "subject"]


@given(st.dictionaries(NAME, VALUE, max_size=8))
def test_what_is_written_can_be_read(facts: dict[str, str]) -> None:
    """write() and read() are a pair."""
    assert tags.read(tags.write(facts)) == facts


@given(st.dictionaries(NAME, VALUE, max_size=8))
def test_folding_changes_no_value(facts: dict[str, str]) -> None:
    """A folded list means the same once its white space is gone."""
    folded = tags.write_folded("X:", facts).removeprefix("X:")

    assert {name: tags.without_space(value) for name, value in tags.read(folded).items()} == facts


def test_folded_lines_are_short() -> None:
    """Long lists and long base64 are cut; every line but the first begins with a tab."""
    folded = tags.write_folded("DKIM-Signature:", {"v": "1", "h": ":".join(["subject"] * 60), "bh": "A" * 500, "b": ""})

    lines = folded.split("\r\n")
    assert len(lines) > 10
    assert all(len(line) <= tags.LINE for line in lines)
    assert all(line.startswith("\t") for line in lines[1:])


def test_lines_may_be_longer() -> None:
    """Whoever wants everything on one line says so."""
    assert "\r\n" not in tags.write_folded("X:", {"h": ":".join(["subject"] * 60), "b": "A" * 300}, 998)


@pytest.mark.parametrize(("text", "want"), [
    ("v=1; b=abc; bh=b", "v=1; b=; bh=b"), ("b=\r\n\tab\r\n\tc \t", "b="), (" b = a=b", " b ="), ("bh=x", "bh=x"), ("b", "b"),
])
def test_one_value_is_taken_out(text: str, want: str) -> None:
    """With all the space around it; nothing else is touched."""
    assert tags.emptied(text, "b") == want


@pytest.mark.parametrize(("text", "want"), [("", b""), ("Q U\r\n\tJD", b"ABC"), ("QQ==", b"A")])
def test_base64(text: str, want: bytes) -> None:
    """Folding may be anywhere in it."""
    assert tags.octets(text) == want


@pytest.mark.parametrize("text", ["Q", "QQ", "QQ=", "QUJD==", "QUJD=", "QQ==QQ==", "=", "QU-_", "QUJü", "Q\0Q=", "QUJD\x0b"])
def test_what_is_not_base64(text: str) -> None:
    """Padding is as long as it has to be, and nothing is skipped."""
    with pytest.raises(ValueError, match="not base64"):
        tags.octets(text)
