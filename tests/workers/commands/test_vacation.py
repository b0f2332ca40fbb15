"""workers.commands.vacation: the answer while one is away."""
from pathlib import Path

import pytest

from tests.workers.commands.conftest import Typing


@pytest.fixture
def ann(typed: Typing, letter: Path) -> Typing:
    """An account with a message."""
    typed("domain add example.org")
    typed("account add ann --address ann@example.org --no-password --full-name Ann")
    typed("message deliver ann", str(letter))
    return typed


def test_on_and_off(ann: Typing) -> None:
    """What is not given stays; the text may come from standard input."""
    [now] = ann.json("vacation show ann")
    assert (now["on"], now["active"], now["zone"]) == (False, False, "UTC")
    ann("vacation set ann --on --last-day 2999-02-14 --zone Europe/Berlin --text -", stdin="I am away.\nAnn\n")
    [now] = ann.json("vacation set ann --subject", "Not here")
    assert (now["on"], now["active"], now["last_day"]) == (True, True, "2999-02-14")
    assert (now["text"], now["subject"]) == ("I am away.\nAnn", "Not here")
    assert "Subject: Not here" in ann("vacation preview ann")
    assert ann.json("vacation set ann --off")[0]["on"] is False


def test_trial(ann: Typing) -> None:
    """Which messages would have had an answer, and why others not."""
    [row] = ann.json("vacation try ann")
    assert row["answer"] == "no: It has no sender to answer (a notice of a server)."


def test_mistakes(ann: Typing) -> None:
    """One sentence each."""
    for words, said in (("--on", "needs a text"), ("--zone Mars", "no time zone"), ("--first-day 1.1.2030", "no day")):
        status, _, problem = ann.attempt(f"vacation set ann {words}")
        assert status == 1
        assert said in problem
    assert ann.attempt("vacation show bob")[0] == 1
