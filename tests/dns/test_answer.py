"""mta.dns.answer: what an answer says of itself."""
import pytest

from mta.base.names import Domain
from mta.dns.answer import Answer, Outcome, RecordType

NAME = Domain("mx.example")


def test_the_canonical_name_is_the_last_of_the_chain() -> None:
    """Without CNAMEs it is the name that was asked."""
    assert Answer(NAME, RecordType.A, Outcome.EMPTY).canonical == NAME
    chained = Answer(NAME, RecordType.A, Outcome.EMPTY, chain=(Domain("a.example"), Domain("b.example")))

    assert chained.canonical == Domain("b.example")


@pytest.mark.parametrize("outcome", Outcome)
def test_exactly_one_of_found_absent_temporary(outcome: Outcome) -> None:
    """Each outcome is one of the three things a caller has to tell apart."""
    answer = Answer(NAME, RecordType.A, outcome)

    assert [answer.found, answer.absent, answer.temporary].count(True) == 1


@pytest.mark.parametrize(("error", "explained"), [
    ("", "no usable answer"), ("SERVFAIL", "SERVFAIL"), ("no\r\nanswer\x00 \u2028in  time ", "no answer in time"), ("x" * 5_000, "x" * 200),
])
def test_a_servers_words_are_bounded(error: str, explained: str) -> None:
    """They are a stranger's, and end up in header fields and on paper."""
    assert Answer(NAME, RecordType.A, Outcome.TROUBLE, error=error).explained == explained
