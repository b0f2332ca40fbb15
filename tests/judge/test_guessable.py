"""Passwords that are guessed first."""
import pytest

from mta.judge.guessable import WORDS, why_guessable


@pytest.mark.parametrize("password", [
    "password", "Password1", "P@ssw0rd2030!", "passwordpassword", "12345678", "1234567890", "qwertyui", "qwertz123", "asdfghjkl",
    "87654321", "1q2w3e4r", "aaaaaaaa", "abababab", "iloveyou!!", "Summer2031", "ichliebedich", "football99", "letmein123",
    "trustno1!", "31121999", "1990-12-24", "motdepasse1", "Dragon!!!!", "        ", "zyxwvuts", "abc123abc123"])
def test_common_ones(password: str) -> None:
    """As they are, and as people change them to please a rule."""
    assert why_guessable(password)


@pytest.mark.parametrize("password", [
    "correct horse battery staple", "wet paint on the harbour wall", "ann's password", "kq7-vnn2-x9pd", "Donaudampfschiff",
    "мой новый пароль", "my password is long", "🐴🔋📎✔️🐴🔋"])
def test_others(password: str) -> None:
    """A few words in a row are good, also with a common one among them."""
    assert why_guessable(password) == ""


def test_what_belongs_to_the_account() -> None:
    """Its name, its address, the host: with digits as well."""
    own = ("annabel", "annabel@example.org", "mx.example.org")

    assert why_guessable("Annabel1984", own)
    assert why_guessable("annabel@example.org", own)
    assert why_guessable("mx.example.org", own)
    assert why_guessable("annabel likes the sea", own) == ""


def test_hostile_text_takes_no_time() -> None:
    """The longest password there may be, of any characters, is judged at once."""
    for text in ("a" * 1_024, "ab1" * 341, "\ud800" * 1_024, "123" * 341):
        why_guessable(text)
    assert len(WORDS) > 250
