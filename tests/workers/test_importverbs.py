"""workers.importverbs: verbs about imports and exports; what they do is in tests/workers/commands."""
import shlex

import pytest

from workers.command import read
from workers.importverbs import VERBS
from workers.verb import Verb


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.words)
def test_examples_can_be_typed(verb: Verb) -> None:
    """Each of them is understood as the verb that it is an example of."""
    assert verb.examples
    for example in verb.examples:
        assert read(shlex.split(example)[1:]).verb is verb
