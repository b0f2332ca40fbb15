"""workers.verb: the parts of the table of verbs."""
from argparse import ArgumentTypeError

import pytest

from workers.verb import choice, count, take


def test_counts() -> None:
    """From one on."""
    assert count("12") == 12
    for text in ("0", "-1", "x", "1.5", ""):
        with pytest.raises(ArgumentTypeError, match="from 1 on"):
            count(text)


def test_pairs() -> None:
    """Two options for one thing; neither is neither."""
    yes, no = choice("--case-sensitive", "--ignore-case", "tell Ann from ann")
    assert (yes.options["dest"], yes.options["action"], no.options["dest"], no.options["action"]) == (
        "case_sensitive", "store_true", "case_sensitive", "store_false")
    assert yes.options["default"] is no.options["default"] is None
    assert take("x", metavar="X").names == ("x",)
