"""workers.verbs: the table is whole."""
import inspect
from importlib import import_module

import pytest

from workers.verbs import GROUPS, VERBS, Verb


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.words)
def test_every_verb_has_its_code(verb: Verb) -> None:
    """A function of a module of workers.commands that takes the site and the arguments."""
    module, _, name = verb.code.partition(":")
    function = getattr(import_module(f"workers.commands.{module}"), name)

    assert list(inspect.signature(function).parameters) == ["site", "arguments"]
    assert function.__doc__


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.words)
def test_every_verb_and_argument_has_help(verb: Verb) -> None:
    """Sentences for verbs, phrases for arguments."""
    assert verb.help.endswith(".")
    assert all(argument.options.get("help") for argument in verb.takes)
    assert all(f"pillarbox {verb.words}" in example for example in verb.examples if "search rebuild" not in example)


def test_groups_are_those_of_the_verbs() -> None:
    """Each first word of two has a line of its own, and words are used once."""
    assert set(GROUPS) == {verb.words.partition(" ")[0] for verb in VERBS if " " in verb.words}
    assert len({verb.words for verb in VERBS}) == len(VERBS)
