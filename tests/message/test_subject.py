"""Base subjects."""
import pytest

from mta.message.subject import base_subject, is_reply, shown_subject


@pytest.mark.parametrize(("subject", "base", "answer"), [
    ("Hello", "hello", False), ("Re: Hello", "hello", True), ("RE:  Hello  World ", "hello world", True),
    ("Fwd: Re: Hello (fwd)", "hello", True),
    ("[list] Hello", "hello", False), ("[list] Re: [list] Hello", "hello", True), ("Re: [a][b] Hello", "hello", True),
    ("[fwd: Hello]", "hello", True), ("Re[2]: Hello", "hello", True), ("Re(3): Hello", "hello", True),
    ("Re [urgent]: Hello", "hello", True),
    ("AW: Antw: WG: Hello", "hello", True), ("SV: Hello", "hello", True), ("回复：Hello", "hello", True),
    ("Regarding: Hello", "regarding: hello", False), ("Recipe", "recipe", False), ("[only]", "[only]", False), ("[a] [b]", "[b]", False),
    ("Re:", "", True), ("", "", False), ("(fwd)", "", True), ("[fwd: ]", "", True), ("Re: Re: Re: x", "x", True),
])
def test_base(subject: str, base: str, answer: bool) -> None:
    """What answering puts around a subject goes (RFC 5256 §2.1), in several languages."""
    assert base_subject(subject) == base
    assert is_reply(subject) is answer


def test_case_is_kept_for_people() -> None:
    """An answer's subject is made of what the first one said."""
    assert shown_subject("RE: [List] Grüße AN alle") == "Grüße AN alle"


@pytest.mark.timeout(10)
@pytest.mark.parametrize("unit", ["[a] ", "Re: ", "(fwd) ", "[fwd: ", "[", "re[", "re(", " "])
def test_hostile_subjects_take_linear_time(unit: str) -> None:
    """A megabyte of the same prefix is done at once."""
    base_subject(unit * 100_000 + "]" * 100_000)
