"""Words that switch from one script to another are found; ordinary writing is not."""
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mta.message.scripts import WORD, mixed, mixes


@pytest.mark.parametrize("word", ["p\u0430ypal", "\u0440ay", "g\u03bfogle", "Яндeкс", "miхed"])
def test_disguises(word: str) -> None:
    """A letter of another script within a word."""
    assert mixes(word)
    assert list(mixed(f"see {word}, now")) == [(4, 4 + len(word))]


@pytest.mark.parametrize("text", [
    "plain words", "Größe naïve Čapek", "Привет мир", "日本語のカタカナ ひらがな", "한국어 漢字", "καλημέρα", "hello мир", "a1б", "été №5", "ﬁne", "x²"])
def test_writing(text: str) -> None:
    """Languages as they are written, several in one text too."""
    assert list(mixed(text)) == []


@given(st.text())
def test_places(text: str) -> None:
    """What is found are words of the text, in order."""
    for start, end in mixed(text):
        assert WORD.fullmatch(text[start:end])
