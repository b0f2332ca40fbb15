"""Failures in plain words."""
import pytest

from mta.base.errors import Failure, Reach
from mta.report.advice import CONTENT, LATER, MEANINGS, OTHERWISE, SPELLING, STEPS, advice, answer


@pytest.mark.parametrize(("code", "enhanced", "during", "todo"), [
    (550, "5.1.1", "RCPT", SPELLING), (450, "4.1.1", "RCPT", SPELLING), (550, "", "RCPT", SPELLING), (554, "5.7.1", "message", CONTENT),
    (554, "5.7.999", "message", CONTENT), (0, "4.4.1", "connect", LATER), (0, "", "connect", LATER), (550, "", "message", OTHERWISE.todo),
    (550, "5.9.9", "message", OTHERWISE.todo), (550, "5.0.0", "message", OTHERWISE.todo),
])
def test_what_to_do(code: int, enhanced: str, during: str, todo: str) -> None:
    """The enhanced code tells most, then the step, then the subject of the code."""
    assert advice(Failure(Reach.RECIPIENT, code >= 500, code, enhanced, "text", during)).todo == todo


def test_the_words() -> None:
    """Every piece of advice is one or two whole sentences without jargon."""
    for one in [*MEANINGS.values(), *STEPS.values(), OTHERWISE]:
        for sentence in (one.what, one.todo):
            assert sentence[0].isupper()
            assert sentence.endswith(".")
            assert not any(word in sentence for word in ("SMTP", "MTA", "MX", "RCPT", "TLS"))


def test_the_facts_beside_it() -> None:
    """The other side's own words, with code and host; our own observation without."""
    assert answer(Failure(Reach.HOST, True, 550, "5.1.1", "No such user", "RCPT", "mx.b.test")) == (
        "mx.b.test answered: 550 5.1.1 No such user")
    assert answer(Failure(Reach.HOST, False, 0, "4.4.2", "no answer", "RCPT", "mx.b.test")) == "mx.b.test: no answer"
    assert answer(Failure(Reach.HOST, False, 0, "4.4.3", "the DNS is silent", "DNS")) == "the DNS is silent"
    assert answer(Failure(Reach.HOST, True, 550, "", "No", "RCPT")) == "the server answered: 550 No"
