"""workers.answerverbs: verbs about what an account does by itself; what they do is in tests/workers/commands."""
import shlex

import pytest

from workers.answerverbs import VERBS
from workers.command import read
from workers.verb import Verb


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.words)
def test_examples_can_be_typed(verb: Verb) -> None:
    """Each of them is understood as the verb that it is an example of."""
    assert verb.examples
    for example in verb.examples:
        assert read(shlex.split(example.rpartition(" | ")[2])[1:]).verb is verb
