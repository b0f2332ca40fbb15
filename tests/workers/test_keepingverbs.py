"""workers.keepingverbs: verbs that keep what there is; what they do is in tests/workers/commands/test_backups.py and test_upgrading.py."""
import pytest

from workers.command import read
from workers.keepingverbs import VERBS
from workers.verb import Verb


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.words)
def test_examples_can_be_typed(verb: Verb) -> None:
    """Each of them is understood as the verb that it is an example of."""
    assert verb.examples
    for example in verb.examples:
        assert read(example.partition(" > ")[0].split()[1:]).verb is verb
