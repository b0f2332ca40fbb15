"""Tests of workers.commands.junk."""
import json
from pathlib import Path

import pytest

from mta.judge import junk
from tests.workers.commands.conftest import LETTER, Typing


@pytest.fixture
def filled(typed: Typing) -> Typing:
    """Ann with messages 1 to 3, and Bob."""
    for name in ("ann", "bob"):
        typed(f"account add {name} --no-password")
    for _ in range(3):
        typed("message deliver ann -", stdin=LETTER)
    return typed


def test_taught_and_taken_back(filled: Typing) -> None:
    """By id or by mailbox; each says what came of it, and a second time is nothing new."""
    assert "1 lessons were new; the account has taught 0 good and 1 junk" in filled("junk train ann junk 1")
    assert "2 lessons were new; the account has taught 2 good and 1 junk" in filled("junk train ann good 2 3")
    assert "1 lessons were new; the account has taught 3 good and 0 junk" in filled("junk train ann good --mailbox Inbox")
    assert "0 lessons were new" in filled("junk train ann good 1")
    assert "2 lessons were new; the account has taught 1 good and 0 junk" in filled("junk undo ann 1 2")


def test_explained_for_machines(filled: Typing, letter: Path) -> None:
    """A stored message and a file; before enough was taught there is no probability, but what is known of the words."""
    filled("junk train ann junk 1")
    row, = filled.json("junk explain ann 1")

    assert (row["probability"], row["threshold"], row["junk_lessons"]) == (None, junk.THRESHOLD, 1)
    assert row["lesson"]["verdict"] == "junk"
    assert row["known"] == row["features"]
    assert {"word": "subject:sea", "weight": row["words"][0]["weight"], "good": 0, "junk": junk.JUNK_WEIGHTS[1]} in row["words"]
    of_file, = filled.json(f"junk explain ann {letter} --limit 2")
    assert of_file["lesson"] is None
    assert len(of_file["words"]) == 2
    assert json.loads(filled("junk explain ann - --json", stdin=LETTER))[0]["words"] == row["words"]


def test_explained_for_people(filled: Typing) -> None:
    """What it says, how much it knows, why the words."""
    filled("junk train ann junk 1")
    shown = filled("junk explain ann 1")

    assert "the filter was not taught enough to say" in shown
    assert "from 0 good and 1 junk messages" in shown
    assert "subject:sea  (0 good, 4 junk)" in shown
    assert "junk: told by command line" in shown


@pytest.mark.parametrize(("line", "said"), [
    ("junk train ann junk", "which messages"), ("junk train ann junk 99", "no message 99"), ("junk undo bob 1", "no message 1"),
    ("junk explain bob 1", "no message 1"), ("junk explain ann none.eml", "No such file"), ("junk train ann junk --mailbox None", "None")])
def test_mistakes(filled: Typing, line: str, said: str) -> None:
    """Say what is wrong, and teach nothing."""
    status, _, err = filled.attempt(line)

    assert status == 1
    assert said in err
