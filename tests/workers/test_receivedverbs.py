"""workers.receivedverbs: verbs about reports of others; what they do is in tests/workers/commands/test_received.py."""
import pytest

from workers.command import read
from workers.receivedverbs import VERBS
from workers.verb import Verb


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.words)
def test_examples_can_be_typed(verb: Verb) -> None:
    """Each of them is understood as the verb that it is an example of."""
    assert verb.examples
    for example in verb.examples:
        assert read(example.partition(" > ")[0].split()[1:]).verb is verb
