"""Local parts of masked addresses: nobody can guess them, and a person can read them aloud.

Two short made-up words and some digits, like tavoke.rilun48: consonants and vowels in turn, so
that no language is needed.  The site may stand in front: shop-tavoke48.
"""
import re
from collections.abc import Callable
from typing import Final

from mta.base.tokens import secret_octets

#: No letters that look or sound alike, and too few vowels in a row for words that offend.
CONSONANTS, VOWELS, DIGITS = "bdfgklmnprstvz", "aeiou", "23456789"
#: Characters of a site that stay in front.
SITE: Final = 20
#: Labels of a name that say nothing of whose it is.
COMMON: Final = frozenset({"www", "com", "org", "net", "co", "shop", "mail", "login", "account", "accounts", "app"})


def make(site: str = "") -> str:
    """A new local part; more than 2^40 of them are equally likely."""
    front = site_word(site)
    if front:
        return f"{front}-{_word(3)}{_word(2)}{_digits(4)}"
    return f"{_word(3)}.{_word(3)}{_digits(2)}"


def site_word(site: str) -> str:
    """What of a site's name may stand in front: "shop.example" gives "shop", "https://www.big-shop.co.uk/x" gives "big-shop"."""
    host = re.sub(r"^[a-z]+://", "", site.strip().lower()).partition("/")[0].rpartition("@")[2].partition(":")[0]
    labels = [label for label in host.split(".") if label]
    named = [label for label in labels[:-1] if label not in COMMON] or labels[-2:][:1]
    best = named[-1] if named else ""
    return re.sub(r"[^a-z0-9]+", "-", best).strip("-")[:SITE].strip("-")


def free(taken: Callable[[str], bool], site: str = "") -> str:
    """A local part that nobody has."""
    return next(made for made in iter(lambda: make(site), None) if not taken(made))


def _word(syllables: int) -> str:
    return "".join(_one(CONSONANTS) + _one(VOWELS) for _ in range(syllables))


def _digits(count: int) -> str:
    return "".join(_one(DIGITS) for _ in range(count))


def _one(characters: str) -> str:
    """One of them, each as likely as the others."""
    most = 256 - 256 % len(characters)
    while (octet := secret_octets(1)[0]) >= most:
        pass
    return characters[octet % len(characters)]
