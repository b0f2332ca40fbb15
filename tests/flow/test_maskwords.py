"""mta.flow.maskwords: local parts that nobody guesses and everybody can read."""
import re

import pytest

from mta.flow import maskwords


@pytest.mark.parametrize(("site", "word"), [
    ("shop.example", "shop"), ("https://www.big-shop.co.uk/path?x", "big-shop"), ("www.bücher.example", "b-cher"), ("Example", "example"),
    ("", ""), ("http://", ""), ("mail.bank.example:8443", "bank"), ("x@news.example", "news"), ("..", ""), ("🙂.example", ""),
    ("a" * 100 + ".example", "a" * 20), ("--.example", "")])
def test_sites(site: str, word: str) -> None:
    """What says whose it is, in letters that fit."""
    assert maskwords.site_word(site) == word


def test_form() -> None:
    """Words and digits, with the site in front if there is one; never the same twice."""
    assert all(re.fullmatch(r"([bdfgklmnprstvz][aeiou]){3}\.([bdfgklmnprstvz][aeiou]){3}[2-9]{2}", maskwords.make()) for _ in range(100))
    assert re.fullmatch(r"shop-([bdfgklmnprstvz][aeiou]){5}[2-9]{4}", maskwords.make("shop.example"))
    assert len({maskwords.make("shop.example") for _ in range(1_000)}) == 1_000


def test_free() -> None:
    """What is taken is made anew."""
    asked: list[str] = []

    def taken(local: str) -> bool:
        asked.append(local)
        return len(asked) < 4

    assert maskwords.free(taken) == asked[3]
