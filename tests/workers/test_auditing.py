"""workers.auditing: no verb that changes something without an entry."""
import inspect
from importlib import import_module

import pytest

from workers.auditing import READS
from workers.verb import Verb
from workers.verbs import VERBS

READING = [verb for verb in VERBS if verb.words in READS]
#: These read here, and what they do is done elsewhere: by the running server, or before there is anything to write it into.
ELSEWHERE = {"serve", "localserve", "reload", "stop", "sendmail"}


def test_every_word_is_a_verb() -> None:
    """A verb that was renamed is a change until it is said again that it is none."""
    assert {verb.words for verb in VERBS} >= READS


@pytest.mark.parametrize("verb", READING, ids=lambda verb: verb.words)
def test_what_is_said_to_read_changes_nothing(verb: Verb) -> None:
    """It says nowhere who it was, as changes do, and writes nothing."""
    if verb.words in ELSEWHERE:
        return
    module, _, function = verb.code.partition(":")
    source = inspect.getsource(getattr(import_module(f"workers.commands.{module}"), function))
    assert "by=" not in source
    assert "write_now" not in source
