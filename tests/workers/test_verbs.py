"""workers.verbs: the table is whole."""
import inspect
import re
import shlex
from importlib import import_module
from typing import get_type_hints

import pytest

from workers.command import read
from workers.verb import Verb
from workers.verbs import GROUPS, VERBS


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


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.words)
def test_every_verb_has_examples_that_work(verb: Verb) -> None:
    """What help shows can be typed, and means that verb."""
    assert verb.examples
    for example in verb.examples:
        for command in re.split(r" (?:\||&&|[<>]) ", example):
            words = shlex.split(command)
            if words[:1] == ["pillarbox"]:
                meant = read(words[1:]).verb
                assert meant == verb or (verb.words, meant.words) == ("reload", "check")


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb.columns], ids=lambda verb: verb.words)
def test_columns_are_for_data(verb: Verb) -> None:
    """What does not print rows has none."""
    assert verb.data


def test_groups_are_those_of_the_verbs() -> None:
    """What stands before the last word has a line of its own, at each depth, and words are used once."""
    inner = {verb.words.rpartition(" ")[0] for verb in VERBS if " " in verb.words}
    assert set(GROUPS) == inner | {group.rpartition(" ")[0] for group in inner if " " in group}
    assert len({verb.words for verb in VERBS}) == len(VERBS)


#: Verbs that print a document of a format of its own, or stay in front as long as a server runs.
DOCUMENTS = {
    "config sample", "config unit", "message raw", "queue raw", "export", "vacation preview", "completion", "manual", "metrics rules",
    "metrics dashboard", "sendmail", "serve", "localserve"}


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.words)
def test_what_prints_data_takes_json(verb: Verb) -> None:
    """Whoever does not print nothing, or a document, has --json; nobody else has."""
    module, _, name = verb.code.partition(":")
    function = getattr(import_module(f"workers.commands.{module}"), name)
    silent = get_type_hints(function)["return"] is type(None)
    assert verb.data == (not silent and verb.words not in DOCUMENTS)
