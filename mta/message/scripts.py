"""Words that switch from one script to another within: what "раypal" does, half of it Cyrillic.

Rough on purpose: a script is what the Unicode name of a letter begins with.  Scripts that
are written side by side in one language count as one; marks, digits and letters that
belong to no script count as none.  The pages do the same (web/client/mixing.ts).
"""
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

WORD: Final = re.compile(r"[^\W\d_]+")
#: Written within the words of one language: Japanese and Korean.
TOGETHER: Final = {"CJK": "EAST", "HIRAGANA": "EAST", "KATAKANA": "EAST", "HANGUL": "EAST", "BOPOMOFO": "EAST", "HALFWIDTH": "EAST"}
#: First words of the names of letters that belong to no script: signs of measures, modifiers, letters of formulas.
NONE: Final = frozenset((
    "MODIFIER", "COMBINING", "FULLWIDTH", "FEMININE", "MASCULINE", "MICRO", "OHM", "KELVIN", "ANGSTROM", "DOUBLE-STRUCK", "SCRIPT",
    "MATHEMATICAL", "BLACK-LETTER", "EULER", "PLANCK", "INFORMATION", "ALEF", "BET", "GIMEL", "DALET", "VERTICAL", "IDEOGRAPHIC",
    "KATAKANA-HIRAGANA", "PARENTHESIZED"))


@lru_cache(maxsize=4_096)
def script(letter: str) -> str:
    """The script of a letter, "" if it has none."""
    first = unicodedata.name(letter, "").partition(" ")[0]
    return "" if first in NONE or not letter.isalpha() else TOGETHER.get(first, first)


def mixes(word: str) -> bool:
    """Whether letters of more than one script are in a word."""
    return not word.isascii() and len({found for letter in word if (found := script(letter))}) > 1


def mixed(text: str) -> Iterator[tuple[int, int]]:
    """Where words that mix scripts begin and end in text."""
    if text.isascii():
        return
    for found in WORD.finditer(text):
        if mixes(found[0]):
            yield found.span()
